"""Revisions: what was applied, kept whole; and small things kept by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from engine.errors import NotFound
from engine.store.journal import JournalRows
from engine.store.records import RevisionRecord
from engine.store.tables import META, REVISION

_COLUMNS = tuple(REVISION.c[name] for name in RevisionRecord._fields)


class RevisionRows(JournalRows):
    """The revisions of a transaction."""

    def save_revision(
        self, workflow: str, fingerprint: str, content: str, lineage: str, author: str, at: datetime
    ) -> int:
        """Keep what was applied, which is in force from now on, and put it on the journal; its id."""
        saved = self._connection.execute(
            REVISION.insert()
            .values(
                workflow=workflow,
                fingerprint=fingerprint,
                content=content.encode(),
                lineage=lineage,
                author=author,
                applied_at=at,
            )
            .returning(REVISION.c.id)
        )
        number = int(saved.scalar_one())
        self.journal(at, author, "applied", workflow=workflow, detail=f"revision {number}, {fingerprint}")
        return number

    def current_revision(self, workflow: str) -> RevisionRecord | None:
        """What is in force; None before the first `apply`."""
        return self._newest(REVISION.c.workflow == workflow)

    def current_revision_id(self, workflow: str) -> int | None:
        """The id of what is in force, without reading its content; None before the first `apply`."""
        query = select(func.max(REVISION.c.id)).where(REVISION.c.workflow == workflow)
        return self._connection.execute(query).scalar()

    def revision(self, number: int) -> RevisionRecord:
        """The revision of that id. Raises NotFound."""
        found = self._newest(REVISION.c.id == number)
        if found is None:
            raise NotFound(f"there is no revision {number}")
        return found

    def _newest(self, which: ColumnElement[bool]) -> RevisionRecord | None:
        query = select(*_COLUMNS).where(which).order_by(REVISION.c.id.desc()).limit(1)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _record(row)

    def revisions(self, workflow: str) -> list[RevisionRecord]:
        """All that were applied, oldest first."""
        query = select(*_COLUMNS).where(REVISION.c.workflow == workflow).order_by(REVISION.c.id)
        return [_record(row) for row in self._connection.execute(query)]

    def workflows(self) -> list[str]:
        """The names of the workflows that have been applied."""
        query = select(REVISION.c.workflow).distinct().order_by(REVISION.c.workflow)
        return list(self._connection.execute(query).scalars())

    def meta_get(self, name: str) -> str | None:
        """What was kept under a name."""
        return self._connection.execute(select(META.c.value).where(META.c.name == name)).scalar()

    def meta_set(self, name: str, value: str) -> None:
        """Keep something under a name."""
        kept = self._connection.execute(META.update().where(META.c.name == name).values(value=value))
        if not kept.rowcount:
            self._connection.execute(META.insert().values(name=name, value=value))


def _record(row: Row[Any]) -> RevisionRecord:
    values = row._asdict()
    return RevisionRecord(**{**values, "content": values["content"].decode()})
