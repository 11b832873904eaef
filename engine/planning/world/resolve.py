"""From a date as written to the days it means now, given what has been recorded."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from engine.definition import facts
from engine.definition.dates import DateExpr, Span, day, parse_span
from engine.definition.facts import BEGINNING, Fact, FactBook, Subject, instants
from engine.definition.people import Party
from engine.definition.workdays import WorkCalendar
from engine.definition.workflow import Event, Plannable
from engine.planning.world.cycles import Cycle, cycles_within


class Resolved(NamedTuple):
    """The days a date means; `firm` unless it rests on an event or anchor whose day is not fixed (`rests_on`).

    `known_at` is when the newest fact it rests on was recorded (BEGINNING when it rests on none).
    """

    span: Span
    firm: bool = True
    known_at: datetime = BEGINNING
    rests_on: str | None = None


class Resolver:
    """Resolves the dates of one plan against its book of facts."""

    def __init__(self, plannable: Plannable, book: FactBook) -> None:
        self.workflow = plannable.workflow
        self.book = book
        self.calendar = WorkCalendar(self.workflow.country, self.workflow.subdivision, self.workflow.quiet)
        self._now: dict[str, Resolved] = {}
        self._as_of = -1

    def resolve(
        self, expr: DateExpr, party: Party | None = None, cycle: Cycle | None = None, known: datetime | None = None
    ) -> Resolved | None:
        """What `expr` means for a party and cycle, as far as was recorded by `known`. None: it is not set."""
        if isinstance(expr.base, Span):
            base: Resolved | None = Resolved(expr.base)
        else:
            base = self.named(expr.base, party, cycle, known)
        if base is None or not expr.moves:
            return base
        return base._replace(span=day(self.calendar.moved(base.span, expr.moves)))

    def named(
        self, name: str, party: Party | None, cycle: Cycle | None, known: datetime | None = None
    ) -> Resolved | None:
        """The date of an anchor, an event, an attribute, a value, a setting or `cycle.due`."""
        workflow = self.workflow
        if name in workflow.anchors:
            return self._anchor(name, known)
        step = workflow.steps.get(name)
        if isinstance(step, Event):
            return self.event(step, known)
        value = workflow.values.get(name)
        if isinstance(value, DateExpr):
            return self.resolve(value, party, cycle, known)
        if name.startswith("settings."):
            return Resolved(parse_span(workflow.settings[name.removeprefix("settings.")].value))
        if name == "cycle.due":
            return Resolved(day(cycle.due)) if cycle else None
        if party is not None and (text := party.values.get(name)):
            return Resolved(parse_span(text))
        return None

    def _anchor(self, name: str, known: datetime | None) -> Resolved:
        found = self._looked_up(name) if known is None else None
        if found is not None:
            return found
        fact = self.book.newest(facts.DATE, Subject(anchor=name), known=known)
        found = _fixed(fact, self.workflow.anchors[name].on, name)
        if known is None:
            self._now[name] = found
        return found

    def _looked_up(self, name: str) -> Resolved | None:
        """The day of an anchor or event as it was found since the last recording of a date."""
        if self._as_of != self.book.taken_in(facts.DATE):
            self._as_of = self.book.taken_in(facts.DATE)
            self._now.clear()
        return self._now.get(name)

    def event(self, step: Event, known: datetime | None = None) -> Resolved:
        """When an event is; not firm while only its month, or a day up to which it is, is known."""
        if known is not None:
            return self._event(step, known)
        found = self._looked_up(step.name)
        if found is None:
            found = self._now[step.name] = self._event(step, None)
        return found

    def _event(self, step: Event, known: datetime | None) -> Resolved:
        fact = self.book.newest(facts.DATE, Subject(step=step.name), known=known)
        if fact is not None:
            return _fixed(fact, Span(date.min, date.min), step.name)
        if step.when is not None:
            planned = self.resolve(step.when, known=known)
            if planned is not None:
                return (
                    planned if planned.firm and planned.span.firm else planned._replace(firm=False, rests_on=step.name)
                )
        limit = self.resolve(step.by, known=known) if step.by is not None else None
        last = limit.span.last if limit else date.max.replace(day=1)
        return Resolved(Span(last, last), False, limit.known_at if limit else BEGINNING, step.name)

    def starts(self) -> date | None:
        """The plan's first day, where it says one."""
        found = self.resolve(self.workflow.starts) if self.workflow.starts else None
        return found.span.first if found else None

    def ends(self, known: datetime | None = None) -> date | None:
        """The plan's last day, where it says one."""
        found = self.resolve(self.workflow.ends, known=known) if self.workflow.ends else None
        return found.span.last if found else None

    def cycles(self, until: date, starts: date | None = None) -> tuple[list[Cycle], Cycle | None]:
        """The cycles of a yearly plan that open by a day, oldest first, and the next: due from its start to its end.

        `starts` stands in where the plan says no first day; without either there is none.
        """
        rule, starts = self.workflow.cycle, self.starts() or starts
        return cycles_within(rule, starts, self.ends(), until) if rule and starts else ([], None)

    def firm_since(self, name: str | None) -> datetime:
        """Since when the day of an event or anchor has been known without a break (BEGINNING: as written)."""
        if name is None:
            return BEGINNING
        workflow = self.workflow
        value = workflow.values.get(name)
        if isinstance(value, DateExpr):
            return self.firm_since(value.name)
        step = workflow.steps.get(name)
        if isinstance(step, Event):
            subject = Subject(step=name)
            if step.when and step.when.name and not self.book.history(facts.DATE, subject):
                return self.firm_since(step.when.name)
            written = isinstance(step.when.base, Span) and step.when.base.firm if step.when else False
        elif name in workflow.anchors:
            subject, written = Subject(anchor=name), workflow.anchors[name].on.firm
        else:
            return BEGINNING
        return BEGINNING if written else self._firm_recorded(subject)

    def _firm_recorded(self, subject: Subject) -> datetime:
        since = BEGINNING
        for at in sorted(instants(self.book.history(facts.DATE, subject)), reverse=True):
            fact = self.book.newest(facts.DATE, subject, known=at)
            if fact is None or not parse_span(fact.value).firm:
                break
            since = at
        return since

    def changes(self, expr: DateExpr) -> list[datetime]:
        """The instants at which a recording may have moved this date, oldest first."""
        name = expr.name
        if name is None:
            return []
        value = self.workflow.values.get(name)
        if isinstance(value, DateExpr):
            return self.changes(value)
        step = self.workflow.steps.get(name)
        subject = Subject(step=name) if isinstance(step, Event) else Subject(anchor=name)
        found = instants(self.book.history(facts.DATE, subject))
        if isinstance(step, Event) and step.when and step.when.name:
            found |= set(self.changes(step.when))
        return sorted(found)


def _fixed(fact: Fact | None, written: Span, name: str) -> Resolved:
    span = parse_span(fact.value) if fact else written
    known = fact.recorded_at if fact else BEGINNING
    return Resolved(span, span.firm, known, None if span.firm else name)
