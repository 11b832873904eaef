"""Everything that is due, done once: the one loop that the daemon and the simulation share.

Look (ask for approvals, settle what is late), claim, look at the facts again and freeze the bytes, hand over, record.
Between `claimed` and `sent` lie no more than `batch` mails: what a crash may repeat (G2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from engine.channels import Channel
from engine.definition.words import counted, moment_words
from engine.dispatcher.delivering import STOPPED, Deliverer
from engine.dispatcher.handing import prepare
from engine.dispatcher.notices.asking import ask, tell_missed, write_to_readers
from engine.dispatcher.notices.readers import ACTOR
from engine.dispatcher.outcomes import Rest, reached
from engine.dispatcher.parts import Handed, Part, mail_of, put_together
from engine.dispatcher.replan import replan
from engine.dispatcher.standing import Standing, Standings
from engine.dispatcher.ticked import Ticked
from engine.letter import Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.arrange import UNDECIDED, WEEK, arrange, go_along, hold_back, postpone
from engine.planning.changes import Action
from engine.planning.world.schedule import Hours
from engine.settings import Settings
from engine.store import Store, Transaction

_LEASE = timedelta(minutes=5)
_REPLAN_EVERY = timedelta(days=7)
_DAY = timedelta(days=1)


class _Claimed(NamedTuple):
    """Letters that were claimed together. `was_all`: nothing else was due."""

    rows: list[Recorded]
    was_all: bool


_NOTHING = _Claimed([], True)


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
        self.deliverer = Deliverer(store, standings, self.rest, worker)

    def start(self, now: datetime) -> list[Recorded]:
        """Put back what this worker held when it last stopped."""
        with self.standings.deciding() as tx:
            for name in tx.with_unknown_persons():
                replan(
                    tx, self.standings.get(tx, name, now), None, now, actor=ACTOR, cause="who gets each letter is kept"
                )
            return tx.rescue(self.worker, now)

    def tick(
        self, now: datetime, clock: Callable[[], datetime] | None = None, going: Callable[[], bool] = lambda: True
    ) -> Ticked:
        """Do all that is due at `now` (UTC). `clock` gives the instants of hand-over (default: `now` itself).

        `going` is asked after each mail, which shows that it is at work; where it says no, what is in hand is the last.
        """
        done = Ticked()
        tell = clock or (lambda: now)
        self.deliverer.record(done)
        claimed = self._look_and_claim(now, done)
        while claimed.rows:
            self.deliverer.deliver(self.channel, self._hand(claimed.rows, now, done), tell, done, going)
            claimed = self._record_and_claim(claimed, now, done, going())
        return done

    def stop(self) -> Ticked:
        """Put on record what left and is not on record yet. Raises StoreError where that cannot be: it leaves again."""
        done = Ticked()
        self.deliverer.record(done)
        return done

    def next_wake(self, after: datetime | None = None) -> datetime | None:
        """The earliest instant at which there is something to do (UTC)."""
        with self.store.read() as tx:
            if tx.stopped():
                return None  # whoever lets letters leave again wakes it
            found = [tx.next_due(after or self.rest.since), tx.next_delegation(after) if after else None]
            return self.rest.wake(min((at for at in found if at is not None), default=None), after)

    def _look_and_claim(self, now: datetime, done: Ticked) -> _Claimed:
        with self.standings.deciding() as tx:
            tx.release_expired(now)
            done.switched_off = tx.stopped()
            # As if it did not run: what is late then collapses or is missed once letters leave again.
            if done.switched_off:
                return _NOTHING
            for standing in self.standings.all(tx, now):
                self._replan_in_time(tx, standing, now)
            self._settle_late(tx, now, done)
            done.asked = ask(tx, self.standings, now)
            write_to_readers(tx, self.standings, now)
            return self._claim(tx, now)

    def _claim(self, tx: Transaction, now: datetime) -> _Claimed:
        """What is due, oldest first, and what else its persons get today: that leaves with it."""
        if self.rest.holds(now):
            return _NOTHING
        lease = now + _LEASE
        rows = tx.claim(now, self.batch, self.worker, lease)
        persons = {row.person for row in rows} - {""}
        along = tx.take_along(persons, partial(go_along, rows, now=now), now + _DAY, now, self.worker, lease)
        return _Claimed([*rows, *along], len(rows) < self.batch)

    def _record_and_claim(self, last: _Claimed, now: datetime, done: Ticked, going: bool) -> _Claimed:
        """Put on record what left, and claim the next batch, with one commit for both; none where it is to stop, and
        none after one that was not full, since that was all of what was due."""
        with self.deliverer.recording(done) as tx:
            return _NOTHING if not going or last.was_all or tx.stopped() else self._claim(tx, now)

    def _replan_in_time(self, tx: Transaction, standing: Standing, now: datetime) -> None:
        """Plan further ahead as time goes on what is planned to its horizon: cycles, and what has no end."""
        if standing.workflow.cycle is None and standing.workflow.ends is not None:
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
        ready: list[Recorded] = []
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
            elif _ready(row) and (row.retry_at is None or row.retry_at <= now) and not self._postpone(tx, row, now):
                ready.append(row)
        self._hold_back(tx, ready, now)
        for workflow, parties in concerned.items():
            standing = self.standings.get(tx, workflow, now)
            replan(tx, standing, parties, now, actor=ACTOR, cause="letters were missed")
        tell_missed(tx, self.standings, undecided, now)

    def _postpone(self, tx: Transaction, row: Recorded, now: datetime) -> bool:
        """Let a letter that is late wait for its addressee's office hours; whether it waits."""
        until = postpone(row, now, self._hours_of(tx, row, now))
        if until is not None:
            tx.defer(row.key, until, f"late: it leaves on {moment_words(until, row.zone)}", now=now, actor=ACTOR)
        return until is not None

    def _hold_back(self, tx: Transaction, ready: list[Recorded], now: datetime) -> None:
        """Let what is more than a person gets in a day or a week wait for its turn.

        For the day's sake alone nothing comes too late.
        """
        cap = self.settings.weekly_cap
        left = tx.left_to({row.person for row in ready if row.party is not None}, now - WEEK)
        waiting = hold_back(ready, left, cap, now)
        for row in ready:
            held = waiting.get(row.key)
            if held is None:
                continue
            _, until = self._hours_of(tx, row, now).first_after(held.until)
            if not held.for_week and row.stale_at is not None and until >= row.stale_at:
                continue
            had = (
                f"{counted(cap, 'mail')} to this person within a week"
                if held.for_week
                else "a mail to this person today"
            )
            tx.defer(row.key, until, f"{had}: it leaves on {moment_words(until, row.zone)}", now=now, actor=ACTOR)

    def _hours_of(self, tx: Transaction, row: Recorded, now: datetime) -> Hours:
        return self.standings.get(tx, row.workflow, now).planner.desk.hours_of(row.step, row.party, row.zone)

    def _hand(self, batch: list[Recorded], now: datetime, done: Ticked) -> list[Handed]:
        """Look at the facts again, put together what goes to one person, and freeze the bytes of each mail."""
        with self.standings.deciding(alone=False) as tx:
            done.switched_off = tx.stopped()
            if done.switched_off:
                tx.let_go([row.key for row in batch], self.worker, now, STOPPED)
                done.held += [row.key for row in batch]
                return []
            mails = [mail_of(parts, now, self.settings) for parts in put_together(self._prepare(tx, batch, now, done))]
            frozen = tx.begin_handings(
                [({row.key: row.subject for row in each.rows}, each.mail) for each in mails],
                self.worker,
                now=now,
                told={row.key: row.told for each in mails for row in each.rows if row.told},
            )
            again = [mail.id for each, mail in zip(mails, frozen, strict=True) if mail and each.attempts]
            said = tx.answers(again) if again else {}
        handed = []
        for each, mail in zip(mails, frozen, strict=True):
            if mail is None:
                done.stopped += [row.key for row in each.rows]
            else:
                handed.append(each.frozen_as(mail, reached(said.get(mail.id, {}))))
        return handed

    def _prepare(self, tx: Transaction, batch: list[Recorded], now: datetime, done: Ticked) -> Iterator[Part]:
        places = self.standings.places(tx, batch, now)
        for row in batch:
            part = prepare(tx, self.standings, places[row.workflow], row, now, self.settings, self.worker)
            if part is None:
                done.stopped.append(row.key)
                places[row.workflow].changed(row.party)
            else:
                yield part


def _ready(row: Recorded) -> bool:
    """Whether nothing but its time keeps a letter."""
    return row.state == State.SCHEDULED and (not row.approval or row.approved_digest is not None)
