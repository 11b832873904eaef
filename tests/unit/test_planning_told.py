"""Who was told what day, and how that stands to the day that holds now: of a deadline, of an event, in each year."""

from __future__ import annotations

import pytest

from engine.definition.dates import parse_span
from engine.planning.told import Holds, Told, asking_about_told, day_told, moved_steps, told, wrong_first
from engine.planning.world.history import past
from tests.planning_model import Outbox, chase, roster, small
from tests.unit.test_planning_two_cycles import two

CONTACTS = """\
id,party,post,name,address,timezone
aa_m,AA,mission,Mission of AA,m@aa.example,
aa_n,AA,mission,Another of AA,n@aa.example,
bb_m,BB,mission,Mission of BB,m@bb.example,
cc_m,CC,mission,Mission of CC,m@cc.example,
"""
MEETING = """\
  meeting:
    event: A meeting
    when: 2018-05-22
    invite: member
    invitations: [4 weeks before]
    letter: invitation
    approval: none
"""
OTHER = """\
  other:
    task: Another thing
    by: end
"""
ASK = "small/-/ask"


def outbox(more: str = "", steps: str = MEETING + OTHER) -> Outbox:
    """By 18 May everybody was told 29 June, and by 24 April 22 May."""
    return Outbox(small(chase("[6 weeks before, on the day]", more=more) + steps, contacts=CONTACTS)).run(
        "2018-05-21T12:00"
    )


def said(box: Outbox, party: str = "AA", step: str | None = "ask") -> list[tuple[str, str, str, str]]:
    found = told(box.planner, party, {step} if step else None)
    return [
        (f"{each.step} {each.addressee} {each.slot}", day_told(each.day), str(each.holds), each.why) for each in found
    ]


def test_what_each_was_told_is_still_so_at_first() -> None:
    box = outbox()
    june, may = parse_span("2018-06-29"), parse_span("2018-05-22")
    asked = [
        (row.addressee, row.key, row.sent_at)
        for row in box.rows.values()
        if (row.party, row.slot) == ("AA", "before-6w")
    ]
    assert told(box.planner, "AA") == [
        *(
            Told("ask", None, "AA", who, "before-6w", key, at, june, june, Holds.STILL_SO)
            for who, key, at in asked if at is not None
        ),
        *(
            Told(
                "meeting", None, "AA", who, "before-4w", f"small/-/meeting/AA/1/{who}/before-4w",
                box.at("2018-04-24T09:00"), may, may, Holds.STILL_SO,
            )
            for who in ("aa_m", "aa_n")
        ),
    ]  # fmt: skip
    assert [each.addressee for each in told(box.planner, "AA", {"ask"})] == ["aa_m", "aa_n"]
    assert told(box.planner, "AA", frozenset({"other"})) == []
    assert (moved_steps(box.planner), asking_about_told(box.planner)) == ([], [])


def test_of_a_day_that_moved_those_who_know_another_come_first() -> None:
    box = outbox()
    box.record("report", "2018-05-20", party="BB")
    box.record("extended_to", "2018-08-31", party="CC", step="ask")
    box.record("date", "2018-07-27", anchor="end")
    assert said(box) == [
        ("ask aa_m before-6w", "29 June 2018", "otherwise", ""), ("ask aa_n before-6w", "29 June 2018", "otherwise", ""),
    ]  # fmt: skip
    assert said(box, "BB") == [("ask bb_m before-6w", "29 June 2018", "settled", "done: report, true on 2018-05-20")]
    assert said(box, "CC") == [("ask cc_m before-6w", "29 June 2018", "extended", "")]
    (of_cc,) = told(box.planner, "CC", {"ask"})
    assert (of_cc.now, of_cc.wrong) == (parse_span("2018-08-31"), False)
    everybody = [each for party in ("BB", "CC", "AA") for each in told(box.planner, party)]
    assert [(each.party, each.wrong) for each in wrong_first(everybody)] == [
        ("AA", True), ("AA", True), ("CC", False), *[(party, False) for party in ("BB", "CC", "AA", "AA")], ("BB", False),
    ]  # fmt: skip
    assert (moved_steps(box.planner), asking_about_told(box.planner)) == (["ask"], ["ask"])
    assert asking_about_told(outbox("corrected: deadline_moved").planner) == []


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [("exempt", "yes", "AA is exempt"), ("unreachable", "m@aa.example", "aa_m is not written to any more")],
)
def test_to_whom_it_does_not_matter_any_more(name: str, value: str, why: str) -> None:
    box = outbox()
    if name == "unreachable":
        box.record(name, value, contact="aa_m")
    else:
        box.record(name, value, party="AA", step="ask")
    box.record("date", "2018-07-27", anchor="end")
    first, second = said(box)
    assert first == ("ask aa_m before-6w", "29 June 2018", "settled", why)
    assert second[2:] == (("settled", why) if name == "exempt" else ("otherwise", ""))


def test_a_day_that_is_not_fixed_and_one_that_has_passed() -> None:
    box = outbox()
    box.record("date", "2018-07", anchor="end")
    assert said(box) == [
        ("ask aa_m before-6w", "29 June 2018", "not fixed", ""), ("ask aa_n before-6w", "29 June 2018", "not fixed", ""),
    ]  # fmt: skip
    assert [each.now for each in told(box.planner, "AA", {"ask"})] == [parse_span("2018-07-31")] * 2


@pytest.mark.parametrize(
    ("facts", "at", "holds", "now", "why"),
    [
        ([], "2018-05-22T23:00", "still so", "22 May 2018", ""),
        ([], "2018-05-23", "settled", "22 May 2018", "its day has passed"),
        ([("date", "2018-06-12")], "2018-05-22", "otherwise", "12 June 2018", ""),
        ([("date", "2018-06")], "2018-05-22", "not fixed", "June 2018", ""),
        ([("cancelled", "yes")], "2018-05-22", "otherwise", "that it is off", ""),
        ([("cancelled", "yes")], "2018-05-23", "otherwise", "that it is off", ""),
        ([("held", "yes")], "2018-05-22", "settled", "22 May 2018", "it was held"),
    ],
)
def test_of_an_event(facts: list[tuple[str, str]], at: str, holds: str, now: str, why: str) -> None:
    box = outbox()
    for name, value in facts:
        box.record(name, value, step="meeting")
    box.planner.at(box.at(at))
    found = told(box.planner, "BB", {"meeting"})
    assert [(each.day and str(each.day), str(each.holds), day_told(each.now), each.why) for each in found] == [
        ("2018-05-22", holds, now, why)
    ]
    assert moved_steps(box.planner) == (["meeting"] if facts and facts[0][0] != "held" else [])


def test_who_was_told_that_it_is_off_and_then_that_it_is_on() -> None:
    box = outbox()
    off = box.record("cancelled", "yes", step="meeting")
    box.run("2018-05-22T08:00")
    assert said(box, "BB", "meeting") == [("meeting bb_m before-4w", "22 May 2018", "otherwise", "")]
    box.run("2018-05-22T12:00")
    assert said(box, "BB", "meeting") == [("meeting bb_m cancelled-1", "that it is off", "still so", "")]
    box.retract(off)
    assert said(box, "BB", "meeting") == [("meeting bb_m cancelled-1", "that it is off", "otherwise", "")]


def test_each_year_has_told_its_own_day() -> None:
    box = Outbox(two(send="    send: [56 weeks before, 2 weeks before]\n")).go_on("2018-04-20")
    box.record("extended_to", "2019-06-28", party="AA", step="annual", cycle="2019")
    found = told(box.planner, "AA")
    assert [(each.cycle, day_told(each.day), day_told(each.now), str(each.holds)) for each in found] == [
        ("2018", "30 April 2018", "30 April 2018", "still so"), ("2019", "30 April 2019", "28 June 2019", "extended"),
    ]  # fmt: skip
    assert moved_steps(box.planner) == []
    longer = box.record("extended_to", "2018-06-29", party="BB", step="annual", cycle="2018")
    box.go_on("2018-04-22").retract(longer)
    assert (moved_steps(box.planner), asking_about_told(box.planner)) == (["annual"], ["annual"])


def test_of_a_letter_that_keeps_no_day_it_is_the_one_as_it_was_known_when_it_left() -> None:
    """A version before sent it, or a person: what holds for the party, its own day and its extension, is what it told."""
    rows = roster(["AA,AA,2018-06-15,yes,", "BB,BB,2018-06-29,yes,", "CC,CC,,yes,"])
    box = Outbox(small(chase("[6 weeks before, 5 weeks before]", by="joined") + MEETING, parties=rows)).run(
        "2018-05-12T12:00"
    )
    longer = box.record("extended_to", "2018-06-29", party="AA", step="ask")
    box.run("2018-05-21T12:00")
    box.record("date", "2018-06-12", step="meeting")
    for row in box.rows.values():
        box.planner.history.put(past(row._replace(told=None)))
    assert [said(box, party) for party in ("AA", "BB")] == [
        [("ask aa_m before-6w", "29 June 2018", "still so", "")], [("ask bb_m before-6w", "29 June 2018", "still so", "")],
    ]  # fmt: skip
    assert said(box, "AA", "meeting") == [("meeting aa_m before-4w", "22 May 2018", "otherwise", "")]
    box.retract(longer)
    assert said(box) == [("ask aa_m before-6w", "29 June 2018", "otherwise", "")]
    cancelled = box.record("cancelled", "yes", step="meeting")
    box.run("2018-05-22T12:00").retract(cancelled)
    for row in box.rows.values():
        box.planner.history.put(past(row._replace(told=None)))
    assert said(box, "BB", "meeting")[0][:3] == ("meeting bb_m cancelled-1", "that it is off", "otherwise")
