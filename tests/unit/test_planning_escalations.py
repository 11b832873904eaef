"""Word to a role: after so many letters, near the date, whichever comes first, and to several (language, “follow_up”)."""

from __future__ import annotations

import pytest

from tests.planning_model import Outbox, chase, small

SEND = "[12 weeks before, 6 weeks before, 3 weeks before, on the day]"  # 6 April, 18 May, 8 June, 29 June
NEAR = "escalate: {before: 2 weeks, to: boss}"  # Friday 15 June
SLOT = "escalation-before-2w"


def outbox(more: str, send: str = SEND, **given: str) -> Outbox:
    return Outbox(small(chase(send, more=more), **given))


def told(box: Outbox, party: str = "AA") -> list[tuple[str, str, str]]:
    """Who was told of a party, in which slot, on which day."""
    found = [each for each in box.sent if each.letter.party == party and each.letter.slot.startswith("escalation")]
    return [(each.letter.addressee, each.letter.slot, each.local[:10]) for each in found]


def test_near_the_date_a_role_is_told_of_who_was_written_to_and_is_not_done() -> None:
    box = outbox(NEAR)
    row = box.rows[f"small/-/ask/AA/1/boss/{SLOT}"]
    assert row.reason == "2 weeks before 29 June 2018, and AA is not done"
    assert row.template == "date_near"
    box.run("2018-06-12").record("report", "2018-06-12", party="BB")
    box.run("2018-12-01")
    assert told(box) == [("boss", SLOT, "2018-06-15")]
    assert told(box, "BB") == []


def test_who_was_not_written_to_by_then_is_not_told_of() -> None:
    box = outbox(NEAR, "[1 week before, on the day]").run("2018-12-01")
    assert (told(box), box.left()) == ([], ["before-1w", "on-day"])


def test_from_a_day_off_it_is_told_before() -> None:
    box = outbox("escalate: {before: 13 days, to: boss}").run("2018-12-01")  # 16 June is a Saturday
    assert told(box) == [("boss", "escalation-before-13d", "2018-06-15")]


def test_working_days_are_counted_by_the_plans_calendar() -> None:
    box = outbox("escalate: {before: 10 working days, to: boss}").run("2018-12-01")
    assert told(box) == [("boss", "escalation-before-10wd", "2018-06-15")]


@pytest.mark.parametrize(("letters", "day"), [(1, "2018-04-09"), (2, "2018-05-21"), (4, "2018-06-15")])
def test_with_both_a_role_is_told_once_at_whichever_comes_first(letters: int, day: str) -> None:
    box = outbox(f"escalate: {{after: {letters} letters, before: 2 weeks, to: boss}}").run("2018-12-01")
    assert [(role, on) for role, _, on in told(box)] == [("boss", "2018-05-22" if day == "2018-05-21" else day)]


def test_several_are_told_each_at_their_own_time() -> None:
    more = "escalate: [{after: 1 letters, to: desk}, {after: 3 letters, to: boss}, {before: 2 weeks, to: boss}]"
    box = outbox(more.replace("1 letters", "1 letter")).run("2018-12-01")
    assert told(box) == [
        ("desk", "escalation", "2018-04-09"), ("boss", "escalation-after-3", "2018-06-11"), ("boss", SLOT, "2018-06-15"),
    ]  # fmt: skip
    assert box.left().count("before-3w") == 1, "and nothing is muted"


def test_the_first_that_counts_letters_keeps_its_name_wherever_it_stands() -> None:
    box = outbox("escalate: [{before: 2 weeks, to: desk}, {after: 3 letters, to: boss}]")
    slots = {row.addressee: row.slot for row in box.rows.values() if row.party == "AA" and row.slot.startswith("escal")}
    assert slots == {"desk": SLOT, "boss": "escalation"}


def test_a_date_that_moves_takes_it_along_and_one_that_moves_near_tells_at_once() -> None:
    box = outbox(NEAR).run("2018-05-22T12:00")
    box.record("date", "2018-08-31", anchor="end")
    assert box.slots()[SLOT] == "scheduled 2018-08-17 09:00"
    box.record("date", "2018-05-31", anchor="end")
    assert told(box.run("2018-12-01")) == [("boss", SLOT, "2018-05-23")]


def test_a_date_that_moves_after_it_was_told_repeats_nothing_and_an_extension_does() -> None:
    box = outbox(NEAR).run("2018-06-18T12:00")
    box.record("date", "2018-07-31", anchor="end")
    box.run("2018-07-20")
    assert told(box) == [("boss", SLOT, "2018-06-15")]
    box.record("extended_to", "2018-08-31", party="AA", step="ask")
    assert told(box.run("2018-12-01")) == [("boss", SLOT, "2018-06-15"), ("boss", SLOT, "2018-08-17")]


def test_an_answer_that_waits_is_an_answer() -> None:
    box = outbox(NEAR).run("2018-06-14T12:00")
    box.record("answered", "yes", party="AA", step="ask")
    assert told(box.run("2018-06-19T12:00")) == []
    box.record("answered", "no", party="AA", step="ask")
    assert told(box.run("2018-12-01")) == [("boss", SLOT, "2018-06-20")]


def test_an_answer_between_the_day_and_the_sending_time_holds_it_back_too() -> None:
    box = outbox("escalate: {after: 2 letters, to: boss}").run("2018-05-21T12:00")  # Whit Monday: told on the 22nd
    box.record("answered", "yes", party="AA", step="ask")
    assert told(box.run("2018-12-01")) == []


def test_after_the_deadline_nobody_is_told_that_it_is_near() -> None:
    box = outbox(NEAR).run("2018-06-14T12:00")
    box.record("answered", "yes", party="AA", step="ask")
    box.run("2018-07-02T12:00").record("answered", "no", party="AA", step="ask")
    assert told(box.run("2018-12-01")) == []


def test_after_the_plan_ended_nobody_is_told() -> None:
    assert told(outbox(NEAR, ends="2018-06-10").run("2018-12-01")) == []
