"""Which days are worked, and moving off those that are not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

from engine.definition.words import WEEKDAYS


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


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working days of a country or part of one: Monday to Friday (or the country's own week), without public holidays."""

    country: str | None = None
    subdivision: str | None = None

    def day_off(self, on: date) -> str | None:
        """Why a day is off (`Good Friday`, `a Saturday`), or None for a working day."""
        return _day_off(self.country, self.subdivision, on)

    def earlier(self, on: date) -> date:
        """`on`, or the last working day before it."""
        return self._roll(on, -1)

    def later(self, on: date) -> date:
        """`on`, or the first working day after it."""
        return self._roll(on, 1)

    def _roll(self, on: date, step: int) -> date:
        for _ in range(60):
            if self.day_off(on) is None:
                return on
            on += timedelta(days=step)
        raise ValueError(f"no working day within 60 days of {on}")

    def add(self, on: date, count: int) -> date:
        """The `count`-th working day after `on` (before it when negative); `on` itself when 0."""
        step = 1 if count > 0 else -1
        for _ in range(abs(count)):
            on = self._roll(on + timedelta(days=step), step)
        return on


def known_country(code: str) -> bool:
    """Whether there is a calendar of that ISO code."""
    return _calendar_of(code) is not None


def known_subdivision(country: str, code: str) -> bool:
    """Whether that country's calendar knows the subdivision."""
    found = _calendar_of(country)
    return found is not None and code in found.subdivisions


def _calendar_of(country: str) -> holidays.HolidayBase | None:
    # Asking for one country loads its module alone; a list of all countries would load every one.
    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return None
