"""A subscriber as people have one: vdirsyncer fetches a private address of the running daemon, khal lists what it got."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.command import NOTE, Command
from tests.processes import DaemonProcess, eventually
from tests.support import moment

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent
WORKSHOP = "Workshop in New York on transparency reporting"
_VDIRSYNCER = """
[general]
status_path = "{folder}/status/"

[pair plan]
a = "theirs"
b = "ours"
collections = null
conflict_resolution = "a wins"

[storage theirs]
type = "http"
url = "{url}"

[storage ours]
type = "filesystem"
path = "{folder}/items"
fileext = ".ics"
"""
_KHAL = """
[calendars]
[[plan]]
path = {folder}/items
readonly = True

[sqlite]
path = {folder}/khal.db

[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
default_timezone = Europe/Zurich
local_timezone = Europe/Zurich
"""


class Shown(NamedTuple):
    """An event as khal lists it."""

    day: str
    status: str
    title: str


class Subscriber:
    """Somebody elsewhere with a folder of calendar items, who knows nothing but an address."""

    def __init__(self, folder: Path, url: str) -> None:
        (folder / "items").mkdir(parents=True)
        (folder / "vdirsyncer.conf").write_text(_VDIRSYNCER.format(folder=folder, url=url))
        (folder / "khal.conf").write_text(_KHAL.format(folder=folder))
        self.folder = folder
        self.url = url
        self._run("vdirsyncer", "discover", "plan")

    def sync(self) -> None:
        """Fetch what is new."""
        self._run("vdirsyncer", "sync")

    def shown(self, first: str, last: str) -> list[Shown]:
        """What khal lists from one day to another, each event once."""
        form = "{start-date-long}\t{status}\t{title}"
        lines = self._run("khal", "list", "--once", "--day-format", "", "--format", form, first, last).splitlines()
        return [Shown(*(part.strip() for part in line.split("\t"))) for line in lines if line]

    def served(self) -> bytes:
        """What is at the address now."""
        return httpx.get(self.url).raise_for_status().content

    def _run(self, program: str, *args: str) -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [BIN / program, "-c", self.folder / f"{program}.conf", *args],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The note's plan, applied on 20 September 2017."""
    command = Command(tmp_path / "home", monkeypatch)
    command("apply", NOTE, "--yes")
    return command


@pytest.fixture
def daemon(command: Command) -> Iterator[DaemonProcess]:
    with DaemonProcess(command.home, moment("2017-09-20T12:00"), pages=True) as daemon:
        yield daemon.ready()


@pytest.fixture
def subscriber(command: Command, daemon: DaemonProcess, tmp_path: Path) -> Subscriber:
    """A subscriber of the whole plan, by an address made for them."""
    made = command("feed", NOTE, "--make", "plan", "--for", "them", "--json", FOLLOWTHROUGH_WEB_URL=daemon.base)
    return Subscriber(tmp_path / "subscriber", json.loads(made.stdout)["url"])


def test_the_plan_a_date_that_moved_and_an_event_that_is_off_reach_a_subscriber(
    command: Command, daemon: DaemonProcess, subscriber: Subscriber
) -> None:
    subscriber.sync()
    plan = subscriber.shown("2017-09-01", "2018-09-30")
    assert Shown("2017-10-01", "TENTATIVE", WORKSHOP) in plan
    assert (
        Shown("2018-03-31", "CONFIRMED", "By 31 March 2018: Reports by those who attended the New York workshop")
        in plan
    )
    assert {"7MSP", "8MSP"} <= {each.title for each in plan}

    command("record", NOTE, "date", "2017-10-12", "--step", "ny_workshop")
    eventually(lambda: b"20171012" in subscriber.served(), "the workshop's day in the feed")
    subscriber.sync()
    assert workshop(subscriber) == [Shown("2017-10-12", "CONFIRMED", WORKSHOP)]

    command("record", NOTE, "date", "2017-10-19", "--step", "ny_workshop")
    eventually(lambda: b"20171019" in subscriber.served(), "its new day in the feed")
    subscriber.sync()
    assert workshop(subscriber) == [Shown("2017-10-19", "CONFIRMED", WORKSHOP)]

    command("record", NOTE, "cancelled", "yes", "--step", "ny_workshop")
    eventually(lambda: b"STATUS:CANCELLED" in subscriber.served(), "that it is off in the feed")
    subscriber.sync()
    assert workshop(subscriber) == [Shown("2017-10-19", "CANCELLED", WORKSHOP)]
    assert daemon.stop() == 0


def workshop(subscriber: Subscriber) -> list[Shown]:
    """Each event of October 2017 that is the workshop."""
    return [each for each in subscriber.shown("2017-10-01", "2017-10-31") if "Workshop" in each.title]


def test_a_revoked_address_leaves_a_subscriber_with_one_event_that_says_so(
    command: Command, subscriber: Subscriber
) -> None:
    subscriber.sync()
    command("feed", "--revoke", subscriber.url)
    eventually(lambda: b"no longer available" in subscriber.served(), "the notice")
    subscriber.sync()
    (notice,) = subscriber.shown("2017-09-01", "2018-09-30")
    assert notice == Shown("2017-09-20", "CONFIRMED", "This calendar is no longer available at this address")
