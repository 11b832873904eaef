"""The store: open it, then do everything in a transaction."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select, text

from engine.errors import StoreError
from engine.store import schema
from engine.store.answers import AnswerRows
from engine.store.approvals import ApprovalRows
from engine.store.base import errors_as_ours
from engine.store.calendar import CalendarRows
from engine.store.changes import ChangeRows
from engine.store.database import Database, connect
from engine.store.delegations import DelegationRows
from engine.store.edits import EditRows
from engine.store.facts import FactRows
from engine.store.feed_addresses import FeedAddressRows
from engine.store.glance import GlanceRows
from engine.store.links import LinkRows
from engine.store.outbox import OutboxRows
from engine.store.returns import ReturnRows
from engine.store.revisions import RevisionRows
from engine.store.switch import SwitchRows
from engine.store.tables import JOURNAL

_DECIDING = 0x64656369646520
"""PostgreSQL's advisory lock for whoever decides: records, plans, reconciles."""


class Transaction(
    OutboxRows,
    ApprovalRows,
    EditRows,
    ChangeRows,
    FactRows,
    SwitchRows,
    RevisionRows,
    CalendarRows,
    FeedAddressRows,
    AnswerRows,
    LinkRows,
    DelegationRows,
    GlanceRows,
    ReturnRows,
):
    """One transaction: all of it happens, or nothing."""


class Store:
    """The database of one followthrough. Threads may share it; each has its own transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watch_lock = threading.Lock()
        self._watch: sqlite3.Connection | None = None
        self._file = _identity(database.path)

    @classmethod
    def open(cls, url: str, *, durable: bool = True) -> Store:
        """Open `sqlite:///path` or `postgresql://…`, made or migrated where that is needed.

        Not `durable`: a power cut may lose the last transactions, a killed process does not. Raises StoreError.
        """
        database = connect(url, durable=durable)
        try:
            with errors_as_ours(database.name):
                schema.ensure(database)
        except BaseException:
            database.dispose()
            raise
        return cls(database)

    def close(self) -> None:
        """Close all connections."""
        with self._watch_lock:
            if self._watch is not None:
                self._watch.close()
                self._watch = None
        self._database.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextmanager
    def write(self, *, alone: bool = True) -> Iterator[Transaction]:
        """A transaction that writes, committed at the end, or rolled back and raised.

        Writers run one after the other, so what one read stays true until it commits (G3). On PostgreSQL those that
        are not `alone` may run beside each other, but not beside one that is: for dispatchers on many hosts, who
        claim, hand over and record.
        """
        self._check_in_place()
        with errors_as_ours(self._database.name), self._database.writing.begin() as connection:
            if not self._database.is_sqlite:
                lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
                connection.execute(text(f"SELECT {lock}(:lock)"), {"lock": _DECIDING})
            yield Transaction(connection)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees one state of everything (G8) and cannot write."""
        self._check_in_place()
        with errors_as_ours(self._database.name), self._database.reading.begin() as connection:
            yield Transaction(connection)

    def _check_in_place(self) -> None:
        """Raises StoreError where the file was removed or replaced: what is recorded in the old one is lost with it."""
        if self._file is not None and _identity(self._database.path) != self._file:
            raise StoreError(
                f"{self._database.name} was removed or replaced while it was in use: nothing can be recorded."
                " Stop followthrough, put the database back, and start it again"
            )

    def data_version(self) -> int:
        """A number that changes when somebody else, in whatever process, has recorded something; cheap to ask."""
        with errors_as_ours(self._database.name), self._watch_lock:
            if not self._database.is_sqlite:
                with self._database.reading.connect() as connection:
                    # Whoever records runs alone, so the entry it writes is the newest.
                    return int(connection.execute(select(func.max(JOURNAL.c.id))).scalar() or 0)
            # SQLite counts what other connections did: the one that asks must stay the same, and do nothing else.
            if self._watch is None:
                self._watch = sqlite3.connect(str(self._database.path), isolation_level=None, check_same_thread=False)
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Which file is at a path; None for no file."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
