"""The inbox beside the daemon: read as mail comes, in a thread of its own, so that letters never wait for it."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from datetime import timedelta

from engine.app.answers.inbox import open_inbox, read_inbox
from engine.app.answers.taking_in import TakenIn
from engine.app.root import App
from engine.channels.inbox import Inbox, InboxDown
from engine.clock import Clock
from engine.daemon.logs import Log
from engine.errors import FollowthroughError
from engine.settings import Configuration
from engine.web.health import Health

_FIRST_REST = timedelta(seconds=5)
_LONGEST_REST = timedelta(minutes=10)
_STOP = 3.0


class InboxReader(contextlib.AbstractContextManager["InboxReader"]):
    """Reads the inbox that settings name, and tells log and health what came and what failed."""

    def __init__(self, configuration: Configuration, health: Health, clock: Clock, log: Log) -> None:
        self._configuration, self._health, self._clock, self._log = configuration, health, clock, log
        self._closing = threading.Event()
        # A daemon thread: a server that does not answer keeps no process alive.
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._failed = 0

    def __enter__(self) -> InboxReader:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        self._thread.join(_STOP)

    def _run(self) -> None:
        inbox = open_inbox(self._configuration.settings)
        assert inbox is not None
        with App(self._configuration, self._clock) as app:
            while not self._closing.is_set():
                self._once(app, inbox)
            inbox.close()

    def _once(self, app: App, inbox: Inbox) -> None:
        """Read what came and wait for more. Whatever fails is told once, and tried again after a while, longer each time."""
        try:
            for taken in read_inbox(app, inbox):
                self._tell(taken)
            self._health.inbox_read(self._clock.now())
            if self._failed:
                self._log.info("the inbox can be read again", inbox=inbox.name)
            self._failed = 0
            inbox.wait(lambda: not self._closing.is_set())
        except Exception as error:  # also a fault of our own: mail goes on being read, and letters leave in any case
            self._fails(app, inbox, error)

    def _fails(self, app: App, inbox: Inbox, error: Exception) -> None:
        words = str(error) if isinstance(error, FollowthroughError) else f"{type(error).__name__}: {error}"
        rest = _LONGEST_REST if isinstance(error, InboxDown) and error.misconfigured else self._rest()
        self._failed += 1
        self._health.inbox_down(self._clock.now(), words)
        self._log.error("the inbox cannot be read: letters leave all the same", error=words, again_in=str(rest))
        with contextlib.suppress(FollowthroughError, OSError):
            inbox.close()
            app.standings.forget()
        self._closing.wait(rest.total_seconds())

    def _rest(self) -> timedelta:
        rest: timedelta = min(_FIRST_REST * 2 ** min(self._failed, 10), _LONGEST_REST)
        return rest

    def _tell(self, taken: TakenIn) -> None:
        if not taken.new:
            return
        changed = Counter({action.value: count for action, count in taken.changes.items() if count})
        answer = taken.answer
        self._log.info("answer", id=taken.id, kind=answer.kind, key=answer.letter or "", **changed)
