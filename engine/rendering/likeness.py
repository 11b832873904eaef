"""Letters that are the same but for some places: shown once, with what stands at each place in each of them.

Pure. Two texts are walked side by side; where they differ, the nearest place is looked for at which both go on in the same
words. Where there is none near, they are not alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\s*(?:<[^<>\s]+>|\w[\w’'-]*|[^\w\s])|\s+$")
_SAME = 4
"""So many words and marks in a row that are the same mean that both go on together."""
_FAR = 60
"""A difference longer than this is another letter."""

_Gap = tuple[int, int, int, int]
"""From where to where in the first text, and in the other."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Texts that are alike, by their numbers among those given (`members`).

    `pieces` are the words of all of them; a number in it, from 1, is a place where they differ. `values` has what each
    member has at these places. The same words in several places have one number.
    """

    members: tuple[int, ...]
    pieces: tuple[str | int, ...]
    values: tuple[tuple[str, ...], ...]


def kinds(texts: Sequence[str]) -> list[Likeness]:
    """The texts by kind, each with those before it that it is like; in the order of their first."""
    found: list[tuple[list[str], list[int], list[list[_Gap]], list[list[str]]]] = []
    for number, text in enumerate(texts):
        words = _WORD.findall(text)
        for first, members, gaps, others in found:
            apart = _apart(first, words)
            if apart is not None:
                members.append(number)
                gaps.append(apart)
                others.append(words)
                break
        else:
            found.append((words, [number], [[]], [words]))
    return [_kind(first, members, gaps, others) for first, members, gaps, others in found]


def usual(kind: Likeness) -> dict[int, str]:
    """What stands at a place, by its number, in more than half of the members, where it is not so in all."""
    found = {}
    for place, column in enumerate(zip(*kind.values, strict=True), start=1):
        value, times = Counter(column).most_common(1)[0]
        if 2 * times > len(column) > 2:
            found[place] = value
    return found


def marked(pieces: Sequence[str | int]) -> str:
    """A kind's words as plain text, each place as `‹1›`."""
    return "".join(piece if isinstance(piece, str) else f"‹{piece}›" for piece in pieces)


def _apart(first: list[str], other: list[str]) -> list[_Gap] | None:
    """Where two texts differ; None where they are not alike."""
    gaps: list[_Gap] = []
    i = j = 0
    while i < len(first) or j < len(other):
        if i < len(first) and j < len(other) and first[i] == other[j]:
            i, j = i + 1, j + 1
            continue
        ahead = next(_together(first, other, i, j), None)
        if ahead is None:
            return None
        gaps.append((i, ahead[0], j, ahead[1]))
        i, j = ahead
    return gaps


def _together(first: list[str], other: list[str], i: int, j: int) -> Iterator[tuple[int, int]]:
    """Where both go on in the same words, the nearest first; their ends are such a place, too."""
    for far in range(1, _FAR):
        for p in range(far + 1):
            a, b = i + p, j + far - p
            if a > len(first) or b > len(other):
                continue
            if (a, b) == (len(first), len(other)) or _same(first, other, a, b):
                yield a, b


def _same(first: list[str], other: list[str], a: int, b: int) -> bool:
    """Whether both go on together: at the beginning of a line two words or marks are enough."""
    if a == len(first) or b == len(other):
        return False
    enough = 2 if first[a].startswith("\n") else _SAME
    return first[a : a + enough] == other[b : b + enough]


def _kind(first: list[str], members: list[int], gaps: list[list[_Gap]], others: list[list[str]]) -> Likeness:
    places = _places([(start, end) for of_one in gaps for start, end, _, _ in of_one])
    values = [
        [_value(words[_moved(start, of_one) : _moved(end, of_one, at_end=True)]) for start, end in places]
        for of_one, words in zip(gaps, others, strict=True)
    ]
    columns = [tuple(row[place] for row in values) for place in range(len(places))]
    numbers = {column: number for number, column in enumerate(dict.fromkeys(columns), start=1)}
    pieces: list[str | int] = []
    at = 0
    for (start, end), column in zip(places, columns, strict=True):
        # The white space before the words of a place is no difference.
        there = "".join(first[start:end])
        space = there[: len(there) - len(there.lstrip())]
        pieces += ["".join(first[at:start]) + space, numbers[column]]
        at = end
    pieces.append("".join(first[at:]))
    table = tuple(zip(*numbers, strict=True)) if numbers else tuple(() for _ in members)
    return Likeness(tuple(members), tuple(piece for piece in pieces if piece != ""), table)


def _places(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order; those that touch are one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _moved(at: int, gaps: list[_Gap], *, at_end: bool = False) -> int:
    """Where in the other text a place of the first is, which lies in none of its gaps."""
    shift = 0
    for start, end, other_start, other_end in gaps:
        if start > at or (start == at and not (at_end and end == at)):
            break
        if end <= at:
            shift += (other_end - other_start) - (end - start)
    return at + shift


def _value(words: list[str]) -> str:
    return " ".join("".join(words).split())
