"""A list of parties as people paste it: ids or names, on lines or with commas between them, numbered or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.definition.hints import Unreadable
from engine.definition.recording.naming import Finder
from engine.definition.syntax.sources import Faults, SourceFile

_BULLET = re.compile(r"\s*(?:[-–*•·]|\(?\d{1,3}[.)])(?:\s+|$)")
_PART = re.compile(r"[^,;\t]+")
_MOST_PARTS = 8
"""A name has fewer commas than this; a pasted line may have thousands."""


def read_names(source: SourceFile, finder: Finder, faults: Faults) -> list[str]:
    """The ids of the parties, each once and in order. All that is unknown, or may be several, goes to `faults`."""
    faults.watch(source)
    found: dict[str, None] = {}
    start = 0
    for line in source.text.splitlines(keepends=True):
        for offset, name in _names(line.rstrip("\r\n"), finder):
            try:
                found[finder.find(name)] = None
            except Unreadable as error:
                faults.catch(source.place(start + offset), error)
        start += len(line)
    return list(found)


def _names(line: str, finder: Finder) -> Iterator[tuple[int, str]]:
    """The names on a line, each with where it begins. A name with a comma in it is one where the roster has it."""
    bullet = _BULLET.match(line)
    parts = [part for part in _PART.finditer(line, bullet.end() if bullet else 0) if part[0].strip()]
    at = 0
    while at < len(parts):
        ends = range(min(len(parts), at + _MOST_PARTS), at, -1)
        end = next((end for end in ends if finder.knows(line[parts[at].start() : parts[end - 1].end()])), at + 1)
        text = line[parts[at].start() : parts[end - 1].end()]
        yield parts[at].start() + len(text) - len(text.lstrip()), text.strip()
        at = end
