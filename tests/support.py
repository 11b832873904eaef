"""Shared by the tests: the note's plan loaded once, facts in a line, plans asked for in words."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import count
from pathlib import Path

from engine.definition import loader
from engine.definition.building.roster import roster_facts
from engine.definition.dates import parse_moment, parse_span
from engine.definition.facts import Fact, Subject, details_of
from engine.definition.syntax.sources import SourceFile
from engine.definition.workflow import Plannable
from engine.errors import BadInput
from engine.letter import Letter
from engine.planning.planner import Planned
from engine.planning.replay import Replay, comes_from

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = ROOT / "workflows"
BROKEN = ROOT / "tests" / "broken"
"""Files with faults, and the sound ones that they were made of."""
FILES = {name: (BROKEN / name).read_bytes() for name in ("parties.csv", "contacts.csv")}
"""What the sound workflow in there names."""
ZURICH = "Europe/Zurich"
_ids = count(1)


@lru_cache
def plannable(name: str = "ccm-nim-2018") -> Plannable:
    """A plan of the checkout."""
    path = WORKFLOWS / f"{name}.yaml"
    return loader.load(
        SourceFile(path.name, path.read_text("utf-8")), lambda file: (WORKFLOWS / file).read_text("utf-8"), {}
    ).plannable


def load_text(workflow: str, files: Mapping[str, str] | None = None) -> Plannable:
    """A plan written in a test."""
    texts = dict(files or {})

    def read(name: str) -> str:
        if name not in texts:
            raise FileNotFoundError(name)
        return texts[name]

    return loader.load(SourceFile("test.yaml", workflow), read, {}).plannable


def check_faults(error: BadInput) -> None:
    """Every fault has a place, and one line says it, which can be written anywhere."""
    for problem in error.problems:
        assert problem.place.line >= 1
        assert problem.place.column >= 1
        assert problem.message
        assert "\n" not in problem.message + problem.hint
        str(problem).encode()


def kept(path: Path, found: str) -> str:
    """What a golden file has; with `EXPECT=write` in the environment it is given what was found first."""
    if os.environ.get("EXPECT") == "write":
        path.write_text(found, "utf-8")
    return path.read_text("utf-8")


def hear_interrupts() -> None:
    """For a child process: Ctrl-C counts, also where these tests run in the background and are deaf to it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def moment(text: str, zone: str = ZURICH) -> datetime:
    """An instant (a bare day: its start) in a zone, in UTC."""
    return parse_moment(text, zone)


def fact(
    name: str, value: str, *, party: str | None = None, step: str | None = None, anchor: str | None = None,
    cycle: str | None = None, contact: str | None = None, on: str | None = None, at: str | None = None,
    details: Mapping[str, str] | None = None,
) -> Fact:  # fmt: skip
    """A fact; `on` is its true day (default: its value), `at` its recording (default: the start of that day)."""
    true = parse_span(on or value)
    return Fact(
        next(_ids), name, Subject(party, step, anchor, cycle, contact), value, true,
        moment(at or true.first.isoformat()), details_of(details or {}),
    )  # fmt: skip


def replay(
    facts: Sequence[Fact], at: str, plan: Plannable | None = None, start: str | None = None
) -> tuple[Replay, Planned]:
    """The plan at an instant, had each fact been known from its true day."""
    plan = plan or plannable()
    until = moment(at, plan.workflow.timezone)
    first = moment(start or "2017-09-04", plan.workflow.timezone)
    run = Replay(plan, [*roster_facts(plan), *facts], min(first, until))
    return run, run.run(until)


def coming(facts: Sequence[Fact], at: str, plan: Plannable | None = None, start: str | None = None) -> list[Letter]:
    """What is still to come at an instant, in order."""
    _, planned = replay(facts, at, plan, start)
    return comes_from(planned, moment(at, (plan or plannable()).workflow.timezone))


def of(letters: Sequence[Letter], step: str, party: str | None = None) -> list[Letter]:
    """The letters of a step (and party)."""
    return [letter for letter in letters if letter.step == step and party in (None, letter.party)]


def by_slot(letters: Sequence[Letter]) -> dict[str, Letter]:
    """Letters by slot; of one addressee."""
    return {letter.slot: letter for letter in letters}


def new_york(*attended: str) -> list[Fact]:
    """The New York workshop fixed on 20 September for 12 October, held, and attended by some."""
    return [
        fact("date", "2017-10-12", step="ny_workshop", on="2017-09-20"),
        fact("held", "yes", step="ny_workshop", on="2017-10-13"),
        *(fact("attended", "yes", step="ny_workshop", party=party, on="2017-10-16") for party in attended),
    ]


def auckland() -> list[Fact]:
    """The Auckland conference fixed in November for 12 to 14 February, and held."""
    return [
        fact("date", "2018-02-12..2018-02-14", step="auckland", on="2017-11-06"),
        fact("held", "yes", step="auckland", on="2018-02-15"),
    ]


def report(party: str, on: str, form_a: str = "substantive", at: str | None = None) -> Fact:
    """An Article 7 report."""
    return fact("report", on, party=party, details={"kind": "annual", "form_a": form_a}, at=at)
