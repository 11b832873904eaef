"""Deadlines missed in a row: CITES, where three annual reports missed have consequences. Nothing flips by itself unseen:
what follows from a deadline that passes is planned before it does."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pytest

from engine.app.plans.status import status_of
from engine.app.why.step import step_sentences
from engine.definition.compiling import compile_condition
from engine.definition.dates import parse_moment
from engine.definition.hints import Unreadable
from engine.definition.phrases import Phrases
from engine.definition.workflow import FollowUp, Plannable
from engine.errors import BadInput
from engine.planning.planner import Planner
from engine.planning.replay import in_order
from engine.planning.world.scope import PartyScope, World
from tests.planning_model import Outbox
from tests.support import ZURICH, load_text
from tests.unit.test_conditions import VOCABULARY, Answers

CITES = """\
workflow: cites-annual
title: Annual reports under Article VIII of CITES
timezone: Europe/Zurich
working_days: {country: CH, subdivision: GE}
starts: 2016-01-01
cycle: {every: year, due: 10-31, opens: 12 weeks before}
owner: secretariat
parties: parties.csv
contacts: contacts.csv
address: {to: [mission]}
attributes: {member: {type: flag}, joined: {type: date}}
facts:
  annual_report: {type: date, each: cycle, label: Annual report received}
values:
  %s
roles:
  secretariat: {title: Secretariat, email: secretariat@example.org}
  standing_committee: {title: Standing Committee, email: committee@example.org}
steps:
  annual:
    follow_up: Annual report
    to: joined < cycle.due
    by: cycle.due
    grace: 7 days
    extensions: {asked: before}
    optional: yes
    until: annual_report
    send: [4 weeks before, 2 weeks after]
    letter: nudge
    approval: none
  consequence:
    follow_up: Word of the consequences
    to: %s
    by: cycle.due + 3 months
    until: annual_report
    send: [at once, 2 weeks before, on the day]
    letter: firmer
    thanks: report_received
    escalate: {after: 1 letter, to: standing_committee}
    approval: none
%s"""
PARTIES = "id,name,member,joined\nAA,Aland,yes,2010-01-01\nBB,Bland,yes,2010-01-01\nCC,Cland,yes,2017-01-01\n"
CONTACTS = "id,party,post,name,address\n" + "".join(
    f"{party.lower()}_m,{party},mission,Mission of {party},{party.lower()}@mission.example\n"
    for party in ("AA", "BB", "CC")
)
_UNTIL = "    until: annual_report\n    send: [at once"
THREE = 'misses("annual") >= 3'


@lru_cache
def cites(to: str = THREE, more: str = "", value: str = f"three: {{is: '{THREE}'}}") -> Plannable:
    return load_text(CITES % (value, to, more), {"parties.csv": PARTIES, "contacts.csv": CONTACTS})


def left(box: Outbox, party: str, step: str = "consequence") -> list[tuple[str | None, str, str]]:
    return [
        (each.letter.cycle, each.letter.slot, each.local[:10])
        for each in box.sent
        if (each.letter.party, each.letter.step) == (party, step)
    ]


def missed(box: Outbox, party: str, at: str, cycle: int | None = None) -> int:
    world = World(box.plan, box.planner.book)
    found = next((each for each in box.planner.cycles() if cycle and each.name == str(cycle)), None)
    return PartyScope(world, box.plan.parties[party], found, at=parse_moment(at, ZURICH)).misses("annual")


def test_after_three_in_a_row_the_consequences_come_once_and_not_before_the_third_deadline_with_its_grace() -> None:
    box = Outbox(cites(), "2016-01-04").go_on("2019-03-01")
    # 31 October 2018 and seven days of grace: the third deadline of Aland has passed as 7 November ends
    assert left(box, "AA") == [
        ("2018", "at-once", "2018-11-08"), ("2018", "escalation", "2018-11-09"), ("2018", "before-2w", "2019-01-17"),
        ("2018", "on-day", "2019-01-31"),
    ]  # fmt: skip
    assert left(box, "CC") == [], "it joined in 2017, and has missed two"


def test_the_letters_are_planned_before_the_deadline_passes_and_nothing_changes_when_it_does() -> None:
    box = Outbox(cites(), "2016-01-04").go_on("2018-10-15")
    rows = [row for row in box.rows.values() if (row.party, row.step, row.cycle) == ("AA", "consequence", "2018")]
    assert min(row.due_at for row in rows) == parse_moment("2018-11-08T09:00", ZURICH)
    before = in_order(letter for letter in box.letters() if letter.step == "consequence" and letter.cycle == "2018")
    box.run("2018-11-08")
    after = in_order(letter for letter in box.letters() if letter.step == "consequence" and letter.cycle == "2018")
    assert after == before
    assert box.replan() == []
    assert in_order(box.letters(box.fresh())) == in_order(box.letters())


def test_a_report_also_a_late_one_ends_the_row_and_stops_the_letters() -> None:
    box = Outbox(cites(), "2016-01-04").go_on("2018-10-15")
    box.record("annual_report", "2018-10-14", party="AA", cycle="2017")
    assert [letter for letter in box.letters() if (letter.party, letter.step) == ("AA", "consequence")] == []
    box.go_on("2018-11-20")
    assert left(box, "AA") == []
    assert [cycle for cycle, *_ in left(box, "BB")] == ["2018", "2018"]
    box.record("annual_report", "2018-11-20", party="BB", cycle="2016")
    silence = [each for each in box.planner.silences("BB") if (each.step, each.cycle) == ("consequence", "2018")]
    assert silence[0].reason == f"not among those it is for ({THREE})"
    assert {
        row.state for row in box.rows.values() if (row.party, row.slot, row.step) == ("BB", "on-day", "consequence")
    } == {"withdrawn"}


def test_the_counter_goes_back_from_the_last_that_has_passed() -> None:
    box = Outbox(cites(), "2016-01-04").go_on("2018-12-01")
    assert [missed(box, "AA", day) for day in ("2016-11-07", "2016-11-08", "2017-12-01", "2018-12-01")] == [0, 1, 2, 3]
    assert missed(box, "AA", "2018-12-01", 2017) == 2, "asked about in a cycle, no later one counts"
    box.record("exempt", "yes", party="AA", step="annual", cycle="2017")
    assert missed(box, "AA", "2018-12-01") == 2, "a year that one need not do is passed over"
    box.record("opted_out", "yes", party="AA", step="annual", cycle="2016")
    box.record("extended_to", "2019-03-01", party="AA", step="annual", cycle="2018")
    assert [missed(box, "AA", day) for day in ("2018-12-01", "2019-03-08", "2019-03-09")] == [0, 0, 1]
    box.record("annual_report", "2018-12-01", party="AA", cycle="2018")
    assert missed(box, "AA", "2019-12-01") == 1, "2018 is done, and 2019 is missed"


def test_what_ends_by_a_deadline_is_planned_up_to_it() -> None:
    """The other way round: a kind letter to those who have missed none, which stops as the first deadline passes."""
    more = """\
  kind:
    follow_up: A kind word
    cycle: none
    to: misses("annual") == 0
    by: 2016-12-30
    until: member == "no"
    send: [4 weeks before, 9 weeks before, on the day]
    letter: nudge
    approval: none
"""
    plan = cites(more=more)
    box = Outbox(plan, "2016-01-04").go_on("2016-10-20")
    assert [letter.slot for letter in box.letters() if (letter.party, letter.step) == ("AA", "kind")] == ["before-9w"]
    box.go_on("2017-01-10")
    assert [slot for _, slot, _ in left(box, "AA", "kind")] == ["before-9w"]
    assert [slot for _, slot, _ in left(box, "CC", "kind")] == ["before-9w", "before-4w", "on-day"]


def test_why_has_an_answer_before_and_after() -> None:
    box = Outbox(cites(), "2016-01-04").go_on("2018-10-15")
    said = step_sentences(box.planner, [*box.rows.values()], "AA", "consequence", box.now)
    assert any(each.startswith("Next: consequence at-once in 2018 on Thursday 8 November 2018") for each in said)
    said = step_sentences(box.planner, [*box.rows.values()], "CC", "consequence", box.now)
    assert any(f"not among those it is for ({THREE})" in each for each in said)


def test_the_deadline_shows_in_the_calendar_of_those_alone_for_whom_it_is_by_now() -> None:
    box = Outbox(cites(), "2016-01-04").go_on("2018-11-07")
    steps = lambda: [due.step.name for due in box.planner.deadlines("AA") if due.cycle and due.cycle.name == "2018"]  # noqa: E731 - looked at twice
    assert steps() == ["annual"]
    box.run("2018-11-09")
    assert steps() == ["annual", "consequence"]
    assert box.planner.deadlines("AA") is box.planner.deadlines("AA"), "what is the same stays the very same"


def test_an_objective_counts_those_who_missed_as_of_each_day() -> None:
    more = f"""\
objectives:
  fewer: {{title: Fewer in arrears, count: '{THREE}', at_least: 2, by: 2019-06-30}}
"""
    plan = cites(more=more)
    box = Outbox(plan, "2016-01-04").go_on("2019-03-01")
    found = status_of(World(plan, box.planner.book), date(2019, 3, 1))["objectives"]["fewer"]
    assert (found["met_on"], found["measures"][0]["found"]) == ("2018-11-07", ["AA", "BB"])


def test_a_name_for_it_is_the_same_and_so_is_a_set() -> None:
    for plan in (cites(to="three"), cites(to="late_ones", more="sets: {late_ones: {who: three}}\n")):
        box = Outbox(plan, "2016-01-04").go_on("2018-11-20")
        assert [slot for _, slot, _ in left(box, "AA")] == ["at-once", "escalation"]


def test_it_is_said_in_words() -> None:
    plan = cites()
    step = plan.workflow.steps["consequence"]
    assert isinstance(step, FollowUp)
    assert step.to is not None
    phrases = Phrases(plan.workflow)
    assert phrases.condition(step.to) == "has missed “Annual report” at least 3 times in a row"
    between = cites(to='1 <= misses("annual") < 3').workflow.steps["consequence"]
    assert isinstance(between, FollowUp)
    assert between.to is not None
    assert Phrases(plan.workflow).condition(between.to) == (
        "has missed “Annual report” at least once in a row and has missed “Annual report” fewer than 3 times in a row"
    )


def test_a_counter_compares_with_numbers() -> None:
    three = Answers({"missed chase": "3"})
    assert compile_condition('misses("chase") >= 3', VOCABULARY).holds(three)
    assert compile_condition('3 <= misses("chase") and not misses("chase") > 3', VOCABULARY).holds(three)
    assert not compile_condition('misses("chase") != 0', VOCABULARY).holds(Answers())


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ('misses("chase")', 0, "a number alone asks nothing"),
        ("report or 3", 10, "a number alone asks nothing"),
        ('misses("chase") == "three"', 19, "how often is compared with a number only"),
        ('kickoff < misses("chase")', 0, "how often is compared with a number only"),
        ("3 == 3", 0, "“3” is neither a name nor a text"),
        ('misses("chase") in ["3"]', 0, "a number is compared with < <= > >= == !=, not looked up in a list"),
        ('misses("chace") >= 3', 7, "“chace” is no step"),
        ('misses("meeting") >= 3', 7, "“meeting” is not a follow-up that recurs with the cycle"),
        ("misses(chase) >= 3", 0, "misses(…) takes the name of one step"),
        ('missed("chase") >= 3', 0, "there is no function “missed"),
        ('misses("chase") >= -1', 19, "“-1” is not part of the language of conditions"),
    ],
)
def test_what_is_wrong_is_said_with_its_column(text: str, at: int, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        compile_condition(text, VOCABULARY)
    assert str(caught.value).startswith(said)
    assert caught.value.offset == at


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (_UNTIL, _UNTIL.replace("annual_report", f"'{THREE}'"), "changes as deadlines pass"),
        ("    to: joined < cycle.due", f"    to: '{THREE}'", "whom annual is for rests on itself: annual → annual"),
        ("starts: 2016-01-01\n", "", "how far back to count is not said"),
        ("steps:\n", "sets: {all: {who: three, as_of: 2018-01-01}}\nsteps:\n", "changes as deadlines pass"),
        ("steps:\n", "steps:\n  m: {event: M, when: 2018-05, invite: three}\n", "changes as deadlines pass"),
    ],
)  # fmt: skip
def test_where_it_may_not_stand(old: str, new: str, said: str) -> None:
    text = CITES % (f"three: {{is: '{THREE}'}}", THREE, "")
    assert old in text
    with pytest.raises(BadInput) as caught:
        load_text(text.replace(old, new, 1), {"parties.csv": PARTIES, "contacts.csv": CONTACTS})
    assert any(said in problem.message for problem in caught.value.problems), caught.value.problems


def test_a_planner_that_looks_later_finds_the_same_start() -> None:
    box = Outbox(cites(), "2016-01-04").go_on("2018-12-10")
    assert box.line is not None
    early = Planner(box.plan, box.planner.book, box.line, now=parse_moment("2018-10-01", ZURICH))
    late = Planner(box.plan, box.planner.book, box.line, now=parse_moment("2018-12-10", ZURICH))
    key = "cites-annual/2018/consequence/AA/1/aa_m/at-once"
    first, then = (
        next(letter for letter in each.plan_party("AA").letters if letter.key == key) for each in (early, late)
    )
    assert first == then


@pytest.mark.parametrize(("name", "value"), [("exempt", "yes"), ("opted_out", "yes"), ("extended_to", "2019-03-01")])
def test_what_was_decided_and_is_taken_back_counts_from_then(name: str, value: str) -> None:
    """The letters begin as the decision is taken back, not with the deadline that had passed long before."""
    box = Outbox(cites(), "2016-01-04").go_on("2018-10-15")
    decided = box.record(name, value, party="AA", step="annual", cycle="2018" if name == "extended_to" else "2017")
    box.go_on("2018-12-10T12:00")
    assert left(box, "AA") == []
    box.retract(decided)
    assert left(box.go_on("2019-03-01"), "AA") == [
        ("2018", "at-once", "2018-12-11"), ("2018", "escalation", "2018-12-12"), ("2018", "before-2w", "2019-01-17"),
        ("2018", "on-day", "2019-01-31"),
    ]  # fmt: skip


def test_whom_no_letter_is_left_for_is_told_from_when_on_it_is_meant() -> None:
    """All of its slots lie before the deadline whose passing makes it one of those the step is for."""
    text = CITES % (f"three: {{is: '{THREE}'}}", THREE, "")
    early = text.replace("send: [at once, 2 weeks before, on the day]", "send: [14 weeks before]")
    plan = load_text(early, {"parties.csv": PARTIES, "contacts.csv": CONTACTS})
    box = Outbox(plan, "2016-01-04").go_on("2018-10-15")
    silent = {(each.cycle, each.reason) for each in box.planner.silences("AA") if each.step == "consequence"}
    assert ("2018", f"not among those it is for ({THREE}) before 8 November 2018") in silent
    assert left(box.go_on("2019-03-01"), "AA") == []


def test_nobody_has_missed_anything_and_so_has_whoever_is_asked_about_at_no_time() -> None:
    box = Outbox(cites(), "2016-01-04").go_on("2018-12-01")
    world, party = World(box.plan, box.planner.book), box.plan.parties["AA"]
    at = parse_moment("2018-12-01", ZURICH)
    assert [
        PartyScope(world, who, at=when).misses("annual") for who, when in ((party, at), (None, at), (party, None))
    ] == [3, 0, 0]
    world.now = at
    assert PartyScope(world, party).misses("annual") == 3
    assert PartyScope(world, party, as_of=date(2018, 11, 6)).misses("annual") == 2
