"""YAML as a tree of texts with places.

Only YAML's structure is used: nothing is typed here, so `NO` is Norway and `09:00` a time. What would make a file mean
more than it says (tags, anchors, aliases, merge keys, a second document) is refused, and so is what nests too deep.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml
from yaml import events
from yaml.reader import Reader

from engine.definition.syntax.sources import Faults, SourceFile
from engine.errors import Place

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 30
_LARGEST = 4_000_000
_TOLD = 20
"""So many faults of one kind are told; the rest would say the same."""
_SPACE = "A key is followed by a colon and a space."
_COMMA = "A comma ends a value between { and }: put a text with a comma in it in quotes."
_VARIABLE = re.compile(r"\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}|)")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. `start` and `end` are its indexes in the source, quotes included.

    `unknown` when a fault on record already says why there is no text: nothing more is to be said about it.
    """

    text: str
    source: SourceFile
    place: Place
    start: int
    end: int
    style: str = ""
    substituted: bool = False
    unknown: bool = False

    def place_of(self, offset: int) -> Place:
        """The place of a character of `text`, whatever the quotes, folds and escapes before it."""
        if self.substituted:
            return self.place
        return self.source.place(self._index(offset))

    def _index(self, offset: int) -> int:
        source, index = self.source.text, self.start
        if self.style in ("|", ">"):
            index = source.find("\n", index) + 1
        elif self.style:
            index += 1
        # Folding changes white space only, so the other characters are counted.
        ahead = sum(not char.isspace() for char in self.text[:offset])
        while index < self.end - 1:
            if source[index].isspace():
                index += 1
                continue
            if (self.style == '"' and source[index] == "\\") or (
                self.style == "'" and source[index : index + 2] == "''"
            ):
                index += 1
            if not ahead:
                break
            ahead, index = ahead - 1, index + 1
        return max(self.start, min(index, self.end - 1))


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    nodes: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entries:
    """Keys with their values, in the order of the file; no key twice."""

    pairs: tuple[tuple[Scalar, Node], ...]
    place: Place


Node = Scalar | Items | Entries


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content, and the variables of the environment that it took."""

    root: Node
    used: Mapping[str, str]


def read_yaml(source: SourceFile, environment: Mapping[str, str], faults: Faults) -> Document | None:
    """Read a file. Faults go to `faults`; None when nothing of it can be used."""
    source = SourceFile(source.path, source.text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))
    faults.watch(source)
    if not _fit_to_parse(source, faults):
        return None
    builder = _Builder(source, environment, faults)
    try:
        for event in yaml.parse(source.text, Loader=_LOADER):
            builder.take(event)
    except _GiveUp:
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(source.path, mark.line + 1, mark.column + 1) if mark else Place(source.path)
        faults.add(place, f"this is not YAML: {error.problem or error.context}", _remedy(str(error.problem)))
        return None
    except yaml.YAMLError as error:
        faults.add(Place(source.path), f"this is not YAML: {error}")
        return None
    if builder.root is None:
        faults.add(Place(source.path), "the file is empty")
        return None
    return Document(builder.root, builder.used)


def _fit_to_parse(source: SourceFile, faults: Faults) -> bool:
    if len(source.text) > _LARGEST:
        faults.add(Place(source.path), f"the file is larger than {_LARGEST // 1_000_000} MB")
        return False
    if odd := Reader.NON_PRINTABLE.search(source.text):
        faults.add(source.place(odd.start()), f"the character U+{ord(odd[0]):04X} cannot stand in a text file")
        return False
    tabs = list(re.finditer(r"^ *\t", source.text, re.MULTILINE))
    for tab in tabs[:_TOLD]:
        faults.add(source.place(tab.end() - 1), "a tab indents this line", "Indent with spaces.")
    return not tabs


def _remedy(problem: str) -> str:
    if "mapping values are not allowed" in problem:
        return "Put a text with “: ” in it in quotes."
    if "cannot start any token" in problem:
        return "Put a text that begins with this character in quotes."
    if "could not find expected ':'" in problem:
        return _SPACE
    if "expected ',' or" in problem:
        return "A closing bracket or a comma is missing, or a text with commas or brackets in it wants quotes."
    return ""


class _GiveUp(Exception):
    """The rest of the file cannot be read."""


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet; a mapping's children are keys and values by turns."""

    keyed: bool
    place: Place
    children: list[Node]


class _Builder:
    """Makes a tree of YAML's events, without recursion."""

    def __init__(self, source: SourceFile, environment: Mapping[str, str], faults: Faults) -> None:
        self.source = source
        self.environment = environment
        self.faults = faults
        self.used: dict[str, str] = {}
        self.root: Node | None = None
        self.open: list[_Open] = []
        self.documents = 0

    def take(self, event: events.Event) -> None:
        """Take in the next event of the parser."""
        start, end = event.start_mark, event.end_mark
        assert start is not None
        assert end is not None
        place = Place(self.source.path, start.line + 1, start.column + 1)
        match event:
            case events.DocumentStartEvent():
                self._document(event, place)
            case events.AliasEvent():
                self.faults.add(place, f"the alias *{event.anchor} is not allowed", "Write the value out.")
                self._put(Scalar("", self.source, place, start.index, end.index, unknown=True))
            case events.ScalarEvent():
                self._plain(event, place)
                scalar = Scalar(event.value, self.source, place, start.index, end.index, event.style or "")
                self._put(scalar if self._at_key() or "${" not in scalar.text else self._substitute(scalar))
            case events.CollectionStartEvent():
                self._plain(event, place)
                if len(self.open) >= _DEEPEST:
                    self.faults.add(place, "this is nested too deep")
                    raise _GiveUp
                self.open.append(_Open(isinstance(event, events.MappingStartEvent), place, []))
            case events.CollectionEndEvent():
                self._close()

    def _document(self, event: events.DocumentStartEvent, place: Place) -> None:
        self.documents += 1
        if event.version or event.tags:
            self.faults.add(place, "directives of YAML are not allowed", "Remove the lines that begin with %.")
        if self.documents > 1:
            self.faults.add(place, "a second document begins here", "One file holds one document: remove the “---”.")
            raise _GiveUp

    def _plain(self, event: events.ScalarEvent | events.CollectionStartEvent, place: Place) -> None:
        if event.anchor is not None:
            self.faults.add(place, f"the anchor &{event.anchor} is not allowed", "Remove it.")
        if event.tag is not None:
            name = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.faults.add(place, f"the tag {name} is not allowed", "Remove it: every value is read as it is written.")

    def _at_key(self) -> bool:
        return bool(self.open) and self.open[-1].keyed and len(self.open[-1].children) % 2 == 0

    def _substitute(self, scalar: Scalar) -> Scalar:
        wrong = 0

        def fault(match: re.Match[str], message: str, hint: str) -> str:
            nonlocal wrong
            wrong += 1
            if wrong <= _TOLD:  # each place is looked for from the start of the file
                self.faults.add(scalar.place_of(match.start()), message, hint)
            return ""

        def value(match: re.Match[str]) -> str:
            name, default = match[1], match[2]
            if name is None:
                return fault(
                    match, "“${” begins a variable here, and it does not end", "Write ${NAME} or ${NAME:-default}."
                )
            if self.environment.get(name):
                self.used[name] = self.environment[name]
                return self.environment[name]
            if default is None:
                hint = f"Set {name} in the environment or in .env, or write ${{{name}:-default}}."
                return fault(match, f"the variable {name} is not set", hint)
            return default

        text = _VARIABLE.sub(value, scalar.text)
        return replace(scalar, text=text, substituted=True, unknown=wrong > 0)

    def _put(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        self.open[-1].children.append(node)

    def _close(self) -> None:
        done = self.open.pop()
        if not done.keyed:
            self._put(Items(tuple(done.children), done.place))
            return
        self._put(Entries(tuple(self._pairs(done.children)), done.place))

    def _pairs(self, children: list[Node]) -> list[tuple[Scalar, Node]]:
        found: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.faults.add(key.place, "a key is a single word, not a list or a mapping")
            elif key.unknown:
                continue
            elif key.text == "<<" and not key.style:
                self.faults.add(key.place, "the merge key << is not allowed", "Write the keys out.")
            elif isinstance(value, Scalar) and ":" not in self.source.text[key.end : max(key.end, value.start)]:
                hint = _SPACE if ":" in key.text and not key.style else _COMMA
                self.faults.add(key.place, f"“{key.text}” stands between commas, without a value", hint)
            elif key.text in found:
                first = found[key.text][0].place.line
                self.faults.add(
                    key.place, f"the key “{key.text}” stands here a second time", f"The first is in line {first}."
                )
            else:
                found[key.text] = (key, value)
        return list(found.values())
