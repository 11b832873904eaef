"""Backup and restore: the database copied while it is in use, and looked at before anybody relies on it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from engine.app.root import App
from engine.errors import NotFound, Refused
from engine.store.schema import HEAD, copy_file

_COUNTED = ("revision", "fact", "letter", "mail", "journal")


@dataclass(frozen=True, slots=True)
class Verified:
    """A database file that was found whole: its rows by table."""

    path: Path
    rows: dict[str, int]


def backup(app: App, target: Path) -> Verified:
    """Copy the database to a new file, also while the daemon runs, and verify the copy."""
    source = _database(app)
    if not source.is_file():
        raise NotFound(f"there is no database at {source} yet")
    if target.exists():
        raise Refused(f"{target} is there already: a backup overwrites nothing")
    target.parent.mkdir(parents=True, exist_ok=True)
    copy_file(source, target)
    return verify(target)


def restore(app: App, source: Path, *, yes: bool = False) -> Verified:
    """Put a verified backup in the database's place; what was there is kept beside it. Refused while a daemon runs."""
    verified = verify(source)
    target = _database(app)
    if target.exists():
        if not yes:
            raise Refused(f"{target} is there already: --yes puts the backup in its place, and keeps it beside")
        kept = target.with_name(f"{target.name}.before-restore")
        copy_file(target, kept)
        for part in (target, target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
            part.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    copy_file(source, target)
    return Verified(target, verified.rows)


def verify(path: Path) -> Verified:
    """Whether a file is a whole followthrough database. Raises NotFound and Refused."""
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            fault = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if fault != "ok":
                raise Refused(f"{path} is damaged: {fault}")
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            if version > HEAD:
                raise Refused(f"{path} was written by a newer followthrough (its schema is {version})")
            rows = {name: int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in _COUNTED}
    except sqlite3.Error as error:
        raise Refused(f"{path} is no followthrough database: {error}") from None
    return Verified(path, rows)


def _database(app: App) -> Path:
    url = app.settings.database
    if not url.startswith("sqlite:///"):
        raise Refused("a PostgreSQL database is backed up with its own tools (pg_dump)")
    return Path(url.removeprefix("sqlite:///"))
