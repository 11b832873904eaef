"""Word of a deadline that moved, to exactly those who were told another day (language, “Cadence”)."""

from __future__ import annotations

import pytest

from engine.definition.workflow import Plannable
from engine.lifecycle import State
from engine.planning.world.history import past
from tests.planning_model import Outbox, chase, roster, small

SEND = "[6 weeks before, 2 weeks before, on the day]"  # 18 May, 15 and 29 June
CORRECTED = "corrected: deadline_moved"


def plan(send: str = SEND, *, more: str = CORRECTED, by: str = "end", **given: str) -> Plannable:
    return small(chase(send, by=by, more=more), **given)


def outbox(send: str = SEND, *, more: str = CORRECTED, **given: str) -> Outbox:
    return Outbox(plan(send, more=more, **given))


def moved(box: Outbox, to: str, at: str) -> Outbox:
    box.run(at).record("date", to, anchor="end")
    return box


def corrections(box: Outbox, party: str = "AA") -> list[tuple[str, str]]:
    return [entry for entry in box.departures(party) if entry[0].startswith("corrected")]


def test_those_who_were_told_are_told_once_at_the_next_sending_time() -> None:
    box = moved(outbox(), "2018-07-27", "2018-05-22T12:00")
    row = box.rows["small/-/ask/AA/1/aa_m/corrected-1"]
    assert row.reason == "the deadline moved after AA was told 29 June 2018"
    assert (row.template, row.ordinary) == ("deadline_moved", False)
    assert box.run("2018-12-01").departures() == [
        ("before-6w", "2018-05-18 09:00"), ("corrected-1", "2018-05-23 09:00"), ("before-2w", "2018-07-13 09:00"),
        ("on-day", "2018-07-27 09:00"),
    ]  # fmt: skip


def test_who_was_told_nothing_yet_is_not_corrected() -> None:
    box = moved(outbox(), "2018-07-27", "2018-05-10T12:00")
    assert corrections(box.run("2018-12-01")) == []


def test_without_the_key_there_is_no_letter_and_the_owner_is_asked_once() -> None:
    box = moved(outbox(more=""), "2018-07-27", "2018-05-22T12:00")
    assert corrections(box) == []
    prompt = box.rows["small/-/ask/-/1/desk/date-moved"]
    assert (prompt.template, prompt.reason) == (
        "told_another_day",
        "its deadline moved, and some were told another day",
    )
    box.run("2018-06-10")
    assert box.departures(None) == [("date-moved", "2018-05-23 09:00")]
    box.record("date", "2018-07-30", anchor="end")
    box.run("2018-12-01")
    assert box.left(None) == ["date-moved", "date-moved-2"], "once for each change"


def test_the_owner_is_not_asked_where_nobody_was_told_another_day() -> None:
    box = moved(outbox(more=""), "2018-07-27", "2018-05-10T12:00")
    assert box.run("2018-12-01").left(None) == []
    box = moved(outbox(), "2018-07-27", "2018-05-22T12:00")
    assert box.run("2018-12-01").left(None) == [], "they are told"


def test_moved_twice_before_anybody_heard_is_one_letter_with_the_last_date() -> None:
    box = moved(outbox(), "2018-07-27", "2018-05-22T12:00")
    moved(box, "2018-08-24", "2018-05-22T18:00")
    assert corrections(box.run("2018-06-10")) == [("corrected-1", "2018-05-23 09:00")]
    assert box.rows["small/-/ask/AA/1/aa_m/corrected-1"].told == "2018-08-24"
    moved(box, "2018-09-28", "2018-06-12T12:00")
    assert corrections(box.run("2018-12-01"))[1:] == [("corrected-2", "2018-06-13 09:00")], (
        "another change, another letter"
    )


def test_moved_and_back_before_it_left_is_withdrawn() -> None:
    box = outbox().run("2018-05-22T12:00")
    fact = box.record("date", "2018-07-27", anchor="end")
    box.run("2018-05-22T18:00")
    box.retract(fact)
    assert box.rows["small/-/ask/AA/1/aa_m/corrected-1"].state == State.WITHDRAWN
    assert box.run("2018-12-01").left() == ["before-6w", "before-2w", "on-day"]


def test_moved_and_back_after_it_left_is_told_again() -> None:
    box = outbox().run("2018-05-22T12:00")
    fact = box.record("date", "2018-07-27", anchor="end")
    box.run("2018-05-30T12:00")
    box.retract(fact)
    assert corrections(box.run("2018-12-01")) == [
        ("corrected-1", "2018-05-23 09:00"),
        ("corrected-2", "2018-05-31 09:00"),
    ]


@pytest.mark.parametrize("fact", [("report", "2018-05-22", None), ("exempt", "yes", "ask")])
def test_nobody_who_is_done_or_exempt_is_told(fact: tuple[str, str, str | None]) -> None:
    name, value, step = fact
    box = outbox().run("2018-05-22T12:00")
    box.record(name, value, party="AA", step=step)
    moved(box, "2018-07-27", "2018-05-22T13:00")
    box.run("2018-12-01")
    assert (corrections(box), len(corrections(box, "BB"))) == ([], 1)


def test_a_report_stops_the_correction_that_had_not_left() -> None:
    box = moved(outbox(), "2018-07-27", "2018-05-22T12:00")
    box.record("report", "2018-05-22", party="AA")
    assert corrections(box.run("2018-12-01")) == []


def test_a_closed_step_tells_nobody() -> None:
    box = outbox(more=f'closes_when: {{each: member == "yes", is: oral}}\n{CORRECTED}').run("2018-05-22T12:00")
    for party in ("AA", "BB", "CC"):
        box.record("oral", "2018-05-22", party=party)
    moved(box, "2018-07-27", "2018-05-22T13:00")
    assert corrections(box.run("2018-12-01")) == []


def test_a_reminder_on_the_day_of_the_news_gives_way_to_it() -> None:
    box = moved(outbox(), "2018-06-25", "2018-06-10T12:00")  # two weeks before is 11 June, when the news goes
    assert box.run("2018-12-01").departures() == [
        ("before-6w", "2018-05-18 09:00"), ("corrected-1", "2018-06-11 09:00"), ("on-day", "2018-06-25 09:00"),
    ]  # fmt: skip


def test_a_date_that_moved_into_the_past_is_a_question_to_the_owner_and_no_letter() -> None:
    box = moved(outbox(), "2018-05-11", "2018-05-22T12:00")
    box.run("2018-12-01")
    assert (corrections(box), box.left(None)) == ([], ["date-passed"])


def test_a_day_known_to_its_month_only_is_told_once_it_is_fixed() -> None:
    box = moved(outbox(), "2018-08", "2018-05-22T12:00")
    assert corrections(box.run("2018-06-04T12:00")) == []
    box.record("date", "2018-08-17", anchor="end")
    assert corrections(box.run("2018-12-01")) == [("corrected-1", "2018-06-05 09:00")]


# Extensions


def test_an_extension_brings_its_own_letters_and_no_correction() -> None:
    box = outbox().run("2018-05-22T12:00")
    box.record("extended_to", "2018-08-31", party="AA", step="ask")
    assert box.run("2018-12-01").left() == ["before-6w", "before-6w", "before-2w", "on-day"]


def test_an_extension_taken_back_before_a_letter_told_it_needs_none() -> None:
    box = outbox().run("2018-05-22T12:00")
    fact = box.record("extended_to", "2018-08-31", party="AA", step="ask")
    box.run("2018-05-24T12:00")
    box.retract(fact)
    assert corrections(box.run("2018-12-01")) == []


def test_an_extension_taken_back_after_a_letter_told_it_is_corrected() -> None:
    box = outbox().run("2018-05-22T12:00")
    fact = box.record("extended_to", "2018-07-20", party="AA", step="ask")
    box.run("2018-06-12T12:00")
    assert box.left() == ["before-6w", "before-6w"]
    box.retract(fact)
    assert box.run("2018-12-01").departures()[2:] == [
        ("corrected-1", "2018-06-13 09:00"), ("before-2w", "2018-06-15 09:00"), ("on-day", "2018-06-29 09:00"),
    ]  # fmt: skip
    assert corrections(box, "BB") == []


def test_a_date_that_moves_after_an_extension_tells_only_those_without_one() -> None:
    box = outbox().run("2018-05-22T12:00")
    box.record("extended_to", "2018-08-31", party="AA", step="ask")
    moved(box, "2018-07-27", "2018-05-23T12:00")
    box.run("2018-12-01")
    assert (corrections(box), corrections(box, "BB")) == ([], [("corrected-1", "2018-05-24 09:00")])


# Edits of the plan and the roster


def test_a_deadline_that_was_edited_is_told_to_those_who_know_the_other() -> None:
    box = Outbox(plan(by="2018-06-29")).run("2018-05-22T12:00")
    box.apply(plan(by="2018-07-27"))
    assert box.run("2018-06-01").departures() == [
        ("before-6w", "2018-05-18 09:00"), ("corrected-1", "2018-05-23 09:00"),
    ]  # fmt: skip
    box.apply(plan(by="2018-07-27", send="[6 weeks before, 2 weeks before, on the day, 2 weeks after]"))
    assert corrections(box.run("2018-12-01")) == [("corrected-1", "2018-05-23 09:00")]


def test_an_anchor_that_was_edited_counts_as_moved_too() -> None:
    box = outbox().run("2018-05-22T12:00")
    box.apply(plan(anchors="{end: {on: 2018-07-27, title: The end}}"))
    assert corrections(box.run("2018-12-01")) == [("corrected-1", "2018-05-23 09:00")]


def test_a_date_of_the_roster_that_was_edited_is_told_to_that_party_alone() -> None:
    def given(day: str) -> Plannable:
        rows = [f"AA,AA,{day},yes,", "BB,BB,2018-06-29,yes,", "CC,CC,,yes,"]
        return plan(by="joined", parties=roster(rows))

    box = Outbox(given("2018-06-29")).run("2018-05-22T12:00")
    box.apply(given("2018-07-27"))
    box.run("2018-12-01")
    assert (corrections(box), corrections(box, "BB")) == ([("corrected-1", "2018-05-23 09:00")], [])


def test_the_key_added_later_tells_those_who_still_know_another_day() -> None:
    box = moved(outbox(more=""), "2018-08-24", "2018-05-22T12:00").run("2018-05-28T12:00")
    box.apply(plan())
    assert box.rows["small/-/ask/AA/1/aa_m/corrected-1"].state == State.SCHEDULED
    assert corrections(box.run("2018-12-01")) == [("corrected-1", "2018-05-29 09:00")]


# Pauses, contacts


def test_it_waits_while_an_answer_does() -> None:
    box = outbox().run("2018-05-22T11:00")
    box.record("answered", "yes", party="AA", step="ask")
    moved(box, "2018-07-27", "2018-05-22T12:00")
    assert corrections(box.run("2018-05-25T12:00")) == []
    box.record("answered", "no", party="AA", step="ask")
    assert corrections(box.run("2018-12-01")) == [("corrected-1", "2018-05-28 09:00")]


def test_it_waits_for_the_end_of_a_snooze() -> None:
    box = outbox().run("2018-05-22T11:00")
    box.record("snoozed_until", "2018-06-04", party="AA", step="ask")
    moved(box, "2018-07-27", "2018-05-22T12:00")
    assert corrections(box.run("2018-12-01")) == [("corrected-1", "2018-06-04 09:00")]


def test_only_the_contact_who_was_told_gets_it() -> None:
    contacts = (
        "id,party,post,name,address,timezone\na1,AA,mission,A,1@aa.example,\na2,AA,mission,A,2@aa.example,\n"
        "bb_m,BB,mission,B,b@bb.example,\ncc_m,CC,mission,C,c@cc.example,\n"
    )
    box = outbox(contacts=contacts).run("2018-05-18T09:00")
    box.bounce(box.rows["small/-/ask/AA/1/a2/before-6w"], "2@aa.example")
    box.run("2018-05-22T11:00").record("address", "3@aa.example", contact="a2")
    moved(box, "2018-07-27", "2018-05-22T12:00")
    box.run("2018-06-01")
    assert [
        each.letter.addressee for each in box.sent if each.letter.slot == "corrected-1" and each.letter.party == "AA"
    ] == ["a1"]


def test_it_counts_as_no_reminder() -> None:
    box = outbox(more=f"escalate: {{after: 2 letters, to: boss}}\nthanks: thank_you\n{CORRECTED}")
    moved(box, "2018-07-27", "2018-05-22T12:00")
    box.run("2018-07-16")
    assert box.departures()[-1] == ("before-2w", "2018-07-13 09:00"), "the word to the boss follows the second reminder"
    assert box.run("2018-12-01").left()[3:] == ["escalation", "on-day"]


# A target that asks


def test_those_whom_a_target_asked_are_told_its_new_day() -> None:
    steps = (
        "  two:\n    target: Two\n    count: status == \"prepared\"\n    at_least: 2\n    by: end\n"
        "    ask: {to: status == \"candidate\", send: [at once, 2 weeks before], letter: nudge}\n"
        "    corrected: deadline_moved\n    approval: none\n"
    )  # fmt: skip
    box = Outbox(small(steps)).run("2018-05-02T12:00")
    box.record("status", "candidate", party="AA")
    moved(box, "2018-07-27", "2018-05-22T12:00")
    assert box.run("2018-12-01").departures("AA", "two") == [
        ("at-once", "2018-05-03 09:00"), ("corrected-1", "2018-05-23 09:00"), ("before-2w", "2018-07-13 09:00"),
    ]  # fmt: skip


def test_of_a_letter_that_keeps_no_day_the_reason_names_the_one_as_it_left() -> None:
    box = outbox().run("2018-05-22T12:00")
    for row in [*box.rows.values()]:
        box.rows[row.key] = row._replace(told=None)
        box.planner.history.put(past(box.rows[row.key]))
    box.record("date", "2018-07-27", anchor="end")
    row = box.rows["small/-/ask/AA/1/aa_m/corrected-1"]
    assert row.reason == "the deadline moved after AA was told 29 June 2018"
