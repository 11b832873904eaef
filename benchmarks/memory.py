"""Memory for each letter: planning and writing in a process of its own, at two sizes; the slope counts."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from sys import getsizeof

from benchmarks import large
from benchmarks.figures import Figure, Goal
from benchmarks.measuring import ROOT, Scope
from benchmarks.storing import changes_of, write
from engine.store import Store


def growth(scope: Scope, folder: Path) -> Iterator[Figure]:
    """How much the peak grows by for each letter more."""
    few, many = _peak(scope.parties // 8), _peak(scope.parties // 2)
    slope = (many["peak"] - few["peak"]) / (many["letters"] - few["letters"])
    letter = large.planner(large.plannable(1)).plan().letters[0]
    bare = getsizeof(letter) + getsizeof(letter.key)
    peer = f"a letter and its key alone take {bare} B; from {few['letters']:,} to {many['letters']:,} letters"
    yield Figure("memory", "a letter planned and written", "B", slope, None, 1, Goal(1024), peer)


def _peak(parties: int) -> dict[str, int]:
    args = [sys.executable, "-m", "benchmarks.memory", str(parties)]
    done = subprocess.run(args, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, int] = json.loads(done.stdout)
    return found


def _main() -> None:
    with tempfile.TemporaryDirectory(prefix="followthrough-bench-") as folder:
        changes = changes_of(int(sys.argv[1]))
        with Store.open(f"sqlite:///{folder}/memory.db") as store:
            write(store, changes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"letters": len(changes), "peak": peak}))


if __name__ == "__main__":
    _main()
