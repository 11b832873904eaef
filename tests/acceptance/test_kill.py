"""`kill -9` at any moment of a simulation leaves a store from which it can go on (guarantees G1 and G2)."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT

pytestmark = pytest.mark.slow

_KILLS = 5
_BATCH = 50
_COMMAND = [
    sys.executable, "-m", "engine.cli", "simulate", "ccm-nim-2018", "--scenario", "workflows/ccm/scenario-2018.yaml",
    "--until", "2017-10-14", "--json",
]  # fmt: skip


def start(home: Path, *more: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "FOLLOWTHROUGH_HOME": str(home)}
    return subprocess.Popen([*_COMMAND, *more], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = process.communicate(timeout=250)
    assert process.returncode == 0
    found: dict[str, Any] = json.loads(out)
    return found


def journal_length(store: Path) -> int:
    if not store.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=1) as connection:
            return int(connection.execute("SELECT count(*) FROM journal").fetchone()[0])
    except sqlite3.Error:
        return 0


def kill_when(process: subprocess.Popen[str], store: Path, length: int) -> bool:
    """Kill the process as soon as its journal is that long; False when it ended before."""
    while process.poll() is None:
        if journal_length(store) >= length:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            return True
    process.communicate()
    return False


def sent_letters(store: Path) -> dict[str, str]:
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        return dict(connection.execute("SELECT key, message_id FROM letter WHERE state = 'sent'").fetchall())


def message_ids(mailbox: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for path in (mailbox / "new").iterdir():
        lines = path.read_text("utf-8", errors="replace").splitlines()
        found[next(line.partition(": ")[2] for line in lines if line.startswith("Message-ID: "))] += 1
    return found


def test_a_killed_year_goes_on_and_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole = finish(start(tmp_path / "whole"))
    expected = sent_letters(Path(whole["store"]))
    total = journal_length(Path(whole["store"]))

    home = tmp_path / "killed"
    store = home / "simulations" / "ccm-2018-1" / "followthrough.db"
    chance = random.Random(7)
    kills = sum(
        kill_when(start(home, *(["--continue", str(store)] if store.exists() else [])), store, length)
        for length in sorted(chance.randrange(1, total) for _ in range(_KILLS))
    )
    assert kills >= _KILLS // 2
    after = finish(start(home, "--continue", str(store)))

    assert sent_letters(store) == expected
    assert after["letters"] == whole["letters"]
    mailed = message_ids(Path(after["mailbox"]))
    assert set(mailed) == set(expected.values())
    assert sum(mailed.values()) - len(mailed) <= kills * _BATCH
