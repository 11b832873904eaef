"""`delegate`, `digest` and `test`."""

from __future__ import annotations

import pytest

from tests.command import NOTE, Command

INVITATION = f"{NOTE}/-/ny_workshop/NR/1/nr_ny_mission/at-once"


@pytest.fixture
def command(command: Command) -> Command:
    """The note's plan applied, then the workshop's day fixed: invitations wait for approval."""
    command("apply", NOTE)
    command("record", NOTE, "date", "2017-10-12", "--step", "ny_workshop")
    return command


def test_delegate_gives_lists_and_takes_back(command: Command) -> None:
    assert "each step's owner is asked" in command("delegate").stdout
    given = command(
        "delegate", "--step", "ny_workshop", "--to", "isu", "--until", "2017-10-02", "--reason", "away"
    ).stdout
    said = "what nim_coordinator is asked of ny_workshop, to isu until 2 October 2017 (away)"
    assert " ".join(given.split()) == f"Given (number 1): {said}."
    assert " ".join(command("delegate").stdout.split()) == f"1 {said}"
    assert command.json("delegate")[0]["deputy"] == "isu"
    assert "nim_coordinator is asked again." in command("delegate", "--undo", "1").stdout
    assert "it is over already" not in command("delegate").stdout
    command("delegate", "--undo", "1", exits=1)


@pytest.mark.parametrize(
    "args",
    [
        ("--to", "isu"),
        ("--all",),
        ("--all", "--step", "x", "--to", "isu"),
        ("--undo", "1", "--all"),
        (INVITATION, "--all"),
    ],
)
def test_delegate_needs_what_and_to_whom(command: Command, args: tuple[str, ...]) -> None:
    command("delegate", *args, exits=2)


def test_digest_shows_what_it_would_say(command: Command) -> None:
    told = command("digest", "nim_coordinator").stdout
    assert told.startswith("To nim@example.org (weekly on Monday, next 2017-09-25 ")
    assert "Subject: " in told
    assert "due within a week" in told
    assert command.json("digest", "NIM@example.org")["subject"] in told


def test_digest_of_nobody_is_said_with_the_nearest_word(command: Command) -> None:
    assert "Did you mean nim_coordinator?" in command("digest", "nim_cordinator", exits=1).output
    assert "with an address" in command("digest", "cmc", exits=1).output


def test_a_role_without_a_digest_is_told_so(command: Command) -> None:
    assert "none is sent" in command("digest", "isu").stdout


def test_a_test_letter_goes_to_a_role_or_to_whom_a_person_confirms(command: Command) -> None:
    key = INVITATION
    told = " ".join(command("test", key, "--to", "nim_coordinator").stdout.split())
    assert told == f"A test of {key} to nim@example.org: filed in the built-in mailbox. It counts nowhere."
    assert "--yes sends it there all the same" in command("test", key, "--to", "me@else.example", exits=1).output
    assert "to me@else.example" in " ".join(command("test", key, "--to", "me@else.example", "--yes").stdout.split())
    assert "tested by anna: to nim@example.org, as a test" in " ".join(command("why", key).stdout.split())


def test_what_waits_is_shown_once_with_what_differs(command: Command) -> None:
    told = command("letters", "--waiting").stdout
    number = len(command.json("letters", "--state", "awaiting_approval"))
    kinds = command.json("letters", "--waiting")
    assert sum(len(kind["letters"]) for kind in kinds) == number
    assert told.count("Subject: ") == len(kinds) < number
    assert "They are the same but for:" in told
    assert "‹1›" in told
    assert "Nauru" in told
    command("letters", "--waiting", "--state", "sent", exits=2)


def test_a_person_is_shown_all_before_all_is_approved(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.cli.views.kinds.at_terminal", lambda: True)
    number = len(command.json("letters", "--state", "awaiting_approval"))
    refused = command("approve", "--all", answer="n\n", exits=1)
    assert "They are the same but for:" in refused.stdout
    assert f"Approve these {number} letters?" in refused.output
    assert len(command.json("letters", "--state", "awaiting_approval")) == number
    assert f"{number} letters approved." in command("approve", "--all", answer="y\n").stdout


def test_a_program_approves_all_without_a_question(command: Command) -> None:
    assert " letters approved." in command("approve", "--all").stdout
    assert command("approve", "--all").stdout == "No letter awaits approval.\n"
