"""Any other language: days, lists and names of places as the CLDR has them, through Babel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal, cast

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_timezone_location
from babel.lists import format_list

from engine.rendering.tongues import states
from engine.rendering.tongues.tongue import Tongue


class Local(Tongue):
    """A language by its code. One that Babel does not know has days and lists as numbers and commas.

    Its letters say the words before a name themselves: `the`, `of` and `to` give the bare name.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.locale = _locale(code)
        self.direction = cast(Literal["ltr", "rtl"], self.locale.text_direction)

    def day(self, on: date) -> str:
        return format_date(on, "long", self.locale)

    def month(self, on: date) -> str:
        return format_date(on, "LLLL y", self.locale)

    def quarter(self, on: date) -> str:
        return format_date(on, "QQQQ y", self.locale)

    def days(self, first: date, last: date) -> str:
        return f"{self.day(first)} – {self.day(last)}"

    def zone(self, name: str) -> str:
        return self.place(name)

    def place(self, zone: str) -> str:
        """The city of a time zone: `Zúrich`; a zone that is nowhere is named as it is: `UTC`."""
        if "/" not in zone or zone.startswith("Etc/"):
            return zone.removeprefix("Etc/")
        return get_timezone_location(zone, self.locale, return_city=True)

    def listed(self, items: Sequence[str], most: int = 12) -> str:
        shown = list(items[:most])
        return format_list([*shown, f"+{len(items) - most}"] if len(items) > most else shown, locale=self.locale)

    def state(self, iso: str, on: date) -> str | None:
        return states.name(iso, self.locale.language, on, self.locale.territories.get(iso))


def _locale(code: str) -> Locale:
    """The nearest that Babel knows; where it knows none, the one without any words (CLDR's root)."""
    for known in (code, code.split("-")[0], "root"):
        try:
            return Locale.parse(known, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError("the root locale is always there")
