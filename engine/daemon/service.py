"""The daemon: tick, publish, wait; stop when asked, read the plans again when asked, stay up when something fails."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from types import FrameType

from engine.app.feeds.feeds import publish_feeds
from engine.app.letters.switch import stopped_words
from engine.app.plans.reloading import Reloaded, reload_workflows
from engine.app.root import App
from engine.daemon.logs import Log
from engine.daemon.notify import Notifier
from engine.daemon.timer import Timer, Woken
from engine.dispatcher.tick import Dispatcher
from engine.dispatcher.ticked import Ticked
from engine.errors import BadInput, FollowthroughError
from engine.store import Stopped
from engine.web.health import Health

_AFTER_FAILURE = timedelta(seconds=5)
_QUIET = timedelta(minutes=1)


class Daemon:
    """Runs one installation until it is told to stop. `workflows` are applied at the start where they are not yet."""

    def __init__(self, app: App, log: Log, health: Health, workflows: Sequence[str] = ()) -> None:
        self.app = app
        self.log = log
        self.health = health
        self.workflows = list(workflows)
        self.timer = Timer(app.clock)
        self.notifier = Notifier()
        self._stop = self._reload = False
        self._published: tuple[int, object] | None = None
        self._alive_at = 0.0
        self._off: Stopped | None = None

    def run(self) -> None:
        """Tick until a TERM or INT; a HUP reads changed plans. What is in hand is finished first."""
        self._listen()
        dispatcher = self.app.dispatcher(f"daemon-{os.uname().nodename}")
        try:
            self._begin(dispatcher)
            while not self._stop:
                woken = self._once(dispatcher)
                if woken is Woken.CALLED and self._reload:
                    self._reload = False
                    self._read_again()
            self._end(dispatcher)
        finally:
            self.notifier.stopping()
            self.timer.close()
            dispatcher.channel.close()
            self.log.info("stopped")

    def _listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_reload)

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop = True
        self.timer.call()

    def _on_reload(self, _number: int, _frame: FrameType | None) -> None:
        self._reload = True
        self.timer.call()

    def _begin(self, dispatcher: Dispatcher) -> None:
        now = self.app.clock.now()
        self._tell(reload_workflows(self.app, self.workflows, first=True))
        rescued = dispatcher.start(now)
        if rescued:
            self.log.warning("letters were in hand when it last stopped", letters=len(rescued))
        with self.app.store.read() as tx:
            names = tx.workflows()
        if not names:
            self.log.warning("no plan is applied: “followthrough apply WORKFLOW” does that, also while this runs")
        self.log.info("started", workflows=names, channel=self.app.settings.channel, home=str(self.app.settings.home))
        self.notifier.ready(f"{len(names)} plans, {self.app.settings.channel}")

    def _end(self, dispatcher: Dispatcher) -> None:
        try:
            self._report(dispatcher.stop())
        except FollowthroughError as error:
            self.log.error("what left last is not on record, and leaves again at the next start", error=str(error))

    def _once(self, dispatcher: Dispatcher) -> Woken:
        """One tick, and the wait after it. A failure is told, and tried again: nothing is lost by it."""
        now = self.app.clock.now()
        try:
            ticked = dispatcher.tick(now, self.app.clock.now, self._going)
            self._report(ticked)
            seen = self.app.store.data_version()
            self._publish(seen, now)
            wake = dispatcher.next_wake(now)
            off = ticked.switched_off
            self.health.ticked(
                now, wake, resting=dispatcher.rest.holds(now), stopped=stopped_words(off) if off else None
            )
            if ticked.down is not None:
                self.health.channel_down(now, str(ticked.down))
        except (FollowthroughError, OSError) as error:
            self.log.error("something failed, and is tried again", error=str(error))
            self.health.failed(now, str(error))
            with suppress(FollowthroughError, OSError):
                self.app.standings.forget()
            return self.timer.wait_until(now + _AFTER_FAILURE, lambda: False)
        self._alive()
        if wake is None or wake - now > _QUIET:
            dispatcher.channel.close()  # a mail server need not keep a connection for who comes back tomorrow
        return self.timer.wait_until(wake, lambda: self._changed(seen))

    def _changed(self, seen: int) -> bool:
        self._alive()
        try:
            return self.app.store.data_version() != seen
        except (FollowthroughError, OSError):
            return True  # the next tick meets the same fault, and tells it

    def _going(self) -> bool:
        """A sign of life, also to who asks for its health; and whether to take more in hand."""
        self._alive()
        self.health.working(self.app.clock.now())
        return not self._stop

    def _alive(self) -> None:
        if self.notifier.watchdog is not None and time.monotonic() - self._alive_at > self.notifier.watchdog / 3:
            self._alive_at = time.monotonic()
            self.notifier.alive()

    def _publish(self, seen: int, now: datetime) -> None:
        """Bring the feeds up when anything was recorded or sent since, and once a day."""
        state = (seen, now.date())
        if self._published != state:
            publish_feeds(self.app)
            self._published = (self.app.store.data_version(), now.date())

    def _read_again(self) -> None:
        self.notifier.reloading(time.monotonic_ns() // 1000)
        try:
            reloaded = reload_workflows(self.app, self.workflows, first=False)
            self._tell(reloaded)
            if not reloaded.applied and not reloaded.kept:
                self.log.info("plans read again: nothing changed", workflows=reloaded.unchanged)
        except (FollowthroughError, OSError) as error:
            self.log.error("the plans could not be read again", error=str(error))
        self.notifier.ready("plans read again")

    def _tell(self, reloaded: Reloaded) -> None:
        for name, revision, leaving in reloaded.applied:
            self.log.info("applied", workflow=name, revision=revision, leaving_within_a_day=leaving)
        for name, error in reloaded.kept:
            problems = error.problems if isinstance(error, BadInput) else []
            words = [str(problem).splitlines()[0] for problem in problems] or [str(error)]
            self.log.error("not applied: the last good revision goes on", workflow=name, problems=words)

    def _tell_switch(self, off: Stopped | None) -> None:
        if off is not None and self._off is None:
            self.log.warning("everything is stopped: no letter leaves", since=stopped_words(off))
        elif off is None and self._off is not None:
            self.log.info("letters leave again")
        self._off = off

    def _report(self, ticked: Ticked) -> None:
        self._tell_switch(ticked.switched_off)
        if ticked.asked:
            self.log.info("approval asked", letters=len(ticked.asked))
        for row in ticked.sent:
            self.log.info("sent", key=row.key, message_id=row.message_id)
        for key, reason in ticked.missed:
            self.log.warning("missed", key=key, reason=reason)
        for key, error in ticked.failed:
            self.log.warning("not sent", key=key, error=error)
        for key, refusal in ticked.refused:
            self.log.warning("not taken for one recipient", key=key, address=refusal.address, error=refusal.message)
        if ticked.down is not None:
            self.log.error("no letter can leave: they wait", error=str(ticked.down), letters=len(ticked.held))
        for key in ticked.stopped:
            self.log.info("stopped before it left", key=key)
