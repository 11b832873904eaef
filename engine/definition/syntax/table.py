"""CSV with places: rows of cells, each cell with the line and column where it begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.definition.hints import near
from engine.definition.syntax.sources import Faults, SourceFile
from engine.errors import Place

_SIGNS = {",": "comma", ";": "semicolon", "\t": "tab"}
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, by column. Cells are stripped; an empty one is not set."""

    cells: tuple[str, ...]
    line: int
    start: int

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not any(self.cells)


class Table:
    """A CSV file with a header. Faults of the format are noted as it is read.

    Cells are separated by commas, or with `any_separator` by what the header shows: the name of a column has neither
    a semicolon nor a tab in it.
    """

    def __init__(self, source: SourceFile, faults: Faults, *, any_separator: bool = False) -> None:
        self.source = SourceFile(source.path, source.text.removeprefix(_BOM))
        self.faults = faults
        faults.watch(self.source, self.source.text.split("\n"))
        header_line = self.source.text.partition("\n")[0]
        self.separator = next((sign for sign in "\t;" if any_separator and sign in header_line), ",")
        self.whole = True
        """Whether each row was read: if not, what is missing may be in one of the others."""
        self._rows = self._read()
        header = next(self._rows, None)
        self.header: Row | None = header if header is not None and not header.blank else None
        self.columns: dict[str, int] = {}
        if self.header is None:
            faults.add(Place(source.path), "the file has no header", "Its first line names the columns.")
            self.whole = False
            return
        self._read_header(self.header)

    def _read_header(self, header: Row) -> None:
        if len(header.cells) == 1 and (";" in header.cells[0] or "\t" in header.cells[0]):
            self.faults.add(
                Place(self.source.path), "the columns are not separated by commas", "Save the file as CSV with commas."
            )
            self.header, self.whole = None, False
            return
        for index, column in enumerate(header.cells):
            if not column:
                self.faults.add(self.place(header, index), "a column has no name")
            elif column in self.columns:
                self.faults.add(self.place(header, index), f"the column “{column}” stands here a second time")
            else:
                self.columns[column] = index

    def _read(self) -> Iterator[Row]:
        text, index, line = self.source.text, 0, 1
        while index < len(text):
            end = text.find("\n", index)
            end = len(text) if end < 0 else end
            if '"' not in text[index:end]:
                cells = tuple(cell.strip() for cell in text[index:end].split(self.separator))
                yield Row(cells, line, index)
                index, line = end + 1, line + 1
                continue
            found, after, fault = _cells(text, index, self.separator)
            if fault is not None:
                self._misquoted(*fault)
                return
            yield Row(tuple(cell for cell, _ in found), line, index)
            line += text.count("\n", index, after)
            index = after

    def _misquoted(self, index: int, message: str) -> None:
        before = self.source.text[:index]
        place = Place(self.source.path, before.count("\n") + 1, len(before) - before.rfind("\n"))
        self.faults.add(place, message, "Double a quote that belongs to the text, and put quotes around it all.")
        self.whole = False

    def need(self, *alternatives: str) -> str | None:
        """The one of these columns that there is; None, with a fault on record, when there is none or several."""
        if self.header is None:
            return None
        found = [name for name in alternatives if name in self.columns]
        if len(found) == 1:
            return found[0]
        self.whole = False
        if found:
            self.faults.add(self.place_of(found[1]), f"the columns {' and '.join(found)} say the same", "Remove one.")
            return None
        other = near(alternatives[0], self.columns)
        hint = f"Is it “{other}”?" if other else ""
        self.faults.add(Place(self.source.path), f"the header has no column “{' or '.join(alternatives)}”", hint)
        return None

    def rows(self) -> Iterator[Row]:
        """The rows below the header that have something in them, and as many cells as the header."""
        if self.header is None:
            return
        width = len(self.header.cells)
        for row in self._rows:
            if row.blank:
                continue
            self.whole = self.whole and len(row.cells) == width
            if len(row.cells) > width:
                self.faults.add(
                    self.place(row, width), f"this row has {len(row.cells)} cells, and the header {width}",
                    f"Put a text with a {_SIGNS[self.separator]} in it in double quotes.",
                )  # fmt: skip
            elif len(row.cells) < width:
                self.faults.add(
                    self.place(row, len(row.cells) - 1), f"this row has {len(row.cells)} cells, and the header {width}",
                    f"Add the {_SIGNS[self.separator]}s that are missing.",
                )  # fmt: skip
            else:
                yield row

    def get(self, row: Row, column: str) -> str:
        """A cell; an empty text when there is no such column."""
        index = self.columns.get(column)
        return row.cells[index] if index is not None else ""

    def at(self, row: Row, column: str) -> Place:
        """Where a cell begins."""
        return self.place(row, self.columns.get(column, 0))

    def place_of(self, column: str) -> Place:
        """Where the name of a column stands."""
        return self.place(self.header, self.columns[column]) if self.header is not None else Place(self.source.path)

    def place(self, row: Row, index: int) -> Place:
        """Where the cell of that index begins."""
        # Looked for only now: a row of a hundred thousand is seldom asked for its places.
        starts = [start for _, start in _cells(self.source.text, row.start, self.separator)[0]] or [row.start]
        before = self.source.text[row.start : starts[min(index, len(starts) - 1)]]
        return Place(self.source.path, row.line + before.count("\n"), len(before) - before.rfind("\n"))


def _cells(text: str, index: int, separator: str) -> tuple[list[tuple[str, int]], int, tuple[int, str] | None]:
    """The cells of the row that begins at `index`, each with its own index; where the next row begins; a fault."""
    found: list[tuple[str, int]] = []
    while True:
        start = index
        if text[index : index + 1] == '"':
            cell, index, fault = _quoted(text, index, separator)
            if fault is not None:
                return found, len(text), fault
        else:
            ends = text.find(separator, index), text.find("\n", index)
            index = min((at for at in ends if at >= 0), default=len(text))
            cell = text[start:index]
        found.append((cell.strip(), start))
        if text[index : index + 1] != separator:
            return found, index + 1, None
        index += 1


def _quoted(text: str, start: int, separator: str) -> tuple[str, int, tuple[int, str] | None]:
    index = start + 1
    while True:
        index = text.find('"', index)
        if index < 0:
            return "", len(text), (start, "a quote is opened here and never closed")
        if text[index + 1 : index + 2] != '"':
            break
        index += 2
    cell, after = text[start + 1 : index].replace('""', '"'), index + 1
    if text.startswith("\r\n", after):
        after += 1
    if text[after : after + 1] not in ("", separator, "\n"):
        return "", len(text), (after, "something stands after the closing quote")
    return cell, after, None
