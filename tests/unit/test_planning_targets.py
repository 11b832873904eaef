"""Targets and objectives: who is asked, when enough is enough, and what counts when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from engine.definition.building.roster import roster_facts
from engine.definition.facts import Fact, FactBook
from engine.definition.measures import Threshold
from engine.definition.workflow import Plannable, Target
from engine.errors import BadInput
from engine.planning.world.progress import Progress, measure, objective_progress, threshold
from engine.planning.world.scope import World
from tests.planning_model import CONTACTS, Outbox, roster, small
from tests.support import fact, plannable

PARTIES = ("AA", "BB", "CC", "DD")
TARGET = """\
  two:
    target: Two that are prepared
    count: status == "prepared"
    among: member == "yes"
    at_least: %s
    by: end
    remind: [6 weeks before, 2 weeks before, on the day]
    ask: {to: status == "candidate", send: [at once, every 3 weeks until on the day], letter: nudge}
    enough: %s
    thanks: thank_you
    approval: none
"""


def plan(at_least: str = "2", enough: str = "go on") -> Plannable:
    contacts = CONTACTS + "dd_m,DD,mission,Mission of DD,dd@mission.example,\n"
    return small(TARGET % (at_least, enough), parties=roster(PARTIES), contacts=contacts)


def outbox(at_least: str = "2", enough: str = "go on") -> Outbox:
    """Everybody is a candidate since 10 January."""
    box = Outbox(plan(at_least, enough)).run("2018-01-10T12:00")
    for party in PARTIES:
        box.record("status", "candidate", party=party)
    return box.run("2018-02-15T12:00")


def say(box: Outbox, *parties: str, status: str = "prepared") -> list[Fact]:
    return [box.record("status", status, party=party) for party in parties]


ASKED = ["at-once", "every-3w-1"]


def test_candidates_are_asked_until_they_say_yes_and_then_thanked() -> None:
    box = outbox()
    assert box.departures(step="two") == [("at-once", "2018-01-11 09:00"), ("every-3w-1", "2018-01-31 09:00")]
    say(box, "AA")
    say(box, "BB", status="declined")
    box.run("2018-12-01")
    assert box.left("AA", "two") == [*ASKED, "thanks"]
    assert box.left("BB", "two") == ASKED
    assert len(box.left("CC", "two")) > 5


@pytest.mark.parametrize("at_least", ["2", "half", "45 %"])
@pytest.mark.parametrize("enough", ["go on", "stop"])
def test_enough_says_whether_the_others_are_still_asked(enough: str, at_least: str) -> None:
    box = outbox(at_least, enough)
    say(box, "AA")
    assert box.slots("CC", "two")["every-3w-2"].startswith("scheduled")
    say(box, "BB")
    assert box.slots("CC", "two")["every-3w-2"].startswith("scheduled" if enough == "go on" else "withdrawn")
    box.run("2018-12-01")
    assert (box.left("CC", "two") == ASKED) is (enough == "stop")
    assert box.left("BB", "two") == [*ASKED, "thanks"]


def test_a_target_that_was_met_stays_met_and_asks_nobody_anew() -> None:
    box = outbox(enough="stop")
    say(box, "AA", "BB")
    box.run("2018-03-10")
    say(box, "AA", status="declined")
    assert box.run("2018-12-01").left("CC", "two") == ASKED


def test_a_target_that_never_was_met_after_all_asks_again() -> None:
    box = outbox(enough="stop")
    _, second = say(box, "AA", "BB")
    box.run("2018-03-10")
    box.retract(second)
    # the nudge of 21 February was missed meanwhile
    assert box.run("2018-04-06").departures("CC", "two")[2:] == [
        ("every-3w-3", "2018-03-14 09:00"),
        ("every-3w-4", "2018-04-04 09:00"),
    ]
    assert len(set(box.left("BB", "two"))) == len(box.left("BB", "two"))


def test_who_is_not_among_those_counted_counts_for_nothing() -> None:
    parties = roster(["AA", "BB", "CC", "DD,DD,,no,"])
    contacts = CONTACTS + "dd_m,DD,mission,Mission of DD,dd@mission.example,\n"
    box = Outbox(small(TARGET % ("1", "stop"), parties=parties, contacts=contacts)).run("2018-01-10")
    say(box, "AA", status="candidate")
    say(box, "DD")
    assert box.run("2018-01-15").left("AA", "two") == ["at-once"]


def test_the_owner_is_reminded_until_it_is_met() -> None:
    box = outbox().run("2018-06-01")
    assert box.departures(None, "two") == [("before-6w", "2018-05-18 09:00")]
    say(box, "AA", "BB")
    box.run("2018-06-10")
    say(box, "AA", status="declined")  # it stays met
    assert box.run("2018-12-01").left(None, "two") == ["before-6w"]
    assert outbox().run("2018-12-01").left(None, "two") == ["before-6w", "before-2w", "on-day"]


# Measures


def tally(
    facts: Sequence[Fact], today: str, at_least: str = "2", by: str | None = "2018-06-29"
) -> tuple[int, int, str | None]:
    """What a target has at its judging day and today, and since when it is met."""
    loaded = plan(at_least)
    world = World(loaded, FactBook([*roster_facts(loaded), *facts]))
    step = loaded.workflow.steps["two"]
    assert isinstance(step, Target)
    judged = date.fromisoformat(by) if by else None
    found = measure(world, step.count, judged, date.fromisoformat(today))
    return found.have, found.now, str(found.met_on) if found.met_on else None


def prepared(party: str, on: str, at: str | None = None) -> Fact:
    return fact("status", "prepared", party=party, on=on, at=at)


def test_a_measure_counts_by_the_day_that_was_true() -> None:
    facts = [prepared("AA", "2018-03-01"), prepared("BB", "2018-04-01")]
    assert tally(facts, "2018-02-28") == (0, 0, None)
    assert tally(facts, "2018-03-31") == (1, 1, None)
    assert tally(facts, "2018-04-01") == (2, 2, "2018-04-01")


def test_what_was_true_in_time_and_recorded_late_counts() -> None:
    facts = [prepared("AA", "2018-03-01"), prepared("BB", "2018-06-29", at="2018-07-10")]
    assert tally(facts, "2018-07-20") == (2, 2, "2018-06-29")
    too_late = [prepared("AA", "2018-03-01"), prepared("BB", "2018-06-30")]
    assert tally(too_late, "2018-07-20") == (1, 2, None)


def test_what_was_met_stays_met_and_what_counts_today_is_beside_it() -> None:
    facts = [
        prepared("AA", "2018-03-01"),
        prepared("BB", "2018-04-01"),
        fact("status", "declined", party="AA", on="2018-05-01"),
    ]
    assert tally(facts, "2018-06-01") == (1, 1, "2018-04-01")
    assert tally(facts, "2018-12-01") == (1, 1, "2018-04-01")


@pytest.mark.parametrize(("members", "half"), [(1, 1), (2, 1), (3, 2), (4, 2), (22, 11), (21, 11), (36, 18)])
def test_half_rounds_up(members: int, half: int) -> None:
    step = plan().workflow.steps["two"]
    assert isinstance(step, Target)
    assert threshold(replace(step.count, at_least=Threshold("half")), members, None) == half


@pytest.mark.parametrize(
    ("members", "share", "wanted"), [(10, 80, 8), (8, 80, 7), (9, 50, 5), (3, 1, 1), (7, 100, 7), (0, 80, 0)]
)
def test_so_many_in_a_hundred_round_up(members: int, share: int, wanted: int) -> None:
    step = plan(f"{share} %").workflow.steps["two"]
    assert isinstance(step, Target)
    assert str(step.count.at_least) == f"{share} %"
    assert threshold(step.count, members, None) == wanted


@pytest.mark.parametrize("text", ["0 %", "101 %", "80.5 %", "80 percent"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a number to reach"):
        plan(text)


# The note's objectives


def objective(name: str, facts: Sequence[Fact], today: str) -> Progress:
    note = plannable()
    world = World(note, FactBook([*roster_facts(note), *facts]))
    return objective_progress(world, note.workflow.objectives[name], date.fromisoformat(today))


def test_an_oral_report_true_on_the_last_day_and_recorded_later_counts_for_b() -> None:
    silent = objective("b", [], "2018-09-12").measures[0].missing
    assert len(silent) == 22
    in_time = [fact("oral_report", "2018-09-05", party=party, at="2018-09-10T12:00") for party in silent[:11]]
    found = objective("b", in_time, "2018-09-12")
    assert (found.measures[0].have, found.measures[0].want, found.measures[0].met_on) == (11, 11, date(2018, 9, 5))
    late = [fact("oral_report", "2018-09-06", party=party) for party in silent[:11]]
    assert objective("b", late, "2018-09-12").measures[0].met is False
    assert objective("b", late, "2018-09-12").measures[0].now == 11


def test_b_wants_half_of_the_22_and_all_five_of_the_pacific() -> None:
    before = objective("b", [], "2018-09-05")
    assert [measure.want for measure in before.measures] == [11, 5]
    everybody = [
        fact("report", "2018-08-01", party=party, details={"form_a": "substantive"})
        for party in {*before.measures[0].missing, *before.measures[1].missing}
    ]
    assert objective("b", everybody, "2018-09-05").met is True
    without_nauru = [each for each in everybody if each.subject.party != "NR"]
    assert objective("b", without_nauru, "2018-09-05").met is False


def test_a_counts_from_the_48_of_the_meeting_before() -> None:
    found = objective("a", [], "2018-01-01").measures[0]
    assert (found.baseline, found.want, found.have) == (48, 51, 48)


def test_an_objective_over_a_state_counts_it_once_for_each() -> None:
    both = [fact("law_status", "new_law", party="RW", on="2018-05-01"), fact("oral_report", "2018-05-01", party="RW")]
    assert objective("a", both, "2018-06-01").measures[0].have == objective("a", [], "2018-06-01").measures[0].have + 1
    assert objective("b", both, "2018-06-01").measures[0].have == objective("b", [], "2018-06-01").measures[0].have + 1
