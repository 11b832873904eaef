"""Where answers are read: one short file for each kind of mailbox. Nothing in one is ever deleted or moved elsewhere."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from engine.errors import FollowthroughError

BATCH = 20
"""Messages that are taken in before the place up to which the mailbox was read is kept: so many are read again after a
crash, and known again by their source."""


class InboxDown(FollowthroughError):
    """The mailbox cannot be read just now. `misconfigured`: waiting mends nothing, a person has to."""

    def __init__(self, message: str, *, misconfigured: bool = False) -> None:
        self.misconfigured = misconfigured
        super().__init__(message)


class Arrived(NamedTuple):
    """A message as it came (its first two megabytes), when it came (UTC), and how the mailbox calls it."""

    octets: bytes
    at: datetime
    handle: str


class Batch(NamedTuple):
    """Some messages, and the place up to which the mailbox has been read once they are taken in."""

    mails: tuple[Arrived, ...]
    position: str


class Inbox(Protocol):
    """A mailbox that is read. `name` is the same for the same one."""

    @property
    def name(self) -> str: ...

    def batches(self, position: str, since: datetime) -> Iterator[Batch]:
        """What came after a position (empty: from the start), oldest first; what came before `since` is left alone.

        Raises InboxDown.
        """
        ...

    def mark_read(self, batch: Batch) -> None:
        """Mark messages as read, for people who look into it too. Raises InboxDown."""
        ...

    def wait(self, going: Callable[[], bool]) -> None:
        """Until something may have come, or `going` says no, which is asked each second. Raises InboxDown."""
        ...

    def close(self) -> None:
        """Let go of what is open; a later `batches` opens it again."""
        ...


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """Trust in the system's certificates and those of a file. Raises InboxDown for one that holds none."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:
            raise InboxDown(
                f"FOLLOWTHROUGH_INBOX_CA_FILE: {ca_file} holds no certificates that can be read"
                f" ({error.strerror or error}).",
                misconfigured=True,
            ) from error
    return context
