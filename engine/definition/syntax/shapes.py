"""What a file may look like, declared once: the shapes that reading, the JSON Schema and the key tables share.

A shape reads a node into a `Got`: the value with the node it came from, so that whatever is found out later can still
be said with its place. A fault leaves a gap and the reading goes on.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from engine.definition.hints import nearest, suggest
from engine.definition.syntax.reading import Entries, Items, Node, Scalar
from engine.definition.syntax.sources import Faults
from engine.errors import Place

T = TypeVar("T")


class Got(NamedTuple):
    """A value as read, and the node that it was read from."""

    value: object
    node: Node


class Fields:
    """A record as read. What was faulty is missing here, and on record among the faults."""

    def __init__(self, node: Node, kind: str, values: Mapping[str, Got], keys: Mapping[str, Scalar]) -> None:
        self.node = node
        self.kind = kind
        self.values = values
        self.keys = keys

    def __contains__(self, key: str) -> bool:
        return key in self.keys

    def get(self, key: str, kind: type[T]) -> T | None:
        """The value of a key, if it is there and was read."""
        got = self.values.get(key)
        return got.value if got is not None and isinstance(got.value, kind) else None

    def text(self, key: str, default: str = "") -> str:
        """A text, or the default."""
        return self.get(key, str) or default

    def scalar(self, key: str) -> Scalar | None:
        """The scalar of a key that was read without a fault, for what is looked into later."""
        got = self.values.get(key)
        return got.node if got is not None and isinstance(got.node, Scalar) else None

    def record(self, key: str) -> Fields | None:
        """A record within this one."""
        return self.get(key, Fields)

    def items(self, key: str, kind: type[T]) -> list[tuple[T, Place]]:
        """The entries of a list that were read, with their places."""
        found = self.get(key, tuple) or ()
        return [(got.value, got.node.place) for got in found if isinstance(got.value, kind)]

    def entries(self, key: str, kind: type[T]) -> Iterator[tuple[str, T, Place]]:
        """The entries of a map that were read: name, value, place of the name."""
        for name, (scalar, got) in (self.get(key, dict) or {}).items():
            if isinstance(got.value, kind):
                yield name, got.value, scalar.place

    def lists(self, key: str, kind: type[T]) -> Iterator[tuple[str, list[tuple[T, Place]], Place]]:
        """The lists of a map: name, entries with their places, place of the name."""
        for name, found, place in self.entries(key, tuple):
            yield name, [(got.value, got.node.place) for got in found if isinstance(got.value, kind)], place

    def names_in(self, key: str) -> frozenset[str]:
        """The names written in a map, faulty ones too."""
        got = self.values.get(key)
        pairs = got.node.pairs if got is not None and isinstance(got.node, Entries) else ()
        return frozenset(name.text for name, _ in pairs)

    def place_of(self, key: str, name: str) -> Place:
        """Where the value of one entry of a map stands."""
        entry = (self.get(key, dict) or {}).get(name)
        return entry[1].node.place if entry is not None else self.place(key)

    def place(self, key: str | None = None) -> Place:
        """Where a key's value stands; where the record begins, if it has no such key."""
        got = self.values.get(key) if key else None
        return got.node.place if got is not None else self.node.place


class Shape(ABC):
    """What may stand at one place of a file. `takes` says it to a person, after “expected”."""

    takes: str

    @abstractmethod
    def read(self, node: Node, faults: Faults) -> Got | None:
        """Read a node. None: it was faulty, and the faults say why."""

    def refuse(self, node: Node, faults: Faults) -> Got | None:
        """Note that something else stands here: nothing was read."""
        found = {Scalar: "a text", Items: "a list", Entries: "keys with values"}[type(node)]
        if isinstance(node, Scalar):
            found = f"“{node.text}”" if node.text else "nothing"
        faults.add(node.place, f"expected {self.takes}, found {found}")
        return None


@dataclass(frozen=True)
class Text(Shape):
    """A text that `parse` reads (raising ValueError with a sentence). `pattern` tells editors what it looks like."""

    takes: str
    parse: Callable[[str], object] = str
    pattern: str = ""

    def read(self, node: Node, faults: Faults) -> Got | None:
        if isinstance(node, Scalar) and node.unknown:
            return None
        if not isinstance(node, Scalar) or not node.text.strip():
            return self.refuse(node, faults)
        try:
            return Got(self.parse(node.text), node)
        except ValueError as error:
            faults.catch(node.place_of(getattr(error, "offset", 0)), error)
            return None


@dataclass(frozen=True)
class Choice(Shape):
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def takes(self) -> str:  # type: ignore[override]  # derived, where other shapes declare it
        """The words themselves."""
        return f"one of {', '.join(self.words)}" if len(self.words) > 2 else " or ".join(self.words)

    def read(self, node: Node, faults: Faults) -> Got | None:
        if isinstance(node, Scalar) and (node.unknown or node.text in self.words):
            return None if node.unknown else Got(node.text, node)
        if isinstance(node, Scalar) and node.text:
            faults.add(node.place, f"expected {self.takes}, found “{node.text}”", nearest(node.text, self.words))
            return None
        return self.refuse(node, faults)


@dataclass(frozen=True)
class ListOf(Shape):
    """A list; with `least` 1, not an empty one. With `alone` an entry that is a record may stand there by itself."""

    item: Shape
    takes: str
    least: int = 1
    alone: bool = False

    def read(self, node: Node, faults: Faults) -> Got | None:
        if self.alone and isinstance(node, Entries):
            got = self.item.read(node, faults)
            return Got((got,), node) if got else None
        if not isinstance(node, Items):
            if isinstance(node, Scalar) and node.text:
                hint = "" if node.style else f"Write [{node.text}]."
                faults.add(node.place, f"expected {self.takes}, found “{node.text}”", hint)
                return None
            return self.refuse(node, faults)
        if len(node.nodes) < self.least:
            faults.add(node.place, f"expected {self.takes}, found an empty list")
        return Got(tuple(got for child in node.nodes if (got := self.item.read(child, faults))), node)


@dataclass(frozen=True)
class MapOf(Shape):
    """Names, each with something of one shape. The value is a dict of name to (key's scalar, Got)."""

    key: Shape
    item: Shape
    takes: str

    def read(self, node: Node, faults: Faults) -> Got | None:
        if not isinstance(node, Entries):
            return self.refuse(node, faults)
        found: dict[str, tuple[Scalar, Got]] = {}
        for key, child in node.pairs:
            named, got = self.key.read(key, faults), self.item.read(child, faults)
            if named and got:
                found[key.text] = (key, got)
        return Got(found, node)


@dataclass(frozen=True)
class Key:
    """One key of a record: what it takes, and what it says, for the tables of the documentation."""

    shape: Shape
    doc: str
    required: bool = False


@dataclass(frozen=True)
class Record(Shape):
    """Known keys. `name` is its name in the schema, `takes` for people."""

    name: str
    takes: str
    keys: Mapping[str, Key] = field(default_factory=dict)

    def read(self, node: Node, faults: Faults) -> Got | None:
        if not isinstance(node, Entries):
            return self.refuse(node, faults)
        values: dict[str, Got] = {}
        for key, child in node.pairs:
            known = self.keys.get(key.text)
            if known is None:
                faults.add(key.place, f"{self.takes} has no key “{key.text}”", suggest(key.text, self.keys))
            elif got := known.shape.read(child, faults):
                values[key.text] = got
        present = {key.text: key for key, _ in node.pairs}
        for name, key_shape in self.keys.items():
            if key_shape.required and name not in present:
                faults.add(node.place, f"{self.takes} needs the key “{name}”", f"It takes {key_shape.shape.takes}.")
        return Got(Fields(node, self.name, values, present), node)


@dataclass(frozen=True)
class OneOf(Shape):
    """One of several records, told apart by the key that only it has."""

    takes: str
    kinds: Mapping[str, Record]

    def read(self, node: Node, faults: Faults) -> Got | None:
        if not isinstance(node, Entries):
            return self.refuse(node, faults)
        present = [key for key, _ in node.pairs if key.text in self.kinds]
        if len(present) == 1:
            return self.kinds[present[0].text].read(node, faults)
        names = list(self.kinds)
        if present:
            faults.add(present[1].place, f"{self.takes} has only one of the keys {', '.join(names)}")
            return None
        near = [(key, hint) for key, _ in node.pairs if (hint := nearest(key.text, names))]
        place, hint = (near[0][0].place, near[0][1]) if near else (node.place, "")
        faults.add(place, f"{self.takes} begins with one of the keys {', '.join(names)}", hint)
        return None


NAME = re.compile(r"[a-z][a-z0-9_]*")


def parse_name(text: str) -> str:
    """A name: small letters, digits and _, beginning with a letter. Raises ValueError."""
    if not NAME.fullmatch(text) or len(text) > 64:
        raise ValueError(f"“{text}” is not a name (small letters, digits and _, beginning with a letter, at most 64)")
    return text
