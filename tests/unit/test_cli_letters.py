"""`apply`, `letters`, `show`, `approve`, `why`, `status` and `feed`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command import NOTE, REPORTS, Command

ROW = {
    "key", "workflow", "cycle", "step", "party", "round", "addressee", "slot", "state", "reason", "due_at", "sent_at", "approved",
    "edited", "message_id", "to", "cc", "subject",
}  # fmt: skip
INVITATION = f"{NOTE}/-/ny_workshop/NR/1/nr_ny_mission/at-once"


@pytest.fixture
def invited(command: Command) -> Command:
    """The note's plan applied, then the workshop's day fixed: forty invitations and their first reminders wait for approval."""
    command("apply", NOTE)
    command("record", NOTE, "date", "2017-10-12", "--step", "ny_workshop")
    return command


def test_apply_says_what_it_planned_and_does_it_once(command: Command) -> None:
    assert command("apply", NOTE).stdout.startswith(f"{NOTE} is applied (revision 1): ")
    assert command("apply", NOTE).stdout == f"{NOTE} is applied as its files are (revision 1): nothing changed.\n"


def test_apply_of_a_plan_that_has_ended_says_so(command: Command) -> None:
    command.at("2020-01-01")
    assert "Nothing will be sent: the plan ended on 5 September 2018." in command("apply", NOTE).stdout


def test_many_letters_within_a_day_need_a_word(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    command("record", NOTE, "date", "2017-10-12", "--step", "ny_workshop")
    refused = command("apply", NOTE, exits=1)
    assert refused.stderr.startswith("Error: 4")
    assert f"followthrough plan {NOTE} --diff" in refused.stderr
    assert f"followthrough apply {NOTE} --yes" in refused.stderr
    assert command.json("letters") == []
    monkeypatch.setattr("engine.cli.views.apply.at_terminal", lambda: True)
    asked = command("apply", NOTE, answer="n\n", exits=1)
    assert re.search(r"4\d letters to \d+ people would leave within a day\. Apply all the same\?", asked.stderr)
    assert "ny_workshop: " in asked.stdout
    assert "the limit is 25, so apply asks first" in asked.stdout
    assert "nothing was applied" in asked.stderr
    shown = command("apply", NOTE, answer="y\n").stdout
    assert "may leave within a day" in shown
    assert "80 letters awaiting approval: followthrough letters --waiting" in shown


def test_yes_answers_beforehand(command: Command) -> None:
    command("record", NOTE, "date", "2017-10-12", "--step", "ny_workshop")
    assert "(revision 1)" in command("apply", NOTE, "--yes").stdout


def test_recording_says_what_waits_for_approval_now(command: Command) -> None:
    command("apply", NOTE)
    shown = command("record", NOTE, "date", "2017-10-12", "--step", "ny_workshop").stdout.splitlines()
    assert shown[1].startswith("In the outbox: 121 letters planned")
    assert shown[2] == "80 letters awaiting approval: followthrough letters --waiting"


def test_a_letter_that_waits_for_approval_says_why_it_is_planned(invited: Command) -> None:
    (row,) = [row for row in invited.json("plan", NOTE) if row["key"] == INVITATION]
    assert (row["state"], row["reason"]) == ("awaiting_approval", "at once")


def test_letters_are_listed(invited: Command) -> None:
    rows = invited.json("letters", "--step", "ny_workshop", "--party", "NR")
    assert rows
    assert all(set(row) == ROW for row in rows)
    shown = invited("letters", "--state", "awaiting_approval").stdout.splitlines()
    assert shown[-1] == "80 letters: 80 awaiting approval"
    assert any(line.endswith(INVITATION) and "awaiting approval" in line for line in shown)
    assert invited("letters", "--party", "XX").stdout == "The outbox has no such letter.\n"
    assert "there is no state “sending” in the outbox" in invited("letters", "--state", "sending", exits=1).stderr


def test_approving_all_counts_and_approving_again_is_refused(invited: Command) -> None:
    assert invited("approve", INVITATION).stdout == "1 letter approved.\n"
    assert "scheduled, approved" in invited("letters", "--party", "NR").stdout
    assert invited("approve", "--all").stdout == "79 letters approved.\n"
    assert invited("approve", "--all").stdout == "No letter awaits approval.\n"
    again = invited("approve", INVITATION, "no/such/key", exits=1)
    assert f"{INVITATION}: it is approved already\n" in again.stderr
    assert "no/such/key: there is no such letter in the outbox\n" in again.stderr
    assert again.stdout == "0 letters approved, 2 refused.\n"


def test_a_letter_is_shown_as_it_would_be(invited: Command) -> None:
    shown = invited("show", INVITATION).stdout
    assert shown.splitlines()[0] == INVITATION
    assert "To: Permanent Mission of Nauru" in shown
    assert "Subject: " in shown
    found = invited.json("show", INVITATION)
    assert set(found) == {
        "key",
        "state",
        "due_at",
        "reason",
        "subject",
        "to",
        "cc",
        "text",
        "edited_by",
        "message_id",
        "attachments",
    }
    assert found["state"] == "awaiting_approval"
    assert "Nauru" in found["text"]


def test_a_letter_is_shown_before_anything_is_applied(command: Command) -> None:
    shown = command("show", INVITATION).stdout
    assert "tentative" in shown
    assert "It has no text yet" in shown


@pytest.mark.parametrize("name", ["show", "why"])
@pytest.mark.parametrize("key", ["a/b", "a/b/c/d/x/f/g", f"{NOTE}/-/ny_workshop/NR/x/nr_ny_mission/at-once"])
def test_what_is_no_key_is_refused(command: Command, name: str, key: str) -> None:
    assert "is not a letter's key" in command(name, key, exits=1).stderr


def test_why_answers_for_a_letter_and_for_a_party(invited: Command) -> None:
    shown = " ".join(invited("why", INVITATION).stdout.split())
    assert "It waits for a person's approval" in shown
    assert "anna" in shown
    assert invited.json("why", INVITATION)["key"] == INVITATION
    assert invited("why", "NR").stdout.startswith("NR, Nauru: ")
    assert invited.json("why", "NR")["workflows"][0]["workflow"] == NOTE
    assert "no workflow has a party “XX”" in invited("why", "XX", exits=1).stderr


def test_status_says_what_is_met(command: Command) -> None:
    found = command.json("status", NOTE)
    assert set(found) >= {"targets", "objectives", "outputs", "budget", "implementers"}
    assert list(found["objectives"]) == ["a", "b", "c", "d", "e"]
    shown = command("status", NOTE).stdout
    assert "not met yet, due by 30 April 2018" in shown
    assert "48 (51 wanted), from 48: has_law" in shown
    assert "auckland: 100,000 NZD from New Zealand, funded" in shown
    assert max(map(len, shown.splitlines())) <= 100
    command.at("2018-10-01")
    assert "not met by 30 April 2018" in command("status", NOTE).stdout


def test_feeds_are_written_and_listed(command: Command) -> None:
    assert (
        command("feed").stdout == "No plan is applied, so there is nothing to publish: followthrough apply WORKFLOW\n"
    )
    command.at("2027-01-10")
    command("apply", REPORTS)
    shown = command("feed").stdout
    assert "plan.ics" in shown
    assert "one for each party" in shown
    rows = command.json("feed", REPORTS)
    assert {tuple(row) for row in rows} == {("workflow", "name", "title", "path")}
    assert all(Path(row["path"]).is_file() for row in rows)
    assert "is not applied" in command("feed", NOTE, exits=1).stderr


def test_everything_stops_and_goes_on(invited: Command) -> None:
    assert "--reason" in invited("stop", exits=2).stderr
    told = invited("stop", "--reason", "the wrong list").stdout
    assert told == "Everything is stopped: no letter leaves until “followthrough resume”.\n"
    again = invited("stop", "--reason", "again", exits=1).stderr
    assert "everything is stopped already, by anna: the wrong list" in again
    for looking in (("letters",), ("status", NOTE), ("approve", "--all")):
        assert "Everything is stopped since" in invited(*looking).stderr, looking
    assert "Letters leave again. They had been stopped since" in invited("resume").stdout
    assert "Everything is stopped" not in invited("letters").stderr
    assert "nothing is stopped" in invited("resume", exits=1).stderr
