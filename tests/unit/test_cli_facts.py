"""`record`, `retract` and `facts`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.command import NOTE, REPORTS, ROOT, Command

DATE = ("record", NOTE, "date", "2017-10-12", "--step", "ny_workshop")


def test_a_fact_is_kept_before_anything_is_applied(command: Command) -> None:
    shown = " ".join(command(*DATE).stdout.split())
    assert shown.startswith("Recorded: date 2017-10-12 for ny_workshop, true on 20 September 2017.")
    assert "ccm-nim-2018 is not applied" in shown
    assert "followthrough apply ccm-nim-2018" in shown
    assert command.json("letters") == []
    (row,) = command.json("facts")
    assert row | {"id": 0} == {
        "id": 0, "workflow": NOTE, "fact": "date", "value": "2017-10-12", "party": None, "step": "ny_workshop",
        "anchor": None, "cycle": None, "contact": None, "details": {}, "true": "2017-09-20",
        "recorded_at": "2017-09-20T10:00:00+00:00", "retracted_at": None, "retracted_by": None,
        "retracted_note": None, "source": "", "note": "", "author": "anna",
    }  # fmt: skip
    invited = [row for row in command.json("plan", NOTE) if row["slot"] == "at-once" and row["step"] == "ny_workshop"]
    assert len(invited) == 40
    assert all(row["due_at"] for row in invited)


def test_details_source_and_note_are_kept(command: Command) -> None:
    command(
        "record", NOTE, "report", "2017-09-18", "--party", "NR", "--detail", "kind=initial", "--detail", "form_a=substantive",
        "--source", "the UN's page", "--note", "größer — 100 %",
    )  # fmt: skip
    (row,) = command.json("facts", NOTE, "--party", "NR")
    assert row["details"] == {"kind": "initial", "form_a": "substantive"}
    assert (row["true"], row["source"], row["note"]) == ("2017-09-18", "the UN's page", "größer — 100 %")
    shown = command("facts").stdout
    assert "NR: report 2017-09-18, form_a substantive, kind initial" in shown
    assert "source: the UN's page" in shown


def test_parties_come_one_by_one_or_with_commas(command: Command) -> None:
    command.at("2017-10-17")
    shown = command(
        "record", NOTE, "attended", "yes", "--step", "ny_workshop", "--party", "NR, FJ", "--party", "CK", "--party", "NR",
        "--on", "2017-10-16",
    ).stdout  # fmt: skip
    assert shown.startswith("Recorded: attended yes for NR, FJ and CK at ny_workshop, true on 16 October 2017.")
    assert [row["party"] for row in command.json("facts", "--fact", "attended")] == ["NR", "FJ", "CK"]


def test_nothing_is_recorded_when_one_party_is_unknown(command: Command) -> None:
    result = command("record", NOTE, "report", "2017-09-18", "--party", "NR,Fiji", exits=1)
    assert result.stderr == "Error: there is no party “Fiji”. Did you mean FJ?\n"
    assert command.json("facts") == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["reprt", "2017-09-18", "--party", "NR"], "there is no fact “reprt”. Did you mean report?"),
        (["report", "2017-09-18"], "no party is named"),
        (["report", "soon", "--party", "NR"], "“soon” is not a date"),
        (["report", "2017-09-21", "--party", "NR"], "lies ahead"),
        (["held", "yes", "--step", "ny_workshp"], "Did you mean ny_workshop?"),
        (["attended", "maybe", "--step", "ny_workshop", "--party", "NR"], "(yes, no)"),
        (["report", "2017-09-18", "--party", "NR", "--detail", "form_b=x"], "form_b"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_words(command: Command, args: list[str], said: str) -> None:
    assert said in command("record", NOTE, *args, exits=1).stderr


def test_a_fact_stops_letters_and_taking_it_back_revives_them(command: Command) -> None:
    command.at("2027-02-06")
    command("apply", REPORTS)
    command.at("2027-02-08")
    shown = command("record", REPORTS, "annual_report", "2027-02-07", "--party", "NR").stdout
    assert "for NR in 2027. It counts for 2027, the oldest open cycle without it" in " ".join(shown.split())
    assert "In the outbox: 5 letters withdrawn (annual)." in shown
    states = {(row["cycle"], row["state"]) for row in command.json("letters", "--party", "NR")}
    assert states == {("2027", "withdrawn"), ("2028", "scheduled")}
    shown = command("retract", REPORTS, "annual_report", "--party", "NR", "--note", "another year's").stdout
    assert "Taken back: annual_report 2027-02-07 for NR in 2027. Nothing of it stands now." in shown
    assert "In the outbox: 5 letters revived (annual)." in shown
    assert "[taken back by anna: another year's]" in command("facts", REPORTS).stdout


def test_a_cycle_that_is_named_is_not_explained(command: Command) -> None:
    command.at("2027-01-10")
    shown = command("record", REPORTS, "annual_report", "2027-01-08", "--party", "NR", "--cycle", "2028").stdout
    assert "for NR in 2028" in shown
    assert "oldest" not in shown


def test_a_cycle_beyond_the_plans_end_is_refused(command: Command, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "workflows" / "ccm", tmp_path / "ccm")
    text = (ROOT / "workflows" / "article7-annual.yaml").read_text("utf-8")
    path = tmp_path / "ending.yaml"
    path.write_text(text.replace("starts: ", "ends: 2028-12-31\nstarts: "), "utf-8")
    command.at("2028-02-10")
    record = ["record", str(path), "annual_report", "2028-02-10", "--party", "NR", "--cycle"]
    said = command(*record, "2029", exits=1).stderr
    assert said == "Error: the plan ends on 31 December 2028, before 2029 is due\n"
    command(*record, "2028")


def test_parties_may_lack_different_cycles(command: Command) -> None:
    command.at("2028-03-01")
    command("record", REPORTS, "annual_report", "2028-02-01", "--party", "NR", "--cycle", "2027")
    shown = " ".join(command("record", REPORTS, "annual_report", "2028-03-01", "--party", "NR,FJ").stdout.split())
    assert "for NR in 2028." in shown
    assert "for FJ in 2027." in shown


def test_what_stood_before_stands_again(command: Command) -> None:
    command(*DATE)
    command("record", NOTE, "date", "2017-10-19", "--step", "ny_workshop")
    shown = command("retract", NOTE, "date", "--step", "ny_workshop").stdout
    assert "Taken back: date 2017-10-19 for ny_workshop. What stands now is 2017-10-12." in " ".join(shown.split())


def test_there_may_be_nothing_to_take_back(command: Command) -> None:
    assert (
        "nothing is recorded to take back" in command("retract", NOTE, "oral_report", "--party", "NR", exits=1).stderr
    )
    assert command("facts").stdout == "Nothing is recorded yet.\n"
    assert command("facts", "--party", "NR").stdout == "Nothing like that is recorded.\n"


def test_a_dry_run_says_what_would_be_and_keeps_nothing(command: Command) -> None:
    command.at("2027-01-10")
    command("apply", REPORTS)
    given = ("exempt", "yes", "--party", "FJ", "--step", "annual", "--cycle", "2027", "--note", "a new State")
    before = command.json("letters")
    shown = " ".join(command("record", REPORTS, *given, "--dry-run").stdout.split())
    assert shown.startswith("Would be recorded: exempt yes for FJ at annual in 2027")
    assert "withdrawn (annual). Nothing is changed: without --dry-run it would be." in shown
    assert command.json("letters") == before
    assert command.json("facts", REPORTS) == []
    assert "Recorded: exempt yes" in command("record", REPORTS, *given).stdout
    shown = command("retract", REPORTS, *given[:1], *given[2:8], "--dry-run").stdout
    assert shown.startswith("Would be taken back: exempt yes for FJ at annual in 2027")
    assert command.json("facts", REPORTS)[0]["retracted_at"] is None


def test_a_reason_is_asked_for_where_somebody_will_ask_next_year(command: Command) -> None:
    shown = command("record", REPORTS, "exempt", "yes", "--party", "FJ", "--step", "annual", "--cycle", "2027", exits=1)
    assert "exempt takes a reason, and none is given. Say why in a note." in " ".join(shown.stderr.split())
