"""What is our reading and not the note's is named in the plan, and marked wherever it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.definition.workflow import Workflow
from tests.command import NOTE, ROOT, Command
from tests.installation import Installation
from tests.support import plannable
from tests.visitor import visit, words

_LINE = re.compile(r"( *)(?:- )?(\w+):(?=[ \n])")


def commented() -> Iterator[tuple[tuple[str, ...], str]]:
    """Each key of the note's plan whose comment says “our reading”, with what it stands in."""
    within: list[tuple[int, str]] = []
    announced = False
    for line in (ROOT / "workflows" / f"{NOTE}.yaml").read_text("utf-8").splitlines(keepends=True):
        found = _LINE.match(line)
        if found is None:
            announced = bool(re.match(r" +# our reading.*:$", line))
            continue
        depth, key = len(found[1]), found[2]
        while within and within[-1][0] >= depth:
            within.pop()
        if announced or ("# our reading" in line and not line.startswith("#")):
            yield tuple(name for _, name in within), key
        within.append((depth, key))
        announced = False


def named(workflow: Workflow) -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], tuple[str, ...]] = {(): workflow.ours}
    for kind in ("steps", "objectives", "outputs"):
        found |= {(kind, name): each.ours for name, each in getattr(workflow, kind).items()}
    return found


def test_what_a_comment_of_the_notes_plan_calls_our_reading_is_named() -> None:
    ours, said = named(plannable().workflow), list(commented())
    assert len(said) > 20
    assert [(*place, key) for place, key in said if key not in ours[place]] == []
    assert [line.ours for line in plannable().workflow.budget] == [("from",), ("from",), ()]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as house:
        house.apply()
        yield house


def test_the_page_marks_each(house: Installation) -> None:
    told = words(visit(house.app).get("/"))
    for shown in (
        r"\(a\) our reading: the deadline ",
        r"\(c\) our reading: the count at the start and the deadline ",
        r"\(d\) our reading: who is looked at ",
        r"by 30 June 2018; the day is not fixed our reading: the deadline, who is invited",
        r"by 31 March 2018 our reading: when it begins, when letters leave and whom a silence is told to",
        r"New Zealand Coordinator on National Implementation Measures our reading",
        r"100000 NZD from New Zealand for auckland, funded our reading: who pays",
        r"cluster munitions. our reading: what counts and the count at the start",
        r"the owner of each step that names none: New Zealand Coordinator",
    ):
        assert re.search(shown, told), shown
    assert told.count("New Zealand Coordinator on National Implementation Measures our reading") == 9


def test_the_terminal_says_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Command(tmp_path, monkeypatch)("status", NOTE).stdout
    assert "our reading: the count at the start and the deadline" in told
    assert "our reading: when it begins, when letters leave and whom a silence is told to" in " ".join(told.split())
    assert "NZD from New Zealand, funded (our reading: who pays)" in told
