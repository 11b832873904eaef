"""What the plan of the concept note must show, asked of the pure planner."""

from __future__ import annotations

from engine.definition.dates import end_of_day
from engine.definition.workflow import Target
from engine.lifecycle import State
from tests.support import (
    auckland,
    by_slot,
    coming,
    fact,
    moment,
    new_york,
    of,
    plannable,
    replay,
    report,
)


def test_by_march_leaves_on_the_thursday_before_good_friday() -> None:
    letters = by_slot(of(coming(new_york("TG"), "2018-03-01"), "ny_follow_up", "TG"))
    on_day = letters["on-day"]
    assert on_day.addressee == "tg_mission"
    assert on_day.due_at == moment("2018-03-29T09:00")
    assert "moved from Saturday 31 March 2018" in on_day.reason


def test_a_slot_on_the_same_day_is_absorbed() -> None:
    plan = plannable()
    step = plan.workflow.steps["ny_follow_up"]
    assert step.kind == "follow_up"
    letters = of(coming(new_york("TG"), "2017-10-17"), "ny_follow_up", "TG")
    absorbed = [letter for letter in letters if letter.state == State.ABSORBED]
    for letter in absorbed:
        assert "takes its place" in letter.reason
    days = [letter.due_at for letter in letters if letter.state != State.ABSORBED and letter.addressee == "tg_mission"]
    assert len(days) == len(set(days))


def test_the_capital_in_avarua_gets_its_letters_at_nine_there() -> None:
    letters = of(coming(new_york("CK"), "2018-03-01"), "ny_follow_up", "CK")
    assert {letter.addressee for letter in letters if letter.slot not in ("escalation",)} == {"ck_capital"}
    assert by_slot(letters)["on-day"].due_at == moment("2018-03-29T09:00", "Pacific/Rarotonga")


def test_the_end_of_30_april_in_zurich_is_one_instant() -> None:
    run, _ = replay([], "2017-09-04")
    target = run.planner.workflow.steps["five_states"]
    assert isinstance(target, Target)
    by = run.planner.desk.resolve(target.by)
    assert by is not None
    assert end_of_day(by.span.last, "Europe/Zurich") == moment("2018-05-01T00:00")


def test_fiji_reports_after_march_and_inside_april_and_its_follow_up_stops() -> None:
    facts = new_york("FJ", "NR")
    assert "after-2w" in by_slot(of(coming(facts, "2018-04-02"), "ny_follow_up", "FJ"))
    facts.append(report("FJ", "2018-04-03"))
    after = of(coming(facts, "2018-04-03"), "ny_follow_up", "FJ")
    assert [letter.slot for letter in after] == ["thanks"]


def test_a_report_with_an_empty_form_a_stops_nothing() -> None:
    facts = new_york("NR")
    before = coming(facts, "2018-03-21")
    after = coming([*facts, report("NR", "2018-03-20", "empty")], "2018-03-21")
    assert of(after, "ny_follow_up", "NR") == of(before, "ny_follow_up", "NR")


def test_with_no_attendance_recorded_the_plan_says_so() -> None:
    letters = of(coming(new_york(), "2017-11-01"), "ny_follow_up")
    assert [letter.state for letter in letters] == [State.WAITING]
    assert "nobody is recorded as having attended ny_workshop" in letters[0].reason


def test_nobody_is_invited_before_the_day_is_fixed() -> None:
    letters = of(coming([], "2017-09-10"), "ny_workshop")
    invitations = [letter for letter in letters if letter.party is not None]
    assert invitations
    assert {letter.state for letter in invitations} == {State.TENTATIVE}
    assert all(letter.due_at is None for letter in invitations)
    fixed = of(coming(new_york()[:1], "2017-09-20"), "ny_workshop")
    at_once = [letter for letter in fixed if letter.slot == "at-once"]
    assert len(at_once) == 40
    assert {letter.state for letter in at_once} == {State.AWAITING_APPROVAL, State.SCHEDULED} or {
        letter.state for letter in at_once
    } == {State.SCHEDULED}


def test_an_event_moved_after_invitations_tells_those_who_were_told_once() -> None:
    facts = [*new_york()[:1], fact("date", "2017-10-19", step="ny_workshop", on="2017-10-02")]
    letters = of(coming(facts, "2017-10-02"), "ny_workshop")
    moved = [letter for letter in letters if letter.slot == "moved-1"]
    assert len(moved) == 40
    assert not of(coming(facts, "2017-10-04"), "ny_workshop") or not [
        letter for letter in of(coming(facts, "2017-10-04"), "ny_workshop") if letter.slot.startswith("moved")
    ]


def test_moving_8msp_by_a_week_retimes_and_repeats_nothing() -> None:
    facts = [*new_york(), *auckland()]
    moved = [*facts, fact("date", "2018-09-10..2018-09-12", anchor="msp8", on="2018-05-01")]
    before = {letter.key: letter for letter in of(coming(facts, "2018-05-01"), "auckland_follow_up")}
    after = {letter.key: letter for letter in of(coming(moved, "2018-05-01"), "auckland_follow_up")}
    sent = {
        entry.key for entry in replay(moved, "2018-05-01")[0].planner.history.sent("auckland_follow_up", None, "NR")
    }
    assert sent
    assert not sent & set(after)
    key = "ccm-nim-2018/-/auckland_follow_up/NR/1/nr_ny_mission/before-2w"
    assert (after[key].due_at - before[key].due_at).days == 7  # type: ignore[operator]


def test_retracting_a_report_revives_what_is_still_to_come() -> None:
    facts = new_york("CV")
    stopped = coming([*facts, report("CV", "2018-02-20")], "2018-03-01")
    assert not [letter for letter in of(stopped, "ny_follow_up", "CV") if letter.slot != "thanks"]
    again = of(coming(facts, "2018-03-01"), "ny_follow_up", "CV")
    assert {letter.slot for letter in again} >= {"on-day", "before-2w"}


def test_nothing_of_the_plan_comes_after_it_ended() -> None:
    assert coming([], "2018-09-06") == []
