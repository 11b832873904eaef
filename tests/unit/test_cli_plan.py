"""`plan`: the JSON that others rely on, and the table that is printed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from engine.lifecycle import PLAN_ONLY
from tests.command import NOTE, REPORTS, ROOT, Command, real

FIELDS = (
    "key", "workflow", "cycle", "step", "kind", "party", "round", "addressee", "recipient", "slot", "due_at", "state", "reason",
)  # fmt: skip
OTHERWISE = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati", "LANG": "de_DE.UTF-8", "LC_ALL": "C"}


def test_json_is_an_array_ordered_by_time_then_key(command: Command) -> None:
    rows = command.json("plan", NOTE, "--at", "2017-09-04")
    assert rows
    assert all(tuple(row)[: len(FIELDS)] == FIELDS for row in rows)
    dated = [row for row in rows if row["due_at"] is not None]
    assert rows[: len(dated)] == dated
    assert [row["key"] for row in dated] == [
        row["key"] for row in sorted(dated, key=lambda row: (datetime.fromisoformat(row["due_at"]), row["key"]))
    ]
    assert {row["due_at"] for row in rows if row["state"] in ("tentative", "waiting")} == {None}
    assert {row["state"] for row in rows} >= {"scheduled", "tentative", "waiting"}


def test_an_instant_has_the_offset_of_its_addressee(command: Command) -> None:
    command("record", NOTE, "date", "2017-10-12", "--step", "ny_workshop")
    rows = command.json("plan", NOTE, "--at", "2017-09-20T12:00")
    offsets = {row["due_at"][-6:] for row in rows if row["step"] == "ny_workshop" and row["slot"] == "before-2w"}
    assert "+02:00" in offsets
    assert "-04:00" in offsets


def test_looking_makes_no_database(command: Command) -> None:
    command("plan", NOTE, "--at", "2017-09-04")
    command("plan", NOTE, "--diff")
    command("status", NOTE)
    command("letters")
    command("facts")
    assert list(command.home.iterdir()) == []


def test_the_table_joins_what_is_alike(command: Command) -> None:
    lines = command("plan", NOTE, "--at", "2017-09-04").stdout.splitlines()
    assert max(map(len, lines)) <= 100
    at = lines.index("October 2017")
    assert lines[at + 2].startswith("~ once the day is")
    assert "40 parties" in lines[at + 2]
    month = "\n".join(lines[at : lines.index("November 2017")])
    assert month.count("40 parties") == 1
    assert "invitation (at-once)" in month
    assert "(before-2d, before-2w)" in month
    assert "    AG, BI, BO" in month
    assert len(lines) < 200


def test_the_table_says_where_it_stands_and_ends_with_what_waits(command: Command) -> None:
    shown = command("plan", NOTE, "--at", "2017-09-04").stdout
    head, _, _ = shown.partition("September 2017\n")
    assert "Monday 4 September 2017, 00:00 Europe/Zurich" in " ".join(shown.split())
    assert "workflows/ccm-nim-2018.yaml, which is not applied" in " ".join(head.split())
    _, _, tail = shown.partition("\nWaiting\n")
    assert tail.count("nobody is recorded as having attended") == 2
    assert "letters: " in tail.splitlines()[-1]


def test_a_revision_is_named(command: Command) -> None:
    command("apply", NOTE)
    assert "from revision 1 as applied" in command("plan", NOTE).stdout


def test_each_letter_can_be_listed(command: Command) -> None:
    shown = command("plan", NOTE, "--at", "2017-09-04", "--each").stdout
    keys = {row["key"] for row in command.json("plan", NOTE, "--at", "2017-09-04") if row["state"] != "waiting"}
    assert keys <= {line.strip() for line in shown.splitlines()}


def test_a_plan_that_has_ended_says_so_and_how_to_look_back(command: Command) -> None:
    command.at("2020-01-01")
    shown = command("plan", NOTE).stdout
    assert "the plan ended on 5 September 2018" in shown
    assert "followthrough plan ccm-nim-2018 --at 2017-09-04" in shown
    assert command.json("plan", NOTE) == []


@pytest.mark.parametrize("at", ["yesterday", "2018-02-30", "2018-03", "0001-01-01", "9999-12-31T23:59-12:00"])
def test_a_time_that_is_none_is_refused(command: Command, at: str) -> None:
    assert command("plan", NOTE, "--at", at, exits=1).stderr.startswith(f"Error: --at: “{at}”")


def test_seconds_and_offset_are_optional(command: Command) -> None:
    plans = [command("plan", NOTE, "--at", at, "--json").stdout
             for at in ("2018-03-01T09:00", "2018-03-01 09:00:00", "2018-03-01T08:00Z")]  # fmt: skip
    assert len(set(plans)) == 1


def test_a_path_is_a_plan_too(command: Command) -> None:
    by_path = command("plan", str(ROOT / "workflows" / f"{NOTE}.yaml"), "--at", "2018-03-01", "--json").stdout
    assert by_path == command("plan", NOTE, "--at", "2018-03-01", "--json").stdout


def test_what_leaves_at_many_hours_is_one_line(command: Command) -> None:
    shown = command("plan", REPORTS, "--at", "2027-01-10").stdout
    assert "in 3 zones" in shown
    assert len(shown.splitlines()) < 100


@pytest.mark.slow
@pytest.mark.parametrize("args", [["--json"], []])
def test_the_plan_is_the_same_bytes_on_every_machine(tmp_path: Path, args: list[str]) -> None:
    here = real(tmp_path, "plan", NOTE, "--at", "2017-09-25", *args)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    there = real(tmp_path, "plan", NOTE, "--at", "2017-09-25", *args, cwd=elsewhere, **OTHERWISE)
    assert here.returncode == there.returncode == 0
    assert here.stdout == there.stdout
    assert here.stdout.decode("utf-8")
    if args:
        assert {row["state"] for row in json.loads(here.stdout)} <= {"scheduled", "awaiting_approval", *PLAN_ONLY}


def test_a_path_to_the_files_that_are_applied_is_that_plan(command: Command) -> None:
    path = str(ROOT / "workflows" / f"{NOTE}.yaml")
    command("apply", NOTE, "--yes")
    assert command.json("plan", path) == command.json("plan", NOTE)
