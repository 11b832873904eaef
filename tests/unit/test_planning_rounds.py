"""Rounds of one party at a step: what extensions and re-openings that stand, one after the other, make of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.definition.facts import Fact, FactBook
from engine.definition.workflow import FollowUp
from engine.planning.world.deadlines import since_day
from engine.planning.world.rounds import Round, round_of
from engine.planning.world.scope import World
from tests.planning_model import Outbox, chase, small
from tests.support import fact, moment


def extended(to: str, at: str, party: str = "AA", step: str = "ask", cycle: str | None = None) -> Fact:
    return fact("extended_to", to, step=step, party=party, cycle=cycle, on=at, at=at)


def reopened(on: str, at: str, value: str = "yes") -> Fact:
    return fact("reopened", value, party="AA", step="ask", on=on, at=at)


def taken_back(given: Fact, at: str) -> Fact:
    return replace(given, retracted_at=moment(at))


MAY, JUNE, OPENED = (
    extended("2018-07-31", "2018-05-02"),
    extended("2018-08-31", "2018-06-04"),
    reopened("2018-05-19", "2018-05-22"),
)
OF_MAY = Round(2, moment("2018-05-02"), date(2018, 7, 31), None, "extended to 2018-07-31")
OF_JUNE = Round(3, moment("2018-06-04"), date(2018, 8, 31), None, "extended to 2018-08-31")
RE_OPENED = Round(2, moment("2018-05-22"), None, date(2018, 5, 19), "re-opened on 2018-05-19")


@pytest.mark.parametrize(
    ("recorded", "known", "found"),
    [
        ([], None, Round()),
        ([MAY], None, OF_MAY),
        ([JUNE, MAY], None, OF_JUNE),
        ([MAY, JUNE], "2018-06-03", OF_MAY),
        ([MAY, JUNE], "2018-06-04", OF_JUNE),
        ([MAY, JUNE], "2018-05-01", Round()),
        ([MAY, taken_back(JUNE, "2018-06-10")], None, OF_MAY),
        ([MAY, taken_back(JUNE, "2018-06-10")], "2018-06-09", OF_JUNE),
        ([taken_back(MAY, "2018-05-03"), JUNE], None, OF_JUNE),  # the number of what was taken back stays its own
        ([OPENED], None, RE_OPENED),
        ([reopened("2018-05-19", "2018-05-22", "no")], None, Round()),
        ([MAY, OPENED], None, RE_OPENED._replace(number=3, by=date(2018, 7, 31))),
        ([OPENED, JUNE], None, OF_JUNE._replace(reopened_on=date(2018, 5, 19))),
        ([MAY, OPENED, JUNE], None, OF_JUNE._replace(number=4, reopened_on=date(2018, 5, 19))),
        ([MAY, taken_back(OPENED, "2018-05-30"), JUNE], None, OF_JUNE._replace(number=4)),
        ([extended("2018-07-31", "2018-05-02", party="BB"), extended("2018-07-31", "2018-05-02", step="other")], None, Round()),
        ([extended("2018-07-31", "2018-05-02", cycle="2018")], None, Round()),
    ],
)  # fmt: skip
def test_the_round_by_what_stands(recorded: list[Fact], known: str | None, found: Round) -> None:
    assert round_of(FactBook(recorded), "ask", "AA", None, moment(known) if known else None) == found


def test_a_case_that_was_reopened_and_then_extended_still_wants_a_new_report() -> None:
    box = Outbox(small(chase("[2 weeks before, on the day]", more="thanks: thank_you"))).run("2018-03-01")
    box.record("report", "2018-02-28", party="AA")
    box.run("2018-05-10").record("reopened", "yes", party="AA", step="ask", on="2018-05-09")
    box.run("2018-05-12").record("extended_to", "2018-08-31", party="AA", step="ask")
    assert box.run("2018-08-20").departures() == [("before-2w", "2018-08-17 09:00")]
    box.record("report", "2018-05-08", party="AA")
    assert [due.by.span.last for due in box.planner.deadlines("AA")] == [date(2018, 8, 31)]
    box.record("report", "2018-05-09", party="AA")
    assert box.run("2018-12-01").departures()[1:] == [("thanks", "2018-08-20 09:00")]


@pytest.mark.parametrize(
    ("recorded", "since", "known", "expected"),
    [
        ([], "", None, "2018-01-01"),
        ([reopened("2018-05-19", "2018-05-22")], "", None, "2018-05-19"),
        ([reopened("2018-05-19", "2018-05-22")], "", "2018-05-21", "2018-01-01"),
        (
            [reopened("2017-12-15", "2018-05-22")],
            "",
            None,
            "2018-01-01",
        ),  # what was true before the plan began is too old
        ([reopened("2018-05-19", "2018-05-22")], "since: end", None, "2018-06-29"),
        ([], "since: joined", None, "None"),
        ([reopened("2018-05-19", "2018-05-22")], "since: joined", None, "2018-05-19"),
    ],
)
def test_from_which_day_on_a_report_counts(recorded: list[Fact], since: str, known: str | None, expected: str) -> None:
    made = small(chase(more=since))
    step = made.workflow.steps["ask"]
    assert isinstance(step, FollowUp)
    world = World(made, FactBook(recorded))
    assert str(since_day(world, step, made.parties["AA"], None, moment(known) if known else None)) == expected
