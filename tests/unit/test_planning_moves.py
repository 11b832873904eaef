"""A date that moves: what is re-timed, what goes at once, what is missed, and what lives again (G1; “Cadence”)."""

from __future__ import annotations

import pytest

from engine.lifecycle import State
from engine.planning.world.history import past
from tests.planning_model import Outbox, chase, small

FIXED = "[6 weeks before, 2 weeks before, on the day, 2 weeks after]"  # 18 May, 15 and 29 June, 13 July
NUDGED = "[at once, every 4 weeks until on the day, 6 weeks before, 2 weeks before, on the day]"


def at(day: str, send: str = FIXED, **given: str) -> Outbox:
    return Outbox(small(chase(send), **given)).run(day)


def move(box: Outbox, to: str) -> Outbox:
    box.record("date", to, anchor="end")
    return box


def states(box: Outbox) -> dict[str, str]:
    return {slot: text.split()[0] for slot, text in box.slots().items()}


def test_a_date_that_moves_later_retimes_what_is_unsent_and_repeats_nothing() -> None:
    box = at("2018-06-01T12:00")
    keys = set(box.rows)
    move(box, "2018-07-27")
    assert set(box.rows) == keys | {"small/-/ask/-/1/desk/date-moved"}, (
        "and its owner is asked about those who were told"
    )
    assert box.run("2018-12-01").departures() == [
        ("before-6w", "2018-05-18 09:00"),
        ("before-2w", "2018-07-13 09:00"),
        ("on-day", "2018-07-27 09:00"),
        ("after-2w", "2018-08-10 09:00"),
    ]


def test_what_was_sent_stays_where_it_left_in_the_plan_too() -> None:
    box = move(at("2018-06-01T12:00"), "2018-08-31")
    plan = {letter.slot: letter for letter in box.letters() if letter.party == "AA"}
    assert plan["before-6w"].due_at == box.rows["small/-/ask/AA/1/aa_m/before-6w"].sent_at
    assert plan["before-2w"].due_at == box.at("2018-08-17T09:00")


def test_what_was_sent_takes_no_place_where_it_would_fall_now() -> None:
    # six weeks before was sent on 18 May; with the new date it would fall on 17 August, near the nudge of the 14th
    box = move(at("2018-06-01T12:00", NUDGED), "2018-09-28")
    assert ("every-4w-8", "2018-08-14 09:00") in box.run("2018-12-01").departures()


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        # recorded on 14 May, a Monday, at noon: the next sending time is the 15th
        (
            "2018-06-25",
            {"before-6w": "2018-05-15", "before-2w": "2018-06-11", "on-day": "2018-06-25", "after-2w": "2018-07-09"},
        ),
        (
            "2018-06-26",
            {"before-6w": "2018-05-15", "before-2w": "2018-06-12", "on-day": "2018-06-26", "after-2w": "2018-07-10"},
        ),
        ("2018-05-25", {"before-2w": "2018-05-15", "on-day": "2018-05-25", "after-2w": "2018-06-08"}),
        ("2018-05-28", {"before-2w": "2018-05-15", "on-day": "2018-05-28", "after-2w": "2018-06-11"}),
        ("2018-05-14", {"on-day": "2018-05-15", "after-2w": "2018-05-28"}),
        ("2018-05-15", {"on-day": "2018-05-15", "after-2w": "2018-05-29"}),
    ],
)
def test_moved_closer_the_newest_that_passed_goes_at_the_next_sending_time(to: str, expected: dict[str, str]) -> None:
    box = move(at("2018-05-14T12:00"), to)
    assert box.run("2018-12-01").departures() == [(slot, f"{day} 09:00") for slot, day in expected.items()]


def test_moved_closer_the_others_that_passed_are_missed_and_say_why() -> None:
    box = move(at("2018-05-14T12:00"), "2018-05-25")
    row = box.rows["small/-/ask/AA/1/aa_m/before-6w"]
    assert row.state == State.MISSED
    assert row.reason == "the date moved closer (2018-06-29 → 2018-05-25); before-2w goes instead"
    assert "at once, since the date moved closer" in box.rows["small/-/ask/AA/1/aa_m/before-2w"].reason
    # and stays so once the newest has left
    box.run("2018-05-15T09:00")
    assert box.replan() == []
    assert states(box) == {"before-6w": "missed", "before-2w": "sent", "on-day": "scheduled", "after-2w": "scheduled"}


def test_what_had_left_does_not_go_again_when_the_date_moves_closer() -> None:
    box = move(at("2018-05-22T12:00"), "2018-06-27")  # six weeks before has left, and was the only one to pass
    assert box.slots()["before-6w"] == "sent 2018-05-18 09:00"
    assert box.run("2018-12-01").left() == ["before-6w", "before-2w", "on-day", "after-2w"]


def test_a_date_moved_into_the_past_sends_nothing_and_asks_the_owner() -> None:
    box = move(at("2018-05-14T12:00"), "2018-04-20")
    assert {slot: state for slot, state in states(box).items() if slot != "after-2w"} == {
        "before-6w": "missed", "before-2w": "missed", "on-day": "missed",
    }  # fmt: skip
    assert "its date moved into the past (2018-04-20)" in box.rows["small/-/ask/AA/1/aa_m/on-day"].reason
    assert box.run("2018-12-01").departures() == []
    assert box.departures(None) == [("date-passed", "2018-05-15 09:00")]


def test_what_is_missed_and_lies_ahead_again_when_the_date_moves_lives_again() -> None:
    box = move(at("2018-05-14T12:00"), "2018-04-20")
    box.run("2018-05-20")
    move(box, "2018-08-31")
    assert box.run("2018-12-01").departures() == [
        ("before-6w", "2018-07-20 09:00"), ("before-2w", "2018-08-17 09:00"), ("on-day", "2018-08-31 09:00"),
        ("after-2w", "2018-09-14 09:00"),
    ]  # fmt: skip


def test_moved_closer_and_away_again_before_the_next_sending_time() -> None:
    box = move(at("2018-05-14T12:00"), "2018-05-25")
    box.run("2018-05-14T18:00")
    move(box, "2018-06-29")
    assert box.run("2018-12-01").departures() == [
        ("before-6w", "2018-05-18 09:00"), ("before-2w", "2018-06-15 09:00"), ("on-day", "2018-06-29 09:00"),
        ("after-2w", "2018-07-13 09:00"),
    ]  # fmt: skip


def test_moved_closer_twice_before_the_next_sending_time_one_goes() -> None:
    box = move(at("2018-05-14T12:00"), "2018-06-25")  # six weeks before passed
    box.run("2018-05-14T18:00")
    move(box, "2018-05-28")  # and now two weeks before
    assert box.run("2018-06-01").departures() == [("before-2w", "2018-05-15 09:00"), ("on-day", "2018-05-28 09:00")]
    assert states(box)["before-6w"] == "missed"


def test_a_move_taken_back_is_a_move() -> None:
    # put off to the end of August, then taken back on 18 June: two weeks before 29 June has thereby passed unsent
    box = at("2018-05-14T12:00")
    later = box.record("date", "2018-08-31", anchor="end")
    box.run("2018-06-18T12:00")
    assert box.left() == []
    box.retract(later)
    assert box.run("2018-12-01").departures() == [
        ("before-2w", "2018-06-19 09:00"), ("on-day", "2018-06-29 09:00"), ("after-2w", "2018-07-13 09:00"),
    ]  # fmt: skip
    assert states(box)["before-6w"] == "missed"


def test_what_goes_at_once_takes_the_place_of_what_stands_before_it_in_the_list() -> None:
    # the nudge of Tuesday 22 May falls on the day on which two weeks before now goes
    box = move(at("2018-05-21T12:00", NUDGED), "2018-05-31")
    on = [slot for slot, when in box.run("2018-12-01").departures() if when == "2018-05-22 09:00"]
    assert on == ["before-2w"]
    box = move(at("2018-05-21T12:00", "[6 weeks before, 2 weeks before, every 4 weeks until on the day]"), "2018-05-31")
    on = [slot for slot, when in box.run("2018-12-01").departures() if when == "2018-05-22 09:00"]
    assert on == ["before-2w"], "a series gives way to a fixed slot wherever it stands"


def test_a_series_ends_with_the_new_date() -> None:
    box = move(at("2018-03-01T12:00", "[every 4 weeks until on the day]"), "2018-05-01")
    assert box.run("2018-12-01").departures()[-1] == ("every-4w-4", "2018-04-24 09:00")
    box = move(at("2018-03-01T12:00", "[every 4 weeks until on the day]"), "2018-08-31")
    assert box.run("2018-12-01").departures()[-1] == ("every-4w-8", "2018-08-14 09:00")


def test_a_slot_before_the_activation_is_not_sent_whatever_the_date_does() -> None:
    box = Outbox(small(chase(FIXED)), "2018-06-01T12:00")
    move(box, "2018-07-12")  # six weeks before is now 31 May: still before the first revision
    assert "before-6w" not in box.slots()
    move(box, "2018-07-20")  # and now 8 June
    assert box.slots()["before-6w"] == "scheduled 2018-06-08 09:00"


def test_nothing_goes_at_once_past_the_end_of_the_plan() -> None:
    box = at("2018-06-29T12:00", "[2 weeks before, on the day]", ends="2018-06-30", anchors="{end: {on: 2018-06-30}}")
    assert box.left() == ["before-2w", "on-day"]
    box = at("2018-06-29T12:00", "[2 days before]", ends="2018-06-30", anchors="{end: {on: 2018-07-02}}")
    assert box.left() == ["before-2d"]
    box = at("2018-06-29T12:00", "[on the day]", ends="2018-07-01", anchors="{end: {on: 2018-08-31}}")
    move(box, "2018-06-29")  # the next sending time is Monday 2 July
    assert box.run("2018-12-01").left() == []


def test_the_owners_reminders_follow_the_same_rule() -> None:
    task = "  print:\n    task: Print it\n    by: end\n    remind: [6 weeks before, 2 weeks before, on the day]\n"
    box = Outbox(small(task)).run("2018-05-14T12:00")
    move(box, "2018-05-25")
    assert box.run("2018-12-01").departures(None, "print") == [
        ("before-2w", "2018-05-15 09:00"),
        ("on-day", "2018-05-25 09:00"),
    ]


def test_a_date_known_only_to_its_month_holds_back_what_is_unsent() -> None:
    box = move(at("2018-05-20"), "2018-08")
    assert box.left() == ["before-6w"]
    assert set(states(box).values()) == {"sent", "withdrawn"}
    assert {letter.state for letter in box.letters() if letter.party == "AA"} == {State.TENTATIVE}
    box.run("2018-08-06T12:00")
    move(box, "2018-08-24")  # two weeks before is 10 August
    assert box.run("2018-12-01").departures()[1:] == [
        ("before-2w", "2018-08-10 09:00"), ("on-day", "2018-08-24 09:00"), ("after-2w", "2018-09-07 09:00"),
    ]  # fmt: skip


def test_a_date_of_a_party_is_moved_by_nothing_that_happens_to_others() -> None:
    box = Outbox(small(chase(FIXED) + "  other:\n    task: Other\n    by: end\n"))
    before = box.slots("BB")
    box.run("2018-03-01")
    box.record("extended_to", "2018-08-31", party="AA", step="ask")
    assert box.slots("BB") == before


def test_what_a_person_sent_early_does_not_stand_in_for_what_passed_unsent() -> None:
    box = Outbox(small(chase("[6 weeks before, 2 weeks before]"))).run("2018-05-10T12:00")
    early = box.rows["small/-/ask/AA/1/aa_m/before-2w"]
    left = early._replace(state=State.SENT.value, sent_at=box.at("2018-05-10T09:00"))
    box.rows[early.key] = left
    box.planner.history.put(past(left))
    box.record("date", "2018-05-18", anchor="end")
    assert box.slots() == {"before-6w": "scheduled 2018-05-11 09:00", "before-2w": "sent 2018-06-15 09:00"}
    assert box.slots("BB") == {"before-6w": "missed 2018-05-18 09:00", "before-2w": "scheduled 2018-05-11 09:00"}
