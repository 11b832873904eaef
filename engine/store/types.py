"""Column types: what a value looks like in the database, the same in SQLite and PostgreSQL."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, String
from sqlalchemy.types import TypeDecorator

from engine.definition.dates import Span, parse_span
from engine.errors import StoreError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# SQLite numbers its rows itself only in a column that is called INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")
# Ordered by code point in both databases: a locale must not decide in which order rows are locked or shown (G7).
Ordered = String().with_variant(String(collation="C"), "postgresql")


def to_micros(instant: datetime) -> int:
    """An aware instant as microseconds since 1970, UTC. Raises StoreError for one without a zone."""
    if instant.tzinfo is None:
        raise StoreError(f"{instant} has no zone: the store keeps instants, not local times")
    past = instant - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def to_micros_or_none(instant: datetime | None) -> int | None:
    """The same, where there may be none."""
    return None if instant is None else to_micros(instant)


@lru_cache(maxsize=8192)
def from_micros(micros: int) -> datetime:
    """The instant, in UTC, that `to_micros` wrote. Cached, since thousands of letters share each."""
    return _EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An instant, kept as microseconds since 1970 in UTC; naive ones are refused, what is read back is in UTC.

    A number is the quickest to index and compare, and means the same in both databases, whose own types do not:
    SQLite has none and PostgreSQL's depends on the session's zone.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


class SpanText(TypeDecorator[Span]):
    """Days with their precision, kept as they are written: `2018-03` stays a month."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Span | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Span | None:
        return None if value is None else parse_span(value)


class Packed(TypeDecorator[bytes]):
    """Bytes, kept compressed by zlib."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, level: int = 6) -> None:
        super().__init__()
        self.level = level

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.compress(value, self.level)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.decompress(value)
