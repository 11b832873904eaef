"""What the calendars show: anchors, events, deadlines and reviews of a plan, each under one UID in every feed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from engine.definition import facts
from engine.definition.dates import Span, local_date
from engine.definition.words import day_words, our_words, span_words
from engine.definition.workflow import AnyStep, Event, FollowUp, Ongoing, Target, Task
from engine.letter import Letter
from engine.planning.planner import Due, Planner
from engine.planning.world.cycles import Cycle
from engine.planning.world.deadlines import in_time_until
from engine.planning.world.recipients import role_zone
from engine.planning.world.resolve import Resolved
from engine.planning.world.scope import PartyScope
from engine.rendering.calendar import CalendarItem, Status, uid

PLAN = "plan"
_DAY = timedelta(days=1)
_MORNING = timedelta(hours=-9)
_DATED = frozenset({"when", "by", "after", "send", "invitations", "prepare", "remind", "review"})
_DEADLINE_ALARMS = (timedelta(days=7) + _MORNING, _DAY + _MORNING)
_EVENT_ALARMS = (timedelta(days=14) + _MORNING, _DAY + _MORNING)


def role_feed(role: str) -> str:
    """The name of a role's feed."""
    return f"role:{role}"


def party_feed(party: str) -> str:
    """The name of a party's feed."""
    return f"party:{party}"


class Agenda:
    """Makes the calendar items of one plan as it stands. `domain` tells installations apart in UIDs."""

    def __init__(self, planner: Planner, domain: str) -> None:
        self.planner = planner
        self.workflow = planner.workflow
        self.domain = domain
        self.roles = tuple(role_feed(name) for name, role in self.workflow.roles.items() if role.email)
        self.parties = tuple(party_feed(party) for party in planner.plannable.parties)
        self._made: dict[str, tuple[list[Due], list[CalendarItem]]] = {}

    def items(self) -> list[CalendarItem]:
        """Every item, each with the feeds that show it."""
        found = [*self._anchors()]
        prompts = self.planner.plan_steps().letters
        for step in self.workflow.steps.values():
            if isinstance(step, Event):
                found.append(self._event(step))
            elif isinstance(step, Ongoing):
                found += self._reviews(step, prompts)
            else:
                for cycle in self.planner.cycles_of(step):
                    found += self._deadlines(step, cycle)
        return [*found, *self._open_deadlines()]

    def feeds(self) -> dict[str, tuple[str, str]]:
        """Each feed with its title and description; also of parties and roles for which there is nothing yet."""
        title = self.workflow.title
        found = {PLAN: (title, f"Everything in the plan {self.workflow.name}.")}
        for name, role in self.workflow.roles.items():
            if role.email:
                found[role_feed(name)] = (
                    f"{role.title}: {title}",
                    f"What {role.title} follows in {self.workflow.name}.",
                )
        for party in self.planner.plannable.parties.values():
            found[party_feed(party.id)] = (
                f"{party.name}: {title}",
                f"What concerns {party.name} in {self.workflow.name}.",
            )
        return found

    def _uid(self, *parts: str) -> str:
        return uid("/".join((self.workflow.name, *parts)), self.domain)

    def _of_roles(self, *roles: str) -> tuple[str, ...]:
        """The feeds of those roles that have one."""
        return tuple(feed for feed in map(role_feed, roles) if feed in self.roles)

    def _anchors(self) -> Iterator[CalendarItem]:
        for anchor in self.workflow.anchors.values():
            resolved = self.planner.world.resolver.named(anchor.name, None, None)
            if resolved is not None:
                yield CalendarItem(
                    self._uid("anchor", anchor.name), (PLAN, *self.roles, *self.parties), anchor.title,
                    f"{self.workflow.title}: {span_words(resolved.span)}.", *_days(resolved.span), status=_status(resolved),
                )  # fmt: skip

    def _event(self, step: Event) -> CalendarItem:
        day = self.planner.world.resolver.event(step)
        off = PartyScope(self.planner.world, None).flag(step.name, facts.CANCELLED)
        span = day.span if day.firm or step.when is not None or day.span.first != day.span.last else _month_of(day.span)
        told = self._told(step)
        invited = tuple(party_feed(party) for party in self.planner.plannable.parties if party in told)
        words = [step.note, "" if day.firm else f"The day is not fixed yet: {_when_words(step, day)}.", _ours(step)]
        return CalendarItem(
            self._uid("step", step.name), (PLAN, *self.roles, *invited), step.title,
            "\n\n".join(filter(None, words)), *_days(span),
            status="CANCELLED" if off else _status(day), location=step.venue, categories=("Event",),
            alarms=_EVENT_ALARMS if day.firm else (),
        )  # fmt: skip

    def _told(self, step: Event) -> set[str | None]:
        """The parties that know of an event: written to, or recorded as invited, coming or there."""
        book = self.planner.book
        recorded = {
            subject.party
            for name in (facts.INVITED, facts.COMING, facts.ATTENDED)
            for subject in book.subjects(name)
            if subject.step == step.name and book.newest(name, subject)
        }
        return recorded | self.planner.history.reached(step.name, None)

    def _deadlines(self, step: FollowUp | Target | Task, cycle: Cycle | None) -> Iterator[CalendarItem]:
        name = (cycle.name,) if cycle else ()
        general = self.planner.desk.resolve(step.by, None, cycle)
        if general is not None:
            yield CalendarItem(
                self._uid("step", step.name, *name), (PLAN, *self._of_roles(step.owner)),
                f"By {day_words(general.span.last)}: {step.title}", self._words(step, general),
                *_days(Span(general.span.last, general.span.last)),
                status=_status(general), categories=("Deadline",), alarms=_DEADLINE_ALARMS,
            )  # fmt: skip

    def _open_deadlines(self) -> Iterator[CalendarItem]:
        """What each party still has to do by a day; made again only where the planner looked again."""
        for party in self.planner.plannable.parties:
            due = self.planner.deadlines(party)
            made = self._made.get(party)
            if made is None or made[0] is not due:
                made = self._made[party] = (due, [self.open_deadline(party, each) for each in due])
            yield from made[1]

    def open_deadline(self, party: str, due: Due) -> CalendarItem:
        """A date that a party has to keep, as its own feed shows it."""
        step, cycle, by = due
        of_step = (step.name, cycle.name) if cycle else (step.name,)
        return CalendarItem(
            self._uid("step", *of_step, "party", party), (party_feed(party),),
            f"By {day_words(by.span.last)}: {step.title}", self._words(step, by),
            *_days(Span(by.span.last, by.span.last)), status=_status(by), categories=("Deadline",),
            alarms=_DEADLINE_ALARMS, related_to=self._uid("step", *of_step),
        )  # fmt: skip

    def _words(self, step: FollowUp | Target | Task, by: Resolved) -> str:
        """What a deadline's entry says below its title."""
        last = in_time_until(self.planner.world, step, by.span.last)
        grace = f"There are days of grace: it is late only after {day_words(last)}." if last > by.span.last else ""
        return "\n\n".join(filter(None, (step.note, grace, _ours(step))))

    def _reviews(self, step: Ongoing, prompts: list[Letter]) -> Iterator[CalendarItem]:
        """The reviews of what has no deadline: those that were asked for, and the next."""
        feeds = self._of_roles(step.owner, *step.with_)
        if not feeds:
            return
        zone = role_zone(step.owner, self.workflow)
        asked = [(entry.key, entry.due_at) for entry in self.planner.history.sent(step.name, None, None)]
        coming = (
            (letter.key, letter.due_at) for letter in prompts
            if letter.step == step.name and letter.due_at and letter.due_at >= self.planner.now
        )  # fmt: skip
        for key, due_at in [*asked, *islice(coming, 1)]:
            on = local_date(due_at, zone)
            yield CalendarItem(
                uid(key, self.domain), (PLAN, *feeds), f"Review: {step.title}",
                "\n\n".join(filter(None, (step.note, f"Looked at every {step.review}; it has no deadline."))),
                on, on + _DAY, categories=("Review",),
            )  # fmt: skip


def _days(span: Span) -> tuple[date, date]:
    return span.first, span.last + _DAY


def _month_of(span: Span) -> Span:
    """An event that may be on any day up to a limit is shown over the limit's month."""
    return Span(span.last.replace(day=1), span.last)


def _when_words(step: Event, day: Resolved) -> str:
    return span_words(day.span) if step.when is not None else f"by {day_words(day.span.last)}"


def _status(resolved: Resolved) -> Status:
    return "CONFIRMED" if resolved.firm else "TENTATIVE"


def _ours(step: AnyStep) -> str:
    """Dates and cadences that are our reading are said to be so wherever they show."""
    shown = [key for key in step.ours if key in _DATED]
    return f"Our reading, not the source’s: {our_words(shown)}." if shown else ""
