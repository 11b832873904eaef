"""One daemon for one SQLite database: a second is refused, not left to fight for the same letters."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from engine.errors import Refused


class OnlyOne:
    """Holds a lock beside the database for as long as the process lives; a crash lets it go."""

    def __init__(self, database: str) -> None:
        path = database.removeprefix("sqlite:///")
        # PostgreSQL hosts run as many as they like: its claim skips what another holds.
        self._path = Path(f"{path}.daemon") if database.startswith("sqlite:///") else None
        self._handle: int | None = None

    def __enter__(self) -> OnlyOne:
        """Raises Refused when another daemon has it, naming its process."""
        if self._path is None:
            return self
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
            os.close(handle)
            raise Refused(
                f"a daemon runs on this database already (process {who}, {self._path.with_suffix('')}):"
                " stop it first, or give this one another FOLLOWTHROUGH_HOME"
            ) from None
        self._handle = handle
        with suppress(OSError):  # the lock holds without it, also where the disk is full
            os.ftruncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
