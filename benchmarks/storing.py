"""Rows of the outbox: written in bulk, beside what SQLite does alone; and one party planned again through the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from benchmarks import large
from benchmarks.figures import Figure, Goal
from benchmarks.measuring import Scope, Spent, median, spent, times
from engine.app.facts.recording import record
from engine.app.plans.apply import apply_package
from engine.app.root import App
from engine.clock import ManualClock
from engine.definition.facts import Subject
from engine.dispatcher.package import Package, open_package
from engine.dispatcher.replan import asking_time
from engine.paths import templates_dir
from engine.planning.changes import Action, Change
from engine.planning.reconcile import reconcile
from engine.rendering.source import read_templates
from engine.settings import Configuration, Settings
from engine.store import Store


def changes_of(parties: int) -> list[Change]:
    """What is to be inserted for so many parties that have no letters yet."""
    planner = large.planner(large.plannable(parties))
    planned = planner.plan()
    return reconcile(planned.letters, [], planner.now, planned.silences)


def write(store: Store, changes: list[Change]) -> None:
    """Bring the outbox up to a plan, journal and all, in one transaction."""
    planner = large.planner(large.plannable(1))
    ask_at = asking_time(planner.workflow, planner.world.resolver)
    with store.write() as tx:
        done = tx.apply_changes(
            changes, revision=1, now=planner.now, actor="benchmark", cause="the benchmark", ask_at=ask_at
        )
    assert done[Action.INSERT] == len(changes)


def rows(scope: Scope, folder: Path) -> Iterator[Figure]:
    """Rows written through the store, and the same rows by the sqlite3 module alone: same table, same indexes."""
    changes = changes_of(scope.stored_parties)
    samples: list[Spent] = []
    alone: list[Spent] = []
    for number in range(scope.slow_runs):
        ours, theirs = folder / f"ours-{number}.db", folder / f"theirs-{number}.db"
        with Store.open(f"sqlite:///{ours}") as store:
            samples.append(spent(lambda: write(store, changes)))
        with Store.open(f"sqlite:///{theirs}"):
            pass
        columns, values = _values(ours)
        alone.append(spent(lambda: _executemany(theirs, columns, values)))  # noqa: B023 - called at once
    took, raw, count = median(samples), median(alone), len(changes)
    raw_speed = f"{count / raw.wall:,.0f}/s ({count / raw.cpu:,.0f}/s)"
    peer = f"sqlite3 alone, the same columns and indexes: {raw_speed}: {times(took.cpu, raw.cpu)}"
    goal = Goal(50_000, at_least=True)
    what = f"{count:,} rows written with their journal"
    yield Figure("rows", what, "/s", count / took.wall, count / took.cpu, scope.slow_runs, goal, peer)


def _values(path: Path) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """What was written: the columns that hold anything, and their values."""
    with closing(sqlite3.connect(path)) as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(letter)") if row[1] != "id"]
        counted = ", ".join(f'count("{name}")' for name in names)
        filled = connection.execute(f"SELECT {counted} FROM letter").fetchone()
        columns = tuple(name for name, count in zip(names, filled, strict=True) if count)
        listed = ", ".join(f'"{name}"' for name in columns)
        return columns, connection.execute(f"SELECT {listed} FROM letter ORDER BY id").fetchall()


def _executemany(path: Path, columns: tuple[str, ...], values: list[tuple[object, ...]]) -> None:
    listed, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO letter ({listed}) VALUES ({marks})", values)
        connection.execute("COMMIT")


def one_party(scope: Scope, folder: Path) -> Iterator[Figure]:
    """The command's own use case: fact, journal, plan, reconcile and outbox in one transaction, on the disk."""
    clock = ManualClock(large.start())
    with App(Configuration(Settings(home=folder), {}), clock) as app:
        package = package_of_many(scope.stored_parties)
        apply_package(app, package, open_package(package), "benchmark", yes=True)
        runs, samples = 50, []
        for number in range(1, runs + 1):
            party = f"P{number:06d}"

            def work(party: str = party) -> None:
                result = record(app, large.NAME, "answer", large.STARTS, [Subject(party)], author="benchmark")
                assert result.changes[Action.WITHDRAW] == large.SLOTS

            samples.append(spent(work))
    took, count = median(samples), large.SLOTS * scope.stored_parties
    peer = f"of {scope.stored_parties:,} parties with {count:,} rows; with two commits to the disk"
    yield Figure("record", "one fact through the store", "ms", took.wall * 1e3, took.cpu * 1e3, runs, Goal(5.0), peer)


def package_of_many(parties: int) -> Package:
    """The large plan as texts, which is what a revision keeps."""
    return Package("large.yaml", large.WORKFLOW, large.files(parties), read_templates(templates_dir()), {})
