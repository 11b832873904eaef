"""Everything that is due, done once: the one loop that the daemon and the simulation share.

Look (ask for approvals, settle what is late), claim, look at the facts again and freeze the bytes, hand over, record.
Between `claimed` and `sent` lie three transactions and no more than `batch` mails: what a crash may repeat (G2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from engine.channels import Channel, ChannelDown, Delivery, Refusal, TransportError
from engine.definition.words import moment_words
from engine.dispatcher.asking import ask, tell_missed, write_to_readers
from engine.dispatcher.handing import Handed, prepare
from engine.dispatcher.outcomes import Rest, outcomes, reached
from engine.dispatcher.readers import ACTOR
from engine.dispatcher.replan import replan
from engine.dispatcher.standing import Standing, Standings
from engine.errors import StoreError
from engine.letter import Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.arrange import UNDECIDED, arrange, postpone
from engine.planning.changes import Action
from engine.settings import Settings
from engine.store import Failed, Sent, Store, Transaction

_LEASE = timedelta(minutes=5)
_REPLAN_EVERY = timedelta(days=7)


@dataclass(slots=True)
class Ticked:
    """What one tick did: letters by what became of them, in the order in which it happened.

    `refused` are single recipients of letters that were sent. `down` says why no mail can leave, once for all the
    letters that wait for it; those of them that had been claimed are `held`.
    """

    asked: list[Recorded] = field(default_factory=list)
    sent: list[Recorded] = field(default_factory=list)
    missed: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    down: ChannelDown | None = None

    @property
    def counts(self) -> Counter[str]:
        """How many of each."""
        return Counter({
            "asked": len(self.asked), "sent": len(self.sent), "missed": len(self.missed),
            "failed": len(self.failed), "stopped": len(self.stopped), "held": len(self.held),
        })  # fmt: skip


class _Answered(NamedTuple):
    """A mail that was handed over, what the channel said of it, and what is to go on record."""

    handed: Handed
    answer: Delivery | TransportError
    at: datetime
    outcome: Sent | Failed


class Dispatcher:
    """Sends what is due, by one channel, under one worker's name."""

    def __init__(
        self, store: Store, standings: Standings, channel: Channel, settings: Settings, *, worker: str, batch: int = 50
    ) -> None:
        self.store = store
        self.standings = standings
        self.channel = channel
        self.settings = settings
        self.worker = worker
        self.batch = batch
        self.rest = Rest(worker)
        self._answered: list[_Answered] = []

    def start(self, now: datetime) -> list[Recorded]:
        """Put back what this worker held when it last stopped."""
        with self.standings.deciding() as tx:
            return tx.rescue(self.worker, now)

    def tick(
        self, now: datetime, clock: Callable[[], datetime] | None = None, going: Callable[[], bool] = lambda: True
    ) -> Ticked:
        """Do all that is due at `now` (UTC). `clock` gives the instants of hand-over (default: `now` itself).

        `going` is asked after each mail, which shows that it is at work; where it says no, what is in hand is the last.
        """
        done = Ticked()
        tell = clock or (lambda: now)
        self._record(done)
        batch = self._look_and_claim(now, done)
        while batch:
            handed = self._hand(batch, now, done)
            self._deliver(handed, tell, done, going)
            batch = self._claim_more(len(batch), now) if going() else []
        return done

    def stop(self) -> Ticked:
        """Put on record what left and is not on record yet. Raises StoreError where that cannot be: it leaves again."""
        done = Ticked()
        self._record(done)
        return done

    def next_wake(self, after: datetime | None = None) -> datetime | None:
        """The earliest instant at which there is something to do (UTC)."""
        with self.store.read() as tx:
            found = [tx.next_due(after or self.rest.since), tx.next_delegation(after) if after else None]
            return self.rest.wake(min((at for at in found if at is not None), default=None))

    def _look_and_claim(self, now: datetime, done: Ticked) -> list[Recorded]:
        with self.standings.deciding() as tx:
            tx.release_expired(now)
            for standing in self.standings.all(tx, now):
                self._replan_in_time(tx, standing, now)
            self._settle_late(tx, now, done)
            done.asked = ask(tx, self.standings, now)
            write_to_readers(tx, self.standings, now)
            return self._claim(tx, now)

    def _claim(self, tx: Transaction, now: datetime) -> list[Recorded]:
        return [] if self.rest.holds(now) else tx.claim(now, self.batch, self.worker, now + _LEASE)

    def _claim_more(self, last: int, now: datetime) -> list[Recorded]:
        """The next batch; none after one that was not full, since that was all of what was due."""
        if last < self.batch:
            return []
        with self.standings.deciding(alone=False) as tx:
            return self._claim(tx, now)

    def _replan_in_time(self, tx: Transaction, standing: Standing, now: datetime) -> None:
        """Plan the endless further ahead as time goes on; a plan with an end was planned to it."""
        if standing.workflow.ends is not None:
            return
        name = f"planned:{standing.workflow.name}"
        last = tx.meta_get(name)
        if last is None or datetime.fromisoformat(last) + _REPLAN_EVERY <= now:
            tx.meta_set(name, now.isoformat())
            if last is not None:
                replan(tx, standing, None, now, actor=ACTOR, cause="the horizon moved on")

    def _settle_late(self, tx: Transaction, now: datetime, done: Ticked) -> None:
        """Collapse or miss what is late, and plan again whom that concerns: it may count for what follows."""
        rows = tx.find_letters(state=UNSENT, due_before=now + timedelta(microseconds=1))
        changes = {change.key: change for change in arrange(rows, now)}
        concerned: dict[str, dict[str, None]] = {}
        undecided: list[Recorded] = []
        for row in rows:
            change = changes.get(row.key)
            if change is not None and change.action is Action.MISS:
                tx.apply_changes([change], revision=row.revision, now=now, actor=ACTOR, cause="")
                done.missed.append((row.key, change.reason))
                if change.reason == UNDECIDED:
                    undecided.append(row)
                parties = concerned.setdefault(row.workflow, {})
                if row.party is not None:
                    parties[row.party] = None
            elif _ready(row) and (row.retry_at is None or row.retry_at <= now):
                self._postpone(tx, row, now)
        for workflow, parties in concerned.items():
            standing = self.standings.get(tx, workflow, now)
            replan(tx, standing, parties, now, actor=ACTOR, cause="letters were missed")
        tell_missed(tx, self.standings, undecided, now)

    def _postpone(self, tx: Transaction, row: Recorded, now: datetime) -> None:
        standing = self.standings.get(tx, row.workflow, now)
        until = postpone(row, now, standing.planner.desk.hours_of(row.step, row.party, row.zone))
        if until is not None:
            tx.defer(row.key, until, f"late: it leaves on {moment_words(until, row.zone)}", now=now, actor=ACTOR)

    def _hand(self, batch: list[Recorded], now: datetime, done: Ticked) -> list[Handed]:
        with self.standings.deciding(alone=False) as tx:
            ready = []
            places = self.standings.places(tx, batch, now)
            for row in batch:
                prepared = prepare(tx, self.standings, places[row.workflow], row, now, self.settings, self.worker)
                if prepared is None:
                    done.stopped.append(row.key)
                    places[row.workflow].changed(row.party)
                else:
                    ready.append(prepared)
            frozen = tx.begin_handings([(each.row.key, each.mail) for each in ready], self.worker, now=now)
            again = [mail.id for each, mail in zip(ready, frozen, strict=True) if mail and each.row.attempts]
            said = tx.answers(again) if again else {}
        handed = []
        for each, mail in zip(ready, frozen, strict=True):
            if mail is None:
                done.stopped.append(each.row.key)
            else:
                handed.append(each.frozen_as(mail, reached(said.get(mail.id, {}))))
        return handed

    def _deliver(
        self, handed: list[Handed], clock: Callable[[], datetime], done: Ticked, going: Callable[[], bool]
    ) -> None:
        """Hand the mails to the channel, outside of any transaction, and put what became of them on record."""
        answered = self.channel.deliver_all([each.outgoing for each in handed], going)
        now = clock()
        down = next((answer for answer in answered if isinstance(answer, ChannelDown)), None)
        if down is not None:
            done.down = down
            self.rest.begin(down, now)
        elif any(isinstance(answer, Delivery) for answer in answered):
            self.rest.end()
        made = outcomes(handed, answered, now, self.channel.name, self.rest)
        self._answered += map(_Answered, handed, answered, [now] * len(handed), made)
        self._record(done)

    def _record(self, done: Ticked) -> None:
        """Put the channel's answers on record.

        Where the database takes nothing (its disk is full) they are kept, and are the next tick's first work: what has
        left must not leave again.
        """
        if not self._answered:
            return
        try:
            with self.standings.deciding(alone=False) as tx:
                tx.finish([each.outcome for each in self._answered])
        except StoreError:
            raise
        except BaseException:
            self._answered = []
            raise
        told, self._answered = self._answered, []
        for each in told:
            self._tell(each, done)

    def _tell(self, answered: _Answered, done: Ticked) -> None:
        (row, mail), answer = (answered.handed.row, answered.handed.mail), answered.answer
        if isinstance(answer, ChannelDown):
            done.held.append(row.key)
        elif isinstance(answered.outcome, Failed):
            done.failed.append((row.key, answered.outcome.error))
        elif isinstance(answer, Delivery):
            done.refused.extend((row.key, refusal) for refusal in answer.refused)
            done.sent.append(row._replace(
                state="sent", sent_at=answered.at, message_id=mail.message_id, subject=mail.subject, to=mail.to, cc=mail.cc
            ))  # fmt: skip


def _ready(row: Recorded) -> bool:
    """Whether nothing but its time keeps a letter."""
    return row.state == State.SCHEDULED and (not row.approval or row.approved_digest is not None)
