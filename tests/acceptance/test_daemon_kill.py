"""`kill -9` of the daemon at 100 random moments under load: every letter is accepted, few are repeated (G1, G2)."""

from __future__ import annotations

import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.many_letters import outbox_of
from tests.processes import DaemonProcess
from tests.smtp_server import MailServer
from tests.support import moment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

_KILLS = 100
_LETTERS = 1200
_BATCH = 50


def test_a_daemon_killed_a_hundred_times_loses_nothing(tmp_path: Path) -> None:
    home = outbox_of(tmp_path, _LETTERS, live=True)
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
