"""Backup and restore: the database copied while it is in use, and looked at before anybody relies on it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.app.root import App
from engine.errors import NotFound, Refused
from engine.store.schema import HEAD, copy_file, copy_part, read_only
from engine.store.types import from_micros

_COUNTED = ("revision", "fact", "letter", "mail", "journal")


@dataclass(frozen=True, slots=True)
class Verified:
    """A database file that was found whole: its rows by table, and when the last thing in it was recorded."""

    path: Path
    rows: dict[str, int]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Restored:
    """The database as it is now, and where what was there before is kept."""

    database: Verified
    kept: Path | None


def backup(app: App, target: Path) -> Verified:
    """Copy the database to a new file, also while the daemon runs, and verify the copy."""
    source = _database(app)
    if not source.is_file():
        raise NotFound(f"there is no database at {source} yet")
    if target.exists():
        raise Refused(f"{target} is there already: a backup overwrites nothing")
    target.parent.mkdir(parents=True, exist_ok=True)
    with _verified_part(source, target) as (part, found):
        part.replace(target)
    return Verified(target, found.rows, found.until)


def restore(app: App, source: Path, *, yes: bool) -> Restored:
    """Put a verified backup in the database's place; what was there is kept beside it. Refused while a daemon runs."""
    wanted = verify(source)
    target = _database(app)
    there = target.exists()
    if there and target.samefile(source):
        raise Refused(f"{source} is the database itself: name a backup of it")
    if there and not yes:
        raise Refused(f"{target} is there already: --yes puts the backup in its place, and keeps it beside")
    target.parent.mkdir(parents=True, exist_ok=True)
    with _verified_part(source, target) as (part, found):
        if found.rows != wanted.rows:
            raise Refused(f"{source} changed while it was copied: nothing was restored")
        kept = _keep(target, app.clock.now()) if there else None
        _own_like(part, target if there else target.parent)
        part.replace(target)
    return Restored(Verified(target, found.rows, found.until), kept)


def verify(path: Path) -> Verified:
    """Whether a file is a whole followthrough database. Raises NotFound and Refused."""
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    try:
        with closing(read_only(path)) as connection:
            fault = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if fault != "ok":
                raise Refused(f"{path} is damaged: {fault}")
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            if version > HEAD:
                raise Refused(f"{path} was written by a newer followthrough (its schema is {version})")
            rows = {name: int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in _COUNTED}
            last = connection.execute("SELECT max(at) FROM journal").fetchone()[0]
    except sqlite3.Error as error:
        raise Refused(f"{path} is no followthrough database: {error}") from None
    return Verified(path, rows, None if last is None else from_micros(last))


@contextmanager
def _verified_part(source: Path, target: Path) -> Iterator[tuple[Path, Verified]]:
    """A verified copy beside `target`, to be put in its place; gone where that does not happen."""
    try:
        part = copy_part(source, target)
    except sqlite3.Error as error:
        raise Refused(f"{source} could not be copied to {target}: {error}") from None
    try:
        yield part, verify(part)
    finally:
        part.unlink(missing_ok=True)


def _keep(target: Path, now: datetime) -> Path:
    """Keep the database as it is under a name of its own, and leave nothing beside it that the next would take for its.

    Raises Refused while another process has it open.
    """
    name = f"{target.name}.before-restore-{now:%Y-%m-%dT%H%M%SZ}"
    kept, number = target.with_name(name), 1
    while kept.exists():
        number += 1
        kept = target.with_name(f"{name}-{number}")
    wal = target.with_name(f"{target.name}-wal")
    try:
        copy_file(target, kept)
        # What is in the -wal moves into the file: a crash from here on leaves one database or the other, both whole.
        with closing(sqlite3.connect(target, timeout=5)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise Refused(f"{target} could not be kept ({error}): nothing was restored") from None
    except sqlite3.DatabaseError:  # it is damaged, which may be why: kept to the last byte
        shutil.copy2(target, kept)
        if wal.exists():
            shutil.copy2(wal, kept.with_name(f"{kept.name}-wal"))
            wal.unlink()
        target.with_name(f"{target.name}-shm").unlink(missing_ok=True)
    return kept


def _own_like(part: Path, other: Path) -> None:
    """Whoever owned the database goes on owning it, also where root restores it."""
    owner = other.stat()
    with suppress(OSError):
        os.chown(part, owner.st_uid, owner.st_gid)


def _database(app: App) -> Path:
    url = app.settings.database
    if not url.startswith("sqlite:///"):
        raise Refused("a PostgreSQL database is backed up with its own tools (pg_dump)")
    return Path(url.removeprefix("sqlite:///"))
