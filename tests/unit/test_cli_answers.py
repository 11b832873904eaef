"""`answers` and `decide`, with what `status` and `why` say of an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.answer import Answer, AnswerKind
from engine.app.answers.taking_in import take_in
from engine.app.root import App
from engine.settings import Configuration, Settings
from tests.command import NOTE, Command

ROW = {
    "id", "kind", "state", "workflow", "party", "step", "cycle", "letter", "sender", "subject", "said", "address",
    "received_at", "held", "text", "decisions", "decision", "decided_by", "decided_at", "note", "source", "matched_by",
}  # fmt: skip
LETTER = f"{NOTE}/-/ny_follow_up/FJ/1/fj_mission/at-once"


@pytest.fixture
def command(command: Command) -> Command:
    """The follow-up of Fiji has begun: its first letter was mailed by hand."""
    command("apply", NOTE)
    command("record", NOTE, "date", "2017-10-12", "--step", "ny_workshop")
    command.at("2017-10-27T12:00")
    command("record", NOTE, "held", "yes", "--step", "ny_workshop", "--on", "2017-10-12")
    command("record", NOTE, "attended", "yes", "--step", "ny_workshop", "--party", "FJ")
    command("record", NOTE, "--letter-sent", LETTER)
    return command


def come_in(command: Command, *answers: Answer) -> None:
    settings = Settings(home=command.home)
    with App(Configuration(settings, {}), command.clock) as app:
        take_in(app, answers, "mail")


def reply(command: Command, source: str = "imap:1", **given: str) -> None:
    values = {
        "text": "We are preparing it.\n\nBest,\nMission",
        "sender": "Mission <m@fj.example>",
        "subject": "Re: report",
    }
    come_in(command, Answer(source, AnswerKind.REPLY, command.clock.now(), LETTER, "references", **values | given))  # type: ignore[arg-type]


def test_nothing_came_in(command: Command, tmp_path: Path) -> None:
    assert command("answers").stdout == "No answer waits.\n"
    assert command.json("answers") == []
    assert (
        command("answers", "1", exits=1).stderr
        == "Error: there is no answer 1: “followthrough answers --all” lists them\n"
    )
    assert (
        "nothing was taken in yet"
        in command("decide", "1", "go-on", exits=1, FOLLOWTHROUGH_HOME=str(tmp_path / "x")).stderr
    )


def test_what_waits_is_listed_and_shown_whole(command: Command) -> None:
    reply(command)
    told = command("answers", NOTE).stdout
    assert "   1  Friday 27 October 2017, 12:00 Europe/Zurich  waits\n" in told
    assert "Fiji: a reply, ny_follow_up at-once; its letters of this step wait" in told
    assert "“We are preparing it.”" in told
    assert "1 answer waits for a decision.\n" in told
    shown = command("answers", "1").stdout
    assert "From: Mission <m@fj.example>\nSubject: Re: report\n" in shown
    assert f"About: {LETTER} (by references)\n" in shown
    assert "We are preparing it.\n\nBest,\nMission\n" in shown
    assert "Decide: followthrough decide 1 go-on|wait|done|nothing\n" in shown
    (row,) = command.json("answers", "--party", "FJ")
    assert set(row) == ROW
    assert (row["held"], row["decisions"], row["received_at"]) == (
        True, ["go-on", "wait", "done", "nothing"], "2017-10-27T12:00:00+02:00",
    )  # fmt: skip
    assert command.json("answers", "1") == row
    assert command.json("answers", "--party", "TG") == []


def test_status_and_why_say_that_it_waits(command: Command) -> None:
    assert command.json("status", NOTE)["answers"] == 0
    reply(command)
    assert command.json("status", NOTE)["answers"] == 1
    assert "1 answer waits for a decision: “followthrough answers" in " ".join(command("status", NOTE).stdout.split())
    waits = "an answer from Fiji (27 October 2017) waits for a decision"
    assert f"Waiting: {waits}." in " ".join(command("why", "FJ").stdout.split())
    assert f"Waiting: {waits}." in " ".join(command("why", "FJ", "--step", "ny_follow_up").stdout.split())
    letter = " ".join(command("why", LETTER).stdout.split())
    assert "and answered on 27 October 2017 (answer 1)." in letter
    assert "answer taken in by mail: answer 1, reply of Mission <m@fj.example>: Re: report." in letter
    assert waits in " ".join(command("plan", NOTE).stdout.split())


def test_decisions(command: Command) -> None:
    reply(command)
    assert command("decide", "1", "goon", exits=1).stderr.startswith("Error: “goon” is no decision (go-on, wait, done")
    assert "wait takes a day: followthrough decide 1 wait 2018-05-01" in command("decide", "1", "wait", exits=1).stderr
    assert "go-on takes nothing else: now" in command("decide", "1", "go-on", "now", exits=1).stderr
    told = command("decide", "1", "wait", "2017-12-11", "--reason", "they asked for it").stdout
    assert told.startswith("Answer 1: wait 2017-12-11 (they asked for it).\nIn the outbox: ")
    assert "decided already: wait 2017-12-11, by anna" in command("decide", "1", "go-on", exits=1).stderr
    reply(command, "imap:2")
    told = command("decide", "2", "done", "report", "2017-10-27", "--detail", "form_a=substantive").stdout
    assert told.startswith("Answer 2: settled (done: report")
    reply(command, "imap:3")
    assert command("decide", "3", "nothing").stdout.startswith("Answer 3: nothing.\n")
    assert "No answer waits." in command("answers").stdout
    assert "wait 2017-12-11" in command("answers", "--all").stdout
    assert "Decided by anna: wait 2017-12-11: they asked for it." in command("answers", "1").stdout


def test_why_says_which_address_is_not_written_to(command: Command) -> None:
    come_in(command, Answer("imap:1", AnswerKind.BOUNCE, command.clock.now(), LETTER, "address", said="5.1.1 gone"))
    (row,) = command.json("answers")
    assert row["decisions"] == ["go-on", "nothing"]
    shown = " ".join(command("answers", "1").stdout.split())
    assert "fj_mission is not written to; letters go to" in shown
    assert f"followthrough record {NOTE} address NEW --contact fj_mission" in shown
    told = " ".join(command("why", "FJ").stdout.split())
    assert "fj_mission (" in told
    assert "is not written to since Friday 27 October 2017, 12:00 Europe/Zurich: 5.1.1 gone." in told
    address = told.partition("fj_mission (")[2].partition(")")[0]
    assert "mail to it came back, and it is not written to" in " ".join(command("why", address).stdout.split())
    assert "came back on 27 October 2017 (answer 1)" in " ".join(command("why", LETTER).stdout.split())
    assert command("decide", "1", "go-on").stdout.startswith("Answer 1: go-on.\n")
    assert "is not written to since" not in command("why", "FJ").stdout


def test_an_answer_cannot_write_to_the_terminal(command: Command) -> None:
    reply(command, text="\x1b[31mred\x07\nnext\x00", sender="a\x1b]0;x\x07@b.example")
    for args in (("answers",), ("answers", "1")):
        assert "\x1b" not in command(*args).stdout
