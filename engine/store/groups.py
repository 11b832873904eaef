"""Letters planned together are one line of the journal: a line each would double the work of a bulk insert."""

from __future__ import annotations

from datetime import datetime

from engine.letter import Letter
from engine.lifecycle import State
from engine.store.journal import JournalNote, group_of, stamp


class Group:
    """Letters of one step, party and round that were planned together."""

    def __init__(self, letter: Letter) -> None:
        self.name = group_of(letter.key)
        self._letter = letter
        self._count = self._missed = 0
        self._first: datetime | None = None
        self._last: datetime | None = None

    def add(self, letter: Letter) -> None:
        """Count one more letter of the group."""
        self._count += 1
        if letter.state == State.MISSED:
            self._missed += 1
        due = letter.due_at
        if due is not None:
            self._first = due if self._first is None or due < self._first else self._first
            self._last = due if self._last is None or due > self._last else self._last

    def note(self, at: int, actor: str, cause: str) -> JournalNote:
        """The journal's line about it; `at` in microseconds."""
        letters = "1 letter" if self._count == 1 else f"{self._count} letters"
        missed = f" ({self._missed} missed)" if self._missed else ""
        first, last = stamp(self._first), stamp(self._last)
        when = first if first == last else f"{first} to {last}"
        of = self._letter
        detail = f"{letters}{missed}, {when}: {cause}"
        return JournalNote(at, actor, "planned", of.workflow, of.step, of.party, self.name, detail)
