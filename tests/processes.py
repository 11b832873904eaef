"""Real daemon processes for tests: started, listened to line by line, stopped or killed. Nothing sleeps to wait."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from engine.clock import SystemClock
from tests.support import ROOT

_PATIENCE = 60


def eventually(true: Callable[[], bool], what: str) -> None:
    """Look until it is true, for as long as patience lasts."""
    until, pause = time.monotonic() + _PATIENCE, threading.Event()
    while not true():
        assert time.monotonic() < until, f"not within {_PATIENCE} s: {what}"
        pause.wait(0.05)


class DaemonProcess:
    """A daemon on a home folder, with a clock that the test sets; `pages` has it serve them at a free port."""

    def __init__(
        self,
        home: Path,
        at: datetime,
        workflows: Path | None = None,
        settings: Mapping[str, str] | None = None,
        *,
        templates: Path | None = None,
        pages: bool = False,
        offset: Path | None = None,
        plans: Sequence[str] = (),
    ) -> None:
        self.home = home
        self.offset = offset or home / "offset"
        self.pages = pages
        self.base = ""
        """The address of its pages, once it has told it."""
        self.command = [sys.executable, "-m", "tests.daemon_process", str(self.offset)]
        self.command += plans
        self.command += ["--workflows", str(workflows)] if workflows else []
        self.command += ["--templates", str(templates)] if templates else []
        self.command += ["--pages"] if pages else []
        self.environment = {
            **os.environ,
            "FOLLOWTHROUGH_HOME": str(home),
            "FOLLOWTHROUGH_LOG_FORMAT": "json",
            "FOLLOWTHROUGH_WEB_PORT": "0",
            **(settings or {}),
        }
        self.set_clock(at)
        self._client = httpx.Client(timeout=_PATIENCE)
        self.process: subprocess.Popen[str] | None = None
        self.log: list[dict[str, Any]] = []
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def set_clock(self, at: datetime) -> None:
        """Set the daemon's clock, also while it runs: whole, so that it never reads half a number."""
        self.home.mkdir(parents=True, exist_ok=True)
        part = self.offset.with_name("offset.part")
        part.write_text(str((at - SystemClock().now()).total_seconds()))
        part.replace(self.offset)

    def start(self) -> DaemonProcess:
        """Start it; it is not ready before `until("started")`."""
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=self.environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        self._lines = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def until(self, event: str, **values: Any) -> dict[str, Any]:
        """Take lines of the log up to one of that event (and values), and give it back."""
        while (found := self._next(event)) is not None:
            if found["event"] == event and all(found.get(name) == value for name, value in values.items()):
                return found
        raise AssertionError(f"the daemon ended without “{event}”: {self.log[-5:]}")

    def until_sent(self, part: str) -> dict[str, Any]:
        """Take lines up to that of a letter sent whose key has `part` in it."""
        while part not in (found := self.until("sent"))["key"]:
            pass
        return found

    def ready(self) -> DaemonProcess:
        """Take lines up to that it has started."""
        if self.pages:
            self.base = self.until("pages")["address"]
        self.until("started")
        return self

    def health(self) -> tuple[int, dict[str, Any]]:
        """What /healthz answers: the status, and what it tells."""
        answer = self._client.get(f"{self.base}/healthz")
        return answer.status_code, answer.json()

    def _next(self, event: str) -> dict[str, Any] | None:
        try:
            line = self._lines.get(timeout=_PATIENCE)
        except queue.Empty:
            raise AssertionError(f"no “{event}” within {_PATIENCE} s: {self.log[-5:]}") from None
        if line is None:
            return None
        found: dict[str, Any] = json.loads(line) if line.startswith("{") else {"event": line.rstrip()}
        self.log.append(found)
        return found

    def _read(self) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(line)
        self._lines.put(None)

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def hang_up(self) -> None:
        """HUP: read the plans again."""
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> int:
        """TERM; the rest of the log, and the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        while self._next("the end of the log") is not None:
            pass
        return self.process.wait(timeout=_PATIENCE)

    def __enter__(self) -> DaemonProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        if self.process is not None and self.process.poll() is None:
            self.kill()
