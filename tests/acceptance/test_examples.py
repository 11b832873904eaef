"""The plans that came with it for others than States at a conference: they check clean, and what comes of them is known."""

from __future__ import annotations

import json
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

from tests.command import ROOT, Command
from tests.installation import plain

SPEAKERS, MONTREAL = "speakers", "montreal-annual"
FOREIGN = ("Convention", "State Part", "treaty", "Article 7", "mission", "UNODA")
"""Words of another plan, which a letter to a speaker must not have."""


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    made = Command(tmp_path, monkeypatch)
    made.at("2026-12-01")
    return made


def scenario(name: str) -> str:
    return str(ROOT / "workflows" / name / "scenario.yaml")


def times(command: Command, plan: str, at: str, party: str) -> list[tuple[str, str, str]]:
    found = command.json("plan", plan, "--at", at)
    return [(row["step"], row["slot"], row["due_at"][:10]) for row in found if row["party"] == party]


@pytest.mark.parametrize("plan", [SPEAKERS, MONTREAL])
def test_an_example_has_nothing_wrong_and_nothing_odd(command: Command, plan: str) -> None:
    assert command("check", plan).stdout.count("\n") == 1


def test_what_a_party_to_the_protocol_gets_in_its_first_year(command: Command) -> None:
    assert times(command, MONTREAL, "2027-01-04", "CA") == [
        ("annual", "before-4m", "2027-05-28"), ("annual", "before-6w", "2027-08-19"), ("annual", "before-2w", "2027-09-16"),
        ("annual", "escalation-before-1w", "2027-09-23"), ("annual", "on-day", "2027-09-30"),
        ("annual", "after-4w", "2027-10-28"), ("annual", "escalation", "2027-11-01"), ("annual", "after-8w", "2027-11-25"),
    ]  # fmt: skip


def test_what_a_role_is_told_about_many_parties_is_one_line_of_the_plan(command: Command) -> None:
    shown = command("plan", SPEAKERS, "--at", "2027-01-12").stdout
    assert shown.count("chair") == shown.count("about 10 parties") == 1
    assert "each of them is" in shown
    assert "\0" not in shown


def test_who_reports_nothing_for_two_years_hears_of_the_committee_and_no_cycle_follows_the_last(
    command: Command,
) -> None:
    committee = [
        each for each in times(command, MONTREAL, "2028-09-30", "CA") if each[0] == "committee" and each[2] < "2029"
    ]
    assert [slot for _, slot, _ in committee] == ["at-once", "before-4w", "escalation"]
    assert committee[0][2] == "2028-10-02"
    last = command.json("plan", MONTREAL, "--at", "2031-09-01")
    assert {row["cycle"] for row in last} == {"2031"}


def test_the_years_of_the_protocol(command: Command) -> None:
    said = " ".join(command("simulate", MONTREAL, "--scenario", scenario(MONTREAL)).stdout.split())
    assert "2028: the one party written to has answered: Mongolia" in said
    home = command.home / "simulations" / "montreal-2027-1"
    target = json.loads(command("status", MONTREAL, "--json", FOLLOWTHROUGH_HOME=str(home)).stdout)["targets"]
    assert {name: (each["measures"][0]["have"], each["measures"][0]["want"]) for name, each in target.items()} == {
        "early 2027": (6, 10), "early 2028": (10, 10), "early 2029": (0, 10),
        "early 2030": (0, 10),
    }  # fmt: skip
    posted = mails_in(home / "mailbox")
    subjects = [str(each["Subject"]) for each in posted]
    word = "data of two years not complete, word of the Implementation Committee"
    assert [each for each in subjects if each.endswith(word)] == [f"Mongolia: {word}"] * 2
    first, second = [" ".join(plain(each).split()) for each in posted if str(each["Subject"]).endswith(word)]
    assert "not complete for 2027, nor for the year asked for before it" in first
    assert "We wrote on 2 October 2028 that" in second
    assert any("Données du Burkina Faso pour 2026" in each for each in subjects)


def test_of_whom_nobody_is_counted_yet_the_status_says_so(command: Command) -> None:
    shown = command("status", SPEAKERS).stdout
    assert "0, of nobody so far: abstract" in shown
    assert "(0 wanted)" not in shown
    assert shown.count("for nobody, by what is recorded now") == 4
    assert "0 of 0" not in shown


def test_the_speakers_half_year(command: Command) -> None:
    shown = command("simulate", SPEAKERS, "--scenario", scenario(SPEAKERS)).stdout
    said = " ".join(shown.split())
    assert "8 steps, 10 parties." in said
    assert "→ 7 of 7 found: Amara Okafor, Inês Costa" in said
    assert "need not answer: Jonas Lind" in said
    assert "why amara" in said
    assert "\n\n   →" not in shown, "a step without a note has no empty line"
    assert "State" not in said
    home = command.home / "simulations" / "speakers-2027-1"
    asked = command("status", SPEAKERS, FOLLOWTHROUGH_HOME=str(home)).stdout
    assert "As of 10 July 2027" in asked, "the store of a year that is still to come answers as of its end"
    assert (
        "As of 20 March 2027" in command("status", SPEAKERS, "--at", "2027-03-20", FOLLOWTHROUGH_HOME=str(home)).stdout
    )
    assert "simulated year" in command("run", FOLLOWTHROUGH_HOME=str(home), exits=1).stderr
    posted = mails_in(home / "mailbox")
    assert not [each for each in posted if "report" in plain(each)], "to roles neither"
    letters = [each for each in posted if "speakers.example" in str(each["To"])]
    assert len(letters) > 80
    for mail in letters:
        text = plain(mail)
        assert not [word for word in FOREIGN if word in text], text
    thanks = next(
        each for each in letters if str(each["To"]).startswith("Amara") and each["Subject"] == "Thank you for speaking"
    )
    assert "Thank you for “Maps that people keep”: it was good to have you, and to open a day with you." in " ".join(
        plain(thanks).split()
    )


def mails_in(mailbox: Path) -> list[Any]:
    parser = BytesParser(policy=policy.default)
    return [parser.parsebytes(path.read_bytes()) for path in sorted((mailbox / "new").iterdir())]
