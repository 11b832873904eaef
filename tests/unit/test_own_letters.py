"""A plan's own letters beside it, and what they may say of party and cycle; what `check` finds there is not applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Command

PLAN = """\
workflow: talks
title: Talks
timezone: Europe/Zurich
starts: 2027-01-04
cycle: {every: year, due: 09-30, opens: 12 weeks before}
owner: desk
parties: parties.csv
contacts: contacts.csv
address: {to: [speaker]}
attributes:
  talk: {type: text}
  keynote: {type: flag}
  arrives: {type: date}
facts:
  abstract: {type: date, each: cycle}
roles:
  desk: {title: Desk, email: desk@example.org}
steps:
  ask:
    follow_up: Abstract
    by: cycle.due
    until: abstract
    send: [2 weeks before]
    letter: %s
    thanks: report_received
"""
PARTIES = "id,name,talk,keynote,arrives\nada,Ada,Engines,yes,2027-09-28\nbob,Bob,,,\n"
CONTACTS = "id,party,post,name,address\na,ada,speaker,Ada,ada@example.org\nb,bob,speaker,Bob,bob@example.org\n"
CALL = """\
---
subject: "Abstract {{ cycle.name }}"
---
{% if party.keynote %}Keynote{% else %}Talk{% endif %} “{{ party.talk }}”, data of {{ cycle.due.year - 1 }}, asked since
{{ cycle.opens|day }}{% if party.arrives %}; you come on {{ party.arrives|day }}{% endif %}.
"""
KEY = "talks/2027/ask/{}/1/{}/before-2w"


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(tmp_path / "home", monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, "parties.csv", PARTIES)
    put(tmp_path, "contacts.csv", CONTACTS)
    put(tmp_path, "autumn.yaml", PLAN % "call")
    put(tmp_path, "autumn/letters/call.md", CALL)
    return tmp_path


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def said(command: Command, key: str) -> str:
    return " ".join(command("show", key).stdout.split())


def test_a_letter_beside_the_plan_has_the_columns_of_the_roster_and_the_cycle(command: Command, folder: Path) -> None:
    command.at("2027-07-10")
    command("apply", str(folder / "autumn.yaml"))
    shown = said(command, KEY.format("ada", "a"))
    assert "Subject: Abstract 2027" in shown
    assert "Keynote “Engines”, data of 2026, asked since 8 July 2027; you come on 28 September 2027." in shown
    assert "Talk “”, data of 2026, asked since 8 July 2027." in said(command, KEY.format("bob", "b"))


def test_what_the_roster_says_is_part_of_what_was_approved(command: Command, folder: Path) -> None:
    command.at("2027-09-10")
    plan = str(folder / "autumn.yaml")
    command("apply", plan)
    command("approve", KEY.format("ada", "a"), KEY.format("bob", "b"))
    put(folder, "parties.csv", PARTIES.replace("Engines", "Looms"))
    shown = command("plan", plan, "--diff").stdout
    assert "Looms" in shown, shown
    assert "asked" in shown, shown


def test_an_own_letter_takes_the_place_of_the_stock_one_in_all_languages(command: Command, folder: Path) -> None:
    put(folder, "autumn.yaml", PLAN % "nudge")
    put(folder, "autumn/letters/nudge.md", CALL)
    put(folder, "contacts.csv", CONTACTS.replace("address\n", "address,language\n").replace(".org\n", ".org,fr\n"))
    command.at("2027-07-10")
    command("apply", str(folder / "autumn.yaml"))
    assert "Keynote “Engines”" in said(command, KEY.format("ada", "a"))
    shown = command("check", str(folder / "autumn.yaml")).stdout
    assert "2 contacts read “fr”, in which these letters have no version: nudge" in shown


def test_a_letter_that_is_not_there_is_looked_for_in_both_folders(command: Command, folder: Path) -> None:
    put(folder, "autumn.yaml", PLAN % "cal")
    (problem, *_) = command("check", str(folder / "autumn.yaml"), exits=1).stdout.splitlines()
    assert problem.endswith(
        f"there is no letter “cal” in {folder}/autumn/letters or templates/email. Did you mean call?"
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("{{ party.tlk }}", "“party” has no “tlk”. Did you mean talk?"),
        ("{{ party.columns }}", "“party” has no “columns”."),
        ("{{ cycle.year }}", "“cycle” has no “year”."),
        ("{{ party.arrives.year }}", "this letter has nothing to take “year” from."),  # of Bob alone
        ("{{ event.title }}", "this letter has nothing to take “title” from."),
    ],
)
def test_what_check_finds_wrong_in_a_letter_is_not_applied(
    command: Command, folder: Path, words: str, found: str
) -> None:
    command.at("2027-07-10")
    put(folder, "autumn/letters/call.md", CALL + words + "\n")
    plan = str(folder / "autumn.yaml")
    place = f"{folder}/autumn/letters/call.md:6:"
    for shown in (
        command("check", plan, exits=1).stdout,
        command("apply", plan, exits=1).stderr,
        command("plan", plan, "--diff", exits=1).stderr,
    ):
        assert place in shown
        assert found in shown
    assert command.json("letters") == []
