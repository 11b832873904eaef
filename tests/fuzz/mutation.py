"""Mutations that keep to the shape of a text: whole lines, words and passages of the seeds change places.

libFuzzer alone changes octets, and most of what it makes of a plan ends at the first line.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Mutate = Callable[[bytes, int], bytes]
"""What libFuzzer does by itself to octets, up to a length."""
_WORD = re.compile(r"[\w.:/@+-]+|\"[^\"\n]*\"|[^\w\s]")
_ROUNDS = 4


class TextMutator:
    """Mutates texts, taken octet by octet (Latin-1), so that nothing of any input is lost."""

    def __init__(self, seeds: Sequence[bytes], words: Sequence[str], octets: Mutate) -> None:
        self.octets = octets
        self.seeds = [seed.decode("latin-1").split("\n") for seed in seeds]
        self.lines = sorted({line for seed in self.seeds for line in seed if line.strip()})
        found = {word for line in self.lines for word in _WORD.findall(line)}
        self.words = sorted(found | {word.encode().decode("latin-1") for word in words})

    def __call__(self, data: bytes, max_size: int, seed: int) -> bytes:
        """The data with a few changes, no longer than `max_size`. The same seed changes the same."""
        rng = random.Random(seed)
        if rng.random() < 0.25:
            return self.octets(data, max_size)
        lines = data.decode("latin-1").split("\n")
        for _ in range(rng.randint(1, _ROUNDS)):
            at = rng.randrange(len(lines))
            rng.choice((self._word, self._word, self._word, self._line, self._passage, self._move, self._indent))(
                rng, lines, at
            )
        return "\n".join(lines).encode("latin-1")[:max_size]

    def _word(self, rng: random.Random, lines: list[str], at: int) -> None:
        """Another word in the place of one, or beside it."""
        found = list(_WORD.finditer(lines[at]))
        word = rng.choice(self.words)
        if not found:
            lines[at] += word
            return
        match = rng.choice(found)
        instead = rng.choice((word, word, "", f"{match[0]} {word}", match[0] + word))
        lines[at] = lines[at][: match.start()] + instead + lines[at][match.end() :]

    def _line(self, rng: random.Random, lines: list[str], at: int) -> None:
        """A line of a seed, indented as the one that stands there."""
        line = rng.choice(self.lines)
        width = len(lines[at]) - len(lines[at].lstrip(" "))
        lines[at : at + rng.randint(0, 1)] = [" " * width + line.lstrip(" ")]

    def _passage(self, rng: random.Random, lines: list[str], at: int) -> None:
        """Some lines of a seed, as they stand in it."""
        seed = rng.choice(self.seeds)
        first = rng.randrange(len(seed))
        lines[at : at + rng.randint(0, 4)] = seed[first : first + rng.randint(1, 8)]

    def _move(self, rng: random.Random, lines: list[str], at: int) -> None:
        """Some lines go elsewhere, or stand there twice, or are gone."""
        taken = lines[at : at + rng.randint(1, 5)]
        if len(taken) < len(lines) and rng.random() < 0.6:
            del lines[at : at + len(taken)]
        to = rng.randrange(len(lines))
        if rng.random() < 0.7:
            lines[to:to] = taken

    def _indent(self, rng: random.Random, lines: list[str], at: int) -> None:
        """A line further to the right or to the left."""
        lines[at] = "  " + lines[at] if rng.random() < 0.5 else lines[at].removeprefix("  ")
