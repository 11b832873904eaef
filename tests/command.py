"""The command for tests: run in this process at an instant of the test's choosing, or for real in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from engine.cli.program import app
from engine.clock import ManualClock
from tests.support import moment

NOTE = "ccm-nim-2018"
REPORTS = "article7-annual"
REAL = [sys.executable, "-m", "engine.cli"]
ROOT = Path(__file__).resolve().parent.parent


class Command:
    """One installation below a folder of the test's. `at` sets its clock."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        self.clock = ManualClock(moment("2017-09-20T12:00"))
        self.environment = {"FOLLOWTHROUGH_HOME": str(home), "FOLLOWTHROUGH_DEBUG": "1"}
        monkeypatch.setattr("engine.app.root.SystemClock", lambda: self.clock)
        monkeypatch.setattr("engine.cli.session.getpass.getuser", lambda: "anna")

    def at(self, text: str) -> None:
        """Move the clock on."""
        self.clock.move_to(moment(text))

    def __call__(self, *args: str, exits: int = 0, answer: str | None = None, **environment: str) -> Result:
        """Run it; the exit status is looked at first."""
        result = CliRunner().invoke(
            app, list(args), input=answer, env=self.environment | environment, prog_name="followthrough"
        )
        assert result.exit_code == exits, f"{result.output}\n{result.exception!r}"
        return result

    def json(self, *args: str) -> Any:
        """Run it with --json: nothing else is on stdout."""
        return json.loads(self(*args, "--json").stdout)


def real(home: Path, *args: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, with an environment that holds nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "PYTHONPYCACHEPREFIX") if name in os.environ}
    variables = kept | {"PYTHONPATH": str(ROOT), "FOLLOWTHROUGH_HOME": str(home)} | environment
    return subprocess.run([*REAL, *args], cwd=cwd, env=variables, capture_output=True, timeout=60, check=False)
