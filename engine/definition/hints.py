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


def near(word: str, known: Iterable[str], likeness: float = 0.55) -> str:
    """The known word that is most like a word, if one is at least so much like it (1: the same); else nothing."""
    return next(iter(difflib.get_close_matches(word, list(dict.fromkeys(known)), n=1, cutoff=likeness)), "")


def nearest(word: str, known: Iterable[str]) -> str:
    """“Did you mean …?” with the nearest known word, or nothing."""
    found = near(word, known)
    return f"Did you mean {found}?" if found else ""


def suggest(word: str, known: Iterable[str]) -> str:
    """“Did you mean …?” with the nearest known word, or the list of them when it is short, or nothing."""
    words = list(dict.fromkeys(known))
    return nearest(word, words) or (f"Known: {', '.join(words)}." if 0 < len(words) <= 8 else "")
