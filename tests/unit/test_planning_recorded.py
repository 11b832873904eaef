"""What a condition rests on, of all that was recorded; since when it holds, and in which words a party is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from engine.definition.building.roster import roster_facts
from engine.definition.facts import BEGINNING, Fact, FactBook
from engine.definition.workflow import FollowUp, Plannable
from engine.planning.letters.case import case_of, chase_of
from engine.planning.letters.chase_letters import done_words
from engine.planning.world.scope import PartyScope, World, recorded_facts, recorded_instants, true_since
from tests.planning_model import PARTIES, Outbox, chase, roster, small
from tests.support import fact, moment

EVENTS = """\
  meeting: {event: A meeting, when: 2018-05}
  other: {event: Another, when: 2018-06}
"""
VALUES = "values: {later: {date: meeting + 2 weeks}}\nsets: {early: {who: report, as_of: end}, any_day: {who: report and status}}"


def plan(to: str, until: str = "report") -> Plannable:
    rows = ["AA,AA,2017-03-01,yes,", "BB,BB,,no,", "CC"]
    return small(EVENTS + chase(until=until, more=f"to: {to}"), extra=VALUES, parties=roster(rows))


RECORDED = {
    "meeting": fact("date", "2018-05-15", step="meeting", on="2018-02-01"),
    "moved": replace(fact("date", "2018-05-16", step="meeting", on="2018-02-05"), retracted_at=moment("2018-02-09")),
    "other": fact("date", "2018-06-12", step="other", on="2018-02-02"),
    "end": fact("date", "2018-07-27", anchor="end", on="2018-02-03"),
    "held": fact("held", "yes", step="meeting", on="2018-05-15"),
    "came": fact("attended", "yes", step="meeting", party="AA", on="2018-05-15", at="2018-05-18"),
    "came too": fact("attended", "yes", step="meeting", party="BB", on="2018-05-15"),
    "report": fact("report", "2018-04-03", party="AA"),
    "status": fact("status", "candidate", party="AA", on="2018-01-15"),
    "policy": fact("policy", "some", on="2018-01-20"),
}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("report", ["report"]),
        ("not report or status == 'candidate'", ["report", "status"]),
        ("policy", ["policy"]),
        ("member", []),
        ("meeting.held", ["held"]),
        ("meeting.attended", ["came"]),
        ("meeting < date('2018-06-01')", ["meeting", "moved"]),
        ("later < date('2018-06-01')", ["meeting", "moved"]),
        ("end < date('2018-06-01')", ["end"]),
        ("early", ["end", "report"]),
        ("any_day and not early", ["end", "report", "status"]),
        ("report < meeting and other < end", ["end", "meeting", "moved", "other", "report"]),
        ("meeting.attended and report < other and policy", ["other", "policy", "report", "came"]),
    ],
)
def test_what_a_condition_reads_of_all_that_was_recorded(condition: str, found: list[str]) -> None:
    made = plan(f'"{condition}"')
    step = made.workflow.steps["ask"]
    assert isinstance(step, FollowUp)
    assert step.to is not None
    scope = PartyScope(World(made, FactBook(RECORDED.values())), made.parties["AA"])
    names = {id(each): name for name, each in RECORDED.items()}
    assert [names[id(each)] for each in recorded_facts(step.to, scope)] == found
    expected = {at for name in found for at in (RECORDED[name].recorded_at, RECORDED[name].retracted_at) if at}
    assert recorded_instants(step.to, scope) == sorted(expected)


@pytest.mark.parametrize(
    ("condition", "since"),
    [
        ("meeting < date('2018-05-20')", BEGINNING),  # May, as it was written, begins on its first day
        ("meeting > date('2018-05-10')", moment("2018-02-01")),
        ("meeting == date('2018-05-15')", moment("2018-02-09")),  # the other day was taken back then
        ("other > date('2018-06-10') and meeting > date('2018-05-10')", moment("2018-02-02")),
        ("end > date('2018-07-01') and policy", moment("2018-02-03")),
        ("meeting == date('2018-05-16')", None),
    ],
)
def test_since_which_recording_of_a_date_a_condition_holds(condition: str, since: object) -> None:
    made = plan(f'"{condition}"')
    step = made.workflow.steps["ask"]
    assert isinstance(step, FollowUp)
    assert step.to is not None
    assert true_since(step.to, PartyScope(World(made, FactBook(RECORDED.values())), made.parties["AA"])) == since


def test_a_party_is_followed_up_from_the_recording_of_the_date_that_makes_it_one_of_those() -> None:
    send = "[at once, every 4 weeks at most 1]"
    made = small(EVENTS + chase(send, more='to: other > date("2018-06-10") and meeting > date("2018-05-10")'))
    box = Outbox(made).run("2018-02-06T12:00")
    box.record("date", "2018-06-12", step="other")
    box.run("2018-02-13T12:00").record("date", "2018-05-15", step="meeting")
    assert box.slots() == {"at-once": "scheduled 2018-02-14 09:00", "every-4w-1": "scheduled 2018-03-13 09:00"}


@pytest.mark.parametrize(
    ("until", "party", "facts", "words"),
    [
        ("report", "AA", [fact("report", "2018-04-03", party="AA")], "done: report, true on 2018-04-03"),
        (
            "report and status == 'prepared'", "AA",
            [fact("status", "prepared", party="AA", on="2018-04-04"), fact("report", "2018-04-03", party="AA")],
            "done: status prepared, true on 2018-04-04",
        ),
        (
            "report or oral", "AA",
            [fact("report", "2018-04-03", party="AA"), fact("oral", "2018-04-02", party="AA", at="2018-04-09")],
            "done: oral, true on 2018-04-02",
        ),
        ("member", "AA", [], "done: member"),
        ("status != 'declined'", "BB", [], "done: status != 'declined'"),
    ],
)  # fmt: skip
def test_in_which_words_a_party_is_done(until: str, party: str, facts: list[Fact], words: str) -> None:
    made = plan("member or not member", until=f'"{until}"')
    box = Outbox(made, "2018-05-02", facts)
    chasing = chase_of(made.workflow.steps["ask"])
    assert chasing is not None
    assert done_words(case_of(box.planner.desk, chasing, made.parties[party], None)) == words
    assert next(each.reason for each in box.planner.silences(party) if each.step == "ask") == words


def test_what_the_roster_says_is_said_to_come_from_it() -> None:
    made = small(
        chase(until="status == 'prepared'"),
        parties=roster([f"{id},{id},,yes,,prepared" for id in PARTIES], "id,name,joined,member,timezone,status"),
    )
    assert [each.id for each in roster_facts(made)] == [0, 0, 0]
    box = Outbox(made)
    assert [each.reason for each in box.planner.silences("AA")] == ["done: status prepared (the roster says so)"]


def test_who_belongs_to_a_set_as_of_its_day_and_nobody_at_all_to_any() -> None:
    made = plan("early or any_day")
    late = [fact("report", "2018-06-30", party="AA"), fact("status", "candidate", party="AA", on="2018-01-15")]
    world = World(made, FactBook(late))
    on_the_day = World(made, FactBook([fact("report", "2018-06-29", party="AA")]))

    def sets(there: World, party: str | None, known: datetime | None = None) -> tuple[bool, bool]:
        scope = PartyScope(there, made.parties[party] if party else None, known=known)
        return scope.member("early"), scope.member("any_day")

    assert (sets(world, "AA"), sets(world, "BB"), sets(world, None)) == ((False, True), (False, False), (False, False))
    assert sets(on_the_day, "AA") == (True, False)
    assert sets(on_the_day, "AA", known=moment("2018-06-28")) == (False, False)
    moved = fact("date", "2018-07-27", anchor="end", on="2018-07-01")
    world.book.add(moved)
    assert sets(world, "AA") == (False, True), "it was looked up before, and is until somebody forgets it"
    world.forget(None)
    assert sets(world, "AA") == (True, True)
