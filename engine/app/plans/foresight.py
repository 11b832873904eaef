"""What `check` warns of by looking at the plan from its first day: nothing here keeps it from being applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from engine.definition.cadence import THANKS, Fixed, Side
from engine.definition.conditions import Condition
from engine.definition.dates import local_date
from engine.definition.people import Contact, Party
from engine.definition.words import WEEKDAYS, day_words, listed, span_words
from engine.definition.workdays import WorkCalendar, known_country
from engine.definition.workflow import AnyStep, Event, FollowUp, Ongoing, Target, Task, Workflow
from engine.errors import Place, Problem
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.arrange import WEEK
from engine.planning.letters.case import chase_of, events_before
from engine.planning.planner import Planner
from engine.planning.world.cycles import Cycle
from engine.planning.world.resolve import Resolved
from engine.planning.world.scope import PartyScope
from engine.rendering.templates import Filled

_POSTS = {"mission": WorkCalendar("CH", "GE"), "ny_mission": WorkCalendar("US", "NY")}
"""Whose days off a post has, wherever the party is: as its zone, in `planning/world/recipients.py`."""
_DAYS_EACH = 2
"""So many days off of a step are told one by one; more, that one key avoids, in one line."""
_RECORDED = frozenset({"fact", "flag", "misses"})


def foresee(planner: Planner, letters: list[Letter], cap: int) -> Iterator[Problem]:
    """The warnings of a plan, of which `letters` are all as they stand on its first day; `cap` is that of a week (0: none)."""
    if planner.workflow.cycle is not None and not planner.cycles():
        place = next(iter(planner.workflow.steps.values())).place
        yield warn(place, "no cycle is due from the plan's start to its end, so that nothing of its cycles is asked")
    for step in planner.workflow.steps.values():
        yield from _dates(planner, step)
        yield from _audience(planner, step)
        yield from _end(planner, step)
        yield from _after_its_event(step)
    yield from _empty_sets(planner)
    yield from _holidays(planner, letters)
    if cap:
        yield from _too_many(planner, letters, cap)


class Alike:
    """Finds letters of two steps that say the same to the same party: who gets both cannot tell what each is about."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self._first: dict[tuple[str, str, str, str], Letter] = {}
        self._found: dict[tuple[str, str], tuple[Letter, Letter]] = {}

    def add(self, letter: Letter, filled: Filled) -> None:
        """Take in a letter. Thanks are left out: one step thanks in place of another."""
        if letter.party is None or letter.slot == THANKS:
            return
        place = (letter.party, letter.addressee, filled.subject, filled.markdown)
        before = self._first.setdefault(place, letter)
        if before.step != letter.step:
            self._found.setdefault((before.step, letter.step), (before, letter))

    def problems(self) -> Iterator[Problem]:
        """One warning for each two steps."""
        for first, second in self._found.values():
            step = self.workflow.steps[second.step]
            names = listed([f"“{name}”" for name in dict.fromkeys((first.template, second.template))])
            message = f"{second.step} and {first.step} say the same to {second.party}, word for word, by {names}"
            yield warn(step.letter_places.get(second.template, step.place), message)


def warn(place: Place, message: str) -> Problem:
    """A warning at a place."""
    return Problem(place, message, warning=True)


def _dates(planner: Planner, step: AnyStep) -> Iterator[Problem]:
    """A step that can never start, since its time is over before it begins; and a deadline before its event."""
    cycle = _cycle(planner, step)
    starts = planner.world.resolver.starts()
    if isinstance(step, Event):
        day = planner.world.resolver.event(step)
        if step.when is not None and starts is not None and day.span.last < starts:
            yield warn(
                step.place,
                f"{step.name} can never start: {span_words(day.span)} is before the plan, {day_words(starts)}",
            )
        return
    if isinstance(step, Ongoing):
        return
    by = planner.desk.resolve(step.by, None, cycle)
    if by is None:
        return
    deadline = day_words(by.span.last)
    if starts is not None and by.span.last < starts:
        yield warn(
            step.place,
            f"{step.name} can never start: its deadline, {deadline}, is before the plan, {day_words(starts)}",
        )
        return
    for event, day in _events_of(planner, step):
        if by.span.last < day.span.first:
            yield warn(
                step.place, f"the deadline of {step.name}, {deadline}, is before its event: {event} is {span_words(day.span)}"
            )  # fmt: skip
            return
    after = planner.desk.resolve(step.after, None, cycle) if isinstance(step, FollowUp) and step.after else None
    if after is not None and after.span.first > by.span.last:
        begins = day_words(after.span.first)
        yield warn(step.place, f"{step.name} can never start: it begins on {begins}, after its deadline, {deadline}")


def _cycle(planner: Planner, step: AnyStep) -> Cycle | None:
    """The last cycle that is planned: what holds for it is not over."""
    return next(reversed(planner.cycles()), None) if step.per_cycle else None


def _after_its_event(step: AnyStep) -> Iterator[Problem]:
    """Invitations for a time at which nobody is invited any more."""
    if isinstance(step, Event) and step.invitations is not None:
        late = [str(slot) for slot in step.invitations.send if isinstance(slot, Fixed) and slot.side is Side.AFTER]
        if late:
            message = (
                f"nobody is invited to {step.name} once it has begun: {listed(late)} never leaves. To thank those who"
            )
            yield warn(step.place, f"{message} came, add a follow_up with “to: {step.name}.attended”")


def _events_of(planner: Planner, step: FollowUp | Target | Task) -> Iterator[tuple[str, Resolved]]:
    """The events that a follow-up comes from, and when they are, as far as a month is known."""
    events = events_before(planner.world, step) if isinstance(step, FollowUp) else []
    for event in sorted(events, key=lambda event: event.name):
        if event.when is not None:
            yield event.name, planner.world.resolver.event(event)


def _may_change(planner: Planner, condition: Condition) -> bool:
    """Whether anything that is recorded, or another cycle, can make another answer of it."""
    anchors = {*planner.workflow.anchors, *planner.workflow.steps, "cycle.due"}
    uses = planner.world.uses(condition)
    return any(kind in _RECORDED or (kind == "date" and name in anchors) for kind, name in uses)


def _parties(planner: Planner, step: AnyStep, condition: Condition) -> int:
    cycle = _cycle(planner, step)
    parties = planner.plannable.parties.values()
    return sum(condition.holds(PartyScope(planner.world, party, cycle)) for party in parties)


def _audience(planner: Planner, step: AnyStep) -> Iterator[Problem]:
    """A step for nobody, whatever is recorded: the roster has no party of that kind."""
    condition = _to(step)
    if condition is None or _may_change(planner, condition) or not planner.plannable.parties:
        return
    if _parties(planner, step, condition) == 0:
        yield warn(step.place, f"{step.name} is for nobody: no party of the roster has “{condition.text}”")


def _to(step: AnyStep) -> Condition | None:
    match step:
        case FollowUp():
            return step.to
        case Event():
            return step.invite
        case Target():
            return step.ask.to if step.ask else None
        case Ongoing():
            return step.about
    return None


def _end(planner: Planner, step: AnyStep) -> Iterator[Problem]:
    """A step whose end nothing can bring about, or that everybody has come to already."""
    chase = chase_of(step)
    if chase is None or _may_change(planner, chase.done):
        return
    done, all_ = _parties(planner, step, chase.done), len(planner.plannable.parties)
    if all_ and done == all_:
        yield warn(step.place, f"{step.name} can never start: “{chase.done.text}” holds for every party already")
    elif done < all_:
        yield warn(step.place, f"{step.name} can never stop: nothing that is recorded makes “{chase.done.text}” true")


def _empty_sets(planner: Planner) -> Iterator[Problem]:
    for found in planner.workflow.sets.values():
        if found.expect is not None or _may_change(planner, found.who) or not planner.plannable.parties:
            continue
        scopes = (PartyScope(planner.world, party) for party in planner.plannable.parties.values())
        if not any(planner.world.in_set(found, scope) for scope in scopes):
            yield warn(found.place, f"the set {found.name} is empty: no party of the roster has “{found.who.text}”")


def _holidays(planner: Planner, letters: list[Letter]) -> Iterator[Problem]:
    """Letters that arrive on a public holiday where their recipient is, where that is known; one warning for each day."""
    contacts = {contact.id: contact for contact in planner.plannable.contacts}
    found: dict[tuple[str, date, str], dict[str, bool]] = {}
    for letter in letters:
        contact = contacts.get(letter.addressee)
        if letter.due_at is None or letter.party is None or contact is None:
            continue
        on = local_date(letter.due_at, letter.zone)
        holiday = _holiday(contact, planner.plannable.parties[letter.party], on)
        if holiday:
            found.setdefault((letter.step, on, holiday), {})[letter.party] = contact.post in _POSTS
    by_step = Counter(name for (name, _, _), parties in found.items() if not any(parties.values()))
    for (name, on, holiday), parties in found.items():
        if by_step[name] > _DAYS_EACH and not any(parties.values()):
            continue
        step = planner.workflow.steps[name]
        avoid = "" if any(parties.values()) else ": “working_days: addressee” at the step avoids it"
        yield warn(
            step.place, f"letters of {name} on {day_words(on)} fall on {holiday} where {listed(list(parties))} read them{avoid}"
        )  # fmt: skip

    for name, days in by_step.items():
        if days > _DAYS_EACH:
            who = {party for (step, _, _), parties in found.items() if step == name for party in parties}
            message = f"letters of {name} fall on days off where {listed(sorted(who))} read them, on {days} days"
            place = planner.workflow.steps[name].place
            yield warn(place, f"{message}: “working_days: addressee” at the step avoids it")


def _holiday(contact: Contact, party: Party, on: date) -> str | None:
    """The public holiday where a contact is; a mere weekend is none."""
    calendar = _POSTS.get(contact.post)
    if calendar is None and known_country(party.id):
        calendar = WorkCalendar(party.id)
    why = calendar.day_off(on) if calendar else None
    return None if why in _WEEKENDS else why


def _too_many(planner: Planner, letters: list[Letter], cap: int) -> Iterator[Problem]:
    """Persons who would get more mails in a week than the cap: what is more waits. One warning for each step that adds one."""
    mails: dict[str, dict[tuple[date, str | None], Letter]] = {}
    for letter in sorted((each for each in letters if _counts(each)), key=lambda each: (each.due_at, each.key)):
        assert letter.due_at is not None
        about = None if letter.addressee in planner.workflow.roles else letter.party  # a role has those of a day in one
        mails.setdefault(letter.person, {}).setdefault((local_date(letter.due_at, letter.zone), about), letter)
    found: dict[str, dict[str, date]] = {}
    for theirs in mails.values():
        of_person = list(theirs.items())
        for ((first, _), _), ((last, party), letter) in zip(of_person, of_person[cap:], strict=False):
            if (last - first).days < WEEK.days:
                found.setdefault(letter.step, {}).setdefault(party or letter.addressee, first)
    for step, parties in found.items():
        since = day_words(min(parties.values()))
        yield warn(
            planner.workflow.steps[step].place,
            f"{step} brings more than {cap} mails within a week, the first from {since}, to {listed(sorted(parties))}:"
            " what is more waits for the next week, or is missed (FOLLOWTHROUGH_WEEKLY_CAP)",
        )


def _counts(letter: Letter) -> bool:
    return bool(letter.due_at and letter.party and letter.person and letter.state == State.SCHEDULED)


_WEEKENDS = {f"a {name}" for name in WEEKDAYS}
