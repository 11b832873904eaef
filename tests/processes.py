"""Real daemon processes for tests: started, listened to line by line, stopped or killed. Nothing sleeps to wait."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.clock import SystemClock
from tests.support import ROOT


class DaemonProcess:
    """A daemon on a home folder, with a clock that the test sets."""

    def __init__(self, home: Path, at: datetime, **environment: str) -> None:
        self.home = home
        self.offset = home / "offset"
        self.environment = {
            **os.environ, "FOLLOWTHROUGH_HOME": str(home), "FOLLOWTHROUGH_LOG_FORMAT": "json", **environment
        }  # fmt: skip
        self.set_clock(at)
        self.process: subprocess.Popen[str] | None = None
        self.log: list[dict[str, Any]] = []

    def set_clock(self, at: datetime) -> None:
        """Set the daemon's clock, also while it runs: whole, so that it never reads half a number."""
        self.home.mkdir(parents=True, exist_ok=True)
        part = self.offset.with_name("offset.part")
        part.write_text(str((at - SystemClock().now()).total_seconds()))
        part.replace(self.offset)

    def start(self) -> DaemonProcess:
        """Start it; it is not ready before `until("started")`."""
        command = [sys.executable, "-m", "tests.daemon_process", str(self.offset)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        return self

    def until(self, event: str, **values: Any) -> dict[str, Any]:
        """Read the log up to a line of that event (and values), and give it back."""
        assert self.process is not None
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if not line.startswith("{"):
                self.log.append({"event": line.rstrip()})
                continue
            found = json.loads(line)
            self.log.append(found)
            if found["event"] == event and all(found.get(name) == value for name, value in values.items()):
                return dict(found)
        raise AssertionError(f"the daemon ended without “{event}”: {self.log[-5:]}")

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.communicate()

    def stop(self) -> int:
        """TERM, and the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        _, rest = self.process.communicate(timeout=60)
        self.log += [json.loads(line) for line in rest.splitlines() if line.startswith("{")]
        return self.process.returncode

    def __enter__(self) -> DaemonProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
