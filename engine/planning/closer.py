"""A date that moved closer: what thereby passed unsent (language, “Cadence”).

Of the fixed slots whose time a recording put into the past, the newest goes at the next sending time and the rest are
missed. A date that moved into the past altogether sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.definition.cadence import Slot
from engine.definition.dates import Span, end_of_day
from engine.planning.desk import Desk
from engine.planning.resolve import Resolved
from engine.planning.schedule import Frame, Hours, Slotted

_JUST_BEFORE = timedelta(microseconds=1)

AsKnown = Callable[[datetime], Resolved | None]


def after_moves(
    desk: Desk,
    send: Sequence[Slot],
    frame: Frame,
    hours: Hours,
    changes: Sequence[datetime],
    as_known: AsKnown,
    sent: set[str],
) -> tuple[list[Slotted], dict[str, str]]:
    """The slots of a cadence after each recorded move of its date, and why some of them are missed (slot → words).

    `changes` are the recordings (UTC) that may have moved the date, `as_known` tells what it was at an instant, `sent`
    names the slots that have left.
    """
    slots = list(desk.schedule(send, frame, hours))
    missed: dict[str, str] = {}
    for at in changes:
        old, new = as_known(at - _JUST_BEFORE), as_known(at)
        if at <= frame.activation or old is None or new is None or not (old.firm and new.firm) or old.span == new.span:
            continue
        for slot in _passed(desk, send, frame, hours, (old.span, new.span), at, sent, missed):
            on, due = hours.first_after(at)
            taken = next(
                (other for other in slots if other.slot != slot.slot and other.day == on and not other.absorbed_by),
                None,
            )
            moved = slot._replace(
                day=on, due_at=due, stale_at=hours.stale(on), reason=f"{slot.reason}; at once, since the date moved closer",
                absorbed_by=taken.slot if taken else None,
            )  # fmt: skip
            slots = [moved if other.slot == slot.slot else other for other in slots]
    return sorted(slots, key=lambda slot: (slot.due_at, slot.order)), missed


def _passed(
    desk: Desk, send: Sequence[Slot], frame: Frame, hours: Hours, spans: tuple[Span, Span], at: datetime,
    sent: set[str], missed: dict[str, str],
) -> list[Slotted]:  # fmt: skip
    """The slot to send now (at most one); the others that passed are put into `missed`."""
    old, new = spans
    before = {slot.slot: slot for slot in desk.schedule(send, replace(frame, target=old), hours)}
    passed = [
        slot
        for slot in desk.schedule(send, replace(frame, target=new), hours)
        if slot.fixed and not slot.absorbed_by and slot.due_at < at and slot.slot not in sent
        and (slot.slot not in before or before[slot.slot].due_at >= at)
    ]  # fmt: skip
    if not passed:
        return []
    if end_of_day(new.last, desk.workflow.timezone) <= at:
        missed.update({slot.slot: f"its date moved into the past ({new})" for slot in passed})
        return []
    newest = max(passed, key=lambda slot: (slot.due_at, slot.order))
    missed.update(
        {
            slot.slot: f"the date moved closer ({old} → {new}); {newest.slot} goes instead"
            for slot in passed
            if slot != newest
        }
    )
    missed.pop(newest.slot, None)
    return [newest]
