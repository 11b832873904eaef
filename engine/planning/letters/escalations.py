"""Word to a role of a party that has not answered: after so many letters, or when the deadline is near."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from engine.definition.cadence import is_request
from engine.definition.dates import end_of_day, local_date
from engine.definition.people import Contact
from engine.definition.words import day_words
from engine.definition.workflow import Escalation
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.letters.case import Case, ends_at
from engine.planning.letters.pauses import OPEN, Pause
from engine.planning.letters.said import moved_at
from engine.planning.letters.writing import key_of
from engine.planning.world.desk import Desk
from engine.planning.world.history import Past
from engine.planning.world.resolve import Resolved
from engine.planning.world.schedule import Hours, Slotted, moved_words

_LATE = timedelta(hours=1)


class _Word(NamedTuple):
    """When a role would be told (UTC, a sending time of its own), and why."""

    due: datetime
    reason: str


def escalations(
    desk: Desk, case: Case, by: Resolved, slots: Sequence[Slotted], first: Contact, pauses: Sequence[Pause]
) -> Iterator[Letter]:
    """One letter for each rule of a step, in each round. `slots` are those still to come for `first`, the first addressee.

    Nobody is told “without an answer” while one is looked at.
    """
    leaves, end = _leave_at(desk, case, slots, first), ends_at(desk, case)
    for rule in case.chase.escalate:
        if not desk.can_write_to(rule.to):
            continue
        hours = desk.role_hours(rule.to)
        words = [*_after(case, rule, leaves, hours, pauses), *_near(desk, case, rule, by, leaves, hours, pauses)]
        word = min(words, default=None)
        if word is not None and (end is None or word.due < end):
            yield _letter(desk, case, rule, word, hours)


def _letter(desk: Desk, case: Case, rule: Escalation, word: _Word, hours: Hours) -> Letter:
    _, cycle, party = case.place
    key = str(key_of(desk, case, rule.to, rule.slot))
    left = next((entry for entry in desk.history.of(*case.place) if entry.key == key and entry.sent), None)
    due = left.due_at if left is not None else word.due  # what was sent stays where it left, wherever the date goes
    on = local_date(due, hours.zone)
    return desk.prompt(
        case.step, rule.to, rule.slot, due, rule.letter, word.reason, cycle=cycle, party=party,
        number=case.round.number, ordinary=False, stale_at=hours.stale(on),
    )  # fmt: skip


def _after(
    case: Case, rule: Escalation, leaves: Sequence[datetime], hours: Hours, pauses: Sequence[Pause]
) -> Iterator[_Word]:
    """The working day after the n-th letter of a round: those that reached the party, and those still to come."""
    if rule.after is None or len(leaves) < rule.after:
        return
    due = _once_looked_at(hours.first_after(leaves[rule.after - 1] + timedelta(days=1))[1], hours, pauses)
    if due is not None:
        on = day_words(local_date(due, hours.zone))
        yield _Word(due, f"{rule.after} letters to {case.party.name} without an answer by {on}")


def _near(
    desk: Desk, case: Case, rule: Escalation, by: Resolved, leaves: Sequence[datetime], hours: Hours,
    pauses: Sequence[Pause],
) -> Iterator[_Word]:  # fmt: skip
    """So long before the deadline, from a day off earlier; at once where the deadline moved that near. Only for a party
    that was written to by then."""
    if rule.before is None:
        return
    last = by.span.last
    day = hours.calendar.move(last, rule.before, -1)
    on = hours.calendar.earlier(day)
    due = max(hours.at(on), hours.first_after(moved_at(desk, case.chase.step, case.party.id, case.cycle))[1])
    looked_at = _once_looked_at(due, hours, pauses)
    if looked_at is None or looked_at >= end_of_day(last, desk.workflow.timezone):
        return
    if not any(at < looked_at for at in [*leaves, *_before(desk, case)]):
        return
    reason = f"{rule.before} before {day_words(last)}{moved_words(day, on, hours.calendar)}"
    yield _Word(looked_at, f"{reason}, and {case.party.name} is not done")


def _before(desk: Desk, case: Case) -> Iterator[datetime]:
    """When letters of earlier rounds reached the party."""
    return (entry.left_at for entry in desk.history.of(*case.place) if is_request(entry.slot) and entry.reached)


def _once_looked_at(due: datetime, hours: Hours, pauses: Sequence[Pause]) -> datetime | None:
    """A sending time, or the first once an answer that waits then was looked at; None while one is."""
    for pause in pauses:
        if pause.strict and pause.since <= due < pause.until:
            if pause.until == OPEN:
                return None
            due = hours.first_after(pause.until)[1]
    return due


def _leave_at(desk: Desk, case: Case, slots: Sequence[Slotted], first: Contact) -> list[datetime]:
    """When each letter of a round left or will leave, in order: one for each slot, whoever got it."""
    left: dict[str, datetime] = {}
    for entry in desk.history.sent(*case.place, case.round.number):
        if is_request(entry.slot) and entry.reached:
            left.setdefault(entry.slot, _leaves(entry.due_at, entry.left_at))
    prefix = str(key_of(desk, case, first.id, ""))
    rows = {entry.key: entry for entry in desk.history.of(*case.place)}
    for slot in slots:
        if slot.slot not in left and not slot.absorbed_by and _will_leave(slot, rows.get(prefix + slot.slot), desk.now):
            left[slot.slot] = _leaves(slot.due_at, desk.now)
    return sorted(left.values())


def _leaves(due_at: datetime, at: datetime) -> datetime:
    """When a letter leaves that leaves at an instant or, if that is to come, when it is due."""
    return at if at - due_at > _LATE else due_at


def _will_leave(slot: Slotted, row: Past | None, now: datetime) -> bool:
    if slot.due_at >= now:
        return row is None or row.state != State.FAILED
    return row is not None and not row.sent and row.state not in (State.MISSED, State.FAILED, State.WITHDRAWN)
