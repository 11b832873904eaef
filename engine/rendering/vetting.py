"""Reads a template before it runs: only the language of letters, only names and fields that a letter's context has.

What a letter may do is an allow-list, so a template cannot call, import, count up or loop without end: its loops go
over the context's own lists, three deep at most.
"""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any

from jinja2 import nodes

from engine.definition.hints import suggest
from engine.errors import Problem
from engine.rendering.context import LetterContext, PartyView
from engine.rendering.source import Source
from engine.rendering.written import refusal

FILTERS = (
    "capitalize", "count", "day", "default", "first", "join", "last", "length", "list", "listed", "lower", "map", "of",
    "reject", "rejectattr", "reverse", "select", "selectattr", "sort", "spelled", "the", "title", "to", "trim",
    "unique", "upper",
)  # fmt: skip
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Add, nodes.And, nodes.Assign, nodes.AssignBlock, nodes.Compare, nodes.Concat, nodes.CondExpr, nodes.Const,
    nodes.Filter, nodes.For, nodes.Getattr, nodes.Getitem, nodes.If, nodes.Include, nodes.Keyword, nodes.List,
    nodes.Name, nodes.Neg, nodes.Not, nodes.Operand, nodes.Or, nodes.Output, nodes.Slice, nodes.Sub, nodes.Template,
    nodes.TemplateData, nodes.Test, nodes.Tuple, nodes.With,
)  # fmt: skip
_DEPTH = 3
_LOOP = frozenset(["index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"])
_DATE = frozenset(("day", "month", "year"))


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """What a name stands for: a value of type `of`, or a list of such; `of` None where it is not known."""

    of: type | None
    many: bool = False


def _kind(hint: Any) -> Kind:
    """The kind of a field from its annotation: `X`, `X | None`, `tuple[X, ...]`."""
    if isinstance(hint, UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if typing.get_origin(hint) is tuple:
        return Kind(typing.get_args(hint)[0], many=True)
    return Kind(hint if isinstance(hint, type) else None)


@functools.cache
def fields(view: type) -> Mapping[str, Kind]:
    """A view's fields and what each is."""
    return {name: _kind(hint) for name, hint in typing.get_type_hints(view).items()}


CONTEXT = fields(LetterContext)


def _paths(names: Mapping[str, Kind], prefix: str = "") -> Iterator[str]:
    """Each value a template can name, with its fields: `party`, `party.name`, …"""
    for name, kind in names.items():
        yield prefix + name
        if kind.of and not kind.many and dataclasses.is_dataclass(kind.of):
            yield from _paths(fields(kind.of), f"{prefix}{name}.")


def nearest(word: str, known: Mapping[str, Kind]) -> str:
    """“Did you mean party.name?” for `party_name`, `name` or `part.name`."""
    paths = list(_paths(known))
    same = [path for path in paths if path.endswith(f".{word}") or path.replace(".", "_") == word]
    if same:
        return f"Did you mean {' or '.join(same[:3])}?"
    return suggest(word, known) or suggest(word, paths)


def _owner(node: nodes.Node) -> str:
    """Whose field it is, as the template names it."""
    owner = node.node if isinstance(node, (nodes.Getattr, nodes.Filter)) else node
    return str(getattr(owner, "name", None) or getattr(owner, "attr", None) or "this")


class Vetting:
    """One template's check. `partials` are the names it may include, each with the file that it stands for in this
    template's language (None: that language has none); `extra` is what a layout has besides, `columns` what a party has."""

    def __init__(
        self, source: Source, partials: Mapping[str, str | None], extra: Mapping[str, Kind], columns: Mapping[str, Kind],
    ) -> None:  # fmt: skip
        self.source = source
        self.partials = partials
        self.known = {**CONTEXT, **extra}
        self.columns = columns
        self.local: dict[str, Kind] = {}
        self.problems: list[Problem] = []

    def check(self, tree: nodes.Template) -> list[Problem]:
        """Every fault found, in the order of the file. What is included is from now on that of the letter's language."""
        for assigned in tree.find_all(nodes.Name):
            if assigned.ctx != "load":
                self.local[assigned.name] = Kind(None)
        self._visit(tree, 0)
        # A chain such as `party.name` is followed from each of its ends.
        return list(dict.fromkeys(self.problems))

    def _fault(self, node: nodes.Node, message: str, hint: str = "", word: str = "") -> None:
        self.problems.append(self.source.problem(node.lineno or 1, message, hint, word=word))

    def _visit(self, node: nodes.Node, depth: int) -> None:
        if not isinstance(node, _ALLOWED):
            what = type(node).__name__.lower()
            self._fault(
                node, f"a letter's language has no “{what}”.", "It has values, if, for, set, include and filters."
            )
            return
        if isinstance(node, nodes.For):
            depth += 1
            self._loop(node, depth)
        elif isinstance(node, nodes.Include):
            self._include(node)
        elif isinstance(node, nodes.Filter):
            self._filter(node)
        elif isinstance(node, nodes.Output):
            for written in node.nodes:
                self._written(written)
        if isinstance(node, nodes.Expr):
            self._kind_of(node)
        for child in node.iter_child_nodes():
            self._visit(child, depth)

    def _written(self, node: nodes.Node) -> None:
        """What stands in “{{ … }}” is seen here also where no letter comes by it before its day."""
        kind = self._kind_of(node)
        word = str(getattr(node, "attr", None) or getattr(node, "name", ""))
        named = isinstance(node, (nodes.Getattr, nodes.Name))
        why = refusal(kind.of, many=kind.many, name=f"“{word}”" if named else "this")
        if why:
            self._fault(node, *why, word=word)

    def _loop(self, node: nodes.For, depth: int) -> None:
        if depth > _DEPTH:
            self._fault(node, f"loops stand {depth} deep here; {_DEPTH} are enough for a letter.", word="for")
        if node.recursive:
            self._fault(node, "a letter has no recursive loops.", word="recursive")
        kind = self._kind_of(node.iter)
        if not kind.many and kind.of is not None:
            self._fault(node, "this is one value: a loop goes over a list.", f"Lists: {', '.join(self._lists())}.")
        if isinstance(node.target, nodes.Name):
            self.local[node.target.name] = Kind(kind.of) if kind.many else Kind(None)

    def _lists(self) -> list[str]:
        return [name for name, kind in self.known.items() if kind.many]

    def _include(self, node: nodes.Include) -> None:
        named = node.template.value if isinstance(node.template, nodes.Const) else "what is included"
        file = self.partials.get(str(named))
        if str(named) in self.partials and file is None:
            message = f"“{named}” has no version in the language of this letter."
            self._fault(node, message, "Write one: half a letter in English is worse than all of it.", word=str(named))
        elif file is not None:
            node.template = nodes.Const(file, lineno=node.lineno)
        else:
            hint = (
                suggest(str(named), self.partials) or "Only a partial (“_name.md”) is included, and only by a letter."
            )
            self._fault(node, f"there is no partial “{named}” to include here.", hint, word=str(named))

    def _filter(self, node: nodes.Filter) -> None:
        if node.name not in FILTERS:
            self._fault(node, f"there is no filter “{node.name}”.", suggest(node.name, FILTERS), word=node.name)
        elif node.name == "map" and node.node is not None:
            kind = self._kind_of(node.node)
            for keyword in node.kwargs:
                if keyword.key == "attribute" and isinstance(keyword.value, nodes.Const):
                    self._field(node, Kind(kind.of), str(keyword.value.value))

    def _kind_of(self, node: nodes.Node) -> Kind:
        """What an expression stands for; a name or field that does not exist is put on record."""
        if isinstance(node, nodes.Name):
            return self._name(node)
        if isinstance(node, nodes.Getattr):
            return self._field(node, self._kind_of(node.node), node.attr)
        if isinstance(node, nodes.Getitem):
            if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
                self._fault(node, "a field is named with a dot.", f"Write “.{node.arg.value}”.", word=node.arg.value)
            kind = self._kind_of(node.node)
            return kind if isinstance(node.arg, nodes.Slice) else Kind(kind.of if kind.many else None)
        if isinstance(node, nodes.Filter) and node.node is not None:
            kind = self._kind_of(node.node)
            if node.name in ("first", "last"):
                return Kind(kind.of if kind.many else None)
            keeps = ("list", "reject", "rejectattr", "reverse", "select", "selectattr", "sort", "unique")
            return kind if node.name in keeps else Kind(None)
        return Kind(None)

    def _name(self, node: nodes.Name) -> Kind:
        if node.ctx != "load" or node.name == "loop":
            return Kind(None)
        kind = self.local.get(node.name) or self.known.get(node.name)
        if kind is None:
            self._fault(node, f"there is no “{node.name}” for a letter.", nearest(node.name, self.known), node.name)
        return kind or Kind(None)

    def _field(self, node: nodes.Node, kind: Kind, name: str) -> Kind:
        if name.startswith("_"):
            self._fault(node, f"“{name}” is closed to templates.", "A letter names its context's fields only.", name)
            return Kind(None)
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "loop":
            if name not in _LOOP:
                self._fault(node, f"“loop” has no “{name}”.", suggest(name, _LOOP), name)
            return Kind(None)
        if kind.of is None:
            return Kind(None)
        if kind.many:
            self._fault(node, f"a list has no “{name}”.", "Loop over it, or take its “|first” or “|last”.", name)
            return Kind(None)
        known = fields(kind.of) if dataclasses.is_dataclass(kind.of) else dict.fromkeys(sorted(_DATE), Kind(int))
        if kind.of is PartyView:
            known = {**self.columns, **{name: of for name, of in known.items() if name != "columns"}}
        if dataclasses.is_dataclass(kind.of) or kind.of.__name__ in ("date", "datetime"):
            if name in known:
                return known[name]
            self._fault(node, f"“{_owner(node)}” has no “{name}”.", suggest(name, known), name)
        else:
            self._fault(node, f"a text or number has no “{name}”.", "Use a filter: “|upper”, “|count”.", name)
        return Kind(None)
