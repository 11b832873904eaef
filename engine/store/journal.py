"""The journal: who or what did what, when. Append-only (G9).

The store itself writes `recorded`, `retracted`, `applied`, `planned`, `retimed`, `withdrawn`, `revived`, `missed`,
`asked`, `approved`, `unapproved`, `claimed`, `released`, `handing`, `unwanted` and `wanted` (in hand), `sent`,
`failed`, `deferred`, `unknown` and, for any other move, the name of the new state: nothing changes without a trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from engine.store.base import Rows, optional
from engine.store.records import JournalEntry
from engine.store.tables import JOURNAL
from engine.store.types import to_micros

_COLUMNS = ("at", "actor", "action", "workflow", "step", "party", "letter", "detail")


class JournalNote(NamedTuple):
    """A journal entry to be written, in the order of its columns; `at` in microseconds."""

    at: int
    actor: str
    action: str
    workflow: str
    step: str | None
    party: str | None
    letter: str | None
    detail: str


def group_of(key: str) -> str:
    """What the keys of the letters of one step, party and round have in common: a key's first five parts."""
    return key.rsplit("/", 2)[0]


def stamp(instant: datetime | None) -> str:
    """An instant in a journal's sentence: to the minute, in UTC."""
    return f"{instant.isoformat()[:16]}Z" if instant else ""


class JournalRows(Rows):
    """The journal of a transaction."""

    def journal(
        self,
        at: datetime,
        actor: str,
        action: str,
        *,
        workflow: str,
        detail: str,
        step: str | None = None,
        party: str | None = None,
        letter: str | None = None,
    ) -> None:
        """Put one thing on record."""
        self._note([JournalNote(to_micros(at), actor, action, workflow, step, party, letter, detail)])

    def _note(self, notes: Sequence[JournalNote]) -> None:
        self._insert_many(JOURNAL, _COLUMNS, notes)

    def journal_entries(
        self,
        *,
        workflow: str | None = None,
        step: str | None = None,
        party: str | None = None,
        letter: str | None = None,
        action: str | None = None,
        limit: int | None = None,
    ) -> list[JournalEntry]:
        """What is on record, oldest first; with a `limit` the newest that many.

        Of a `letter` also the planning of its group, so that its record begins at its beginning.
        """
        query = select(*(JOURNAL.c[name] for name in JournalEntry._fields))
        for name, value in optional(workflow=workflow, step=step, party=party, action=action).items():
            query = query.where(JOURNAL.c[name] == value)
        if letter is not None:
            query = query.where(JOURNAL.c.letter.in_((letter, group_of(letter))))
        rows = self._connection.execute(query.order_by(JOURNAL.c.id.desc()).limit(limit)).all()
        return [JournalEntry(*row) for row in reversed(rows)]
