"""Who was told what day: for each party and each date that letters speak of, what its people know by our letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from engine.definition import facts
from engine.definition.dates import DateExpr, Span, end_of_day
from engine.definition.facts import Subject
from engine.definition.people import Party
from engine.definition.words import span_words
from engine.definition.workflow import AnyStep, Event
from engine.planning.letters.case import Chase, case_of, chase_of
from engine.planning.letters.chase import open_deadline, plan_chase
from engine.planning.letters.deadline_prompts import may_ask_about_told
from engine.planning.letters.said import deadline_said, event_said, has_moved, is_off, last_day, last_letter
from engine.planning.planner import Planner
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.deadlines import deadline_of
from engine.planning.world.desk import Desk
from engine.planning.world.history import Past
from engine.planning.world.scope import PartyScope


class Holds(StrEnum):
    """How what somebody was told stands to what holds now."""

    STILL_SO = "still so"
    OTHERWISE = "otherwise"
    """Another day holds now, and they do not know it."""
    EXTENDED = "extended"
    """An extension gave the party another day, which its next letter tells."""
    NOT_FIXED = "not fixed"
    """The day is not known any more: nobody is told of that before it is fixed."""
    SETTLED = "settled"
    """It does not matter to them any more: they are done, or it is over."""


class Told(NamedTuple):
    """What one addressee of a party was last told of a date: `day` (None: that the event is off), in the letter `key`.

    `at` is when that left (UTC), `now` the day that holds (None: the event is off), `why` says why it is settled.
    """

    step: str
    cycle: str | None
    party: str
    addressee: str
    slot: str
    key: str
    at: datetime
    day: Span | None
    now: Span | None
    holds: Holds
    why: str = ""

    @property
    def wrong(self) -> bool:
        """Whether they know another day than the one that holds."""
        return self.holds is Holds.OTHERWISE


def told(planner: Planner, party_id: str, steps: Set[str] | None = None) -> list[Told]:
    """What each addressee of a party was last told of each date, in the plan's order; of some steps or (None) of all.

    The history must hold the letters that left to the party.
    """
    party = planner.plannable.parties[party_id]
    found: list[Told] = []
    for step in planner.workflow.steps.values():
        if steps is not None and step.name not in steps:
            continue
        if isinstance(step, Event):
            found += _of_event(planner.desk, step, party)
        elif chase := chase_of(step):
            for cycle in planner.cycles_of(step):
                found += _of_deadline(planner.desk, chase, party, cycle)
    return found


def asking_about_told(planner: Planner) -> list[str]:
    """The steps whose owner may have to be asked about those who were told another day: to plan that for the steps'
    owners takes the letters of these steps that left to any party."""
    return [step.name for step in planner.workflow.steps.values() if may_ask_about_told(planner.desk, step)]


def moved_steps(planner: Planner) -> list[str]:
    """The steps that write to parties and whose date may be another one than at first."""
    return [step.name for step in planner.workflow.steps.values() if _may_have_moved(planner, step)]


def _may_have_moved(planner: Planner, step: AnyStep) -> bool:
    if isinstance(step, Event):
        line = planner.desk.lineage.step(step.name)
        off = planner.book.history(facts.CANCELLED, Subject(step=step.name))
        return bool(off or line.date_since > line.since or planner.world.resolver.changes(DateExpr(step.name)))
    chase = chase_of(step)
    return chase is not None and has_moved(planner.desk, chase.step)


def wrong_first(found: Iterable[Told]) -> list[Told]:
    """Those who know another day first, then those who will be told, then the others."""
    order = [Holds.OTHERWISE, Holds.EXTENDED, Holds.NOT_FIXED, Holds.STILL_SO, Holds.SETTLED]
    return sorted(found, key=lambda each: order.index(each.holds))


def day_told(day: Span | None) -> str:
    """A day that was told, in words."""
    return span_words(day) if day is not None else "that it is off"


def _addressees(desk: Desk, party: Party, letters: Sequence[Past]) -> Iterator[tuple[str, Past]]:
    """Each addressee that a letter told a day, with the newest that reached them, whichever of their posts it was to."""
    same = {each: ids for _, ids in desk.recipients.persons(party.id) for each in ids}
    for addressee in dict.fromkeys(entry.addressee for entry in sorted(letters, key=lambda entry: entry.key)):
        if last_letter(letters, {addressee}) is not None:
            last = last_letter(letters, same.get(addressee, {addressee}))
            assert last is not None
            yield addressee, last


def _of_event(desk: Desk, step: Event, party: Party) -> Iterator[Told]:
    day, off = desk.world.resolver.event(step), is_off(desk, step) is not None
    now = None if off else day.span
    why = ""
    if PartyScope(desk.world, party).flag(step.name, facts.HELD):
        why = "it was held"
    elif not off and day.firm and end_of_day(day.span.last, desk.workflow.timezone) <= desk.now:
        why = "its day has passed"
    for addressee, last in _addressees(desk, party, desk.history.of(step.name, None, party.id)):
        said, gone = event_said(desk, step, last), why or _gone(desk, party, addressee)
        holds = _holds(said == now, settled=bool(gone), firm=off or day.firm)
        yield Told(
            step.name, None, party.id, addressee, last.slot, last.key, last.left_at, said, now, holds, gone,
        )  # fmt: skip


def _of_deadline(desk: Desk, chase: Chase, party: Party, cycle: Cycle | None) -> Iterator[Told]:
    step, name = chase.step, cycle_name(cycle)
    addressees = list(_addressees(desk, party, desk.history.of(step.name, name, party.id)))
    if not addressees:
        return
    case = case_of(desk, chase, party, cycle)
    by = open_deadline(desk, case)
    why = "" if by is not None else plan_chase(desk, chase, party, cycle).silence or "it is over"
    known = by or deadline_of(desk.world, step, party, cycle)
    if known is None:
        return
    for addressee, last in addressees:
        said, gone = deadline_said(desk, step, party, cycle, last), why or _gone(desk, party, addressee)
        now = last_day(known)
        extended = case.round.by is not None and last.round < case.round.number
        holds = _holds(said == now, settled=bool(gone), firm=known.firm, extended=extended)
        yield Told(
            step.name, name, party.id, addressee, last.slot, last.key, last.left_at, said, now, holds, gone,
        )  # fmt: skip


def _gone(desk: Desk, party: Party, addressee: str) -> str:
    """Why nobody needs to be told of anything any more: the contact is not written to."""
    known = any(contact.id == addressee for contact in desk.recipients.contacts(party.id))
    return "" if known else f"{addressee} is not written to any more"


def _holds(same: bool, *, settled: bool, firm: bool, extended: bool = False) -> Holds:
    if settled:
        return Holds.SETTLED
    if not firm:
        return Holds.NOT_FIXED
    if same:
        return Holds.STILL_SO
    return Holds.EXTENDED if extended else Holds.OTHERWISE
