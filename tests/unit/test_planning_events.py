"""Events: who is invited and when, and who is told that the day moved or that it is off."""

from __future__ import annotations

import pytest

from engine.lifecycle import State
from engine.planning.told import Holds, told
from tests.planning_model import Outbox, roster, small

EVENT = """\
  meeting:
    event: A meeting
    when: %s
    invite: %s
    invitations: %s
    prepare: [8 weeks before, 1 week after]
    letter: invitation
    approval: none
"""
SEND = "[at once, 2 weeks before, 2 days before]"
STEP = "meeting"


def outbox(
    when: str = "2018-05-22", invite: str = 'member == "yes"', send: str = SEND, applied: str = "2018-03-01T12:00"
) -> Outbox:
    parties = roster(["AA", "BB", "CC,CC,,no,"])
    return Outbox(small(EVENT % (when, invite, send), parties=parties), applied)


def left(box: Outbox, party: str = "AA") -> list[tuple[str, str]]:
    return box.departures(party, STEP)


INVITED = [("at-once", "2018-03-02 09:00"), ("before-2w", "2018-05-08 09:00"), ("before-2d", "2018-05-18 09:00")]


def test_those_meant_are_invited_before_the_day() -> None:
    box = outbox().run("2018-12-01")
    assert left(box) == left(box, "BB") == INVITED  # two days before falls on Whit Sunday, and Monday is off too
    assert left(box, "CC") == []


def test_nobody_is_invited_before_the_day_is_fixed() -> None:
    box = outbox("2018-05").run("2018-04-12T12:00")
    assert left(box) == []
    tentative = [letter for letter in box.letters() if letter.party == "AA"]
    assert {(letter.state, letter.due_at) for letter in tentative} == {(State.TENTATIVE, None)}
    assert all("nobody is invited before it is" in letter.reason for letter in tentative)
    box.record("date", "2018-05-29", step=STEP)
    assert left(box.run("2018-12-01")) == [
        ("at-once", "2018-04-13 09:00"), ("before-2w", "2018-05-15 09:00"), ("before-2d", "2018-05-25 09:00"),
    ]  # fmt: skip


def test_who_joins_before_it_starts_is_invited_then() -> None:
    box = outbox(invite='status == "candidate"').run("2018-05-15T12:00")
    box.record("status", "candidate", party="CC")
    assert left(box.run("2018-12-01"), "CC") == [("at-once", "2018-05-16 09:00"), ("before-2d", "2018-05-18 09:00")]


def test_who_joins_after_it_started_is_not() -> None:
    box = outbox(invite='status == "candidate"').run("2018-05-21T22:00")
    box.record("status", "candidate", party="CC")
    assert left(box.run("2018-12-01"), "CC") == []


def test_nobody_who_was_invited_is_uninvited() -> None:
    box = outbox(invite="not report").run("2018-04-01")
    box.record("report", "2018-03-31", party="AA")
    box.record("report", "2018-03-31", party="CC")
    assert left(box.run("2018-12-01")) == INVITED
    box = outbox(invite="not report")
    box.record("report", "2018-02-28", party="AA")  # before the first letter
    assert left(box.run("2018-12-01")) == []


def test_who_says_no_gets_no_more_reminders() -> None:
    box = outbox().run("2018-04-01")
    box.record("coming", "no", party="AA", step=STEP)
    box.record("coming", "yes", party="BB", step=STEP)
    box.run("2018-12-01")
    assert left(box) == INVITED[:1]
    assert left(box, "BB") == INVITED


def test_nothing_is_said_of_an_event_that_has_begun() -> None:
    box = outbox(send="[at once, 2 weeks before, on the day, 1 week after]").run("2018-12-01")
    assert [slot for slot, _ in left(box)] == ["at-once", "before-2w"]
    # nor late, after the daemon was down
    box = outbox().run("2018-05-17")
    box.sleep("2018-05-22T10:00")
    assert left(box) == INVITED[:2]
    assert box.rows["small/-/meeting/AA/1/aa_m/before-2d"].state == State.MISSED


# Moved


def test_those_who_were_told_are_told_once_that_the_day_moved() -> None:
    box = outbox().run("2018-04-12T12:00")
    box.record("date", "2018-06-26", step=STEP)
    assert left(box.run("2018-12-01")) == [
        INVITED[0], ("moved-1", "2018-04-13 09:00"), ("before-2w", "2018-06-12 09:00"), ("before-2d", "2018-06-22 09:00"),
    ]  # fmt: skip
    assert left(box, "CC") == []
    row = box.rows["small/-/meeting/AA/1/aa_m/moved-1"]
    assert (row.reason, row.template, row.told, row.ordinary) == (
        "meeting is on 26 June 2018, and AA was told otherwise", "event_moved", "2018-06-26", False,
    )  # fmt: skip


def test_who_was_not_told_yet_is_told_the_new_day_only() -> None:
    box = outbox(invite='status == "candidate"').run("2018-04-12T12:00")
    box.record("status", "candidate", party="AA")
    box.record("date", "2018-06-26", step=STEP)
    assert left(box.run("2018-12-01"))[0] == ("at-once", "2018-04-13 09:00")
    assert "moved-1" not in [slot for slot, _ in left(box)]


def test_moved_twice_before_anybody_heard_is_one_letter_and_after_that_another() -> None:
    box = outbox().run("2018-04-12T12:00")
    box.record("date", "2018-06-26", step=STEP)
    box.run("2018-04-12T18:00")
    box.record("date", "2018-06-27", step=STEP)
    box.run("2018-04-20T12:00")
    box.record("date", "2018-06-28", step=STEP)
    assert [entry for entry in left(box.run("2018-06-01")) if entry[0].startswith("moved")] == [
        ("moved-1", "2018-04-13 09:00"),
        ("moved-2", "2018-04-23 09:00"),
    ]


def test_moved_and_back_before_anybody_heard_is_no_letter() -> None:
    box = outbox().run("2018-04-12T12:00")
    moved = box.record("date", "2018-06-26", step=STEP)
    box.run("2018-04-12T18:00")
    box.retract(moved)
    assert left(box.run("2018-12-01")) == INVITED


def test_a_reminder_on_the_day_of_the_news_gives_way_to_it() -> None:
    box = outbox().run("2018-05-07T12:00")
    box.record("date", "2018-05-23", step=STEP)  # two weeks before is now 9 May, and the news goes on the 8th
    assert left(box.run("2018-12-01"))[1:3] == [("moved-1", "2018-05-08 09:00"), ("before-2w", "2018-05-09 09:00")]
    box = outbox().run("2018-05-09T12:00")
    box.record("date", "2018-05-25", step=STEP)  # two weeks before had left; on the 11th nothing but the news
    assert [slot for slot, _ in left(box.run("2018-12-01"))] == ["at-once", "before-2w", "moved-1", "before-2d"]
    box = outbox().run("2018-05-17T12:00")
    box.record("date", "2018-05-23", step=STEP)  # two days before rolls back to Friday the 18th, the day of the news
    assert left(box.run("2018-12-01"))[2:] == [("moved-1", "2018-05-18 09:00")]


def test_moved_closer_the_newest_reminder_that_passed_goes_with_the_news() -> None:
    box = outbox().run("2018-04-12T12:00")
    box.record("date", "2018-04-20", step=STEP)  # two weeks before has passed: the news says it all
    assert left(box.run("2018-12-01")) == [
        INVITED[0], ("moved-1", "2018-04-13 09:00"), ("before-2d", "2018-04-18 09:00"),
    ]  # fmt: skip


def test_of_a_day_known_only_to_its_month_nobody_is_told_until_it_is_fixed() -> None:
    box = outbox().run("2018-04-12T12:00")
    box.record("date", "2018-09", step=STEP)
    box.run("2018-06-04T12:00")
    assert left(box) == INVITED[:1]
    box.record("date", "2018-09-18", step=STEP)
    assert left(box.run("2018-12-01"))[1:] == [
        ("moved-1", "2018-06-05 09:00"), ("before-2w", "2018-09-04 09:00"), ("before-2d", "2018-09-14 09:00"),
    ]  # fmt: skip


# Cancelled


def test_those_who_were_told_are_told_once_that_it_is_off() -> None:
    box = outbox(invite='member == "yes" or status == "candidate"').run("2018-04-12T12:00")
    box.record("cancelled", "yes", step=STEP)
    box.record("status", "candidate", party="CC")
    assert left(box.run("2018-12-01")) == [INVITED[0], ("cancelled-1", "2018-04-13 09:00")]
    assert left(box, "CC") == []
    assert {row.state for row in box.rows.values() if row.party == "AA"} == {State.SENT, State.WITHDRAWN}
    assert box.left(None, STEP) == ["before-8w"], "its owner is not asked whether it was held"


def test_on_again_after_people_heard_that_it_is_off() -> None:
    box = outbox().run("2018-04-12T12:00")
    off = box.record("cancelled", "yes", step=STEP)
    box.run("2018-04-20T12:00")
    box.retract(off)
    assert left(box.run("2018-12-01")) == [
        INVITED[0], ("cancelled-1", "2018-04-13 09:00"), ("moved-1", "2018-04-23 09:00"), *INVITED[1:],
    ]  # fmt: skip
    row = box.rows["small/-/meeting/AA/1/aa_m/cancelled-1"]
    assert (row.reason, row.template, row.told, row.ordinary) == ("meeting is off", "event_cancelled", "off", False)


def test_off_and_on_again_before_anybody_heard_is_no_letter() -> None:
    box = outbox().run("2018-04-12T12:00")
    box.record("cancelled", "yes", step=STEP)
    box.run("2018-04-12T18:00")
    box.record("cancelled", "no", step=STEP)
    assert left(box.run("2018-12-01")) == INVITED


def test_off_twice_is_told_twice() -> None:
    box = outbox().run("2018-04-12T12:00")
    off = box.record("cancelled", "yes", step=STEP)
    box.run("2018-04-16T12:00")
    box.retract(off)
    box.run("2018-04-20T12:00")
    box.record("cancelled", "yes", step=STEP)
    assert [slot for slot, _ in left(box.run("2018-12-01"))] == ["at-once", "cancelled-1", "moved-1", "cancelled-2"]


def test_moved_while_it_was_off_the_new_day_is_told_with_the_news_that_it_is_on() -> None:
    box = outbox().run("2018-04-12T12:00")
    off = box.record("cancelled", "yes", step=STEP)
    box.run("2018-04-16T12:00")
    box.record("date", "2018-06-26", step=STEP)
    box.run("2018-04-18T12:00")
    assert [slot for slot, _ in left(box)] == ["at-once", "cancelled-1"]
    box.retract(off)
    assert left(box.run("2018-12-01"))[2:] == [
        ("moved-1", "2018-04-19 09:00"), ("before-2w", "2018-06-12 09:00"), ("before-2d", "2018-06-22 09:00"),
    ]  # fmt: skip


@pytest.mark.parametrize("fact", ["cancelled", "held"])
def test_who_came_is_not_asked_of_what_is_settled(fact: str) -> None:
    box = outbox().run("2018-05-22T12:00")
    assert [row.slot for row in box.rows.values() if row.party is None and row.state == State.SCHEDULED] == [
        "after-1w", "held", "held-2", "held-3",
    ]  # fmt: skip
    box.record(fact, "yes", step=STEP)
    assert [row.slot for row in box.rows.values() if row.party is None and row.state == State.SCHEDULED] == []


def test_an_event_by_a_day_counts_from_that_day_until_it_is_fixed() -> None:
    steps = "  meeting:\n    event: A meeting\n    by: 2018-06\n    prepare: [12 weeks before, 4 weeks before]\n"
    box = Outbox(small(steps), "2018-03-01T12:00").run("2018-05-15")
    # 12 weeks before 30 June is 7 April, a Saturday; the day is asked for eight weeks before the 30th
    assert box.departures(None, STEP) == [("before-12w", "2018-04-06 09:00"), ("fix-day", "2018-05-07 09:00")]
    box.record("date", "2018-06-19", step=STEP)
    box.run("2018-06-05")
    assert box.departures(None, STEP)[2:] == [("before-4w", "2018-05-22 09:00")]


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [("date", Holds.OTHERWISE), ("cancelled", Holds.OTHERWISE), ("held", Holds.SETTLED), ("", Holds.STILL_SO)],
)
def test_who_was_invited_for_a_day_that_moved_or_is_off_was_told_otherwise(recorded: str, expected: Holds) -> None:
    box = outbox().run("2018-04-12T12:00")
    if recorded:
        box.record(recorded, "2018-06-26" if recorded == "date" else "yes", step=STEP)
    (known,) = told(box.fresh(), "AA")
    assert (known.holds, known.wrong) == (expected, expected is Holds.OTHERWISE)
