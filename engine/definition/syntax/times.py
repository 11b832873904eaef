"""The forms that dates and times are written in: each function reads one and raises ValueError with a sentence."""

from __future__ import annotations

import re
from datetime import date, time
from zoneinfo import available_timezones

from engine.definition.cadence import Fixed, parse_fixed
from engine.definition.dates import (
    FIRST_YEAR,
    LAST_YEAR,
    DateExpr,
    Distance,
    Span,
    Unit,
    in_year,
    parse_distance,
    parse_span,
    zone,
)
from engine.definition.hints import Unreadable, nearest, suggest
from engine.definition.people import DigestRule
from engine.definition.syntax.written import matched, spaced
from engine.definition.words import WEEKDAYS
from engine.definition.workdays import Quiet

_DOTTED = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")
_LONGEST_QUIET = 31


def span(text: str) -> Span:
    """A written date between 1900 and 2300; what lies outside is a slip of the finger."""
    found = parse_span(text)
    if not FIRST_YEAR <= found.first.year <= found.last.year <= LAST_YEAR:
        raise Unreadable(f"“{text}” lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


def date_expr(text: str) -> DateExpr:
    """A date or the name of one, moved or not: `msp8`, `entry_into_force + 180 days`, `2018-03 - 2 weeks`."""
    words = spaced(text)
    base, *rest = re.split(r" ([+-]) ", words)
    if not base or len(rest) > 6:
        raise Unreadable(f"“{words}” is not a date", "Write for example msp8 or entry_into_force + 180 days.")
    pairs = zip(rest[::2], rest[1::2], strict=True)
    moves = tuple((1 if sign == "+" else -1, distance(length)) for sign, length in pairs)
    if _DOTTED.fullmatch(base):
        return DateExpr(base, moves, words)
    if re.match(r"[a-z]", base):
        hint = "Put a space on each side of + and -." if re.search(r"[+-]", base) else ""
        raise Unreadable(f"“{base}” is neither a date nor the name of one", hint)
    return DateExpr(span(base), moves, words)


_UNITS = ("days", "weeks", "months", "working days")


def distance(text: str) -> Distance:
    """`10 working days`, `6 weeks`."""
    try:
        return parse_distance(text)
    except ValueError as error:
        unit = text.strip().lstrip("0123456789").strip()
        hint = nearest(unit, _UNITS) if unit not in _UNITS else ""  # the unit is right, and its number is not
        raise Unreadable(str(error), hint) from None


def days(text: str) -> int:
    """A number of calendar days: `400 days`, `2 weeks`."""
    found = distance(text)
    if found.unit not in (Unit.DAYS, Unit.WEEKS):
        raise Unreadable(f"“{text}” is not a number of days or weeks", "Write for example 7 days.")
    return found.count * (7 if found.unit is Unit.WEEKS else 1)


def every(text: str) -> Distance:
    """How often: `every 2 months`, `every month`."""
    hint = "Write for example every 2 months."
    length = matched(r"every (0*[1-9]\d* \w+|day|week|month)", spaced(text), "does not say how often", hint)[1]
    return parse_distance(length if length[0].isdigit() else f"1 {length}")


def before(text: str) -> Distance:
    """`12 weeks before`."""
    wrong, hint = "is not a time before the due day", "Write for example 12 weeks before."
    return distance(matched(r"(.+) before", spaced(text), wrong, hint)[1])


def opens(text: str) -> Distance:
    """`12 weeks before`, counted by no calendar of days off: the days of a cycle are the same for whoever asks."""
    found = before(text)
    if found.unit is Unit.WORKING_DAYS:
        raise Unreadable(f"“{spaced(text)}” counts working days", "Write days, weeks or months: 12 weeks before.")
    return found


def asked(text: str) -> Distance:
    """`before`: no later than the deadline; `2 weeks before`: so long before it."""
    words = spaced(text)
    if words == "before":
        return Distance(0, Unit.DAYS)
    try:
        return before(words)
    except Unreadable:
        hint = "Write before, or for example 2 weeks before."
        raise Unreadable(f"“{words}” does not say until when an extension is asked for", hint) from None


def fixed(text: str) -> Fixed:
    """`6 weeks before`, `on the day`, `2 weeks after`."""
    if text.startswith(("at once", "every")):
        raise Unreadable(f"“{text}” does not count from the day", "Write for example 2 weeks before, or on the day.")
    return parse_fixed(text)


def years(text: str) -> int:
    """`year`, `2 years`."""
    wrong, hint = "does not say how often a cycle recurs", "Write year, or for example 2 years."
    return int(matched(r"year|([1-9]\d?) years", spaced(text), wrong, hint)[1] or 1)


def year(text: str) -> int:
    """`2024`."""
    if not re.fullmatch(r"\d{4}", text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise Unreadable(f"“{text}” is not a year", "Write for example 2024.")
    return int(text)


def yearly_day(text: str) -> tuple[int, int]:
    """`04-30`: month and day."""
    match = re.fullmatch(r"(\d\d)-(\d\d)", text)
    try:
        if match:
            on = date(2024, int(match[1]), int(match[2]))
            return on.month, on.day
    except ValueError:
        pass
    raise Unreadable(f"“{text}” is not a day of the year", "Write month and day: 04-30.")


def quiet(text: str) -> Quiet:
    """`2017-12-23..2018-01-02`, `2018-03-30`, or of each year `12-24..01-02`: at most a month, or letters would be lost in it."""
    if re.fullmatch(r"\d\d-\d\d(\.\.\d\d-\d\d)?", text):
        first, last = (yearly_day(part) for part in (text.split("..") * 2)[:2])
        length = (in_year(*last, 2025 if last < first else 2024) - in_year(*first, 2024)).days
        found = Quiet(first, last)
    else:
        days_of = span(text)
        length = (days_of.last - days_of.first).days
        found = Quiet(*((on.year, on.month, on.day) for on in (days_of.first, days_of.last)))
    if length >= _LONGEST_QUIET:
        raise Unreadable(f"“{text}” is longer than {_LONGEST_QUIET} days", "Letters due in it would come too late.")
    return found


def clock_time(text: str) -> time:
    """`09:00`."""
    hint = "Write hours and minutes: 09:00."
    match = matched(r"([01]\d|2[0-3]):([0-5]\d)", text, "is not a time of day", hint)
    return time(int(match[1]), int(match[2]))


def zone_name(text: str) -> str:
    """The IANA name of a time zone: `Europe/Zurich`."""
    try:
        zone(text)
    except ValueError as error:
        raise Unreadable(str(error), suggest(text, sorted(available_timezones()))) from None
    return text


def digest(text: str) -> DigestRule:
    """`daily`, `weekly on Monday`."""
    words = spaced(text)
    if words == "daily":
        return DigestRule()
    kind, _, weekday = words.partition(" on ")
    if kind == "weekly" and weekday in WEEKDAYS:
        return DigestRule(WEEKDAYS.index(weekday))
    hint = nearest(weekday, WEEKDAYS) if kind == "weekly" else ""
    raise Unreadable(f"“{text}” does not say how often", hint or "Write daily, or for example weekly on Monday.")
