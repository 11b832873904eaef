"""A yearly plan: each cycle for itself, the first report apart, and nobody asked twice for one day."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest

from engine.definition.workflow import Plannable
from engine.errors import BadInput
from engine.planning.replay import Replay, in_order
from engine.rendering.agenda import Agenda
from tests.planning_model import Outbox
from tests.support import WORKFLOWS, coming, fact, load_text, moment, of, plannable

YEARLY = """\
workflow: yearly
title: Reports, every year
timezone: Europe/Zurich
working_days: {country: CH, subdivision: GE}
starts: 2018-01-01
cycle: {every: %s, due: 04-30, opens: 12 weeks before%s}
owner: desk
parties: parties.csv
contacts: contacts.csv
address: {to: [mission]}
attributes: {entry_into_force: {type: date}}
facts:
  initial_report: {type: date}
  annual_report: {type: date, each: cycle}
  paper: {type: date}
values: {initial_due: {date: entry_into_force + 180 days}}
roles:
  desk: {title: Desk, email: desk@example.org}
steps:
  initial:
    follow_up: Initial report
    cycle: none
    to: entry_into_force
    since: entry_into_force
    by: initial_due
    until: initial_report
    send: [12 weeks before, 2 weeks before, on the day]
    letter: nudge
    approval: none
  annual:
    follow_up: Annual report
    to: initial_due < cycle.due
    by: cycle.due
    until: %s
    send: [12 weeks before, 2 weeks before, on the day, 2 weeks after]
    letter: nudge
    thanks: thank_you
    approval: none
%s"""
# Madagascar's initial report is due on 30 April 2018, Benin's on 30 June, Fiji's was in 2011.
PARTIES = "id,name,entry_into_force\nMG,Madagascar,2017-11-01\nBJ,Benin,2018-01-01\nFJ,Fiji,2010-11-01\nXX,Not party,\n"
CONTACTS = "id,party,post,name,address\n" + "".join(
    f"{party.lower()}_m,{party},mission,Mission,{party.lower()}@mission.example\n" for party in ("MG", "BJ", "FJ", "XX")
)


@lru_cache
def plan(every: str = "year", first: str = "", until: str = "annual_report", more: str = "") -> Plannable:
    return load_text(YEARLY % (every, first, until, more), {"parties.csv": PARTIES, "contacts.csv": CONTACTS})


def yearly(applied: str = "2018-01-02", **given: str) -> Outbox:
    return Outbox(plan(**given), applied)


def left(box: Outbox, party: str, step: str = "annual") -> list[tuple[str | None, str, str]]:
    return [
        (each.letter.cycle, each.letter.slot, each.local[:10])
        for each in box.sent
        if (each.letter.party, each.letter.step) == (party, step)
    ]


ALL_OF_2018 = [
    ("2018", "before-12w", "2018-02-05"), ("2018", "before-2w", "2018-04-16"), ("2018", "on-day", "2018-04-30"),
    ("2018", "after-2w", "2018-05-14"),
]  # fmt: skip


def test_madagascar_is_not_asked_twice_for_30_april_2018() -> None:
    box = yearly().run("2018-12-01")
    assert left(box, "MG", "initial") == [
        (None, "before-12w", "2018-02-05"), (None, "before-2w", "2018-04-16"), (None, "on-day", "2018-04-30"),
    ]  # fmt: skip
    assert left(box, "MG") == []
    assert left(box, "BJ") == [], "Benin's first report is due after that day"
    assert left(box, "FJ") == ALL_OF_2018
    assert left(box, "XX") == left(box, "XX", "initial") == []


def test_from_the_next_year_on_it_is_asked_like_the_others() -> None:
    box = yearly().go_on("2019-03-01")
    for party in ("MG", "BJ", "FJ"):
        assert left(box, party)[-1] == ("2019", "before-12w", "2019-02-05")


def test_last_years_report_does_not_satisfy_this_years() -> None:
    box = yearly().run("2018-04-20")
    box.record("annual_report", "2018-04-20", party="FJ", cycle="2018")
    box.go_on("2019-05-31")
    assert left(box, "FJ") == [
        *ALL_OF_2018[:2], ("2018", "thanks", "2018-04-20"), ("2019", "before-12w", "2019-02-05"),
        ("2019", "before-2w", "2019-04-16"), ("2019", "on-day", "2019-04-30"), ("2019", "after-2w", "2019-05-14"),
    ]  # fmt: skip


def test_a_report_of_one_cycle_leaves_the_other_alone_in_both_directions() -> None:
    box = yearly().run("2018-04-20")
    box.record("annual_report", "2018-04-20", party="FJ", cycle="2019")
    assert left(box.run("2018-12-01"), "FJ") == ALL_OF_2018


@pytest.mark.parametrize(
    ("on", "of_2018", "of_2019"),
    [
        ("2018-02-04", False, False),  # before the cycle opened
        ("2018-02-05", True, False),  # on the day it opened
        ("2019-02-04", True, False),
        ("2019-02-05", True, True),
    ],
)
def test_a_fact_that_does_not_recur_counts_from_the_opening_of_each_cycle(
    on: str, of_2018: bool, of_2019: bool
) -> None:
    box = Outbox(plan(until="paper"), "2018-01-02", [fact("paper", on, party="FJ", at="2018-01-02")])
    open_ = {letter.cycle for letter in box.letters() if letter.step == "annual" and letter.party == "FJ"}
    assert ("2018" in open_, "2019" in open_) == (not of_2018, not of_2019)


def test_every_other_year_has_its_own_years() -> None:
    box = yearly(every="2 years", first=", first_year: 2019")
    assert {letter.cycle for letter in box.letters() if letter.step == "annual"} == {"2019"}
    box = yearly(every="2 years", first=", first_year: 2018")
    assert {letter.cycle for letter in box.letters() if letter.step == "annual"} == {"2018"}


def test_what_has_no_end_is_planned_as_far_as_its_horizon() -> None:
    box = yearly()
    assert max(letter.due_at for letter in box.letters() if letter.due_at) <= box.at("2019-02-06T23:00")
    assert {letter.cycle for letter in box.letters() if letter.step == "annual"} == {"2018", "2019"}


def test_a_yearly_plan_with_an_end_has_the_cycles_due_by_then_and_no_more() -> None:
    text = (YEARLY % ("year", "", "annual_report", "")).replace(
        "starts: 2018-01-01\n", "starts: 2018-01-01\nends: %s\n"
    )
    files = {"parties.csv": PARTIES, "contacts.csv": CONTACTS}
    for ends, cycles in (
        ("2018-04-29", []),
        ("2018-04-30", ["2018"]),
        ("2019-03-01", ["2018"]),
        ("2020-06-01", ["2018", "2019", "2020"]),
    ):
        box = Outbox(load_text(text % ends, files), "2018-01-02")
        box.go_on("2021-05-01")
        assert sorted({str(each.letter.cycle) for each in box.sent if each.letter.step == "annual"}) == cycles
        assert [cycle.name for cycle in box.planner.cycles()] == cycles
        silent = {silence.cycle for silence in box.planner.silences("FJ") if silence.step == "annual"}
        assert silent <= set(cycles)
        shown = [
            item.start.year for item in Agenda(box.planner, "x.example").items() if "Annual report" in item.summary
        ]
        assert sorted(set(shown)) == [int(cycle) for cycle in cycles]


def test_what_would_have_been_sent_by_a_day_years_ahead_is_known_also_of_the_silent() -> None:
    """Nothing is recorded for four years: what was planned beyond the first horizon left all the same."""
    replay = Replay(plan(), [], moment("2018-01-02"))
    replay.run(moment("2021-05-01"))
    left = {
        (entry.cycle, entry.slot)
        for cycle in ("2018", "2019", "2020", "2021")
        for entry in replay.planner.history.sent("annual", cycle, "FJ")
    }
    slots = ("before-12w", "before-2w", "on-day")
    assert left == {
        *((cycle, slot) for cycle in ("2018", "2019", "2020", "2021") for slot in slots),
        *((cycle, "after-2w") for cycle in ("2018", "2019", "2020")),
    }  # fmt: skip


def test_no_cycle_that_was_due_before_the_plan_began_is_shown() -> None:
    assert [cycle.name for cycle in yearly("2017-12-01").planner.cycles()] == ["2018"]


def test_a_plan_applied_after_the_day_sends_nothing_for_it() -> None:
    box = yearly("2018-05-20").go_on("2019-02-10")
    assert left(box, "FJ") == [("2019", "before-12w", "2019-02-05")]


WITH_AN_EVENT = """\
  meeting:
    event: A meeting
    when: 2018-05
    prepare: [2 weeks before]
  talks:
    ongoing: Talks
    review: every 2 months
  after:
    follow_up: Those who came
    to: meeting.attended
    by: cycle.due
    until: annual_report
    send: [1 week before]
    letter: nudge
"""


def test_events_and_ongoing_steps_stand_outside_the_cycle() -> None:
    """G1: each key once. What is recorded about them is recorded once, whatever the year."""
    box = Outbox(plan(more=WITH_AN_EVENT))
    keys = Counter(letter.key for letter in box.letters())
    assert [key for key, times in keys.items() if times > 1] == []
    assert {letter.cycle for letter in box.letters() if letter.step in ("meeting", "talks")} == {None}
    with pytest.raises(BadInput, match=r"cycle to cycle"):
        plan(more="  meeting:\n    event: A meeting\n    when: cycle.due - 4 weeks\n")


def test_closes_when_is_asked_for_each_cycle() -> None:
    more = (
        "  closing:\n    follow_up: Until Fiji has reported\n    by: cycle.due\n    until: paper\n"
        "    send: [2 weeks before]\n    letter: nudge\n"
        "    closes_when: {each: 'entry_into_force < date(\"2011-01-01\")', is: annual_report}\n"
    )
    box = Outbox(plan(more=more)).run("2018-04-01")
    box.record("annual_report", "2018-04-01", party="FJ", cycle="2018")
    box.replan()
    cycles = {letter.cycle for letter in box.letters() if letter.step == "closing" and letter.party == "BJ"}
    assert "2018" not in cycles
    assert {row.state for row in box.rows.values() if row.step == "closing" and row.cycle == "2018"} == {"withdrawn"}


# The workflow of the checkout


def test_the_yearly_workflow_asks_all_but_those_whose_first_report_is_due_that_day() -> None:
    live = plannable("article7-annual")
    now = "2026-11-02"
    letters = in_order(of(coming([], now, live, start="2026-11-01"), "annual"))
    assert {letter.cycle for letter in letters} == {"2027"}
    in_force = {party for party, entry in live.parties.items() if entry.values.get("entry_into_force")}
    assert {letter.party for letter in letters} == in_force
    assert len(in_force) >= 102
    assert {letter.slot for letter in letters} >= {
        "before-12w",
        "before-6w",
        "before-2w",
        "on-day",
        "after-2w",
        "after-6w",
    }


def test_the_same_workflow_begun_in_2018_does_not_ask_madagascar_twice() -> None:
    text = (WORKFLOWS / "article7-annual.yaml").read_text("utf-8").replace("starts: 2026-11-01", "starts: 2018-01-01")
    files = {name: (WORKFLOWS / name).read_text("utf-8") for name in ("ccm/parties.csv", "ccm/contacts.csv")}
    begun = load_text(text, files)
    letters = [letter for letter in coming([], "2018-01-02", begun, start="2018-01-01") if letter.due_at]
    asked = {
        (letter.step, letter.cycle) for letter in letters
        if letter.party == "MG" and letter.due_at and letter.due_at < Outbox(begun, "2018-12-01").now
    }  # fmt: skip
    assert asked == {("initial", None)}
    fiji = {(letter.step, letter.cycle) for letter in letters if letter.party == "FJ"}
    assert fiji == {("annual", "2018"), ("annual", "2019")}
