"""`check`: one line for each error, and what a program gets."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.app.plans.checking import Checked
from tests.command import NOTE, Command

BROKEN = """workflow: broken
title: Broken
timezone: Europe/Zurich
starts: 2030-01-01
owner: desk
roles:
  desk: {title: Desk, email: desk@example.org}
steps:
  notice:
    follow_up: A step with a long title, so that its line is far wider than any terminal that people have, in every case
    by: 2030-02-30
    sent: [on the day]
"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN, "utf-8")
    return path


def test_a_plan_that_is_fine_is_one_line(command: Command) -> None:
    assert command("check", NOTE).stdout == f"{NOTE}: 9 steps, 132 parties, 262 contacts, fine\n"
    assert command.json("check", NOTE) == []


def test_each_error_starts_a_line_of_its_own_with_its_place(command: Command, broken: Path) -> None:
    lines = command("check", str(broken), exits=1).stdout.splitlines()
    errors = [line for line in lines if re.match(rf"{re.escape(str(broken))}:\d+:\d+: \S", line)]
    assert len(errors) >= 2
    at = next(place for place, line in enumerate(lines) if "2030-02-30" in line)
    assert lines[at + 1] == "        by: 2030-02-30"
    assert lines[at + 2] == "            ^"
    assert lines[-1] == f"{broken}: not fine ({len(errors)} errors)"


def test_other_commands_say_the_same_on_stderr(command: Command, broken: Path) -> None:
    result = command("plan", str(broken), exits=1)
    assert result.stdout == ""
    assert re.match(rf"{re.escape(str(broken))}:\d+:\d+: ", result.stderr)


def test_json_has_each_problem(command: Command, broken: Path) -> None:
    rows = json.loads(command("check", str(broken), "--json", exits=1).stdout)
    assert {tuple(row) for row in rows} == {("file", "line", "column", "message", "hint", "warning")}
    assert {row["file"] for row in rows} == {str(broken)}
    assert all(row["line"] > 1 and row["warning"] is False for row in rows)


def test_a_plan_that_is_not_there_hinders_no_other(command: Command) -> None:
    result = command("check", "nowhere", NOTE, exits=1)
    assert "there is no workflow “nowhere”" in result.stderr
    assert f"{NOTE}: 9 steps" in result.stdout


def test_warnings_do_not_fail(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    (tmp_path / "parties.csv").write_text("id,name\nAA,Aland\nBB,Beland\n", "utf-8")
    path.write_text(
        "workflow: small\ntitle: Small\ntimezone: Europe/Zurich\nstarts: 2030-01-01\nowner: desk\nparties: parties.csv\n"
        "roles:\n  desk: {title: Desk, email: desk@example.org}\n"
        "sets:\n  all_of_them: {who: 'not ghost', as_of: 2030-01-01, expect: 3}\nfacts:\n  ghost: {type: date}\n"
        "steps:\n  paper:\n    task: Write the paper\n    by: 2030-02-01\n    remind: [1 week before]\n",
        "utf-8",
    )
    shown = command("check", str(path)).stdout
    assert re.search(r"small\.yaml:\d+:\d+: warning: the set all_of_them has 2 parties, and 3 are expected", shown)
    assert shown.splitlines()[-1].endswith("fine (1 warning)")


def test_without_names_every_plan_is_checked(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def look(_: object, name: str) -> Checked:
        seen.append(name)
        return Checked(name, ())

    monkeypatch.setattr("engine.cli.views.check.check", look)
    command("check")
    assert seen == ["article7-annual", NOTE, "montreal-annual", "speakers"]
