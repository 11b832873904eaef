"""Mails, frozen when they are first handed over, and the attempts at it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select

from engine.errors import NotFound
from engine.store.base import among, chunks
from engine.store.holding import Held, HeldRows
from engine.store.records import AttemptRecord, MailRecord, NewMail
from engine.store.tables import ATTEMPT, LETTER, MAIL
from engine.store.types import to_micros

_MAIL = select(*(MAIL.c[name] for name in MailRecord._fields))
REFUSED = "refused: "
"""What the record of a recipient begins with who was not taken."""
_FROZEN = MailRecord._fields[1:]
_MAILS = _MAIL.where(among(MAIL.c.id))
_OF_LETTER = _MAIL.join_from(MAIL, LETTER, LETTER.c.mail == MAIL.c.id).where(LETTER.c.key == bindparam("of_letter"))
_DIGESTS = select(MAIL.c.id, MAIL.c.digest).where(among(MAIL.c.id))
_NEWEST_IDS = select(MAIL.c.letter, func.max(MAIL.c.id).label("id")).where(among(MAIL.c.letter)).group_by(MAIL.c.letter)
_ATTEMPTS = (
    select(*(ATTEMPT.c[name] for name in AttemptRecord._fields))
    .where(ATTEMPT.c.letter == bindparam("of_letter"))
    .order_by(ATTEMPT.c.id)
)

_ANSWERS = select(ATTEMPT.c.mail, ATTEMPT.c.recipients).where(among(ATTEMPT.c.mail)).order_by(ATTEMPT.c.id)


class Attempt(NamedTuple):
    """An attempt to be put on record."""

    letter: str
    mail: int | None
    at: datetime
    outcome: str
    error: str
    recipients: dict[str, str]
    worker: str | None


class MailRows(HeldRows):
    """The mails of a transaction."""

    def mail(self, mail_id: int) -> MailRecord:
        """The mail of that id. Raises NotFound."""
        found = self.mails([mail_id])
        if not found:
            raise NotFound(f"there is no mail {mail_id}")
        return found[mail_id]

    def mails(self, ids: Iterable[int]) -> dict[int, MailRecord]:
        """Mails by id."""
        found: dict[int, MailRecord] = {}
        for portion in chunks(sorted(ids)):
            for row in self._connection.execute(_MAILS, {"among": portion}):
                found[row.id] = MailRecord(*row)._replace(recipients=tuple(row.recipients))
        return found

    def mail_of(self, key: str) -> MailRecord | None:
        """The mail that a letter left in, alone or with others, or is to leave in; None before the first handing over."""
        row = self._connection.execute(_OF_LETTER, {"of_letter": key}).one_or_none()
        return None if row is None else MailRecord(*row)._replace(recipients=tuple(row.recipients))

    def attempts(self, key: str) -> list[AttemptRecord]:
        """Each handing over of a letter, oldest first."""
        return [
            AttemptRecord(*row)._replace(recipients=tuple(sorted(row.recipients.items())))
            for row in self._connection.execute(_ATTEMPTS, {"of_letter": key})
        ]

    def answers(self, mails: Iterable[int]) -> dict[int, dict[str, str]]:
        """What was said of each recipient of some mails, at whatever attempt; the last answer counts."""
        found: dict[int, dict[str, str]] = {}
        for portion in chunks(sorted(mails)):
            for mail, recipients in self._connection.execute(_ANSWERS, {"among": portion}):
                found.setdefault(mail, {}).update(recipients)
        return found

    def refused_recipients(self, key: str) -> dict[str, str]:
        """Whom the far side refused at the last attempt that asked for them, and what it said."""
        said: dict[str, str] = {}
        for attempt in self.attempts(key):
            said.update(attempt.recipients)
        refused = {address: words for address, words in said.items() if words.startswith(REFUSED)}
        return {address: words.removeprefix(REFUSED) for address, words in refused.items()}

    def _record_attempts(self, attempts: Sequence[Attempt]) -> None:
        rows = [
            (letter, mail, to_micros(at), outcome, error, json.dumps(recipients), worker)
            for letter, mail, at, outcome, error, recipients, worker in attempts
        ]
        self._insert_many(ATTEMPT, Attempt._fields, rows)

    def _freeze(self, mails: Sequence[tuple[Held, NewMail]], now: datetime) -> list[MailRecord]:
        """The record of each mail, given with its first letter: the one that this has where it says the same, else a new one.

        The same bytes leave at a retry, whatever is rendered by now (G2); another approval, or one letter less in a mail
        of several, makes another mail.
        """
        digests = self._digests(held.mail for held, _ in mails if held.mail is not None)
        ids = [held.mail if digests.get(held.mail or 0) == new.digest else None for held, new in mails]
        fresh = [pair for pair, known in zip(mails, ids, strict=True) if known is None]
        made = iter(self._insert_mails(fresh, now))
        kept = self.mails(known for known in ids if known is not None)
        return [next(made) if known is None else kept[known] for known in ids]

    def _digests(self, ids: Iterable[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for portion in chunks(sorted(ids)):
            rows = self._connection.execute(_DIGESTS, {"among": portion})
            found.update((row.id, row.digest) for row in rows)
        return found

    def _insert_mails(self, mails: Sequence[tuple[Held, NewMail]], now: datetime) -> list[MailRecord]:
        if not mails:
            return []
        at = to_micros(now)
        rows: list[tuple[Any, ...]] = [
            (
                held.key, new.message_id, new.digest, new.sender, json.dumps(new.recipients), new.subject, new.to, new.cc,
                zlib.compress(new.body, 1), at,
            )
            for held, new in mails
        ]  # fmt: skip
        self._insert_many(MAIL, _FROZEN, rows)
        newest: dict[str, int] = {}
        for portion in chunks(sorted(held.key for held, _ in mails)):
            newest.update((row.letter, row.id) for row in self._connection.execute(_NEWEST_IDS, {"among": portion}))
        return [MailRecord(newest[held.key], held.key, *new, frozen_at=now) for held, new in mails]
