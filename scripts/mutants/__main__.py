"""`make mutants`: the table by part; survivors go to .mutants/survivors.txt, in the form of explained.txt."""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from scripts.mutants.choosing import Choice
from scripts.mutants.covering import OPTIONS, digest, known_tests, record, test_files, unknown
from scripts.mutants.mutations import Mutant, mutants_of
from scripts.mutants.results import ENOUGH, Count, Results, count, read_explained, table
from scripts.mutants.running import Job, Result, Swapping, anew, import_what_others_made

T = TypeVar("T")
_THROUGH = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)
"""How pytest ends that has tried what there was; a file may have slow tests alone."""
ROOT = Path(__file__).resolve().parents[2]
PARTS = {
    "letter": "engine/letter.py",
    "lifecycle": "engine/lifecycle.py",
    "claim": "engine/store/outbox.py",
    "dispatcher": "engine/dispatcher",
    "definition": "engine/definition",
    "planning": "engine/planning",
}


def main(args: Sequence[str] | None = None, root: Path = ROOT, parts: Mapping[str, str] = PARTS) -> int:
    """Run what is not on record yet, and print the table. 1 where a part has less than 90 % killed, 2 where no tests ran."""
    parser = argparse.ArgumentParser(prog="python -m scripts.mutants", description=__doc__)
    parser.add_argument("--only", choices=parts, help="one part alone")
    parser.add_argument("--sample", type=int, metavar="N", help="N mutants of each part, always the same ones")
    parser.add_argument("--seed", default="", metavar="S", help="others than these: always the same ones for a seed")
    parser.add_argument("--thorough", action="store_true", help="try what lives with every test that runs its line")
    given = parser.parse_args(args)
    folder = root / ".mutants"
    if (files := unknown(root, folder)) and not _recorded(root, folder, files):
        return 2
    explained = read_explained(root / "scripts" / "mutants" / "explained.txt")
    counts: list[Count] = []
    for part in [given.only] if given.only else parts:
        there = mutants_in(root, parts[part])
        tried = sample(there, given.sample, given.seed)
        print(f"{part}: {len(tried)} of {len(there)} mutants", flush=True)
        results = _results(root)
        choice = Choice(root, known_tests(root, folder), _unfit(root))
        run(root, choice, [Job(mutant, choice.of(mutant)) for mutant in tried if results.of(mutant) is None])
        if given.thorough:
            print("\nagain, thoroughly", flush=True)
            results = _results(root)
            run(root, choice, [Job(mutant, choice.rest(mutant)) for mutant in tried if results.lived(mutant)])
        counts.append(count(part, len(there), tried, _results(root), explained))
        print(flush=True)
    (folder / "survivors.txt").write_text(survivors(counts), "utf-8")
    print(table(counts))
    return int(any(each.percent < ENOUGH for each in counts))


def mutants_in(root: Path, place: str) -> list[Mutant]:
    """All mutants of a file, or of all files below a folder."""
    path = root / place
    files = [path] if path.suffix else sorted(path.rglob("*.py"))
    return [mutant for file in files for mutant in mutants_of(root, str(file.relative_to(root)))]


def sample(mutants: Sequence[Mutant], size: int | None, seed: str = "") -> list[Mutant]:
    """Some mutants: by their ids, so that a change elsewhere changes nothing."""
    if size is None or size >= len(mutants):
        return list(mutants)
    ids = sorted({mutant.id for mutant in mutants}, key=lambda id_: hashlib.sha256(f"{seed}{id_}".encode()).digest())
    chosen = {*ids[:size]}
    return [mutant for mutant in mutants if mutant.id in chosen]


def run(root: Path, choice: Choice, jobs: Sequence[Job]) -> None:
    """Run mutants, each by the way that it needs, and keep the results."""
    known_unfit, results = len(_unfit(root)), _results(root)
    for job in jobs:
        if not job.tests and results.of(job.mutant) is None:
            results.add(job.mutant, "uncovered", "", 0.0)
    covered = [job for job in jobs if job.tests]
    within = [job for job in covered if not choice.on_import(job.mutant)]
    on_import = [job for job in covered if choice.on_import(job.mutant)]
    _at_once(_swap, root, _shares(within, lambda job: (job.mutant.file, job.mutant.function)))
    _at_once(_anew, root, _shares(on_import, lambda job: job.mutant))
    unfit = _unfit(root)
    if unfit[known_unfit:]:
        _results(root).void(unfit)
        print(f"\nThese fail without a mutant, too, and are left out: {', '.join(unfit[known_unfit:])}")


def _swap(root: Path, jobs: Sequence[Job]) -> None:
    results = _results(root)
    swapping = Swapping(root, jobs, lambda job, result: _tell(results, job, result))
    files = sorted({test.file for job in jobs for test in job.tests})
    pytest.main([*OPTIONS, "-s", "--no-header", *files], plugins=[swapping])
    with (root / ".mutants" / "unfit.txt").open("a", encoding="utf-8") as out:
        out.write("".join(f"{test}\n" for test in swapping.unfit))


def _anew(root: Path, jobs: Sequence[Job]) -> None:
    import_what_others_made()
    results = _results(root)
    for job in jobs:
        _tell(results, job, anew(root, job))


def _tell(results: Results, job: Job, result: Result) -> None:
    results.add(job.mutant, *result)
    print({"killed": ".", "timeout": "t", "unplaced": "?"}.get(result.outcome, "S"), end="", flush=True)


def survivors(counts: Sequence[Count]) -> str:
    """The survivors, as they would be explained."""
    lines: list[str] = []
    for mutant in (each for part in counts for each in part.survivors):
        lines += [f"@ {mutant.file} {mutant.function}".rstrip(), f"- {mutant.before}", f"+ {mutant.after}", ""]
    return "\n".join(lines)


def _unfit(root: Path) -> list[str]:
    kept = root / ".mutants" / "unfit.txt"
    return kept.read_text("utf-8").splitlines() if kept.exists() else []


def _results(root: Path) -> Results:
    tests = "".join(digest(root, file) for file in test_files(root))
    return Results(root / ".mutants", hashlib.sha256(tests.encode()).hexdigest()[:12])


def _recorded(root: Path, folder: Path, files: Sequence[str]) -> bool:
    print(f"Recording which test runs which line, for {len(files)} files of tests.", flush=True)
    codes = _at_once(record, root, _shares(files, str), folder)
    if broken := [code for code in codes if code not in _THROUGH]:
        print(f"The recording broke off ({broken[0]}): mend that first, or mutants would live that are noticed.")
    return not broken


def _shares(things: Iterable[T], group: Callable[[T], Hashable]) -> list[list[T]]:
    """Things dealt out, one share for each processor; what is of one group stays together."""
    groups: dict[Hashable, list[T]] = defaultdict(list)
    for thing in things:
        groups[group(thing)].append(thing)
    shares: list[list[T]] = [[] for _ in range(len(os.sched_getaffinity(0)))]
    for each in sorted(groups.values(), key=len, reverse=True):
        min(shares, key=len).extend(each)
    return [share for share in shares if share]


def _at_once(work: Callable[..., object], root: Path, shares: Iterable[Sequence[T]], *args: object) -> list[int | None]:
    """Do each share in a process of its own, so that this one imports nothing of the engine; how each ended."""
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=work, args=(root, share, *args)) for share in shares]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return [child.exitcode for child in children]


if __name__ == "__main__":
    sys.exit(main())
