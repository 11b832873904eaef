"""`kill -9` of the daemon at 100 random moments under load: every letter is accepted, few are repeated (G1, G2)."""

from __future__ import annotations

import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from engine.app.apply import apply
from engine.app.catalog import Catalog
from engine.app.golive import LIVE
from engine.app.root import App
from engine.clock import ManualClock
from engine.settings import Configuration, Settings
from tests.processes import DaemonProcess
from tests.smtp_server import MailServer
from tests.support import moment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

_KILLS = 100
_LETTERS = 1200
_BATCH = 50
_PLAN = """
workflow: load
title: Many letters on one morning
timezone: UTC
send_at: 09:00
starts: 2018-03-01
owner: office
parties: parties.csv
contacts: contacts.csv
address: {to: [office]}
attributes: {region: {type: text}}
facts: {answer: {type: date}}
roles: {office: {title: Office, email: office@example.org}}
steps:
  ask: {follow_up: Answers, by: 2018-03-29, until: answer, send: [on the day], letter: nudge, approval: none}
"""


def outbox_of(folder: Path) -> Path:
    """An installation with a letter to each of many parties, all due on 29 March 2018 at 09:00 UTC."""
    plans = folder / "plans"
    plans.mkdir()
    (plans / "load.yaml").write_text(_PLAN)
    ids = [f"P{number:04}" for number in range(_LETTERS)]
    (plans / "parties.csv").write_text("iso,name,region\n" + "".join(f"{i},Party {i},here\n" for i in ids))
    contacts = "".join(f"c{i.lower()},{i},office,Office of {i},{i.lower()}@party.example,en\n" for i in ids)
    (plans / "contacts.csv").write_text("id,party,post,name,address,language\n" + contacts)
    home = folder / "home"
    with App(Configuration(Settings(home=home), {}), ManualClock(moment("2018-03-28", "UTC")), durable=False) as app:
        app.catalog = Catalog({}, workflows=plans)
        apply(app, "load", "tester", yes=True)
        with app.store.write() as tx:
            tx.meta_set(LIVE, moment("2018-03-28", "UTC").isoformat())
    return home


def test_a_daemon_killed_a_hundred_times_loses_nothing(tmp_path: Path) -> None:
    home = outbox_of(tmp_path)
    chance = random.Random(11)
    with MailServer() as server:
        environment = {
            "FOLLOWTHROUGH_CHANNEL": "smtp", "FOLLOWTHROUGH_SMTP_HOST": "127.0.0.1",
            "FOLLOWTHROUGH_SMTP_PORT": str(server.port), "FOLLOWTHROUGH_SMTP_SECURITY": "none",
        }  # fmt: skip
        daemon = DaemonProcess(home, moment("2018-03-29T09:00:10", "UTC"), settings=environment)
        taken: Counter[str] = Counter()
        left = 0

        def die_in_time(message_id: str) -> None:
            nonlocal left
            taken[message_id] += 1
            left -= 1
            if left == 0 and daemon.process is not None:
                daemon.process.kill()

        server.on_dot = die_in_time
        for _ in range(_KILLS):
            left = chance.randrange(1, 12)
            daemon.start()
            assert daemon.process is not None
            assert daemon.process.wait(timeout=120) == -signal.SIGKILL
        with daemon:
            while len(taken) < _LETTERS:
                daemon.until("sent")
            daemon.stop()
        counts = Counter(str(mail.message["Message-ID"]) for mail in server.received)

    assert len(counts) == _LETTERS
    assert sum(counts.values()) - len(counts) <= _KILLS * _BATCH
    first: dict[str, bytes] = {}
    for mail in server.received:
        assert first.setdefault(str(mail.message["Message-ID"]), mail.content) == mail.content
