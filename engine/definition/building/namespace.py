"""One namespace for a workflow: each name once, and nothing that is defined by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from keyword import iskeyword, kwlist

from engine.definition.building.names import SECTIONS, Names
from engine.definition.built_in import RULES
from engine.definition.conditions import Condition
from engine.definition.dates import DateExpr
from engine.definition.syntax.shapes import Fields
from engine.definition.syntax.sources import Faults
from engine.definition.workflow import AnyStep, FollowUp
from engine.errors import Place

_WORDS = frozenset({"date", "settings", "cycle", "misses", *kwlist})
_NAMED = re.compile(r""""[^"]*"|'[^']*'|(?<![\w.])(settings\.)?([a-z][a-z0-9_]*)""")
_DEEPEST = 50
_LARGEST = 1_000
"""So many names a condition may come to with all that it rests on: ten values that each name the one before them ten
times are a small file and a year's work."""
COLUMNS = frozenset({"id", "iso", "name", "timezone", "illustrative"})


def check_namespace(root: Fields, faults: Faults) -> None:
    """Each name once, and none that conditions or facts need for themselves."""
    first: dict[str, tuple[str, Place]] = {}
    for section, what in SECTIONS.items():
        for name, _, place in root.entries(section, Fields):
            if name in first:
                other, where = first[name]
                faults.add(
                    place, f"“{name}” is the name of {other} already (line {where.line})", "Give it another name."
                )
            elif name in _WORDS:
                faults.add(place, f"“{name}” is a word of the language", "Give it another name.")
            elif section == "facts" and name in RULES:
                faults.add(place, f"“{name}” is a fact that is built in", "Give it another name.")
            elif section in ("attributes", "facts") and name in COLUMNS:
                faults.add(place, f"“{name}” is a column of its own in the roster", "Give it another name.")
            first.setdefault(name, (what, place))


def check_loops(names: Names, sets: Mapping[str, Condition]) -> None:
    """No date and no set may rest on itself."""
    declared, faults = names.declared, names.faults
    graph: dict[str, list[str]] = {}
    for name, value in declared.values.items():
        if (expr := value.get("date", DateExpr)) and expr.name:
            graph[name] = [expr.name]
    for name, step in declared.steps.items():
        if step.kind == "event" and (expr := step.get("when", DateExpr) or step.get("by", DateExpr)) and expr.name:
            graph[name] = [expr.name]
    for loop in _loops(graph):
        faults.add(_date_place(names, loop[0]), f"the date “{loop[0]}” rests on itself: {' → '.join([*loop, loop[0]])}")
    uses = {name: sorted(target for kind, target in who.uses if kind == "set") for name, who in sets.items()}
    for loop in _loops(uses):
        place = declared.sets[loop[0]].place("who")
        faults.add(place, f"the set “{loop[0]}” is defined by itself: {' → '.join([*loop, loop[0]])}")
    if not faults.errors:  # what has a fault may rest on itself
        _check_extent(names, graph)


def _check_extent(names: Names, dates: Mapping[str, list[str]]) -> None:
    """Nothing rests on others so deep, or on so many, that working it out takes more than a moment."""
    declared, faults = names.declared, names.faults
    for name, _ in _first_over(dates):
        faults.add(_date_place(names, name), f"“{name}” rests on more than {_DEEPEST} dates, one on another")
    scalars = {name: fields.scalar("is") for name, fields in declared.values.items() if fields.kind == "value_is"}
    scalars |= {name: fields.scalar("who") for name, fields in declared.sets.items()}
    conditions = {name: list(_named(names, scalar.text)) for name, scalar in scalars.items() if scalar is not None}
    for name, too_deep in _first_over(conditions):
        scalar = scalars[name]
        assert scalar is not None
        wrong = (
            f"“{name}” rests on more than {_DEEPEST} sets and values, one on another"
            if too_deep
            else f"“{name}” comes to more than {_LARGEST:,} names with all that it rests on"
        )
        faults.add(scalar.place, wrong)


def _date_place(names: Names, name: str) -> Place:
    """Where the date of a value or an event is written."""
    fields = names.declared.values.get(name) or names.declared.steps[name]
    return fields.place(next(key for key in ("date", "when", "by") if key in fields))


def _named(names: Names, text: str) -> Iterator[str]:
    """Each word of a condition that may be a name, as often as it stands there; of a setting, what it stands for."""
    for settings, word in _NAMED.findall(text):
        setting = names.declared.settings.get(word) if settings else None
        if word and not iskeyword(word):
            yield setting.value if setting else word


def _first_over(graph: Mapping[str, list[str]]) -> Iterator[tuple[str, bool]]:
    """The names of a graph without loops that are too deep (true) or too large, while nothing that they rest on is."""
    size: dict[str, tuple[int, int]] = {}
    for start in graph:
        pending = [start]
        while pending:
            name = pending[-1]
            missing = [other for other in graph.get(name, ()) if other not in size]
            if missing:
                pending += missing
                continue
            pending.pop()
            if name in size:
                continue
            below = [size[other] for other in graph.get(name, ())]
            depth, extent = max((each[0] for each in below), default=0) + 1, sum(each[1] for each in below) + 1
            over = depth > _DEEPEST or extent > _LARGEST
            if over:
                yield name, depth > _DEEPEST
            size[name] = (0, 0) if over else (depth, extent)


def check_counters(names: Names, steps: Mapping[str, AnyStep]) -> None:
    """No step may be for those who missed that very step, also by way of others."""
    graph = {
        name: sorted(names.misses_in(step.to)) for name, step in steps.items()
        if isinstance(step, FollowUp) and step.to is not None
    }  # fmt: skip
    for loop in _loops(graph):
        place = names.declared.steps[loop[0]].place("to")
        chain = " → ".join([*loop, loop[0]])
        names.faults.add(place, f"whom {loop[0]} is for rests on itself: {chain}", "Make it a step of its own.")


def _loops(graph: Mapping[str, list[str]]) -> list[list[str]]:
    """The loops of a graph, each once."""
    found: list[list[str]] = []
    seen: set[str] = set()
    for start in graph:
        path: list[str] = []
        pending = [(start, 0)]
        while pending:
            name, depth = pending.pop()
            del path[depth:]
            if name in path:
                found.append(path[path.index(name) :])
            elif name not in seen:
                seen.add(name)
                path.append(name)
                pending += [(other, depth + 1) for other in graph.get(name, ())]
    return found
