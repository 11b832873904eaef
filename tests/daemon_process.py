"""A real daemon process whose clock the test holds: its offset from the machine's is read from a file at each look.

Run as `python -m tests.daemon_process OFFSET_FILE`, with settings in the environment as ever.
"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, timedelta
from pathlib import Path

from engine import settings
from engine.app.catalog import Catalog
from engine.app.root import App
from engine.cli.views.daemon import run_daemon
from engine.clock import SystemClock


class OffsetClock:
    """The machine's clock, moved by as many seconds as a file says."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._real = SystemClock()

    def now(self) -> datetime:
        """Now, as the test wants it."""
        return self._real.now() + timedelta(seconds=float(self._path.read_text() or 0))


def main() -> None:
    """Run until told to stop, with the plans and templates of folders (default: the checkout's)."""
    parser = ArgumentParser()
    parser.add_argument("offset", type=Path)
    parser.add_argument("plans", nargs="*")
    parser.add_argument("--workflows", type=Path)
    parser.add_argument("--templates", type=Path)
    parser.add_argument("--pages", action="store_true")
    given = parser.parse_args()
    with App(settings.load(), OffsetClock(given.offset)) as app:
        app.catalog = Catalog(app.environment, given.workflows, given.templates)
        run_daemon(app, given.plans, pages=given.pages)


if __name__ == "__main__":
    main()
