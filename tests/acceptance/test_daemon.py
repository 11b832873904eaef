"""The daemon as a real process: it acts at once, is alone, reads plans again, and outlives steps of the clock."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from engine.app.letters.golive import LIVE
from engine.app.plans.diff import diff
from engine.clock import SystemClock
from tests.installation import NOTE, Installation
from tests.processes import DaemonProcess
from tests.support import moment

pytestmark = pytest.mark.slow

FOLLOW_UP = "ny_follow_up"


@pytest.fixture
def house(tmp_path: Path) -> Installation:
    """The note's plan in March 2018, its New York workshop attended by six States, everything approved up to now."""
    with Installation(tmp_path) as house:
        house.apply()
        house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
        house.at("2017-10-16T12:00").record("held", "yes", step="ny_workshop", on="2017-10-12")
        house.record("attended", "yes", "TG", "FJ", "NR", "CK", "KM", "BO", step="ny_workshop")
        house.run_to("2018-03-28T12:00")
        house.approve_all()
    return house


def daemon_of(house: Installation, at: str, **settings: str) -> DaemonProcess:
    return DaemonProcess(house.app.settings.home, moment(at), settings=settings)


def slots(house: Installation, slot: str) -> Counter[str]:
    """How often the mailbox holds each State's letter of a slot."""
    keys = [mail["X-Followthrough-Key"] for mail in house.mails()]
    return Counter(key.split("/")[3] for key in keys if key.endswith(f"/{slot}") and f"/{FOLLOW_UP}/" in key)


def test_letters_leave_at_their_hour_and_a_fact_acts_within_two_seconds(house: Installation) -> None:
    house.edit(f"{NOTE}.yaml", "    digest: weekly on Monday\n", "")  # a digest takes the place of prompts
    house.at("2018-03-29T08:30").apply()
    with daemon_of(house, "2018-03-29T08:59:58") as daemon:
        daemon.until("started")
        left = daemon.until("sent", key=f"{NOTE}/-/{FOLLOW_UP}/TG/1/tg_mission/on-day")
        assert datetime.fromisoformat(left["at"]) >= moment("2018-03-29T09:00")
        daemon.set_clock(moment("2018-04-03T11:00"))
        daemon.until("missed")  # so it has looked at that hour before the fact is there
        house.at("2018-04-03T11:00").record("report", "2018-04-03", "FJ", details={"form_a": "substantive"})
        recorded = SystemClock().now()
        daemon.until_sent("/approve-2018-04-03")
        assert (SystemClock().now() - recorded).total_seconds() < 20  # two, where nothing else takes the machine
        assert daemon.stop() == 0
    assert daemon.log[-1]["event"] == "stopped"
    assert slots(house, "on-day")["TG"] == 1


def test_a_second_daemon_on_the_same_database_is_refused(house: Installation) -> None:
    with daemon_of(house, "2018-03-28T12:00") as daemon:
        daemon.until("started")
        second = subprocess.run(
            [sys.executable, "-m", "engine.cli", "run", "--no-pages"],
            env=daemon.environment,
            capture_output=True,
            text=True,
        )
    assert second.returncode == 1
    assert "a daemon runs on this database already" in second.stderr


def test_hup_applies_a_changed_plan_and_keeps_the_last_good_one(house: Installation) -> None:
    with DaemonProcess(house.app.settings.home, moment("2018-03-28T12:00"), house.workflows) as daemon:
        daemon.until("started")
        house.edit(f"{NOTE}.yaml", "2 weeks after]", "3 weeks after]")
        daemon.hang_up()
        assert daemon.until("applied")["revision"] == 2
        house.edit(f"{NOTE}.yaml", "until: report and", "until: reprot and")
        daemon.hang_up()
        kept = daemon.until("not applied: the last good revision goes on")
        assert "Did you mean report?" in kept["problems"][0]
        daemon.set_clock(moment("2018-03-29T09:00:01"))
        daemon.until_sent("/on-day")
        assert daemon.stop() == 0
    slots_now = {row.slot for row in house.rows(step=FOLLOW_UP, party="TG") if row.state != "withdrawn"}
    assert "after-3w" in slots_now


def test_hup_refuses_what_would_write_to_many_and_says_how_many_and_what_to_run(house: Installation) -> None:
    with DaemonProcess(house.app.settings.home, moment("2018-03-28T12:00"), house.workflows) as daemon:
        daemon.until("started")
        house.edit(f"{NOTE}.yaml", "to: ny_workshop.attended", 'to: membership == "party"')
        daemon.hang_up()
        (said,) = daemon.until("not applied: the last good revision goes on")["problems"]
        ahead = diff(house.at("2018-03-28T12:00").app, NOTE).ahead
        assert len(ahead.leaving) > 90
        assert said.startswith(
            f"{len(ahead.leaving)} letters of {NOTE} to {len(ahead.people)} people would leave within a day"
        )
        assert "the limit is 25" in said
        assert f"followthrough plan {NOTE} --diff" in said
        assert f"followthrough apply {NOTE} --yes" in said
        daemon.set_clock(moment("2018-03-29T09:00:01"))
        daemon.until_sent("/on-day")
        assert daemon.stop() == 0
    with house.app.store.read() as tx:
        assert tx.current_revision_id(NOTE) == 1
    assert set(slots(house, "on-day")) <= {"TG", "FJ", "NR", "CK", "KM", "BO"}


def test_an_unreachable_server_is_said_and_the_letters_wait(house: Installation) -> None:
    with house.app.store.write() as tx:
        tx.meta_set(LIVE, moment("2018-03-01").isoformat())
    nowhere = {"FOLLOWTHROUGH_CHANNEL": "smtp", "FOLLOWTHROUGH_SMTP_HOST": "127.0.0.1", "FOLLOWTHROUGH_SMTP_PORT": "9"}
    with daemon_of(house, "2018-03-29T09:00:01", **nowhere) as daemon:
        said = daemon.until("no letter can leave: they wait")
        assert "127.0.0.1" in said["error"]
        assert daemon.stop() == 0
    row = next(row for row in house.rows(step=FOLLOW_UP, party="TG") if row.slot == "on-day")
    assert row.state == "scheduled"


def test_smtp_before_go_live_is_refused_with_what_would_leave(house: Installation) -> None:
    environment = {
        **DaemonProcess(house.app.settings.home, moment("2018-03-28")).environment,
        "FOLLOWTHROUGH_CHANNEL": "smtp",
    }
    run = subprocess.run(
        [sys.executable, "-m", "engine.cli", "run", "--no-pages"], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert "letters leave in the next 14 days" in run.stdout
    assert "followthrough go-live" in run.stderr


def test_wrong_settings_are_named_at_the_start(house: Installation) -> None:
    environment = {
        **DaemonProcess(house.app.settings.home, moment("2018-03-28")).environment,
        "FOLLOWTHROUGH_SMTP_PORT": "many",
    }
    run = subprocess.run([sys.executable, "-m", "engine.cli", "run"], env=environment, capture_output=True, text=True)
    assert run.returncode == 1
    assert "FOLLOWTHROUGH_SMTP_PORT" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_clock_set_forward_and_back_a_day_sends_nothing_twice_and_loses_nothing(house: Installation) -> None:
    with daemon_of(house, "2018-03-28T18:00") as daemon:
        daemon.until("started")
        daemon.set_clock(moment("2018-03-29T16:00"))
        daemon.until_sent("/on-day")
        daemon.set_clock(moment("2018-03-28T18:01"))
        house.at("2018-03-28T18:02").record("contacted", "yes", "TG", step=FOLLOW_UP)
        daemon.set_clock(moment("2018-03-29T21:30"))
        daemon.until("sent", key=f"{NOTE}/-/{FOLLOW_UP}/CK/1/ck_capital/on-day")
        assert daemon.stop() == 0
    sent = slots(house, "on-day")
    assert set(sent) == {"TG", "FJ", "NR", "CK", "KM", "BO"}
    assert set(sent.values()) == {1}


def test_three_weeks_down_no_addressee_gets_two_letters_of_a_step_at_once(house: Installation) -> None:
    with daemon_of(house, "2018-04-18T10:00") as daemon:
        daemon.until("started")
        daemon.until("missed")
        daemon.stop()
    again = Counter(key.rsplit("/", 1)[0] for key in (line["key"] for line in daemon.log if line["event"] == "sent"))
    assert not [key for key, count in again.items() if count > 1]
    assert {row.state for row in house.rows(step=FOLLOW_UP, party="TG") if row.slot == "on-day"} == {"missed"}
