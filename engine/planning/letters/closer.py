"""A cadence once letters have left and its date has moved (language, “Cadence”).

What has left stays where it left. Of the fixed slots whose time a recording put into the past, the newest goes at the
next sending time and the rest are missed, until they lie ahead again. A date that moved into the past sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from engine.definition.cadence import Slot
from engine.definition.dates import DateExpr, Span, end_of_day, local_date
from engine.definition.people import Party
from engine.planning.letters.writing import Placed
from engine.planning.world.cycles import Cycle
from engine.planning.world.desk import Desk
from engine.planning.world.history import Past
from engine.planning.world.resolve import Resolved
from engine.planning.world.schedule import Frame, Hours, Slotted, absorb

_JUST_BEFORE = timedelta(microseconds=1)


class Move(NamedTuple):
    """A recording that moved a date: the how-manieth that may have, when (UTC), and the days before and after."""

    number: int
    at: datetime
    before: Resolved
    after: Resolved


def moves_of(desk: Desk, expr: DateExpr, party: Party | None, cycle: Cycle | None) -> Iterator[Move]:
    """Each move of a date to days that are fixed, oldest first."""
    resolver = desk.world.resolver
    for number, at in enumerate(resolver.changes(expr), start=1):
        before = resolver.resolve(expr, party, cycle, at - _JUST_BEFORE)
        after = resolver.resolve(expr, party, cycle, at)
        if before is not None and after is not None and after.firm and before.span != after.span:
            yield Move(number, at, before, after)


def after_moves(
    desk: Desk, send: Sequence[Slot], frame: Frame, hours: Hours, moves: Sequence[Move], sent: Mapping[str, Past]
) -> Placed:
    """The slots of a cadence after each move of its date. `sent` holds those that have left for this addressee."""
    if not moves and not sent:
        return Placed(desk.schedule(send, frame, hours))
    late, missed = _passed(desk, send, frame, hours, moves, sent)
    slots = desk.schedule(send, frame, hours)
    late |= {slot.slot: _where_it_left(slot, sent[slot.slot], hours) for slot in slots if slot.slot in sent}
    placed = [late.get(slot.slot, slot) for slot in slots]
    if missed or any(was.day != now.day for was, now in zip(slots, placed, strict=True)):
        gone = [slot._replace(absorbed_by=None) for slot in placed if slot.slot in missed]
        placed = [*absorb([slot for slot in placed if slot.slot not in missed], frame.apart), *gone]
    return Placed(sorted(placed, key=lambda slot: (slot.due_at, slot.order)), missed)


def _passed(
    desk: Desk, send: Sequence[Slot], frame: Frame, hours: Hours, moves: Sequence[Move], sent: Mapping[str, Past]
) -> tuple[dict[str, Slotted], dict[str, str]]:
    """The slots that go at the next sending time after a move, and why others are missed."""
    late: dict[str, Slotted] = {}
    missed: dict[str, str] = {}
    for _, at, old, new in moves:
        if at <= frame.activation or not old.firm:
            continue
        before = {slot.slot: slot for slot in desk.schedule(send, replace(frame, target=old.span), hours)} | late
        after = desk.schedule(send, replace(frame, target=new.span), hours)
        passed = [slot for slot in after if slot.fixed and not slot.absorbed_by and _passes(slot, at, before, sent)]
        for slot in (*passed, *(slot for slot in after if slot.due_at >= at)):
            late.pop(slot.slot, None)
            missed.pop(slot.slot, None)
        newest = None
        if end_of_day(new.span.last, desk.workflow.timezone) > at and passed:
            newest = max(passed, key=lambda slot: (slot.due_at, slot.order))
            late[newest.slot] = _at_once(newest, at, hours)
        missed |= {slot.slot: _why(old.span, new.span, newest) for slot in passed if slot is not newest}
    if frame.ends_at is not None:
        in_vain = [slot for slot in late.values() if slot.due_at >= frame.ends_at]
        missed |= {slot.slot: f"{slot.reason}, which left no time for it" for slot in in_vain}
    return late, {slot: why for slot, why in missed.items() if slot not in sent}


def _passes(slot: Slotted, at: datetime, before: Mapping[str, Slotted], sent: Mapping[str, Past]) -> bool:
    """Whether the recording of `at` put a slot into the past that was still to come, and had not left."""
    entry, was = sent.get(slot.slot), before.get(slot.slot)
    if slot.due_at >= at or (was is not None and was.due_at < at):
        return False
    return entry is None or entry.left_at >= at


def _at_once(slot: Slotted, at: datetime, hours: Hours) -> Slotted:
    on, due = hours.first_after(at)
    reason = f"{slot.reason}; at once, since the date moved closer"
    return slot._replace(day=on, due_at=due, stale_at=hours.stale(on), reason=reason)


def _where_it_left(slot: Slotted, entry: Past, hours: Hours) -> Slotted:
    return slot._replace(day=local_date(entry.due_at, hours.zone), due_at=entry.due_at)


def _why(old: Span, new: Span, newest: Slotted | None) -> str:
    if newest is None:
        return f"its date moved into the past ({new})"
    return f"the date moved closer ({old} → {new}); {newest.slot} goes instead"
