"""Handing over: frozen mails to the channel, outside of any transaction, and what it said of each on record (G2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from engine.channels import Channel, ChannelDown, Delivery, NotTried, TransportError
from engine.dispatcher.outcomes import Rest, outcomes
from engine.dispatcher.parts import Handed
from engine.dispatcher.standing import Standings
from engine.dispatcher.ticked import Ticked
from engine.errors import StoreError
from engine.store import Failed, Sent, Store, Transaction

STOPPED = "everything was stopped"
"""What the journal says of letters that were let go."""


class _Answered(NamedTuple):
    """A mail that was handed over, what the channel said of it, and what is to go on record of each letter."""

    handed: Handed
    answer: Delivery | TransportError
    at: datetime
    outcomes: list[Sent | Failed]


class Deliverer:
    """Takes mails to a channel, under one worker's name."""

    def __init__(self, store: Store, standings: Standings, rest: Rest, worker: str) -> None:
        self.store = store
        self.standings = standings
        self.rest = rest
        self.worker = worker
        self._answered: list[_Answered] = []

    def deliver(
        self, channel: Channel, handed: list[Handed], clock: Callable[[], datetime], done: Ticked,
        going: Callable[[], bool],
    ) -> None:  # fmt: skip
        """Hand the mails to the channel; what it says is to be put on record next. `going` is a sign of life at each."""
        switch = _Switch(self.store)

        def may_leave() -> bool:
            going()
            return switch.is_on()

        answered = channel.deliver_all([each.outgoing for each in handed], may_leave)
        now = clock()
        down = next((answer for answer in answered if isinstance(answer, ChannelDown)), None)
        if down is not None:
            done.down = down
            self.rest.begin(down, now)
        elif any(isinstance(answer, Delivery) for answer in answered):
            self.rest.end()
        untried = []
        for each, answer in zip(handed, answered, strict=True):
            if isinstance(answer, NotTried):
                untried += [row.key for row in each.rows]
            else:
                made = outcomes(each, answer, now, channel.name, self.rest)
                self._answered.append(_Answered(each, answer, now, made))
        if untried:
            with self.recording(done) as tx:
                self._let_go(tx, untried, now, done)

    @contextmanager
    def recording(self, done: Ticked) -> Iterator[Transaction]:
        """A transaction that puts the channel's answers on record, and in which more may be done.

        Where the database takes nothing (its disk is full) they are kept, and are the next tick's first work: what has
        left must not leave again.
        """
        try:
            with self.standings.deciding(alone=False) as tx:
                tx.finish([outcome for each in self._answered for outcome in each.outcomes])
                yield tx
        except StoreError:
            raise
        except BaseException:
            self._answered = []
            raise
        told, self._answered = self._answered, []
        for each in told:
            _tell(each, done)

    def record(self, done: Ticked) -> None:
        """Put the channel's answers on record, where there are any."""
        if self._answered:
            with self.recording(done):
                pass

    def _let_go(self, tx: Transaction, keys: list[str], now: datetime, done: Ticked) -> None:
        """What was in hand when a person stopped everything has not left, and waits."""
        done.switched_off = tx.stopped()
        tx.let_go(keys, self.worker, now, STOPPED)
        done.held += keys


class _Switch:
    """Whether letters may leave, asked before each mail: the store is read only where somebody recorded something."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: int | None = None
        self._on = True

    def is_on(self) -> bool:
        seen = self._store.data_version()
        if seen != self._seen:
            self._seen = seen
            with self._store.read() as tx:
                self._on = tx.stopped() is None
        return self._on


def _tell(answered: _Answered, done: Ticked) -> None:
    mail, answer = answered.handed.mail, answered.answer
    sent = False
    for row, outcome in zip(answered.handed.rows, answered.outcomes, strict=True):
        if isinstance(answer, ChannelDown):
            done.held.append(row.key)
        elif isinstance(outcome, Failed):
            done.failed.append((row.key, outcome.error))
        elif isinstance(answer, Delivery):
            sent = True
            done.refused.extend((row.key, refusal) for refusal in answer.refused)
            done.sent.append(row._replace(
                state="sent", sent_at=answered.at, message_id=mail.message_id, to=mail.to, cc=mail.cc
            ))  # fmt: skip
    done.mails += sent
