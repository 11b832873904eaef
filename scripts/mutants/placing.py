"""Puts a mutant in the place of the original: into a function that is already there, or into a module yet to be imported."""

from __future__ import annotations

import functools
import gc
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from scripts.mutants.mutations import Mutant

LOADS = "engine/definition"
"""Where plans are read, which tests remember."""

Place = tuple[str, str, int]
"""A function's file, its qualified name, and its first line."""


def places(folder: Path) -> dict[Place, list[FunctionType]]:
    """The functions below a folder that are alive; one decorated twice or kept by several is there once for each."""
    found: dict[Place, list[FunctionType]] = {}
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(str(folder)):
            found.setdefault(_place(each.__code__), []).append(each)
    return found


def put(mutant: Mutant, root: Path, alive: dict[Place, list[FunctionType]]) -> bool:
    """Put a mutant into the functions that are alive; whether that could be done.

    What was remembered from before is forgotten where the mutant is of what reads plans: the original read them. What
    other files do is done by no test before it runs.
    """
    try:
        module = compile(mutant.source(root), str(root / mutant.file), "exec", dont_inherit=True)
    except SyntaxError:  # a removed argument may leave no Python
        return False
    done = False
    for code in _codes(module):
        if code.co_qualname == mutant.function:
            for function in alive.get(_place(code), ()):
                try:
                    function.__code__ = code
                except ValueError:  # it closes over another number of names
                    return False
                done = True
    if done and mutant.file.startswith(LOADS):
        _forget()
    return done


def _place(code: CodeType) -> Place:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _codes(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _codes(const)


def _forget() -> None:
    for each in gc.get_objects():
        if isinstance(each, functools._lru_cache_wrapper):
            each.cache_clear()


class _Mutated(SourceFileLoader):
    """Loads a module from the mutant's text, and writes nothing of it to the disk."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def __init__(self, name: str, path: Path, source: str) -> None:
        self._name, self._path, self._source = name, path, source

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        folder = [str(self._path.parent)] if self._path.stem == "__init__" else None
        loader = _Mutated(fullname, str(self._path), self._source)
        return spec_from_file_location(fullname, self._path, loader=loader, submodule_search_locations=folder)


def module_name(file: str) -> str:
    """What a file is imported as."""
    parts = Path(file).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_instead(mutant: Mutant, root: Path) -> None:
    """Let whoever imports the mutant's module from now on get the mutant."""
    name = module_name(mutant.file)
    if name in sys.modules:
        raise RuntimeError(f"{name} is imported already")
    sys.meta_path.insert(0, _Finder(name, root / mutant.file, mutant.source(root)))
