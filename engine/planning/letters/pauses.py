"""Pauses of one party's follow-up: a snooze until a day, the days after a call, an answer that waits for a decision.

What falls due in a pause does not leave in it. The last of it leaves at the first sending time after the pause, unless
the next slot is near or the day it is about has passed; the others give way to it. While nobody knows when a pause ends,
all that falls due in it waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from engine.definition import facts
from engine.definition.cadence import AT_ONCE
from engine.definition.dates import local_date, parse_span
from engine.definition.facts import Subject
from engine.definition.words import day_words
from engine.planning.letters.case import Case
from engine.planning.letters.writing import Placed
from engine.planning.world.desk import Desk
from engine.planning.world.schedule import Hours, Slotted

OPEN = datetime.max.replace(tzinfo=UTC)
"""The end of a pause that somebody has yet to end."""


class Pause(NamedTuple):
    """From when to when nothing leaves (UTC; OPEN: until somebody decides), and why.

    A `strict` one also holds back what was due before it and has not left.
    """

    since: datetime
    until: datetime
    why: str
    strict: bool = False


def pauses_of(desk: Desk, case: Case) -> list[Pause]:
    """The pauses of a party in a step, in the order in which they begin."""
    book = desk.world.book
    if not any(map(book.taken_in, (facts.SNOOZED_UNTIL, facts.CONTACTED, facts.ANSWERED))):
        return []
    step, cycle, party = case.place
    found = list(_answered(desk, case))
    snooze = book.last_recorded(facts.SNOOZED_UNTIL, Subject(party=party, step=step, cycle=cycle))
    if snooze is not None:
        on = parse_span(snooze.value).first
        found.append(Pause(snooze.recorded_at, desk.day_start(on), f"snoozed until {day_words(on)}"))
    for fact in book.series(facts.CONTACTED, Subject(party=party, step=step)):
        if fact.yes:
            on = fact.true.first
            until = desk.day_start(on + timedelta(days=case.cadence.apart))
            found.append(Pause(fact.recorded_at, until, f"spoken with on {day_words(on)}"))
    return sorted(pause for pause in found if pause.since < pause.until)


def _answered(desk: Desk, case: Case) -> Iterator[Pause]:
    """The pauses for answers of a party at a step: each from the first that waited until none did."""
    step, cycle, party = case.place
    standing = [
        fact for fact in desk.world.book.history(facts.ANSWERED, Subject(party=party, step=step, cycle=cycle))
        if fact.live()
    ]  # fmt: skip
    since: datetime | None = None
    for fact in sorted(standing, key=lambda fact: fact.recording):
        if fact.yes:
            since = since or fact.recorded_at
        elif since is not None:
            yield Pause(since, fact.recorded_at, f"the answer of {_day(desk, since)} was looked at", True)
            since = None
    if since is not None:
        why = f"an answer from {case.party.name} ({_day(desk, since)}) waits for a decision"
        yield Pause(since, OPEN, why, True)


def _day(desk: Desk, at: datetime) -> str:
    return day_words(local_date(at, desk.workflow.timezone))


def paused(
    found: Placed, pauses: Sequence[Pause], hours: Hours, *, apart: int, by: date, ends_at: datetime | None,
    left: Collection[str], unsent: Collection[str],
) -> Placed:  # fmt: skip
    """The slots of one addressee as pauses leave them. `left` are those that have left, `unsent` those that still may."""
    placed, gone, waiting = list(found.slots), dict(found.missed), dict[str, str]()
    for pause in pauses:
        open_ = [
            slot for slot in placed if slot.absorbed_by is None and slot.slot not in left and slot.slot not in gone
        ]
        within = [
            slot for slot in open_
            if pause.since <= slot.due_at < pause.until or (pause.strict and slot.slot in unsent and _late(slot, pause))
        ]  # fmt: skip
        if not within:
            continue
        if pause.until is OPEN:
            waiting |= {slot.slot: pause.why for slot in within}
            continue
        last = within[-1]
        on, due = hours.first_after(pause.until)
        after = (slot for slot in placed if slot.absorbed_by is None and slot.slot not in gone)
        following = next((slot for slot in after if slot.due_at >= pause.until), None)
        changed = {slot.slot: slot._replace(absorbed_by=last.slot) for slot in within[:-1]}
        if following is not None and (following.day - on).days < apart:
            changed[last.slot] = last._replace(absorbed_by=following.slot)
        elif last.day <= by < on or (ends_at is not None and due >= ends_at):
            gone[last.slot] = f"{pause.why}, and its day passed"
        else:
            reason = f"{last.reason}; {pause.why}"
            changed[last.slot] = last._replace(day=on, due_at=due, stale_at=hours.stale(on), reason=reason)
        placed = [changed.get(slot.slot, slot) for slot in placed]
    return Placed(sorted(placed, key=lambda slot: (slot.due_at, slot.order)), gone, waiting)


def _late(slot: Slotted, pause: Pause) -> bool:
    """Whether a slot was due before a pause, and might still have left when it began."""
    return slot.due_at < pause.since and (pause.since < slot.stale_at or slot.slot == AT_ONCE)
