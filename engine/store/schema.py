"""The schema's version: made, migrated after a copy, or refused."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from engine.errors import StoreError
from engine.store.database import Database
from engine.store.tables import METADATA

HEAD = "0009"
"""The newest of the migrations, named here so that opening a database that is up to date need not load Alembic."""
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x666F6C6C6F77
"""PostgreSQL's advisory lock for whoever makes or migrates a schema."""


def ensure(database: Database, *, head: str = HEAD, migrations: Path = MIGRATIONS) -> None:
    """Bring the database's schema to `head`. Raises StoreError when it is newer than this code, or not ours."""
    with database.reading.connect() as connection:
        if _version(connection) == head:
            return
    with database.writing.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        # Looked at again: another process may have done it while this one waited for the lock.
        version = _version(connection)
        if version == head:
            return
        if version is None:
            _create(connection, head)
        else:
            _upgrade(database, connection, version, head, migrations)


def _version(connection: Connection) -> str | None:
    """The schema's version; None where there is nothing of ours yet."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
    # A server's database may be shared, as with a queue's tables; a file is ours alone.
    others = tables if connection.dialect.name == "sqlite" else tables & METADATA.tables.keys()
    if others:
        raise StoreError(f"{_name(connection)} is not a followthrough database: it has a table {min(others)}")
    return None


def _create(connection: Connection, head: str) -> None:
    """Make a new schema from the tables; a test holds that the migrations lead to the same."""
    METADATA.create_all(connection)
    connection.execute(
        text(
            "CREATE TABLE alembic_version"
            " (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": head})


def _upgrade(database: Database, connection: Connection, version: str, head: str, migrations: Path) -> None:
    """Run the migrations that are due, in the transaction that is open; of a file a copy is kept first."""
    # Loaded here and not above: it would add a third to the time that opening a database takes.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version not in known:
        raise StoreError(
            f"{_name(connection)} was written by a newer followthrough (its schema is {version}, this one knows"
            f" {head}): install that version, or restore the copy made before it"
        )
    if database.path is not None:
        copy_file(database.path, copy_path(database.path, head))
    config.attributes["connection"] = connection
    command.upgrade(config, head)


def _name(connection: Connection) -> str:
    url = connection.engine.url
    return str(url.database if connection.dialect.name == "sqlite" else url.render_as_string(hide_password=True))


def copy_path(path: Path, head: str) -> Path:
    """Where the copy made before migrating to `head` lies: beside the database."""
    return path.with_name(f"{path.name}.before-{head}")


def copy_file(source: Path, target: Path) -> None:
    """Copy a database file, whole and consistent, also while it is in use; `target` appears only when complete."""
    copy_part(source, target).replace(target)


def copy_part(source: Path, target: Path) -> Path:
    """The same up to the last step: a `.part` beside `target`, for its owner alone, that is to be put in its place."""
    handle, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    part = Path(name)
    try:
        with closing(read_only(source)) as original, closing(sqlite3.connect(part)) as copy:
            original.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, that can also be read where nothing can be written
        with part.open("rb") as file:
            os.fsync(file.fileno())
    except BaseException:
        part.unlink()
        raise
    return part


def read_only(path: Path) -> sqlite3.Connection:
    """A database file opened to be read: it is not made where there is none, whatever its name has in it."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
