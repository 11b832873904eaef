"""What became of each mutant: kept line by line as it comes, so that a run goes on where it was stopped, and counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.mutants.mutations import Mutant

KILLED = ("killed", "timeout")
ENOUGH = 90.0


class Line(NamedTuple):
    """A result on record. `tests` says which tests there were: what they let live is tried again with others."""

    id: str
    outcome: str
    by: str
    seconds: float
    tests: str


class Results:
    """The results below a folder."""

    def __init__(self, folder: Path, tests: str) -> None:
        self._file, self._tests = folder / "results.jsonl", tests
        folder.mkdir(parents=True, exist_ok=True)
        lines = self._file.read_text("utf-8").splitlines() if self._file.exists() else []
        self._lines = {line.id: line for line in (Line(*json.loads(text)) for text in lines)}

    def of(self, mutant: Mutant) -> Line | None:
        """What is known of a mutant: a kill stays one, a survivor is one for the tests of its time."""
        line = self._lines.get(mutant.id)
        return line if line is not None and (line.outcome in KILLED or line.tests == self._tests) else None

    def lived(self, mutant: Mutant) -> bool:
        """Whether the tests of now let it live, as far as they were tried."""
        line = self.of(mutant)
        return line is not None and line.outcome in ("survived", "uncovered")

    def add(self, mutant: Mutant, outcome: str, by: str, seconds: float) -> None:
        """Keep a result."""
        line = Line(mutant.id, outcome, by, seconds, self._tests)
        self._lines[mutant.id] = line
        with self._file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")

    def void(self, tests: Iterable[str]) -> None:
        """Forget what was proved by tests that fail without a mutant, too."""
        unfit = set(tests)
        self._lines = {id_: line for id_, line in self._lines.items() if line.by not in unfit}
        self._file.write_text("".join(json.dumps(line) + "\n" for line in self._lines.values()), "utf-8")


def read_explained(file: Path) -> dict[tuple[str, str, str, str], str]:
    """The survivors that may live, with the reason: by file, function, line before and line after."""
    found: dict[tuple[str, str, str, str], str] = {}
    place, before, after = ("", ""), "", ""
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        match line[:2]:
            case "@ ":
                path, _, function = line[2:].partition(" ")
                place = (path, function)
            case "- ":
                before = line[2:]
            case "+ ":
                after = line[2:]
            case "= ":
                found[*place, before, after] = line[2:]
    return found


class Count(NamedTuple):
    """A part counted. `explained` are survivors with a reason, `uncovered` those that no test runs."""

    part: str
    there: int
    tried: int
    killed: int
    explained: int
    uncovered: int
    unplaced: int
    seconds: float
    survivors: tuple[Mutant, ...]

    @property
    def percent(self) -> float:
        """How many of those tried were killed."""
        return 100 * self.killed / self.tried if self.tried else 100.0


def count(
    part: str, there: int, mutants: Sequence[Mutant], results: Results, explained: dict[tuple[str, str, str, str], str]
) -> Count:
    """Count a part by what is on record."""
    outcomes: Counter[str] = Counter()
    survivors: list[Mutant] = []
    seconds = 0.0
    for mutant in mutants:
        line = results.of(mutant)
        if line is None or line.outcome == "unplaced":
            outcomes["unplaced"] += 1
            continue
        seconds += line.seconds
        kind = line.outcome
        if kind not in KILLED:
            why = explained.get((mutant.file, mutant.function, mutant.before, mutant.after))
            if why is None:
                survivors.append(mutant)
            kind = kind if why is None else "explained"
        outcomes[kind] += 1
    killed = sum(outcomes[kind] for kind in KILLED)
    tried = len(mutants) - outcomes["unplaced"]
    return Count(
        part, there, tried, killed, outcomes["explained"], outcomes["uncovered"], outcomes["unplaced"], seconds,
        tuple(survivors),
    )  # fmt: skip


def table(counts: Sequence[Count]) -> str:
    """The counts, a line for each part."""
    rows = [("part", "mutants", "tried", "killed", "", "explained", "survived", "no test", "unplaced", "seconds")]
    for each in counts:
        survived = len(each.survivors) - each.uncovered
        rows.append(
            (
                each.part, str(each.there), str(each.tried), str(each.killed), f"{each.percent:.1f} %",
                str(each.explained), str(survived), str(each.uncovered), str(each.unplaced), f"{each.seconds:.0f}",
            )
        )  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{row[0]:{widths[0]}}  "
        + "  ".join(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    )
