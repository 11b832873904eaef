"""The one namespace of a workflow: what its dates and conditions may name, in whatever order it is written.

Values may use other values and sets, so conditions are compiled when they are first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.definition.conditions import Condition, ConditionError, Name, Vocabulary, compile_condition
from engine.definition.dates import DateExpr, parse_span
from engine.definition.hints import suggest
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


class Names:
    """Looks names up and compiles conditions. Faults go to `faults`."""

    def __init__(self, declared: Declared, faults: Faults) -> None:
        self.declared = declared
        self.faults = faults
        recurring = [
            name for name, step in declared.steps.items()
            if declared.cyclic and step.kind == "follow_up" and "cycle" not in step
        ]  # fmt: skip
        self.vocabulary = Vocabulary(
            _Lazy(self),
            {name: step.kind for name, step in declared.steps.items()},
            frozenset(recurring),
            declared.starts,
        )
        self.sets: dict[str, Condition] = {}
        """Who belongs to each set, once they are compiled."""
        self._compiled: dict[str, Condition] = {}
        self._compiling: list[str] = []

    def condition(self, scalar: Scalar | None) -> Condition:
        """Compile the condition that a scalar holds; NEVER when it has a fault or there is none."""
        if scalar is None:
            return NEVER
        try:
            return compile_condition(scalar.text, self.vocabulary)
        except ConditionError as error:
            if self._follows(str(error), scalar.text):
                return NEVER
            message, hint = self._explain(str(error), error.hint)
            self.faults.add(scalar.place_of(error.offset), message, hint)
            return NEVER

    def _follows(self, message: str, text: str) -> bool:
        """Whether a complaint about a condition only follows from another fault."""
        unknown = message.startswith("there is no name")
        return (unknown and self.declared.incomplete) or not self.declared.doubtful.isdisjoint(_WORD.findall(text))

    def _explain(self, message: str, hint: str) -> tuple[str, str]:
        if "“cycle.due”" in message and not self.declared.cyclic:
            return "this workflow has no cycle, so there is no cycle.due", "Add the key “cycle”."
        for name, fact in self.declared.facts.items():
            if f"there is no name “{name}”" in message and fact.about == "step":
                return f"{name} is recorded about steps, and conditions are about parties", ""
        return message, hint

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

    def lookup(self, name: str) -> Name:
        """A name as conditions see it. Raises KeyError when there is none."""
        declared = self.declared
        if name == "cycle.due" and declared.cyclic:
            return Name("date", "date", target=name)
        if name.startswith("settings."):
            return self._setting(name, declared.settings[name.removeprefix("settings.")])
        if (attribute := declared.attributes.get(name)) is not None:
            return Name("attribute", attribute.type, attribute.of, target=name)
        if (fact := declared.facts.get(name)) is not None and fact.about != "step":
            return Name("fact", fact.type, fact.of, fact.details, target=name)
        if name in declared.sets:
            return Name("set", "bool", target=name)
        if self.date_kind(name):
            return Name("date", "date", target=name)
        if name in declared.values and declared.values[name].kind == "value_is":
            return Name("value", "bool", condition=self.value(name), target=name)
        raise KeyError(name)

    def _setting(self, name: str, setting: Setting) -> Name:
        value = setting.of[0] if setting.of and setting.value not in setting.of else setting.value
        match self.setting_kind(value):
            case "set":
                return Name("set", "bool", target=value)
            case "value":
                return Name("value", "bool", condition=self.value(value), target=value)
            case "date":
                return Name("date", "date", target=name)
        return Name("setting", "text", target=value)

    def __iter__(self) -> Iterator[str]:
        """Each name that a condition may use."""
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

    def date_kind(self, name: str) -> str | None:
        """What kind of date a name is: anchor, event, attribute, value, setting, cycle; None if it is none."""
        declared = self.declared
        if name == "cycle.due":
            return "cycle" if declared.cyclic else None
        if name.startswith("settings."):
            setting = declared.settings.get(name.removeprefix("settings."))
            return "setting" if setting and self.setting_kind(setting.value) == "date" else None
        if name in declared.anchors:
            return "anchor"
        if name in declared.steps and declared.steps[name].kind == "event":
            return "event"
        if name in declared.attributes and declared.attributes[name].type == "date":
            return "attribute"
        return "value" if name in declared.values and declared.values[name].kind == "value_date" else None

    def date(self, fields: Fields, key: str, *, party: bool = False, cycle: bool = False) -> DateExpr | None:
        """The date of a key, with its names looked up. `party` and `cycle`: whether it may differ by them."""
        expr, place = fields.get(key, DateExpr), fields.place(key)
        if expr is None or expr.name is None:
            return expr
        if self.date_kind(expr.name) is None:
            if expr.name.removeprefix("settings.") not in self.declared.doubtful and not self.declared.incomplete:
                self._no_date(expr.name, place)
            return expr
        rests = self.rests_on(expr.name)
        if "attribute" in rests and not party:
            self.faults.add(place, f"“{expr.text}” differs from party to party, and this date is one for all")
        if "cycle" in rests and not cycle:
            self.faults.add(
                place, f"“{expr.text}” differs from cycle to cycle", "It can stand in the steps of the cycle only."
            )
        return expr

    def _no_date(self, name: str, place: Place) -> None:
        if name == "cycle.due":
            self.faults.add(place, "this workflow has no cycle, so there is no cycle.due", "Add the key “cycle”.")
            return
        known = [other for other in self if self.date_kind(other)]
        setting = self.declared.settings.get(name.removeprefix("settings."))
        if name.startswith("settings.") and setting:
            self.faults.add(place, f"“{name}” is “{setting.value}”, and that is not a date")
            return
        kind = next((what for section, what in SECTIONS.items() if name in getattr(self.declared, section)), None)
        if kind:
            self.faults.add(place, f"“{name}” is {kind}, and not a date", suggest(name, known))
            return
        self.faults.add(place, f"there is no date “{name}”", suggest(name, known))

    def rests_on(self, name: str) -> set[str]:
        """The kinds of dates that a date rests on, through values."""
        found: set[str] = set()
        seen: set[str] = set()
        while name not in seen and (kind := self.date_kind(name)):
            found.add(kind)
            seen.add(name)
            expr = self.declared.values[name].get("date", DateExpr) if kind == "value" else None
            if expr is None or expr.name is None:
                break
            name = expr.name
        return found


class _Lazy(Mapping[str, Name]):
    """The names as a mapping that compiles values when they are first used."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def __getitem__(self, key: str) -> Name:
        return self.names.lookup(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return sum(1 for _ in self.names)
