"""The schema: made, migrated after a copy, or refused."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from engine.errors import StoreError
from engine.store import Store, schema
from engine.store.database import Database, connect
from tests.contract.samples import W, fact

NEXT = "later"
SECOND = f"""
import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{schema.HEAD}"


def upgrade() -> None:
    op.add_column("meta", sa.Column("note", sa.String, nullable=False, server_default="old"))
"""


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = connect(url)
    yield made
    made.dispose()


def with_migration(folder: Path, source: str) -> Path:
    """The migrations, and one more."""
    migrations = folder / "migrations"
    shutil.copytree(schema.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "versions" / "9999_later.py").write_text(source)
    return migrations


def record_something(url: str) -> None:
    with Store.open(url) as store, store.write() as tx:
        tx.add_fact(W, fact())
        tx.meta_set("kept", "yes")


def shape(database: Database) -> dict[str, Any]:
    """All that can be read back about the tables."""
    told: dict[str, Any] = {}
    with database.writing.connect() as connection:
        looked = inspect(connection)
        for name in looked.get_table_names():
            told[name] = {
                "columns": [
                    (each["name"], str(each["type"]), each["nullable"], each["default"], each.get("computed"))
                    for each in looked.get_columns(name)
                ],
                "key": looked.get_pk_constraint(name),
                "unique": sorted(looked.get_unique_constraints(name), key=str),
                "indexes": sorted(looked.get_indexes(name), key=str),
            }
    return told


def test_the_newest_migration_is_the_one_named_in_the_code() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD


def test_the_migrations_lead_to_the_tables(url: str, database: Database) -> None:
    schema.ensure(database)
    made = shape(database)
    with database.writing.begin() as connection:
        for name in made:
            connection.execute(text(f'DROP TABLE "{name}"'))
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
    from alembic import command

    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with database.writing.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    migrated = shape(database)
    del made["alembic_version"], migrated["alembic_version"]
    assert migrated == made
    assert len(made) == 13


def test_opening_what_is_up_to_date_does_not_load_alembic(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record_something(url)
    for name in [each for each in sys.modules if each.partition(".")[0] == "alembic"]:
        monkeypatch.delitem(sys.modules, name)
    record_something(url)
    assert "alembic" not in sys.modules


def test_migrating_keeps_what_is_there_and_a_copy_of_a_file(url: str, database: Database, tmp_path: Path) -> None:
    record_something(url)
    schema.ensure(database, head=NEXT, migrations=with_migration(tmp_path, SECOND))
    with database.reading.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == NEXT
        assert connection.execute(text("SELECT value, note FROM meta")).one() == ("yes", "old")
        assert connection.execute(text("SELECT count(*) FROM fact")).scalar() == 1
    if database.path is None:
        return
    copy = schema.copy_path(database.path, NEXT)
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (schema.HEAD,)
        assert kept.execute("SELECT count(*) FROM fact").fetchone() == (1,)
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert sorted(path.name for path in copy.parent.glob("store.db*.part")) == []


def test_what_is_up_to_date_is_not_copied(url: str, database: Database) -> None:
    record_something(url)
    record_something(url)
    if database.path is not None:
        assert list(database.path.parent.glob("*.before-*")) == []


def test_a_migration_that_fails_leaves_the_database_as_it_was(url: str, database: Database, tmp_path: Path) -> None:
    record_something(url)
    before = shape(database)
    broken = SECOND + '    op.create_table("other", sa.Column("id", sa.Integer))\n    raise RuntimeError("half way")\n'
    with pytest.raises(RuntimeError, match="half way"):
        schema.ensure(database, head=NEXT, migrations=with_migration(tmp_path, broken))
    assert shape(database) == before
    record_something(url)


def test_a_database_newer_than_the_code_is_refused(url: str, database: Database) -> None:
    record_something(url)
    with database.writing.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=rf"newer followthrough .*9999.*{schema.HEAD}"):
        Store.open(url)
    if database.path is not None:
        assert list(database.path.parent.glob("*.before-*")) == []


def test_somebody_elses_database_is_refused(url: str, database: Database) -> None:
    with database.writing.begin() as connection:
        connection.execute(text("CREATE TABLE letter (id INTEGER)"))
    with pytest.raises(StoreError, match="not a followthrough database: it has a table letter"):
        Store.open(url)


def test_a_server_may_be_shared_but_a_file_is_ours(url: str, database: Database) -> None:
    with database.writing.begin() as connection:
        connection.execute(text("CREATE TABLE procrastinate_jobs (id INTEGER)"))
    if database.is_sqlite:
        with pytest.raises(StoreError, match="not a followthrough database"):
            Store.open(url)
    else:
        record_something(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite://", "is a file"),
        ("sqlite:///:memory:", "is a file"),
        ("sqlite:///x.db?mode=ro", "without options"),
        ("mysql://localhost/x", "not on mysql"),
        ("nonsense", "not a database URL"),
        ("postgresql://nobody:secret@localhost:1/x", "connection"),
    ],
)
def test_what_cannot_be_opened_says_why(url: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as caught:
        Store.open(url)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("no database, but a text that is long enough to be looked at" * 20)
    with pytest.raises(StoreError, match=r"store\.db: file is not a database"):
        Store.open(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        Store.open(f"sqlite:///{tmp_path}/file/store.db")


def test_missing_folders_are_made(tmp_path: Path) -> None:
    record_something(f"sqlite:///{tmp_path}/a/b/store.db")
    assert (tmp_path / "a" / "b" / "store.db").exists()
