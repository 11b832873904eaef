"""The file is edited and applied again: nothing that runs starts anew, nothing of the past is sent (G1, G4)."""

from __future__ import annotations

import hashlib
import json

import pytest

from engine.definition.workflow import Plannable
from engine.lifecycle import State
from engine.planning.world import lineage
from tests.planning_model import CONTACTS, PARTIES, Outbox, chase, roster, small
from tests.support import moment


def plan(send: str, more: str = "", parties: tuple[str, ...] = PARTIES) -> Plannable:
    contacts = "".join(line + "\n" for line in CONTACTS.splitlines() if line[:2].upper() in ("ID", *parties))
    return small(chase(send, more=more), parties=roster(parties), contacts=contacts)


def unsent(box: Outbox, party: str = "AA") -> list[str]:
    return [slot for slot, text in box.slots(party).items() if text.startswith("scheduled")]


def test_a_plan_applied_late_sends_nothing_of_the_past() -> None:
    box = Outbox(plan("[at once, 6 weeks before, 2 weeks before, on the day]"), "2018-06-01T12:00")
    assert box.run("2018-12-01").departures() == [
        ("at-once", "2018-06-04 09:00"), ("before-2w", "2018-06-15 09:00"), ("on-day", "2018-06-29 09:00"),
    ]  # fmt: skip


def test_applying_the_same_again_changes_nothing() -> None:
    box = Outbox(plan("[at once, every 4 weeks until on the day]")).run("2018-03-01")
    assert box.apply(plan("[at once, every 4 weeks until on the day]")) == []


def test_an_edited_series_goes_on_from_the_last_letter_sent() -> None:
    box = Outbox(plan("[at once, every 4 weeks until on the day]")).run("2018-03-01")
    assert box.left() == ["at-once", "every-4w-1", "every-4w-2"]  # the last one on 27 February
    box.apply(plan("[at once, every 3 weeks until on the day]"))
    assert box.rows["small/-/ask/AA/1/aa_m/every-4w-3"].state == State.WITHDRAWN
    assert box.run("2018-12-01").departures()[3:6] == [
        ("every-3w-1", "2018-03-20 09:00"), ("every-3w-2", "2018-04-10 09:00"), ("every-3w-3", "2018-05-01 09:00"),
    ]  # fmt: skip


def test_an_edit_that_would_have_sent_already_does_not_catch_up() -> None:
    box = Outbox(plan("[at once, every 4 weeks until on the day]")).run("2018-03-20")
    box.apply(plan("[at once, every week until on the day]"))  # 6 and 13 March have passed, 20 March is today at nine
    assert box.run("2018-04-05").departures()[3:] == [
        ("every-1w-3", "2018-03-20 09:00"), ("every-1w-4", "2018-03-27 09:00"), ("every-1w-5", "2018-04-03 09:00"),
    ]  # fmt: skip


def test_a_series_edited_to_and_fro_repeats_no_key() -> None:
    box = Outbox(plan("[at once, every 4 weeks until on the day]")).run("2018-03-01")
    box.apply(plan("[at once, every 3 weeks until on the day]"))
    box.run("2018-04-11")  # 20 March, 10 April
    box.apply(plan("[at once, every 4 weeks until on the day]"))
    assert box.run("2018-06-06").departures()[5:] == [
        ("every-4w-3", "2018-05-08 09:00"),
        ("every-4w-4", "2018-06-05 09:00"),
    ]


def test_a_series_with_another_end_is_the_same_series() -> None:
    box = Outbox(plan("[every 4 weeks at most 3]")).run("2018-03-01")
    box.apply(plan("[every 4 weeks at most 4]"))
    assert box.run("2018-12-01").departures() == [
        ("every-4w-1", "2018-01-30 09:00"), ("every-4w-2", "2018-02-27 09:00"), ("every-4w-3", "2018-03-27 09:00"),
        ("every-4w-4", "2018-04-24 09:00"),
    ]  # fmt: skip


def test_an_edited_series_does_not_count_from_a_letter_to_somebody_else() -> None:
    told = "escalate: {after: 2 letters, to: boss}"
    box = Outbox(plan("[at once, every 4 weeks until on the day]", told)).run("2018-02-05")
    assert box.departures()[-1] == ("escalation", "2018-01-31 09:00")
    box.apply(plan("[at once, every 3 weeks until on the day]", told))
    assert box.run("2018-03-01").departures()[3:] == [("every-3w-1", "2018-02-20 09:00")]  # from 30 January


def test_letters_sent_under_the_old_list_count_for_the_escalation() -> None:
    told = "escalate: {after: 3 letters, to: boss}"
    box = Outbox(plan("[at once, every 4 weeks until on the day]", told)).run("2018-02-05")
    box.apply(plan("[at once, every 3 weeks until on the day]", told))
    assert box.run("2018-03-01").departures()[2:] == [
        ("every-3w-1", "2018-02-20 09:00"),
        ("escalation", "2018-02-21 09:00"),
    ]


def test_a_new_fixed_slot_whose_time_passed_is_not_sent() -> None:
    box = Outbox(plan("[2 weeks before]")).run("2018-06-01")
    box.apply(plan("[6 weeks before, 2 weeks before, on the day]"))
    assert unsent(box) == ["before-2w", "on-day"]
    assert box.run("2018-12-01").left() == ["before-2w", "on-day"]


def test_weeks_rewritten_as_days_are_the_same_letters() -> None:
    box = Outbox(plan("[6 weeks before, 2 weeks before]")).run("2018-06-01")
    assert box.apply(plan("[42 days before, 14 days before]")) == []


def test_what_is_taken_out_of_the_list_is_withdrawn_and_lives_again_when_it_is_put_back() -> None:
    box = Outbox(plan("[2 weeks before, on the day]")).run("2018-03-01")
    box.apply(plan("[on the day]"))
    assert box.slots()["before-2w"].startswith("withdrawn")
    box.run("2018-03-10")
    box.apply(plan("[2 weeks before, on the day]"))
    assert unsent(box) == ["before-2w", "on-day"]


def test_a_party_that_joins_later_begins_then() -> None:
    box = Outbox(plan("[at once, 12 weeks before, every 4 weeks until on the day]", parties=("AA", "BB"))).run(
        "2018-04-10T12:00"
    )
    sent = len(box.sent)
    box.apply(plan("[at once, 12 weeks before, every 4 weeks until on the day]"))
    assert len(box.sent) == sent
    assert list(box.slots("CC").items())[:2] == [
        ("at-once", "scheduled 2018-04-11 09:00"),
        ("every-4w-1", "scheduled 2018-05-08 09:00"),
    ]
    assert "before-12w" not in box.slots("CC")


def test_a_party_removed_from_the_roster_gets_nothing_more() -> None:
    send = "[at once, every 4 weeks until on the day]"
    box = Outbox(plan(send)).run("2018-03-01")
    box.apply(plan(send, parties=("AA", "BB")))
    assert unsent(box, "CC") == []
    assert box.run("2018-12-01").left("CC") == ["at-once", "every-4w-1", "every-4w-2"]
    assert len(box.left("BB")) > 5


def test_a_party_that_comes_back_does_not_get_again_what_it_had() -> None:
    send = "[at once, every 4 weeks until on the day]"
    box = Outbox(plan(send)).run("2018-03-01")
    box.apply(plan(send, parties=("AA", "BB")))
    box.run("2018-04-01")
    box.apply(plan(send))
    left = box.run("2018-12-01").left("CC")
    assert len(left) == len(set(left))
    assert left.count("at-once") == 1


def test_a_party_that_came_later_and_left_begins_where_it_began() -> None:
    send = "[at once, every 4 weeks until on the day]"
    box = Outbox(plan(send, parties=("AA", "BB"))).run("2018-02-05T12:00")
    box.apply(plan(send))
    box.run("2018-03-15")
    assert box.departures("CC") == [("at-once", "2018-02-06 09:00"), ("every-4w-1", "2018-03-05 09:00")]
    box.apply(plan(send, parties=("AA", "BB")))
    box.run("2018-03-20")
    box.apply(plan(send))
    assert box.run("2018-05-01").departures("CC")[2:] == [
        ("every-4w-2", "2018-04-03 09:00"),
        ("every-4w-3", "2018-04-30 09:00"),
    ]


def test_mending_a_typo_in_who_is_meant_restarts_nothing() -> None:
    send = "[at once, every 4 weeks until on the day]"
    box = Outbox(plan(send, 'to: member == "yes"')).run("2018-02-10")
    before = box.slots()
    box.apply(plan(send, 'to: member  ==  "yes"'))
    assert box.slots() == before
    box.apply(plan(send, 'to: member == "yes" or status == "candidate"'))
    assert box.slots() == before


def test_who_is_meant_only_since_the_edit_begins_with_it() -> None:
    send = "[at once, every 4 weeks until on the day]"
    parties = ("AA,AA,,yes,", "BB,BB,,no,", "CC,CC,,no,")
    members = small(chase(send, more='to: member == "yes"'), parties=roster(parties))
    box = Outbox(members).run("2018-02-10")
    box.apply(small(chase(send), parties=roster(parties)))
    assert box.departures("AA") == [("at-once", "2018-01-02 09:00"), ("every-4w-1", "2018-01-30 09:00")]
    box.run("2018-03-14")
    assert box.departures("BB") == [("at-once", "2018-02-12 09:00"), ("every-4w-1", "2018-03-12 09:00")]
    assert box.departures("AA")[2:] == [("every-4w-2", "2018-02-27 09:00")]


def test_a_step_that_is_added_begins_with_the_revision_that_has_it() -> None:
    box = Outbox(small("  print:\n    task: Print it\n    by: end\n")).run("2018-03-01T12:00")
    box.apply(plan("[at once, every 4 weeks until on the day]"))
    assert list(box.slots().items())[:2] == [
        ("at-once", "scheduled 2018-03-02 09:00"),
        ("every-4w-1", "scheduled 2018-03-29 09:00"),
    ]


def test_an_edit_before_a_party_became_a_member_changes_nothing_for_it() -> None:
    member = 'to: status == "candidate"'
    box = Outbox(plan("[at once, every 4 weeks until on the day]", member)).run("2018-02-01")
    box.apply(plan("[at once, every 3 weeks until on the day, 12 weeks before]", member))
    box.run("2018-02-14T12:00")
    box.record("status", "candidate", party="AA")
    assert list(box.slots().items())[:3] == [
        ("at-once", "scheduled 2018-02-15 09:00"),
        ("every-3w-1", "scheduled 2018-03-07 09:00"),
        ("every-3w-2", "scheduled 2018-03-28 09:00"),
    ]


def test_the_lineage_is_read_as_it_is_written() -> None:
    first = lineage.begin(plan("[at once]"), moment("2018-01-02"))
    second = lineage.advance(first, plan("[at once, on the day]", parties=("AA", "BB")), moment("2018-02-02"))
    third = lineage.advance(second, plan("[on the day]"), moment("2018-03-02"))
    for line in (first, second, third):
        assert lineage.load(lineage.dump(line)) == line
    assert third.party_since("CC") == moment("2018-01-02"), "a party has been known since it first came"
    assert third.step("ask").since == moment("2018-01-02")
    assert third.step("ask").slots == {"on-day": moment("2018-02-02")}


# The date of a step as it is written


def dated(
    by: str, *, anchors: str = "{end: {on: 2018-06-29, title: The end}}", rows: tuple[str, ...] = ("AA", "BB"),
    when: str = "2018-05", march: str = "2018-03",
) -> Plannable:  # fmt: skip
    contacts = "\n".join(CONTACTS.splitlines()[:2]) + "\n"
    steps = f"  meeting: {{event: A meeting, when: {when}}}\n" + chase("[on the day]", by=by)
    extra = f"values: {{march: {{date: settings.march}}}}\nsettings: {{march: {{value: {march}}}}}"
    return small(steps, anchors=anchors, parties=roster(rows), contacts=contacts, extra=extra)


@pytest.mark.parametrize(
    ("before", "after", "edited"),
    [
        (dated("end"), dated("end"), False),
        (dated("end"), dated("end + 1 week"), True),
        (dated("end"), dated("end", anchors="{end: {on: 2018-07-06, title: The end}}"), True),
        (dated("end"), dated("end", anchors="{end: {on: 2018-06-29, title: Its end}}"), False),
        (dated("joined", rows=("AA,AA,2018-06-01,yes,",)), dated("joined", rows=("AA,AA,2018-06-02,yes,",)), True),
        (dated("joined", rows=("AA,AA,2018-06-01,yes,",)), dated("joined", rows=("AA,AA,2018-06-01,no,",)), False),
        (dated("meeting", when="2018-05"), dated("meeting", when="2018-05"), False),
        (dated("meeting", when="2018-05"), dated("meeting", when="2018-06"), True),
        (dated("meeting", when="end - 1 week"), dated("meeting", when="end - 2 weeks"), True),
        (dated("march"), dated("march", march="2018-04"), True),
        (dated("settings.march"), dated("settings.march", march="2018-04"), True),
        (dated("settings.march"), dated("settings.march", when="2018-06"), False),
    ],
)
def test_an_edit_of_a_date_or_of_what_it_rests_on_is_known(before: Plannable, after: Plannable, edited: bool) -> None:
    first, second = moment("2018-01-02"), moment("2018-02-02")
    line = lineage.advance(lineage.begin(before, first), after, second)
    assert line.step("ask").date_since == (second if edited else first)
    same = before.workflow.steps["meeting"] == after.workflow.steps["meeting"]
    assert line.step("meeting").date_since == (first if same else second)


def test_a_lineage_of_a_version_before_says_nothing_of_dates_and_the_next_one_is_no_edit() -> None:
    first = lineage.begin(dated("end"), moment("2018-01-02"))
    old = json.loads(lineage.dump(first))
    for step in old["steps"].values():
        del step["date"], step["date_since"]
    before = lineage.load(json.dumps(old))
    assert (before.step("ask").date, before.step("ask").date_since) == ("", moment("2018-01-02"))
    after = lineage.advance(before, dated("end"), moment("2018-02-02")).step("ask")
    assert (after.date, after.date_since) == ("end; 2018-06-29", moment("2018-01-02"))


def test_a_column_is_kept_in_the_same_words_by_every_version() -> None:
    rows = [["AA", "2018-06-01"], ["BB", ""]]  # BB has none; other words, and the next version takes it for an edit
    line = lineage.begin(dated("joined", rows=("AA,AA,2018-06-01,yes,", "BB")), moment("2018-01-02"))
    assert line.step("ask").date == f"joined; {hashlib.sha256(json.dumps(rows).encode()).hexdigest()}"


def test_a_series_that_goes_on_has_no_more_letters_than_at_most() -> None:
    box = Outbox(plan("[every 3 weeks at most 4, on the day]")).run("2018-02-20")
    assert box.left() == ["every-3w-1", "every-3w-2"]
    box.apply(plan("[on the day]"))
    box.run("2018-02-22").apply(plan("[every 3 weeks at most 4, on the day]"))
    assert box.run("2018-12-01").departures()[2:] == [
        ("every-3w-3", "2018-03-06 09:00"), ("every-3w-4", "2018-03-27 09:00"), ("on-day", "2018-06-29 09:00"),
    ]  # fmt: skip


def test_a_letter_that_leaves_as_the_list_is_edited_is_one_of_the_new_list() -> None:
    """The series goes on from a letter that had left before; of one that left at that instant, nothing can be told."""
    box = Outbox(plan("[at once, every 4 weeks until on the day]")).run("2018-01-30T09:00")
    assert box.left() == ["at-once", "every-4w-1"]
    box.apply(plan("[at once, every 3 weeks until on the day]"))
    assert box.run("2018-03-01").departures()[2:] == [("every-3w-2", "2018-02-13 09:00")]  # 23 January has passed
