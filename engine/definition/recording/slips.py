"""What people and spreadsheets make of words and days, and how to write them so that they mean one thing."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})")
_WORDS = re.compile(r"(\d{1,2})[ .-]+([A-Za-z]{3,9})[ .,-]+(\d{4})")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")


def as_listed(value: str, of: tuple[str, ...]) -> str:
    """A word of a list as the plan writes it: spreadsheets make `Yes` of yes."""
    if value in of:
        return value
    same = [word for word in of if word.casefold() == value.casefold()]
    return same[0] if len(same) == 1 else value


def day_hint(text: str) -> str:
    """How to write a day that stands there in another form; empty where that cannot be told."""
    if match := _NUMBERS.fullmatch(text):
        a, b, year = int(match[1]), int(match[3]), int(match[4])
        days = [_iso(year, b, a), _iso(year, a, b)] if match[2] != "." else [_iso(year, b, a)]
        return _either(days)
    if match := _YEAR_FIRST.fullmatch(text):
        return _either([_iso(int(match[1]), int(match[2]), int(match[3]))])
    if match := _WORDS.fullmatch(text):
        month = match[2][:3].casefold()
        return _either([_iso(int(match[3]), _MONTHS.index(month) + 1, int(match[1]))]) if month in _MONTHS else ""
    if _SERIAL.fullmatch(text):
        return "Format the cell as a date, or write the day as 2018-03-20."
    return ""


def _either(days: list[str]) -> str:
    found = list(dict.fromkeys(day for day in days if day))
    return f"Write {' or '.join(found)}." if found else ""


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
