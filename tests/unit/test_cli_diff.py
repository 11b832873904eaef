"""`plan --diff` as it is printed, and as a program gets it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.command import REPORTS, ROOT, Command


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    command = Command(tmp_path / "home", monkeypatch)
    command.at("2026-11-25T12:00")
    return command


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the yearly plan, to edit."""
    shutil.copytree(ROOT / "workflows", tmp_path / "workflows")
    return tmp_path / "workflows" / f"{REPORTS}.yaml"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_files_as_they_were_applied_change_nothing(command: Command) -> None:
    command("apply", REPORTS)
    assert "(revision 1): nothing would change." in command("plan", REPORTS, "--diff").stdout
    found = command.json("plan", REPORTS, "--diff")
    assert (found["unchanged"], found["letters"], found["revision"]) == (True, [], 1)


def test_what_would_change_is_shown_by_step_and_nothing_is_done(command: Command, files: Path) -> None:
    command("apply", REPORTS)
    edit(files, "6 weeks before", "5 weeks before")
    edit(files.parent / "ccm" / "contacts.csv", "mission-fj@geneva.example", "fiji@geneva.example")
    shown = command("plan", str(files), "--diff").stdout
    assert "annual: 104 letters added, 5 changed and 104 withdrawn" in shown
    assert "+ added before-5w 2027, Thu 25 March 2027, 09:00 (104 letters)\n    AD, AF, AL" in shown
    assert "and 92 more" in shown
    assert "- withdrawn before-6w 2027, Fri 19 March 2027, 09:00 (104 letters)" in shown
    assert "~ changed before-12w 2027, Fri 5 February 2027, 09:00\n    FJ\n    other recipient\n" in shown
    assert "      + To: Permanent Mission of Fiji, Geneva <fiji@geneva.example>" in shown
    assert shown.count("<fiji@geneva.example>") == 1
    assert shown.splitlines()[-1] == f"To do it: followthrough apply {files}"
    assert max(len(line) for line in shown.splitlines()[:-1] if "<" not in line) <= 100
    assert len(command.json("letters")) == 624
    assert "before-6w" in command("letters", "--party", "FJ").stdout


def test_a_move_is_shown_from_where_to_where(command: Command, files: Path) -> None:
    command("apply", REPORTS)
    edit(files, "due: 04-30", "due: 05-14")
    shown = command("plan", str(files), "--diff").stdout
    assert "~ moved on-day 2027, Fri 30 April 2027, 09:00 → Fri 14 May 2027, 09:00 (104 letters)" in shown
    found = command.json("plan", str(files), "--diff")
    (letter,) = [each for each in found["letters"] if each["key"].endswith("/FJ/1/fj_mission/on-day")]
    assert (letter["change"], letter["from"], letter["to"]) == (
        "moved", "2027-04-30T09:00:00+02:00", "2027-05-14T09:00:00+02:00",
    )  # fmt: skip
    assert {"subject", "body"} <= set(letter["what"])
    assert "14 May 2027" in letter["after"]["body"]
    assert found["counts"]["moved"] == found["steps"]["annual"]["moved"] == len(found["letters"])


def test_each_letter_can_be_listed(command: Command, files: Path) -> None:
    command("apply", REPORTS)
    edit(files, "6 weeks before", "5 weeks before")
    lines = {line.strip() for line in command("plan", str(files), "--diff", "--each").stdout.splitlines()}
    assert {letter["key"] for letter in command.json("plan", str(files), "--diff")["letters"]} <= lines


def test_a_plan_that_was_never_applied_says_so(command: Command) -> None:
    shown = command("plan", REPORTS, "--diff").stdout
    assert "which was never applied" in shown
    assert "Altogether 624 letters added." in shown
    assert "Within a day, nobody would get mail by it." in shown
    assert not command.home.exists()


def test_files_with_faults_are_told_as_everywhere(command: Command, files: Path) -> None:
    edit(files, "due: 04-30", "due: 02-30")
    assert f"{files.name}:" in command("plan", str(files), "--diff", exits=1).stderr


def test_it_is_about_now(command: Command) -> None:
    assert "--diff" in command("plan", REPORTS, "--diff", "--at", "2027-01-01", exits=2).stderr
