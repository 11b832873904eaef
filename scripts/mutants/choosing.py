"""Which tests are tried on a mutant: those that run its line, the fastest of each kind first, for a few seconds in all."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from scripts.mutants.covering import Test, functions
from scripts.mutants.mutations import Mutant

SLOWEST = 3.0
"""A test that takes longer is not tried."""
IN_ALL = 6.0
_FILES = 4
"""For a mutant that runs on import: from how many files tests are taken at most, since each is imported anew."""


class Choice:
    """Knows all tests, by what they run."""

    def __init__(self, root: Path, tests: Iterable[Test], unfit: Iterable[str] = ()) -> None:
        self._root = root
        left_out = set(unfit)
        usable = (test for test in tests if test.seconds <= SLOWEST and test.id not in left_out)
        self._by_function: dict[tuple[str, str], list[Test]] = defaultdict(list)
        for test in sorted(usable, key=lambda test: test.seconds):
            for file, lines in test.lines.items():
                for function in lines:
                    self._by_function[file, function].append(test)
        self._named: dict[str, set[tuple[str, str]]] | None = None

    def of(self, mutant: Mutant) -> tuple[Test, ...]:
        """The tests to try. A line within a longer statement does not count by itself: then those of its function."""
        if not mutant.function:
            return self._on_import(mutant)
        tests = self._by_function[mutant.file, mutant.function]
        bit = 1 << mutant.offset
        exact = [test for test in tests if test.lines[mutant.file][mutant.function] & bit]
        return _capped(exact or tests)

    def _on_import(self, mutant: Mutant) -> tuple[Test, ...]:
        """The tests of the module's own functions, and of all that say a name which comes of the mutant's line."""
        names = _made_of(self._root / mutant.file, mutant.line)
        users = {place for name in names for place in self._by_name()[name]}
        users |= {place for place in self._by_function if place[0] == mutant.file}
        tests = {test.id: test for place in sorted(users) for test in self._by_function.get(place, ())}
        files = Counter(id_.split("::")[0] for id_ in tests)
        best = {file for file, _ in files.most_common(_FILES)}
        chosen = (test for test in tests.values() if test.id.split("::")[0] in best)
        return _capped(sorted(chosen, key=lambda test: test.seconds))

    def _by_name(self) -> dict[str, set[tuple[str, str]]]:
        """The functions of the engine that say a name."""
        if self._named is None:
            self._named = defaultdict(set)
            for path in sorted((self._root / "engine").rglob("*.py")):
                text = path.read_text("utf-8")
                lines = text.splitlines()
                file = str(path.relative_to(self._root))
                for function, first, last in functions(ast.parse(text)):
                    for name in re.findall(r"\w+", "\n".join(lines[first - 1 : last])):
                        self._named[name].add((file, function))
        return self._named


def _capped(tests: Sequence[Test]) -> tuple[Test, ...]:
    """One case of each test first, then the second ones: two hundred cases of one test say less than ten tests."""
    cases: Counter[str] = Counter()
    ranked: list[tuple[int, Test]] = []
    for test in tests:
        name = test.id.partition("[")[0]
        ranked.append((cases[name], test))
        cases[name] += 1
    chosen: list[Test] = []
    seconds = 0.0
    for _, test in sorted(ranked, key=lambda each: each[0]):
        seconds += test.seconds
        if chosen and seconds > IN_ALL:
            break
        chosen.append(test)
    return tuple(chosen)


def _made_of(file: Path, line: int) -> set[str]:
    """The names that a module's statement on a line makes, and those made of these in turn."""
    made: set[str] = set()
    says: dict[str, set[str]] = {}
    for node in ast.parse(file.read_text("utf-8")).body:
        names = _names(node)
        for name in names:
            says.setdefault(name, set()).update(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
        if node.lineno <= line <= (node.end_lineno or node.lineno):
            made |= names
    while more := {name for name, said in says.items() if said & made} - made:
        made |= more
    return made


def _names(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case ast.Assign(targets=targets):
            return {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
    return set()
