"""What is recorded about a step is planned again where somebody reads it, and nowhere else."""

from __future__ import annotations

import pytest

from engine.planning.dependence import Dependence
from tests.planning_model import Outbox, chase, small

MEETING = "  meeting:\n    event: A meeting\n    when: 2018-05\n    invite: member\n    invitations: [at once]\n"
DINNER = "  dinner:\n    event: A dinner\n    when: meeting + 1 day\n    invite: member\n    invitations: [at once]\n"
TALKS = "  talks:\n    ongoing: Talks\n    review: every 2 months\n"


def dependence(steps: str, extra: str = "") -> Dependence:
    return Outbox(small(steps, extra=extra)).planner._dependence


@pytest.mark.parametrize(
    ("more", "extra", "reads"),
    [
        ("", "", False),
        ("after: meeting + 2 weeks", "", True),
        ("to: meeting.attended", "", True),
        ("to: meeting.held and member", "", True),
        ("to: those", "sets:\n  those: {who: meeting.attended}", True),
        ("to: came", "values:\n  came: {is: meeting.attended}", True),
        ("after: then", "values:\n  then: {date: meeting + 1 month}", True),
        ("closes_when: {each: member, is: meeting.attended}", "", True),
        ("since: meeting", "", True),
    ],
)
def test_who_names_an_event_anywhere_rests_on_it(more: str, extra: str, reads: bool) -> None:
    found = dependence(MEETING + TALKS + chase(more=more), extra).on("meeting")
    assert found == frozenset({"meeting", "ask"} if reads else {"meeting"})


def test_an_event_that_counts_from_another_rests_on_it_and_so_does_who_reads_it() -> None:
    found = dependence(MEETING + DINNER + TALKS + chase(more="after: dinner"))
    assert found.on("meeting") == {"meeting", "dinner", "ask"}
    assert found.on("dinner") == {"dinner", "ask"}
    assert found.on("talks") == {"talks"}


def test_who_may_thank_in_place_of_another_is_planned_with_it() -> None:
    second = chase(more="thanks: thank_you").replace("  ask:", "  also:")
    found = dependence(MEETING + chase(more="to: meeting.attended\nthanks: thank_you") + second)
    assert found.on("meeting") == {"meeting", "ask", "also"}


def test_only_what_is_said_of_a_step_as_a_whole_is_limited_to_who_reads_it() -> None:
    box = Outbox(small(MEETING + chase()))
    alone = frozenset({"meeting"})
    assert box.planner.concerned(box.record("date", "2018-05-22", step="meeting")) == alone
    assert box.planner.concerned(box.record("held", "yes", step="meeting")) == alone
    assert box.planner.concerned(box.record("attended", "yes", party="AA", step="meeting")) is None
    assert box.planner.concerned(box.record("date", "2018-07-02", anchor="end")) is None
    assert box.planner.concerned(box.record("policy", "good")) is None
