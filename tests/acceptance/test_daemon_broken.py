"""What is broken around the daemon: it says what and where, goes on with what is good, and comes back by itself."""

from __future__ import annotations

import re
import shutil
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.command import real
from tests.installation import NOTE, Installation
from tests.many_letters import outbox_of
from tests.processes import DaemonProcess, eventually
from tests.smtp_server import MailServer
from tests.support import ROOT, moment

pytestmark = pytest.mark.slow

PLAN = f"{NOTE}.yaml"
REFUSED, PASSING = 1, 75


class Files:
    """A running daemon's plans and templates, which a test breaks and mends."""

    def __init__(self, folder: Path) -> None:
        self.templates = folder / "templates"
        shutil.copytree(ROOT / "templates" / "email", self.templates)
        with Installation(folder) as house:
            house.apply()
        self.house = house
        self.daemon = DaemonProcess(
            house.app.settings.home, moment("2017-09-05"), house.workflows, templates=self.templates, pages=True
        )

    def broken(self, path: Path, content: bytes | None) -> list[str]:
        """What the daemon says of plans and templates with other content in a file (None: without it)."""
        good = path.read_bytes()
        path.unlink() if content is None else path.write_bytes(content)
        self.daemon.hang_up()
        told = self.daemon.until("not applied: the last good revision goes on", workflow=NOTE)
        path.write_bytes(good)
        return list(told["problems"])

    def edited(self, path: Path, old: str, new: str) -> list[str]:
        """The same, with `new` in place of the first `old`."""
        text = path.read_text("utf-8")
        assert old in text
        return self.broken(path, text.replace(old, new, 1).encode())

    def place(self, path: Path, words: str, before: str = "") -> str:
        """FILE:LINE:COLUMN of the first place where these words are in a file (after others)."""
        lines = (path.read_text("utf-8").partition(before + words)[0] + before).split("\n")
        return f"{path}:{len(lines)}:{len(lines[-1]) + 1}: "


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    files = Files(tmp_path)
    with files.daemon:
        files.daemon.ready()
        yield files


def goes_on(files: Files) -> None:
    """The last good revision is there, does its work, and a mended plan is applied."""
    assert files.daemon.health()[0] == 200
    with files.house as house, house.app.store.read() as tx:
        assert tx.current_revision_id(NOTE) == 1
    files.daemon.set_clock(moment("2017-09-05T09:00:01"))
    files.house.edit(PLAN, "2 weeks after]", "3 weeks after]")
    files.daemon.hang_up()
    assert files.daemon.until("applied", workflow=NOTE)["revision"] == 2
    assert files.daemon.stop() == 0


def test_a_broken_plan_is_told_with_its_place_and_the_last_good_one_goes_on(files: Files) -> None:
    plan, roster = files.house.workflows / PLAN, files.house.workflows / "ccm" / "contacts.csv"
    good, rows = plan.read_bytes(), roster.read_bytes()
    assert files.edited(plan, "until: report and", "until: reprot and")[0].startswith(
        files.place(plan, "report and", "until: ") + "there is no name “reprot”. Did you mean report?"
    )
    assert files.broken(plan, good + b"\tx: 1\n")[0].startswith(f"{plan}:{len(good.splitlines()) + 1}:1: a tab")
    assert files.broken(plan, b"\xff" + good)[0].startswith(f"{plan}:1:1: the byte 0xff is not UTF-8")
    assert files.broken(plan, b"")[0].startswith(f"{plan}:1:1: the file is empty")
    assert "there is no workflow" in files.broken(plan, None)[0]
    assert files.broken(roster, rows + b"one,row\n")[0].startswith(f"{roster}:{len(rows.splitlines()) + 1}:")
    assert files.broken(roster, None)[0].startswith(files.place(plan, "ccm/contacts.csv") + "the file")
    goes_on(files)


def test_a_broken_template_is_told_with_its_place_and_the_last_good_one_goes_on(files: Files) -> None:
    letter = files.templates / "event_moved.md"
    shown, end = f"templates/email/{letter.name}", letter.read_text("utf-8").count("\n") + 1
    good = letter.read_bytes()
    assert files.broken(letter, good + b"{{ nobody }}\n")[0].startswith(f"{shown}:{end}:4: there is no “nobody”")
    assert files.broken(letter, good + b"{% if party %}\n")[0].startswith(f"{shown}:{end}:1: ")
    assert files.broken(letter, b"\xff" + good)[0].startswith(f"{shown}:1:1: this is not UTF-8")
    assert files.broken(letter, b"Hello.\n")[0].startswith(f"{shown}:1:1: a letter starts with a front matter")
    missing = f"{shown.removesuffix('.md')}.es.md:1:1: there is no “event_moved.md”"
    assert files.broken(letter, None)[0].startswith(missing)
    away = files.templates.rename(files.templates.with_name("away"))
    files.daemon.hang_up()
    told = files.daemon.until("not applied: the last good revision goes on", workflow=NOTE)
    assert told["problems"] == [f"{files.templates}: No such file or directory"]
    away.rename(files.templates)
    goes_on(files)


def _several(_: Path) -> dict[str, str]:
    return {"FOLLOWTHROUGH_CHANNEL": "pigeon", "FOLLOWTHROUGH_SENDER": "me", "FOLLOWTHROUGH_WEB_PORT": "http"}


def _no_folder(folder: Path) -> dict[str, str]:
    (folder / "file").touch()
    return {"FOLLOWTHROUGH_HOME": str(folder / "file" / "home")}


def _no_database(folder: Path) -> dict[str, str]:
    (folder / "letter.odt").write_text("Dear Sir or Madam, " * 500)
    return {"FOLLOWTHROUGH_DATABASE_URL": f"sqlite:///{folder}/letter.odt"}


def _no_server(_: Path) -> dict[str, str]:
    return {"FOLLOWTHROUGH_DATABASE_URL": "postgresql://nim:horse@127.0.0.1:9/plans"}


def _no_certificates(folder: Path) -> dict[str, str]:
    return {"FOLLOWTHROUGH_CHANNEL": "smtp", "FOLLOWTHROUGH_SMTP_CA_FILE": str(folder / "ca.pem")}


def _no_secret(folder: Path) -> dict[str, str]:
    (folder / "home").mkdir()
    (folder / "home" / "pages.secret").write_bytes(b"\xff")
    return {}


@pytest.mark.parametrize(
    ("wrong", "status", "told"),
    [
        (_several, REFUSED, ["FOLLOWTHROUGH_CHANNEL", "FOLLOWTHROUGH_SENDER", "FOLLOWTHROUGH_WEB_PORT"]),
        (_no_folder, PASSING, ["file/home: Not a directory"]),
        (_no_database, PASSING, ["letter.odt: file is not a database"]),
        (_no_server, PASSING, ["postgresql+psycopg://nim:***@127.0.0.1:9/plans: ", "Connection refused"]),
        (_no_certificates, REFUSED, ["FOLLOWTHROUGH_SMTP_CA_FILE: ", "/ca.pem holds no certificates", "No such file"]),
        (_no_secret, REFUSED, ["pages.secret holds no secret: remove it"]),
    ],
)
def test_a_start_that_cannot_be_says_why(
    tmp_path: Path, wrong: Callable[[Path], dict[str, str]], status: int, told: list[str]
) -> None:
    settings = {"FOLLOWTHROUGH_HOME": str(tmp_path / "home"), "FOLLOWTHROUGH_WEB_PORT": "0", **wrong(tmp_path)}
    done = real(tmp_path / "home", "run", cwd=ROOT, **settings)
    (line,) = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (status, b"")
    assert line.startswith("Error: ")
    assert not [words for words in told if words not in line], line
    assert "fault in followthrough" not in line
    assert "horse" not in line


def test_letters_leave_also_where_the_port_of_the_pages_is_taken(tmp_path: Path) -> None:
    home = outbox_of(tmp_path, 1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = {"FOLLOWTHROUGH_WEB_PORT": str(port)}
        daemon = DaemonProcess(home, moment("2018-03-29T09:00:01", "UTC"), settings=settings, pages=True)
        with daemon:
            told = daemon.until("no pages for now: letters leave all the same, and it is tried again")
            assert f"127.0.0.1, port {port}: Address already in use" in told["error"]
            assert "FOLLOWTHROUGH_WEB_PORT" in told["error"]
            daemon.until("sent")
            taken.close()
            daemon.base = daemon.until("pages")["address"]
            assert daemon.health()[0] == 200
            assert daemon.stop() == 0


def test_a_mail_server_away_at_the_start_is_told_and_the_letters_leave_when_it_is_back(tmp_path: Path) -> None:
    home = outbox_of(tmp_path, 5, live=True)
    with MailServer() as server:
        server.stop()
        settings = {
            "FOLLOWTHROUGH_CHANNEL": "smtp", "FOLLOWTHROUGH_SMTP_HOST": "127.0.0.1",
            "FOLLOWTHROUGH_SMTP_PORT": str(server.port), "FOLLOWTHROUGH_SMTP_SECURITY": "none",
        }  # fmt: skip
        with DaemonProcess(home, moment("2018-03-29T09:00:01", "UTC"), settings=settings, pages=True) as daemon:
            daemon.ready()
            away = daemon.until("no letter can leave: they wait")
            assert (away["letters"], away["level"]) == (5, "error")
            assert f"127.0.0.1:{server.port} cannot be reached" in away["error"]
            eventually(lambda: "cannot be reached" in str(daemon.health()[1]["error"]), "the fault in /healthz")
            daemon.set_clock(moment("2018-03-29T09:00:40", "UTC"))
            eventually(lambda: "09:00:4" in daemon.health()[1]["last_tick"], "a tick while the channel rests")
            status, told = daemon.health()
            assert (status, told["status"]) == (200, "degraded"), "it is down still, and a restart would not help"
            assert "cannot be reached" in told["error"]
            metrics = httpx.get(f"{daemon.base}/metrics").text
            assert "followthrough_failures_total 1.0" in metrics
            assert "followthrough_channel_down 1.0" in metrics
            assert 'followthrough_letters{state="scheduled",workflow="load"} 5.0' in metrics

            server.start()
            daemon.set_clock(moment("2018-03-29T09:02:30", "UTC"))
            for _ in range(5):
                daemon.until("sent")
            eventually(lambda: daemon.health()[1]["status"] == "ok", "health")
            assert daemon.stop() == 0
        counts = Counter(str(mail["Message-ID"]) for mail in server.messages)
    assert (len(counts), set(counts.values())) == (5, {1})
    assert len([line for line in daemon.log if line["level"] == "error"]) == 1


@pytest.mark.parametrize("replaced", [False, True])
def test_a_database_that_is_taken_away_is_told_and_nothing_is_sent_that_nobody_would_know(
    tmp_path: Path, replaced: bool
) -> None:
    home = outbox_of(tmp_path, 1)
    database, away = home / "followthrough.db", home / "away.db"
    with DaemonProcess(home, moment("2018-03-29T08:00", "UTC"), pages=True) as daemon:
        daemon.ready()
        eventually(lambda: daemon.health()[0] == 200, "health")
        database.rename(away)
        if replaced:
            shutil.copyfile(away, database)
        assert daemon.health()[0] == 503
        daemon.set_clock(moment("2018-03-29T09:00:01", "UTC"))
        told = daemon.until("something failed, and is tried again")["error"]
        assert told.startswith(f"{database} was removed or replaced while it was in use")
        away.rename(database)
        daemon.until("sent")
        assert daemon.stop() == 0


def test_the_unit_starts_again_what_may_be_well_the_next_time() -> None:
    unit = (ROOT / "config" / "followthrough.service").read_text("utf-8")
    assert "Restart=on-failure\n" in unit
    (prevented,) = re.findall(r"^RestartPreventExitStatus=(.*)$", unit, re.MULTILINE)
    assert set(prevented.split()) == {str(REFUSED), "2"}
