"""Dates of every precision, and arithmetic on them.

A `Span` keeps what was written: `2018-03` is a month and stays one. Dates are dates: only `instant` and
`end_of_day` bring in a zone, and both say what they do where a clock changes.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Precision(StrEnum):
    """How exactly a date is known."""

    DAY = "day"
    RANGE = "range"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Span(NamedTuple):
    """The days from `first` to `last`, both included, known to `precision`."""

    first: date
    last: date
    precision: Precision = Precision.DAY

    @property
    def firm(self) -> bool:
        """Whether the day itself is known: a day or a range of days."""
        return self.precision in (Precision.DAY, Precision.RANGE)

    def __str__(self) -> str:
        year = self.first.year
        match self.precision:
            case Precision.DAY:
                return self.first.isoformat()
            case Precision.RANGE:
                return f"{self.first.isoformat()}..{self.last.isoformat()}"
            case Precision.MONTH:
                return f"{year:04d}-{self.first.month:02d}"
            case Precision.QUARTER:
                return f"{year:04d}-Q{(self.first.month + 2) // 3}"
            case Precision.YEAR:
                return f"{year:04d}"


FIRST_YEAR, LAST_YEAR = 1900, 2300
"""What is written outside these years is a slip of the finger."""


def day(value: date) -> Span:
    """The span of one day."""
    return Span(value, value, Precision.DAY)


_DAY = r"(\d{4})-(\d{2})-(\d{2})"
_PATTERNS = {
    Precision.DAY: re.compile(_DAY),
    Precision.RANGE: re.compile(rf"{_DAY}\.\.{_DAY}"),
    Precision.MONTH: re.compile(r"(\d{4})-(\d{2})"),
    Precision.QUARTER: re.compile(r"(\d{4})-Q([1-4])"),
    Precision.YEAR: re.compile(r"(\d{4})"),
}


@lru_cache(maxsize=4096)
def parse_span(text: str) -> Span:
    """Read `2017-10-12`, `2018-02-12..2018-02-14`, `2017-10`, `2018-Q1` or `2018`.

    Raises ValueError with a sentence for a person when it is none of these or no day of the calendar.
    """
    for precision, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(text):
            numbers = [int(group) for group in match.groups()]
            try:
                return _span(precision, numbers)
            except ValueError as error:
                raise ValueError(f"“{text}” is not a date of the calendar: {error}") from None
    raise ValueError(f"“{text}” is not a date (2018-03-31, 2018-02-12..2018-02-14, 2018-03, 2018-Q1 or 2018)")


def _span(precision: Precision, n: list[int]) -> Span:
    match precision:
        case Precision.DAY:
            return day(date(n[0], n[1], n[2]))
        case Precision.RANGE:
            first, last = date(n[0], n[1], n[2]), date(n[3], n[4], n[5])
            if last < first:
                raise ValueError("it ends before it begins")
            return Span(first, last, Precision.RANGE) if last > first else day(first)
        case Precision.MONTH:
            first = date(n[0], n[1], 1)
            return Span(first, month_end(first), precision)
        case Precision.QUARTER:
            first = date(n[0], 3 * n[1] - 2, 1)
            return Span(first, month_end(add_months(first, 2)), precision)
        case Precision.YEAR:
            return Span(date(n[0], 1, 1), date(n[0], 12, 31), precision)


def month_end(value: date) -> date:
    """The last day of the month of `value`."""
    return value.replace(day=calendar.monthrange(value.year, value.month)[1])


def add_months(value: date, months: int) -> date:
    """The same day of the month, `months` later (or earlier); clamped to the month's last day.

    Count from one base to avoid drift: 31 January + 2 months is 31 March, not 28 March.
    """
    index = value.year * 12 + value.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(value.day, calendar.monthrange(year, month + 1)[1]))


def in_year(month: int, dom: int, year: int) -> date:
    """A yearly day; 29 February is the 28th in other years."""
    return date(year, month, min(dom, calendar.monthrange(year, month)[1]))


class Unit(StrEnum):
    """What a distance is counted in."""

    DAYS = "days"
    WORKING_DAYS = "working days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Distance:
    """A length of calendar time, such as 6 weeks."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        word = self.unit.value
        return f"{self.count} {word[:-1] if self.count == 1 else word}"

    @property
    def token(self) -> str:
        """The normalised short form: `6w` also for 42 days, `10d`, `2m`, `3wd`."""
        match self.unit:
            case Unit.MONTHS:
                return f"{self.count}m"
            case Unit.WORKING_DAYS:
                return f"{self.count}wd"
            case Unit.WEEKS:
                return f"{self.count}w"
            case Unit.DAYS:
                weeks, rest = divmod(self.count, 7)
                return f"{self.count}d" if rest or not weeks else f"{weeks}w"


_LONGEST = {Unit.DAYS: 36_500, Unit.WORKING_DAYS: 25_000, Unit.WEEKS: 5_200, Unit.MONTHS: 1_200}
_DIGITS = 9
_DISTANCE = re.compile(r"(\d+)\s+(working\s+days?|days?|weeks?|months?)")


def parse_distance(text: str) -> Distance:
    """Read `6 weeks`, `1 month`, `10 working days`. Raises ValueError."""
    match = _DISTANCE.fullmatch(" ".join(text.split()))
    if not match:
        raise ValueError(f"“{text}” is not a length of time (60 days, 6 weeks, 2 months, 10 working days)")
    word = match[2].rstrip("s") + "s"
    # Python reads no number of thousands of digits, and nobody writes one.
    count = int(match[1]) if len(match[1]) <= _DIGITS else 10**_DIGITS
    found = Distance(count, Unit(word))
    if not within_a_century(found):
        raise ValueError(f"“{text}” is longer than a century")
    return found


def within_a_century(distance: Distance) -> bool:
    """Whether a length is one that a calendar has room for, a few times over."""
    return distance.count <= _LONGEST[distance.unit]


def shift(value: date, distance: Distance, sign: int) -> date:
    """`value` moved by calendar days, weeks or months; working days need a calendar and are not done here."""
    match distance.unit:
        case Unit.DAYS:
            return value + timedelta(days=sign * distance.count)
        case Unit.WEEKS:
            return value + timedelta(weeks=sign * distance.count)
        case Unit.MONTHS:
            return add_months(value, sign * distance.count)
        case Unit.WORKING_DAYS:
            raise ValueError("working days are counted by a calendar")


@dataclass(frozen=True, slots=True)
class DateExpr:
    """A date as written: a span or a dotted name, moved by distances (`entry_into_force + 180 days`)."""

    base: Span | str
    moves: tuple[tuple[int, Distance], ...] = ()
    text: str = ""

    @property
    def name(self) -> str | None:
        """The name it counts from, if it is not a written date."""
        return self.base if isinstance(self.base, str) else None


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises ValueError for a name that there is not."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"there is no time zone “{name}”") from None


def instant(on: date, at: time, zone_name: str) -> datetime:
    """The UTC instant of a local date and time (guarantee G6).

    A time that a clock change skips moves forward by the gap's length (02:30 becomes 03:30); of a time that it
    repeats, the first counts. A day that a zone skipped altogether moves forward likewise.
    """
    local = datetime.combine(on, at, tzinfo=zone(zone_name))
    # With fold=0 a skipped local time is read with the offset before the gap, which is the move forward wanted.
    return local.astimezone(UTC)


def start_of_day(on: date, zone_name: str) -> datetime:
    """The first instant of a day in a zone, in UTC."""
    return instant(on, time(0), zone_name)


def end_of_day(on: date, zone_name: str) -> datetime:
    """The first instant after a day in a zone, in UTC: a deadline's end, which itself is too late."""
    return start_of_day(on + timedelta(days=1), zone_name)


def local_date(at: datetime, zone_name: str) -> date:
    """The calendar day of an instant in a zone."""
    return at.astimezone(zone(zone_name)).date()


def parse_moment(text: str, zone_name: str, *, bare_day: time = time(0)) -> datetime:
    """Read a day (at `bare_day` in the zone) or an instant (`2018-04-03T10:00`, seconds and offset optional).

    An instant without an offset is local to the zone. Raises ValueError, also for a year before 1900 or after 2300.
    """
    text = text.strip()
    if re.match(r"\d{4}-", text) and not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        raise ValueError(f"“{text}” lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    if _PATTERNS[Precision.DAY].fullmatch(text):
        return instant(parse_span(text).first, bare_day, zone_name)
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", text):
        raise ValueError(f"“{text}” is neither a day (2018-03-31) nor an instant (2018-03-31T09:00+02:00)")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"“{text}” is not an instant (2018-03-31T09:00, with an offset or without)") from None
    if moment.tzinfo is None:
        return instant(moment.date(), moment.time(), zone_name)
    return moment.astimezone(UTC)
