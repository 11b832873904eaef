"""A real daemon process whose clock the test holds: its offset from the machine's is read from a file at each look.

Run as `python -m tests.daemon_process OFFSET_FILE [WORKFLOWS]`, with settings in the environment as ever.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from engine import settings
from engine.app.catalog import Catalog
from engine.app.root import App
from engine.clock import SystemClock
from engine.daemon.lock import OnlyOne
from engine.daemon.logs import open_log
from engine.daemon.service import Daemon
from engine.web.health import Health


class OffsetClock:
    """The machine's clock, moved by as many seconds as a file says."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._real = SystemClock()

    def now(self) -> datetime:
        """Now, as the test wants it."""
        return self._real.now() + timedelta(seconds=float(self._path.read_text() or 0))


def main(offset_file: str, workflows: str | None = None) -> None:
    """Run until told to stop, with the plans of a folder (None: the checkout's)."""
    clock = OffsetClock(Path(offset_file))
    with App(settings.load(), clock) as app, OnlyOne(app.settings.database):
        if workflows is not None:
            app.catalog = Catalog(app.environment, workflows=Path(workflows))
        Daemon(app, open_log(app.settings, clock), Health()).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
