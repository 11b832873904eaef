"""Backup and restore: nothing is overwritten, what is in place was verified, and what may leave again is said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from engine.app.backups import backup, restore, verify
from engine.errors import Refused
from engine.store import schema
from tests.command import Command
from tests.installation import Installation


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as house:
        house.apply()
        yield house


def database(house: Installation) -> Path:
    return house.app.settings.home / "followthrough.db"


def kept(house: Installation) -> list[Path]:
    return sorted(database(house).parent.glob("followthrough.db.before-restore-*"))


def attended(house: Installation, party: str) -> None:
    house.record("contacted", "yes", party, step="ny_follow_up")


def test_a_backup_is_verified_and_comes_back(house: Installation, tmp_path: Path) -> None:
    copy = backup(house.app, tmp_path / "copy.db")
    assert copy.rows["letter"] > 0
    attended(house, "TG")
    house.app.close()
    restore(house.app, tmp_path / "copy.db", yes=True)
    assert verify(tmp_path / "home" / "followthrough.db").rows == copy.rows
    (tmp_path / "broken.db").write_bytes(b"SQLite format 3" + b"x" * 5000)
    with pytest.raises(Refused):
        verify(tmp_path / "broken.db")


def test_what_an_earlier_restore_kept_comes_back(house: Installation, tmp_path: Path) -> None:
    old = backup(house.app, tmp_path / "old.db")
    attended(house, "TG")
    house.app.close()
    restore(house.app, tmp_path / "old.db", yes=True)
    (first,) = kept(house)
    newer = verify(first).rows
    assert newer["fact"] == old.rows["fact"] + 1
    restored = restore(house.app, first, yes=True)
    assert verify(database(house)).rows == restored.database.rows == newer
    assert restored.kept in kept(house)
    assert len(kept(house)) == 2, "each is kept under a name of its own, also within a second"
    assert {verify(path).rows["fact"] for path in kept(house)} == {old.rows["fact"], newer["fact"]}


def test_the_database_is_no_backup_of_itself(house: Installation, tmp_path: Path) -> None:
    house.app.close()
    before = database(house).read_bytes()
    (tmp_path / "link.db").symlink_to(database(house))
    for path in (database(house), tmp_path / "link.db"):
        with pytest.raises(Refused, match="the database itself"):
            restore(house.app, path, yes=True)
    assert database(house).read_bytes() == before
    assert kept(house) == []


def test_a_restore_that_cannot_be_leaves_the_database(
    house: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(house.app, tmp_path / "copy.db")
    attended(house, "TG")
    house.app.close()
    rows = verify(database(house)).rows

    def torn(source: Path, target: Path) -> Path:
        part = schema.copy_part(source, target)
        part.write_bytes(part.read_bytes()[:8192])
        return part

    monkeypatch.setattr("engine.app.backups.copy_part", torn)
    with pytest.raises(Refused):
        restore(house.app, tmp_path / "copy.db", yes=True)
    assert verify(database(house)).rows == rows
    assert list(database(house).parent.glob("*.part")) == []


def test_a_database_in_use_is_not_replaced(house: Installation, tmp_path: Path) -> None:
    backup(house.app, tmp_path / "copy.db")
    attended(house, "TG")
    rows = verify(database(house)).rows
    with closing(sqlite3.connect(database(house))) as other:
        other.execute("SELECT count(*) FROM fact").fetchone()
        with pytest.raises(Refused, match=r"could not be kept .*locked.*: nothing was restored"):
            restore(house.app, tmp_path / "copy.db", yes=True)
    assert verify(database(house)).rows == rows


def test_a_damaged_database_is_kept_as_it_is_and_replaced(house: Installation, tmp_path: Path) -> None:
    copy = backup(house.app, tmp_path / "copy.db")
    house.app.close()
    database(house).write_bytes(b"not a database any more" * 1000)
    Path(f"{database(house)}-wal").write_bytes(b"its rest")
    restore(house.app, tmp_path / "copy.db", yes=True)
    assert verify(database(house)).rows == copy.rows
    assert {path.name.partition("Z")[2]: path.read_bytes()[:8] for path in kept(house)} == {
        "": b"not a da", "-wal": b"its rest",
    }  # fmt: skip
    assert not Path(f"{database(house)}-wal").exists()


def test_a_backup_has_any_name_is_one_file_and_for_its_owner_alone(house: Installation, tmp_path: Path) -> None:
    target = tmp_path / "we ird?#%41.db"
    copy = backup(house.app, target)
    assert verify(target).rows == copy.rows
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.read_bytes()[18:20] == b"\x01\x01", "readable without a -wal, also on a medium that takes none"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("we")] == [target.name]
    with pytest.raises(Refused, match="overwrites nothing"):
        backup(house.app, target)
    with pytest.raises(sqlite3.OperationalError):
        schema.read_only(tmp_path / "nothing.db")
    assert not (tmp_path / "nothing.db").exists()


def test_restoring_says_how_old_it_is_and_what_may_leave_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command(tmp_path / "home", monkeypatch)
    command("apply", "article7-annual", "--yes")
    copy = str(tmp_path / "copy.db")
    assert "verified" in command("backup", copy).stdout
    command.clock.move_to(command.clock.now() + timedelta(days=3))
    assert "--yes puts the backup in its place" in command("restore", copy, exits=1).stderr
    said = " ".join(command("restore", copy, "--yes").stdout.split())
    assert (
        "The backup ends 3 days ago: the last thing on record in it is of Wednesday 20 September 2017, 10:00 UTC."
        in said
    )
    assert "may leave again" in said
    assert "followthrough record WORKFLOW --letter-sent KEY" in said
    assert f"is kept: {tmp_path}/home/followthrough.db.before-restore-2017-09-23T" in said
    assert "may leave again" in " ".join(command("restore", "--help").stdout.split())
