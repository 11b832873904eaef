"""The machine that the figures come from."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path

from engine.clock import SystemClock


def machine() -> dict[str, str]:
    """What a reader has to know to read the figures."""
    return {
        "date": SystemClock().now().date().isoformat(),
        "cpu": _cpu(),
        "cores": str(os.cpu_count() or 1),
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
