"""The daemon with ten thousand letters to come: how soon it is ready, and what it costs to wait."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks import large
from benchmarks.figures import Figure, Goal
from benchmarks.measuring import ROOT, Scope, Spent, interpreter, median
from engine.app.catalog import Catalog
from engine.app.plans.apply import apply
from engine.app.root import App
from engine.clock import SystemClock
from engine.definition.dates import local_date
from engine.settings import Configuration, Settings

_PARTIES = 1_250
_LETTERS = _PARTIES * large.SLOTS
_HOUR = 3_600
_SETTLED = 5.0
"""Seconds after which what belongs to the start is over."""


def waiting(scope: Scope, folder: Path) -> Iterator[Figure]:
    """Start and idle, of `followthrough run` as a process of its own."""
    _prepare(folder)
    starts = []
    for _ in range(scope.slow_runs + 1):
        with _running(folder) as started:
            starts.append(started.took)
    took = median(starts[1:])
    bare = interpreter("import sqlmodel, holidays, fastapi, uvicorn", scope.slow_runs)
    peer = f"loading the libraries alone {bare.wall:.2f} s ({bare.cpu:.2f} s)"
    yield Figure("start", f"ready, pages and all, {_LETTERS:,} letters", "s", *took, scope.slow_runs, Goal(1.5), peer)
    with _running(folder) as started:
        time.sleep(_SETTLED)
        before = started.cpu()
        time.sleep(scope.idle)
        hour = (started.cpu() - before) * _HOUR / scope.idle
        memory = started.memory()
    what = f"an hour with {_LETTERS:,} letters to come, from {scope.idle} s of it"
    yield Figure("idle", what, "s", hour, hour, 1, Goal(3.0), "processor time")
    yield Figure("idle", "memory of the daemon, pages and all", "MB", memory / 1e6, None, 1, Goal(150.0))


def _prepare(folder: Path) -> None:
    """Apply the large plan, with its first letter some weeks from now."""
    plans = folder / "workflows"
    plans.mkdir()
    today = local_date(SystemClock().now(), large.ZONE)
    by = today + timedelta(weeks=20)
    text = large.WORKFLOW.replace(large.STARTS, str(today)).replace("2026-06-30", str(by))
    (plans / "large.yaml").write_text(text, "utf-8")
    for name, rows in large.files(_PARTIES).items():
        (plans / name).write_text(rows, "utf-8")
    with App(Configuration(Settings(home=folder / "home"), {})) as app:
        app.catalog = Catalog({}, workflows=plans)
        apply(app, large.NAME, "benchmark", yes=True)


class _Started:
    """A daemon that is ready, and what its start took."""

    def __init__(self, process: subprocess.Popen[bytes], wall: float) -> None:
        self.process = process
        self.took = Spent(wall, self.cpu())

    def cpu(self) -> float:
        """Seconds of processor time so far, of all its threads; the clock ticks of `stat` are too coarse for an idler."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

    def memory(self) -> int:
        """Bytes that are in memory."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def _running(folder: Path) -> Iterator[_Started]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "FOLLOWTHROUGH_HOME": str(folder / "home"), "FOLLOWTHROUGH_WEB_PORT": str(port)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli", "run"], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not _answers(port):
            assert process.poll() is None, "it ended"
            time.sleep(0.005)
        yield _Started(process, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _answers(port: int) -> bool:
    """Whether `/healthz` says that all is well."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
