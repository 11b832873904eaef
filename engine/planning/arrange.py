"""What is late: collapsed into the newest, or missed (guarantee G4). Decides over rows, touches only the people concerned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from engine.definition.cadence import AT_ONCE
from engine.definition.dates import end_of_day, local_date
from engine.letter import NOTICES, Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.changes import Action, Change
from engine.planning.world.schedule import Hours

UNDECIDED = "nobody approved it in time"
_ON_TIME = timedelta(hours=1)


def arrange(rows: Iterable[Recorded], now: datetime) -> list[Change]:
    """The rows that are due and will not be sent any more: stale ones first, then all but the newest of each person's."""
    late = [row for row in rows if row.state in UNSENT and row.due_at <= now]
    changes = [Change(Action.MISS, row.key, _stale_words(row)) for row in late if _stale(row, now)]
    return [*changes, *collapse(late, now)]


def collapse(late: Iterable[Recorded], now: datetime) -> list[Change]:
    """Of letters that are late and may leave all the same, all but the newest of each addressee, step and cycle."""
    changes: list[Change] = []
    newest: dict[tuple[str, str | None, str, str | None, str], Recorded] = {}
    for row in sorted(late, key=lambda row: (row.due_at, row.id)):
        if not row.ordinary or _stale(row, now):
            continue
        place = (row.workflow, row.cycle, row.step, row.party, row.addressee)
        older = newest.get(place)
        if older is not None:
            changes.append(Change(Action.MISS, older.key, f"late together with {row.slot}, which goes instead"))
        newest[place] = row
    return changes


def go_along(claimed: Iterable[Recorded], ready: Iterable[Recorded], *, now: datetime) -> list[Recorded]:
    """Of what is ready for the persons of claimed letters, what leaves with these: all that is due, and what falls due
    later today, theirs. A notice, which leaves whenever something is asked, brings nothing forward.
    """
    fetching = {row.person for row in claimed if row.template not in NOTICES}
    return [
        row for row in ready
        if (row.retry_at is None or row.retry_at <= now)
        and (row.due_at <= now or (row.person in fetching and _same_day(row, now)))
    ]  # fmt: skip


def _same_day(row: Recorded, now: datetime) -> bool:
    return local_date(row.due_at, row.zone) == local_date(now, row.zone)


WEEK = timedelta(days=7)


class HeldBack(NamedTuple):
    """Until when a letter waits (UTC), and whether for the week's cap; else since its person had a mail today already."""

    until: datetime
    for_week: bool


def hold_back(
    due: Iterable[Recorded], left: Mapping[str, Sequence[datetime]], cap: int, now: datetime
) -> dict[str, HeldBack]:
    """The letters that wait since their person has had enough (by key): one mail a day, `cap` in seven days (0: any).

    `left` says when the mails of the last week left, of all plans, by person. Letters of one party to one person count as
    one mail, since they leave as one. What is no reminder (thanks, word of another day) waits for neither, and neither does
    what goes to a role, which has work to do.
    """
    waiting: dict[str, HeldBack] = {}
    gone: dict[str, list[datetime]] = {}
    with_it: set[tuple[str, str | None]] = set()
    for row in sorted(due, key=lambda row: (row.due_at, row.id)):
        if row.party is None or not row.ordinary or not row.person or (row.person, row.party) in with_it:
            continue
        week = gone.setdefault(row.person, sorted(at for at in left.get(row.person, ()) if at > now - WEEK))
        today = local_date(now, row.zone)
        if cap and len(week) >= cap:
            waiting[row.key] = HeldBack(week[-cap] + WEEK, True)
        elif any(at < now and local_date(at, row.zone) == today for at in week):
            waiting[row.key] = HeldBack(end_of_day(today, row.zone), False)
        else:
            week.append(now)
            with_it.add((row.person, row.party))
    return waiting


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
    if row.retry_at is not None and not row.attempts:
        return f"too late to be sent: {row.reason}"
    return "too late to be sent: it was not sent in time"
