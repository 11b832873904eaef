"""The installation that a command works on, and the person at the terminal."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.app.root import App


@contextmanager
def installation() -> Iterator[App]:
    """The installation, as settings say; closed in the end."""
    from engine import settings
    from engine.app.root import App

    with App(settings.load()) as app:
        yield app


def actor() -> str:
    """Whom the journal names for what the command does."""
    try:
        return getpass.getuser()
    except Exception:  # no such user, no such module: it differs by system
        return "somebody"


def at_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
