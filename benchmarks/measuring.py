"""Measuring: one run after another, by the clock and by processor time, in this process or in another."""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Spent(NamedTuple):
    """Seconds by the clock, and seconds of processor time."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Scope:
    """How thoroughly to measure: runs of what is quick and of what is slow, and the size of what is large.

    `idle` is how many seconds of the daemon's waiting are looked at.
    """

    runs: int
    slow_runs: int
    parties: int
    stored_parties: int
    letters: int
    idle: int


THOROUGH = Scope(runs=9, slow_runs=3, parties=100_000, stored_parties=12_500, letters=2_000, idle=60)
QUICK = Scope(runs=3, slow_runs=1, parties=10_000, stored_parties=1_250, letters=200, idle=10)


def spent(work: Callable[[], object]) -> Spent:
    """What one piece of work takes in this process."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    kept = work()
    took = Spent(time.perf_counter() - wall, time.process_time() - cpu)
    del kept
    return took


def median(samples: Sequence[Spent]) -> Spent:
    """The median of each of the two times."""
    return Spent(statistics.median(each.wall for each in samples), statistics.median(each.cpu for each in samples))


def repeated(runs: int, work: Callable[[], object]) -> Spent:
    """The median of several runs."""
    return median([spent(work) for _ in range(runs)])


def python(*args: str, environment: Mapping[str, str] | None = None) -> Spent:
    """What a Python process takes from its start to its end, with its own children. Raises if it fails."""
    variables = {**os.environ, **(environment or {})}
    # As installed: a second start finds the byte code that the first one left.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    wall = time.perf_counter()
    process = subprocess.Popen([sys.executable, *args], cwd=ROOT, env=variables, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    took = Spent(time.perf_counter() - wall, usage.ru_utime + usage.ru_stime)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return took


def command(*args: str, home: Path, runs: int) -> Spent:
    """The median of several runs of a `followthrough` command, after one that is not counted."""
    environment = {"FOLLOWTHROUGH_HOME": str(home)}
    samples = [python("-m", "engine.cli", *args, environment=environment) for _ in range(runs + 1)]
    return median(samples[1:])


def interpreter(statement: str, runs: int) -> Spent:
    """The median of several runs of one statement in a Python of its own, after one that is not counted."""
    samples = [python("-c", statement) for _ in range(runs + 1)]
    return median(samples[1:])


def times(value: float, peer: float) -> str:
    """`1.7×`: how many times the peer."""
    return f"{value / peer:.1f}×" if peer else "–"
