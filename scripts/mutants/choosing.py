"""Which tests are tried on a mutant: those that run its line, the fastest of each way first, for some seconds in all."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path

from scripts.mutants.covering import Test, functions
from scripts.mutants.mutations import Mutant

SLOWEST = 6.0
"""A test that takes longer is tried only on what lived through all others."""
IN_ALL = 100.0
CHEAP = 0.2
"""A test that takes no longer is always tried: a table's last line may be the one that notices."""
_FILES = 3
"""For a mutant that runs on import: from how many files tests are taken, of each of two kinds."""


class Choice:
    """Knows all tests, by what they run."""

    def __init__(self, root: Path, tests: Iterable[Test], unfit: Iterable[str] = ()) -> None:
        self._root = root
        left_out = set(unfit)
        usable = (test for test in tests if test.id not in left_out)
        self._by_function: dict[tuple[str, str], list[Test]] = defaultdict(list)
        self._bare: dict[str, list[Test]] = defaultdict(list)
        for test in sorted(usable, key=lambda test: test.seconds):
            if not test.lines:
                self._bare[test.file].append(test)
            for file, lines in test.lines.items():
                for function in lines:
                    self._by_function[file, function].append(test)

    def on_import(self, mutant: Mutant) -> bool:
        """Whether it runs as its module is imported, and in no test: then it has to be there by then."""
        return not self._by_function.get((mutant.file, mutant.function))

    def of(self, mutant: Mutant) -> tuple[Test, ...]:
        """The tests to try first."""
        if self.on_import(mutant):
            return _capped(self._near_import(mutant), lambda test: test.file)
        return _capped(self._running(mutant), lambda test: test.lines[mutant.file][mutant.function])

    def rest(self, mutant: Mutant) -> tuple[Test, ...]:
        """All other tests that may notice it, the fastest first."""
        tests = self._of_import(mutant) if self.on_import(mutant) else self._running(mutant)
        tried = {test.id for test in self.of(mutant)}
        return tuple(test for test in sorted(tests, key=lambda test: test.seconds) if test.id not in tried)

    def _running(self, mutant: Mutant) -> list[Test]:
        """The tests that run its line. A line within a longer statement does not count by itself: then those of its function."""
        tests = self._by_function[mutant.file, mutant.function]
        bit = 1 << mutant.offset
        return [test for test in tests if test.lines[mutant.file][mutant.function] & bit] or tests

    def _of_import(self, mutant: Mutant) -> list[Test]:
        """The tests of the module's own functions, and of all that say a name which comes of the mutant's line."""
        names = self._names.made_of(mutant.file, mutant.line)
        users = {place for name in names for place in self._names.said_by[name]}
        users |= {place for place in self._by_function if place[0] == mutant.file}
        tests = {test.id: test for place in sorted(users) for test in self._by_function.get(place, ())}
        return [*(tests | {test.id: test for test in self._looking_at(names)}).values()]

    def _near_import(self, mutant: Mutant) -> list[Test]:
        """Of few files, since each is imported anew: those with most of these tests, those whose tests run least else, and
        the one that is named after the module."""
        files: dict[str, list[Test]] = defaultdict(list)
        for test in self._of_import(mutant):
            files[test.file].append(test)
        most = sorted(files, key=lambda file: (-len(files[file]), file))
        nearest = sorted(files, key=lambda file: (min(_reach(test) for test in files[file]), file))
        own = [file for file in files if Path(file).stem == f"test_{Path(mutant.file).stem}"]
        chosen = [test for file in {*most[:_FILES], *nearest[:_FILES], *own} for test in files[file]]
        return sorted(chosen, key=lambda test: (_reach(test), test.seconds, test.id))

    def _looking_at(self, names: Iterable[str]) -> Iterator[Test]:
        """The tests that call nothing, in files that say one of the names: they look at constants."""
        for file, tests in self._bare.items():
            if not self._said_in(file).isdisjoint(names):
                yield from tests

    @cache  # noqa: B019  # there is one choice in a run
    def _said_in(self, file: str) -> set[str]:
        return set(re.findall(r"\w+", (self._root / file).read_text("utf-8")))

    @cached_property
    def _names(self) -> _Names:
        return _Names(self._root)


def _reach(test: Test) -> int:
    return sum(map(len, test.lines.values()))


def _capped(tests: Sequence[Test], way: Callable[[Test], Hashable]) -> tuple[Test, ...]:
    """One test of each way through first, then the second ones, and one case of each test before its others.

    Two hundred that go the same way, or are cases of one test, say less than ten that go ten ways.
    """
    ways: Counter[Hashable] = Counter()
    cases: Counter[str] = Counter()
    ranked: list[tuple[int, Test]] = []
    for test in (each for each in tests if each.seconds <= SLOWEST):
        name, taken = test.id.partition("[")[0], way(test)
        ranked.append((ways[taken] + cases[name], test))
        ways[taken] += 1
        cases[name] += 1
    chosen: list[Test] = []
    seconds = 0.0
    for _, test in sorted(ranked, key=lambda each: each[0]):
        if chosen and test.seconds > CHEAP and seconds + test.seconds > IN_ALL:
            continue
        seconds += test.seconds if test.seconds > CHEAP else 0.0
        chosen.append(test)
    return tuple(chosen)


class _Names:
    """Who says which name in the engine: the functions, and the statements of modules that make other names of it."""

    def __init__(self, root: Path) -> None:
        self.said_by: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._makes: dict[str, set[str]] = defaultdict(set)
        self._statements: dict[str, list[tuple[int, int, set[str]]]] = defaultdict(list)
        for path in sorted((root / "engine").rglob("*.py")):
            tree, file = ast.parse(path.read_text("utf-8")), str(path.relative_to(root))
            for node in tree.body:
                names = _made(node)
                self._statements[file].append((node.lineno, node.end_lineno or node.lineno, names))
                for said in set() if isinstance(node, ast.FunctionDef) else _said(node):
                    self._makes[said] |= names
            for function, body in functions(tree):
                for said in _said(body):
                    self.said_by[said].add((file, function))

    def made_of(self, file: str, line: int) -> set[str]:
        """The names that the statement on a line makes, and those made of these in turn, in any module."""
        made = {name for first, last, names in self._statements[file] if first <= line <= last for name in names}
        while more := {name for each in made for name in self._makes.get(each, ())} - made:
            made |= more
        return made


def _said(node: ast.AST) -> set[str]:
    """The names that are said, also of a module; of a class not those that its methods say."""
    said: set[str] = set()
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Name):
            said.add(each.id)
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id.islower():
            said.add(each.attr)  # of a module; what has a capital has names of its own
        within = ast.iter_child_nodes(each)
        methods = isinstance(each, ast.ClassDef)
        waiting += [child for child in within if not (methods and isinstance(child, ast.FunctionDef))]
    return said


def _made(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case ast.Assign(targets=targets):
            return {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
    return set()
