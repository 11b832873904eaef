"""`make fuzz`: each target for some seconds, one after the other; a line for each at the end, and 1 where there are finds.

What was learnt is kept in `var/fuzz/corpus`, so that the next run goes on from it; finds are in `var/fuzz/finds`.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGETS = sorted(path.stem for path in (Path(__file__).parent / "targets").glob("[a-z]*.py"))
_STATUS = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)")
_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def main() -> int:
    """Run the targets asked for; 0 if nothing was found."""
    parser = argparse.ArgumentParser(prog="make fuzz", description="Fuzz what reads what people and machines write.")
    parser.add_argument("target", nargs="*", help=f"some of {', '.join(TARGETS)}; default: all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target; default 60")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "fuzz", help="where corpus and finds are kept")
    given = parser.parse_args()
    if unknown := [name for name in given.target if name not in TARGETS]:
        parser.error(f"there is no target {unknown[0]}: there are {', '.join(TARGETS)}")
    if importlib.util.find_spec("atheris") is None:
        print("make fuzz needs atheris, which comes for Linux on x86-64 and CPython up to 3.14 only.", file=sys.stderr)
        return 2
    given.folder.mkdir(parents=True, exist_ok=True)
    found = [_fuzz(name, given.seconds, given.folder) for name in given.target or TARGETS]
    return 1 if any(found) else 0


def _fuzz(name: str, seconds: int, folder: Path) -> bool:
    """Fuzz one target, and say what came of it; whether anything was found."""
    log = folder / f"{name}.log"
    print(f"{name}: {seconds} s …", flush=True)
    finds = folder / "finds" / name
    before = set(finds.glob("*"))
    with log.open("w", encoding="utf-8", errors="replace") as out:
        command = [sys.executable, "-m", "tests.fuzz.driver", name, str(seconds), str(folder)]
        code = subprocess.run(command, cwd=ROOT, stdout=out, stderr=out, check=False).returncode
    said = log.read_text("utf-8", errors="replace")
    runs, status = _RUNS.findall(said), _STATUS.findall(said)
    branches, inputs = (status[-1][0], status[-1][2]) if status else ("?", "?")
    new = sorted(path for path in set(finds.glob("*")) - before if path.suffix != ".txt")
    print(f"{name}: {runs[-1] if runs else '?'} inputs, {branches} branches, {inputs} kept, {len(new)} finds")
    for path in new:
        print(f"  {path}")
    if code and not new:
        print(f"  it ended with {code}: see {log}")
    return bool(new) or code != 0


if __name__ == "__main__":
    sys.exit(main())
