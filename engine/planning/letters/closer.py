"""A cadence once letters have left and its date has moved (language, “Cadence”).

What has left stays where it left. Of the fixed slots whose time a recording put into the past, the newest goes at the
next sending time and the rest are missed, until they lie ahead again. A date that moved into the past sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.definition.cadence import Slot
from engine.definition.dates import Span, end_of_day, local_date
from engine.planning.world.desk import Desk
from engine.planning.world.history import Past
from engine.planning.world.resolve import Resolved
from engine.planning.world.schedule import Frame, Hours, Slotted, absorb

_JUST_BEFORE = timedelta(microseconds=1)

AsKnown = Callable[[datetime], Resolved | None]


def after_moves(
    desk: Desk,
    send: Sequence[Slot],
    frame: Frame,
    hours: Hours,
    changes: Sequence[datetime],
    as_known: AsKnown,
    sent: Mapping[str, Past],
) -> tuple[list[Slotted], dict[str, str]]:
    """The slots of a cadence after each recorded move of its date, and why some of them are missed (slot → words).

    `changes` are the recordings (UTC) that may have moved the date, `as_known` tells what it was at an instant, `sent`
    holds the slots that have left for this addressee.
    """
    late, missed = _passed(desk, send, frame, hours, changes, as_known, sent)
    slots = list(desk.schedule(send, frame, hours))
    late |= {slot.slot: _where_it_left(slot, sent[slot.slot], hours) for slot in slots if slot.slot in sent}
    placed = [late.get(slot.slot, slot) for slot in slots]
    if missed or any(was.day != now.day for was, now in zip(slots, placed, strict=True)):
        gone = [slot._replace(absorbed_by=None) for slot in placed if slot.slot in missed]
        placed = [*absorb([slot for slot in placed if slot.slot not in missed], frame.apart), *gone]
    return sorted(placed, key=lambda slot: (slot.due_at, slot.order)), missed


def _passed(
    desk: Desk,
    send: Sequence[Slot],
    frame: Frame,
    hours: Hours,
    changes: Sequence[datetime],
    as_known: AsKnown,
    sent: Mapping[str, Past],
) -> tuple[dict[str, Slotted], dict[str, str]]:
    """The slots that go at the next sending time after a move, and why others are missed."""
    late: dict[str, Slotted] = {}
    missed: dict[str, str] = {}
    for at in changes:
        old, new = as_known(at - _JUST_BEFORE), as_known(at)
        if at <= frame.activation or old is None or new is None or not (old.firm and new.firm) or old.span == new.span:
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
    return entry is None or (entry.sent_at or entry.due_at) >= at


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
