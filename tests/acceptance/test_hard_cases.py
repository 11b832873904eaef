"""The hard cases: every sentence of the language and each guarantee at its edges, a line each in `tests/hard_cases/`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.store import Store
from tests.hard_cases.notation import BadCase, Case, cases, read
from tests.hard_cases.seeing import differences

CASES = list(cases())
ENOUGH = 450
ROOT = Path(__file__).resolve().parents[2]
GUARANTEES = {f"G{number}" for number in range(1, 10)}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without anything in it, to copy."""
    path = tmp_path_factory.mktemp("empty") / "followthrough.db"
    Store.open(f"sqlite:///{path}", durable=False).close()
    return path


@pytest.mark.parametrize("case", CASES, ids=[f"{case.place} {case.name}" for case in CASES])
def test_case(case: Case, empty: Path, tmp_path: Path) -> None:
    different = differences(tmp_path, empty, case)
    assert not different, "\n".join([f"tests/hard_cases/{case.place}: {case.name}", *different])


def test_there_are_enough_and_each_guarantee_has_some() -> None:
    assert len(CASES) >= ENOUGH
    assert len({case.name for case in CASES}) == len(CASES), "a sentence stands once"
    assert frozenset().union(*(case.guarantees for case in CASES)) == GUARANTEES


def test_each_heading_of_the_language_has_cases() -> None:
    page = (ROOT / "docs" / "language.md").read_text("utf-8")
    headings = re.findall("^##+ (.+)$", page, flags=re.MULTILINE)
    assert headings
    assert set(headings) - {case.heading for case in CASES} == set()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("| one | ask | sent: - |", "a case has 4 columns with “|” between them, and this has 3"),
        ("| one | | | |", "it expects nothing"),
        ("| one | ask; ask.by 2018 | | sent: - |", "a change is “KEY: VALUE”, and this is “ask.by 2018”"),
        ("| one | | AA report 2018-01-01 | sent: - |", "nothing says when “AA report 2018-01-01” happens"),
        ("| one | | | sent |", "what is expected is “WHAT: ITEM, ITEM” or “WHAT: -”, and this is “sent”"),
        ("| one | ask.send: [at once | | sent: - |", "a bracket or a quote is not closed in “ask.send: [at once”"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, said: str) -> None:
    with pytest.raises(BadCase, match=re.escape(f"tests/hard_cases/x.md:3: {said}")):
        list(read("x.md", f"## Dates\n\n{line}\n"))


def test_what_is_otherwise_is_told(empty: Path, tmp_path: Path) -> None:
    (case,) = read("x.md", "## Dates\n| one | ask.send: [on the day] | | sent: on-day 2018-06-29 09:01; missed: - |")
    assert differences(tmp_path, empty, case) == [
        "sent: on-day 2018-06-29 09:01\n  but: on-day 2018-06-29 09:00 (07:00Z) >aa r1 “sent”"
    ]
