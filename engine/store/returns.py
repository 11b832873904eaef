"""What is asked of the outbox when mail comes back: whose a number or a Message-ID is, and to whom a letter went."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from engine.store.base import among
from engine.store.mails import MailRows
from engine.store.tables import LETTER, MAIL, META

_KEY = select(LETTER.c.key).where(LETTER.c.id == bindparam("of_id"))
_BY_MESSAGE_ID = select(MAIL.c.message_id, MAIL.c.letter).where(among(MAIL.c.message_id))
_RECIPIENTS = select(MAIL.c.recipients).where(
    (MAIL.c.letter == bindparam("of_letter"))
    | MAIL.c.id.in_(select(LETTER.c.mail).where(LETTER.c.key == bindparam("of_letter")))
)
_FIRST = select(MAIL.c.frozen_at).order_by(MAIL.c.id).limit(1)
_SECRET = select(META.c.value).where(META.c.name == bindparam("of_name"))


class ReturnRows(MailRows):
    """What came back, in a transaction."""

    def secret(self, name: str) -> bytes:
        """A secret of that name, random, made once and kept; the same for all who use the database."""
        kept = self._connection.execute(_SECRET, {"of_name": name}).scalar()
        if kept is None:
            # Two dispatchers of one PostgreSQL may be the first at once: the one who comes second takes the other's.
            self._connection.exec_driver_sql(*self._insert_once(name, secrets.token_hex(32)))
            kept = self._connection.execute(_SECRET, {"of_name": name}).scalar_one()
        return bytes.fromhex(kept)

    def keep_secret(self, name: str, value: str) -> None:
        """Let this be the secret of that name (hexadecimal digits), unless there is one."""
        self._connection.exec_driver_sql(*self._insert_once(name, value))

    def _insert_once(self, name: str, value: str) -> tuple[str, tuple[str, str]]:
        mark = "%s" if self._connection.dialect.name == "postgresql" else "?"
        return f"INSERT INTO meta (name, value) VALUES ({mark}, {mark}) ON CONFLICT DO NOTHING", (name, value)

    def key_of(self, number: int) -> str | None:
        """The key of the letter with that number in the outbox."""
        return self._connection.execute(_KEY, {"of_id": number}).scalar()

    def letter_of_message(self, message_ids: Sequence[str]) -> str | None:
        """The key of the letter that left under one of these Message-IDs; of several, that of the first."""
        if not message_ids:
            return None
        found = {row.message_id: row.letter for row in self._connection.execute(_BY_MESSAGE_ID, {"among": message_ids})}
        return next((found[each] for each in message_ids if each in found), None)

    def sent_to(self, key: str) -> frozenset[str]:
        """Every address that stood on the envelope of a letter, or of a mail that carried it with others."""
        rows = self._connection.execute(_RECIPIENTS, {"of_letter": key}).scalars()
        return frozenset(address for recipients in rows for address in recipients)

    def first_mail_at(self) -> datetime | None:
        """When the first letter was handed over; nothing that came before can be about one of ours."""
        return self._connection.execute(_FIRST).scalar()
