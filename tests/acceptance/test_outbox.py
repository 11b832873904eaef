"""The note's plan in a real store: what leaves, what stops, what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from engine.app.letters.letters import letter_rows, show
from engine.app.plans.status import status
from engine.lifecycle import State
from tests.installation import NOTE, Installation, states
from tests.support import moment

FOLLOW_UP = "ny_follow_up"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as installation:
        installation.apply()
        yield installation


def test_who_is_told_to_stop_finishes_what_is_in_hand_and_takes_no_more(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        house.apply()
        house.record("date", "2017-10-12", step="ny_workshop")
        house.approve_all()
        house.worker.batch = 10
        asked: list[int] = []

        def going() -> bool:
            asked.append(len(asked))
            return False

        now = house.at("2017-09-05T16:00").clock.now()
        first = house.worker.tick(now, going=going)
        assert len(first.sent) + len(first.stopped) == 10
        assert len(asked) > len(first.sent), "each mail is a sign of life"
        assert len(house.worker.tick(now).sent) > 10


def test_each_letter_leaves_once_in_its_thread(house: Installation) -> None:
    house.workshop("TG")
    house.run_to("2018-04-20")
    mails = [mail for mail in house.mails() if f"/{FOLLOW_UP}/TG/1/tg_mission/" in mail["X-Followthrough-Key"]]
    slots = [mail["X-Followthrough-Key"].rsplit("/", 1)[1] for mail in mails]
    series = ["every-4w-1", "every-4w-2", "every-4w-3"]
    assert slots == ["at-once", *series, "before-6w", "before-2w", "on-day", "after-2w"]
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
    assert mails[0]["In-Reply-To"] is None
    for before, mail in pairwise(mails):
        assert mail["In-Reply-To"] == before["Message-ID"]
        assert mails[0]["Message-ID"] in mail["References"]
    assert {mail["Auto-Submitted"] for mail in mails} == {"auto-generated"}


def test_on_the_day_leaves_geneva_on_thursday_29_march_at_nine(house: Installation) -> None:
    house.workshop("TG")
    house.run_to("2018-04-20")
    row = house.row(f"{NOTE}/-/{FOLLOW_UP}/TG/1/tg_mission/on-day")
    assert row.sent_at == moment("2018-03-29T09:00")
    mail = next(mail for mail in house.mails() if mail["X-Followthrough-Key"] == row.key)
    assert mail["Date"].datetime == moment("2018-03-29T09:00")


def test_a_report_stops_the_follow_up_at_once_and_is_thanked_for(house: Installation) -> None:
    house.workshop("FJ")
    house.run_to("2018-04-03T11:00")
    house.record("report", "2018-04-03", "FJ", details={"kind": "initial", "form_a": "substantive"})
    rows = states(house.rows(step=FOLLOW_UP, party="FJ"))
    assert rows["after-2w"] == State.WITHDRAWN
    assert rows["thanks"] in (State.SCHEDULED, State.AWAITING_APPROVAL)
    sent = house.run_to("2018-05-20")
    assert [row.slot for row in sent if row.party == "FJ" and row.step == FOLLOW_UP] == ["thanks"]


def test_a_fact_between_claim_and_hand_over_stops_the_letter(house: Installation) -> None:
    house.workshop("FJ")
    house.run_to("2018-03-29")
    house.at("2018-03-29T09:00")
    claimed = house.worker._look_and_claim(house.clock.now(), done := house.worker.tick(moment("2018-03-28T23:59")))
    assert [row.slot for row in claimed.rows if row.party == "FJ"] == ["on-day"]
    house.record("report", "2018-03-29", "FJ", details={"kind": "initial", "form_a": "substantive"})
    handed = house.worker._hand(claimed.rows, house.clock.now(), done)
    assert handed
    assert not [row for each in handed for row in each.rows if row.party == "FJ"]
    assert house.row(f"{NOTE}/-/{FOLLOW_UP}/FJ/1/fj_mission/on-day").state == State.WITHDRAWN


def test_retracting_a_report_revives_what_is_to_come_and_says_why_the_rest_is_missed(house: Installation) -> None:
    house.workshop("CV")
    house.run_to("2018-02-10T12:00")
    house.record("report", "2018-02-10", "CV", details={"kind": "annual", "form_a": "substantive"})
    house.run_to("2018-02-21T12:00", approving=False)
    house.retract("report", "CV")
    rows = {row.slot: row for row in house.rows(step=FOLLOW_UP, party="CV")}
    assert rows["on-day"].state in (State.SCHEDULED, State.AWAITING_APPROVAL)
    assert rows["before-6w"].state == State.MISSED
    assert "while it was withdrawn" in rows["before-6w"].reason
    assert rows["thanks"].state == State.MISSED
    assert rows["thanks"].reason == "nobody approved it in time"


def test_moving_8msp_retimes_the_unsent_and_repeats_nothing(house: Installation) -> None:
    house.at("2017-11-06T12:00").record("date", "2018-02-12..2018-02-14", step="auckland")
    house.run_to("2018-05-01T12:00")
    step = "auckland_follow_up"
    before = {row.key: row for row in house.rows(step=step)}
    sent = {key for key, row in before.items() if row.state == State.SENT}
    assert sent
    house.record("date", "2018-09-10..2018-09-12", anchor="msp8")
    after = {row.key: row for row in house.rows(step=step)}
    assert {key for key, row in after.items() if row.state == State.SENT} == sent
    key = f"{NOTE}/-/{step}/NR/1/nr_ny_mission/before-2w"
    assert (after[key].due_at - before[key].due_at).days == 7
    more = [row.key for row in house.run_to("2018-09-14")]
    assert not sent & set(more)


def test_a_corrected_address_keeps_the_key_and_asks_again(house: Installation) -> None:
    house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
    house.tick("2017-09-22T12:00")
    house.approve_all()
    key = f"{NOTE}/-/ny_workshop/KM/1/km_ny_mission/before-2w"
    assert house.row(key).approved_digest
    house.record("address", "mission-km@un.example", contact="km_ny_mission")
    row = house.row(key)
    assert (row.state, row.approved_digest) == (State.AWAITING_APPROVAL, None)
    assert show(house.app, key).to.endswith("<mission-km@un.example>")


def test_an_approved_letter_that_is_revived_is_asked_again_where_it_reads_otherwise(house: Installation) -> None:
    house.workshop("TG", "NR")
    house.run_to("2018-03-20T12:00")
    key, other = (f"{NOTE}/-/ny_follow_up/{post}/on-day" for post in ("TG/1/tg_mission", "NR/1/nr_ny_mission"))
    assert house.row(key).approved_digest
    house.record("exempt", "yes", "TG", "NR", step="ny_follow_up", note="by note of 19 March")
    assert house.row(key).state == house.row(other).state == State.WITHDRAWN
    house.record("address", "mission-tg@geneve.example", contact="tg_mission")
    house.retract("exempt", "TG", "NR", step="ny_follow_up")
    assert (house.row(key).state, house.row(key).approved_digest) == (State.AWAITING_APPROVAL, None)
    assert house.row(other).approved_digest, "the same words need no second look"


def test_the_same_letter_re_timed_is_not_asked_again(house: Installation) -> None:
    house.at("2017-11-06T12:00").record("date", "2018-02-12..2018-02-14", step="auckland")
    house.run_to("2018-08-08T12:00")
    key = f"{NOTE}/-/auckland_follow_up/WS/1/ws_ny_mission/before-2w"
    row = house.row(key)
    assert row.approved_digest
    house.edit(f"{NOTE}.yaml", "send_at: 09:00", "send_at: 10:00")
    house.apply()
    again = house.row(key)
    assert again.due_at != row.due_at
    assert again.approved_digest == row.approved_digest


def test_an_edited_cadence_goes_on_from_the_last_letter_sent(house: Installation) -> None:
    house.workshop("TG")
    house.run_to("2018-01-08T12:00")
    before = [row for row in house.rows(step=FOLLOW_UP, party="TG") if row.addressee == "tg_mission" and row.sent_at]
    assert [row.slot for row in before] == ["at-once", "every-4w-1", "every-4w-2"]
    last = before[-1].due_at
    house.edit(f"{NOTE}.yaml", "every 4 weeks until 6 weeks before", "every 2 weeks until 6 weeks before")
    house.apply()
    upcoming = [row for row in house.rows(step=FOLLOW_UP, party="TG") if row.state == State.SCHEDULED]
    series = [row for row in upcoming if row.slot.startswith("every-")]
    assert series
    assert all(row.due_at > last and row.due_at > house.clock.now() for row in series)
    assert (series[0].due_at - last).days >= 13
    assert not [row for row in house.rows(step=FOLLOW_UP, party="TG") if row.state == State.MISSED]


def test_applying_the_roster_again_undoes_nothing(house: Installation) -> None:
    house.workshop("NR")
    house.at("2018-03-20T12:00").record(
        "report", "2018-03-20", "NR", details={"kind": "initial", "form_a": "substantive"}
    )
    house.edit("ccm/contacts.csv", "Permanent Mission of Switzerland", "The Permanent Mission of Switzerland")
    assert not house.apply().unchanged
    assert states(house.rows(step=FOLLOW_UP, party="NR"))["on-day"] == State.WITHDRAWN


def test_three_weeks_down_collapse_and_miss(house: Installation) -> None:
    house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
    house.tick("2017-09-20T13:00")
    house.approve_all()
    done = house.tick("2017-10-11T10:00")
    for party in ("TG", "NR", "CK"):
        left = [row.slot for row in done.sent if row.party == party]
        assert len(left) <= 1
    reasons = {reason for _, reason in done.missed}
    assert any("goes instead" in reason for reason in reasons) or any("too late" in reason for reason in reasons)


def test_an_oral_report_recorded_late_counts_for_objective_b(house: Installation) -> None:
    before = status(house.at("2018-09-06T12:00").app, NOTE)["objectives"]["b"]["measures"][0]["have"]
    house.at("2018-09-10T12:00").record("oral_report", "2018-09-05", "KM")
    after = status(house.app, NOTE)["objectives"]["b"]["measures"][0]
    assert after["have"] == before + 1


def test_letters_lists_what_the_outbox_holds(house: Installation) -> None:
    house.run_to("2017-09-16")
    rows = [row for row in letter_rows(house.app, state="sent") if row["step"] != "-"]
    assert [row["slot"] for row in rows] == ["fix-day", "before-2w"]
    assert rows[0]["message_id"].startswith("<")
    assert rows[0]["sent_at"] == "2017-09-04T09:00:00+02:00"
