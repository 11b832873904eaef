"""What a table says is to be recorded: a row for each fact, or a row for each party with a column for each fact.

The two are told apart by the column `fact`, never by what stands in the cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from engine.definition.facts import Subject
from engine.definition.hints import Unreadable, suggest
from engine.definition.recording.naming import Finder
from engine.definition.recording.slips import as_listed
from engine.definition.recording.subjects import RecordingError, fact_names, takes
from engine.definition.syntax.grid import Grid, GridLine
from engine.definition.syntax.sources import Faults
from engine.definition.syntax.written import prose
from engine.definition.workflow import Plannable, Workflow
from engine.errors import Place

_PARTY = ("party", "id", "iso", "name")
_SUBJECT = ("step", "anchor", "cycle", "contact")
_COMMON = (*_PARTY, *_SUBJECT, "true", "source", "note")
_DETAIL = "detail:"


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact that is to be recorded, as written, with the cells that say it."""

    fact: str
    value: str
    about: Subject
    sound: bool
    """Whether the party is known; if not, this is on record as a fault, and `about` names any."""
    on: str | None
    details: Mapping[str, str]
    source: str
    note: str
    line: GridLine
    cells: Mapping[str, int]
    """Where each argument stands in the row; a detail under `detail:` and its name."""

    def place(self, argument: str, detail: str = "") -> Place:
        """The cell of an argument; of one that has no cell, that of the fact or value."""
        name = {"on": "true", "detail": _DETAIL + detail}.get(argument, argument)
        found = (self.cells[each] for each in (name, "fact", "value") if each in self.cells)
        return self.line.at(next(found, 0))


class _Said(NamedTuple):
    """A fact of a row: the step where its column names one, and the columns of its value and details."""

    fact: str
    step: str | None
    column: int
    details: Mapping[str, int]


def read_entries(grid: Grid, plannable: Plannable, faults: Faults) -> Iterator[Entry]:
    """The facts of a table, each as soon as it is read. What is wrong goes to `faults`."""
    reader = _Reader(grid, plannable, faults)
    if not reader.ready():
        return
    for line in grid.lines:
        yield from reader.entries(line)


class _Reader:
    """Reads the header once, then row after row."""

    def __init__(self, grid: Grid, plannable: Plannable, faults: Faults) -> None:
        self.grid = grid
        self.workflow: Workflow = plannable.workflow
        self.faults = faults
        self.finder = Finder(plannable.parties)
        self.columns: dict[str, int] = {}
        for index, written in enumerate(grid.columns):
            name = written.strip() if written.startswith(_DETAIL) else written.strip().casefold()
            if name and name in self.columns:
                faults.add(grid.header(index), f"the column “{written}” stands here a second time")
            elif name:
                self.columns[name] = index
        self.tall = "fact" in self.columns
        self.facts: dict[int, tuple[str | None, str]] = {}
        self.details: dict[int, tuple[str, str]] = {}
        self._sort_columns()

    def ready(self) -> bool:
        """Whether the header can be used."""
        if not self.columns:
            if not self.faults.errors:
                self.faults.add(Place(self.grid.path), "the table is empty", "Its first row names the columns.")
            return False
        if self.tall and "value" not in self.columns:
            self.faults.add(self.grid.header(0), "the header has no column “value”", "It goes with the column “fact”.")
            return False
        if not self.tall and not self.facts:
            known = ", ".join(fact_names(self.workflow)[:6])
            self.faults.add(
                self.grid.header(0), "the header has neither a column “fact” nor the name of a fact",
                f"Write a row for each fact (columns party, fact, value), or a column for each fact ({known}, …).",
            )  # fmt: skip
            return False
        return True

    def _sort_columns(self) -> None:
        for name, index in self.columns.items():
            if name in _COMMON or (self.tall and name in ("fact", "value")):
                continue
            if name.startswith(_DETAIL) and self.tall:
                self.details[index] = ("", name.removeprefix(_DETAIL).strip())
                continue
            before, dot, after = name.partition(".")
            if dot and before in self.workflow.facts:
                if after in (details := self.workflow.facts[before].details):
                    self.details[index] = (before, after)
                else:
                    known = suggest(after, details) or "It has no details at all."
                    self.faults.add(self.grid.header(index), f"the fact {before} has no detail “{after}”", known)
            elif not self.tall and (found := self._fact(before, dot, after, name)) is not None:
                self.facts[index] = found
            else:
                self.faults.add(self.grid.header(index), *self._unknown(name, index))

    def _fact(self, before: str, dot: str, after: str, name: str) -> tuple[str | None, str] | None:
        """The step (if the column names one) and the fact of a column: `report`, `workshop.attended`, or a fact's label."""
        if dot and before in self.workflow.steps and after in fact_names(self.workflow):
            return before, after
        if name in fact_names(self.workflow):
            return None, name
        labelled = [fact.name for fact in self.workflow.facts.values() if fact.label.casefold() == name]
        return (None, labelled[0]) if len(labelled) == 1 else None

    def _unknown(self, name: str, index: int) -> tuple[str, str]:
        shown = self.grid.columns[index]
        if self.tall and (name in fact_names(self.workflow) or self._fact(*name.partition("."), name)):
            return f"“{shown}” is a fact, and this table has a row for each fact", "Leave out one of the two."
        if name in self.workflow.attributes:
            return f"“{shown}” stands in the roster and is not recorded", "Remove the column."
        own = [*_COMMON, "fact", "value", *self.workflow.facts]
        own += [f"{fact.name}.{detail}" for fact in self.workflow.facts.values() for detail in fact.details]
        return f"nothing is known of a column “{shown}”", suggest(name, own) or "Remove it, or rename it."

    def entries(self, line: GridLine) -> Iterator[Entry]:
        """The facts of one row."""
        party, sound = self._party(line)
        step, anchor, cycle, contact, true = (self._cell(line, name) for name in (*_SUBJECT, "true"))
        source, note = (self._remark(line, name) for name in ("source", "note"))
        cells = {name: index for name, index in self.columns.items() if line.cells[index]}
        cells |= {"party": next((self.columns[name] for name in _PARTY if name in cells), 0)}
        for said in self._tall(line) if self.tall else self._wide(line):
            named = self.columns.get("fact", said.column)
            try:
                kind, of = takes(self.workflow, said.fact)
            except RecordingError as error:
                self.faults.catch(line.at(named), error)
                continue
            # In a column of its own a date is the day itself; the row's is for the other facts.
            dated = not self.tall and kind == "date" and said.fact in self.workflow.facts
            yield Entry(
                fact=said.fact, value=as_listed(line.cells[said.column], of),
                about=Subject(party, said.step or step, anchor, cycle, contact), sound=sound,
                on=None if dated else true, source=source, note=note, line=line,
                details={name: line.cells[at] for name, at in said.details.items()},
                cells=cells | {"value": said.column, "fact": named}
                | {_DETAIL + name: at for name, at in said.details.items()},
            )  # fmt: skip

    def _tall(self, line: GridLine) -> Iterator[_Said]:
        fact, index = line.cells[self.columns["fact"]].strip(), self.columns["value"]
        if not fact:
            self.faults.add(line.at(self.columns["fact"]), "no fact is named in this row")
            return
        details: dict[str, int] = {}
        for at, (of, name) in self.details.items():
            if not line.cells[at]:
                continue
            if of and of != fact:
                self.faults.add(line.at(at), f"{of}.{name} is given, and this row is about {fact}")
            elif name in details:
                self.faults.add(line.at(at), f"the detail {name} is given twice in this row")
            else:
                details[name] = at
        yield _Said(fact, None, index, details)

    def _wide(self, line: GridLine) -> Iterator[_Said]:
        given = {at: detail for at, detail in self.details.items() if line.cells[at]}
        named = set()
        for index, (step, fact) in self.facts.items():
            if line.cells[index]:
                named.add(fact)
                yield _Said(fact, step, index, {name: at for at, (of, name) in given.items() if of == fact})
        for at, (fact, name) in given.items():
            if fact not in named:
                self.faults.add(line.at(at), f"{fact}.{name} is given, and {fact} is empty")

    def _party(self, line: GridLine) -> tuple[str | None, bool]:
        """The party that the columns of a row agree on; and whether nothing is wrong with it."""
        found: dict[str, str] = {}
        sound = True
        for name in _PARTY:
            index = self.columns.get(name)
            if index is None or not line.cells[index]:
                continue
            try:
                found[name] = self.finder.find(line.cells[index])
            except Unreadable as error:
                self.faults.catch(line.at(index), error)
                sound = False
                continue
            first = next(iter(found))
            if found[name] != found[first]:
                words = f"“{first}” is {found[first]} here, and “{name}” is {found[name]}"
                self.faults.add(line.at(index), words, "One row is about one party.")
                sound = False
        return next(iter(found.values() if sound else self.finder.parties), None), sound

    def _cell(self, line: GridLine, name: str) -> str | None:
        index = self.columns.get(name)
        return None if index is None else line.cells[index] or None

    def _remark(self, line: GridLine, name: str) -> str:
        text = self._cell(line, name) or ""
        try:
            return prose(text)
        except ValueError as error:
            self.faults.catch(line.at(self.columns[name]), error)
            return ""
