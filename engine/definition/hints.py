"""What is wrong with something that a person wrote, and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class Unreadable(ValueError):
    """A text that does not say what it should. `offset` is the character (from 0) where, `hint` how to mend it."""

    def __init__(self, message: str, hint: str = "", offset: int = 0) -> None:
        super().__init__(message)
        self.hint = hint
        self.offset = offset


def nearest(word: str, known: Iterable[str]) -> str:
    """“Did you mean …?” with the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(dict.fromkeys(known)), n=1, cutoff=0.55)
    return f"Did you mean {near[0]}?" if near else ""


def suggest(word: str, known: Iterable[str]) -> str:
    """“Did you mean …?” with the nearest known word, or the list of them when it is short, or nothing."""
    words = list(dict.fromkeys(known))
    if near := nearest(word, words):
        return near
    if words and len(words) <= 8:
        return f"Known: {', '.join(words)}."
    return ""
