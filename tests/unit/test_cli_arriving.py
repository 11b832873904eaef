"""`import` and `attendance`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.command import NOTE, REPORTS, Command
from tests.support import ROOT

WORKSHOP = "ny_workshop"


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(tmp_path / "home", monkeypatch)


@pytest.fixture
def held(command: Command) -> Command:
    """The note's plan on the day after the workshop, applied."""
    command("apply", NOTE)
    command("record", NOTE, "date", "2017-10-12", "--step", WORKSHOP)
    command.at("2017-10-13T12:00")
    return command


def said(text: str) -> str:
    return " ".join(text.split())


def test_a_dry_run_says_what_would_be_recorded_and_stopped(command: Command, tmp_path: Path) -> None:
    command.at("2027-02-06")
    command("apply", REPORTS)
    file = tmp_path / "answers.csv"
    file.write_text("party;annual_report\nFiji;2027-02-01\nNR;2027-02-02\n")
    shown = said(command("import", REPORTS, str(file), "--dry-run").stdout)
    assert shown == (
        f"{file}: 2 facts would be recorded. annual_report: 2 (Fiji and Nauru)"
        " In the outbox that would mean: 10 letters withdrawn (annual)."
        " Nothing is changed: without --dry-run it would be."
    )
    assert command.json("facts") == []
    shown = said(command("import", REPORTS, str(file)).stdout)
    assert shown.startswith(f"{file}: 2 facts recorded. annual_report: 2 (Fiji and Nauru) In the outbox: 10 letters")
    assert [row["source"] for row in command.json("facts")] == ["answers.csv, line 2", "answers.csv, line 3"]
    shown = said(command("import", REPORTS, str(file)).stdout)
    assert shown == f"{file}: nothing new to record. 2 facts are on record already, with the same value and day."
    assert len(command.json("facts")) == 2


def test_json_for_programs(held: Command, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.title = "Who answered"
    book.active.append(["party", "report", "report.form_a"])
    book.active.append(["Fiji", date(2017, 10, 2), "substantive"])
    file = tmp_path / "answers.xlsx"
    book.save(file)
    dry = held.json("import", NOTE, str(file), "--dry-run")
    assert dry["dry_run"]
    assert [row["id"] for row in dry["facts"]] == [None]
    assert held.json("facts", "--party", "FJ") == []
    done = held.json("import", NOTE, str(file), "--source", "the meeting's list")
    assert (done["dry_run"], done["on_record"], done["repeated"], done["recorded_again"]) == (False, 0, 0, 0)
    assert (done["changes"], done["by_step"]) == (dry["changes"], dry["by_step"])
    assert done["facts"] == held.json("facts", "--party", "FJ")
    assert done["facts"][0]["source"] == "the meeting's list"


def test_nothing_is_recorded_when_anything_is_wrong(held: Command, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("party,report\nFJ,2017-10-02\nFigi,02/10/2017\n")
    result = held("import", NOTE, str(file), exits=1)
    assert f"{file}:3:1: there is no party “Figi”. Did you mean Fiji (FJ)?\n    Figi,02/10/2017\n    ^" in result.stderr
    assert f"{file}:3:6: “02/10/2017” is not a date" in result.stderr
    assert "Write 2017-10-02 or 2017-02-10." in result.stderr
    assert held.json("facts", "--fact", "report") == []
    assert "Error: " in held("import", NOTE, str(tmp_path / "nothing.csv"), exits=1).stderr


def test_what_is_not_applied_is_only_kept(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("party,report\nFJ,2017-09-02\n")
    shown = said(command("import", NOTE, str(file)).stdout)
    assert "ccm-nim-2018 is not applied, so no letter changes yet: what is recorded is kept" in shown


def test_a_dry_run_makes_no_database(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("party,report\nFJ,2017-09-02\n")
    assert "1 fact would be recorded" in said(command("import", NOTE, str(file), "--dry-run").stdout)
    assert not command.home.exists()


def test_taken_back_rows_and_repeated_ones_are_told(held: Command, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("party,report\nFJ,2017-10-02\nFiji,2017-10-02\n")
    assert "1 row says what another row says too." in said(held("import", NOTE, str(file)).stdout)
    held("retract", NOTE, "report", "--party", "FJ")
    dry = said(held("import", NOTE, str(file), "--dry-run").stdout)
    assert "Would be recorded again after being taken back earlier: 1 fact of Fiji." in dry
    done = said(held("import", NOTE, str(file)).stdout)
    assert "Recorded again, though taken back earlier: 1 fact of Fiji." in done


LIST = """\
Participants

1. Fiji
2) Nauru, CK
•  Comoros; BO\tTogo

- Congo
"""


def test_a_pasted_list_is_a_whole_meetings_attendance(held: Command, tmp_path: Path) -> None:
    pasted = LIST.replace("Participants\n", "")
    dry = said(held("attendance", NOTE, WORKSHOP, "--came", "-", "--absent-rest", "--dry-run", answer=pasted).stdout)
    assert dry.startswith(
        "Came (7): Fiji, Nauru, Cook Islands, Comoros, Bolivia (Plurinational State of), Togo and Congo."
    )
    assert "Did not come (33): Antigua and Barbuda," in dry
    assert "In the outbox that would mean: " in dry
    assert held.json("facts", "--fact", "attended") == []
    file = tmp_path / "who came.txt"
    file.write_text(pasted)
    done = said(held("attendance", NOTE, WORKSHOP, "--came", str(file), "--absent-rest", "--on", "2017-10-12").stdout)
    assert "That ny_workshop was held is not recorded: “followthrough record ccm-nim-2018 held yes" in done
    rows = held.json("facts", "--fact", "attended")
    assert len(rows) == 40
    assert [row["party"] for row in rows if row["value"] == "yes"] == ["FJ", "NR", "CK", "KM", "BO", "TG", "CG"]
    assert {(row["true"], row["source"], row["author"]) for row in rows} == {("2017-10-12", "who came.txt", "anna")}
    followed = {row["party"] for row in held.json("letters", "--step", "ny_follow_up")}
    assert followed == {"FJ", "NR", "CK", "KM", "BO", "TG", "CG", None}
    again = said(held("attendance", NOTE, WORKSHOP, "--came", str(file), "--absent-rest", "--on", "2017-10-12").stdout)
    assert again.startswith("ny_workshop: nothing new to record. On record already (40): Fiji,")


def test_what_is_unknown_or_not_certain_comes_at_once(held: Command) -> None:
    result = held("attendance", NOTE, WORKSHOP, "--came", "-", answer="Figi, Nauru\n  2. Kiribas\nthe Congo\n", exits=1)
    lines = [line for line in result.stderr.splitlines() if line.startswith("pasted:")]
    assert lines[0] == "pasted:1:1: there is no party “Figi”. Did you mean Fiji (FJ)?"
    assert lines[1].startswith("pasted:2:6: there is no party “Kiribas”")
    assert lines[2].startswith("pasted:3:1: there is no party “the Congo”. Did you mean Congo (CG)")
    assert held.json("facts", "--fact", "attended") == []


def test_the_rest_leaves_who_came_by_another_way(held: Command) -> None:
    held("record", NOTE, "attended", "yes", "--step", WORKSHOP, "--party", "NR")
    shown = said(held("attendance", NOTE, WORKSHOP, "--came", "-", "--absent-rest", answer="Fiji\n").stdout)
    assert "On record as having come, and left so (1): Nauru." in shown
    done = held.json("attendance", NOTE, WORKSHOP, "--absent-rest")
    assert (done["came"], done["absent"], sorted(done["stays"])) == ([], [], ["FJ", "NR"])


def test_who_came_uninvited_is_told(held: Command) -> None:
    shown = said(held("attendance", NOTE, WORKSHOP, "--came", "-", answer="Palau\n").stdout)
    assert "Came (1): Palau. Came without being invited (1): Palau." in shown


def test_without_a_list_it_shows_who_is_invited(held: Command) -> None:
    held("attendance", NOTE, WORKSHOP, "--came", "-", answer="Fiji\nPalau\n")
    shown = held("attendance", NOTE, WORKSHOP).stdout
    assert "FJ   Fiji: came on 13 October 2017" in shown
    assert "PW   Palau: came on 13 October 2017, not invited" in shown
    assert "TG   Togo: not recorded" in shown
    assert "40 invited, 2 came, 39 not recorded." in shown
    rows = held.json("attendance", NOTE, WORKSHOP)
    assert len(rows) == 41
    assert next(row for row in rows if row["party"] == "PW") == {
        "party": "PW", "name": "Palau", "invited": False, "attended": "yes", "true": "2017-10-13",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("args", "answer", "refusal"),
    [
        (("ny_workshp", "--came", "-"), "Fiji", "there is no step “ny_workshp”. Did you mean ny_workshop?"),
        (("ny_follow_up", "--came", "-"), "Fiji", "ny_follow_up is no event."),
        (("auckland", "--came", "-"), "Fiji", "auckland is ahead (February 2018): nobody has come yet."),
        ((WORKSHOP, "--came", "-"), " \n", "pasted has no names in it"),
        ((WORKSHOP, "--came", "-", "--on", "2017-10-20"), "Fiji", "2017-10-20 lies ahead"),
        ((WORKSHOP, "--came", "-", "--on", "yesterday"), "Fiji", "“yesterday” is not a date"),
    ],
)
def test_what_cannot_be_recorded_is_refused(held: Command, args: tuple[str, ...], answer: str, refusal: str) -> None:
    assert refusal in held("attendance", NOTE, *args, answer=answer, exits=1).stderr
    assert held.json("facts", "--fact", "attended") == []


def test_an_earlier_day_does_not_hide_a_later_recording(held: Command) -> None:
    held("record", NOTE, "attended", "no", "--step", WORKSHOP, "--party", "FJ", "--on", "2017-10-13")
    result = held("attendance", NOTE, WORKSHOP, "--came", "-", "--on", "2017-10-12", answer="Fiji\nTogo", exits=1)
    assert "what is on record of Fiji is true of a later day" in result.stderr


def test_the_examples_of_the_document_import(command: Command, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "language.md").read_text("utf-8")
    blocks = [block.partition("```")[0] for block in text.split("```csv\n")[1:]]
    assert len(blocks) == 2
    command.at("2018-04-01")
    for number, block in enumerate(blocks):
        file = tmp_path / f"{number}.csv"
        file.write_text(block)
        assert json.loads(command("import", NOTE, str(file), "--json").stdout)["facts"]
