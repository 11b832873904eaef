"""Which days are worked, and moving off those that are not."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import holidays

from engine.definition.dates import Distance, Span, Unit, shift
from engine.definition.words import WEEKDAYS

QUIET = "quiet days"
"""Why a day is off that a plan keeps quiet."""


@lru_cache(maxsize=512)
def _calendar(country: str, subdivision: str | None) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision, language="en_US")


@lru_cache(maxsize=16_384)
def _day_off(country: str | None, subdivision: str | None, on: date) -> str | None:
    if country:
        calendar = _calendar(country, subdivision)
        if name := calendar.get(on):
            return str(name).split("; ")[0]
        off = not calendar.is_working_day(on)
    else:
        off = on.weekday() >= 5
    return f"a {WEEKDAYS[on.weekday()]}" if off else None


@lru_cache(maxsize=1024)
def _worked(country: str | None, subdivision: str | None, year: int) -> tuple[date, ...]:
    """The working days of a year, in order."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range((date(year, 12, 31) - first).days + 1))
    return tuple(on for on in days if _day_off(country, subdivision, on) is None)


class Quiet(NamedTuple):
    """Days on which nothing is sent: from one day to another (both included), once, or of each year where they name none."""

    first: tuple[int, ...]
    last: tuple[int, ...]

    def holds(self, on: date) -> bool:
        """Whether a day is one of them."""
        day = (on.year, on.month, on.day)[-len(self.first) :]
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last  # over the turn of the year


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working days of a country or part of one: Monday to Friday (or the country's own week), without public holidays.

    On `quiet` days nothing is sent, but they are worked: `add` counts them.
    """

    country: str | None = None
    subdivision: str | None = None
    quiet: tuple[Quiet, ...] = ()

    def day_off(self, on: date) -> str | None:
        """Why nothing is sent on a day (`Good Friday`, `a Saturday`, `quiet days`), or None for a day of sending."""
        if any(quiet.holds(on) for quiet in self.quiet):
            return QUIET
        return _day_off(self.country, self.subdivision, on)

    def earlier(self, on: date) -> date:
        """`on`, or the last day of sending before it."""
        return self._roll(on, -1)

    def later(self, on: date) -> date:
        """`on`, or the first day of sending after it."""
        return self._roll(on, 1)

    def _roll(self, on: date, step: int) -> date:
        for _ in range(120):
            if self.day_off(on) is None:
                return on
            on += timedelta(days=step)
        raise ValueError(f"no working day within 120 days of {on}")

    def move(self, on: date, distance: Distance, sign: int) -> date:
        """A day moved by calendar days, weeks, months or working days: later (`sign` 1) or earlier (-1)."""
        if distance.unit is Unit.WORKING_DAYS:
            return self.add(on, sign * distance.count)
        return shift(on, distance, sign)

    def moved(self, span: Span, moves: Sequence[tuple[int, Distance]]) -> date:
        """The day that moves come to: from the first of some days where the first goes back, else from the last."""
        on = span.first if moves and moves[0][0] < 0 else span.last
        for sign, distance in moves:
            on = self.move(on, distance, sign)
        return on

    def add(self, on: date, count: int) -> date:
        """The `count`-th working day after `on` (before it when negative); `on` itself when 0."""
        if not count:
            return on
        # Year by year, since thousands may be asked for, and for each letter of a series.
        year, days = on.year, self._worked(on.year)
        at = bisect_right(days, on) - 1 + count if count > 0 else bisect_left(days, on) + count
        while at >= len(days):
            year, at = year + 1, at - len(days)
            days = self._worked(year)
        while at < 0:
            year, days = year - 1, self._worked(year - 1)
            at += len(days)
        return days[at]

    def _worked(self, year: int) -> tuple[date, ...]:
        return _worked(self.country, self.subdivision, year)


def known_country(code: str) -> bool:
    """Whether there is a calendar of that ISO code."""
    return _calendar_of(code) is not None


def known_subdivision(country: str, code: str) -> bool:
    """Whether that country's calendar knows the subdivision."""
    found = _calendar_of(country)
    return found is not None and code in found.subdivisions


def _calendar_of(country: str) -> holidays.HolidayBase | None:
    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return None
