"""The outbox at work: claim, hand over, record, rescue. Each for many letters in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select, update

from engine.errors import NotFound
from engine.letter import Recorded
from engine.lifecycle import SETTLED, State
from engine.store.base import among, chunks
from engine.store.holding import Held, check_move, note
from engine.store.journal import JournalNote
from engine.store.letters import ALL, DUE, RECORDED, read_letters
from engine.store.mails import Attempt, MailRows
from engine.store.records import Failed, MailRecord, NewMail, Sent
from engine.store.tables import LETTER
from engine.store.types import to_micros, to_micros_or_none

_HANDED = ("state", "mail", "message_id", "subject", "to", "cc", "unwanted", "told")
_SETTLED = ("state", "reason", "sent_at", "retry_at", "attempts", "channel", "worker", "lease_until", "unwanted")


_DUE = (
    select(LETTER.c.id)
    .where(DUE)
    .order_by(LETTER.c.wake_at, LETTER.c.id)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
    .cte("due")
    .prefix_with("MATERIALIZED")
)
_CLAIMED = update(LETTER).values(state=State.CLAIMED, worker=bindparam("by"), lease_until=bindparam("until"))
_CLAIM = _CLAIMED.where(LETTER.c.id.in_(select(_DUE.c.id))).returning(*RECORDED)
_TAKE = _CLAIMED.where(among(LETTER.c.id)).returning(*RECORDED)
_READY = ALL.where(
    among(LETTER.c.person),
    LETTER.c.state == State.SCHEDULED,
    LETTER.c.wake_at <= bindparam("until"),
    or_(~LETTER.c.approval, LETTER.c.approved_digest.is_not(None)),
).with_for_update(skip_locked=True)
_IN_HAND = select(LETTER.c.key).where(LETTER.c.state.in_((State.CLAIMED, State.HANDING)))
_EXPIRED = _IN_HAND.where(LETTER.c.wake_at <= bindparam("now"))
_TAKEN = _IN_HAND.where(LETTER.c.worker == bindparam("by"))


class OutboxRows(MailRows):
    """The outbox of a transaction."""

    def claim(self, now: datetime, limit: int, worker: str, lease_until: datetime) -> list[Recorded]:
        """Take up to `limit` letters that are due, oldest first, for this worker until `lease_until`.

        Without the materialised CTE PostgreSQL may run the limited query again and claim more; on SQLite the lock
        words vanish and the writing transaction serves.
        """
        values = {"now": now, "at_most": limit, "by": worker, "until": lease_until}
        claimed = read_letters(self._connection.execute(_CLAIM, values).all())
        return self._claimed(sorted(claimed, key=lambda letter: (letter.due_at, letter.id)), worker, now)

    def take_along(
        self, persons: Collection[str], choose: Callable[[list[Recorded]], Iterable[Recorded]], until: datetime,
        now: datetime, worker: str, lease_until: datetime,
    ) -> list[Recorded]:  # fmt: skip
        """Claim also what else is ready for some persons and due by `until`, as far as it is chosen."""
        ready: list[Recorded] = []
        for portion in chunks(sorted(persons)):
            ready += self._letters(_READY, {"among": portion, "until": until})
        chosen = [row.id for row in choose(ready)]
        values = {"by": worker, "until": lease_until}
        taken: list[Recorded] = []
        for ids in chunks(chosen):
            taken += read_letters(self._connection.execute(_TAKE, {**values, "among": ids}).all())
        return self._claimed(taken, worker, now)

    def _claimed(self, rows: list[Recorded], worker: str, now: datetime) -> list[Recorded]:
        at = to_micros(now)
        self._note([note(row, at, worker, "claimed", "") for row in rows])
        return rows

    def begin_handings(
        self,
        mails: Sequence[tuple[Mapping[str, str], NewMail]],
        worker: str,
        *,
        now: datetime,
        told: Mapping[str, str] | None = None,
    ) -> list[MailRecord | None]:
        """Freeze the bytes of mails all of whose letters this worker still holds; what is to leave, None where it does not.

        Each mail is given with the letters that it carries, key → the letter's own subject; `told` are the days that
        letters tell, by their keys. None means that somebody withdrew one of them, or that the lease ended: it must not
        leave, and what is still held waits again. The bytes of a retry are those of the first time, not the ones given.
        """
        held = self.hold(key for letters, _ in mails for key in letters)
        whole = [all(key in held and _holds(held[key], worker) for key in letters) for letters, _ in mails]
        going = [given for given, is_whole in zip(mails, whole, strict=True) if is_whole]
        frozen = self._freeze([(held[next(iter(letters))], mail) for letters, mail in going], now)
        at, days = to_micros(now), told or {}
        rows, notes = [], []
        for (letters, new), mail in zip(going, frozen, strict=True):
            for key, subject in letters.items():
                row = held[key]
                rows.append((
                    State.HANDING.value, mail.id, mail.message_id, subject, new.to, new.cc, None, days.get(key), row.id
                ))  # fmt: skip
                notes.append(note(row, at, worker, "handing", mail.message_id))
        self._update_many(LETTER, _HANDED, rows)
        self._note(notes)
        broken = [key for (letters, _), is_whole in zip(mails, whole, strict=True) if not is_whole for key in letters]
        self.let_go(broken, worker, now, "a letter that was to leave with it does not")
        handed = iter(frozen)
        return [next(handed) if is_whole else None for is_whole in whole]

    def finish(self, outcomes: Sequence[Sent | Failed]) -> list[State]:
        """Put the channel's answers on record, an attempt each; the state in which each letter is then.

        “Accepted” makes it sent whatever happened to the row meanwhile, since it has left. A late “not accepted”,
        after the lease ended and the row went on, changes nothing. A letter that became unwanted while it was in
        hand is withdrawn rather than tried again (G3 before G2).
        """
        held = self.hold({outcome.key for outcome in outcomes})
        settled: list[tuple[Any, ...]] = []
        counted: list[tuple[Any, ...]] = []
        notes: list[JournalNote] = []
        attempts: list[Attempt] = []
        states: list[State] = []
        for outcome in outcomes:
            row = held.get(outcome.key)
            if row is None:
                raise NotFound(f"there is no letter {outcome.key}")
            verdict = _sent(row, outcome) if isinstance(outcome, Sent) else _failed(row, outcome)
            tries = row.attempts + 1
            if verdict.state is None:
                counted.append((tries, row.id))
            else:
                at = (verdict.sent_at, verdict.retry_at)
                channel = outcome.channel if isinstance(outcome, Sent) else None
                settled.append((verdict.state.value, verdict.reason, *at, tries, channel, None, None, None, row.id))
            attempts.append(_attempt(outcome, verdict.answer, row.worker))
            notes.append(note(row, to_micros(outcome.at), row.worker or "channel", verdict.answer, verdict.told))
            states.append(verdict.state or State(row.state))
        self._update_many(LETTER, _SETTLED, settled)
        self._update_many(LETTER, ("attempts",), counted)
        self._record_attempts(attempts)
        self._note(notes)
        return states

    def defer(self, key: str, until: datetime, reason: str, *, now: datetime, actor: str) -> Recorded:
        """Let a scheduled letter wait until an instant, though it is due. Raises NotFound."""
        held = self.hold_one(key)
        check_move(held, State.CLAIMED)
        return self._set(held, {"retry_at": until, "reason": reason}, now, actor, "deferred", reason)

    def release_expired(self, now: datetime) -> list[Recorded]:
        """Put back what was taken by a worker whose lease has ended, and give it back as it is then."""
        ended = self._connection.execute(_EXPIRED, {"now": now}).scalars()
        held = {key: row for key, row in self.hold(ended).items() if (row.lease_until or 0) <= to_micros(now)}
        return self._put_back(held, now, "its lease ended")

    def rescue(self, worker: str, now: datetime) -> list[Recorded]:
        """Put back what a worker of this name had taken; for its start, when it cannot hold anything yet."""
        taken = self._connection.execute(_TAKEN, {"by": worker}).scalars()
        held = {key: row for key, row in self.hold(taken).items() if row.worker == worker}
        return self._put_back(held, now, f"{worker} started again")

    def let_go(self, keys: Iterable[str], worker: str, now: datetime, why: str) -> None:
        """What this worker holds and did not try waits again: that is no attempt, and the bytes are kept if it has any.

        What became unwanted in hand is withdrawn instead.
        """
        held = [
            row for row in self.hold(keys).values()
            if row.worker == worker and row.state in (State.CLAIMED, State.HANDING)
        ]  # fmt: skip
        states = [State.SCHEDULED if row.unwanted is None else State.WITHDRAWN for row in held]
        rows = [
            (state.value, row.unwanted or row.reason, None, None, None, row.id)
            for row, state in zip(held, states, strict=True)
        ]
        self._update_many(LETTER, ("state", "reason", "worker", "lease_until", "unwanted"), rows)
        self._note([
            note(row, to_micros(now), worker, "released" if row.unwanted is None else "withdrawn", row.unwanted or why)
            for row in held
        ])  # fmt: skip

    def _put_back(self, held: Mapping[str, Held], now: datetime, why: str) -> list[Recorded]:
        """Claimed: scheduled again. In hand: an attempt of unknown outcome, then scheduled again with its mail kept.

        What became unwanted in hand is withdrawn instead.
        """
        lost = f"no answer is on record: {why}"
        in_hand = [row for row in held.values() if row.state == State.HANDING]
        self.finish([Failed(row.key, row.mail or 0, now, lost, False, None, True) for row in in_hand])
        claimed = [row for row in held.values() if row.state == State.CLAIMED]
        rows = [(State.SCHEDULED.value, None, None, row.id) for row in claimed]
        self._update_many(LETTER, ("state", "worker", "lease_until"), rows)
        at = to_micros(now)
        self._note([note(row, at, row.worker or "", "released", why) for row in claimed])
        return self.letters(held)


def _holds(row: Held, worker: str) -> bool:
    return row.state == State.CLAIMED and row.worker == worker


class _Verdict(NamedTuple):
    """What an answer is called, what the journal says, and what it makes of the letter (None: nothing any more)."""

    answer: str
    told: str
    state: State | None = None
    reason: str = ""
    sent_at: int | None = None
    retry_at: int | None = None


def _sent(row: Held, outcome: Sent) -> _Verdict:
    if row.state in SETTLED:
        return _Verdict("sent", "accepted once more")
    late = "" if row.state == State.HANDING else f"; the answer came late, when it was {row.state} again"
    return _Verdict("sent", f"accepted{late}", State.SENT, "sent", sent_at=to_micros(outcome.at))


def _failed(row: Held, outcome: Failed) -> _Verdict:
    answer = "unknown" if outcome.unknown else "failed" if outcome.permanent else "deferred"
    error = outcome.error
    if row.state != State.HANDING or (row.mail or 0) != outcome.mail_id:
        return _Verdict(answer, f"{error}; the answer came late, when it was {row.state}")
    if row.unwanted is not None:
        return _Verdict(answer, f"{error}; not tried again: {row.unwanted}", State.WITHDRAWN, row.unwanted)
    if outcome.permanent:
        return _Verdict(answer, error, State.FAILED, error)
    retry_at = to_micros_or_none(outcome.retry_at)
    return _Verdict(answer, error, State.SCHEDULED, error, retry_at=retry_at)


def _attempt(outcome: Sent | Failed, answer: str, worker: str | None) -> Attempt:
    error = "" if isinstance(outcome, Sent) else outcome.error
    return Attempt(outcome.key, outcome.mail_id or None, outcome.at, answer, error, outcome.recipients, worker)
