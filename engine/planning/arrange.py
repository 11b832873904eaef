"""What is late: collapsed into the newest, or missed (guarantee G4). Decides over rows, touches only the people concerned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from engine.definition.cadence import AT_ONCE
from engine.letter import Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.changes import Action, Change
from engine.planning.schedule import Hours

UNDECIDED = "nobody approved it in time"
_ON_TIME = timedelta(hours=1)


def arrange(rows: Iterable[Recorded], now: datetime) -> list[Change]:
    """The rows that are due and will not be sent any more: stale ones first, then all but the newest of each person's."""
    late = [row for row in rows if row.state in UNSENT and row.due_at <= now]
    changes = [Change(Action.MISS, row.key, _stale_words(row)) for row in late if _stale(row, now)]
    gone = {change.key for change in changes}
    newest: dict[tuple[str, str | None, str, str | None, str], Recorded] = {}
    for row in sorted(late, key=lambda row: (row.due_at, row.id)):
        if row.key in gone or not row.ordinary:
            continue
        place = (row.workflow, row.cycle, row.step, row.party, row.addressee)
        older = newest.get(place)
        if older is not None:
            changes.append(Change(Action.MISS, older.key, f"late together with {row.slot}, which goes instead"))
        newest[place] = row
    return changes


def postpone(row: Recorded, now: datetime, hours: Hours) -> datetime | None:
    """Until when a letter that is late has to wait, so as not to arrive at night or on a day off; None: it may leave.

    A letter on time leaves at the addressee's hour by itself. One that was approved late, or held up, leaves on a
    working day from that hour on, for the length of an office day (guarantee G6).
    """
    if now - row.due_at < _ON_TIME:
        return None
    return None if hours.open_at(now) else hours.first_after(now)[1]


def _stale(row: Recorded, now: datetime) -> bool:
    """Whether it is too late. `at once` is never dropped for being late, only for want of a decision."""
    if row.stale_at is None or now < row.stale_at:
        return False
    return row.slot != AT_ONCE or row.state == State.AWAITING_APPROVAL


def _stale_words(row: Recorded) -> str:
    if row.state == State.AWAITING_APPROVAL:
        return UNDECIDED
    return "too late to be sent: it was not sent in time"
