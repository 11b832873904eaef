"""A folder on an IMAP server (RFC 9051), by imap-tools: waited on by IDLE, looked at each minute where that is not offered."""

from __future__ import annotations

import imaplib
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted, MailMessageFlags, U
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError, UnexpectedCommandStatusError

from engine.channels.inbox import BATCH, Arrived, Batch, InboxDown, trust
from engine.inbound.message import KEPT
from engine.inbox_place import InboxPlace
from engine.settings import Settings

_TIMEOUT = 30.0
_IDLE = 5 * 60
"""Seconds after which an IDLE is begun anew. RFC 2177 allows 29 minutes; routers forget a quiet connection sooner."""
_LOOK_EVERY = 60
_INTERNALDATE = re.compile(rb'INTERNALDATE "([^"]{1,40})"')
_LATE = datetime.max.replace(tzinfo=UTC)
_TROUBLE = (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError, IndexError, TypeError)
"""What a server that is away, or answers what it must not, makes imaplib raise."""


class ImapInbox:
    """Reads a folder. Its position is its UIDVALIDITY and the last UID: where the first changes all is read again,
    and known again by its source."""

    def __init__(self, settings: Settings, place: InboxPlace) -> None:
        self._place = place
        self._password = settings.inbox_password.get_secret_value()
        self._ca_file = settings.inbox_ca_file
        self._marks = settings.inbox_mark_read
        self._box: BaseMailBox | None = None

    @property
    def name(self) -> str:
        """User, host and folder."""
        return f"imap:{self._place}"

    def batches(self, position: str, since: datetime) -> Iterator[Batch]:
        """The messages with a UID after the last one, in their order."""
        with self._told():
            box = self._open()
            validity = self._select(box)
            kept, _, last = position.partition(":")
            after = int(last) if kept == validity and last.isdecimal() else 0
            found = sorted(uid for uid in self._search(box, after, since) if uid > after)
        for start in range(0, len(found), BATCH):
            uids = found[start : start + BATCH]
            with self._told():
                mails = [mail for uid in uids if (mail := self._fetch(box, uid)) is not None]
            yield Batch(tuple(mails), f"{validity}:{uids[-1]}")

    def mark_read(self, batch: Batch) -> None:
        """Set the flag for it."""
        if batch.mails:
            with self._told():
                self._open().flag([mail.handle for mail in batch.mails], MailMessageFlags.SEEN, True)

    def wait(self, going: Callable[[], bool]) -> None:
        """Until the server says that something came; a minute where it says nothing by itself."""
        with self._told():
            box = self._open()
            if "IDLE" in box.client.capabilities:
                _idle(box, going)
                return
        pause = threading.Event()
        for _ in range(_LOOK_EVERY):
            if not going():
                return
            pause.wait(1)

    def close(self) -> None:
        """Take leave of the server."""
        box, self._box = self._box, None
        if box is not None:
            with suppress(*_TROUBLE):
                box.logout()

    def _open(self) -> BaseMailBox:
        if self._box is None:
            box = self._connect()
            try:
                login = box.login if (self._place.username + self._password).isascii() else box.login_utf8
                login(self._place.username, self._password, None)
            except (MailboxLoginError, imaplib.IMAP4.error) as error:
                with suppress(*_TROUBLE):
                    box.client.shutdown()
                if isinstance(error, imaplib.IMAP4.abort):
                    raise
                raise InboxDown(
                    f"{self._place.host} does not let {self._place.username} in: look at FOLLOWTHROUGH_INBOX and"
                    f" FOLLOWTHROUGH_INBOX_PASSWORD ({self._words(error)}).",
                    misconfigured=True,
                ) from None
            self._box = box
        return self._box

    def _connect(self) -> BaseMailBox:
        place = self._place
        if place.security == "none":  # to this machine only: the settings see to that
            return MailBoxUnencrypted(place.host, place.port, _TIMEOUT)
        kind = MailBox if place.security == "tls" else MailBoxStartTls
        return kind(place.host, place.port, _TIMEOUT, ssl_context=trust(self._ca_file))

    def _select(self, box: BaseMailBox) -> str:
        """Select the folder, so that it can be changed only where it is to be; its UIDVALIDITY."""
        try:
            box.folder.set(self._place.folder, readonly=not self._marks)
        except MailboxFolderSelectError as error:
            raise InboxDown(
                f"{self._place.host} has no folder “{self._place.folder}” for {self._place.username}"
                f" ({self._words(error)}).",
                misconfigured=True,
            ) from None
        box.client.response("EXISTS")  # taken away: what stands there from here on came after this look
        _, (validity,) = box.client.response("UIDVALIDITY")
        return validity.decode("ascii", "replace") if validity else "0"

    def _search(self, box: BaseMailBox, after: int, since: datetime) -> list[int]:
        if after:
            return [int(uid) for uid in box.uids(AND(uid=U(str(after + 1), "*")), charset=None)]
        # SINCE counts days, in whatever zone the server keeps.
        return [int(uid) for uid in box.uids(AND(date_gte=(since - timedelta(days=1)).date()), charset=None)]

    def _fetch(self, box: BaseMailBox, uid: int) -> Arrived | None:
        """A message; None for one that is gone by now."""
        status, answer = box.client.uid("FETCH", str(uid), f"(INTERNALDATE BODY.PEEK[]<0.{KEPT}>)")
        if status != "OK":
            raise InboxDown(f"{self._place.host} does not give message {uid}: {self._words(answer)}.")
        parts: list[Any] = [part for part in answer or [] if isinstance(part, tuple) and len(part) == 2]
        if not parts:
            return None
        told = b" ".join(part if isinstance(part, bytes) else part[0] for part in answer if part)
        return Arrived(bytes(parts[0][1])[:KEPT], _instant(told), str(uid))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what goes wrong into InboxDown, and leave the connection: the next look makes a new one."""
        try:
            yield
        except InboxDown:
            self._leave()
            raise
        except _TROUBLE as error:
            self._leave()
            raise InboxDown(f"{self._place.host}, port {self._place.port}: {self._words(error)}.") from error

    def _leave(self) -> None:
        box, self._box = self._box, None
        if box is not None:
            with suppress(*_TROUBLE):
                box.client.shutdown()

    def _words(self, error: object) -> str:
        """What went wrong, in a line; a server that repeats the password does not get it into a log."""
        if isinstance(error, UnexpectedCommandStatusError):
            said = error.command_result[1]
            error = b" ".join(part for part in said if isinstance(part, bytes)).decode("utf-8", "replace")
        words = " ".join(str(getattr(error, "strerror", None) or error or type(error).__name__).split())
        return (words.replace(self._password, "…") if self._password else words)[:300].rstrip(".")


def _idle(box: BaseMailBox, going: Callable[[], bool]) -> None:
    """Wait by IDLE (RFC 2177)."""
    until = time.monotonic() + _IDLE
    box.idle.start()  # type: ignore[no-untyped-call]
    try:
        if "EXISTS" in box.client.untagged_responses:
            return  # it came after the folder was looked at, and before this
        while going() and time.monotonic() < until:
            began = time.monotonic()
            said: Sequence[bytes] = box.idle.poll(1)
            if any(b"EXISTS" in line or b"BYE" in line for line in said):
                break
            if not said and time.monotonic() - began < 0.5:
                break  # the connection is at its end: the next command says so
    finally:
        box.idle.stop()  # type: ignore[no-untyped-call]


def _instant(told: bytes) -> datetime:
    """When the server got a message; late where it does not say, since what counts then is when it was read."""
    match = _INTERNALDATE.search(told)
    if match is None:
        return _LATE
    try:
        found = parsedate_to_datetime(match[1].decode("ascii").strip().replace("-", " ", 2))
    except ValueError:
        return _LATE
    return found.astimezone(UTC) if found.tzinfo else _LATE
