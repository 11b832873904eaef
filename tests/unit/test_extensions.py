"""An extension asked for beforehand, so many times at most and up to a day: what the rule says, and that a person decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.app.facts.recording import record
from engine.definition.facts import Subject
from engine.errors import Refused
from tests.installation import Installation

STEP = "ny_follow_up"
RULE = "    extensions: {asked: before, at_most: 2, until: by + 60 days}\n"


@pytest.fixture
def house(tmp_path: Path) -> Installation:
    """The note's plan, with a rule at the follow-up of the New York workshop, whose deadline is 31 March 2018."""
    house = Installation(tmp_path)
    house.edit("ccm-nim-2018.yaml", "    by: settings.by_march\n", "    by: settings.by_march\n" + RULE)
    house.apply()
    house.at("2017-09-20").record("date", "2017-10-12", step="ny_workshop")
    house.at("2017-10-16").record("attended", "yes", "FJ", "NR", step="ny_workshop", on="2017-10-12")
    return house


def extend(house: Installation, to: str, party: str = "FJ", note: str = "", *, against: bool = False) -> None:
    details = {"against_the_rule": "yes"} if against else {}
    record(house.app, "ccm-nim-2018", "extended_to", to, [Subject(party, STEP)], details=details, note=note)


def asked(house: Installation, on: str, party: str = "FJ") -> None:
    house.record("extension_asked", on, party, step=STEP)


def refused(house: Installation, to: str) -> str:
    with pytest.raises(Refused) as caught:
        extend(house, to)
    return str(caught.value)


def test_what_was_asked_for_in_time_is_given_and_another_needs_another_asking(house: Installation) -> None:
    house.at("2018-03-20")
    said = refused(house, "2018-04-30")
    assert (
        "it has to be asked for before its deadline, 31 March 2018, is over, and no extension_asked is on record"
        in said
    )
    assert "against_the_rule=yes (--against-the-rule), and a note that says why" in said
    asked(house, "2018-03-19")
    extend(house, "2018-04-30")
    assert "asked for again" in refused(house.at("2018-04-20"), "2018-05-15")
    asked(house, "2018-04-20")
    extend(house, "2018-05-15")
    asked(house.at("2018-05-10"), "2018-05-10")
    assert "at most 2, and its deadline was extended 2 times already" in refused(house, "2018-05-20")


def test_asked_too_late_and_given_too_far(house: Installation) -> None:
    house.at("2018-04-03")
    asked(house, "2018-04-02")
    said = refused(house, "2018-06-30")
    assert "was asked for on 2 April 2018" in said
    assert "to 30 May 2018 at the latest (by + 60 days)" in said


def test_a_person_gives_it_all_the_same_with_a_reason_that_stays_on_record(house: Installation) -> None:
    house.at("2018-04-03")
    with pytest.raises(Refused, match="extended_to against the rule takes a reason"):
        extend(house, "2018-07-31", against=True)
    extend(house, "2018-07-31", against=True, note="the ministry burned down")
    with house.app.store.read() as tx:
        entry = next(each for each in tx.journal_entries(party="FJ") if "extended_to" in each.detail)
    assert entry.detail == "extended_to 2018-07-31, against_the_rule yes: the ministry burned down"
    rounds = {row.round for row in house.rows(step=STEP, party="FJ") if row.state == "scheduled"}
    assert rounds == {2}


def test_a_step_without_a_rule_leaves_it_to_a_person(house: Installation) -> None:
    house.at("2018-03-20")
    record(house.app, "ccm-nim-2018", "extended_to", "2018-12-01", [Subject("NR", "auckland_follow_up")])


def test_an_extension_after_the_last_reminder_brings_a_new_round_with_its_own_day(house: Installation) -> None:
    """The letters of the new round name the new deadline; the others go on as they did, and nothing leaves twice."""
    house.run_to("2018-04-16")
    before = [row.key for row in house.rows(step=STEP, party="FJ") if row.state == "sent"]
    others = {row.key: row.due_at for row in house.rows(step=STEP, party="NR")}
    extend(house, "2018-05-25", note="by telephone", against=True)
    house.run_to("2018-05-26")
    new = [row for row in house.rows(step=STEP, party="FJ") if row.round == 2 and row.state == "sent"]
    assert {row.slot for row in new} == {"every-4w-1", "before-2w", "on-day"} or {row.slot for row in new} == {
        "before-2w",
        "on-day",
    }
    assert all("25 May 2018" in row.subject for row in new)
    assert [row.key for row in house.rows(step=STEP, party="FJ") if row.state == "sent" and row.round == 1] == before
    assert {row.key: row.due_at for row in house.rows(step=STEP, party="NR")} == others


def test_what_a_rehearsal_says_is_what_is_done_and_it_keeps_nothing(house: Installation) -> None:
    house.at("2018-03-20")
    asked(house, "2018-03-19")
    given = (house.app, "ccm-nim-2018", "extended_to", "2018-04-30", [Subject("FJ", STEP)])
    tried = record(*given, rehearse=True)
    with house.app.store.read() as tx:
        assert not [fact for fact in tx.load_facts("ccm-nim-2018") if fact.name == "extended_to"]
    done = record(*given)
    assert tried.changes
    assert tried.effect == done.effect
