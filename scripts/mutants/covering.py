"""Which test runs which line of the engine, and how long it takes: recorded once for each file of tests, and kept.

A line is counted from the start of its function, so that what is known stays true when other functions change.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from coverage import Coverage
from hypothesis import Phase, settings

TESTS = ("tests/unit", "tests/contract", "tests/property", "tests/acceptance")
_LEFT_OUT = ("test_web_", "test_cli", "test_wheel", "test_daemon", "test_whole_year", "test_forecast_cal")
"""Pages, commands and whole processes: they go through every floor, and take long to find what a nearer test should."""
OPTIONS = ["-q", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "timeout=0", "-W", "ignore"]
FEW = settings(max_examples=15, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate])

Lines = dict[str, dict[str, int]]
"""The lines that ran, by file and function: bit n is set where the line n of the function ran."""


class Test(NamedTuple):
    """A test: its id, how long the processor takes for it, and what it runs."""

    id: str
    seconds: float
    lines: Lines

    @property
    def file(self) -> str:
        """The file that it stands in."""
        return self.id.split("::")[0]


def test_files(root: Path) -> list[str]:
    """The files of tests that may notice a mutant, those of the units first."""
    return [
        str(path.relative_to(root))
        for folder in TESTS
        for path in sorted((root / folder).glob("test_*.py"))
        if not path.name.startswith(_LEFT_OUT)
    ]


def digest(root: Path, file: str) -> str:
    """What a file of tests says, in short."""
    return hashlib.sha256((root / file).read_bytes()).hexdigest()[:16]


def kept_in(folder: Path, file: str) -> Path:
    """Where is kept what a file of tests runs."""
    return folder / "cover" / (file.replace("/", ".") + ".json")


def unknown(root: Path, folder: Path) -> list[str]:
    """The files of tests of which nothing is known, or which have changed since."""
    return [file for file in test_files(root) if _known(folder, file) != digest(root, file)]


def _known(folder: Path, file: str) -> str:
    kept = kept_in(folder, file)
    return json.loads(kept.read_text("utf-8"))["digest"] if kept.exists() else ""


def known_tests(root: Path, folder: Path) -> list[Test]:
    """All tests that are known, as far as they passed."""
    tests: list[Test] = []
    for file in test_files(root):
        kept = kept_in(folder, file)
        if kept.exists():
            tests += [Test(*each) for each in json.loads(kept.read_text("utf-8"))["tests"]]
    return tests


class Recording:
    """For pytest: records each test with what it runs, and keeps a file of tests as soon as it is through."""

    def __init__(self, root: Path, files: Sequence[str], folder: Path) -> None:
        self._root, self._files, self._folder = root, files, folder
        self._coverage = Coverage(data_file=None, include=[str(root / "engine" / "*")], config_file=False)
        self._tests: list[Test] = []
        self._failed = False
        for file in (root / "engine").rglob("*.py"):
            _places(file)  # as it is imported, whatever is edited meanwhile

    def pytest_configure(self, config: pytest.Config) -> None:
        self._terminal = config.pluginmanager.get_plugin("terminalreporter")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            soften(item)
        for file in {*self._files} - {_file(item) for item in session.items}:
            self._keep(file)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
        self._failed = False
        self._coverage.erase()
        started = time.process_time()
        self._coverage.start()
        yield
        self._coverage.stop()
        seconds = round(time.process_time() - started, 4)
        if not self._failed:
            self._tests.append(Test(item.nodeid, seconds, self._lines()))
        if nextitem is None or _file(nextitem) != _file(item):
            self._keep(_file(item))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._failed |= not report.passed

    def _lines(self) -> Lines:
        data = self._coverage.get_data()
        return {
            str(Path(name).relative_to(self._root)): by_function(Path(name), data.lines(name) or [])
            for name in sorted(data.measured_files())
        }

    def _keep(self, file: str) -> None:
        kept = kept_in(self._folder, file)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({"digest": digest(self._root, file), "tests": self._tests}), "utf-8")
        if self._terminal is not None:
            self._terminal.line(f" {file}: {len(self._tests)} tests, {sum(test.seconds for test in self._tests):.0f} s")
        self._tests = []


def _file(item: pytest.Item) -> str:
    return item.nodeid.split("::")[0]


def by_function(file: Path, lines: Sequence[int]) -> dict[str, int]:
    """Lines of a file by their function, as bits."""
    found: dict[str, int] = {}
    places = _places(file)
    for line in lines:
        if (place := places.get(line)) is not None:
            name, offset = place
            found[name] = found.get(name, 0) | 1 << offset
    return found


@cache
def _places(file: Path) -> dict[int, tuple[str, int]]:
    """Each line of a file with its outermost function and its place in there, counted from a decorator, if it has any."""
    places: dict[int, tuple[str, int]] = {}
    for name, node in functions(ast.parse(file.read_text("utf-8"))):
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        places |= {line: (name, line - first) for line in range(first, (node.end_lineno or first) + 1)}
    return places


def functions(
    tree: ast.Module | ast.ClassDef, within: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The outermost functions, by name: `function` or `Class.method`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield within + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{within}{node.name}.")


def soften(item: pytest.Item) -> None:
    """Few examples, always the same, for what is tried at random."""
    function = getattr(item, "obj", None)
    used = getattr(function, "_hypothesis_internal_use_settings", None)
    if function is None or not getattr(function, "is_hypothesis_test", False):
        return
    own = getattr(function, "__func__", function)
    own._hypothesis_internal_use_settings = settings(FEW, suppress_health_check=(used or FEW).suppress_health_check)


def record(root: Path, files: Sequence[str], folder: Path) -> None:
    """Record files of tests. To be called in a process of its own, which ends as pytest does: it imports engine and tests."""
    sys.exit(pytest.main([*OPTIONS, "--no-header", *files], plugins=[Recording(root, files, folder)]))
