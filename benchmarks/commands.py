"""The note's year and its plan, and the help, as a person at a terminal waits for them: whole processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, Goal
from benchmarks.measuring import Scope, command, interpreter, times
from engine.app.facts.recording import record
from engine.app.root import App
from engine.definition.facts import Subject
from engine.definition.scenario import loader as scenario
from engine.definition.scenario.events import RecordEvent
from engine.definition.syntax.sources import decode
from engine.paths import workflows_dir
from engine.settings import Configuration, Settings

NOTE = "ccm-nim-2018"
SCENARIO = workflows_dir() / "ccm" / "scenario-2018.yaml"
_LIBRARIES = "import sqlmodel, holidays, yaml, typer"
_ASKED = 100
"""So many facts, about, are on record when `plan` is asked."""


def simulate(scope: Scope, folder: Path) -> Iterator[Figure]:
    """The whole year."""
    took = command(
        "simulate", NOTE, "--scenario", str(SCENARIO), "--speed", "max", "--json", home=folder, runs=scope.slow_runs
    )
    libraries = interpreter(_LIBRARIES, scope.runs)
    peer = f"loading the libraries alone {libraries.wall:.2f} s ({libraries.cpu:.2f} s)"
    what = "the note's year at full speed"
    yield Figure("simulate", what, "s", took.wall, took.cpu, scope.slow_runs, Goal(5.0), peer)


def plan(scope: Scope, folder: Path) -> Iterator[Figure]:
    """What if it were 15 January, with the scenario's first facts on record."""
    facts = _record_facts(folder)
    took = command("plan", NOTE, "--at", "2018-01-15", "--json", home=folder, runs=scope.runs)
    libraries = interpreter(_LIBRARIES, scope.runs)
    peer = f"loading the libraries alone {libraries.wall:.2f} s ({libraries.cpu:.2f} s)"
    what = f"the note's plan at a day, {facts} facts on record"
    yield Figure("plan", what, "s", took.wall, took.cpu, scope.runs, Goal(1.0), peer)


def forecast(scope: Scope, folder: Path) -> Iterator[Figure]:
    """Whether the note's plan will be met, as of a day with most of the scenario's facts on record."""
    facts = _record_facts(folder)
    took = command("forecast", NOTE, "--at", "2018-03-15", "--json", home=folder, runs=scope.runs)
    libraries = interpreter(f"{_LIBRARIES}, numpy", scope.runs)
    peer = f"loading the libraries alone {libraries.wall:.2f} s ({libraries.cpu:.2f} s)"
    what = f"the note's plan in 10,000 runs, {facts} facts on record"
    yield Figure("forecast", what, "s", took.wall, took.cpu, scope.runs, Goal(3.0), peer)


def help_(scope: Scope, folder: Path) -> Iterator[Figure]:
    """The first thing that anybody sees."""
    took = command("--help", home=folder, runs=scope.runs)
    nothing = interpreter("pass", scope.runs)
    peer = f"Python that does nothing {nothing.wall:.2f} s ({nothing.cpu:.2f} s): {times(took.wall, nothing.wall)}"
    yield Figure("help", "followthrough --help", "s", took.wall, took.cpu, scope.runs, Goal(0.25), peer)


def _record_facts(home: Path) -> int:
    """Record what the scenario records, until it is about enough; how many facts that are."""
    recorded = 0
    with App(Configuration(Settings(home=home), {})) as app:
        plannable = app.catalog.load(NOTE).plannable
        events = scenario.load(decode(SCENARIO.name, SCENARIO.read_bytes()), plannable).events
        for event in events:
            if isinstance(event, RecordEvent) and recorded < _ASKED:
                about = Subject(None, event.step, event.anchor).of_each(event.parties)
                result = record(
                    app, NOTE, event.fact, event.value, about,
                    details=event.details, on=event.true, source=event.source, note=event.note, author="benchmark",
                )  # fmt: skip
                recorded += len(result.facts)
    return recorded
