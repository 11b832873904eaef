"""A follow-up lived through: members, stopping, thanks, escalation, rounds, closing."""

from __future__ import annotations

import pytest

from engine.lifecycle import State
from engine.planning.letters.case import case_of, chase_of
from engine.planning.letters.matter import unsent
from engine.planning.world.history import past
from tests.planning_model import CONTACTS, Outbox, chase, roster, small
from tests.support import fact

MEETING = """\
  meeting:
    event: A meeting
    when: 2018-03-06
"""
AFTER = "to: meeting.attended\nafter: meeting + 2 weeks"
NUDGES = "[at once, every 4 weeks until 2 weeks before, 2 weeks before, on the day]"
THANKED = "thanks: thank_you"


def outbox(send: str = NUDGES, more: str = "", steps: str = "", **given: str) -> Outbox:
    until = given.pop("until", "report")
    return Outbox(small(steps + chase(send, more=more, until=until), **given))


# Members


def test_a_member_is_followed_up_from_the_recording_that_made_it_one() -> None:
    box = outbox(more='to: status == "candidate"').run("2018-02-14T12:00")
    assert box.slots() == {}
    box.record("status", "candidate", party="AA", on="2018-01-05")
    assert list(box.slots().items())[:3] == [
        ("at-once", "scheduled 2018-02-15 09:00"),
        ("every-4w-1", "scheduled 2018-03-14 09:00"),
        ("every-4w-2", "scheduled 2018-04-11 09:00"),
    ]
    assert box.slots("BB") == {}


def test_who_is_no_member_any_more_gets_nothing_more_and_no_thanks() -> None:
    box = outbox(more=f'to: status == "candidate"\n{THANKED}').run("2018-02-14")
    box.record("status", "candidate", party="AA")
    box.run("2018-03-15")
    assert box.left() == ["at-once", "every-4w-1"]
    box.record("status", "declined", party="AA")
    assert {state.split()[0] for slot, state in box.slots().items() if slot not in box.left()} == {"withdrawn"}
    assert box.run("2018-12-01").left() == ["at-once", "every-4w-1"]


def test_with_nobody_recorded_as_having_come_the_plan_says_so() -> None:
    box = outbox(more=AFTER, steps=MEETING).run("2018-04-01")
    (waiting,) = [letter for letter in box.letters() if letter.step == "ask"]
    assert waiting.state == State.WAITING
    assert "nobody is recorded as having attended meeting (A meeting)" in waiting.reason
    box.record("attended", "no", party="BB", step="meeting")
    assert not [letter for letter in box.letters() if letter.step == "ask"]


@pytest.mark.parametrize(
    ("recorded", "first"),
    [
        ("2018-03-07T12:00", "2018-03-20 09:00"),  # `after` is the latest: two weeks after 6 March
        ("2018-03-20T12:00", "2018-03-21 09:00"),
        ("2018-03-23T12:00", "2018-03-26 09:00"),
    ],
)
def test_the_activation_is_the_latest_of_step_after_and_membership(recorded: str, first: str) -> None:
    box = outbox(more=AFTER, steps=MEETING).run(recorded)
    box.record("attended", "yes", party="AA", step="meeting", on="2018-03-06")
    assert next(iter(box.slots().values())) == f"scheduled {first}"


def test_attendance_corrected_to_no_stops_and_to_yes_again_goes_on() -> None:
    box = outbox(more=AFTER, steps=MEETING).run("2018-03-08T12:00")
    box.record("attended", "yes", party="AA", step="meeting", on="2018-03-06")
    box.run("2018-04-18T12:00")
    assert box.left() == ["at-once", "every-4w-1"]
    box.record("attended", "no", party="AA", step="meeting", on="2018-03-06")
    assert box.run("2018-05-02T12:00").left() == ["at-once", "every-4w-1"]
    box.record("attended", "yes", party="AA", step="meeting", on="2018-03-06")
    # what was sent is not sent again; the rest lives again
    assert box.run("2018-12-01").left() == ["at-once", "every-4w-1", "before-2w", "on-day"]


# Stopping, thanks


def test_after_a_report_nothing_more_leaves_but_thanks_once() -> None:
    box = outbox(more=f"{THANKED}\nescalate: {{after: 3 letters, to: boss}}").run("2018-02-01T12:00")
    assert box.left() == ["at-once", "every-4w-1"]
    box.record("report", "2018-02-01", party="AA")
    assert box.rows["small/-/ask/AA/1/boss/escalation"].state == State.WITHDRAWN
    assert box.run("2018-12-01").departures()[2:] == [("thanks", "2018-02-02 09:00")]
    assert box.left("BB") == ["at-once", "every-4w-1", "every-4w-2", "escalation", "every-4w-3", "every-4w-4", "every-4w-5",
                              "before-2w", "on-day"]  # fmt: skip


@pytest.mark.parametrize("form", ["full", "empty"])
def test_only_what_until_asks_for_stops(form: str) -> None:
    box = outbox(until='report and report.form == "full"').run("2018-02-01")
    box.record("report", "2018-02-01", party="AA", details={"form": form})
    assert (box.run("2018-12-01").left() == ["at-once", "every-4w-1"]) is (form == "full")


def test_thanks_go_only_to_whom_a_letter_of_this_round_was_sent() -> None:
    box = outbox("[2 weeks before]", THANKED).run("2018-02-01")
    box.record("report", "2018-02-01", party="AA")
    assert box.run("2018-12-01").left() == []


def test_thanks_are_sent_once_whatever_is_taken_back_and_recorded_again() -> None:
    box = outbox(more=THANKED).run("2018-02-01")
    first = box.record("report", "2018-02-01", party="AA")
    box.run("2018-02-10")
    box.retract(first)
    box.run("2018-03-15")
    assert box.left() == ["at-once", "every-4w-1", "thanks", "every-4w-2"]
    box.record("report", "2018-03-15", party="AA")
    assert box.run("2018-12-01").left()[4:] == []


def test_thanks_not_yet_sent_are_withdrawn_with_the_report() -> None:
    box = outbox(more=THANKED).run("2018-02-02T12:00")
    report = box.record("report", "2018-02-02", party="AA")
    assert box.slots()["thanks"] == "scheduled 2018-02-05 09:00"
    box.retract(report)
    assert box.slots()["thanks"].startswith("withdrawn")
    assert "thanks" not in box.run("2018-12-01").left()


def test_taking_a_report_back_revives_what_is_to_come_and_says_what_was_missed() -> None:
    box = outbox().run("2018-01-20")
    report = box.record("report", "2018-01-20", party="AA")
    box.run("2018-03-01")
    assert box.left() == ["at-once"]
    box.retract(report)
    slots = box.slots()
    assert slots["every-4w-1"] == "missed 2018-01-30 09:00"
    assert slots["every-4w-2"] == "missed 2018-02-27 09:00"
    assert slots["every-4w-3"] == "scheduled 2018-03-27 09:00"
    assert (
        "its time passed while it was withdrawn (done: report, true on 2018-01-20)"
        in box.rows["small/-/ask/AA/1/aa_m/every-4w-1"].reason
    )


# Escalation


def test_a_role_is_told_the_working_day_after_the_third_letter() -> None:
    box = outbox(more="escalate: {after: 3 letters, to: boss}").run("2018-02-01")
    assert box.slots()["escalation"] == "scheduled 2018-02-28 09:00"
    assert box.slots()["escalation"] == "scheduled 2018-02-28 09:00"
    assert box.run("2018-12-01").departures()[:4] == [
        ("at-once", "2018-01-02 09:00"),
        ("every-4w-1", "2018-01-30 09:00"),
        ("every-4w-2", "2018-02-27 09:00"),
        ("escalation", "2018-02-28 09:00"),
    ]
    assert box.left().count("escalation") == 1


@pytest.mark.parametrize(("after", "told"), [(1, True), (9, False), (8, True)])
def test_an_escalation_needs_that_many_letters(after: int, told: bool) -> None:
    box = outbox(more=f"escalate: {{after: {after} letters, to: boss}}")
    assert len([slot for slot in box.run("2018-12-01").left() if slot != "escalation"]) == 8
    assert ("escalation" in box.left()) is told


def test_an_escalation_mutes_nothing() -> None:
    plain, escalated = outbox(), outbox(more="escalate: {after: 2 letters, to: boss}")
    for box in (plain, escalated):
        box.run("2018-12-01")
    assert [slot for slot in escalated.left() if slot != "escalation"] == plain.left()


def test_letters_that_were_missed_do_not_count() -> None:
    box = outbox(more="escalate: {after: 3 letters, to: boss}").run("2018-01-25")
    box.sleep("2018-02-20T08:00")  # every-4w-1 became stale
    box.run("2018-03-30")
    assert box.slots()["every-4w-1"].startswith("missed")
    assert box.departures()[-1] == ("escalation", "2018-03-28 09:00")


def test_a_letter_that_left_late_counts_from_when_it_left() -> None:
    box = outbox("[at once, 12 weeks before, on the day]", "escalate: {after: 2 letters, to: boss}")
    box.run("2018-04-04")
    box.sleep("2018-04-10T11:00")  # due on Friday 6 April
    assert box.departures()[-1] == ("before-12w", "2018-04-10 11:00")
    box.run("2018-05-01")
    assert box.departures()[-1] == ("escalation", "2018-04-12 09:00")


def test_both_contacts_of_a_post_count_as_one_letter() -> None:
    contacts = (
        "id,party,post,name,address,timezone\na1,AA,mission,A,1@aa.example,\na2,AA,mission,A,2@aa.example,\n"
        "bb_m,BB,mission,B,b@bb.example,\ncc_m,CC,mission,C,c@cc.example,\n"
    )
    box = outbox(more="escalate: {after: 3 letters, to: boss}", contacts=contacts).run("2018-12-01")
    assert box.left().count("escalation") == 1
    assert box.departures()[6] == ("escalation", "2018-02-28 09:00")


def test_a_report_taken_back_leaves_the_escalation_where_the_letters_now_put_it() -> None:
    box = outbox(more="escalate: {after: 3 letters, to: boss}").run("2018-02-15")
    report = box.record("report", "2018-02-15", party="AA")
    box.run("2018-03-15")
    box.retract(report)  # the third letter of 27 February was missed meanwhile: the next one counts
    assert box.slots()["every-4w-2"].startswith("missed")
    assert box.slots()["escalation"] == "scheduled 2018-03-28 09:00"
    assert box.replan() == []


# Rounds


def test_an_extension_starts_a_round_with_only_the_slots_after_the_decision() -> None:
    box = outbox("[at once, every 4 weeks until 2 weeks before, 2 weeks before, on the day]").run("2018-06-16")
    first = box.left()
    box.record("extended_to", "2018-08-31", party="AA", step="ask")
    assert [
        key.rpartition("/1/")[0]
        for key, row in box.rows.items()
        if row.party == "AA" and row.state == State.SCHEDULED and row.round == 1
    ] == []
    second = {row.slot: row for row in box.rows.values() if row.round == 2}
    assert set(second) == {"every-4w-1", "before-2w", "on-day"}
    assert all(row.due_at >= box.now for row in second.values())
    assert box.run("2018-12-01").departures()[len(first):] == [
        ("every-4w-1", "2018-07-16 09:00"), ("before-2w", "2018-08-17 09:00"), ("on-day", "2018-08-31 09:00"),
    ]  # fmt: skip
    assert box.left("BB") == [*first, "on-day"], "only that party has more time"


def test_an_extension_taken_back_goes_on_in_the_round_before() -> None:
    box = outbox("[2 weeks before, on the day]").run("2018-06-01")
    extension = box.record("extended_to", "2018-08-31", party="AA", step="ask")
    box.run("2018-06-10")
    box.retract(extension)
    assert box.run("2018-12-01").departures() == [("before-2w", "2018-06-15 09:00"), ("on-day", "2018-06-29 09:00")]


def test_a_date_that_moves_after_an_extension_moves_nothing_of_its_round() -> None:
    box = outbox("[6 weeks before, 2 weeks before, on the day]").run("2018-03-01")
    box.record("extended_to", "2018-08-31", party="AA", step="ask")
    before = box.slots()
    box.run("2018-05-01T12:00")
    box.record("date", "2018-05-18", anchor="end")  # puts six weeks before, and two, into the past for the others
    assert box.slots() == before
    assert box.run("2018-12-01").departures() == [
        ("before-6w", "2018-07-20 09:00"), ("before-2w", "2018-08-17 09:00"), ("on-day", "2018-08-31 09:00"),
    ]  # fmt: skip


def test_thanks_of_a_round_go_to_whom_that_round_wrote() -> None:
    box = outbox("[2 weeks before, on the day]", THANKED).run("2018-06-16")
    box.record("extended_to", "2018-08-31", party="AA", step="ask")
    box.record("report", "2018-06-16", party="AA")
    assert box.run("2018-12-01").left() == ["before-2w"], "nothing of the second round had been sent"


def test_a_reopened_case_wants_a_new_report() -> None:
    box = outbox("[at once, every 4 weeks until on the day]", THANKED).run("2018-01-20")
    box.record("report", "2018-01-20", party="AA")
    box.run("2018-03-01T12:00")
    assert box.left() == ["at-once", "thanks"]
    box.record("reopened", "yes", party="AA", step="ask")
    box.run("2018-04-10")
    assert box.departures()[2:] == [("every-4w-1", "2018-03-29 09:00")]
    box.record("report", "2018-04-10", party="AA")
    assert box.run("2018-12-01").left()[3:] == ["thanks"], "once for each round"


# Closing


CLOSES = 'closes_when: {each: member == "yes", is: report or oral}'


def test_a_step_closes_for_everybody_when_each_of_some_are_done() -> None:
    parties = roster(["AA", "BB", "CC,CC,,no,"])
    box = outbox(more=f"{CLOSES}\n{THANKED}", parties=parties).run("2018-02-01")
    box.record("report", "2018-02-01", party="AA")
    assert box.slots("CC")["on-day"].startswith("scheduled")
    box.record("oral", "2018-02-01", party="BB")  # not what `until` asks of it, but what closes the step
    assert box.slots("CC")["on-day"].startswith("withdrawn")
    assert "closed: all 2 of" in box.rows["small/-/ask/CC/1/cc_m/on-day"].reason
    box.run("2018-12-01")
    assert box.left("AA")[2:] == ["thanks"]
    assert box.left("BB")[2:] == box.left("CC")[2:] == []


def test_a_step_that_was_closed_opens_again_when_a_report_is_taken_back() -> None:
    parties = roster(["AA", "BB,BB,,no,", "CC,CC,,no,"])
    box = outbox(more=CLOSES, parties=parties).run("2018-02-01")
    report = box.record("report", "2018-02-01", party="AA")
    box.run("2018-02-10")
    assert box.slots("CC")["on-day"].startswith("withdrawn")
    box.retract(report)
    assert box.slots("CC")["on-day"].startswith("scheduled")


def test_nobody_of_the_group_closes_nothing() -> None:
    box = outbox(more='closes_when: {each: status == "prepared", is: report}')
    assert box.slots() != {}


@pytest.mark.parametrize(("on", "closes"), [("2017-12-31", False), ("2018-01-01", True)])
def test_an_old_report_does_not_close(on: str, closes: bool) -> None:
    old = [fact("oral", on, party=party, at="2018-01-02") for party in ("AA", "BB", "CC")]
    box = Outbox(small(chase(more='closes_when: {each: member == "yes", is: oral}')), "2018-01-03", old)
    assert (box.slots() == {}) is closes


def test_what_closes_counts_from_the_since_of_each_party() -> None:
    parties = roster(["AA,AA,2018-02-01,yes,", "BB,BB,2017-01-01,no,", "CC,CC,2017-01-01,no,"])
    more = 'since: joined\ncloses_when: {each: member == "yes", is: oral}'
    for on, closes in (("2018-01-15", False), ("2018-02-01", True)):
        given = [fact("oral", on, party="AA", at="2018-02-10")]
        box = Outbox(small(chase(more=more), parties=parties), "2018-02-12", given)
        assert (box.slots("CC") == {}) is closes


# The end of the plan


def test_nothing_is_sent_after_the_plan_ended() -> None:
    box = outbox("[on the day, 2 weeks after, 8 weeks after]", ends="2018-07-20").run("2018-12-01")
    assert box.left() == ["on-day", "after-2w"]
    assert box.letters() == []


def test_a_plan_without_an_end_is_planned_and_goes_on() -> None:
    box = Outbox(small(chase() + "  talks:\n    ongoing: Talks\n    review: every 2 months\n", ends=None))
    reviews = [letter for letter in box.letters() if letter.step == "talks"]
    assert [letter.slot for letter in reviews] == [f"every-2m-{number}" for number in range(1, 7)], (
        "as far as its horizon"
    )
    box.run("2018-12-20")
    assert box.left(None, "talks") == [f"every-2m-{number}" for number in range(1, 6)]
    box.replan()
    ahead = [letter.slot for letter in box.letters() if letter.due_at and letter.due_at > box.now]
    assert ahead == [f"every-2m-{number}" for number in range(6, 13)]
    assert box.left() == ["at-once", "before-2w", "on-day"]


# Late


def test_late_slots_collapse_into_the_newest_and_the_rest_are_missed() -> None:
    box = outbox("[16 days before, 2 weeks before, on the day]").run("2018-06-12")
    box.sleep("2018-06-15T10:00")
    assert box.departures() == [("before-2w", "2018-06-15 10:00")]
    row = box.rows["small/-/ask/AA/1/aa_m/before-16d"]
    assert (row.state, row.reason) == (State.MISSED, "late together with before-2w, which goes instead")


def test_what_is_stale_is_missed_and_at_once_never_is() -> None:
    box = outbox("[at once, 2 weeks before, on the day]")
    box.sleep("2018-05-01T10:00")
    assert box.departures() == [("at-once", "2018-05-01 10:00")]
    box.sleep("2018-06-30T10:00")
    assert box.left() == ["at-once"]
    assert {slot: state.split()[0] for slot, state in box.slots().items()} == {
        "at-once": "sent", "before-2w": "missed", "on-day": "missed",
    }  # fmt: skip
    reason = "too late to be sent: it was not sent in time"
    assert {row.reason for row in box.rows.values() if row.state == State.MISSED} == {reason}


def test_of_two_steps_that_one_report_settles_one_thanks() -> None:
    ask = chase("[at once]", more="thanks: thank_you")
    box = Outbox(small(ask + ask.replace("  ask:", "  also:").replace("Reports", "More"))).run("2018-01-10")
    box.record("report", "2018-01-10", party="AA")
    assert [(each.step, each.slot, each.state, each.reason) for each in box.letters() if each.party == "AA"] == [
        ("ask", "thanks", "scheduled", "thanks: done: report, true on 2018-01-10"),
        ("also", "thanks", "absorbed", "ask thanks for it"),
    ]
    assert (box.run("2018-02-01").left(), box.left(step="also")) == (["at-once", "thanks"], ["at-once"])


def test_of_a_plan_applied_as_a_letter_is_due_the_letter_leaves_and_counts() -> None:
    more = "escalate: {after: 1 letter, to: boss}"
    box = Outbox(small(chase("[2 weeks before]", more=more)), "2018-06-15T09:00")
    box.planner.history.clear()  # as it is before there is a row
    assert [(each.slot, each.due_at) for each in box.letters() if each.party == "AA"] == [
        ("before-2w", box.at("2018-06-15T09:00")), ("escalation", box.at("2018-06-18T09:00")),
    ]  # fmt: skip


def test_what_may_still_leave_is_of_this_addressee_and_round() -> None:
    contacts = CONTACTS + "aa_n,AA,mission,Another of AA,n@aa.example,\n"
    box = Outbox(small(chase("[at once, 8 weeks before, 2 weeks before, on the day]"), contacts=contacts)).run(
        "2018-05-02"
    )
    box.record("extended_to", "2018-08-31", party="AA", step="ask")
    chasing, desk = chase_of(box.plan.workflow.steps["ask"]), box.planner.desk
    assert chasing is not None
    case = case_of(desk, chasing, box.plan.parties["AA"], None)
    contact = desk.recipients.contacts("AA")[0]
    assert unsent(desk, case, contact) == {"before-8w", "before-2w", "on-day"}
    gone = next(row for row in box.rows.values() if (row.round, row.addressee, row.slot) == (2, "aa_m", "before-2w"))
    other = next(row for row in box.rows.values() if (row.round, row.addressee, row.slot) == (2, "aa_n", "on-day"))
    for row, state in ((gone, State.FAILED), (other, State.SENT)):
        box.planner.history.put(past(row._replace(state=state.value)))
    assert unsent(desk, case, contact) == {"before-8w", "on-day"}
