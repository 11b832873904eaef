"""How a hard case is written: one line of a table, read into values. docs/architecture.md says what the columns hold.

    | case | plan | what happens | then |

*case*: the sentence, with the guarantees that it is about (`G6`). *plan*: the steps of the base plan that it has (`ask`
where none is named; a base other than `small` goes first), then changes, `ask.by: 2018-02; aa.timezone: Asia/Kathmandu`:
the value is YAML, `-` takes a key away. *what happens*: `2018-03-20 10:00: AA report 2018-03-20 form=full`, each at its time
in the plan's zone (a bare day: noon; no time: that of the last). *then*: `sent: at-once 2018-01-08, on-day 06-29 09:00`.
Each column is a list with `;`, which brackets and quotes protect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
_HEADING = re.compile(r"##+ (.+)")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d)?): ?")
_GUARANTEE = re.compile(r"\bG[1-9]\b")
_COLUMNS = 4


class Change(NamedTuple):
    """A change of the base plan: the way to a key, and its new value as YAML (None: it goes)."""

    path: tuple[str, ...]
    value: str | None


class Happening(NamedTuple):
    """What is done when: `2018-03-20 10:00` or a bare day."""

    at: str
    what: str


class Expected(NamedTuple):
    """What is expected: `BB@ask sent` and its items."""

    what: str
    items: tuple[str, ...]


class Case(NamedTuple):
    """One line of a table."""

    place: str
    heading: str
    name: str
    base: str
    steps: tuple[str, ...]
    changes: tuple[Change, ...]
    happenings: tuple[Happening, ...]
    expected: tuple[Expected, ...]

    @property
    def guarantees(self) -> frozenset[str]:
        """The guarantees that its sentence names."""
        return frozenset(_GUARANTEE.findall(self.name))


class BadCase(Exception):
    """A line that cannot be read: with its place, and what is wrong with it."""


def cases() -> Iterator[Case]:
    """Every case of every table."""
    for path in sorted(FOLDER.glob("*.md")):
        yield from read(path.name, path.read_text("utf-8"))


def read(name: str, text: str) -> Iterator[Case]:
    """The cases of one file. Raises BadCase."""
    heading = ""
    for number, line in enumerate(text.splitlines(), 1):
        if found := _HEADING.fullmatch(line):
            heading = found[1]
        elif line.startswith("|") and not line.startswith(("| case |", "|---")):
            try:
                yield _case(f"{name}:{number}", heading, line)
            except ValueError as error:
                raise BadCase(f"tests/hard_cases/{name}:{number}: {error}\n    {line}") from None


def _case(place: str, heading: str, line: str) -> Case:
    cells = [cell.strip() for cell in line.strip()[1:].removesuffix("|").split("|")]
    if len(cells) != _COLUMNS:
        raise ValueError(f"a case has {_COLUMNS} columns with “|” between them, and this has {len(cells)}")
    if not heading:
        raise ValueError("a case stands below a heading")
    name, plan, happens, then = cells
    if not then:
        raise ValueError("it expects nothing")
    base, steps, changes = _plan(split(plan))
    return Case(
        place,
        heading,
        name,
        base,
        steps,
        changes,
        tuple(_happenings(split(happens))),
        tuple(map(_expected, split(then))),
    )


def _plan(parts: list[str]) -> tuple[str, tuple[str, ...], tuple[Change, ...]]:
    base = "small"
    steps: tuple[str, ...] = ("ask",)
    if parts and ":" not in parts[0]:
        words = parts.pop(0).split()
        if (FOLDER / f"{words[0]}.yaml").exists():
            base = words.pop(0)
        steps = tuple(words)
    return base, steps, tuple(map(change, parts))


def change(text: str) -> Change:
    """`ask.by: 2018-02`. Raises ValueError."""
    key, colon, value = text.partition(": ")
    if not colon or " " in key:
        raise ValueError(f"a change is “KEY: VALUE”, and this is “{text}”")
    return Change(tuple(key.split(".")), None if value.strip() == "-" else value.strip())


def _happenings(parts: list[str]) -> Iterator[Happening]:
    at = ""
    for part in parts:
        if found := _TIME.match(part):
            at, part = found[1], part[found.end() :]
        if not at:
            raise ValueError(f"nothing says when “{part}” happens")
        yield Happening(at, part)


def _expected(text: str) -> Expected:
    what, colon, items = f"{text} ".partition(": ")
    if not colon:
        raise ValueError(f"what is expected is “WHAT: ITEM, ITEM” or “WHAT: -”, and this is “{text}”")
    return Expected(what, () if items.strip() == "-" else tuple(split(items, ",")))


def split(text: str, at: str = ";") -> list[str]:
    """The parts of a list, with what stands in brackets or quotes left whole. Raises ValueError."""
    parts, depth, quoted = [""], 0, False
    for letter in text:
        if letter == at and not depth and not quoted:
            parts.append("")
            continue
        quoted ^= letter == '"'
        depth += 0 if quoted else (letter in "([{“") - (letter in ")]}”")
        parts[-1] += letter
    if depth or quoted:
        raise ValueError(f"a bracket or a quote is not closed in “{text.strip()}”")
    return [part.strip() for part in parts if part.strip()]
