"""The simulation's loop: from one instant at which something happens to the next."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from engine.app.answers.settling import DecidedAnswer
from engine.app.answers.taking_in import TakenIn
from engine.app.facts.recording import RecordResult, RetractResult, record, retract
from engine.app.feeds.feeds import publish_feeds
from engine.app.letters.approvals import Approved
from engine.app.plans.apply import apply_package
from engine.app.root import PLAYED_UNTIL, App
from engine.clock import ManualClock
from engine.definition.dates import local_date
from engine.definition.facts import ADDRESS, Subject
from engine.definition.scenario.events import (
    AnyEvent,
    ContactEvent,
    DecideEvent,
    LinkEvent,
    MailEvent,
    RecordEvent,
    RetractEvent,
    ScanEvent,
    Scenario,
    StopEvent,
)
from engine.dispatcher.package import Opened, Package
from engine.dispatcher.ticked import Ticked
from engine.errors import BadInput, Problem, Refused
from engine.simulation.people import People, length
from engine.simulation.post import comes, decides
from engine.simulation.reading import Readers, Used
from engine.store import Transaction

WORKER = "simulation"
_PLAYED = "scenario:played"
_SCENARIO = "scenario:name"

Outcome = RecordResult | RetractResult | TakenIn | DecidedAnswer | Used | None
OutcomeT = TypeVar("OutcomeT")


class Watcher(Protocol):
    """Is told what happens while a year runs."""

    def moved(self, now: datetime) -> None:
        """The virtual clock moved."""

    def happened(self, event: AnyEvent, outcome: Outcome) -> None:
        """An event of the scenario was recorded."""

    def approved(self, now: datetime, approved: Approved) -> None:
        """A person approved letters."""

    def ticked(self, now: datetime, ticked: Ticked) -> None:
        """The dispatcher did what was due."""

    def ended(self) -> None:
        """The year is over, or was broken off."""


class Nobody:
    """Watches nothing."""

    def moved(self, now: datetime) -> None: ...
    def happened(self, event: AnyEvent, outcome: Outcome) -> None: ...
    def approved(self, now: datetime, approved: Approved) -> None: ...
    def ticked(self, now: datetime, ticked: Ticked) -> None: ...
    def ended(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How much virtual time passes in a second; None: as fast as it goes."""

    per_second: timedelta | None = None

    def wait(self, passed: timedelta, spent: float, sleep: Callable[[float], None] = time.sleep) -> None:
        """Wait until `passed` of virtual time has taken its real time, `spent` seconds of which are gone."""
        if self.per_second is not None and (rest := passed / self.per_second - spent) > 0:
            sleep(rest)


class Simulation:
    """One year in a store of its own. `run` goes on from wherever the store is: after a kill, nothing is lost."""

    def __init__(self, app: App, clock: ManualClock, package: Package, opened: Opened, scenario: Scenario) -> None:
        self.app = app
        self.clock = clock
        self.package = package
        self.opened = opened
        self.scenario = scenario
        self.workflow = opened.loaded.plannable.workflow
        self.dispatcher = app.dispatcher(WORKER)
        self.people = People(app, self.workflow, scenario)
        self.readers = Readers(app, self.workflow.name)
        self.stops = [
            (event.at, event.at + length(event.for_)) for event in scenario.events if isinstance(event, StopEvent)
        ]

    def run(self, watcher: Watcher | None = None, pace: Pace | None = None) -> None:
        """Run to the scenario's end."""
        watcher, pace = watcher or Nobody(), pace or Pace()
        self._begin()
        events = list(enumerate(self.scenario.events, start=1))[self._played() :]
        began, first, changed = time.monotonic(), self.clock.now(), True
        shown: date | None = None
        self.people.next()
        while True:
            now = self.clock.now()
            watcher.moved(now)
            while events and events[0][1].at <= now:
                number, event = events.pop(0)
                watcher.happened(event, self._happen(event, number))
                changed = True
            approved = self.people.answer(now)
            if approved is not None:
                watcher.approved(now, approved)
            if not self._down(now):
                watcher.ticked(now, self.dispatcher.tick(now))
                today = local_date(now, self.workflow.timezone)
                if changed and today != shown:
                    publish_feeds(self.app, self.workflow.name)
                    shown, changed = today, False
            following = self._next(now, events)
            if following is None or following >= self.scenario.until:
                break
            pace.wait(following - first, time.monotonic() - began)
            self.clock.move_to(following)
        self.clock.move_to(max(self.clock.now(), self.scenario.until - timedelta(seconds=1)))
        publish_feeds(self.app, self.workflow.name)
        (self.app.settings.home / PLAYED_UNTIL).write_text(self.clock.now().isoformat(), "utf-8")

    def _begin(self) -> None:
        """Apply the plan on the first day; or go on where a run was stopped."""
        with self.app.store.write() as tx:
            began = tx.current_revision_id(self.workflow.name) is not None
            played = tx.meta_get(_SCENARIO)
            if played is None:
                tx.meta_set(_SCENARIO, self.scenario.name)
            elif played != self.scenario.name:
                raise Refused(f"this store plays the scenario {played}, and {self.scenario.name} is another")
            newest = tx.journal_entries(limit=1)
        if began and newest:
            if newest[0].at >= self.scenario.until:
                raise Refused(f"this store has come to {newest[0].at:%Y-%m-%d}, which is past the end: look at --until")
            self.clock.move_to(max(newest[0].at, self.clock.now()))
        else:
            apply_package(self.app, self.package, self.opened, self.workflow.owner, yes=True)
        self.dispatcher.start(self.clock.now())

    def _played(self) -> int:
        with self.app.store.read() as tx:
            return int(tx.meta_get(_PLAYED) or 0)

    def _down(self, now: datetime) -> bool:
        return any(start <= now < end for start, end in self.stops)

    def _next(self, now: datetime, events: list[tuple[int, AnyEvent]]) -> datetime | None:
        """The next instant at which anything happens: an event, a decision, a wake of the daemon (if it is up)."""
        moments = [events[0][1].at] if events else []
        if (answer := self.people.next()) is not None:
            moments.append(max(answer, now))
        wake = self.dispatcher.next_wake(now)
        ends = [end for start, end in self.stops if start <= now < end]
        if ends:
            moments.append(max(ends))
        elif wake is not None:
            into = [end for start, end in self.stops if start <= wake < end]
            moments.append(max(into) if into else wake)
        if self.workflow.ends is None:
            # What has no end is planned as far as its horizon, and further by whoever wakes until then.
            moments.append(now + timedelta(days=self.workflow.horizon))
        return min(moments, default=None)

    def _happen(self, event: AnyEvent, number: int) -> Outcome:
        """Play an event; what cannot be is told with its place in the scenario."""
        try:
            return self._play(event, number)
        except BadInput:
            raise
        except Refused as error:
            raise BadInput([Problem(event.place, str(error))]) from None

    def _play(self, event: AnyEvent, number: int) -> Outcome:
        """Let an event happen through the command's own use cases, once, also if the run is killed around it."""

        def played(tx: Transaction) -> None:
            tx.meta_set(_PLAYED, str(number))

        source, author = event.source, self.workflow.owner
        match event:
            case RecordEvent():
                about = Subject(None, event.step, event.anchor, event.cycle).of_each(event.parties)
                return record(
                    self.app, self.workflow.name, event.fact, event.value, about, details=event.details, on=event.true,
                    source=source, note=event.note, author=author, also=played,
                )  # fmt: skip
            case RetractEvent():
                about = Subject(None, event.step, event.anchor, event.cycle).of_each(event.parties)
                return retract(
                    self.app, self.workflow.name, event.fact, about, source=source, note=event.note, author=author, also=played
                )  # fmt: skip
            case MailEvent():
                return self._then(played, comes(self.app, self.workflow, event))
            case LinkEvent():
                return self._then(played, self.readers.use(event))
            case ScanEvent():
                return self._then(played, self.readers.scan(event))
            case DecideEvent():
                return self._then(played, decides(self.app, self.workflow, event))
            case ContactEvent():
                return record(
                    self.app, self.workflow.name, ADDRESS, event.address, [Subject(contact=event.contact)], source=source,
                    note=event.note, author=author, also=played,
                )  # fmt: skip
        return self._then(played, None)

    def _then(self, played: Callable[[Transaction], None], outcome: OutcomeT) -> OutcomeT:
        """Put on record that an event was played which has a transaction of its own: played again, it changes nothing."""
        with self.app.store.write() as tx:
            played(tx)
        return outcome


def bounded(scenario: Scenario, from_: datetime | None, until: datetime | None) -> Scenario:
    """The scenario within other bounds. Raises Refused when nothing is left."""
    first, last = from_ or scenario.from_, until or scenario.until
    if last <= first:
        raise Refused("the simulation would end before it begins: look at --from and --until")
    events = tuple(event for event in scenario.events if first <= event.at < last)
    return replace(scenario, from_=first, until=last, events=events)
