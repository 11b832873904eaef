"""What a forecast is about, who may still count, and what it says of each: all but the chances can be said beforehand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache

import pytest

from engine.definition.workflow import FollowUp
from engine.planning.forecast.aims import AimPart, aims_of
from engine.planning.forecast.forecast import Forecast, Helper, Outlook, by_words, forecast
from engine.planning.forecast.past import Inquiry, Question
from engine.planning.forecast.rates import Cell, Seen
from engine.planning.replay import comes_from
from tests.planning_model import Outbox, chase, roster, small
from tests.unit.test_planning_two_cycles import two

MEASURED = """\
settings: {asked: {value: full_members, of: [full_members, all_of_them]}}
sets: {full_members: {who: member}, all_of_them: {who: member or not member}}
objectives:
  half:
    title: Half of them, and each member
    all:
      - {count: report, among: all_of_them, at_least: half}
      - {each: settings.asked, is: report}
    by: end
"""
TARGET = """\
  one:
    target: One State that is prepared
    count: status == "prepared"
    among: settings.asked
    at_least: 1
    by: 2018-05-31
    ask: {to: status == "candidate", send: [at once, 2 weeks before, on the day], letter: nudge}
    approval: none
"""
ROWS = ("AA", "BB", "CC,Cland,,no,", "DD,Dland,,no,")


@lru_cache
def measured() -> Outbox:
    """Four parties on 4 April: AA has reported, DD is exempt since 1 March, AA and BB are asked about the target."""
    steps = chase("[at once, every 8 weeks until 4 weeks before, 2 weeks before]") + TARGET
    box = Outbox(small(steps, extra=MEASURED, parties=roster(ROWS))).run("2018-03-01")
    box.record("report", "2018-02-20", party="AA")
    box.record("status", "candidate", party="BB")
    box.record("exempt", "yes", party="DD", step="ask")
    box.run("2018-04-02T12:00").record("status", "candidate", party="AA")
    return box.run("2018-04-04T12:00")


def looked(box: Outbox, today: str) -> Forecast:
    letters = comes_from(box.planner.plan(), box.now, box.planner.history)
    return forecast(box.planner, letters, date.fromisoformat(today), runs=2000)


def said(part: AimPart) -> tuple[str, tuple[str, str], int, int | None, bool, str, str]:
    key = part.question.key
    return part.words, key, part.have, part.want, part.met, " ".join(part.members), " ".join(part.open)


@pytest.mark.parametrize(("today", "asked"), [("2018-02-28", "AA BB CC DD"), ("2018-03-01", "AA BB CC")])
def test_what_is_aimed_at_and_who_may_still_count(today: str, asked: str) -> None:
    """Who is exempt is not among those a follow-up is for, from the day on which it is; an objective counts it still."""
    found = aims_of(measured().planner.world, date.fromisoformat(today))
    assert [(aim.kind, aim.name, aim.title, str(aim.by), aim.met, aim.open) for aim in found] == [
        ("objective", "half", "Half of them, and each member", "2018-06-29", False, True),
        ("follow_up", "ask", "Reports", "2018-06-29", None, True),
        ("target", "one", "One State that is prepared", "2018-05-31", False, True),
    ]
    assert [[said(part) for part in aim.parts] for aim in found] == [
        [
            ("", ("report", ""), 1, 2, False, "AA BB CC DD", "BB CC DD"),
            ("full members", ("report", ""), 1, 2, False, "AA BB", "BB"),
        ],
        [("", ("report (ask)", ""), 1, None, False, asked, asked.removeprefix("AA "))],
        [("", ('status == "prepared"', ""), 0, 1, False, "AA BB", "AA BB")],
    ]


def test_what_is_over_or_has_nobody_left_is_not_open() -> None:
    world = measured().planner.world
    on_the_last_day = {aim.name: (aim.met, aim.open) for aim in aims_of(world, date(2018, 5, 31))}
    assert on_the_last_day == {"half": (False, True), "ask": (None, True), "one": (False, False)}
    assert [aim.open for aim in aims_of(world, date(2018, 6, 28))] == [True, True, False]
    assert [aim.open for aim in aims_of(world, date(2018, 6, 29))] == [False, False, False]


def test_each_outlook_says_whom_it_waits_for_and_what_is_to_come() -> None:
    found = looked(measured(), "2018-04-04")
    assert (found.as_of, found.runs, found.seed) == (date(2018, 4, 4), 2000, 1)
    half, ask, one = found.outlooks
    assert [(each.party, each.met_with_it, each.next_letter) for each in half.helpers] == [
        ("BB", 1.0, ("ask", date(2018, 4, 24))),
    ]
    assert [(each.party, each.met_with_it, each.next_letter) for each in one.helpers] == [
        ("AA", 1.0, ("one", date(2018, 5, 17))), ("BB", 1.0, ("one", date(2018, 5, 17))),
    ]  # fmt: skip
    assert [each.chance is not None and 0.02 < each.chance < 0.5 for each in found.outlooks] == [True, False, True]
    rest = [replace(each, chance=None, measures=(), helpers=()) for each in found.outlooks]
    assert rest == [
        Outlook(
            "objective", "half", "Half of them, and each member", date(2018, 6, 29), "The end", False, None, (), (),
            alike=1, answers=1, letters=4, undated=0,
        ),
        Outlook(
            "follow_up", "ask", "Reports", date(2018, 6, 29), "The end", None, None, (), (), alike=0, answers=1, letters=4,
            undated=0,
        ),
        Outlook(
            "target", "one", "One State that is prepared", date(2018, 5, 31), "31 May 2018", False, None, (), (), alike=2,
            answers=0, letters=4, undated=0,
        ),
    ]  # fmt: skip
    assert (ask.chance, ask.helpers) == (None, ()), "a follow-up has no threshold: nothing is met or missed"
    assert [(part.words, part.have, part.want, " ".join(part.open)) for part in half.measures + ask.measures] == [
        ("", 1, 2, "BB CC DD"), ("full members", 1, 2, "BB"), ("", 1, None, "BB CC"),
    ]  # fmt: skip
    days = [date(2018, 4, 30), date(2018, 5, 31), date(2018, 6, 29)]
    assert [[each.on for each in part.ahead] for part in half.measures + ask.measures + one.measures] == [
        days, days, days, days[:2],
    ]  # fmt: skip
    assert one.helpers[0] == Helper("AA", one.helpers[0].answers, 1.0, ("one", date(2018, 5, 17)))


def test_rates_say_what_they_rest_on() -> None:
    rates = looked(measured(), "2018-04-04").rates
    assert [(each.question, tuple(each.cell), tuple(each.seen)) for each in rates] == [
        ("report", ("", 0, ""), (97, 0)),  # AA, BB and CC on 1 January, DD, who has no address, on every day
        ("report", ("ask", 1, ""), (162, 1)),  # AA up to 20 February, BB and CC up to the 26th
        ("report", ("ask", 2, ""), (74, 0)),
        ("report (ask)", ("", 0, ""), (3, 0)),
        ("report (ask)", ("ask", 1, ""), (162, 1)),
        ("report (ask)", ("ask", 2, ""), (74, 0)),
        ('status == "prepared"', ("", 0, ""), (151, 0)),  # BB up to the end of February, AA up to 2 April
        ('status == "prepared"', ("one", 1, ""), (37, 0)),
    ]
    assert [tuple(round(share, 3) for share in (each.low, each.likely, each.high)) for each in rates] == [
        (0.006, 0.045, 0.144), (0.013, 0.063, 0.171), (0.007, 0.044, 0.154), (0.009, 0.062, 0.212), (0.018, 0.078, 0.212),
        (0.009, 0.059, 0.195), (0.001, 0.014, 0.083), (0.001, 0.014, 0.097),
    ]  # fmt: skip


def test_chances_are_the_same_numbers_on_every_machine() -> None:
    """Of the seed, and of all that was seen: another number is another model."""
    half, _, one = looked(measured(), "2018-04-04").outlooks
    assert (half.chance, one.chance) == (0.181, 0.1265)
    assert [each.answers for each in half.helpers + one.helpers] == pytest.approx(
        [0.187479, 0.06863, 0.06863], abs=1e-5
    )
    assert [[(each.low, each.likely, each.high, each.share) for each in part.ahead] for part in half.measures] == [
        [(1, 1, 1, 0.8365), (1, 1, 2, 0.9295), (1, 1, 2, 0.8825)],
        [(1, 1, 1, 0.9325), (1, 1, 1, 0.8755), (1, 1, 1, 0.819)],
    ]


# Two years open at once


def test_letters_and_answers_are_those_of_the_year_that_is_asked_about() -> None:
    box = Outbox(two(send="    send: [56 weeks before, 2 weeks before]\n")).go_on("2018-04-20")
    box.record("annual_report", "2018-04-20", party="AA", cycle="2019")
    box.go_on("2018-04-25")
    step, today = box.plan.workflow.steps["annual"], date(2018, 4, 24)
    assert isinstance(step, FollowUp)
    sent, seen, coming = {}, {}, {}
    for cycle in box.planner.cycles():
        past = Inquiry(box.planner, Question(step.until, cycle), today)
        sent[cycle.name] = past.sent("BB")
        seen[cycle.name] = past.seen(["AA", "BB"])
        letters = comes_from(box.planner.plan(), box.now, box.planner.history)
        coming[cycle.name] = {
            party: [(each.cycle, each.slot) for each in found] for party, found in past.to_come(letters).items()
        }
    assert sent == {"2018": [(date(2018, 4, 16), "annual")], "2019": [(date(2018, 4, 3), "annual")]}
    assert coming == {"2018": {}, "2019": {"BB": [("2019", "before-2w")]}}
    none, asked = Cell("", 0, ""), Cell("annual", 1, "")
    assert seen == {
        "2018": {none: Seen(2 * 412, 0), asked: Seen(2 * 9, 0)},
        "2019": {none: Seen(2 * 34, 0), asked: Seen(18 + 22, 1)},  # from 28 February 2018 on
    }


def test_each_open_year_is_an_aim_that_learns_from_those_before() -> None:
    plan = two("    grace: 7 days\n", send="    send: [56 weeks before, 2 weeks before]\n")
    box = Outbox(plan).go_on("2018-04-20")
    box.record("annual_report", "2018-04-20", party="AA", cycle="2019")
    box.record("exempt", "yes", party="AA", step="annual", cycle="2018")
    found = {aim.name: aim for aim in aims_of(box.planner.world, date(2018, 4, 24))}
    assert [(aim.name, aim.title, str(aim.by)) for aim in found.values()] == [
        ("annual 2018", "Annual report", "2018-05-07"), ("annual 2019", "Annual report", "2019-05-07"),
    ]  # fmt: skip
    assert [said(aim.parts[0]) for aim in found.values()] == [
        ("", ("annual_report (annual)", "2018"), 0, None, False, "BB", "BB"),
        ("", ("annual_report (annual)", "2019"), 1, None, False, "AA BB", "BB"),
    ]
    first, then = (aim.parts[0].question for aim in found.values())
    assert (first.earlier, then.earlier) == ((), (replace(first, until=date(2018, 5, 7)),))
    letters = {each.name: (each.letters, each.answers, each.by_words) for each in looked(box, "2018-04-24").outlooks}
    assert letters == {"annual 2018": (0, 0, "7 May 2018"), "annual 2019": (1, 1, "7 May 2019")}


def test_a_question_of_no_year_counts_the_letters_of_all() -> None:
    box = Outbox(two(send="    send: [56 weeks before, 2 weeks before]\n")).go_on("2018-04-25")
    step = box.plan.workflow.steps["annual"]
    assert isinstance(step, FollowUp)
    past = Inquiry(box.planner, Question(step.until), date(2018, 4, 24))
    assert past.sent("BB") == [(date(2018, 4, 3), "annual"), (date(2018, 4, 16), "annual")]


@pytest.mark.parametrize(
    ("by", "words"), [("end", "The end"), ("end + 0 days", "29 June 2018"), ("2018-06-29", "29 June 2018")]
)
def test_a_day_is_said_as_the_anchor_that_it_is(by: str, words: str) -> None:
    box = Outbox(small(chase("[on the day]", by=by)))
    step = box.plan.workflow.steps["ask"]
    assert isinstance(step, FollowUp)
    assert by_words(box.planner, step.by, date(2018, 6, 29)) == words
    assert by_words(box.planner, None, date(2018, 6, 29)) == "29 June 2018"
