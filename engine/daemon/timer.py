"""Waiting until something is due. APScheduler is a bare alarm clock here: the outbox is the only durable truth."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from apscheduler.schedulers.background import BackgroundScheduler

from engine.clock import Clock, SystemClock

LONGEST = timedelta(seconds=30)
"""No sleep is longer: a suspended machine and a stepped clock are not seen by a wait on the monotonic clock."""
_LOOK_EVERY = 1.0
_JOB = "wake"


class Woken(StrEnum):
    """Why a wait ended."""

    DUE = "due"
    CHANGED = "changed"
    CALLED = "called"


class Timer:
    """Wakes at an instant, when the store changed, or when called (by a signal)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._machine = SystemClock()
        self._due = threading.Event()
        self._called = threading.Event()
        # A late wake is never dropped: without a grace time APScheduler skips a job that is two seconds late.
        defaults = {"misfire_grace_time": None, "coalesce": True}
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
        self._scheduler.start()

    def call(self) -> None:
        """End the wait now; safe in a signal handler."""
        self._called.set()

    def wait_until(self, instant: datetime | None, changed: Callable[[], bool]) -> Woken:
        """Wait until an instant (None: for `LONGEST`), looking each second whether the store `changed`."""
        now = self._clock.now()
        wake = min(instant, now + LONGEST) if instant is not None else now + LONGEST
        self._due.clear()
        # The alarm clock goes by the machine's time, whatever ours says: what counts is how long to wait.
        alarm = self._machine.now() + (wake - now)
        self._scheduler.add_job(self._due.set, "date", run_date=alarm, id=_JOB, replace_existing=True)
        while True:
            if self._called.is_set():
                self._called.clear()
                return Woken.CALLED
            # The clock is asked as well as the alarm: it may have been set forward meanwhile, or back.
            if self._due.is_set() or self._clock.now() >= wake or self._clock.now() < now - LONGEST:
                return Woken.DUE
            if changed():
                return Woken.CHANGED
            self._called.wait(min(_LOOK_EVERY, max((wake - self._clock.now()).total_seconds(), 0.001)))

    def close(self) -> None:
        """Stop the alarm clock."""
        self._scheduler.shutdown(wait=False)
