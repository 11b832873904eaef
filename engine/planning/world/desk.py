"""What every part of the planner looks at: one plan, its facts, its history, and what is looked up once.

`now` is an input like the others: nothing below reads a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from engine.definition.cadence import Cadence, Slot
from engine.definition.dates import DateExpr, Distance, Unit, end_of_day, local_date, start_of_day
from engine.definition.facts import BEGINNING
from engine.definition.people import Party
from engine.definition.workdays import WorkCalendar, known_country
from engine.definition.workflow import AnyStep, cadence_of
from engine.letter import Letter, LetterKey
from engine.lifecycle import State
from engine.planning.world.close import Closings
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.history import History
from engine.planning.world.lineage import Lineage
from engine.planning.world.recipients import Recipients, person_of, role_zone
from engine.planning.world.resolve import Resolved
from engine.planning.world.schedule import Frame, Hours, Slotted, schedule
from engine.planning.world.scope import World

PROMPT_STALE = Distance(3, Unit.WORKING_DAYS)


class Desk:
    """The planner's desk. Facts and history may change under it; `forget` then clears what was looked up."""

    def __init__(self, world: World, lineage: Lineage, history: History, now: datetime) -> None:
        self.world = world
        self.workflow = world.workflow
        self.lineage = lineage
        self.history = history
        self.now = now
        self.recipients = Recipients(world.plannable, world.book)
        self.closings = Closings(world)
        self._schedules: dict[tuple[Any, ...], tuple[Slotted, ...]] = {}
        self._hours: dict[tuple[Any, ...], Hours] = {}
        self._dates: dict[tuple[str, str | None], Resolved | None] = {}
        self._firm: dict[str | None, datetime] = {}
        self._ends: tuple[datetime | None] | None = None
        self._starts: datetime | None = None
        self._cycles: dict[date, list[Cycle]] = {}

    def forget_dates(self) -> None:
        """A date of an event or anchor changed: look all of them up again."""
        self._dates.clear()
        self._firm.clear()
        self._ends = None
        self._starts = None
        self._cycles.clear()

    @property
    def ends_at(self) -> datetime | None:
        """The instant after which nothing of the plan is sent (UTC)."""
        if self._ends is None:
            last = self.world.resolver.ends()
            self._ends = (end_of_day(last, self.workflow.timezone) if last else None,)
        return self._ends[0]

    @property
    def starts_at(self) -> datetime:
        """The first instant of the plan (UTC): applied before it, nothing leaves to a party until then."""
        if self._starts is None:
            first = self.world.resolver.starts()
            self._starts = self.day_start(first) if first else BEGINNING
        return self._starts

    def cycles(self) -> list[Cycle]:
        """The cycles that open within the horizon, oldest first; where none does, the next."""
        if self.workflow.cycle is None:
            return []
        until = local_date(self.now + timedelta(days=self.workflow.horizon), self.workflow.timezone)
        if until not in self._cycles:
            first = local_date(self.lineage.first, self.workflow.timezone)
            opened, coming = self.world.resolver.cycles(until, first)
            self._cycles = {until: opened or ([coming] if coming else [])}
        return self._cycles[until]

    def over(self) -> bool:
        """Whether the plan has ended."""
        return self.ends_at is not None and self.now >= self.ends_at

    def resolve(self, expr: DateExpr, party: Party | None = None, cycle: Cycle | None = None) -> Resolved | None:
        """A date as known now; one that does not depend on the party is looked up once."""
        if party is not None and self._of_party(expr):
            return self.world.resolver.resolve(expr, party, cycle)
        key = (expr.text, cycle_name(cycle))
        if key not in self._dates:
            self._dates[key] = self.world.resolver.resolve(expr, None, cycle)
        return self._dates[key]

    def _of_party(self, expr: DateExpr) -> bool:
        name = expr.name
        if name is None:
            return False
        value = self.workflow.values.get(name)
        if isinstance(value, DateExpr):
            return self._of_party(value)
        return name in self.workflow.attributes

    def firm_since(self, expr: DateExpr | None) -> datetime:
        """Since when the day that a date counts from has been known without a break."""
        name = expr.name if expr else None
        if name not in self._firm:
            self._firm[name] = self.world.resolver.firm_since(name) if name else BEGINNING
        return self._firm[name]

    def day_start(self, on: date) -> datetime:
        """The first instant of a day in the workflow's zone."""
        return start_of_day(on, self.workflow.timezone)

    def hours(self, cadence: Cadence, zone: str, party: Party) -> Hours:
        """When an addressee in a zone is written to."""
        country = party.id if cadence.days_off == "addressee" and known_country(party.id) else None
        key = (zone, country, cadence.stale_after)
        if key not in self._hours:
            calendar = WorkCalendar(country, quiet=self.workflow.quiet) if country else self.world.resolver.calendar
            self._hours[key] = Hours(zone, self.workflow.send_at, calendar, cadence.stale_after)
        return self._hours[key]

    def role_hours(self, role: str) -> Hours:
        """When a role is written to."""
        return self._hours_at(role_zone(role, self.workflow))

    def _hours_at(self, zone: str) -> Hours:
        key = (zone, None, PROMPT_STALE)
        if key not in self._hours:
            self._hours[key] = Hours(zone, self.workflow.send_at, self.world.resolver.calendar, PROMPT_STALE)
        return self._hours[key]

    def hours_of(self, step: str, party: str | None, zone: str) -> Hours:
        """When whoever gets a letter of a step in a zone is written to."""
        found = self.workflow.steps.get(step)  # a letter about all steps is of none
        cadence = cadence_of(found) if found else None
        known = self.world.parties.get(party) if party else None
        if cadence is None or known is None:
            return self._hours_at(zone)
        return self.hours(cadence, zone, known)

    def schedule(self, send: Sequence[Slot], frame: Frame, hours: Hours) -> tuple[Slotted, ...]:
        """The slots of a cadence; the same question is answered from memory."""
        key = (
            tuple(send), frame.target, frame.activation, frame.begins, frame.counts_from, frame.apart, frame.ends_at,
            frame.from_first, tuple(frame.slot_since.items()), tuple(frame.continued.items()), hours,
        )  # fmt: skip
        found = self._schedules.get(key)
        if found is None:
            if len(self._schedules) > 4096:
                self._schedules.clear()
            found = self._schedules[key] = schedule(send, frame, hours)
        return found

    def prompt(
        self, step: AnyStep, role: str, slot: str, due_at: datetime | None, template: str, reason: str, *,
        cycle: str | None = None, party: str | None = None, number: int = 1, state: State = State.SCHEDULED,
        ordinary: bool = True, stale_at: datetime | None = None,
    ) -> Letter:  # fmt: skip
        """A letter to a role about a step, in a cycle; of a party's round `number` where it is about one."""
        key = LetterKey(self.workflow.name, cycle, step.name, party, number, role, slot)
        found = self.workflow.roles.get(role)
        return Letter.of(
            key, step.kind, role_zone(role, self.workflow), state, reason, due_at=due_at, template=template,
            stale_at=stale_at, ordinary=ordinary, person=person_of(found.email if found else None),
        )  # fmt: skip

    def can_write_to(self, role: str) -> bool:
        """Whether a role has an address."""
        found = self.workflow.roles.get(role)
        return found is not None and bool(found.email)
