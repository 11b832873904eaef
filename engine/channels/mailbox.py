"""The built-in mailbox: a Maildir, which Thunderbird, mutt and every other mail program opens as a folder."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path

from engine.channels import ChannelDown, Delivery, NotTried, OutgoingMail, TransportError, always

_DATE = re.compile(rb"^Date: ([^\r\n]+)", re.MULTILINE)


class Maildir:
    """A Maildir (cr.yp.to/proto/maildir.html) at `path`, made on first use.

    `durable` False leaves out fsync, for simulations: a loss of power may then cost mails, a killed process none.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self.path = path
        self._durable = durable
        self._ready = False

    def deliver(self, message: bytes, *, unique: str) -> Path:
        """Put a message into `new/` whole or not at all, and say where it is.

        The name comes from the message's own Date, from `unique` and from its bytes: different messages never share
        one, and the same message again (a repeat after a crash) lands on itself; only where a mail program has moved
        the first copy to `cur/` meanwhile are there two files, of one name and Message-ID. Raises OSError.
        """
        self._make()
        name = _name(message, unique)
        # Two processes may deliver the same message at once: each writes a file of its own.
        written = self.path / "tmp" / f"{name}.{os.getpid()}"
        delivered = self.path / "new" / name
        try:
            with open(written, "wb") as file:
                file.write(message)
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            os.rename(written, delivered)
        except OSError:
            written.unlink(missing_ok=True)  # on a full disk it would take the room that is missing
            raise
        if self._durable:
            _sync(delivered.parent)
        return delivered

    def _make(self) -> None:
        if self._ready:
            return
        for folder in ("tmp", "new", "cur"):
            (self.path / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._durable:
            _sync(self.path)
        self._ready = True


class MailboxChannel:
    """The channel that keeps every mail at home, until settings name a real server."""

    name = "mailbox"

    def __init__(self, maildir: Maildir) -> None:
        self.maildir = maildir

    def deliver_all(
        self, mails: Sequence[OutgoingMail], may_leave: Callable[[], bool] = always
    ) -> list[Delivery | TransportError]:
        """File the mails, one by one. Where one cannot be filed the mailbox is down (a full disk can be emptied)."""
        answers: list[Delivery | TransportError] = []
        for mail in mails:
            last = answers[-1] if answers and isinstance(answers[-1], ChannelDown | NotTried) else None
            answers.append(last or (self._deliver(mail) if may_leave() else NotTried()))
        return answers

    def close(self) -> None:
        """Nothing is open between mails."""

    def _deliver(self, mail: OutgoingMail) -> Delivery | TransportError:
        try:
            path = self.maildir.deliver(mail.content, unique=mail.message_id)
        except OSError as error:
            return ChannelDown(f"The mailbox {self.maildir.path} took nothing: {error.strerror or error}.")
        return Delivery(f"filed as {path.name}")


def _name(message: bytes, unique: str) -> str:
    """`<seconds>.<digest>.followthrough`: a folder listed by name is in order of Date; no “/”, “:” or leading dot."""
    found = _DATE.search(message[: message.find(b"\r\n\r\n") + 2] or message)
    try:
        seconds = int(parsedate_to_datetime(found[1].decode("ascii")).timestamp()) if found else 0
    except ValueError:
        seconds = 0
    digest = hashlib.sha256(unique.encode() + b"\0" + message).hexdigest()[:24]
    return f"{max(seconds, 0)}.{digest}.followthrough"


def _sync(folder: Path) -> None:
    """Make a folder's entries last: a rename is on the disk once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
