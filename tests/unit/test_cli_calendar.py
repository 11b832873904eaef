"""`plan --calendar`: months as on a wall."""

from __future__ import annotations

import pytest

from tests.command import NOTE, REPORTS, Command


def under(lines: list[str], month: str, day: int) -> str:
    """What stands below a day of a month that is on the left."""
    at = next(place for place, line in enumerate(lines) if line.startswith(month))
    row = next(place for place in range(at + 2, len(lines)) if day in numbers(lines[place]))
    right = next(end for number, end in ends(lines[row][:35]) if number == day)
    return lines[row + 1][right - 4 : right + 1].strip()


def numbers(line: str) -> list[int]:
    return [number for number, _ in ends(line) if "✉" not in line[:35]]


def ends(line: str) -> list[tuple[int, int]]:
    cells = [(line[place : place + 4].strip(), place + 4) for place in range(0, 35, 5)]
    return [(int(cell), end) for cell, end in cells if cell.isdigit()]


def test_letters_stand_under_their_days(command: Command) -> None:
    lines = command("plan", REPORTS, "--at", "2027-03-01", "--calendar").stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert under(lines, "March 2027", 19) == "104✉"
    assert under(lines, "May 2027", 14) == "104✉"
    assert "  30 Apr    ◆ By 30 April 2027: Annual report" in lines
    assert "  26 Mar    Good Friday" in lines
    assert any("30◆" in line for line in lines)


def test_what_has_no_day_yet_is_said_below_its_month(command: Command) -> None:
    shown = command("plan", NOTE, "--at", "2017-09-10", "--calendar").stdout
    assert "~ Oct     ● Workshop in New York on transparency reporting: the day is not fixed" in shown
    assert "40 letters" not in shown.split("October 2017")[0]
    command("record", NOTE, "date", "2017-10-12", "--step", "ny_workshop", "--on", "2017-09-08")
    shown = command("plan", NOTE, "--at", "2017-09-10", "--calendar").stdout
    assert "  12 Oct    ● Workshop in New York on transparency reporting" in shown
    assert "12●" in shown


def test_programs_get_days(command: Command) -> None:
    rows = command.json("plan", REPORTS, "--at", "2027-04-28", "--calendar")
    assert [row["day"] for row in rows[:3]] == ["2027-04-28", "2027-04-29", "2027-04-30"]
    assert rows[2]["letters"] == 104
    assert rows[2]["deadlines"] == ["By 30 April 2027: Annual report"]
    assert rows[3]["day_off"] == "a Saturday"
    plan = command.json("plan", REPORTS, "--at", "2027-04-28")
    assert sum(row["letters"] for row in rows) == sum(row["due_at"] is not None for row in plan)


def test_a_plan_that_has_ended_has_no_months(command: Command) -> None:
    command.at("2020-01-01")
    shown = command("plan", NOTE, "--calendar").stdout
    assert "the plan ended on 5 September 2018" in shown
    assert "✉" not in shown


def test_days_off_and_days_gone_are_dimmed_on_a_terminal(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "engine.cli.views.calendar.say", lambda *spans: said.extend(span for span in spans if isinstance(span, tuple))
    )
    monkeypatch.setattr("engine.cli.views.calendar.width", lambda: 60)
    command("plan", REPORTS, "--at", "2027-04-15", "--calendar")
    styles = {text: style for text, style in said[:40] if text.strip().rstrip("◆").isdigit()}
    assert styles["  14 "] == "dim", "gone"
    assert styles["  17 "] == "dim", "a Saturday"
    assert styles["  15 "] == ""
    assert styles["  30◆"] == "bold"


@pytest.mark.parametrize("other", ["--diff", "--each"])
def test_one_picture_at_a_time(command: Command, other: str) -> None:
    assert "--calendar" in command("plan", NOTE, "--calendar", other, exits=2).stderr
