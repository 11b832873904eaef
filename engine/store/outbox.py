"""The outbox at work: claim, hand over, record, rescue. Each for many letters in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update

from engine.letter import Recorded
from engine.lifecycle import SETTLED, State
from engine.store.journal import Note
from engine.store.letters import RECORDED, Held, due_rows, note, read_letter
from engine.store.mails import Attempt, MailRows
from engine.store.records import Failed, NewMail, Sent
from engine.store.tables import LETTER
from engine.store.types import to_micros

_HANDED = ("state", "mail", "message_id", "subject", "to", "cc", "lease_until", "unwanted")
_SETTLED = ("state", "reason", "sent_at", "retry_at", "attempts", "worker", "lease_until", "unwanted")


class OutboxRows(MailRows):
    """The outbox of a transaction."""

    def claim(self, now: datetime, limit: int, worker: str, lease_until: datetime) -> list[Recorded]:
        """Take up to `limit` letters that are due, oldest first, for this worker until `lease_until`.

        Without the materialised CTE PostgreSQL may run the limited query again and claim more; on SQLite the lock
        words vanish and the writing transaction serves.
        """
        due = (
            select(LETTER.c.id)
            .where(due_rows(now))
            .order_by(LETTER.c.wake_at, LETTER.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
            .prefix_with("MATERIALIZED")
        )
        claimed = self._connection.execute(
            update(LETTER)
            .where(LETTER.c.id.in_(select(due.c.id)))
            .values(state=State.CLAIMED, worker=worker, lease_until=lease_until)
            .returning(*RECORDED)
        )
        letters = sorted((read_letter(row) for row in claimed), key=lambda letter: (letter.due_at, letter.id))
        at = to_micros(now)
        self._note([note(letter, at, worker, "claimed", "") for letter in letters])
        return letters

    def begin_handing(
        self, key: str, worker: str, mail: NewMail, *, now: datetime, lease_until: datetime | None = None
    ) -> int | None:
        """`begin_handings` of one letter."""
        return self.begin_handings([(key, mail)], worker, now=now, lease_until=lease_until)[0]

    def begin_handings(
        self,
        mails: Sequence[tuple[str, NewMail]],
        worker: str,
        *,
        now: datetime,
        lease_until: datetime | None = None,
    ) -> list[int | None]:
        """Freeze the bytes of letters that this worker still holds; each one's mail id, None where it does not.

        None means that somebody withdrew it, or that the lease ended: it must not leave. What is to leave are the
        bytes of that mail, which at a retry are those of the first time, not the ones given.
        """
        mine = (LETTER.c.state == State.CLAIMED) & (LETTER.c.worker == worker)
        held = self.hold((key for key, _ in mails), mine)
        pairs = [(held[key], mail) for key, mail in mails if key in held]
        ids = self._freeze(pairs, now)
        at = to_micros(now)
        lease = lease_until and to_micros(lease_until)
        rows = [
            (State.HANDING.value, mail_id, new.message_id, new.subject, new.to, new.cc, lease or row.lease_until, None, row.id)
            for (row, new), mail_id in zip(pairs, ids, strict=True)
        ]
        self._update_many(LETTER, _HANDED, rows)
        self._note([note(row, at, worker, "handing", mail.message_id) for row, mail in pairs])
        handed = {row.key: mail_id for (row, _), mail_id in zip(pairs, ids, strict=True)}
        return [handed.get(key) for key, _ in mails]

    def finish_sent(self, key: str, mail_id: int, at: datetime, recipients: dict[str, str]) -> State:
        """`finish` of one letter that was accepted."""
        return self.finish([Sent(key, mail_id, at, recipients)])[0]

    def finish_failed(
        self,
        key: str,
        mail_id: int,
        at: datetime,
        error: str,
        permanent: bool,
        retry_at: datetime | None = None,
        *,
        unknown: bool = False,
    ) -> State:
        """`finish` of one letter that was not accepted."""
        return self.finish([Failed(key, mail_id, at, error, permanent, retry_at, unknown)])[0]

    def finish(self, outcomes: Sequence[Sent | Failed]) -> list[State]:
        """Put the channel's answers on record, an attempt each; the state in which each letter is then.

        “Accepted” makes it sent whatever happened to the row meanwhile, since it has left. A late “not accepted”,
        after the lease ended and the row went on, changes nothing. A letter that became unwanted while it was in
        hand is withdrawn rather than tried again (G3 before G2).
        """
        held = self.hold({outcome.key for outcome in outcomes})
        settled: list[dict[str, Any]] = []
        counted: list[dict[str, Any]] = []
        notes: list[Note] = []
        attempts: list[Attempt] = []
        states: list[State] = []
        for outcome in outcomes:
            row = held[outcome.key]
            answer, values, told = _sent(row, outcome) if isinstance(outcome, Sent) else _failed(row, outcome)
            error = "" if isinstance(outcome, Sent) else outcome.error
            recipients = outcome.recipients if isinstance(outcome, Sent) else {}
            attempts.append(Attempt(outcome.key, outcome.mail_id, outcome.at, answer, error, recipients, row.worker))
            (counted if values is None else settled).append({"of_id": row.id, **(values or {})})
            notes.append(note(row, to_micros(outcome.at), row.worker or "channel", answer, told))
            states.append(State(values["new_state"] if values else row.state))
        if settled:
            self._connection.execute(_SETTLE, settled)
        if counted:
            self._connection.execute(_ATTEMPTED, counted)
        self._record_attempts(attempts)
        self._note(notes)
        return states

    def release_expired(self, now: datetime) -> list[Recorded]:
        """Put back what was taken by a worker whose lease has ended, and give it back as it is then."""
        return self._put_back(LETTER.c.lease_until <= now, now, "its lease ended")

    def rescue(self, worker: str, now: datetime) -> list[Recorded]:
        """Put back what a worker of this name had taken; for its start, when it cannot hold anything yet."""
        return self._put_back(LETTER.c.worker == worker, now, f"{worker} started again")

    def _put_back(self, which: ColumnElement[bool], now: datetime, why: str) -> list[Recorded]:
        """Claimed: scheduled again. In hand: an attempt of unknown outcome, then scheduled again with its mail kept.

        What became unwanted in hand is withdrawn instead.
        """
        taken = LETTER.c.state.in_((State.CLAIMED, State.HANDING)) & which
        keys = self._connection.execute(select(LETTER.c.key).where(taken, LETTER.c.wake_at.is_not(None))).scalars()
        held = self.hold(keys, taken)
        in_hand = [row for row in held.values() if row.state == State.HANDING and row.mail is not None]
        lost = f"no answer is on record: {why}"
        self.finish([Failed(row.key, row.mail or 0, now, lost, False, None, True) for row in in_hand])
        claimed = [row for row in held.values() if row.state == State.CLAIMED]
        if claimed:
            self._connection.execute(
                update(LETTER)
                .where(LETTER.c.id == bindparam("of_id"))
                .values(state=State.SCHEDULED, worker=None, lease_until=None),
                [{"of_id": row.id} for row in claimed],
            )
        at = to_micros(now)
        self._note([note(row, at, row.worker or "", "released", why) for row in claimed])
        return [letter for key in sorted(held) if (letter := self.letter(key))]


_Settled = tuple[str, dict[str, Any] | None, str]
"""What an attempt is called, what becomes of the row (None: nothing), and what the journal says."""


def _values(
    state: State, reason: str, *, sent_at: datetime | None = None, retry_at: datetime | None = None
) -> dict[str, Any]:
    return {"new_state": state, "new_reason": reason, "new_sent_at": sent_at, "new_retry_at": retry_at}


def _sent(row: Held, outcome: Sent) -> _Settled:
    if row.state in SETTLED:
        return "sent", None, "accepted once more"
    late = "" if row.state == State.HANDING else f"; the answer came late, when it was {row.state} again"
    return "sent", _values(State.SENT, "sent", sent_at=outcome.at), f"accepted{late}"


def _failed(row: Held, outcome: Failed) -> _Settled:
    answer = "unknown" if outcome.unknown else "failed" if outcome.permanent else "deferred"
    if row.state != State.HANDING or row.mail != outcome.mail_id:
        return answer, None, f"{outcome.error}; the answer came late, when it was {row.state}"
    if outcome.permanent:
        return answer, _values(State.FAILED, outcome.error), outcome.error
    if row.unwanted is not None:
        return answer, _values(State.WITHDRAWN, row.unwanted), f"{outcome.error}; not tried again: {row.unwanted}"
    return answer, _values(State.SCHEDULED, outcome.error, retry_at=outcome.retry_at), outcome.error
