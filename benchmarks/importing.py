"""An import: every party answers at once, in a CSV file and in a spreadsheet, through the command's own use case."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook

from benchmarks import large
from benchmarks.figures import Figure, Goal
from benchmarks.measuring import Scope, Spent, median, spent
from benchmarks.storing import package_of_many
from engine.app.facts.importing import import_facts
from engine.app.plans.apply import apply_package
from engine.app.root import App
from engine.clock import ManualClock
from engine.dispatcher.package import open_package
from engine.planning.changes import Action
from engine.settings import Configuration, Settings


def answers(scope: Scope, folder: Path) -> Iterator[Figure]:
    """A fact for each party: the file, the checks, facts and journal, one replan of all, the outbox; on the disk."""
    parties = scope.parties // 10
    rows = [("party", "fact", "value"), *((f"P{number:06d}", "answer", large.STARTS) for number in range(parties))]
    for name, data in (("answers.csv", _csv(rows)), ("answers.xlsx", _xlsx(rows))):
        took = median([_import(folder / f"{name}-{run}", name, data, parties) for run in range(scope.slow_runs)])
        what = f"{parties:,} facts of {parties:,} parties, {name}"
        peer = f"{large.SLOTS * parties:,} letters withdrawn, in one transaction"
        yield Figure("import", what, "s", took.wall, took.cpu, scope.slow_runs, Goal(10.0), peer)


def _import(home: Path, name: str, data: bytes, parties: int) -> Spent:
    """One import into a store of its own."""
    with App(Configuration(Settings(home=home), {}), ManualClock(large.start())) as app:
        made = package_of_many(parties)
        apply_package(app, made, open_package(made), "benchmark", yes=True)

        def work() -> None:
            found = import_facts(app, large.NAME, name, data, author="benchmark")
            assert len(found.kept.facts) == parties
            assert found.kept.effect.changes[Action.WITHDRAW] == large.SLOTS * parties

        return spent(work)


def _csv(rows: list[tuple[str, str, str]]) -> bytes:
    return "".join(f"{','.join(row)}\n" for row in rows).encode()


def _xlsx(rows: list[tuple[str, str, str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Answers")
    for row in rows:
        sheet.append(row)
    data = BytesIO()
    book.save(data)
    return data.getvalue()
