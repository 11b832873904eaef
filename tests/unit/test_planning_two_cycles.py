"""Two years open at once: what is recorded, extended or told in one of them is nothing to the other."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import pytest

from engine.definition.workflow import Plannable, Target
from engine.letter import Letter
from engine.planning.told import told
from engine.planning.world.history import past
from engine.planning.world.progress import Tally, in_cycles, target_progress
from tests.planning_model import Outbox
from tests.support import load_text

TWO = """\
workflow: two
title: Reports, two years open at once
timezone: Europe/Zurich
working_days: {country: CH, subdivision: GE}
starts: 2018-01-01
ends: 2019-12-31
cycle: {every: year, due: 04-30, opens: 14 months before}
owner: desk
parties: parties.csv
contacts: contacts.csv
address: {to: [mission]}
facts:
  annual_report: {type: date, each: cycle}
  paper: {type: date}
roles:
  desk: {title: Desk, email: desk@example.org}
  boss: {title: Boss, email: boss@example.org}
steps:
  annual:
    follow_up: Annual report
    by: cycle.due
    until: annual_report
    send: [2 weeks before, on the day]
    letter: nudge
    approval: none
"""
PARTIES = "id,name\nAA,Aland\nBB,Bland\n"
CONTACTS = (
    "id,party,post,name,address\naa_m,AA,mission,Aland,aa@mission.example\nbb_m,BB,mission,Bland,bb@mission.example\n"
)
SEND = "    send: [2 weeks before, on the day]\n"


@lru_cache
def two(more: str = "", until: str = "annual_report", send: str = SEND) -> Plannable:
    """A plan whose years 2018 (due on 30 April) and 2019 (from 28 February 2018 on) overlap."""
    text = TWO.replace(SEND, send + more).replace("until: annual_report", f"until: {until}")
    return load_text(text, {"parties.csv": PARTIES, "contacts.csv": CONTACTS})


def left(box: Outbox, party: str | None = "AA") -> list[tuple[str | None, int, str, str]]:
    return [
        (each.letter.cycle, each.letter.round, each.letter.slot, each.local[:10])
        for each in box.sent
        if each.letter.party == party
    ]


OF_2018 = [("2018", 1, "before-2w", "2018-04-16"), ("2018", 1, "on-day", "2018-04-30")]
OF_2019 = [("2019", 1, "before-2w", "2019-04-16"), ("2019", 1, "on-day", "2019-04-30")]


def test_after_is_counted_in_each_year() -> None:
    """Of a year's slots those before its `after` are not sent, and a series begins there."""
    send = "    send: [16 weeks before, every 5 weeks until 2 weeks before, on the day]\n"
    box = Outbox(two("    after: cycle.due - 15 weeks\n", send=send)).go_on("2019-12-01")
    assert left(box) == [
        ("2018", 1, "every-5w-1", "2018-02-19"), ("2018", 1, "every-5w-2", "2018-03-26"), ("2018", 1, "on-day", "2018-04-30"),
        ("2019", 1, "every-5w-1", "2019-02-19"), ("2019", 1, "every-5w-2", "2019-03-26"), ("2019", 1, "on-day", "2019-04-30"),
    ]  # fmt: skip


def test_an_extension_moves_the_letters_of_its_own_year() -> None:
    box = Outbox(two()).go_on("2018-04-20")
    box.record("extended_to", "2018-06-29", party="AA", step="annual", cycle="2018")
    box.go_on("2019-12-01")
    assert left(box) == [
        OF_2018[0],
        ("2018", 2, "before-2w", "2018-06-15"),
        ("2018", 2, "on-day", "2018-06-29"),
        *OF_2019,
    ]
    assert left(box, "BB") == [*OF_2018, *OF_2019]


def test_an_extension_taken_back_is_corrected_in_its_own_year_from_the_moment_it_was() -> None:
    more = "    corrected: deadline_moved\n    escalate: {before: 1 week, to: boss}\n"
    send = "    send: [18 weeks before, 2 weeks before, on the day]\n"
    box = Outbox(two(more, send=send), "2018-12-20").go_on("2018-12-27")
    of_2019 = box.record("extended_to", "2019-07-19", party="AA", step="annual", cycle="2019")
    box.go_on("2019-03-20")
    assert left(box) == [
        ("2019", 1, "before-18w", "2018-12-24"),
        ("2019", 2, "before-18w", "2019-03-15"),
    ]
    box.retract(of_2019)
    box.go_on("2019-12-01")
    assert left(box)[2:] == [
        ("2019", 1, "corrected-1", "2019-03-20"), ("2019", 1, "before-2w", "2019-04-16"),
        ("2019", 1, "escalation-before-1w", "2019-04-23"), ("2019", 1, "on-day", "2019-04-30"),
    ]  # fmt: skip
    reason = "the deadline moved after Aland was told 19 July 2019"
    assert box.rows["two/2019/annual/AA/1/aa_m/corrected-1"].reason == reason


def test_the_owner_is_asked_in_the_year_whose_extension_was_taken_back() -> None:
    box = Outbox(two()).go_on("2018-03-10")
    both = [
        box.record("extended_to", f"{year}-06-29", party=party, step="annual", cycle=year)
        for year, party in (("2018", "AA"), ("2019", "BB"))
    ]
    box.go_on("2018-06-20")
    for fact in both:
        box.retract(fact)
    box.go_on("2018-08-01")
    assert left(box, None) == [], "by 20 June the day that holds had passed, and nobody was told of the other year"
    box = Outbox(two(send="    send: [18 weeks before, on the day]\n"), "2018-12-20").go_on("2018-12-27")
    longer = box.record("extended_to", "2019-07-19", party="AA", step="annual", cycle="2019")
    box.go_on("2019-03-25")
    box.retract(longer)
    box.go_on("2019-12-01")
    assert left(box, None) == [("2019", 1, "date-moved", "2019-03-25")]
    assert (
        box.rows["two/2019/annual/-/1/desk/date-moved"].reason == "its deadline moved, and some were told another day"
    )


@pytest.mark.parametrize(
    ("name", "value", "state", "reason", "comes"),
    [
        ("snoozed_until", "2018-04-20", "scheduled", "16 weeks before 30 April 2018; snoozed until 20 April 2018", "2018-04-20"),
        ("exempt", "yes", "silent", "Aland is exempt", ""),
        ("answered", "yes", "waiting", "an answer from Aland (5 January 2018) waits for a decision", ""),
    ],
)  # fmt: skip
def test_what_holds_letters_back_does_so_in_its_own_year(
    name: str, value: str, state: str, reason: str, comes: str
) -> None:
    box = Outbox(two(send="    send: [56 weeks before, 16 weeks before]\n")).go_on("2018-01-05")
    box.record(name, value, party="AA", step="annual", cycle="2018")
    said = {(each.cycle, each.slot): (each.state, each.reason) for each in box.letters() if each.party == "AA"}
    silent = {(each.cycle, "before-16w"): ("silent", each.reason) for each in box.planner.silences("AA")}
    assert said | silent == {
        ("2018", "before-16w"): (state, reason),
        ("2019", "before-56w"): ("scheduled", "56 weeks before 30 April 2019"),
        ("2019", "before-16w"): ("scheduled", "16 weeks before 30 April 2019"),
    }
    box.go_on("2018-05-15")
    assert left(box) == [
        ("2019", 1, "before-56w", "2018-04-03"),
        *([("2018", 1, "before-16w", comes)] if comes else []),
    ]


OWNED = """\
  count:
    target: One of them
    count: annual_report
    at_least: 1
    by: cycle.due
    remind: [2 weeks before, 1 week after]
  print:
    task: Print the list
    by: cycle.due
    remind: [1 week before]
"""


def test_the_owner_is_reminded_each_year_until_it_is_met_or_done_in_it() -> None:
    text = TWO + OWNED
    box = Outbox(load_text(text, {"parties.csv": PARTIES, "contacts.csv": CONTACTS})).go_on("2018-04-18")
    box.record("annual_report", "2018-04-18", party="AA", cycle="2018")
    box.record("done", "yes", step="print", cycle="2019")
    box.go_on("2019-12-01")
    to_owners = [(each.letter, each.local) for each in box.sent if not each.letter.party]
    assert [(letter.cycle, letter.step, letter.slot, local) for letter, local in to_owners] == [
        ("2018", "count", "before-2w", "2018-04-16 09:00"), ("2018", "print", "before-1w", "2018-04-23 09:00"),
        ("2019", "count", "before-2w", "2019-04-16 09:00"), ("2019", "count", "after-1w", "2019-05-07 09:00"),
    ]  # fmt: skip
    rows = {(row.cycle, row.slot): (row.reason, row.template) for row in box.rows.values() if row.step == "count"}
    assert rows[("2019", "before-2w")] == ("2 weeks before 30 April 2019", "target_reminder")


def test_thanks_go_once_for_each_year_to_whom_it_wrote() -> None:
    box = Outbox(two("    thanks: thank_you\n", send="    send: [16 weeks before, 56 weeks before]\n")).go_on(
        "2018-04-10"
    )
    box.record("annual_report", "2018-04-10", party="AA", cycle="2019")
    box.go_on("2018-04-20")
    assert left(box)[-1] == ("2019", 1, "thanks", "2018-04-10")
    silent = {each.cycle: each.reason for each in box.planner.silences("AA")}
    assert silent == {"2019": "done: annual_report, true on 2018-04-10"}
    box.record("annual_report", "2018-04-20", party="AA", cycle="2018")
    box.go_on("2018-05-20")
    assert [each[:3:2] for each in left(box) if each[2] == "thanks"] == [("2019", "thanks"), ("2018", "thanks")]


def test_a_paper_of_before_a_year_opened_is_none_of_that_year() -> None:
    box = Outbox(two(until="paper")).go_on("2018-02-10")
    box.record("paper", "2018-02-09", party="AA")
    assert [due.cycle.name for due in box.planner.deadlines("AA") if due.cycle] == ["2019"]
    box.go_on("2018-03-10")
    box.record("paper", "2018-02-28", party="BB")
    assert box.planner.deadlines("BB") == [], "on the day on which 2019 opened: it counts in both"
    box.go_on("2019-12-01")
    assert (left(box), left(box, "BB")) == (OF_2019, [])


def test_a_letter_is_its_years_in_all_that_it_says() -> None:
    box = Outbox(two()).go_on("2018-02-10")
    first = next(each for each in box.letters() if each.party == "AA")
    assert first == Letter(
        "two/2018/annual/AA/1/aa_m/before-2w", "two", "2018", "annual", "follow_up", "AA", 1, "aa_m", "before-2w",
        box.at("2018-04-16T09:00"), "Europe/Zurich", "scheduled", "2 weeks before 30 April 2018", "nudge", False,
        box.at("2018-04-19T09:00"), person="aa@mission.example", told="2018-04-30",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("paper", "closed"), [("2018-02-09", ["2018"]), ("2018-02-28", ["2018", "2019"]), ("2017-02-27", [])]
)
def test_what_closes_a_step_counts_from_the_opening_of_each_year(paper: str, closed: list[str]) -> None:
    box = Outbox(two("    closes_when: {each: paper, is: paper}\n")).go_on("2018-03-05")
    box.record("paper", paper, party="BB")
    silent = {each.cycle: each.reason for each in box.planner.silences("AA")}
    assert silent == dict.fromkeys(closed, "closed: all 1 of paper are done")


def test_of_what_has_no_end_is_planned_what_is_due_by_the_horizon() -> None:
    """Four hundred days to the second."""
    text = TWO.replace("ends: 2019-12-31\n", "horizon: 60 days\n").replace("opens: 14 months", "opens: 2 months")
    box = Outbox(load_text(text, {"parties.csv": PARTIES, "contacts.csv": CONTACTS}), "2018-01-10")
    due = box.at("2018-04-16T09:00")
    for now, planned in ((due - timedelta(days=60, seconds=1), False), (due - timedelta(days=60), True)):
        box.planner.at(now)
        assert ("before-2w" in {each.slot for each in box.letters() if each.party == "AA"}) == planned


def test_a_letter_of_a_year_that_keeps_no_day_told_that_of_its_year() -> None:
    box = Outbox(two()).go_on("2018-04-20")
    longer = box.record("extended_to", "2018-06-29", party="AA", step="annual", cycle="2018")
    box.go_on("2018-06-20").retract(longer)
    for row in box.rows.values():
        box.planner.history.put(past(row._replace(told=None)))
    assert [(each.cycle, str(each.day), str(each.now)) for each in told(box.planner, "AA")] == [
        ("2018", "2018-06-29", "2018-04-30"),
    ]  # fmt: skip


def test_how_far_a_target_is_in_each_year() -> None:
    plan = load_text(TWO + OWNED, {"parties.csv": PARTIES, "contacts.csv": CONTACTS})
    box = Outbox(plan).go_on("2018-05-10")
    box.record("annual_report", "2018-05-02", party="AA", cycle="2018")
    box.record("annual_report", "2018-04-03", party="BB", cycle="2019")
    step = plan.workflow.steps["count"]
    assert isinstance(step, Target)
    world, today = box.planner.world, date(2018, 5, 9)
    assert [name for name, _ in in_cycles(world, step, today)] == ["count 2018", "count 2019"]
    found = [target_progress(world, step, today, cycle) for _, cycle in in_cycles(world, step, today)]
    assert [(each.name, each.title, str(each.by), each.over, each.met, each.met_on) for each in found] == [
        ("count", "One of them", "2018-04-30", True, False, None),
        ("count", "One of them", "2019-04-30", False, True, date(2018, 4, 3)),
    ]
    late = Tally("annual_report", 0, 1, 1, None, None, (), (), series=())
    early = Tally("annual_report", 1, 1, 1, None, date(2018, 4, 3), ("BB",), (), series=((date(2018, 4, 3), 1),))
    assert [each.measures for each in found] == [(late,), (early,)]


def test_a_case_that_was_reopened_is_so_in_its_own_year() -> None:
    box = Outbox(two(until="paper")).go_on("2018-03-05")
    box.record("paper", "2018-03-01", party="AA")
    assert box.planner.deadlines("AA") == []
    box.record("reopened", "yes", party="AA", step="annual", cycle="2018")
    assert [due.cycle.name for due in box.planner.deadlines("AA") if due.cycle] == ["2018"]
