"""Private addresses of feeds: made, looked up by the hash of their token, revoked, never deleted."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import bindparam, select, update

from engine.errors import NotFound, Refused
from engine.store.journal import JournalRows
from engine.store.records import FeedAddress
from engine.store.tables import FEED_ADDRESS

_COLUMNS = tuple(FEED_ADDRESS.c[name] for name in FeedAddress._fields)
_HINT = 4
_ALL = select(*_COLUMNS).order_by(FEED_ADDRESS.c.id)
_OF_TOKEN = select(*_COLUMNS).where(FEED_ADDRESS.c.token_hash == bindparam("hashed"))
_OF_ID = select(*_COLUMNS).where(FEED_ADDRESS.c.id == bindparam("of_id")).with_for_update()
_MAKE = FEED_ADDRESS.insert().returning(*_COLUMNS)
_REVOKE = (
    update(FEED_ADDRESS)
    .where(FEED_ADDRESS.c.id == bindparam("of_id"))
    .values(revoked_at=bindparam("at"), revoked_by=bindparam("by"))
    .returning(*_COLUMNS)
)


def token_hash(token: str) -> str:
    """What is kept of a token. It is random and long, so that a plain hash serves as well as a slow one."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class FeedAddressRows(JournalRows):
    """The feed addresses of a transaction."""

    def add_feed_address(
        self, token: str, *, workflow: str, feed: str, label: str, now: datetime, author: str
    ) -> FeedAddress:
        """Keep the hash of an address's token, and put on the journal whose feed it is."""
        values = {
            "token_hash": token_hash(token), "hint": token[:_HINT], "workflow": workflow, "feed": feed, "label": label,
            "made_at": now, "made_by": author,
        }  # fmt: skip
        row = self._connection.execute(_MAKE, values).one()
        made = FeedAddress(*row)
        detail = f"address {made.id} of the feed {feed}" + (f" for {label}" if label else "")
        self.journal(now, author, "address made", workflow=workflow, detail=detail)
        return made

    def feed_address(self, token: str) -> FeedAddress | None:
        """The address of that token, also a revoked one."""
        row = self._connection.execute(_OF_TOKEN, {"hashed": token_hash(token)}).one_or_none()
        return None if row is None else FeedAddress(*row)

    def feed_addresses(self, workflow: str | None = None) -> list[FeedAddress]:
        """All addresses, in the order in which they were made."""
        query = _ALL if workflow is None else _ALL.where(FEED_ADDRESS.c.workflow == workflow)
        return [FeedAddress(*row) for row in self._connection.execute(query)]

    def revoke_feed_address(self, address_id: int, now: datetime, author: str) -> FeedAddress:
        """Serve a feed no more at an address. Raises NotFound, and Refused for one that is revoked already."""
        row = self._connection.execute(_OF_ID, {"of_id": address_id}).one_or_none()
        if row is None:
            raise NotFound(f"there is no feed address {address_id}")
        if row.revoked_at is not None:
            raise Refused(f"the feed address {address_id} is revoked already")
        found = self._connection.execute(_REVOKE, {"of_id": address_id, "at": now, "by": author}).one()
        detail = f"address {address_id} of the feed {row.feed}"
        self.journal(now, author, "address revoked", workflow=row.workflow, detail=detail)
        return FeedAddress(*found)
