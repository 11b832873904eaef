"""From a step as read to a step of the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.definition.building.cadences import TemplateNames, cadence, moments
from engine.definition.building.declared import titles
from engine.definition.building.measures import count, each, ours
from engine.definition.building.names import NEVER, Names
from engine.definition.cadence import ESCALATION
from engine.definition.conditions import Condition
from engine.definition.dates import DateExpr, Distance, Unit
from engine.definition.measures import Each
from engine.definition.syntax.shapes import Fields
from engine.definition.workflow import (
    OWN_DEADLINE,
    AnyStep,
    Ask,
    Escalation,
    Event,
    ExtensionRule,
    FollowUp,
    Ongoing,
    Target,
    Task,
)
from engine.errors import Place

_UNDATED = DateExpr("")


class StepBuilder:
    """Builds one step. A fault leaves a stand-in, and is on record."""

    def __init__(self, name: str, fields: Fields, names: Names, owner: str) -> None:
        self.name = name
        self.fields = fields
        self.names = names
        self.faults = names.faults
        self.owner = owner
        recurs = fields.kind not in ("event", "ongoing")  # what is recorded about these is recorded once
        self.per_cycle = names.declared.cyclic and "cycle" not in fields and recurs
        self.templates = TemplateNames()

    def build(self) -> AnyStep:
        """The step."""
        if "cycle" in self.fields and not self.names.declared.cyclic:
            self.faults.add(self.fields.place("cycle"), "this workflow has no cycle", "Remove the key “cycle”.")
        kinds: dict[str, Callable[[], AnyStep]] = {
            "event": self._event, "task": self._task, "follow_up": self._follow_up,
            "target": self._target, "ongoing": self._ongoing,
        }  # fmt: skip
        return kinds[self.fields.kind]()

    def _common(self) -> dict[str, Any]:
        """What every kind of step has; asked for last, when all templates are known."""
        fields = self.fields
        return {
            "name": self.name,
            "title": fields.text(fields.kind),
            "owner": fields.text("owner", self.owner),
            "note": fields.text("note"),
            "ours": ours(fields, "step", self.faults),
            "per_cycle": self.per_cycle,
            "titles": titles(fields),
            "place": fields.place(),
            "letter_places": dict(self.templates.places),
        }

    def _condition(self, key: str, fields: Fields | None = None) -> Condition | None:
        fields = fields or self.fields
        if key not in fields:
            return None
        found = self._in_cycle(self.names.condition(fields.scalar(key)), fields.place(key))
        return found if (self.fields.kind, key) == ("follow_up", "to") else self.names.steady(fields.scalar(key), found)

    def _in_cycle(self, condition: Condition, place: Place) -> Condition:
        """The condition; outside the cycle, nothing that differs from cycle to cycle may be in it."""
        if not self.names.declared.cyclic or self.per_cycle:
            return condition
        recurring = {("fact", name) for name, fact in self.names.declared.facts.items() if fact.each_cycle}
        for _, name in sorted(condition.uses & (recurring | {("date", "cycle.due")})):
            self.faults.add(place, f"“{name}” differs from cycle to cycle, and this step stands outside the cycle")
        return condition

    def _date(self, key: str, *, party: bool = False) -> DateExpr | None:
        return self.names.date(self.fields, key, party=party, cycle=self.per_cycle)

    def _event(self) -> Event:
        fields, faults = self.fields, self.faults
        if "when" in fields and "by" in fields:
            faults.add(fields.place("by"), "an event has either “when” or “by”", "Remove one of them.")
        elif "when" not in fields and "by" not in fields:
            faults.add(
                fields.place(),
                "an event needs the key “when” or “by”",
                "Write the day, or only the month: when: 2017-10.",
            )
        invitations = None
        if "invitations" in fields:
            if "invite" not in fields:
                faults.add(fields.place("invitations"), "who is invited is not said", "Add the key “invite”.")
            invitations = cadence(fields, "invitations", fields, self.templates, faults)
        when, by = self._date("when"), self._date("by")
        return Event(
            when=when, by=by, venue=fields.text("place"), timezone=fields.get("timezone", str),
            invite=self._condition("invite"), prepare=moments(fields, "prepare", faults), invitations=invitations,
            moved=self.templates.one(fields, "moved", "event_moved"),
            cancelled=self.templates.one(fields, "cancelled", "event_cancelled"),
            **self._common(),
        )  # fmt: skip

    def _follow_up(self) -> FollowUp:
        fields = self.fields
        letters = cadence(fields, "send", fields, self.templates, self.faults)
        escalate = self._escalations()
        return FollowUp(
            by=self._date("by", party=True) or _UNDATED, until=self._condition("until") or NEVER, cadence=letters,
            to=self._condition("to"), after=self._date("after", party=True), since=self._date("since", party=True),
            thanks=self.templates.get(fields, "thanks"), escalate=escalate, closes_when=self._closes_when(),
            grace=fields.get("grace", Distance), extensions=self._extensions(), optional=fields.text("optional") == "yes",
            corrected=self.templates.get(fields, "corrected"),
            **self._common(),
        )  # fmt: skip

    def _escalations(self) -> tuple[Escalation, ...]:
        """Whom to tell, and when. The first that counts letters keeps the plain slot, all others have names of their own."""
        found: dict[tuple[str, str], Escalation] = {}
        for given, place in self.fields.items("escalate", Fields):
            after, before = given.get("after", int), given.get("before", Distance)
            if "after" not in given and "before" not in given:
                self.faults.add(
                    place, "an escalation needs the key “after” or “before”", "Write for example after: 3 letters."
                )
            if before is not None and before.count == 0:
                hint = "Write for example 2 weeks."
                self.faults.add(given.place("before"), f"“{before}” is not before the deadline", hint)
            slot = "-".join(
                [ESCALATION, *([f"after-{after}"] if after else []), *([f"before-{before.token}"] if before else [])]
            )
            rule = Escalation(
                given.text("to"), after, before,
                self.templates.one(given, "letter", "date_near" if before and not after else "escalation"), slot,
            )  # fmt: skip
            if (rule.to, slot) in found:
                self.faults.add(place, f"{rule.to} is told the same already, above", "Remove one of them.")
            found.setdefault((rule.to, slot), rule)
        rules = list(found.values())
        first = next((at for at, rule in enumerate(rules) if rule.after is not None), None)
        return tuple(replace(rule, slot=ESCALATION) if at == first else rule for at, rule in enumerate(rules))

    def _extensions(self) -> ExtensionRule | None:
        given = self.fields.record("extensions")
        if given is None:
            return None
        if not given.keys:
            self.faults.add(given.place(), "this rule allows everything", "Add asked, at_most or until, or remove it.")
        at_most = given.get("at_most", int)
        if at_most == 0:
            hint = "Leave extensions to a person: remove the rule; or write 1."
            self.faults.add(given.place("at_most"), "at most 0 extensions are none at all", hint)
        until = given.get("until", DateExpr)
        if until is not None and until.name != OWN_DEADLINE:
            until = self.names.date(given, "until", party=True, cycle=self.per_cycle)
        return ExtensionRule(given.get("asked", Distance), at_most, until)

    def _closes_when(self) -> Each | None:
        given = self.fields.record("closes_when")
        if given is None:
            return None
        found = each(given, self.names)
        for key, condition in (("each", found.each), ("is", found.is_)):
            self._in_cycle(self.names.steady(given.scalar(key), condition), given.place(key))
        return found

    def _target(self) -> Target:
        fields, given, ask = self.fields, self.fields.record("ask"), None
        if given is not None:
            letters = cadence(given, "send", fields, self.templates, self.faults)
            ask = Ask(
                self._condition("to", given) or NEVER, letters, self.templates.get(fields, "thanks"),
                self.templates.get(fields, "corrected"),
            )  # fmt: skip
        elif "ask" not in fields:
            for key, why in (("thanks", "is thanked"), ("corrected", "was told a day")):
                if key in fields:
                    hint = f"Add the key “ask”, or remove “{key}”."
                    self.faults.add(fields.place(key), f"nobody is asked, so nobody {why}", hint)
        counted = count(fields, self.names)
        for key, condition in (("count", counted.count), ("among", counted.among)):
            self._in_cycle(self.names.steady(fields.scalar(key), condition or NEVER), fields.place(key))
        return Target(
            count=counted, by=self._date("by") or _UNDATED, remind=moments(fields, "remind", self.faults),
            ask=ask, stop_when_enough=fields.text("enough") == "stop", optional=fields.text("optional") == "yes",
            **self._common(),
        )  # fmt: skip

    def _task(self) -> Task:
        fields = self.fields
        return Task(
            by=self._date("by") or _UNDATED, remind=moments(fields, "remind", self.faults),
            for_=self._condition("for"), **self._common(),
        )  # fmt: skip

    def _ongoing(self) -> Ongoing:
        fields = self.fields
        return Ongoing(
            review=fields.get("review", Distance) or Distance(1, Unit.MONTHS),
            with_=tuple(role for role, _ in fields.items("with", str)),
            about=self._condition("about"), first=self._condition("first"), **self._common(),
        )  # fmt: skip
