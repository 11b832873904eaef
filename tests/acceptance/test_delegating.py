"""A deputy is asked in the owner's place, for as long as that was given; approvals say in whose place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app.letters.approvals import approve, asked_of, refuse
from engine.app.letters.delegating import Asked, delegate, delegations, take_back, told
from engine.errors import NotFound, Refused
from engine.letter import APPROVAL_PROMPT, DIGEST, URGENT_PROMPT, Recorded
from engine.lifecycle import State
from tests.acceptance.test_digests import with_digest
from tests.installation import Installation

YEARLY = "article7-annual"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """The yearly reports; their letters of twelve weeks before wait from Friday 22 January on."""
    with Installation(tmp_path, "2026-11-20") as house:
        house.apply(YEARLY)
        yield house


def sent(house: Installation, template: str = APPROVAL_PROMPT) -> list[Recorded]:
    return [row for row in house.rows(workflow=YEARLY) if row.template == template and row.state == State.SENT]


def who_is_asked(house: Installation) -> dict[str, int]:
    roles = [role for _, role in asked_of(house.app)]
    return {role: roles.count(role) for role in dict.fromkeys(roles)}


def test_a_deputy_gets_the_prompt_of_what_waits_already(house: Installation) -> None:
    house.run_to("2027-01-25T12:00", approving=False)
    (made,) = delegate(house.app, Asked("isu", reason="away"), "anna")
    assert told(house.app, made) == "everything that reporting is asked, to isu (away)"
    house.tick("2027-01-25T12:01")
    assert [row.addressee for row in sent(house)] == ["reporting", "isu"]
    assert who_is_asked(house) == {"isu": 104}


def test_an_approval_says_in_whose_place_it_was_given(house: Installation) -> None:
    house.run_to("2027-01-25T12:00", approving=False)
    delegate(house.app, Asked("isu@example.org"), "anna")
    (first, _), (second, _), *_ = asked_of(house.app)
    approve(house.app, [first.key], "bela")
    refuse(house.app, [second.key], "not now", "bela")
    with house.app.store.read() as tx:
        approved, refused = (tx.journal_entries(letter=row.key)[-1] for row in (first, second))
    assert (approved.action, approved.actor) == ("approved", "bela")
    assert approved.detail.endswith("(asked of isu in place of reporting)")
    assert refused.detail == "refused by bela (asked of isu in place of reporting): not now"


def test_one_letter_and_one_step_are_given_alone(house: Installation) -> None:
    house.run_to("2027-01-25T12:00", approving=False)
    key = asked_of(house.app)[0][0].key
    delegate(house.app, Asked("isu", [key]), "anna")
    assert who_is_asked(house) == {"isu": 1, "reporting": 103}
    delegate(house.app, Asked("isu", step="annual"), "anna")
    assert who_is_asked(house) == {"isu": 104}


def test_what_is_taken_back_is_asked_of_the_owner_again(house: Installation) -> None:
    house.run_to("2027-01-25T12:00", approving=False)
    (made,) = delegate(house.app, Asked("isu"), "anna")
    house.tick()
    take_back(house.app, made.id, "anna")
    assert who_is_asked(house) == {"reporting": 104}
    assert delegations(house.app) == []
    house.run_to("2027-01-26T12:00", approving=False)
    assert [row.addressee for row in sent(house)] == ["reporting", "isu", "reporting"]


def test_a_deputy_for_a_time_begins_and_ends_by_itself(house: Installation) -> None:
    (made,) = delegate(house.app, Asked("isu", since="2027-01-26", until="2027-01-28", reason="leave"), "anna")
    assert told(house.app, made).endswith("to isu from 26 January 2027 until 28 January 2027 (leave)")
    house.run_to("2027-01-26T08:00", approving=False)
    assert who_is_asked(house) == {"reporting": 104}
    house.run_to("2027-01-28T18:00", approving=False)
    assert who_is_asked(house) == {"isu": 104}
    house.run_to("2027-01-29T12:00", approving=False)
    assert who_is_asked(house) == {"reporting": 104}
    mornings = [(row.addressee, f"{row.sent_at:%d %H:%M}") for row in sent(house) if row.sent_at]
    assert mornings == [("reporting", "22 08:00"), ("isu", "26 08:00"), ("reporting", "29 08:00")]
    with house.app.store.read() as tx:
        (ended,) = tx.journal_entries(action="undelegated")
    assert (ended.actor, ended.detail) == ("tick", "its time is over: reporting decides again")


def test_digest_and_urgent_prompt_go_to_whoever_decides(tmp_path: Path) -> None:
    with Installation(tmp_path, "2026-11-20") as house:
        with_digest(house, "daily")
        house.apply(YEARLY)
        delegate(house.app, Asked("isu"), "anna")
        house.run_to("2027-02-04T12:00", approving=False)
        assert {row.addressee for row in sent(house, URGENT_PROMPT)} == {"isu"}
        told_ = [house.mail_of(row.key)["Subject"] for row in sent(house, DIGEST)]
        assert not [subject for subject in told_ if "wait" in subject]
        assert [row.addressee for row in sent(house)] == ["isu"], "the deputy has no digest, so a prompt"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Asked("nobody"), "no role “nobody”"),
        (Asked("who@else.example"), "nobody in article7-annual has the address who@else.example"),
        (Asked("reporting"), "reporting is asked about this already"),
        (Asked("isu", step="anual"), "no applied plan has a step “anual”. Did you mean annual?"),
        (Asked("isu", of="nobody"), "no role “nobody”"),
        (Asked("isu", workflow="ccm-nim-2018"), "ccm-nim-2018 is not applied"),
        (Asked("isu", until="2026-11-01"), "--until: 1 November 2026 is over before it begins"),
        (Asked("isu", until="2027-01"), "is more than a day"),
        (Asked("isu", since="2027-02-01", until="2027-01-31"), "is over before it begins"),
        (Asked("isu", ["article7-annual/2027/annual/XX/1/x/on-day"]), "there is no letter"),
    ],
)
def test_what_cannot_be_given_is_refused_and_says_why(house: Installation, asked: Asked, words: str) -> None:
    with pytest.raises((Refused, NotFound), match=words.replace("(", "\\(")):
        delegate(house.app, asked, "anna")
    assert delegations(house.app) == []


def test_what_would_come_back_is_refused(house: Installation) -> None:
    delegate(house.app, Asked("isu"), "anna")
    with pytest.raises(Refused, match="reporting has given what it is asked to isu"):
        delegate(house.app, Asked("reporting", of="isu"), "bela")


def test_what_was_decided_cannot_be_given(house: Installation) -> None:
    house.run_to("2027-01-25T12:00", approving=False)
    key = asked_of(house.app)[0][0].key
    approve(house.app, [key], "anna")
    with pytest.raises(Refused, match="is approved: only what is still to be approved"):
        delegate(house.app, Asked("isu", [key]), "anna")


def test_a_deputy_whom_the_plan_has_no_more_does_not_count(house: Installation) -> None:
    house.run_to("2027-01-25T12:00", approving=False)
    delegate(house.app, Asked("isu"), "anna")
    house.edit(f"{YEARLY}.yaml", "isu: {title", "unit: {title")
    house.edit(f"{YEARLY}.yaml", "cc: [capital, isu, reporting]", "cc: [capital, unit, reporting]")
    house.apply(YEARLY)
    assert set(who_is_asked(house)) == {"reporting"}
