"""What each language has to say: the kinds of words that letters are filled in with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar, Literal

from engine.definition.dates import Precision, Span


class Tongue(ABC):
    """One language. Everything is words in, words out, the same on every machine."""

    direction: Literal["ltr", "rtl"] = "ltr"
    numbers: ClassVar[Sequence[str]] = ()
    """Small numbers in words, from none on."""
    openings: ClassVar[Mapping[str, str]] = {}
    """How a letter opens for each form of address (`FORMS` in `definition/workflow.py`); under "", for any other."""

    def __init__(self, code: str) -> None:
        self.code = code

    @abstractmethod
    def day(self, on: date) -> str:
        """`31 March 2018`."""

    @abstractmethod
    def month(self, on: date) -> str:
        """`March 2018`."""

    @abstractmethod
    def quarter(self, on: date) -> str:
        """`the first quarter of 2018`."""

    @abstractmethod
    def days(self, first: date, last: date) -> str:
        """`12–14 February 2018`: some days in a row, also from one month into another."""

    @abstractmethod
    def zone(self, name: str) -> str:
        """Whose midnight it is, in words: `Europe/Zurich time`."""

    def due(self, on: date, title: str) -> str:
        """`By 31 March 2018: Report`, as a calendar shows it."""
        return f"{self.day(on)}: {title}"

    @abstractmethod
    def listed(self, items: Sequence[str], most: int = 12) -> str:
        """`Fiji, Nauru and Palau`; what is past `most` is counted."""

    def spelled(self, number: int) -> str:
        """A small number in words, as in a letter's sentence: `five`; else in digits."""
        return self.numbers[number] if 0 <= number < len(self.numbers) else str(number)

    def the(self, name: str) -> str:
        """A name as it stands in a sentence, with its article where it takes one."""
        return name

    def of(self, name: str) -> str:
        """`of the Cook Islands`, `du Tchad`, `del Ecuador`."""
        return name

    def to(self, name: str) -> str:
        """`to the Cook Islands`, `au Tchad`, `al Ecuador`."""
        return name

    @abstractmethod
    def state(self, iso: str, on: date) -> str | None:
        """What the State of an ISO code was called on a day; None: the roster's own name is to be used."""

    note: ClassVar[str] = "Note verbale"
    """What a note verbale is called."""
    joined: ClassVar[Mapping[str, str]] = {
        "letters": "{0} letters: ", "more": "and {0} more", "brings": "This mail brings {0} letters:",
        "heading": "{0} of {1}: ",
    }  # fmt: skip
    """What stands around several letters in one mail; English where nobody has written it yet."""

    def say(self, what: str, *numbers: int) -> str:
        """The words of `joined` with their numbers."""
        return self.joined[what].format(*numbers)

    def opening(self, form: str) -> str:
        """How a letter to somebody of that form opens, without what follows it: `Excellency`."""
        return self.openings.get(form) or self.openings.get("", "")

    def span(self, span: Span) -> str:
        """When something is, as exactly as it is known."""
        match span.precision:
            case Precision.DAY:
                return self.day(span.first)
            case Precision.RANGE:
                return self.days(span.first, span.last)
            case Precision.MONTH:
                return self.month(span.first)
            case Precision.QUARTER:
                return self.quarter(span.first)
            case Precision.YEAR:
                return str(span.first.year)
