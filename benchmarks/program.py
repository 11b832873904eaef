"""The program: which benchmarks there are, the table, the JSON."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks import commands, daemon, delivery, feeds, importing, memory, pages, planning, storing
from benchmarks.figures import Figure
from benchmarks.machine import machine
from benchmarks.measuring import QUICK, THOROUGH, Scope
from engine import settings

BENCHMARKS: Mapping[str, Callable[[Scope, Path], Iterator[Figure]]] = {
    "simulate": commands.simulate,
    "plan": commands.plan,
    "forecast": commands.forecast,
    "help": commands.help_,
    "planning": planning.whole,
    "replan": planning.one_party,
    "record": storing.one_party,
    "import": importing.answers,
    "rows": storing.rows,
    "memory": memory.growth,
    "feeds": feeds.thousand,
    "delivery": delivery.whole,
    "daemon": daemon.waiting,
    "pages": pages.served,
}
_HEAD = ("name", "median", "processor", "goal", "met", "beside it")
_NOTE = """\
median: by the clock; processor: the same runs in processor time. met: yes, no, or “cpu” where only the processor time
keeps to the goal, since the machine was busy with other work (load: tasks that wanted to run)."""


def main() -> None:
    """Measure, print a table, write `bench.json` into the home."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=[*BENCHMARKS], help="this benchmark; again for several")
    parser.add_argument("--quick", action="store_true", help="fewer runs and a tenth of the size: a look, no figures")
    chosen = parser.parse_args()
    about = machine()
    print("  ".join(f"{name} {value}" for name, value in about.items()))
    figures: list[Figure] = []
    for name in chosen.only or BENCHMARKS:
        if sys.stderr.isatty():
            print(f"{name} …", end="\r", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="followthrough-bench-") as folder:
            figures += BENCHMARKS[name](QUICK if chosen.quick else THOROUGH, Path(folder))
    for line in table(figures):
        print(line)
    print(_NOTE)
    print(f"written to {_write(figures, about, quick=chosen.quick)}")


def _write(figures: list[Figure], about: dict[str, str], *, quick: bool) -> Path:
    path = settings.load().settings.home / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": about, "quick": quick, "figures": [figure.as_json() for figure in figures]}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def table(figures: list[Figure]) -> Iterator[str]:
    """The figures in columns."""
    rows = [_HEAD, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(figure: Figure) -> tuple[str, ...]:
    sign = ("≥ " if figure.goal.at_least else "≤ ") if figure.goal else ""
    return (
        f"{figure.name}: {figure.what}",
        _with_unit(figure.wall, figure.unit),
        _with_unit(figure.cpu, figure.unit) if figure.cpu is not None else "",
        sign + _with_unit(figure.goal.limit, figure.unit) if figure.goal else "",
        figure.met,
        figure.peer,
    )


def _with_unit(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"
