"""English, the language that every letter has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from engine.definition.dates import Precision, Span
from engine.definition.words import day_words, listed, month_words, span_words
from engine.rendering.tongues.tongue import Tongue

_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]

_TAKES_ARTICLE = re.compile(
    r"^[^(]*\b(?:Republic|Kingdom|(?<!Solomon )Islands|Federation|Federated States|State of|States of America"
    r"|Emirates|Union|See)\b"
    r"|^(?:Bahamas|Comoros|Congo|Gambia|Maldives|Netherlands|Niger|Philippines|Sudan|former )\b"
)


class English(Tongue):
    """As the pages and the command write it too."""

    numbers = _NUMBERS
    openings: ClassVar = {
        "excellency": "Excellency", "madam": "Madam", "sir": "Sir", "colleague": "Dear colleague", "": "Dear colleague",
    }  # fmt: skip

    def day(self, on: date) -> str:
        return day_words(on)

    def month(self, on: date) -> str:
        return month_words(on)

    def quarter(self, on: date) -> str:
        return span_words(Span(on, on, Precision.QUARTER))

    def days(self, first: date, last: date) -> str:
        return span_words(Span(first, last, Precision.RANGE))

    def zone(self, name: str) -> str:
        return f"{name} time"

    def due(self, on: date, title: str) -> str:
        return f"By {self.day(on)}: {title}"

    def listed(self, items: Sequence[str], most: int = 12) -> str:
        return listed(items, most=most)

    def the(self, name: str) -> str:
        return the(name)

    def of(self, name: str) -> str:
        return f"of {the(name)}"

    def to(self, name: str) -> str:
        return f"to {the(name)}"

    def state(self, iso: str, on: date) -> str | None:
        return None  # the roster is in English


def the(name: str) -> str:
    """An English name with its article, where it takes one inside a sentence: “the Cook Islands”, “Fiji”."""
    if name.startswith("The "):
        return f"the {name[4:]}"
    return f"the {name}" if _TAKES_ARTICLE.search(name) else name
