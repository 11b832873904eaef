"""Opening the database: SQLite, or PostgreSQL by psycopg."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from engine.errors import StoreError

_OLDEST_SQLITE = (3, 35, 0)
"""The first with RETURNING and AS MATERIALIZED, which the claim statement needs."""
_BUSY_MS = 30_000
_TRIES = 20


class Database(NamedTuple):
    """Two ways to one database: `writing` begins at once as a writer, `reading` sees one state and cannot write."""

    url: URL
    writing: Engine
    reading: Engine

    @property
    def is_sqlite(self) -> bool:
        return self.writing.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The database file; None where it is a server's."""
        return Path(str(self.url.database)) if self.is_sqlite else None

    @property
    def name(self) -> str:
        """The database as messages name it, without a password."""
        return str(self.path or self.url.render_as_string(hide_password=True))

    def dispose(self) -> None:
        """Close all connections."""
        self.writing.dispose()
        self.reading.dispose()


def connect(url: str, *, durable: bool = True) -> Database:
    """The engines for a URL (`sqlite:///path` or `postgresql://…`). Raises StoreError for another.

    Not `durable`: a power cut may lose the last transactions (never tear one); for simulations.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"“{url}” is not a database URL (sqlite:///path or postgresql://host/name)") from error
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed, durable)
        case "postgresql":
            return _postgresql(parsed, durable)
        case other:
            raise StoreError(f"the store runs on sqlite and postgresql, not on {other}")


def _sqlite(url: URL, durable: bool) -> Database:
    if not url.database or url.database == ":memory:" or url.query:
        raise StoreError("the store is a file: sqlite:///path, without options")
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        # SQLite would make it for everybody on this machine to read, and its -wal and -shm are as it is.
        with suppress(FileExistsError):
            os.close(os.open(url.database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StoreError(f"{url.database}: {error.strerror}: {error.filename}") from error
    url = url.set(drivername="sqlite+pysqlite")
    # One writing connection: threads of this process queue for it here, in order, rather than poll SQLite's lock.
    writing = create_engine(
        url, pool_size=1, max_overflow=0, pool_timeout=_BUSY_MS / 1000, connect_args={"timeout": _BUSY_MS / 1000}
    )
    reading = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000})
    synchronous = "FULL" if durable else "NORMAL"
    _prepare(writing, f"PRAGMA synchronous={synchronous}", begin="BEGIN IMMEDIATE")
    _prepare(reading, "PRAGMA query_only=ON", begin="BEGIN")
    return Database(url, writing, reading)


def _prepare(engine: Engine, *pragmas: str, begin: str) -> None:
    """Have SQLAlchemy begin transactions itself: the sqlite3 module's own way defers the lock, and DDL ends it.

    A deferred transaction that turns to writing fails at once under another writer, whatever the timeout.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        _write_ahead(cursor)
        cursor.execute("PRAGMA cache_size=-32768")
        cursor.execute("PRAGMA mmap_size=268435456")
        cursor.execute("PRAGMA journal_size_limit=67108864")
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # Not by way of SQLAlchemy, whose share would be more than a tenth of what a short transaction takes.
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(begin)


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Have a file keep a write-ahead log. Where others make the file just now, SQLite does not wait: this does.

    Raises sqlite3.OperationalError, as when a writer holds the file for longer than the connection's timeout.
    """
    for left in reversed(range(_TRIES)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if not left or error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
        cursor.execute("BEGIN IMMEDIATE")  # waits for its turn, as the pragma does not
        cursor.execute("ROLLBACK")


def _postgresql(url: URL, durable: bool) -> Database:
    url = url.set(drivername="postgresql+psycopg")
    options = {} if durable else {"options": "-c synchronous_commit=off"}
    try:
        writing = create_engine(url, connect_args=options, pool_pre_ping=True)
    except ImportError as error:
        raise StoreError("PostgreSQL needs psycopg: install followthrough[postgres]") from error
    reading = writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(url, writing, reading)
