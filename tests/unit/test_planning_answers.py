"""An answer that waits for a decision holds a follow-up back; mail that comes back is not written to again."""

from __future__ import annotations

import pytest

from engine.lifecycle import State
from tests.planning_model import Outbox, chase, small

SENDS = "[at once, every 3 weeks until 4 weeks before, 2 weeks before, on the day, 2 weeks after]"
# at-once 3 January, every three weeks from there; 15 June is two weeks before the end, 29 June.
CONTACTS = """\
id,party,post,name,address,timezone
aa_m,AA,mission,Mission of AA,m@aa.example,
aa_n,AA,ny_mission,New York mission of AA,n@aa.example,
aa_c,AA,capital,Ministry of AA,c@aa.example,
bb_m,BB,mission,Mission of BB,m@bb.example,
cc_m,CC,mission,Mission of CC,m@cc.example,
"""


def chased(until: str, send: str = SENDS, more: str = "") -> Outbox:
    return Outbox(small(chase(send, more=more), contacts=CONTACTS)).run(until)


def sent(box: Outbox, party: str = "AA") -> list[str]:
    return [f"{each.letter.slot} {each.local[:10]}" for each in box.sent if each.letter.party == party]


def row(box: Outbox, slot: str, addressee: str = "aa_m") -> tuple[str, str]:
    found = next(row for row in box.rows.values() if (row.slot, row.addressee) == (slot, addressee))
    return found.state, found.reason


def test_an_answer_holds_back_that_party_alone_until_somebody_decides() -> None:
    box = chased("2018-06-01")
    before = sent(box)
    box.record("answered", "yes", party="AA", step="ask")
    assert row(box, "before-2w") == (State.WITHDRAWN, "an answer from AA (1 June 2018) waits for a decision")
    box.run("2018-06-20")
    assert sent(box) == before
    assert "before-2w 2018-06-15" in sent(box, "BB")
    waiting = {letter.slot for letter in box.letters() if letter.party == "AA" and letter.state == State.WAITING}
    assert {"on-day", "after-2w"} <= waiting


def test_what_fell_due_meanwhile_comes_once_after_the_decision() -> None:
    box = chased("2018-02-10")
    before = sent(box)
    box.record("answered", "yes", party="AA", step="ask")
    box.run("2018-04-05T15:00").record("answered", "no", party="AA", step="ask")
    box.run("2018-04-24")
    # of 13 February, 6 and 27 March the last comes, on the next morning; then it goes on as before
    assert sent(box)[len(before) :] == ["every-3w-4 2018-04-06", "every-3w-5 2018-04-17"]


def test_what_was_due_and_had_not_left_is_held_back_and_comes_after_the_decision() -> None:
    send = "[2 weeks before]"
    box = Outbox(small(chase(send, more="approval: required").replace("    approval: none\n", ""), contacts=CONTACTS))
    box.now = box.at("2018-06-15T09:30")
    box.planner.at(box.now)
    assert box.slots()["before-2w"].startswith("scheduled"), "due at nine, and still here"
    box.record("answered", "yes", party="AA", step="ask")
    assert box.slots()["before-2w"].startswith("withdrawn")
    box.now = box.at("2018-06-18T12:00")
    box.record("answered", "no", party="AA", step="ask")
    assert box.slots()["before-2w"] == "scheduled 2018-06-19 09:00"


def test_a_second_answer_does_not_end_the_pause_and_a_second_no_changes_nothing() -> None:
    box = chased("2018-06-01")
    box.record("answered", "yes", party="AA", step="ask")
    box.run("2018-06-05").record("answered", "yes", party="AA", step="ask")
    assert "(1 June 2018)" in row(box, "on-day")[1]
    box.run("2018-06-06").record("answered", "no", party="AA", step="ask")
    live = box.slots()
    box.run("2018-06-07").record("answered", "no", party="AA", step="ask")
    assert box.slots() == live
    assert live["before-2w"] == "scheduled 2018-06-15 09:00"


def test_wait_until_a_day_is_a_snooze_that_begins_where_the_answer_ends() -> None:
    box = chased("2018-02-10")
    box.record("answered", "yes", party="AA", step="ask")
    box.run("2018-03-10")
    box.record("snoozed_until", "2018-04-25", party="AA", step="ask")
    box.record("answered", "no", party="AA", step="ask")
    box.run("2018-05-20")
    left = [each.split()[-1] for each in sent(box) if each.split()[-1] >= "2018-02-10"]
    assert left[0] == "2018-04-25"
    assert len(left) == len(set(left))


def test_thanks_are_not_held_back() -> None:
    box = chased("2018-02-10", more="thanks: thank_you")
    box.record("answered", "yes", party="AA", step="ask")
    box.run("2018-02-12").record("report", "2018-02-12", party="AA")
    box.run("2018-02-20")
    assert sent(box)[-1] == "thanks 2018-02-12"


def test_nobody_is_told_without_an_answer_while_one_is_looked_at() -> None:
    box = chased("2018-02-13", more="escalate: {after: 3 letters, to: boss}")
    box.record("answered", "yes", party="AA", step="ask")
    box.run("2018-04-10")
    assert [each for each in sent(box) if each.startswith("escalation")] == []
    assert [each for each in sent(box, "BB") if each.startswith("escalation")] != []
    box.record("answered", "no", party="AA", step="ask")
    box.run("2018-06-28")
    assert len([each for each in sent(box) if each.startswith("escalation")]) == 1


def test_mail_that_came_back_goes_to_the_next_post_and_is_not_repeated() -> None:
    box = chased("2018-06-01")
    first = next(row for row in box.rows.values() if row.slot == "at-once" and row.party == "AA")
    box.bounce(first, "m@aa.example")
    assert row(box, "before-2w") == (State.WITHDRAWN, "another contact of the party is written to instead")
    box.run("2018-06-20")
    assert [(each.letter.slot, each.letter.addressee) for each in box.sent if each.letter.party == "AA"][-1] == (
        "before-2w", "aa_n",
    )  # fmt: skip
    assert [key for key in box.rows if key.endswith("aa_n/at-once")] == [], "what came back is not sent again by itself"


def test_who_is_left_with_no_address_waits_for_a_person() -> None:
    box = chased("2018-06-01")
    for contact, address in (("aa_m", "m@aa.example"), ("aa_n", "N@aa.example"), ("aa_c", "c@aa.example")):
        box.record("unreachable", address, contact=contact)
    (letter,) = [letter for letter in box.letters() if letter.party == "AA"]
    assert letter.state == State.WAITING
    assert letter.reason.startswith("mail to AA comes back from aa_m (m@aa.example), aa_n")
    assert row(box, "before-2w", "aa_c")[1] == letter.reason
    box.record("address", "new@aa.example", contact="aa_c")
    box.run("2018-06-20")
    assert [each.letter.addressee for each in box.sent if each.letter.party == "AA"][-1] == "aa_c"


@pytest.mark.parametrize("again", ["other@aa.example", "m@aa.example"])
def test_an_address_that_is_given_again_holds_also_the_same_one(again: str) -> None:
    box = chased("2018-06-01")
    box.record("unreachable", "m@aa.example", contact="aa_m")
    box.run("2018-06-04").record("address", again, contact="aa_m")
    box.run("2018-06-20")
    assert [each.letter.addressee for each in box.sent if each.letter.party == "AA"][-1] == "aa_m"


def test_a_bounce_of_an_address_that_was_corrected_meanwhile_changes_nothing() -> None:
    box = chased("2018-06-01")
    box.record("address", "other@aa.example", contact="aa_m")
    slots = box.slots()
    box.record("unreachable", "m@aa.example", contact="aa_m")
    assert box.slots() == slots


def test_a_bounce_that_is_taken_back_goes_on_as_before() -> None:
    box = chased("2018-06-01")
    bounced = box.record("unreachable", "m@aa.example", contact="aa_m")
    box.run("2018-06-04").retract(bounced)
    box.run("2018-06-20")
    assert [each.letter.addressee for each in box.sent if each.letter.party == "AA"][-1] == "aa_m"


def test_what_came_back_is_not_thanked_for_and_does_not_count_as_unanswered() -> None:
    box = Outbox(small(chase("[at once, 2 weeks before]", more="thanks: thank_you"))).run("2018-06-01")
    first = next(row for row in box.rows.values() if row.slot == "at-once" and row.party == "AA")
    box.bounce(first, "aa@mission.example")
    box.record("address", "good@aa.example", contact="aa_m")
    box.record("report", "2018-06-01", party="AA")
    box.run("2018-06-20")
    assert [each for each in sent(box) if each.startswith("thanks")] == []
