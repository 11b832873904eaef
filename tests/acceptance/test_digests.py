"""What a person is told of all their plans: a digest, open items first, and never an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from engine.answer import Answer, AnswerKind
from engine.app.answers.deciding import Decision, decide
from engine.app.answers.taking_in import take_in
from engine.app.letters.approvals import approve
from engine.letter import APPROVAL_PROMPT, DIGEST, Recorded
from engine.lifecycle import State
from tests.installation import NOTE, Installation, plain

YEARLY = "article7-annual"
_REPORTING = '    email: "${REPORTING_EMAIL:-reporting@example.org}"\n'


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, "2026-11-20") as house:
        yield house


def with_digest(house: Installation, often: str, name: str = f"{YEARLY}.yaml") -> None:
    house.edit(name, _REPORTING, f"{_REPORTING}    digest: {often}\n")


def of_kind(house: Installation, template: str, workflow: str = YEARLY) -> list[Recorded]:
    return [row for row in house.rows(workflow=workflow) if row.template == template]


def sent(house: Installation, workflow: str = YEARLY) -> list[EmailMessage]:
    rows = [row for row in of_kind(house, DIGEST, workflow) if row.state == State.SENT]
    return [house.mail_of(row.key) for row in sorted(rows, key=lambda row: str(row.sent_at))]


def test_a_digest_tells_what_waits_what_was_answered_and_what_is_due(house: Installation) -> None:
    with_digest(house, "daily")
    house.apply(YEARLY)
    house.run_to("2027-01-26T12:00", approving=False)
    waiting = [row for row in house.rows(workflow=YEARLY) if row.state == State.AWAITING_APPROVAL]
    house.record("annual_report", "2027-01-26", "FJ", "NZ", cycle="2027", workflow=YEARLY)
    house.run_to("2027-01-28T12:00", approving=False)
    first, second = sent(house)[0], sent(house)[3]
    assert first["Subject"] == f"{len(waiting)} letters wait for you"
    assert first["To"].endswith("<reporting@example.org>")
    assert second["Subject"] == f"{len(waiting) - 2} letters wait for you · 2 answered"
    text = plain(second)
    assert "- Fiji and New Zealand: " in " ".join(text.split()).replace("> ", "")
    assert text.index("Waits for you") < text.index("Answered")
    assert text.count("We have the honour to recall") == 1, "with the words, once"


def test_what_is_in_a_digest_is_not_prompted_for_beside_it(house: Installation) -> None:
    with_digest(house, "daily")
    house.apply(YEARLY)
    house.run_to("2027-02-02", approving=False)
    assert of_kind(house, APPROVAL_PROMPT) == []


def test_a_weekly_digest_leaves_the_prompts_of_the_other_days(house: Installation) -> None:
    with_digest(house, "weekly on Wednesday")
    house.apply(YEARLY)
    house.run_to("2027-02-02", approving=False)
    assert of_kind(house, APPROVAL_PROMPT), "asked on a Friday, which has no digest"
    mails = sent(house)
    assert mails
    assert {mail["Date"].datetime.strftime("%A %H:%M") for mail in mails} == {"Wednesday 09:00"}


def test_an_empty_digest_is_not_sent_and_leaves_no_trail(house: Installation) -> None:
    with_digest(house, "daily")
    house.apply(YEARLY)
    house.run_to("2027-01-20", approving=False)
    rows = of_kind(house, DIGEST)
    assert [row.state for row in rows if row.state == State.SENT] == []
    assert len(rows) <= 2, "one that had nothing to say is taken up again"
    assert [row.state for row in rows if row.state == State.SCHEDULED] == [State.SCHEDULED]


def test_days_off_have_no_digest(house: Installation) -> None:
    with_digest(house, "daily")
    house.apply(YEARLY)
    house.run_to("2027-04-01", approving=False)
    days = [mail["Date"].datetime for mail in sent(house)]
    assert len(days) > 20
    assert {day.strftime("%a") for day in days} == {"Mon", "Tue", "Wed", "Thu", "Fri"}
    assert not [day for day in days if (day.month, day.day) in ((3, 26), (3, 29))], "Good Friday, Easter Monday"


def test_two_plans_of_one_address_are_one_digest(tmp_path: Path) -> None:
    with Installation(tmp_path, "2018-01-20") as house:
        with_digest(house, "daily")
        house.edit(f"{NOTE}.yaml", "${NIM_COORDINATOR_EMAIL:-nim@example.org}", "Reporting@example.org")
        house.edit(f"{YEARLY}.yaml", "starts: 2026-11-01", "starts: 2017-11-01")
        house.apply(NOTE)
        house.apply(YEARLY)
        house.run_to("2018-02-10", approving=False)
        mails = sent(house)
        assert mails
        assert not sent(house, NOTE), "under the name of the plan that has it most often"
        both = [text for mail in mails if "Annual Article 7" in (text := plain(mail)) and "Action 7" in text]
        assert both, "with the parts of both"


def test_a_digest_after_a_standstill_leaves_in_office_hours_and_once(house: Installation) -> None:
    with_digest(house, "daily")
    house.apply(YEARLY)
    house.run_to("2027-01-26T12:00", approving=False)
    before = len(sent(house))
    house.at("2027-02-13T22:00").record("annual_report", "2027-02-12", "FJ", cycle="2027", workflow=YEARLY)
    house.tick()  # on a Saturday night
    assert len(sent(house)) == before
    house.run_to("2027-02-16", approving=False)
    after = [mail["Date"].datetime for mail in sent(house)[before:]]
    assert [day.strftime("%Y-%m-%d %H:%M") for day in after] == ["2027-02-15 09:00"]


def test_a_failed_letter_is_an_open_item(house: Installation) -> None:
    with_digest(house, "daily")
    house.apply(YEARLY)
    house.run_to("2027-01-25T12:00", approving=False)
    row = next(row for row in house.rows(workflow=YEARLY, party="FJ") if row.state == State.AWAITING_APPROVAL)
    approve(house.app, [row.key], "tester")
    with house.app.store.write() as tx:
        tx.claim(row.due_at, 100, "other", row.due_at)
        tx.set_state(row.key, State.FAILED, "550 no such user", now=house.clock.now(), actor="other")
        tx.rescue("other", house.clock.now())
    house.run_to("2027-01-26T12:00", approving=False)
    mail = sent(house)[-1]
    assert "1 could not be sent" in mail["Subject"]
    assert "550 no such user" in plain(mail)


def test_a_digest_that_a_plan_takes_away_does_not_come(house: Installation) -> None:
    with_digest(house, "daily")
    house.apply(YEARLY)
    house.tick("2026-11-20T12:00")
    house.edit(f"{YEARLY}.yaml", "    digest: daily\n", "")
    house.apply(YEARLY)
    house.tick("2026-11-20T12:01")
    assert [row.state for row in of_kind(house, DIGEST)] == [State.WITHDRAWN]


def test_answers_to_decide_about_are_in_it_until_they_are_decided(house: Installation) -> None:
    with_digest(house, "daily")
    house.apply(YEARLY)
    house.run_to("2027-02-06T12:00")
    letter = next(row for row in house.rows(workflow=YEARLY, party="FJ") if row.state == State.SENT)
    reply = Answer(
        "test:1", AnswerKind.REPLY, house.clock.now(), letter.key, "address", "mission", "Re: report", "Soon."
    )
    (taken,) = take_in(house.app, [reply], "test")
    house.run_to("2027-02-08T12:00")
    told = sent(house)[-1]
    assert str(told["Subject"]).startswith("1 answer to decide about")
    assert f"- Fiji, 6 February 2027: Re: report (answer {taken.id})" in plain(told)
    decide(house.app, taken.id, Decision.GO_ON, "anna")
    house.run_to("2027-04-10")
    later = [mail for mail in sent(house) if mail["Date"].datetime > told["Date"].datetime]
    assert later
    assert all("to decide about" not in str(mail["Subject"]) for mail in later)
