"""A Maildir that a mail server delivers into: the files that are there and were not there before."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from engine.channels.inbox import BATCH, Arrived, Batch, InboxDown
from engine.inbound.message import KEPT

_LOOK_EVERY = 5
_SHORT = 12


class MaildirInbox:
    """Reads `new/` and `cur/` of a Maildir (cr.yp.to/proto/maildir.html).

    Its position is a list of short hashes of the names that are known: a Maildir has no order that could be trusted, since
    a clock may be set back.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Its path."""
        return f"maildir:{self.path}"

    def batches(self, position: str, since: datetime) -> Iterator[Batch]:
        """The messages whose names are not known yet, oldest first."""
        known = set(position.split())
        files = self._files()
        self._seen = frozenset(files)
        known &= {_short(name) for name in files}
        new = sorted(found for name in files if _short(name) not in known and (found := self._stat(files[name])))
        for start in range(0, len(new), BATCH):
            portion = new[start : start + BATCH]
            mails = [mail for at, path in portion if at >= since and (mail := self._read(path, at)) is not None]
            # What was there and is gone may have been marked meanwhile, by another name: it is looked for again.
            known |= {_short(_unique(path)) for at, path in portion if at < since}
            known |= {_short(mail.handle.partition(":")[0]) for mail in mails}
            yield Batch(tuple(mails), " ".join(sorted(known)))

    def mark_read(self, batch: Batch) -> None:
        """Put messages from `new/` into `cur/`, seen."""
        for mail in batch.mails:
            path = self.path / "new" / mail.handle
            try:
                path.rename(self.path / "cur" / f"{mail.handle}:2,S")
            except FileNotFoundError:
                continue  # a mail program was quicker
            except OSError as error:
                raise self._down(error) from error

    def wait(self, going: Callable[[], bool]) -> None:
        """Look every few seconds whether a file has come."""
        pause = threading.Event()
        for second in range(_LOOK_EVERY * 12):
            if not going() or (second % _LOOK_EVERY == 0 and frozenset(self._files()) != self._seen):
                return
            pause.wait(1)

    def close(self) -> None:
        """Nothing is open between looks."""

    def _files(self) -> dict[str, Path]:
        """The messages by the part of their name that never changes, whatever is marked on them."""
        try:
            entries = [entry for folder in ("new", "cur") for entry in os.scandir(self.path / folder)]
        except OSError as error:
            raise self._down(error) from error
        return {_unique(Path(entry.path)): Path(entry.path) for entry in entries if not entry.name.startswith(".")}

    def _stat(self, path: Path) -> tuple[datetime, Path] | None:
        try:
            return datetime.fromtimestamp(path.stat().st_mtime, UTC), path
        except (OSError, ValueError, OverflowError):
            return None  # taken away, or marked, between two looks: it is read the next time

    def _read(self, path: Path, at: datetime) -> Arrived | None:
        try:
            with path.open("rb") as file:
                return Arrived(file.read(KEPT), at, path.name)
        except (FileNotFoundError, IsADirectoryError):
            return None
        except OSError as error:
            raise self._down(error) from error

    def _down(self, error: OSError) -> InboxDown:
        return InboxDown(f"{error.filename or self.path} cannot be read: {error.strerror or error}.")


def _unique(path: Path) -> str:
    return path.name.partition(":")[0]


def _short(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:_SHORT]
