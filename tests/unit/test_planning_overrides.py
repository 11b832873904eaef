"""What is done otherwise for one party: to whom it is written, at which pace, with approval or not; and opting out."""

from __future__ import annotations

import pytest

from engine.definition.workflow import Plannable
from engine.errors import BadInput
from engine.planning.world.history import Past
from engine.rendering.compose import Composer
from tests.letter_samples import MATERIALS
from tests.planning_model import Outbox, chase, small

SENDS = "[at once, every 3 weeks until 4 weeks before, 2 weeks before, on the day, 2 weeks after]"
GENTLE = "paces: {gentle: [at once, every 8 weeks until on the day], rare: [on the day]}"
CONTACTS = """\
id,party,post,name,address,timezone
aa_m,AA,mission,Mission of AA,aa@mission.example,
aa_c,AA,capital,Ministry of AA,aa@capital.example,Asia/Kathmandu
aa_d,AA,capital,Desk of AA,desk@capital.example,Asia/Kathmandu
bb_m,BB,mission,Mission of BB,bb@mission.example,
cc_m,CC,mission,Mission of CC,cc@mission.example,
"""
MEETING = """\
  meeting:
    event: A meeting
    when: 2018-05-15
    invite: member == "yes"
    invitations: [at once, 4 weeks before, 2 days before]
    approval: none
"""


def plan(send: str = SENDS, more: str = GENTLE, steps: str = "") -> Plannable:
    return small(chase(send, more=more) + steps, contacts=CONTACTS)


def box(until: str, **given: str) -> Outbox:
    return Outbox(plan(**given)).run(until)


def sent(house: Outbox, party: str = "AA", step: str = "ask") -> list[str]:
    return [
        f"{each.letter.addressee} {each.letter.slot} {each.local[:10]}"
        for each in house.sent
        if (each.letter.party, each.letter.step) == (party, step)
    ]


def nothing_twice(house: Outbox) -> None:
    keys = [each.letter.key for each in house.sent]
    assert len(keys) == len(set(keys))


def test_another_pace_goes_on_from_the_last_letter_and_repeats_nothing() -> None:
    house = box("2018-02-20")
    before = sent(house)
    assert [each.split()[1] for each in before] == ["at-once", "every-3w-1", "every-3w-2"]
    house.record("pace", "gentle", party="AA", step="ask")
    house.run("2018-08-01")
    # eight weeks from 13 February, the last letter, and from there on; at once is not sent again
    assert sent(house)[3:] == ["aa_m every-8w-1 2018-04-10", "aa_m every-8w-2 2018-06-05"]
    assert house.slots()["before-2w"].startswith("withdrawn")
    assert [each.split()[1] for each in sent(house, "BB")][-3:] == ["before-2w", "on-day", "after-2w"]
    nothing_twice(house)


def test_back_to_the_usual_pace_by_taking_back_or_by_name() -> None:
    for how in ("taken back", "usual"):
        house = box("2018-02-20")
        pace = house.record("pace", "gentle", party="AA", step="ask")
        house.run("2018-05-01")
        assert sent(house)[-1] == "aa_m every-8w-1 2018-04-10"
        if how == "usual":
            house.record("pace", "usual", party="AA", step="ask")
        else:
            house.retract(pace)
        house.run("2018-08-01")
        tail = [each.split()[1] for each in sent(house)[4:]]
        assert tail == ["every-3w-3", "every-3w-4", "before-2w", "on-day", "after-2w"], how
        nothing_twice(house)


def test_a_pace_for_a_party_at_all_holds_where_a_step_has_it_and_the_steps_own_goes_before() -> None:
    house = box("2018-01-03")
    house.record("pace", "rare", party="AA")
    house.record("pace", "usual", party="BB", step="ask")
    house.record("pace", "rare", party="BB")
    house.run("2018-08-01")
    assert [each.split()[1] for each in sent(house)] == ["at-once", "on-day"]
    assert len(sent(house, "BB")) > 3


def test_a_pace_that_an_edit_removes_counts_as_the_usual_one() -> None:
    house = box("2018-02-20")
    house.record("pace", "gentle", party="AA", step="ask")
    house.apply(plan(more="paces: {rare: [on the day]}"))
    house.run("2018-08-01")
    assert [each.split()[1] for each in sent(house)][-3:] == ["before-2w", "on-day", "after-2w"]
    nothing_twice(house)


def test_a_pace_has_slots_of_its_own_in_the_lineage() -> None:
    house = box("2018-02-20")
    house.record("pace", "gentle", party="AA", step="ask")
    house.run("2018-03-01").apply(
        plan(more="paces: {gentle: [at once, every 8 weeks until on the day, 2 weeks before]}")
    )
    house.run("2018-08-01")
    assert [each.split()[1] for each in sent(house)][3:] == ["every-8w-1", "every-8w-2", "before-2w"]
    nothing_twice(house)


def test_another_addressee_gets_what_is_still_to_come_at_its_own_hour() -> None:
    house = box("2018-02-20")
    house.record("write_to", "aa_c", party="AA", step="ask")
    house.run("2018-08-01")
    after = sent(house)[3:]
    assert {each.split()[0] for each in after} == {"aa_c"}
    assert [each.split()[1] for each in after][-3:] == ["before-2w", "on-day", "after-2w"]
    assert {each.letter.zone for each in house.sent if each.letter.addressee == "aa_c"} == {"Asia/Kathmandu"}
    assert {
        row.state for row in house.rows.values() if row.addressee == "aa_m" and row.due_at > house.at("2018-02-20")
    } == {"withdrawn"}
    nothing_twice(house)


def test_a_post_means_each_contact_there_and_an_event_follows() -> None:
    house = box("2018-01-03", steps=MEETING)
    house.record("write_to", "capital", party="AA")
    house.run("2018-08-01")
    invited = [each.split() for each in sent(house, step="meeting")]
    assert {(who, slot) for who, slot, _ in invited if slot != "at-once"} == {
        (who, slot) for who in ("aa_c", "aa_d") for slot in ("before-4w", "before-2d")
    }
    assert {each.split()[0] for each in sent(house)[1:]} == {"aa_c", "aa_d"}
    assert {each.split()[0] for each in sent(house, "BB", "meeting")} == {"bb_m"}


def test_where_the_chosen_contact_is_gone_it_waits_and_says_so() -> None:
    house = box("2018-01-03")
    house.record("write_to", "aa_d", party="AA", step="ask")
    house.apply(
        small(
            chase(SENDS, more=GENTLE),
            contacts=CONTACTS.replace("aa_d,AA,capital,Desk of AA,desk@capital.example,Asia/Kathmandu\n", ""),
        )
    )
    waiting = [letter for letter in house.letters() if letter.party == "AA" and letter.state == "waiting"]
    assert [letter.reason for letter in waiting] == [
        "AA is to be written to at “aa_d”, and has no such contact: name another, or add it to the contacts file"
    ]


def test_approval_for_one_party_asks_about_what_is_still_to_come() -> None:
    house = box("2018-01-10")
    approval = house.record("approval", "required", party="AA", step="ask")
    rows = [row for row in house.rows.values() if row.step == "ask" and row.state == "scheduled"]
    assert {row.party: row.approval for row in rows} == {"AA": True, "BB": False, "CC": False}
    house.retract(approval)
    assert not any(row.approval for row in house.rows.values())


def test_the_letters_of_a_step_are_in_the_language_recorded_for_it() -> None:
    house = box("2018-01-10")
    language = house.record("language", "fr", party="AA", step="ask")
    house.record("language", "es", party="AA")

    def languages() -> set[str]:
        letters = [letter for letter in house.letters() if letter.party == "AA" and letter.due_at]
        return {Composer(house.planner, MATERIALS).context(letter).to.language for letter in letters}

    assert languages() == {"fr"}
    house.retract(language)
    assert languages() == {"es"}


def test_who_opted_out_gets_no_more_and_no_thanks_until_it_is_taken_back() -> None:
    house = box("2018-05-01", more="optional: yes\nthanks: thank_you\n" + GENTLE)
    before = sent(house)
    out = house.record("opted_out", "yes", party="AA", step="ask")
    (silence,) = [each for each in house.planner.silences("AA") if each.step == "ask"]
    assert silence.reason == "AA has opted out"
    assert house.planner.deadlines("AA") == []
    house.run("2018-06-05")
    house.retract(out)
    house.run("2018-06-20")
    assert sent(house) == [*before, "aa_m before-2w 2018-06-15"]
    house.record("opted_out", "yes", party="AA", step="ask")
    house.record("report", "2018-06-20", party="AA")
    house.record("report", "2018-06-20", party="BB")
    house.run("2018-08-01")
    assert sent(house)[-1] == "aa_m before-2w 2018-06-15", "whoever opted out is not thanked either"
    assert sent(house, "BB")[-1].split()[1] == "thanks"


def test_who_is_exempt_is_not_thanked_for_what_comes_all_the_same() -> None:
    house = box("2018-05-01", more="thanks: thank_you")
    before = sent(house)
    house.record("exempt", "yes", party="AA", step="ask")
    house.run("2018-05-05").record("report", "2018-05-04", party="AA")
    house.run("2018-08-01")
    assert sent(house) == before


def test_opting_out_counts_only_while_the_plan_allows_it() -> None:
    house = box("2018-05-01", more="optional: yes")
    house.record("opted_out", "yes", party="AA", step="ask")
    house.apply(plan(more=""))
    house.run("2018-08-01")
    assert sent(house)[-1] == "aa_m after-2w 2018-07-13"


def test_pace_of_a_party_that_is_written_to_later_sends_nothing_of_before() -> None:
    """A slot of the pace whose time passed before the pace was recorded is not sent (G4)."""
    house = box("2018-06-20", more="paces: {strict: [3 weeks before, 1 week before, on the day]}")
    house.record("pace", "strict", party="AA", step="ask")
    house.run("2018-08-01")
    assert [each.split()[1] for each in sent(house) if each.split()[2] > "2018-06-20"] == ["before-1w", "on-day"]
    assert isinstance(next(iter(house.planner.history.of("ask", None, "AA"))), Past)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("paces: {usual: [on the day]}", "“usual” is what “send” says"),
        ("paces: {gentle: [on the day, on the day]}", "“on the day” is the same as “on the day” before it"),
        ("optional: maybe", "expected yes or no, found “maybe”"),
        ("extensions: {}", "this rule allows everything"),
        ("extensions: {at_most: 0}", "at most 0 extensions are none at all"),
        ("extensions: {asked: soon}", "“soon” does not say until when an extension is asked for"),
        ("extensions: {until: bye + 3 days}", "there is no date “bye”"),
        ("grace: a week", "“a week” is not a length of time"),
    ],
)
def test_what_is_wrong_in_the_plan_is_said(more: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        plan(more=more)
    assert any(said in problem.message for problem in caught.value.problems), caught.value.problems


def test_each_pace_needs_its_templates() -> None:
    steps = chase("[on the day]", more="paces: {long: [2 weeks after]}").replace(
        "letter: nudge", "letters: {on the day: nudge}"
    )
    with pytest.raises(BadInput, match="there is no template for what is sent “after”"):
        small(steps)


def test_what_was_sent_that_day_is_not_sent_again_to_the_other_who_wakes_later() -> None:
    later = CONTACTS.replace("aa@capital.example,Asia/Kathmandu", "aa@capital.example,America/New_York")
    house = Outbox(small(chase(SENDS, more=GENTLE), contacts=later)).run("2018-01-02T09:30")
    assert [each.split()[:2] for each in sent(house)] == [["aa_m", "at-once"]]
    house.record("write_to", "aa_c", party="AA", step="ask")
    house.run("2018-08-01")
    slots = [each.split()[1] for each in sent(house)]
    assert len(slots) == len(set(slots))
    assert [each.split()[1] for each in sent(house, "BB")] == slots
