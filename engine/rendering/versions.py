"""The languages that templates have: `nudge.md` is English and the fallback, `nudge.fr.md` its French version."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

FALLBACK = "en"
"""The language of a template whose name says none."""

_VERSION = re.compile(r"(?P<name>[^.]+)\.(?P<language>[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.(?P<kind>[a-z]+)")

Versions = Mapping[str, Mapping[str, str]]
"""Each template by the name of its fallback (`nudge.md`), with its files by language."""


def versions(files: Iterable[str]) -> Versions:
    """The versions of each template, from the names of files."""
    found: dict[str, dict[str, str]] = {}
    for file in files:
        match = _VERSION.fullmatch(file)
        name, language = (f"{match['name']}.{match['kind']}", match["language"]) if match else (file, FALLBACK)
        found.setdefault(name, {})[language] = file
    return found


@lru_cache(maxsize=256)
def chain(*wanted: str | None) -> tuple[str, ...]:
    """What to try in order: each language wanted, behind one of a region the language itself, and English last."""
    found: dict[str, None] = {}
    for code in filter(None, wanted):
        parts = code.split("-")
        found |= dict.fromkeys("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return (*(code for code in found if code != FALLBACK), FALLBACK) if FALLBACK not in found else tuple(found)


def choose(offered: Collection[str], wanted: Iterable[str]) -> str:
    """The first language wanted that is offered; English where none is."""
    return next((code for code in wanted if code in offered), FALLBACK)
