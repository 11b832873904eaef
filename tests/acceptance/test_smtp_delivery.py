"""The note's plan by SMTP to a real server: each letter once, in its thread; what is refused, lost, or waits for a server."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from engine.app.letters.letters import show
from engine.app.why.why import why
from engine.dispatcher.outcomes import retry_after
from engine.lifecycle import State
from engine.rendering import mail as mime
from engine.simulation import opening
from engine.store import AttemptRecord
from tests.installation import NOTE, Installation
from tests.smtp_server import DROP, LOGIN, MailServer, certificate
from tests.support import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

FOLLOW_UP = "ny_follow_up"
FIRST_DUE = "2017-09-04T09:00"
ON_THE_DAY = f"{NOTE}/-/{FOLLOW_UP}/FJ/1/fj_mission/on-day"
REPORT = {"kind": "initial", "form_a": "substantive"}


@contextmanager
def living(folder: Path, server: MailServer, **settings: Any) -> Iterator[Installation]:
    with Installation(folder, settings=server.settings(**settings)) as installation:
        installation.apply()
        yield installation


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, server: MailServer) -> Iterator[Installation]:
    with living(tmp_path, server) as installation:
        yield installation


def to_the_day(house: Installation) -> None:
    """The workshop was held, and FJ follows it up: to just before “on the day” of its follow-up."""
    house.workshop("FJ")
    house.run_to("2018-03-29")


def ids(server: MailServer) -> Counter[str]:
    return Counter(str(message["Message-ID"]) for message in server.messages)


def attempts(house: Installation, key: str) -> list[AttemptRecord]:
    with house.app.store.read() as tx:
        return tx.attempts(key)


@pytest.mark.slow
def test_each_due_letter_arrives_once_in_its_thread_by_starttls_and_login(tmp_path: Path) -> None:
    with MailServer("starttls", certificate(tmp_path), LOGIN) as server, living(tmp_path, server) as house:
        to_the_day(house)
        house.run_to("2018-04-20")
        sent = [row for row in house.rows() if row.state == State.SENT]
        assert ids(server) == Counter({row.message_id: 1 for row in sent})
        assert {row.channel for row in sent} == {"smtp"}
        assert all(got.tls for got in server.received)
        assert not (house.app.settings.mailbox / "new").exists()

        thread = [each for each in server.messages if f"/{FOLLOW_UP}/FJ/1/fj_mission/" in each["X-Followthrough-Key"]]
        slots = [each["X-Followthrough-Key"].rsplit("/", 1)[1] for each in thread]
        assert slots[0] == "at-once"
        assert slots[-3:] == ["before-2w", "on-day", "after-2w"]
        for before, message in pairwise(thread):
            assert message["In-Reply-To"] == before["Message-ID"]
            assert thread[0]["Message-ID"] in message["References"]

        for got in server.received:
            text, html = (got.message.get_body((kind,)) for kind in ("plain", "html"))
            assert text is not None
            assert html is not None
            assert len(text.get_content().strip()) > 100
            assert "<p" in html.get_content()
            seen = [box for field in ("To", "Cc") if got.message[field] for box in got.message[field].addresses]
            assert got.recipients == tuple(dict.fromkeys(box.addr_spec for box in seen))
            assert got.sender == got.message["From"].addresses[0].addr_spec


def test_implicit_tls_and_login(tmp_path: Path) -> None:
    with MailServer("tls", certificate(tmp_path), LOGIN) as server, living(tmp_path, server) as house:
        done = house.tick(FIRST_DUE)
        assert ids(server) == Counter({row.message_id: 1 for row in done.sent})
        assert done.sent
        assert all(got.tls for got in server.received)


def test_one_refused_copy_is_on_record_and_stops_nobody_else(server: MailServer, house: Installation) -> None:
    to_the_day(house)
    house.at("2018-03-29T09:00")
    refused = show(house.app, ON_THE_DAY).cc.rsplit("<", 1)[1].strip(">")
    server.on_rcpt = {refused: "550 5.1.1 nobody of that name"}.get
    done = house.tick()
    assert house.row(ON_THE_DAY).state == State.SENT
    (got,) = [each for each in server.received if each.message["X-Followthrough-Key"] == ON_THE_DAY]
    assert refused not in got.recipients
    assert got.recipients
    answers = dict(attempts(house, ON_THE_DAY)[-1].recipients)
    assert answers.pop(refused) == "refused: 550 5.1.1 nobody of that name"
    assert all(answer.startswith("250 ") for answer in answers.values())
    assert (ON_THE_DAY, refused) in [(key, refusal.address) for key, refusal in done.refused]
    assert f"{refused} did not get it: 550 5.1.1 nobody of that name." in why(house.app, ON_THE_DAY)["sentences"]


def test_an_addressee_refused_for_now_gets_it_later_and_nobody_gets_it_twice(
    server: MailServer, house: Installation
) -> None:
    """Copies that arrived do not make a letter sent: whom it is for has not got it."""
    to_the_day(house)
    house.at("2018-03-29T09:00")
    shown = show(house.app, ON_THE_DAY)
    addressee = shown.to.rsplit("<", 1)[1].strip(">")
    server.on_rcpt = {addressee: "450 4.2.1 greylisted, come again"}.get
    done = house.tick()
    assert ON_THE_DAY in dict(done.failed)
    assert house.row(ON_THE_DAY).state == State.SCHEDULED
    assert "450 4.2.1" in house.row(ON_THE_DAY).reason
    server.on_rcpt = None
    house.run_to("2018-03-29T10:00")
    assert house.row(ON_THE_DAY).state == State.SENT
    first, second = [each for each in server.received if each.message["X-Followthrough-Key"] == ON_THE_DAY]
    assert addressee not in first.recipients
    assert second.recipients == (addressee,)
    assert first.content == second.content
    assert [each.outcome for each in attempts(house, ON_THE_DAY)] == ["deferred", "sent"]


def test_an_addressee_refused_for_good_fails_the_letter_whoever_got_a_copy(
    server: MailServer, house: Installation
) -> None:
    to_the_day(house)
    house.at("2018-03-29T09:00")
    addressee = show(house.app, ON_THE_DAY).to.rsplit("<", 1)[1].strip(">")
    server.on_rcpt = {addressee: "550 5.1.1 nobody of that name"}.get
    house.tick()
    row = house.row(ON_THE_DAY)
    assert row.state == State.FAILED
    assert f"{addressee}: 550 5.1.1 nobody of that name" in row.reason


def test_a_greylisted_letter_leaves_later_with_the_same_bytes(server: MailServer, house: Installation) -> None:
    seen = Counter[str]()

    def once(message_id: str) -> str | None:
        seen[message_id] += 1
        return "451 4.7.1 greylisted, come again" if seen[message_id] == 1 else None

    server.on_dot = once
    first = house.tick(FIRST_DUE)
    assert first.failed
    assert not first.sent
    assert first.down is None
    key = first.failed[0][0]
    wake = house.worker.next_wake(house.clock.now())
    assert wake is not None
    assert timedelta(minutes=1) <= wake - house.clock.now() <= timedelta(minutes=1.25)
    house.run_to("2017-09-04T10:00")
    assert house.row(key).state == State.SENT
    assert sorted(server.refused) == sorted(got.content for got in server.received)
    assert set(ids(server).values()) == {1}
    assert [each.outcome for each in attempts(house, key)] == ["deferred", "sent"]


def test_a_refusal_for_good_is_not_tried_again(server: MailServer, house: Installation) -> None:
    server.on_rcpt = lambda _: "550 5.1.1 nobody of that name"
    (failed,) = house.tick(FIRST_DUE).failed[:1]
    house.run_to("2017-09-08")
    assert house.row(failed[0]).state == State.FAILED
    assert "550 5.1.1" in house.row(failed[0]).reason
    assert len(attempts(house, failed[0])) == 1


def test_after_an_unknown_outcome_a_fact_stops_the_repeat(server: MailServer, house: Installation) -> None:
    to_the_day(house)
    message_id = mime.message_id(ON_THE_DAY, house.app.settings.mail_domain)
    server.on_dot = lambda about: DROP if about == message_id else None
    house.tick("2018-03-29T09:00")
    assert len(server.refused) == 1
    assert [each.outcome for each in attempts(house, ON_THE_DAY)] == ["unknown"]
    assert house.row(ON_THE_DAY).state == State.SCHEDULED
    house.record("report", "2018-03-29", "FJ", details=REPORT)
    house.run_to("2018-04-20")
    assert house.row(ON_THE_DAY).state == State.WITHDRAWN
    assert len(server.refused) == 1
    assert message_id not in ids(server)


def test_an_unknown_outcome_is_tried_again_with_the_same_bytes(server: MailServer, house: Installation) -> None:
    answers = iter([DROP])
    server.on_dot = lambda _: next(answers, None)
    house.tick(FIRST_DUE)
    house.run_to("2017-09-04T10:00")
    (lost,) = server.refused
    assert lost in [got.content for got in server.received]


def test_a_server_that_is_down_costs_one_attempt_until_it_is_up(server: MailServer, house: Installation) -> None:
    server.stop()
    done = house.tick(FIRST_DUE)
    assert done.down is not None
    assert "cannot be reached" in str(done.down)
    assert done.held
    assert not done.sent
    assert not done.failed
    assert {house.row(key).state for key in done.held} == {State.SCHEDULED}
    assert not house.tick().down, "nothing is tried while it rests"
    for expected in (2, 4, 8, 15, 15):
        wake = house.worker.next_wake(house.clock.now())
        assert wake is not None
        house.clock.move_to(wake)
        assert house.tick().down
        assert house.worker.rest.until is not None
        assert timedelta(minutes=expected) <= house.worker.rest.until - wake <= timedelta(minutes=expected * 1.25)
    server.start()
    house.run_to("2017-09-04T12:00")
    assert ids(server) == Counter({house.row(key).message_id: 1 for key in done.held})
    assert {house.row(key).state for key in done.held} == {State.SENT}
    assert house.worker.rest.until is None


def test_a_wrong_password_is_one_message_and_no_letter_fails(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    with (
        MailServer("starttls", pem, LOGIN) as server,
        living(tmp_path, server, smtp_password="wrong horse") as house,
    ):
        done = house.tick(FIRST_DUE)
        assert done.down is not None
        assert done.down.misconfigured
        assert "FOLLOWTHROUGH_SMTP_USERNAME" in str(done.down)
        assert not done.failed
        assert {house.row(key).state for key in done.held} == {State.SCHEDULED}
        assert all("horse" not in each.error for key in done.held for each in attempts(house, key))
        assert server.logins == 1


def test_a_simulation_never_sends_by_smtp(server: MailServer, house: Installation) -> None:
    inner = opening._at(house.app, house.app.settings.home / "simulation")
    assert house.app.settings.channel == "smtp"
    assert inner.settings.channel == "mailbox"


def test_only_smtp_loads_its_library() -> None:
    code = """
import sys
from engine.app.root import App
from engine.settings import Configuration, Settings
for channel in ("mailbox", "smtp"):
    with App(Configuration(Settings(channel=channel), {})) as app:
        print(app.channel.name, "aiosmtplib" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["mailbox False", "smtp True"]


def test_waits_double_up_to_four_hours_and_are_spread() -> None:
    waits = [retry_after("k", attempts) for attempts in range(12)]
    assert all(timedelta(minutes=2**n) <= wait <= timedelta(minutes=2**n * 1.25) for n, wait in enumerate(waits[:8]))
    assert timedelta(hours=4) <= waits[11] <= timedelta(hours=5)
    assert len({retry_after(f"k{number}", 0) for number in range(100)}) > 90
