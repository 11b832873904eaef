"""Going live, a person's no, and what was mailed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app.letters.approvals import approve, refuse
from engine.app.letters.golive import go_live, leaving_soon, letter_sent, live_since, refuse_rehearsal
from engine.errors import Refused
from engine.lifecycle import State
from tests.installation import NOTE, Installation, plain
from tests.support import moment

FOLLOW_UP = "ny_follow_up"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as house:
        house.apply()
        house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
        house.at("2017-10-16T12:00").record("held", "yes", step="ny_workshop", on="2017-10-12")
        house.record("attended", "yes", "TG", "FJ", step="ny_workshop")
        yield house


def test_a_rehearsal_does_not_count_and_the_past_is_not_sent(house: Installation) -> None:
    house.run_to("2018-01-08T12:00")
    before = {row.slot: row.state for row in house.rows(step=FOLLOW_UP, party="TG") if row.addressee == "tg_mission"}
    assert before["every-4w-1"] == State.SENT
    assert {row.slot for row in leaving_soon(house.app) if row.party == "TG"} == {"every-4w-3"}
    live = go_live(house.app, "tester")
    assert live.rehearsed > 0
    assert live_since(house.app) == house.clock.now()
    after = {row.slot: row for row in house.rows(step=FOLLOW_UP, party="TG") if row.addressee == "tg_mission"}
    assert after["every-4w-1"].state == State.MISSED
    assert "before going live" in after["every-4w-1"].reason
    assert after["every-4w-3"].state in (State.SCHEDULED, State.AWAITING_APPROVAL)
    with pytest.raises(Refused, match="live already"):
        go_live(house.app, "tester")


def test_nobody_is_thanked_for_what_only_a_rehearsal_asked(house: Installation) -> None:
    house.run_to("2018-01-08T12:00")
    go_live(house.app, "tester")
    house.record("report", "2018-01-08", "TG", details={"form_a": "substantive"})
    assert not [row for row in house.rows(step=FOLLOW_UP, party="TG") if row.slot == "thanks"]


def test_a_live_plan_is_not_rehearsed_by_mistake(house: Installation) -> None:
    """Letters into the built-in mailbox would count as sent, and reach nobody."""
    refuse_rehearsal(house.app)
    go_live(house.app, "tester")
    with pytest.raises(Refused, match="live since 2017-10-16, and FOLLOWTHROUGH_CHANNEL is “mailbox”"):
        refuse_rehearsal(house.app)


def test_with_nothing_applied_there_is_nothing_to_go_live_with(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        with pytest.raises(Refused, match="no plan is applied"):
            go_live(house.app, "tester")
        assert live_since(house.app) is None


def test_what_leaves_soon_is_shown_with_its_addressee_and_subject(house: Installation) -> None:
    house.run_to("2018-01-08T12:00")
    shown = [row for row in leaving_soon(house.app) if row.party == "TG"]
    assert shown
    assert all("@" in row.to and "Togo" in row.subject for row in shown if row.addressee.startswith("tg_"))


def test_a_rehearsed_letter_can_be_recorded_as_mailed_once_live(house: Installation) -> None:
    house.run_to("2018-01-08T12:00")
    sent = next(row for row in house.rows(step=FOLLOW_UP, party="TG") if row.state == State.SENT)
    with pytest.raises(Refused, match="after “followthrough go-live” it can be recorded"):
        letter_sent(house.app, sent.key, house.clock.now(), "", "tester")
    go_live(house.app, "tester")
    assert letter_sent(house.app, sent.key, house.clock.now(), "", "tester").channel == "hand"


@pytest.mark.parametrize("reason", ["", " \n ", "\u202e"])
def test_a_no_needs_a_reason(house: Installation, reason: str) -> None:
    with pytest.raises(Refused, match="say why"):
        refuse(house.app, [row.key for row in house.rows()[:1]], reason, "anna")


def test_what_was_mailed_by_hand_is_recorded_and_not_sent_again(house: Installation) -> None:
    house.run_to("2018-01-08T12:00")
    go_live(house.app, "tester")
    key = f"{NOTE}/-/{FOLLOW_UP}/TG/1/tg_mission/every-4w-2"
    sent = letter_sent(house.app, key, moment("2017-12-21T10:00"), "from my own account", "tester")
    assert (sent.state, sent.channel, sent.sent_at) == (State.SENT, "hand", moment("2017-12-21T10:00"))
    house.record("report", "2018-01-08", "TG", details={"form_a": "substantive"})
    assert [row.slot for row in house.rows(step=FOLLOW_UP, party="TG") if row.slot == "thanks"] == ["thanks"]
    with pytest.raises(Refused, match="has not left"):
        letter_sent(house.app, key, moment("2017-12-21T10:00"), "", "tester")


def test_a_no_stands_whatever_the_plan_says_and_a_yes_takes_it_back(house: Installation) -> None:
    house.run_to("2018-01-08T12:00")
    key = f"{NOTE}/-/{FOLLOW_UP}/TG/1/tg_mission/on-day"
    assert refuse(house.app, [key], "they told us on the phone", "tester").keys == (key,)
    house.record("contacted", "yes", "TG", step=FOLLOW_UP)
    row = house.row(key)
    assert row.state == State.WITHDRAWN
    assert row.reason == "refused by tester: they told us on the phone"
    assert approve(house.app, [key], "tester").keys == (key,)
    assert house.row(key).refused is None


def test_owners_get_one_prompt_with_the_words_when_letters_wait(house: Installation) -> None:
    house.run_to("2017-10-18")
    prompts = [
        mail for mail in house.mails() if f"/{FOLLOW_UP}/-/1/nim_coordinator/approve-" in mail["X-Followthrough-Key"]
    ]
    assert len(prompts) == 1
    text = plain(prompts[0])
    assert "2 letters wait for your approval" in text
    assert "Excellency," in text
    assert "followthrough approve --all" in text
