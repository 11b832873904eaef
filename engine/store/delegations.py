"""Delegations: given, told to the deputy, ended; never deleted (G9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update

from engine.delegation import Delegation
from engine.errors import NotFound, Refused
from engine.store.journal import JournalRows
from engine.store.tables import DELEGATION

_COLUMNS = tuple(DELEGATION.c[name] for name in Delegation._fields)
_ALL = select(*_COLUMNS).order_by(DELEGATION.c.id)
_OPEN = _ALL.where(DELEGATION.c.ended_at.is_(None))
_BY_ID = select(*_COLUMNS).where(DELEGATION.c.id == bindparam("of_id"))
_MAKE = DELEGATION.insert().returning(*_COLUMNS)
_TOLD = update(DELEGATION).where(DELEGATION.c.id == bindparam("of_id")).values(told_at=bindparam("at"))
_END = (
    update(DELEGATION)
    .where(DELEGATION.c.id == bindparam("of_id"))
    .values(ended_at=bindparam("at"), ended_by=bindparam("by"))
    .returning(*_COLUMNS)
)
_STARTS = select(func.min(DELEGATION.c.starts_at, type_=DELEGATION.c.starts_at.type)).where(
    DELEGATION.c.ended_at.is_(None), DELEGATION.c.told_at.is_(None)
)
_ENDS = select(func.min(DELEGATION.c.ends_at, type_=DELEGATION.c.ends_at.type)).where(DELEGATION.c.ended_at.is_(None))


class DelegationRows(JournalRows):
    """The delegations of a transaction."""

    def delegate(
        self, *, workflow: str, owner: str, deputy: str, letter: str | None, step: str | None, starts_at: datetime,
        ends_at: datetime | None, reason: str, detail: str, now: datetime, author: str,
    ) -> Delegation:  # fmt: skip
        """Give what one role is asked to another, and put it on the journal with `detail`, which says so in words."""
        values = {
            "workflow": workflow, "owner": owner, "deputy": deputy, "letter": letter, "step": step,
            "starts_at": starts_at, "ends_at": ends_at, "reason": reason, "author": author, "made_at": now,
        }  # fmt: skip
        made = _read(self._connection.execute(_MAKE, values).one())
        self.journal(now, author, "delegated", workflow=workflow, step=step, letter=letter, detail=detail)
        return made

    def delegation(self, number: int) -> Delegation:
        """The delegation of that number. Raises NotFound."""
        row = self._connection.execute(_BY_ID, {"of_id": number}).one_or_none()
        if row is None:
            raise NotFound(f"there is no delegation {number}")
        return _read(row)

    def delegations(self, workflow: str | None = None, *, ended: bool = False) -> list[Delegation]:
        """Those that hold or are still to begin, of a workflow or of all; with `ended` also those that are over."""
        query = _ALL if ended else _OPEN
        if workflow is not None:
            query = query.where(DELEGATION.c.workflow == workflow)
        return [_read(row) for row in self._connection.execute(query)]

    def delegation_told(self, number: int, now: datetime) -> None:
        """Keep that the deputy was told. The prompt itself is on the journal."""
        self._connection.execute(_TOLD, {"of_id": number, "at": now})

    def end_delegation(self, number: int, detail: str, now: datetime, actor: str) -> Delegation:
        """What is asked goes to its owner again. Raises NotFound, and Refused for one that is over already."""
        if self.delegation(number).ended_at is not None:
            raise Refused(f"the delegation {number} is over already")
        ended = _read(self._connection.execute(_END, {"of_id": number, "at": now, "by": actor}).one())
        self.journal(
            now, actor, "undelegated", workflow=ended.workflow, step=ended.step, letter=ended.letter, detail=detail
        )
        return ended

    def next_delegation(self, after: datetime) -> datetime | None:
        """The next instant later than `after` at which one begins or ends."""
        begins = self._connection.execute(_STARTS.where(DELEGATION.c.starts_at > after)).scalar()
        ends = self._connection.execute(_ENDS.where(DELEGATION.c.ends_at > after)).scalar()
        return min((found for found in (begins, ends) if found is not None), default=None)

    def due_delegations(self, now: datetime) -> list[Delegation]:
        """Those of which a beginning or an end has come that nobody was told of yet."""
        begun = DELEGATION.c.told_at.is_(None) & (DELEGATION.c.starts_at <= now)
        over = DELEGATION.c.ends_at <= now
        return [_read(row) for row in self._connection.execute(_OPEN.where(or_(begun, over)))]


def _read(row: Any) -> Delegation:
    return Delegation(*row)
