"""How the daemon is: filled by its loop, read by /healthz and /metrics."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

PATIENCE = timedelta(seconds=90)
"""Without a tick for so long it is not well: three times the longest wait."""


@dataclass(frozen=True, slots=True)
class HealthReport:
    """A look at it: the last tick that went well, the next instant at which something is due, and what failed since."""

    ticked_at: datetime | None = None
    next_due: datetime | None = None
    ticks: int = 0
    failures: int = 0
    error: str | None = None
    down: str | None = None
    """Why no letter can leave, while the loop itself is well: a restart mends no mail server."""
    stopped: str | None = None
    """Who stopped everything, since when and why."""
    inbox: str | None = None
    """Why the inbox cannot be read, while all else goes on."""
    inbox_at: datetime | None = None
    """When it was last read."""

    def well(self, now: datetime) -> bool:
        """Whether the loop does its work: it ticked lately, and has not failed since."""
        return self.error is None and self.ticked_at is not None and abs(now - self.ticked_at) < PATIENCE


class Health:
    """Shared by the daemon's loop, which writes, and the pages, which read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._condition = HealthReport()

    def ticked(
        self, at: datetime, next_due: datetime | None, *, resting: bool = False, stopped: str | None = None
    ) -> None:
        """A tick went well (UTC). A channel that was down is so while it is `resting`."""
        with self._lock:
            now = self._condition
            self._condition = replace(
                now,
                ticked_at=at,
                next_due=next_due,
                ticks=now.ticks + 1,
                error=None,
                down=now.down if resting else None,
                stopped=stopped,
            )

    def working(self, at: datetime) -> None:
        """It is in the middle of a tick (UTC), which takes as long as there are letters."""
        with self._lock:
            self._condition = replace(self._condition, ticked_at=at)

    def failed(self, at: datetime, error: str) -> None:
        """A tick failed, and is tried again (UTC)."""
        with self._lock:
            now = self._condition
            self._condition = replace(now, failures=now.failures + 1, error=f"{error} ({at})")

    def channel_down(self, at: datetime, error: str) -> None:
        """No letter can leave; all else goes on (UTC)."""
        with self._lock:
            now = self._condition
            self._condition = replace(now, failures=now.failures + 1, down=f"{error} ({at})")

    def inbox_read(self, at: datetime) -> None:
        """The inbox was read (UTC)."""
        with self._lock:
            self._condition = replace(self._condition, inbox=None, inbox_at=at)

    def inbox_down(self, at: datetime, error: str) -> None:
        """The inbox cannot be read; all else goes on (UTC)."""
        with self._lock:
            self._condition = replace(self._condition, inbox=f"{error} ({at})")

    def look(self) -> HealthReport:
        """How it is."""
        with self._lock:
            return self._condition
