"""The runner of `make mutants`, on a module of four lines: one test of it bites, and one thing nobody asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.mutants.__main__ import sample
from scripts.mutants.mutations import Mutant, mutants_of
from scripts.mutants.results import Results, count, read_explained

ROOT = Path(__file__).resolve().parents[2]
TOY = '''\
"""Not to be changed."""

from __future__ import annotations

LIMIT: int = 3


class Basket:
    """Nor this."""

    def __repr__(self) -> str:
        return "nor" + "this"

    def holds(self, eggs: int) -> bool:
        """Whether it does."""
        return eggs <= LIMIT

    def weight(self, eggs: int) -> int:
        return 100 + eggs
'''
TEST = """\
from engine.toy import Basket


def test_three_eggs() -> None:
    assert Basket().holds(3)
    assert not Basket().holds(4)
    assert Basket().weight(0) >= 0
"""
RUN = (
    "import sys; from pathlib import Path; from scripts.mutants.__main__ import main\n"
    "sys.exit(main([], Path(sys.argv[1]), {'toy': 'engine/toy.py'}))"
)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A repository with an engine of one module, and its test."""
    for folder, name, text in (
        ("engine", "__init__.py", ""), ("engine", "toy.py", TOY), ("tests/unit", "test_toy.py", TEST),
    ):  # fmt: skip
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / name).write_text(text, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\ntimeout = 9\n", encoding="utf-8")
    return tmp_path


def changes(mutants: list[Mutant]) -> set[tuple[str, str, str]]:
    return {(each.function, each.before, each.after) for each in mutants}


def test_what_can_matter_is_changed_and_nothing_else(toy: Path) -> None:
    assert changes(mutants_of(toy, "engine/toy.py")) == {
        ("", "LIMIT: int = 3", "LIMIT: int = None"),
        ("", "LIMIT: int = 3", "LIMIT: int = 4"),
        ("Basket.holds", "return eggs <= LIMIT", "return eggs < LIMIT"),
        ("Basket.weight", "return 100 + eggs", "return 100 - eggs"),
        ("Basket.weight", "return 100 + eggs", "return 101 + eggs"),
    }


@pytest.mark.slow
def test_the_bitten_die_and_the_others_are_named(toy: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(toy)],
        cwd=toy,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines()[-1].split()[:6] == ["toy", "5", "5", "3", "60.0", "%"]
    assert (toy / ".mutants" / "survivors.txt").read_text(encoding="utf-8").split("\n\n") == [
        "@ engine/toy.py Basket.weight\n- return 100 + eggs\n+ return 100 - eggs",
        "@ engine/toy.py Basket.weight\n- return 100 + eggs\n+ return 101 + eggs\n",
    ]


def test_a_survivor_with_a_reason_is_explained(toy: Path) -> None:
    reasons = toy / "explained.txt"
    reasons.write_text(
        "@ engine/toy.py Basket.weight\n- return 100 + eggs\n+ return 101 + eggs\n= as good\n", encoding="utf-8"
    )
    mutants = [each for each in mutants_of(toy, "engine/toy.py") if each.function]
    results = Results(toy / ".mutants", "tests of now")
    for mutant in mutants:
        results.add(mutant, "killed" if "eggs <" in mutant.after else "survived", "", 0.0)
    counted = count("toy", 5, mutants, Results(toy / ".mutants", "tests of now"), read_explained(reasons))
    assert (counted.tried, counted.killed, counted.explained) == (3, 1, 1)
    assert [each.after for each in counted.survivors] == ["return 100 - eggs"]


def test_a_survivor_is_tried_again_when_there_are_other_tests(toy: Path) -> None:
    first, second, *_ = mutants_of(toy, "engine/toy.py")
    results = Results(toy / ".mutants", "tests of then")
    results.add(first, "killed", "tests/unit/test_toy.py::test_three_eggs", 0.0)
    results.add(second, "survived", "", 0.0)
    later = Results(toy / ".mutants", "tests of now")
    assert [later.of(each) is not None for each in (first, second)] == [True, False]
    later.void(["tests/unit/test_toy.py::test_three_eggs"])
    assert later.of(first) is None


def test_a_sample_is_the_same_for_a_seed_and_another_for_another(toy: Path) -> None:
    there = mutants_of(toy, "engine/toy.py")
    samples = {seed: sample(there, 2, seed) for seed in ("", "1", "2", "3", "4", "5")}
    assert {seed: sample(there[::-1], 2, seed)[::-1] for seed in samples} == samples
    assert all(len(each) == 2 for each in samples.values())
    assert len({tuple(each) for each in samples.values()}) > 1
    assert sample(there, None) == sample(there, 99) == there
