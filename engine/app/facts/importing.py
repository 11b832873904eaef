"""`import`: facts from a table that somebody made elsewhere. All of it is checked before any of it is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from engine.app.asked import readable
from engine.app.facts.cases import Case, superseding, with_cycle, within_rule
from engine.app.facts.keeping import Kept, keep, on_record
from engine.app.root import App
from engine.definition.facts import Fact, Subject
from engine.definition.recording.draft import Draft, draft, faults_of
from engine.definition.recording.incoming import Entry, read_entries
from engine.definition.recording.slips import day_hint
from engine.definition.recording.subjects import RecordingError, takes
from engine.definition.syntax.grid import CellFaults, Grid, read_csv
from engine.errors import Refused

_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a workbook begins, new or old, whatever the file is called; no text begins so."""
_LARGEST = 30_000_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: what was kept, and how many of its facts were on record already or stood in it twice."""

    file: str
    kept: Kept
    known: int
    repeated: int


def import_facts(
    app: App, workflow: str, path: str, data: bytes, *, sheet: str | None = None, source: str = "", author: str = "",
    dry_run: bool = False,
) -> Imported:  # fmt: skip
    """Record the facts of a file, CSV or XLSX. Raises BadInput with everything that is wrong in it; nothing is kept then."""
    if len(data) > _LARGEST:
        raise Refused(f"{path} is larger than {_LARGEST // 1_000_000} MB: split it")
    source = readable(source, "the source")
    faults = CellFaults()
    grid = _grid(path, data, faults, sheet)
    name = PurePath(path).name
    counted: list[int] = []

    def choose(case: Case) -> Sequence[Fact]:
        chosen = _Chosen(case, faults)
        for entry in read_entries(grid, case.plannable, faults):
            chosen.take(entry)
        faults.stop()
        if not chosen.drafts and not chosen.known:
            raise Refused(f"{path} has no facts in it")
        counted[:] = chosen.known, chosen.repeated
        return [
            made.fact(case.now, entry.source or source or f"{name}, {entry.line.where}", entry.note, author)
            for made, entry in chosen.drafts
        ]

    kept = keep(app, workflow, choose, author, f"{name} was imported", rehearse=dry_run)
    return Imported(path, kept, *counted)


def _grid(path: str, data: bytes, faults: CellFaults, sheet: str | None) -> Grid:
    if data.startswith(_SPREADSHEETS):
        # Here, since openpyxl costs a fifth of a second, and a CSV file needs none of it.
        from engine.app.facts.spreadsheets import read_xlsx

        return read_xlsx(path, data, faults, sheet)
    if sheet is not None:
        raise Refused(f"{path} is no spreadsheet: it has no sheets to choose from")
    return read_csv(path, data, faults)


class _Chosen:
    """The entries of a file that are to be recorded, each checked against the plan and against the others."""

    def __init__(self, case: Case, faults: CellFaults) -> None:
        self.case = case
        self.faults = faults
        self.drafts: list[tuple[Draft, Entry]] = []
        self.known = 0
        self.repeated = 0
        self._said: dict[tuple[str, Subject, object], tuple[Draft, Entry]] = {}

    def take(self, entry: Entry) -> None:
        """Check one entry, and keep it unless it is on record or stands in the file already."""
        what = self.case.plannable, entry.fact, entry.value, entry.about
        more: dict[str, Any] = {
            "today": self.case.today, "details": entry.details, "on": entry.on, "note": entry.note,
        }  # fmt: skip
        try:
            made = draft(*what, **more)
        except RecordingError:
            for fault in faults_of(*what, **more):
                self._fault(fault, entry)
            return
        if not entry.sound:
            return
        try:
            made = superseding(made, self.case, on=entry.on)
            if self._twice(made, entry):
                return
            if on_record(self.case, made, dated=self._dated(entry)):
                self.known += 1
                return
            self.drafts.append((within_rule(with_cycle(made, self.case), self.case), entry))
        except RecordingError as error:
            self._fault(error, entry)

    def _fault(self, error: RecordingError, entry: Entry) -> None:
        self.faults.add(entry.place(error.argument, error.detail), str(error), self._hint(error, entry))

    def _dated(self, entry: Entry) -> bool:
        declared = self.case.plannable.workflow.facts.get(entry.fact)
        return entry.on is not None or (declared is not None and declared.type == "date")

    def _twice(self, made: Draft, entry: Entry) -> bool:
        """Whether the file says it a second time. Raises RecordingError where it says two things of one day."""
        about = made.name, made.subject, None if made.needs_cycle else made.true.first
        before, first = self._said.setdefault(about, (made, entry))
        if first is entry:
            return False
        if (before.value, before.true, before.details) == (made.value, made.true, made.details):
            self.repeated += 1
            return True
        if made.needs_cycle:
            raise RecordingError(
                "value", f"{first.line.where} has another {made.name} of it", "Name the cycle of each."
            )
        raise RecordingError("value", f"{first.line.where} says otherwise of the same day", "Keep one of the two.")

    def _hint(self, error: RecordingError, entry: Entry) -> str:
        text = {"on": entry.on, "value": entry.value}.get(error.argument) or ""
        if error.argument == "on" or takes(self.case.plannable.workflow, entry.fact)[0] == "date":
            return day_hint(text) or error.hint
        return error.hint
