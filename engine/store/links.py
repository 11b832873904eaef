"""Links of letters that answer no more: revoked one letter or one party at a time, never deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from engine.store.journal import JournalRows
from engine.store.records import LinkRevocation
from engine.store.tables import LINK_REVOCATION

_COLUMNS = tuple(LINK_REVOCATION.c[name] for name in LinkRevocation._fields)
_ALL = select(*_COLUMNS).order_by(LINK_REVOCATION.c.id)
_ADD = LINK_REVOCATION.insert().returning(*_COLUMNS)


class LinkRows(JournalRows):
    """The revoked links of a transaction."""

    def revoke_links(
        self, workflow: str, *, party: str | None, letter: str | None, now: datetime, actor: str, reason: str
    ) -> LinkRevocation:
        """Let the links of a letter, or of all that has left to a party by now, answer no more; on the journal."""
        values = {
            "workflow": workflow, "party": party, "letter": letter, "at": now, "by": actor, "reason": reason
        }  # fmt: skip
        made = LinkRevocation(*self._connection.execute(_ADD, values).one())
        self.journal(now, actor, "links revoked", workflow=workflow, party=party, letter=letter, detail=reason)
        return made

    def revoked_links(self, workflow: str) -> list[LinkRevocation]:
        """What was revoked in a plan, oldest first."""
        return [
            LinkRevocation(*row) for row in self._connection.execute(_ALL.where(LINK_REVOCATION.c.workflow == workflow))
        ]
