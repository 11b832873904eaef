"""`record` and `why` say why what is recorded does not settle what was asked: too old, or not all that is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Command

PLAN = """\
workflow: talks
title: Talks
timezone: Europe/Zurich
starts: 2027-01-11
owner: desk
parties: parties.csv
contacts: contacts.csv
address: {to: [speaker]}
facts:
  abstract: {type: date, details: {kind: {of: [full, draft]}}}
roles:
  desk: {title: Desk, email: desk@example.org}
steps:
  ask:
    follow_up: Abstract
    by: 2027-06-30
    until: abstract and abstract.kind == "full"
    send: [at once, 2 weeks before]
    letter: nudge
  meeting:
    event: Meeting
    when: 2027-07-20
    invite: abstract
    invitations: [2 weeks before, 3 days after]
"""


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "summer.yaml").write_text(PLAN, "utf-8")
    (tmp_path / "plans" / "parties.csv").write_text("id,name\nada,Ada\nbob,Bob\n", "utf-8")
    contacts = "id,party,post,name,address,illustrative\na,ada,speaker,Ada,ada@example.org,name; address\n"
    (tmp_path / "plans" / "contacts.csv").write_text(contacts, "utf-8")
    made = Command(tmp_path / "home", monkeypatch)
    made.at("2026-12-01")
    made("apply", str(tmp_path / "plans" / "summer.yaml"))
    return made


def recorded(command: Command, *args: str) -> str:
    return " ".join(command("record", "talks", "abstract", *args, "--party", "ada").stdout.split())


def test_what_is_older_than_the_plan_is_said_to_be_too_old(command: Command) -> None:
    said = recorded(command, "2026-11-20", "--detail", "kind=full")
    assert "It is too old to count for ask: what counts is true on 11 January 2027 or later." in said
    why = " ".join(command("why", "ada", "--step", "ask").stdout.split())
    assert "What is on record is too old to count for ask: what counts is true on 11 January 2027 or later." in why


def test_what_lacks_a_detail_says_what_is_wanted(command: Command) -> None:
    command.at("2027-02-01")
    said = recorded(command, "2027-02-01", "--detail", "kind=draft")
    assert 'It does not settle ask by itself, which takes: abstract and abstract.kind == "full".' in said
    why = " ".join(command("why", "ada", "--step", "ask").stdout.split())
    assert "too old" not in why


def test_what_settles_it_says_no_more(command: Command) -> None:
    command.at("2027-02-01")
    said = recorded(command, "2027-02-01", "--detail", "kind=full")
    assert "settle" not in said
    assert "too old" not in said


def test_nothing_leaves_to_a_party_before_the_plan_starts(command: Command) -> None:
    (at_once, *_) = command.json("letters", "--party", "ada")
    assert at_once["due_at"].startswith("2027-01-11T09:00")


def test_a_plan_applied_from_a_path_goes_by_its_name_afterwards(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "plans" / "summer.yaml"
    path.write_text(PLAN.replace("title: Talks", "title: Talks of the summer"), "utf-8")
    assert "summer" in command("plan", "talks", "--diff").stdout
    assert command("check", "talks").stdout.splitlines()[-1].startswith("talks: 2 steps, 2 parties, 1 contacts, fine")
    assert "talks is applied (revision 2)" in command("apply", "talks").stdout
    path.unlink()
    assert command("apply", "talks", exits=1).stderr == f"Error: there is no file {path}\n"
    assert "Talks of the summer" in command("status", "talks").stdout


def test_check_warns_of_what_nobody_gets_after_an_event_and_names_files_by_their_whole_path(
    command: Command, tmp_path: Path
) -> None:
    shown = command("check", str(tmp_path / "plans" / "summer.yaml")).stdout
    assert "nobody is invited to meeting once it has begun: 3 days after never leaves." in shown
    assert "follow_up with “to: meeting.attended”" in shown
    assert f"{tmp_path}/plans/contacts.csv:1:1: warning: Bob has no contact" in shown


def test_letters_takes_a_plan_as_other_commands_do(command: Command) -> None:
    assert command.json("letters", "talks") == command.json("letters", "--workflow", "talks") != []
    assert "named twice" in command("letters", "talks", "--workflow", "talks", exits=2).stderr
