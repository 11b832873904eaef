"""Lets tests loose on mutants, each in a process of its own, which forgets everything by ending.

Two ways: most mutants are put into functions of an engine that is imported already, with its tests collected once.
What runs when a module is imported needs a process that has not done so yet, and does it with the mutant.
"""

from __future__ import annotations

import gc
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest

from scripts.mutants.covering import OPTIONS, Test, soften
from scripts.mutants.mutations import Mutant
from scripts.mutants.placing import LOADS, import_instead, module_name, places, put

SURVIVED, KILLED, UNPLACED = 0, 1, 4
_MEMORY = 4 << 30
_CPU = (10.0, 5.0)
_WALL = (40.0, 60.0)
"""A test has ten times the processor's time that it took, and five seconds; by the clock much more, for a busy machine."""


class Job(NamedTuple):
    """A mutant and the tests that may notice it, in the order in which they are tried."""

    mutant: Mutant
    tests: tuple[Test, ...]


class Result(NamedTuple):
    """What became of a mutant: `killed`, `timeout`, `survived`, `uncovered` or `unplaced`; by which test."""

    outcome: str
    by: str
    seconds: float


class Child:
    """What the work in a child is given: a folder of its own, and how to end with a result."""

    def __init__(self, folder: Path, write: int) -> None:
        self.folder, self._write = folder, write

    def end(self, code: int, said: str = "") -> NoReturn:
        """End this process, at once."""
        os.write(self._write, said.encode())
        os._exit(code)


def in_child(work: Callable[[Child], object]) -> Result:
    """Do something in a child that ends itself (ending otherwise is a kill, too), and say how it ended."""
    started = time.monotonic()
    sys.stdout.flush()
    sys.stderr.flush()
    shared = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="mutant-", dir=shared if shared.is_dir() else None))
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        _work_and_end(work, Child(folder, write))
    os.close(write)
    _, status = os.waitpid(child, 0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what a test started, and left
    os.set_blocking(read, False)
    said = b""
    with suppress(BlockingIOError):
        said = os.read(read, 65536)
    os.close(read)
    shutil.rmtree(folder, ignore_errors=True)
    return Result(_outcome(status), said.decode(), round(time.monotonic() - started, 2))


def _work_and_end(work: Callable[[Child], object], child: Child) -> NoReturn:
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        work(child)
    finally:
        child.end(KILLED, "an error outside of tests")


def _outcome(status: int) -> str:
    if os.WIFSIGNALED(status):
        return "timeout" if os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGPROF) else "killed"
    return {SURVIVED: "survived", KILLED: "killed", UNPLACED: "unplaced"}.get(os.WEXITSTATUS(status), "killed")


def _limit(seconds: float) -> None:
    for number, timer, (times, more) in (
        (signal.SIGPROF, signal.ITIMER_PROF, _CPU),
        (signal.SIGALRM, signal.ITIMER_REAL, _WALL),
    ):
        signal.signal(number, signal.SIG_DFL)
        signal.setitimer(timer, seconds * times + more)


class _FirstFailure:
    """For pytest, in a child: the first test that fails ends it."""

    def __init__(self, child: Child) -> None:
        self._child = child

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._child.end(KILLED, report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._child.end(KILLED, f"{report.nodeid} cannot be read")


class Swapping:
    """For pytest: instead of running the tests that were collected, runs mutants through them.

    The tests that killed others of a function are tried first for the next of it. `unfit` are in the end the tests
    that failed without any mutant, so that nothing is proved by them.
    """

    def __init__(self, root: Path, jobs: Sequence[Job], tell: Callable[[Job, Result], None]) -> None:
        self._root, self._jobs, self._tell = root, jobs, tell
        self._killers: dict[str, Counter[str]] = {}
        self.unfit: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        for item in session.items:
            soften(item)
        for file in sorted({job.mutant.file for job in self._jobs}):  # a test may import it only when it runs
            import_module(module_name(file))
        if not any(job.mutant.file.startswith(LOADS) for job in self._jobs):
            _read_plans()
        alive = places(self._root / "engine")
        gc.collect()
        gc.freeze()
        for job in self._jobs:
            killers = self._killers.setdefault(f"{job.mutant.file} {job.mutant.function}", Counter())
            ordered = sorted(job.tests, key=lambda test: -killers[test.id])

            def work(child: Child, mutant: Mutant = job.mutant, ordered: Sequence[Test] = ordered) -> None:
                if not put(mutant, self._root, alive):
                    child.end(UNPLACED)
                _run(session, items, ordered, child)

            result = in_child(work)
            killers[result.by] += result.outcome == "killed"
            self._tell(job, result)
        self._control(session, items)
        return True

    def _control(self, session: pytest.Session, items: dict[str, pytest.Item]) -> None:
        known = {test.id: test for job in self._jobs for test in job.tests}
        for id_ in sorted({by for each in self._killers.values() for by in each} & known.keys()):
            result = in_child(partial(_run, session, items, [known[id_]]))
            if result.outcome != "survived":
                self.unfit.append(id_)


def _read_plans() -> None:
    """Read the plans that most tests are about once, and the calendars, rather than in each child."""
    with suppress(ImportError):
        support = import_module("tests.support")
        support.plannable()
        for name in ("ccm-nim-2018", "article7-annual"):
            support.coming([], "2018-03-01", support.plannable(name))


def _run(session: pytest.Session, items: dict[str, pytest.Item], tests: Sequence[Test], child: Child) -> None:
    session.config._tmp_path_factory._basetemp = child.folder  # type: ignore[attr-defined]
    session.config.pluginmanager.register(_FirstFailure(child))
    for test in tests:
        item = items.get(test.id)
        if item is not None:
            _limit(test.seconds)
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    child.end(SURVIVED)


class _Chosen(_FirstFailure):
    """For pytest, in a child that imports everything anew: these tests only, in this order."""

    def __init__(self, tests: Sequence[Test], child: Child) -> None:
        super().__init__(child)
        self._tests = {test.id: test for test in tests}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        order = {id_: place for place, id_ in enumerate(self._tests)}
        items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])
        for item in items:
            soften(item)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        _limit(self._tests[item.nodeid].seconds)


def import_what_others_made() -> None:
    """Import what the engine imports from outside, and nothing of the engine: the children have it for nothing."""
    program = (
        "import sys, pkgutil, importlib, contextlib, engine\n"
        "for each in pkgutil.walk_packages(engine.__path__, 'engine.'):\n"
        "    with contextlib.suppress(Exception, SystemExit):\n"  # a script or a migration imports what it needs first
        "        importlib.import_module(each.name)\n"
        "print(*[name for name in sys.modules if name.split('.')[0] not in ('engine', '__main__')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    for name in done.stdout.split():
        with suppress(ImportError):
            __import__(name)


def anew(root: Path, job: Job) -> Result:
    """Run a mutant in a child that imports engine and tests with it."""

    def work(child: Child) -> None:
        import_instead(job.mutant, root)
        _limit(10.0)
        files = sorted({test.file for test in job.tests})
        code = pytest.main([*OPTIONS, f"--basetemp={child.folder}/t", *files], plugins=[_Chosen(job.tests, child)])
        child.end(SURVIVED if code == pytest.ExitCode.OK else KILLED, f"pytest ended with {code}")

    return in_child(work)
