"""A table that somebody made elsewhere, whatever file it came in: a header, rows of texts, and the place of each cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.definition.syntax.sources import Faults, SourceFile, note_undecodable
from engine.definition.syntax.table import Row, Table
from engine.errors import BadInput, Place

_AS_UTF8 = "Save it as “CSV UTF-8” (in Excel: Save As), or as .xlsx."
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class CellFaults(Faults):
    """Faults of a table: of each cell below the header the first, since the others follow from it."""

    def __init__(self) -> None:
        super().__init__()
        self._told: set[Place] = set()

    def add(self, place: Place, message: str, hint: str = "", *, warning: bool = False) -> None:
        """Note a fault, unless one of the same cell is noted."""
        if place.line == 1 or place not in self._told:
            super().add(place, message, hint, warning=warning)
        self._told.add(place)


@dataclass(frozen=True, slots=True)
class GridLine:
    """One row below the header. `at` gives the place of the cell of an index, `where` names the row for a person."""

    cells: Sequence[str]
    at: Callable[[int], Place]
    where: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The columns by name, as written, and the rows that have something in them."""

    path: str
    columns: Sequence[str]
    header: Callable[[int], Place]
    lines: Sequence[GridLine]


def read_csv(path: str, data: bytes, faults: Faults) -> Grid:
    """A CSV file, with commas, semicolons or tabs between its cells. Raises BadInput for what is no text in UTF-8."""
    table = Table(SourceFile(path, text_of(path, data)), faults, any_separator=True)
    if table.header is None:
        return Grid(path, (), lambda _: Place(path), ())
    header = table.header

    def line(row: Row) -> GridLine:
        return GridLine(row.cells, lambda index: table.place(row, index), f"line {row.line}")

    lines = [line(row) for row in table.rows()]
    return Grid(path, header.cells, lambda index: table.place(header, index), lines)


def text_of(path: str, data: bytes) -> str:
    """Bytes as text. Raises BadInput for what is not UTF-8, with how to save it as that."""
    faults = Faults()
    if data.startswith(_UTF16) or b"\0" in data[:4_000]:
        faults.add(Place(path), "this is not text in UTF-8", _AS_UTF8)
        raise BadInput(faults.errors)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        note_undecodable(faults, path, error, _AS_UTF8)
        raise BadInput(faults.errors) from None
