"""A day in the past that a look is asked for."""

from __future__ import annotations

from datetime import date

from engine.definition.dates import parse_span
from engine.errors import Refused


def day_asked(at: str | None, today: date) -> date:
    """The day of `--at`, or today. Raises Refused where it is no day, or one to come."""
    if at is None:
        return today
    try:
        span = parse_span(at)
    except ValueError as error:
        raise Refused(f"--at: {error}") from None
    if span.first != span.last:
        raise Refused(f"--at: “{at}” is more than a day; write one, such as {span.last}")
    if span.first > today:
        raise Refused(f"--at: {span.first} is still to come: today is {today}")
    return span.first
