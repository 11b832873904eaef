"""What owners are told: what waits for them, once a day and in words that can be read; and what nobody decided."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from engine.app.letters.approvals import approve
from engine.app.letters.golive import letter_sent
from engine.app.letters.reading import read_letter
from engine.letter import APPROVAL_PROMPT, MISSED_NOTICE, Recorded
from engine.lifecycle import State
from tests.installation import Installation, plain

YEARLY = "article7-annual"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """The yearly reports, on the morning on which the letters of twelve weeks before are asked about."""
    with Installation(tmp_path, "2026-11-20") as house:
        house.apply(YEARLY)
        house.at("2027-01-20T12:00")
        yield house


def notices(house: Installation, template: str = APPROVAL_PROMPT) -> list[Recorded]:
    return [row for row in house.rows(workflow=YEARLY) if row.template == template]


def test_a_prompt_counts_all_that_wait_and_shows_the_words_as_they_are(house: Installation) -> None:
    house.run_to("2027-01-25", approving=False)
    waiting = [row for row in house.rows(workflow=YEARLY) if row.state == State.AWAITING_APPROVAL]
    assert len(waiting) > 60
    (prompt,) = notices(house)
    mail = house.mail_of(prompt.key)
    assert mail["Subject"].startswith(f"{len(waiting)} to approve: ")
    text = plain(mail)
    assert text.count("- Permanent Mission of ") + text.count("- ") >= len(waiting)
    assert "\n    Excellency,\n\n    We have the honour to recall" in text, (
        "the letter's own lines, and not one of them"
    )
    assert text.count("We have the honour to recall") == 1, "the others are in the same words"
    others = re.findall(r"and\s+to\s+(\d+)\s+others\s+in\s+the\s+same\s+words:", text)
    assert sum(int(number) + 1 for number in others) == len(waiting), "of each kind one is shown"


def test_a_second_prompt_of_a_day_waits_for_the_morning(house: Installation) -> None:
    house.run_to("2027-01-25", approving=False)
    (first,) = notices(house)
    assert first.sent_at is not None
    house.at("2027-01-25T10:00").record("annual_report", "2027-01-25", "FJ", cycle="2027", workflow=YEARLY)
    house.tick()
    for party, minute in (("NZ", 10), ("AT", 20)):
        house.at(f"2027-01-25T10:{minute}")
        house.record("address", f"new@{party.lower()}.example", contact=f"{party.lower()}_mission", workflow=YEARLY)
        house.tick()
    after = [row for row in notices(house) if row.key != first.key]
    assert len(after) <= 1, "what is new by then is in one"


def test_an_urgent_letter_is_asked_about_at_once(house: Installation) -> None:
    house.run_to("2027-02-04T12:00", approving=False)
    before = len(notices(house))
    row = next(row for row in house.rows(workflow=YEARLY) if row.state == State.AWAITING_APPROVAL)
    approve(house.app, [row.key], "tester")
    contact = row.addressee
    house.record("address", "elsewhere@geneva.example", contact=contact, workflow=YEARLY)
    house.tick()
    found = [notice for notice in notices(house) if notice.state == State.SENT]
    assert len(found) >= before


def test_what_nobody_decided_is_missed_and_said(house: Installation) -> None:
    house.run_to("2027-02-15", approving=False)
    missed = [row for row in house.rows(workflow=YEARLY) if row.reason == "nobody approved it in time"]
    assert missed
    mails = [house.mail_of(row.key) for row in notices(house, MISSED_NOTICE) if row.state == State.SENT]
    counts = [int(mail["Subject"].partition(" not sent: ")[0]) for mail in mails]
    assert sum(counts) == len(missed), "each is told once"
    assert len(mails) <= 3, "not one for each time zone"
    assert "not sent, since nobody approved them in time" in " ".join(plain(mails[0]).split())
    assert "followthrough why article7-annual/2027/annual/" in plain(mails[0])


def test_a_prompt_is_shown_as_it_is_sent(house: Installation) -> None:
    house.run_to("2027-01-25T08:00", approving=False)
    house.at("2027-01-25T08:00").record("address", "new@nz.example", contact="nz_mission", workflow=YEARLY)
    house.run_to("2027-02-15", approving=False)
    for row in notices(house) + notices(house, MISSED_NOTICE):
        shown = message_from_bytes(read_letter(house.app, row.key).source, policy=policy.default)
        assert shown["In-Reply-To"] is None
        if row.state == State.SENT:
            assert shown["In-Reply-To"] == house.mail_of(row.key)["In-Reply-To"]


def test_what_needs_no_telling_any_more_says_why(house: Installation) -> None:
    house.run_to("2027-02-10T23:30", approving=False)  # missed at nine everywhere; told the next morning
    (told,) = [row for row in notices(house, MISSED_NOTICE) if row.state == State.SCHEDULED][:1]
    for row in house.rows(workflow=YEARLY):
        if row.state == State.MISSED:
            letter_sent(house.app, row.key, house.clock.now(), "by post", "tester")
    house.run_to("2027-02-12", approving=False)
    assert house.row(told.key).reason == "nobody has to be told any more"
