"""The mornings on which a person is written to about all their plans at once: a digest's, and the last before a deadline.

Both are sending times of a role (its hour, its zone, a working day of its plan). Nothing here knows what “now” is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.definition.dates import local_date
from engine.definition.people import DigestRule
from engine.letter import Recorded
from engine.planning.world.schedule import Hours


def next_digest(rule: DigestRule, hours: Hours, after: datetime) -> datetime:
    """The first instant of a digest that is not before `after` (UTC).

    A daily one comes on each working day. A weekly one whose day is off comes on the next working day, and the week
    after is on its own day again.
    """
    if rule.weekday is None:
        return hours.first_after(after)[1]
    on = local_date(after, hours.zone)
    day = on - timedelta(days=on.weekday() + 7 - rule.weekday)
    while (at := hours.at(hours.calendar.later(day))) < after:
        day += timedelta(weeks=1)
    return at


def last_morning(limit: datetime, hours: Hours) -> datetime:
    """The last sending time on a working day before the day of an instant."""
    return hours.at(hours.calendar.earlier(local_date(limit, hours.zone) - timedelta(days=1)))


def bring_up_at(row: Recorded, hours: Hours) -> datetime | None:
    """When a letter that still waits for approval is brought up once more: once, and never sooner than it was asked for.

    That is the last working morning before it is due; where it was asked for only after that, the last one before it
    goes stale. None where that is past, too: then it was asked for at once, as urgent.
    """
    asked = row.asked_at or row.created_at
    mornings = (last_morning(limit, hours) for limit in (row.due_at, row.stale_at) if limit is not None)
    return next((morning for morning in mornings if morning > asked), None)
