"""What the parts of a transaction share: the connection, and quick bulk inserts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Dialect, Table, bindparam
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.errors import StoreError

_T = TypeVar("_T")
CHUNK = 500
"""Keys asked for at a time, far below the number of parameters that SQLite and PostgreSQL take."""


class Rows:
    """One transaction's connection. The parts of `Transaction` build on it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _insert_many(self, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert plain tuples, whose values are already what the database keeps.

        The statement comes from the table, the values go straight to the driver: SQLAlchemy's own executemany
        makes a dictionary of each row and runs each column's type over it, which halves the speed.
        """
        if not rows:
            return
        dialect = self._connection.dialect
        if dialect.name == "postgresql":
            self._copy(_copy_sql(dialect, table, columns), rows)
        else:
            self._connection.exec_driver_sql(_insert_sql(dialect, table, columns), list(rows))

    def _update_many(self, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Set columns of rows by id: tuples of the values, as the database keeps them, and the id last."""
        if rows:
            self._connection.exec_driver_sql(_update_sql(self._connection.dialect, table, columns), list(rows))

    def _copy(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        driver = self._connection.dialect.loaded_dbapi
        cursor: Any = self._connection.connection.cursor()
        try:
            with cursor.copy(sql) as copy:
                for row in rows:
                    copy.write_row(row)
        except driver.IntegrityError as error:
            raise IntegrityError(sql, None, error) from error
        except driver.Error as error:
            raise DBAPIError(sql, None, error) from error
        finally:
            cursor.close()


@lru_cache(maxsize=64)
def _insert_sql(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    return str(table.insert().compile(dialect=dialect, column_keys=list(columns)))


@lru_cache(maxsize=64)
def _update_sql(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    # A parameter must not be called as its column, or SQLAlchemy takes it for a value to be set.
    values: list[tuple[Any, Any]] = [(table.c[column], bindparam(f"new_{column}")) for column in columns]
    statement = table.update().where(table.c.id == bindparam("of_id")).ordered_values(*values)
    positional: Any = dialect if dialect.positional else type(dialect)(paramstyle="format")  # type: ignore[call-arg]
    return str(statement.compile(dialect=positional))


@lru_cache(maxsize=64)
def _copy_sql(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    names = ", ".join(dialect.identifier_preparer.quote(column) for column in columns)
    return f"COPY {dialect.identifier_preparer.format_table(table)} ({names}) FROM STDIN"


def among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """One of the values that are given as `among` when the statement runs: the statement itself is built once."""
    return column.in_(bindparam("among", expanding=True))


def chunks(items: Sequence[_T], size: int = CHUNK) -> Iterator[Sequence[_T]]:
    """The items in portions."""
    return (items[start : start + size] for start in range(0, len(items), size))


@contextmanager
def errors_as_ours(where: str) -> Iterator[None]:
    """Turn the database's errors into StoreError, which names the database (`where`); ours pass."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        cause = getattr(error, "orig", None) or error
        if isinstance(cause, StoreError):
            raise cause from error
        raise StoreError(f"{where}: {_told(cause)}") from error


def _told(cause: BaseException) -> str:
    name = getattr(cause, "sqlite_errorname", "")
    if isinstance(cause, PoolTimeout) or name.startswith("SQLITE_BUSY"):
        return "somebody else has been writing for too long"
    words = " ".join(str(cause).split())
    return f"{words}: its disk is full, or broken" if name.startswith("SQLITE_IOERR") else words


def optional(**filters: Any) -> Mapping[str, Any]:
    """Those filters that are set."""
    return {name: value for name, value in filters.items() if value is not None}
