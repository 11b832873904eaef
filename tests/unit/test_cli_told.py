"""`told`: who was told what day, as a person and as a program read it."""

from __future__ import annotations

import pytest

from engine.app.letters.approvals import approve, waiting_for_approval
from engine.app.root import App
from engine.settings import Configuration, Settings
from tests.command import NOTE, Command

ROW = {"workflow", "step", "cycle", "party", "addressee", "told", "now", "holds", "why", "letter", "sent_at"}


@pytest.fixture
def command(command: Command) -> Command:
    """The forty invitations to New York have left."""
    command("apply", NOTE)
    command("record", NOTE, "date", "2017-10-12", "--step", "ny_workshop")
    app = App(Configuration(Settings(home=command.home), {}), command.clock, durable=False)
    try:
        approve(app, [row.key for row in waiting_for_approval(app)], "anna")
        command.at("2017-09-25T09:00")
        app.dispatcher("test").tick(command.clock.now())
        command.at("2017-09-25T20:00")
        app.dispatcher("test").tick(command.clock.now())
    finally:
        app.close()
    return command


def test_it_says_what_each_was_told_and_counts_those_who_know_another_day(command: Command) -> None:
    shown = command("told", NOTE).stdout
    assert "NR  ny_workshop  12 October 2017: still so\n" in shown
    assert "    ccm-nim-2018/-/ny_workshop/NR/1/nr_ny_mission/at-once, sent " in shown
    assert shown.splitlines()[-1] == "Nobody who still has to know it was told another day than holds now."
    command("record", NOTE, "date", "2017-10-19", "--step", "ny_workshop")
    shown = command("told", NOTE).stdout
    assert ": now 19 October 2017\n" in shown.partition("    ")[0]
    assert "told another day than holds now: " in " ".join(shown.splitlines()[-4:])


def test_its_rows_are_for_programs(command: Command) -> None:
    command("record", NOTE, "date", "2017-10-19", "--step", "ny_workshop")
    rows = command.json("told", NOTE, "--party", "Nauru")
    assert [set(row) for row in rows] == [ROW]
    assert (rows[0]["party"], rows[0]["told"], rows[0]["now"], rows[0]["holds"]) == (
        "NR", "2017-10-12", "2017-10-19", "otherwise",
    )  # fmt: skip
    command("record", NOTE, "cancelled", "yes", "--step", "ny_workshop")
    assert command.json("told", NOTE, "--party", "NR", "--step", "ny_workshop")[0]["now"] == "off"
    assert command.json("told", NOTE, "--step", "auckland") == []


def test_what_there_is_not_is_said(command: Command) -> None:
    assert "there is no party “Norwey Islands”" in command("told", NOTE, "--party", "Norwey Islands", exits=1).stderr
    assert "is not applied" in command("told", "article7-annual", exits=1).stderr
