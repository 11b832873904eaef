"""Spreadsheets (.xlsx) as tables of texts, read row by row. What a person sees in a cell is what counts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from io import BytesIO
from itertools import repeat, zip_longest
from typing import Any
from xml.etree.ElementTree import iterparse

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from engine.definition.hints import Unreadable, suggest
from engine.definition.syntax.grid import Grid, GridLine
from engine.definition.syntax.sources import Faults
from engine.errors import BadInput, Place

_OLD = b"\xd0\xcf\x11\xe0"
_LARGEST = 100_000_000
_MOST_ROWS = 200_000
_LAST_ROW, _MOST_CELLS = 1_048_576, 3_000_000
"""The last row of any spreadsheet; and how many cells are looked at, also empty ones, which a few octets may ask for."""
_FORMULA, _MERGE = (re.compile(rb"<(\w+:)?" + tag + rb"[\s/>]") for tag in (b"f", b"mergeCell"))
_MERGED = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}mergeCell"


def read_xlsx(path: str, data: bytes, faults: Faults, sheet: str | None) -> Grid:
    """The one sheet that has something in it, or the named one. Raises BadInput for a file that cannot be read at all."""
    _check(path, data)
    try:
        return _Book(path, data, faults).grid(sheet)
    except BadInput:
        raise
    except Exception as error:  # a damaged file may make openpyxl raise anything
        raise _unusable(path, f"this spreadsheet cannot be read ({error})", "Open it and save it again.") from error


def _check(path: str, data: bytes) -> None:
    if data.startswith(_OLD):
        raise _unusable(path, "this is an old .xls file, or one with a password", "Save it as .xlsx, without one.")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names, size = set(archive.namelist()), sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise _unusable(path, "this spreadsheet is damaged", "Open it and save it again.") from None
    if "xl/workbook.xml" not in names:
        raise _unusable(path, "this is no Excel workbook", "Save it as .xlsx, or as CSV in UTF-8.")
    if size > _LARGEST:
        raise _unusable(path, "this spreadsheet is too large", "Keep the rows and columns that are needed.")


def _unusable(path: str, message: str, hint: str) -> BadInput:
    faults = Faults()
    faults.add(Place(path), message, hint)
    return BadInput(faults.errors)


class _Book:
    """A workbook, for the values that were calculated last; opened once more where it has formulas."""

    def __init__(self, path: str, data: bytes, faults: Faults) -> None:
        self.path = path
        self.faults = faults
        self.data = data
        self.values = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)

    def grid(self, wanted: str | None) -> Grid:
        """The table of a sheet."""
        sheet = self._choose(wanted)
        with sheet._get_source() as source:  # a sheet that is read row by row does not tell which cells are merged
            xml = source.read()
        if _MERGE.search(xml):
            self._refuse_merged(sheet.title, xml)
        rows = self._rows(sheet, formulas=_FORMULA.search(xml) is not None)
        number, columns = next(rows, (1, []))
        while columns and not columns[-1]:
            columns.pop()
        lines = [self._line(sheet.title, at, cells, columns) for at, cells in rows]
        unnamed = [index for index, name in enumerate(columns) if not name]
        for index in unnamed:
            if any(line.cells[index] for line in lines):
                self.faults.add(self._place(sheet.title, number, index), "a column has no name")
        return Grid(self.path, columns, lambda index: self._place(sheet.title, number, index), lines)

    def _choose(self, wanted: str | None) -> Any:
        sheets = self.values.worksheets
        titles = [sheet.title for sheet in sheets]
        if wanted is not None:
            if wanted not in titles:
                raise _unusable(self.path, f"there is no sheet “{wanted}”", suggest(wanted, titles))
            return self.values[wanted]
        filled = [sheet for sheet in sheets if sheet.sheet_state == "visible" and self._filled(sheet)]
        if len(filled) > 1:
            names = ", ".join(f"“{sheet.title}”" for sheet in filled)
            raise _unusable(self.path, f"several sheets have something in them: {names}", "Name one with --sheet.")
        return filled[0] if filled else sheets[0]

    def _filled(self, sheet: Any) -> bool:
        sheet.reset_dimensions()
        return any(value not in (None, "") for row in self._bounded(sheet.iter_rows(values_only=True)) for value in row)

    def _bounded(self, rows: Iterable[Any]) -> Iterator[Any]:
        """The rows of a sheet, as far as one reaches that somebody filled in."""
        cells = 0
        for number, row in enumerate(rows, 1):
            cells += len(row)
            if number > _LAST_ROW or cells > _MOST_CELLS:
                raise _unusable(self.path, "this sheet is too large", "Keep the rows and columns that are needed.")
            yield row

    def _refuse_merged(self, title: str, xml: bytes) -> None:
        for _, element in iterparse(BytesIO(xml)):
            if element.tag == _MERGED:
                area = element.get("ref", "")
                place = Place(self.path, 1, 1, f"{title}:{area.partition(':')[0]}")
                self.faults.add(place, f"the cells {area} are merged", "Unmerge them, and fill in each of them.")
            element.clear()

    def _rows(self, sheet: Any, *, formulas: bool) -> Iterator[tuple[int, list[str]]]:
        """The rows with something in them, by number."""
        sheet.reset_dimensions()  # what a program wrote about them may be wrong
        as_written: Iterable[Any] = repeat(())
        if formulas:
            twin = load_workbook(BytesIO(self.data), read_only=True, keep_links=False)[sheet.title]
            twin.reset_dimensions()
            as_written = twin.iter_rows()
        for number, (cells, written) in enumerate(zip(self._bounded(sheet.iter_rows()), as_written, strict=False), 1):
            pairs = zip_longest(cells, written)
            texts = [self._text(sheet.title, number, index, *pair) for index, pair in enumerate(pairs)]
            if any(texts):
                if number > _MOST_ROWS:
                    raise _unusable(
                        self.path, f"more than {_MOST_ROWS:,} rows cannot be read at once", "Split the file."
                    )
                yield number, texts

    def _text(self, title: str, row: int, index: int, cell: Any, formula: Any) -> str:
        try:
            # A formula that came out empty is a text; one that was never calculated is nothing.
            if cell.value is None and formula is not None and formula.data_type == "f" and cell.data_type == "n":
                raise Unreadable(
                    "this formula has no value yet", "Open the file in a spreadsheet program, and save it there."
                )
            return _shown(cell.value, cell.data_type)
        except Unreadable as error:
            self.faults.catch(self._place(title, row, index), error)
            return "?"

    def _line(self, title: str, number: int, cells: list[str], columns: list[str]) -> GridLine:
        for index in range(len(columns), len(cells)):
            if cells[index]:
                self.faults.add(self._place(title, number, index), "this cell stands beside the table", "Empty it.")
        padded = (cells + [""] * len(columns))[: len(columns)]
        return GridLine(padded, lambda index: self._place(title, number, index), f"{title}!{number}")

    def _place(self, title: str, row: int, index: int) -> Place:
        return Place(self.path, row, index + 1, f"{title}:{get_column_letter(index + 1)}{row}")


def _shown(value: object, kind: str) -> str:
    """A value as text: dates as 2018-03-20, whole numbers without a point, TRUE as yes."""
    match value:
        case None:
            return ""
        case str() if kind == "e":
            raise Unreadable(f"{value} is an error of the spreadsheet", "Mend the formula, or write the value.")
        case str():
            return value.strip()
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            raise Unreadable(f"“{value:%Y-%m-%d %H:%M}” has a time of day", f"Write the day alone: {value:%Y-%m-%d}.")
        case date():
            return value.isoformat()
    raise Unreadable(f"“{value}” is neither a text nor a day", "Write it as text.")
