"""What waits for approval is brought up once more before its time passes: one mail, each letter once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app.letters.approvals import approve, waiting_for_approval
from engine.letter import DIGEST, URGENT_PROMPT, Recorded
from engine.lifecycle import State
from tests.acceptance.test_digests import with_digest
from tests.installation import NOTE, Installation, plain

YEARLY = "article7-annual"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, "2026-11-20") as house:
        yield house


def urgent(house: Installation, workflow: str = YEARLY) -> list[Recorded]:
    return [row for row in house.rows(workflow=workflow) if row.template == URGENT_PROMPT and row.state == State.SENT]


def test_what_waits_is_brought_up_on_the_last_working_morning(house: Installation) -> None:
    house.apply(YEARLY)
    house.run_to("2027-02-12", approving=False)  # due on Friday 5 February, too late from the 10th
    (row,) = urgent(house)
    mail = house.mail_of(row.key)
    assert mail["Date"].datetime.strftime("%A %d %B %H:%M") == "Thursday 04 February 09:00"
    assert mail["Subject"] == "104 letters still wait for you"
    text = " ".join(plain(mail).split())
    assert "Friday 5 February 2027: 104 letters, Annual report, 12 weeks before, to Andorra" in text
    assert "not sent any more after Wednesday 10 February 2027, 09:00 where it is read" in text


def test_what_was_decided_is_not_brought_up(house: Installation) -> None:
    house.apply(YEARLY)
    house.run_to("2027-02-03T12:00", approving=False)
    keys = [row.key for row in waiting_for_approval(house.app)]
    approve(house.app, keys[2:], "tester")
    house.run_to("2027-02-05", approving=False)
    (row,) = urgent(house)
    assert house.mail_of(row.key)["Subject"] == "2 letters still wait for you"


def test_where_nothing_waits_nobody_is_written_to(house: Installation) -> None:
    house.apply(YEARLY)
    house.run_to("2027-02-12")
    assert urgent(house) == []
    rows = [row for row in house.rows(workflow=YEARLY) if row.template == URGENT_PROMPT]
    assert {row.state for row in rows} <= {State.WITHDRAWN}
    assert len(rows) <= 1, "one row serves again and again"


def test_what_is_asked_for_anew_may_be_brought_up_anew(house: Installation) -> None:
    house.apply(YEARLY)
    house.run_to("2027-02-04T10:00", approving=False)
    assert len(urgent(house)) == 1
    house.approve_all()
    house.record("address", "elsewhere@geneva.example", contact="fj_mission", workflow=YEARLY)
    house.run_to("2027-02-12", approving=False)
    (_, again) = urgent(house)
    mail = house.mail_of(again.key)
    assert mail["Subject"] == "1 letter still waits for you"
    assert mail["Date"].datetime.strftime("%A %d %B %H:%M") == "Tuesday 09 February 09:00", "before it goes stale"


def test_a_standstill_over_the_morning_is_made_up_for_in_office_hours(house: Installation) -> None:
    house.apply(YEARLY)
    house.run_to("2027-02-03T12:00", approving=False)
    house.tick("2027-02-06T03:00")  # the night to a Saturday
    assert urgent(house) == []
    house.run_to("2027-02-09", approving=False)
    (row,) = urgent(house)
    assert house.mail_of(row.key)["Date"].datetime.strftime("%A %H:%M") == "Monday 09:00"


def test_an_urgent_prompt_stays_beside_a_digest(house: Installation) -> None:
    with_digest(house, "daily")
    house.apply(YEARLY)
    house.run_to("2027-02-04T10:00", approving=False)
    assert len(urgent(house)) == 1
    today = [row for row in house.rows(workflow=YEARLY) if row.template == DIGEST and row.state == State.SENT]
    assert str(max(row.sent_at for row in today if row.sent_at))[:10] == "2027-02-04"


def test_letters_of_several_plans_are_in_one(tmp_path: Path) -> None:
    with Installation(tmp_path, "2018-01-08") as house:
        house.edit(f"{NOTE}.yaml", "${NIM_COORDINATOR_EMAIL:-nim@example.org}", "reporting@example.org")
        house.edit(f"{NOTE}.yaml", "    digest: weekly on Monday\n", "")
        house.edit(
            f"{NOTE}.yaml",
            "send: [at once, every 6 weeks until 2 weeks before, 2 weeks before]",
            "send: [10 weeks before]",
        )
        house.edit(f"{YEARLY}.yaml", "starts: 2026-11-01", "starts: 2017-11-01")
        house.apply(NOTE)
        house.apply(YEARLY)
        house.run_to("2018-02-06T12:00", approving=False)
        plans = {row.workflow for row in waiting_for_approval(house.app)}
        mails = [house.mail_of(row.key) for name in (NOTE, YEARLY) for row in urgent(house, name)]
        assert YEARLY in plans
        assert len({mail["Date"].datetime for mail in mails}) == len(mails), "one mail in a morning"
