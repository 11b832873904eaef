"""The pages served for real: by a thread beside the year, at a port, and not for ever."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from engine.app.root import App
from engine.clock import SystemClock
from engine.errors import Refused
from engine.settings import Configuration, Settings
from engine.web.health import Health
from engine.web.serving import Pages, serve
from tests.command import NOTE, REAL, ROOT, Command, real
from tests.installation import Installation
from tests.support import hear_interrupts

SCENARIO = "workflows/ccm/scenario-2018.yaml"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as house:
        house.apply()
        yield house


def test_pages_are_served_until_they_stop(house: Installation) -> None:
    with Pages(house.app, port=0) as pages:
        base, port = pages.base, pages.port
        with httpx.Client() as client:
            assert client.get(f"{base}/").status_code == 403
            assert client.get(pages.link).status_code == 200
            answer = client.get(f"{base}/")
            assert answer.status_code == 200
            assert "server" not in answer.headers
            head = client.head(f"{base}/")
            assert (head.status_code, head.content) == (200, b"")
            assert client.get(f"{base}/healthz").status_code == 200, "the connection goes on"
    with pytest.raises(httpx.ConnectError):
        httpx.get(base)
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_port_that_is_taken_is_said_or_another_is_taken(house: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match=rf"port {port}: .*FOLLOWTHROUGH_WEB_PORT"):
            Pages(house.app, port=port)
        with Pages(house.app, port=port, any_port=True) as pages:
            assert pages.port != port


def test_the_daemons_pages_know_its_sessions_after_a_restart(tmp_path: Path) -> None:
    configuration = Configuration(Settings(home=tmp_path, web_port=0), {})
    health = Health()
    with httpx.Client() as client:
        for start in range(2):
            with serve(configuration, health=health) as pages:
                if not start:
                    client.get(pages.link)
                assert client.get(f"{pages.base}/").status_code == 200
                assert client.get(f"{pages.base}/healthz").status_code == 503


def test_a_command_prints_a_link_that_opens_the_running_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command(tmp_path, monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configuration = Configuration(Settings(home=command.home, web_port=port), {})
    with serve(configuration, health=Health()) as pages:
        printed = command("link", FOLLOWTHROUGH_WEB_PORT=str(port))
        assert printed.stdout.strip().startswith(f"{pages.base}/enter/")
        assert "within 15 minutes" in printed.stderr
        with httpx.Client() as client:
            assert client.get(f"{pages.base}/").status_code == 403
            assert client.get(printed.stdout.strip()).status_code == 200
            assert client.get(f"{pages.base}/").status_code == 200


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_json_log_has_a_link(tmp_path: Path, form: str) -> None:
    process = subprocess.Popen(
        [*REAL, "run"], cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=hear_interrupts,
        env={"FOLLOWTHROUGH_HOME": str(tmp_path), "FOLLOWTHROUGH_WEB_PORT": "0", "FOLLOWTHROUGH_LOG_FORMAT": form,
             "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        log = ""
        while "started" not in log:
            log += process.stderr.readline()
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert ("/enter/" in log) == (form == "text")
    assert "http://127.0.0.1:" in log
    assert "followthrough link" in log or form == "text"


def test_the_port_belongs_to_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command(tmp_path, monkeypatch)
    assert "--serve" in command("simulate", NOTE, "--scenario", SCENARIO, "--port", "8080", exits=2).stderr


@pytest.mark.slow
def test_without_a_terminal_a_served_year_ends_by_itself(tmp_path: Path) -> None:
    done = real(
        tmp_path, "simulate", NOTE, "--scenario", SCENARIO, "--until", "2017-09-10T00:00", "--serve", "--port", "0"
    )
    assert done.returncode == 0, done.stderr
    assert re.search(rb"http://127\.0\.0\.1:\d+/enter/\S+", done.stdout)
    assert done.stderr == b""


@pytest.mark.slow
def test_a_served_year_stays_up_if_asked_and_ends_quietly(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*REAL, "simulate", NOTE, "--scenario", SCENARIO, "--until", "2017-09-10T00:00", "--serve", "--stay", "--json"],
        cwd=ROOT, env={"FOLLOWTHROUGH_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_interrupts,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        link = re.search(r"http://\S+", process.stderr.readline())
        assert link is not None
        assert "stays up" in process.stderr.readline()
        with httpx.Client() as client:
            assert client.get(link[0]).status_code == 200
            page = client.get(link[0].partition("/enter/")[0])
        assert "9 September 2017, 23:59" in page.text
        process.send_signal(2)
        stdout, stderr = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, stderr
    assert stderr == ""
    assert json.loads(stdout)["workflow"] == NOTE


def test_other_commands_load_nothing_of_the_pages() -> None:
    program = (
        "import sys\nfrom engine.cli.program import app\nimport engine.app.root, engine.simulation.runner\n"
        "import engine.cli.views.letters, engine.cli.views.feed, engine.cli.simulate.command\n"
        "print(*[name for name in ('fastapi', 'uvicorn', 'starlette', 'engine.web', 'prometheus_client')"
        " if name in sys.modules])"
    )
    done = subprocess.run([*REAL[:1], "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_an_app_for_the_pages_is_its_own(house: Installation) -> None:
    with Pages(house.app, port=0) as pages:
        site = pages.pages.state.site
        assert isinstance(site.app, App)
        assert site.app is not house.app
        assert site.app.standings is not house.app.standings
        assert site.app.clock is house.clock


def test_each_answer_has_the_date(house: Installation) -> None:
    """A server that looks around only when it is asked still says when it answers (RFC 9110, 6.6.1)."""
    with Pages(house.app, port=0) as pages:
        answer = httpx.get(f"{pages.base}/healthz")
    assert len(answer.headers.get_list("date")) == 1
    said = parsedate_to_datetime(answer.headers["date"])
    assert abs(said - SystemClock().now()) < timedelta(minutes=5)
