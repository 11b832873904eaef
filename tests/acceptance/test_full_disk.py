"""Full disks under the running daemon: it says so, stays up, waits, and goes on; nothing is lost, and nothing twice."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from engine.app.root import App
from engine.letter import Recorded
from engine.settings import Configuration, Settings
from tests.command import real
from tests.full_disk import Forbidden, SmallDisk, small_disk
from tests.installation import NOTE, Installation
from tests.many_letters import LOAD, outbox_of
from tests.processes import DaemonProcess, eventually
from tests.smtp_server import MailServer
from tests.support import ROOT, moment

pytestmark = pytest.mark.slow

LETTERS = 6
FAILED = "something failed, and is tried again"


def at(text: str) -> datetime:
    """A time of the morning on which all letters are due, from 09:00 on."""
    return moment(f"2018-03-29T{text}", "UTC")


@pytest.fixture(params=["small disk", "no file may grow"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk | Forbidden]:
    """Where the whole home is, so that the daemon can write nothing while it is full."""
    if request.param == "small disk":
        with small_disk(tmp_path / "home", "8m") as small:
            yield small
    else:
        yield Forbidden(tmp_path / "home")


def daemon_of(home: Path, time: str = "08:59", **settings: str) -> DaemonProcess:
    """A daemon whose clock is kept where there is always room."""
    return DaemonProcess(home, at(time), settings=settings, pages=True, offset=home.with_name("offset"))


def to(server: MailServer) -> dict[str, str]:
    """Settings that reach it."""
    return {
        "FOLLOWTHROUGH_CHANNEL": "smtp", "FOLLOWTHROUGH_SMTP_HOST": "127.0.0.1",
        "FOLLOWTHROUGH_SMTP_PORT": str(server.port), "FOLLOWTHROUGH_SMTP_SECURITY": "none",
    }  # fmt: skip


def rows(home: Path) -> list[Recorded]:
    """The outbox."""
    with App(Configuration(Settings(home=home), {})) as app, app.store.read() as tx:
        return tx.find_letters(workflow=LOAD)


def mailbox(home: Path) -> Counter[str]:
    """How often the mailbox holds each letter."""
    return Counter(
        str(message_from_bytes(path.read_bytes())["X-Followthrough-Key"]) for path in (home / "mailbox/new").iterdir()
    )


def in_order(daemon: DaemonProcess) -> bool:
    """Whether the log has lines of the log only: no traceback."""
    return all("level" in line for line in daemon.log)


def test_a_full_mailbox_is_told_and_each_letter_arrives_once_when_there_is_room(tmp_path: Path) -> None:
    home = outbox_of(tmp_path, LETTERS)
    with small_disk(home / "mailbox") as disk, daemon_of(home) as daemon:
        daemon.ready()
        disk.fill()
        daemon.set_clock(at("09:00:01"))
        waiting = daemon.until("no letter can leave: they wait")
        assert waiting["letters"] == LETTERS
        assert waiting["error"] == f"The mailbox {home / 'mailbox'} took nothing: {disk.told}."
        eventually(lambda: daemon.health()[1]["status"] == "degraded", "that /healthz tells it")
        assert daemon.health()[0] == 200, "the daemon itself is well"
        assert disk.told in daemon.health()[1]["error"]
        daemon.set_clock(at("09:02"))
        daemon.until("no letter can leave: they wait")
        assert not list((home / "mailbox/tmp").glob("*")), "nothing half is left"
        disk.free()
        daemon.set_clock(at("09:06"))
        for _ in range(LETTERS):
            daemon.until("sent")
        eventually(lambda: daemon.health()[1]["status"] == "ok", "health")
        assert daemon.stop() == 0
        assert set(mailbox(home).values()) == {1}
        assert len(mailbox(home)) == LETTERS
    assert in_order(daemon)


def test_a_full_database_is_told_and_waited_for(tmp_path: Path, disk: SmallDisk | Forbidden) -> None:
    home = outbox_of(tmp_path, LETTERS)
    with daemon_of(home) as daemon:
        daemon.ready()
        eventually(lambda: daemon.health()[0] == 200, "health")
        disk.fill(daemon)
        daemon.set_clock(at("09:00:01"))
        first, second = daemon.until(FAILED), daemon.until(FAILED)
        assert first["error"] == f"{home / 'followthrough.db'}: {disk.told_by_sqlite}"
        apart = datetime.fromisoformat(second["at"]) - datetime.fromisoformat(first["at"])
        assert apart.total_seconds() >= 4, "it takes its time"
        assert daemon.health()[0] == 503
        assert disk.told_by_sqlite in daemon.health()[1]["error"]
        daemon.hang_up()
        assert daemon.until("not applied: the last good revision goes on")
        disk.free(daemon)
        for _ in range(LETTERS):
            daemon.until("sent")
        eventually(lambda: daemon.health()[0] == 200, "health")
        assert daemon.stop() == 0
    assert in_order(daemon)
    assert {(row.state, row.attempts) for row in rows(home)} == {("sent", 1)}
    assert (len(mailbox(home)), set(mailbox(home).values())) == (LETTERS, {1})


def test_what_a_server_took_as_the_disk_became_full_is_not_sent_again(
    tmp_path: Path, disk: SmallDisk | Forbidden
) -> None:
    home = outbox_of(tmp_path, LETTERS, live=True)
    with MailServer() as server, daemon_of(home, **to(server)) as daemon:
        daemon.ready()
        full = list[str]()

        def fill_up(message_id: str) -> None:
            if not full:
                disk.fill(daemon)
            full.append(message_id)

        server.on_dot = fill_up
        daemon.set_clock(at("09:00:01"))
        daemon.until(FAILED)
        assert {row.state for row in rows(home)} == {"handing"}
        daemon.set_clock(at("09:30"))  # the lease of what is in hand has ended
        daemon.until(FAILED)
        disk.free(daemon)
        for _ in range(LETTERS):
            daemon.until("sent")
        assert daemon.stop() == 0
    assert in_order(daemon)
    assert {(row.state, row.attempts) for row in rows(home)} == {("sent", 1)}
    assert len(full) == len(set(full)) == LETTERS


def test_a_daemon_told_to_stop_before_it_tried_again_records_what_left(tmp_path: Path) -> None:
    home, disk = outbox_of(tmp_path, LETTERS, live=True), Forbidden(tmp_path / "home")
    with MailServer() as server, daemon_of(home, **to(server)) as daemon:
        daemon.ready()
        server.on_dot = lambda _: disk.fill(daemon)
        daemon.set_clock(at("09:00:01"))
        daemon.until(FAILED)
        disk.free(daemon)
        assert daemon.stop() == 0
    assert in_order(daemon)
    assert {(row.state, row.attempts) for row in rows(home)} == {("sent", 1)}
    assert len([line for line in daemon.log if line["event"] == "sent"]) == LETTERS


def test_feeds_that_could_not_be_written_are_written_when_there_is_room(tmp_path: Path) -> None:
    with Installation(tmp_path) as house, small_disk(house.app.settings.feeds, "8m") as disk:
        house.apply()
        feed = house.app.settings.feeds / NOTE / "plan.ics"
        with DaemonProcess(house.app.settings.home, moment("2017-09-20"), pages=True) as daemon:
            daemon.ready()
            eventually(lambda: daemon.health()[0] == 200, "health")
            before = feed.read_bytes()
            disk.fill()
            house.at("2017-09-20T00:05").record("date", "2017-10-12", step="ny_workshop")
            told = daemon.until(FAILED)["error"]
            assert disk.told in told
            assert f"is not published, nor those after it: {feed.parent}/" in told
            assert feed.read_bytes() == before, "what was there stays whole"
            disk.free()
            eventually(lambda: b"20171012" in feed.read_bytes(), "the feed with its new day")
            assert daemon.stop() == 0
        assert not [path for path in feed.parent.iterdir() if path.suffix != ".ics"]


def test_a_log_on_a_full_disk_stops_no_letter(tmp_path: Path) -> None:
    home, letters = outbox_of(tmp_path, 60), 60
    daemon = daemon_of(home)
    with small_disk(tmp_path / "log") as disk, open(disk.folder / "log", "wb") as log:
        process = subprocess.Popen(daemon.command, cwd=ROOT, env=daemon.environment, stderr=log)
        try:
            eventually(lambda: '"started"' in (disk.folder / "log").read_text(), "the start")
            disk.fill()
            daemon.set_clock(at("09:00:01"))
            eventually(lambda: {row.state for row in rows(home)} == {"sent"}, "that all were sent")
            written = (disk.folder / "log").read_text()
            assert written.count('"sent"') < letters
            disk.free()
            process.terminate()
            assert process.wait(60) == 0
        finally:
            process.kill()
        assert "Traceback" not in (disk.folder / "log").read_text()
        assert '"stopped"' in (disk.folder / "log").read_text()
    assert (len(mailbox(home)), set(mailbox(home).values())) == (letters, {1})


@pytest.mark.parametrize("beside", [False, True])
def test_a_start_on_a_full_disk_is_refused_in_words_and_leaves_nothing_half(tmp_path: Path, beside: bool) -> None:
    with small_disk(tmp_path / "home", "8m") as disk:
        database = f"sqlite:///{tmp_path}/plans.db" if beside else ""
        home = outbox_of(tmp_path, LETTERS, database)
        disk.fill()
        done = real(home, "run", cwd=ROOT, FOLLOWTHROUGH_WEB_PORT="0", FOLLOWTHROUGH_DATABASE_URL=database)
        (line,) = done.stderr.decode().splitlines()
        assert done.returncode == 75
        assert line.startswith("Error: ")
        assert (disk.told if beside else "its disk is full, or broken") in line
        disk.free()
        with daemon_of(home, "09:00:01", FOLLOWTHROUGH_DATABASE_URL=database) as daemon:
            daemon.ready()
            for _ in range(LETTERS):
                daemon.until("sent")
            assert daemon.stop() == 0
        assert (len(mailbox(home)), set(mailbox(home).values())) == (LETTERS, {1})
