"""Pauses of one party's follow-up: a snooze until a day, or the days after a call (language, “Built-in facts”).

What falls due in a pause does not leave in it. The last of it leaves at the first sending time after the pause, unless
the next slot is near or the day it is about has passed; the others give way to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from engine.definition import facts
from engine.definition.dates import parse_span
from engine.definition.facts import Subject
from engine.definition.words import day_words
from engine.planning.case import Case
from engine.planning.desk import Desk
from engine.planning.schedule import Hours, Slotted


class Pause(NamedTuple):
    """From when to when nothing leaves (UTC), and why."""

    since: datetime
    until: datetime
    why: str


def pauses_of(desk: Desk, case: Case) -> list[Pause]:
    """The pauses of a party in a step, in the order in which they begin."""
    book = desk.world.book
    if not book.taken_in(facts.SNOOZED_UNTIL) and not book.taken_in(facts.CONTACTED):
        return []
    step, cycle, party = case.place
    found = []
    snooze = book.last_recorded(facts.SNOOZED_UNTIL, Subject(party=party, step=step, cycle=cycle))
    if snooze is not None:
        on = parse_span(snooze.value).first
        found.append(Pause(snooze.recorded_at, desk.day_start(on), f"snoozed until {day_words(on)}"))
    for fact in book.series(facts.CONTACTED, Subject(party=party, step=step)):
        if fact.value != "no":
            on = fact.true.first
            until = desk.day_start(on + timedelta(days=case.chase.cadence.apart))
            found.append(Pause(fact.recorded_at, until, f"spoken with on {day_words(on)}"))
    return sorted(pause for pause in found if pause.since < pause.until)


def paused(
    slots: Sequence[Slotted], pauses: Sequence[Pause], hours: Hours, *, apart: int, by: date, ends_at: datetime | None,
    left: Collection[str], missed: Mapping[str, str],
) -> tuple[list[Slotted], dict[str, str]]:  # fmt: skip
    """The slots as pauses leave them, and why some are missed (slot → words). `left` are those that have left."""
    placed, gone = list(slots), dict(missed)
    for pause in pauses:
        open_ = [
            slot for slot in placed if slot.absorbed_by is None and slot.slot not in left and slot.slot not in gone
        ]
        within = [slot for slot in open_ if pause.since <= slot.due_at < pause.until]
        if not within:
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
    return sorted(placed, key=lambda slot: (slot.due_at, slot.order)), gone
