"""A CSV file of the plan, with what all its columns have in common: reading a cell, and what is illustrative."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from engine.definition.hints import Unreadable, suggest
from engine.definition.syntax import written
from engine.definition.syntax.table import Row, Table

T = TypeVar("T")


class Sheet(Table):
    """A table, read cell by cell."""

    def cell(self, row: Row, column: str, parse: Callable[[str], T], *, required: bool = False) -> T | None:
        """A cell as read by `parse`; None when it is empty or, with a fault on record, wrong."""
        text = self.get(row, column)
        if not text:
            if required:
                self.faults.add(self.at(row, column), f"the column “{column}” is empty here")
            return None
        try:
            if "\n" in text or "\r" in text:
                raise Unreadable("a line break cannot stand in a cell")
            return parse(text)
        except ValueError as error:
            self.faults.catch(self.at(row, column), error)
            return None

    def text(self, row: Row, column: str, parse: Callable[[str], str] = written.line, *, required: bool = False) -> str:
        """A cell as a text; an empty one when there is none or, with a fault on record, it is wrong."""
        return self.cell(row, column, parse, required=required) or ""

    def illustrative(self, row: Row) -> tuple[str, ...]:
        """The columns of a row that hold no real record."""
        names = self.get(row, "illustrative").replace(",", " ").replace(";", " ").split()
        for name in names:
            if name not in self.columns:
                place = self.at(row, "illustrative")
                self.faults.add(place, f"there is no column “{name}”", suggest(name, self.columns))
        return tuple(names)


def choice(words: tuple[str, ...]) -> Callable[[str], str]:
    """A reader of one of some words; of any text where there are none."""

    def read(text: str) -> str:
        if words and text not in words:
            raise Unreadable(f"“{text}” is not one of {', '.join(words)}", suggest(text, words))
        return written.line(text)

    return read
