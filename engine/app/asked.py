"""What a person gives with something that is to be done: days and words."""

from __future__ import annotations

from datetime import date

from engine.definition.dates import parse_span
from engine.definition.syntax.written import prose
from engine.errors import Refused


def day_asked(at: str | None, today: date) -> date:
    """The day of `--at`, or today. Raises Refused where it is no day, or one to come."""
    if at is None:
        return today
    day = written_day(at, "--at")
    if day > today:
        raise Refused(f"--at: {day} is still to come: today is {today}")
    return day


def written_day(text: str, option: str) -> date:
    """The day that an option gives. Raises Refused, which names the option, for what is none or more than one."""
    try:
        span = parse_span(text)
    except ValueError as error:
        raise Refused(f"{option}: {error}") from None
    if span.first != span.last:
        raise Refused(f"{option}: “{text}” is more than a day; write one, such as {span.last}")
    return span.first


def readable(text: str, what: str) -> str:
    """A reason, note or source as a page or letter may show it. Raises Refused, which says `what` it is."""
    try:
        return prose(text)
    except ValueError as error:
        raise Refused(f"{what}: {error}") from None
