"""The one namespace of a workflow: what its dates and conditions may name, in whatever order it is written.

Values may use other values and sets, so conditions are compiled when they are first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from engine.definition.compiling import UnknownName, compile_condition
from engine.definition.conditions import Condition, Name, Vocabulary
from engine.definition.dates import DateExpr, parse_span
from engine.definition.hints import Unreadable, suggest
from engine.definition.syntax.reading import Scalar
from engine.definition.syntax.shapes import Fields
from engine.definition.syntax.sources import Faults
from engine.definition.workflow import Anchor, Attribute, FactDecl, Setting
from engine.errors import Place

NEVER = Condition("", lambda scope: False)
"""Stands for a condition with a fault, so that the rest can still be looked at."""

SECTIONS = {
    "anchors": "an anchor", "attributes": "an attribute", "facts": "a fact",
    "values": "a value", "sets": "a set", "steps": "a step",
}  # fmt: skip
_DEEPEST = 20


@dataclass(slots=True)
class Declared:
    """What the sections of a workflow declare, before any condition is compiled."""

    anchors: dict[str, Anchor] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    facts: dict[str, FactDecl] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    values: dict[str, Fields] = field(default_factory=dict)
    sets: dict[str, Fields] = field(default_factory=dict)
    steps: dict[str, Fields] = field(default_factory=dict)
    cyclic: bool = False
    starts: bool = False
    doubtful: set[str] = field(default_factory=set)
    """Names whose declaration has a fault: nothing more is said about them."""
    incomplete: bool = False
    """Whether a whole section could not be read: then nobody knows which names there are."""


_WORD = re.compile(r"\w+")
_NO_CYCLE = "this workflow has no cycle, so there is no cycle.due", "Add the key “cycle”."


class Names:
    """Looks names up and compiles conditions. Faults go to `faults`."""

    def __init__(self, declared: Declared, faults: Faults) -> None:
        self.declared = declared
        self.faults = faults
        self.known = {name: self._named(name) for name in self._all()}
        """Each name that a condition may use."""
        self.sets: dict[str, Condition] = {}
        """Who belongs to each set, once they are compiled."""
        self._compiled: dict[str, Condition] = {}
        self._compiling: list[str] = []
        steps = declared.steps.items()
        recurring = [name for name, step in steps if step.kind == "follow_up" and "cycle" not in step]
        self._vocabulary = Vocabulary(
            self.known,
            {name: step.kind for name, step in steps},
            frozenset(recurring if declared.cyclic else ()),
            declared.starts,
            self._absent(),
        )

    def _all(self) -> Iterator[str]:
        declared = self.declared
        yield from declared.anchors
        yield from declared.attributes
        yield from (name for name, fact in declared.facts.items() if fact.about != "step")
        yield from declared.values
        yield from declared.sets
        yield from (name for name, step in declared.steps.items() if step.kind == "event")
        yield from (f"settings.{name}" for name in declared.settings)
        if declared.cyclic:
            yield "cycle.due"

    def _named(self, name: str) -> Name:
        declared = self.declared
        if name.startswith("settings."):
            return self._setting(declared.settings[name.removeprefix("settings.")])
        if (attribute := declared.attributes.get(name)) is not None:
            return Name("attribute", attribute.type, attribute.of)
        if (fact := declared.facts.get(name)) is not None and fact.about != "step":
            return Name("fact", fact.type, fact.of, fact.details)
        if name in declared.sets:
            return Name("set", "bool")
        if name in declared.values and declared.values[name].kind == "value_is":
            return Name("value", "bool", condition=partial(self.value, name))
        return Name("date", "date")

    def _setting(self, setting: Setting) -> Name:
        value = setting.of[0] if setting.of and setting.value not in setting.of else setting.value
        match self.setting_kind(value):
            case "set":
                return Name("set", "bool", target=value)
            case "value":
                return Name("value", "bool", condition=partial(self.value, value))
            case "date":
                return Name("date", "date")
        return Name("setting", "text", target=value)

    def _absent(self) -> dict[str, tuple[str, str]]:
        about_steps = [name for name, fact in self.declared.facts.items() if fact.about == "step"]
        found = {
            name: (f"{name} is recorded about steps, and conditions are about parties", "") for name in about_steps
        }
        return found if self.declared.cyclic else found | {"cycle.due": _NO_CYCLE}

    def condition(self, scalar: Scalar | None) -> Condition:
        """Compile the condition that a scalar holds; NEVER when it has a fault or there is none."""
        if scalar is None:
            return NEVER
        try:
            return compile_condition(scalar.text, self._vocabulary)
        except Unreadable as error:
            follows = isinstance(error, UnknownName) and self.declared.incomplete
            if not follows and self.declared.doubtful.isdisjoint(_WORD.findall(scalar.text)):
                self.faults.add(scalar.place_of(error.offset), str(error), error.hint)
            return NEVER

    def misses_in(self, condition: Condition) -> frozenset[str]:
        """The steps whose missed deadlines a condition counts, also by the sets that it names."""
        found, seen, pending = set[str](), set[tuple[str, str]](), list(condition.uses)
        while pending:
            use = pending.pop()
            if use in seen:
                continue
            seen.add(use)
            if use[0] == "misses":
                found.add(use[1])
            elif use[0] == "set" and use[1] in self.sets:
                pending += self.sets[use[1]].uses
        return frozenset(found)

    def steady(self, scalar: Scalar | None, condition: Condition) -> Condition:
        """The condition, where nothing may change by itself: a counter of missed deadlines in it is a fault."""
        if scalar is not None and self.misses_in(condition):
            place = scalar.place_of(max(scalar.text.find("misses"), 0))
            hint = "It may stand in “to” of a follow-up, and in what objectives and outputs count."
            self.faults.add(place, "“misses” changes as deadlines pass, and here only what is recorded may count", hint)
        return condition

    def value(self, name: str) -> Condition:
        """The condition of a value, compiled once."""
        if name in self._compiling:
            chain = " → ".join([*self._compiling[self._compiling.index(name) :], name])
            self.faults.add(self.declared.values[name].place("is"), f"“{name}” is defined by itself: {chain}")
            self._compiled[name] = NEVER
        if len(self._compiling) >= _DEEPEST:
            self.faults.add(self.declared.values[name].place("is"), "values rest on one another too deep")
            self._compiled[name] = NEVER
        if name not in self._compiled:
            self._compiling.append(name)
            compiled = self.condition(self.declared.values[name].scalar("is"))
            self._compiling.pop()
            self._compiled.setdefault(name, compiled)
        return self._compiled[name]

    def setting_kind(self, value: str) -> str:
        """What a setting's value is: the name of a `set` or `value`, a `date` or a `word`."""
        if value in self.declared.sets:
            return "set"
        if value in self.declared.values and self.declared.values[value].kind == "value_is":
            return "value"
        try:
            parse_span(value)
        except ValueError:
            return "word"
        return "date"

    def is_date(self, name: str) -> bool:
        """Whether a name is that of a date: an anchor, event, attribute, value, setting, or the cycle's."""
        found = self.known.get(name)
        return found is not None and found.type == "date" and found.kind != "fact"

    def date(self, fields: Fields, key: str, *, party: bool = False, cycle: bool = False) -> DateExpr | None:
        """The date of a key, with its names looked up. `party` and `cycle`: whether it may differ by them."""
        expr, place = fields.get(key, DateExpr), fields.place(key)
        if expr is None or expr.name is None:
            return expr
        if not self.is_date(expr.name):
            if expr.name.removeprefix("settings.") not in self.declared.doubtful and not self.declared.incomplete:
                self._no_date(expr.name, place)
            return expr
        base = self._rests_on(expr.name)
        if base in self.declared.attributes and not party:
            self.faults.add(place, f"“{expr.text}” differs from party to party, and this date is one for all")
        if base == "cycle.due" and not cycle:
            self.faults.add(
                place, f"“{expr.text}” differs from cycle to cycle", "It can stand in the steps of the cycle only."
            )
        return expr

    def _no_date(self, name: str, place: Place) -> None:
        if name == "cycle.due":
            self.faults.add(place, *_NO_CYCLE)
            return
        known = [other for other in self.known if self.is_date(other)]
        setting = self.declared.settings.get(name.removeprefix("settings."))
        if name.startswith("settings.") and setting:
            self.faults.add(place, f"“{name}” is “{setting.value}”, and that is not a date")
            return
        kind = next((what for section, what in SECTIONS.items() if name in getattr(self.declared, section)), None)
        if kind:
            self.faults.add(place, f"“{name}” is {kind}, and not a date", suggest(name, known))
            return
        self.faults.add(place, f"there is no date “{name}”", suggest(name, known))

    def _rests_on(self, name: str) -> str:
        """The name that a date rests on in the end, through values."""
        seen: set[str] = set()
        while name not in seen and name in self.declared.values:
            seen.add(name)
            expr = self.declared.values[name].get("date", DateExpr)
            if expr is None or expr.name is None:
                break
            name = expr.name
        return name
