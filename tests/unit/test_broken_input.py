"""Each file in tests/broken gets an error with its place: what a person reads when something is wrong.

Beside each broken file stands what is expected, line for line. After a change of words, write the expectations again
with `EXPECT=write` in the environment, and read the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.definition import loader
from engine.definition.scenario import loader as scenario
from engine.definition.syntax.sources import Loaded, decode
from engine.errors import BadInput, Problem
from tests.support import BROKEN, kept


def load_workflow(path: Path, replaced: dict[str, Path] | None = None) -> Loaded:
    """Load a workflow of the folder, with its roster or with another file in place of one."""

    def read(name: str) -> str:
        return (replaced or {}).get(name, BROKEN / name).read_bytes().decode()

    return loader.load(decode(path.name, path.read_bytes()), read, {})


def load_roster(path: Path) -> object:
    """The valid workflow with one broken CSV file."""
    return load_workflow(BROKEN / "valid.yaml", {f"{path.name.partition('-')[0]}.csv": path})


def load_scenario(path: Path) -> object:
    """A broken scenario for the valid workflow."""
    plannable = load_workflow(BROKEN / "valid.yaml").plannable
    return scenario.load(decode(path.name, path.read_bytes()), plannable)


FOLDERS: dict[str, Callable[[Path], object]] = {
    "workflows": load_workflow,
    "rosters": load_roster,
    "scenarios": load_scenario,
}
CASES = [path for folder in FOLDERS for path in sorted((BROKEN / folder).iterdir()) if path.suffix != ".expected"]


def head(problem: Problem) -> str:
    """A problem without the line that it shows."""
    return str(problem).split("\n")[0]


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_broken_file_gets_an_error_with_its_place(path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        FOLDERS[path.parent.name](path)
    problems = caught.value.problems
    found = "".join(f"{head(problem)}\n" for problem in problems)
    assert found == kept(path.with_suffix(".expected"), found)
    assert all(problem.place.line >= 1 and problem.place.column >= 1 and not problem.warning for problem in problems)


def test_the_valid_files_are_valid() -> None:
    loaded = load_workflow(BROKEN / "valid.yaml")
    assert loaded.problems == ()
    assert len(scenario.load(decode("s", (BROKEN / "valid-scenario.yaml").read_bytes()), loaded.plannable).events) == 6


def test_there_are_enough_of_each() -> None:
    assert len(CASES) >= 45
    assert {path.parent.name for path in CASES} == set(FOLDERS)
