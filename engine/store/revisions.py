"""Revisions: what was applied, kept whole; and small things kept by name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select

from engine.errors import NotFound
from engine.store.journal import JournalRows
from engine.store.records import RevisionRecord
from engine.store.tables import META, REVISION

_ALL = select(*(REVISION.c[name] for name in RevisionRecord._fields))
_BY_ID = _ALL.where(REVISION.c.id == bindparam("of_id"))
_CURRENT = select(func.max(REVISION.c.id)).where(REVISION.c.workflow == bindparam("of_workflow"))
_WORKFLOWS = select(REVISION.c.workflow).distinct().order_by(REVISION.c.workflow)
_SAVE = REVISION.insert().returning(REVISION.c.id)
_META = select(META.c.value).where(META.c.name == bindparam("of_name"))
_SET_META = META.update().where(META.c.name == bindparam("of_name")).values(value=bindparam("new"))


class RevisionRows(JournalRows):
    """The revisions of a transaction."""

    def save_revision(
        self, workflow: str, fingerprint: str, content: str, lineage: str, author: str, at: datetime
    ) -> int:
        """Keep what was applied, which is in force from now on, and put it on the journal; its id."""
        values = {
            "workflow": workflow,
            "fingerprint": fingerprint,
            "content": content.encode(),
            "lineage": lineage,
            "author": author,
            "applied_at": at,
        }
        number = int(self._connection.execute(_SAVE, values).scalar_one())
        self.journal(at, author, "applied", workflow=workflow, detail=f"revision {number}, {fingerprint}")
        return number

    def current_revision(self, workflow: str) -> RevisionRecord | None:
        """What is in force; None before the first `apply`."""
        number = self.current_revision_id(workflow)
        return None if number is None else self.revision(number)

    def current_revision_id(self, workflow: str) -> int | None:
        """The id of what is in force, without reading its content; None before the first `apply`."""
        return self._connection.execute(_CURRENT, {"of_workflow": workflow}).scalar()

    def revision(self, number: int) -> RevisionRecord:
        """The revision of that id. Raises NotFound."""
        row = self._connection.execute(_BY_ID, {"of_id": number}).one_or_none()
        if row is None:
            raise NotFound(f"there is no revision {number}")
        return RevisionRecord(*row)._replace(content=row.content.decode())

    def workflows(self) -> list[str]:
        """The names of the workflows that have been applied."""
        return list(self._connection.execute(_WORKFLOWS).scalars())

    def meta_get(self, name: str) -> str | None:
        """What was kept under a name."""
        return self._connection.execute(_META, {"of_name": name}).scalar()

    def meta_set(self, name: str, value: str) -> None:
        """Keep something under a name."""
        kept = self._connection.execute(_SET_META, {"of_name": name, "new": value})
        if not kept.rowcount:
            self._connection.execute(META.insert(), {"name": name, "value": value})
