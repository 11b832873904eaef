"""A party that is exempt, one that is left alone until a day, and one that was spoken with."""

from __future__ import annotations

import pytest

from tests.planning_model import Outbox, chase, small

SENDS = "[at once, every 3 weeks until 4 weeks before, 2 weeks before, on the day, 2 weeks after]"
# at-once 3 January, every three weeks from there; 15 June is two weeks before the end, 29 June.


def chased(until: str, send: str = SENDS, more: str = "") -> Outbox:
    return Outbox(small(chase(send, more=more))).run(until)


def sent(box: Outbox, party: str = "AA") -> list[str]:
    return [f"{each.letter.slot} {each.local[:10]}" for each in box.sent if each.letter.party == party]


def test_an_exempt_party_gets_no_more_and_no_thanks_and_the_others_do() -> None:
    box = chased("2018-02-01", more="thanks: thank_you")
    before = sent(box)
    box.record("exempt", "yes", party="AA", step="ask")
    box.run("2018-08-01")
    assert sent(box) == before
    assert len(sent(box, "BB")) > len(before)
    (silence,) = [each for each in box.planner.silences("AA") if each.step == "ask"]
    assert silence.reason == "AA is exempt"
    assert box.planner.deadlines("AA") == []


def test_an_exemption_that_is_taken_back_goes_on() -> None:
    box = chased("2018-05-01")
    exempt = box.record("exempt", "yes", party="AA", step="ask")
    box.run("2018-05-05").retract(exempt)
    box.run("2018-08-01")
    assert sent(box)[-2:] == ["on-day 2018-06-29", "after-2w 2018-07-13"]


def test_what_falls_due_in_a_snooze_comes_once_after_it() -> None:
    box = chased("2018-01-10")
    box.record("snoozed_until", "2018-03-12", party="AA", step="ask")
    box.run("2018-05-01")
    quiet = [day for day in sent(box) if "2018-01-10" < day.split()[-1] < "2018-03-12"]
    assert quiet == []
    after = [each for each in sent(box) if each.split()[-1] >= "2018-03-12"]
    assert after[0].endswith(" 2018-03-12") or after[0].startswith("every-3w"), after
    assert len([each for each in sent(box, "BB") if "2018-01-10" < each.split()[-1] < "2018-03-12"]) >= 2
    days = [each.split()[-1] for each in after]
    assert len(days) == len(set(days)), "not two on one day"


def test_a_snooze_gives_way_to_the_next_slot_where_that_is_near() -> None:
    box = chased("2018-06-08")
    box.record("snoozed_until", "2018-06-26", party="AA", step="ask")
    box.run("2018-07-01")
    assert sent(box)[-1] == "on-day 2018-06-29"
    assert "before-2w" not in {each.split()[0] for each in sent(box)}
    assert box.slots()["before-2w"].startswith("withdrawn")


def test_a_reminder_whose_day_passed_in_a_snooze_does_not_come_late() -> None:
    box = chased("2018-06-08", "[2 weeks before, on the day]")
    box.record("snoozed_until", "2018-07-09", party="AA", step="ask")
    box.run("2018-08-01")
    assert sent(box) == []
    assert box.slots()["on-day"].startswith("missed")


def test_a_shorter_snooze_takes_the_place_of_a_longer_one() -> None:
    box = chased("2018-01-10")
    box.record("snoozed_until", "2018-06-01", party="AA", step="ask")
    box.run("2018-01-15").record("snoozed_until", "2018-01-20", party="AA", step="ask")
    box.run("2018-03-01")
    assert len(sent(box)) >= 2


def test_after_a_call_nothing_leaves_for_as_long_as_letters_are_apart() -> None:
    box = chased("2018-06-13")
    box.record("contacted", "yes", party="AA", step="ask", on="2018-06-13")
    box.run("2018-07-01")
    left = [each.split()[-1] for each in sent(box)]
    assert "2018-06-15" not in left
    assert next(day for day in left if day > "2018-06-13") >= "2018-06-20"
    assert "before-2w 2018-06-15" in sent(box, "BB")


def test_a_call_that_is_taken_back_delays_nothing() -> None:
    box = chased("2018-06-13")
    call = box.record("contacted", "yes", party="AA", step="ask", on="2018-06-13")
    box.retract(call)
    box.run("2018-07-01")
    assert "before-2w 2018-06-15" in sent(box)


def test_what_gave_way_in_a_pause_stays_so_once_the_next_letter_has_left() -> None:
    box = chased("2018-06-08")
    box.record("snoozed_until", "2018-06-26", party="AA", step="ask")
    box.run("2018-07-10")
    assert box.slots()["before-2w"].startswith("withdrawn")
    assert box.replan() == []


@pytest.mark.parametrize(
    ("until", "ends", "slot", "why"),
    [
        ("2018-07-11", None, "scheduled 2018-07-11 09:00", "1 week after 29 June 2018; snoozed until 11 July 2018"),
        ("2018-07-11", "2018-07-11", "scheduled 2018-07-11 09:00", "1 week after 29 June 2018; snoozed until 11 July 2018"),
        ("2018-07-11", "2018-07-10", "missed 2018-07-06 09:00", "snoozed until 11 July 2018, and its day passed"),
    ],
)  # fmt: skip
def test_what_a_snooze_puts_off_leaves_by_the_end_of_the_plan_or_not_at_all(
    until: str, ends: str | None, slot: str, why: str
) -> None:
    box = Outbox(small(chase("[2 weeks before, 1 week after]"), ends=ends)).run("2018-07-02")
    box.record("snoozed_until", until, party="AA", step="ask")
    assert box.slots()["after-1w"] == slot
    row = box.rows["small/-/ask/AA/1/aa_m/after-1w"]
    assert (row.reason, row.stale_at) == (
        why,
        box.at("2018-07-16T09:00" if ends != "2018-07-10" else "2018-07-11T09:00"),
    )


@pytest.mark.parametrize(
    ("until", "slots"),
    [
        ("2018-06-22", {"before-2w": "withdrawn 2018-06-15 09:00", "on-day": "scheduled 2018-06-29 09:00"}),
        ("2018-06-21", {"before-2w": "scheduled 2018-06-21 09:00", "on-day": "scheduled 2018-06-29 09:00"}),
        ("2018-06-29", {"before-2w": "withdrawn 2018-06-15 09:00", "on-day": "scheduled 2018-06-29 09:00"}),
        ("2018-06-30", {"before-2w": "withdrawn 2018-06-15 09:00", "on-day": "missed 2018-06-29 09:00"}),
    ],
)
def test_how_near_the_next_letter_has_to_be_to_take_the_place_of_one_put_off(until: str, slots: dict[str, str]) -> None:
    box = chased("2018-06-08", "[2 weeks before, on the day]", more="apart: 8 days")
    box.record("snoozed_until", until, party="AA", step="ask")
    assert box.slots() == slots
