"""Where answers are read, as a setting names it: `maildir:/path`, `imaps://user@host/INBOX` or `imap+starttls://…`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
"""To these a password may go in the clear."""
_INBOXES = {"imaps": ("tls", 993), "imap+starttls": ("starttls", 143), "imap": ("none", 143)}


class InboxPlace(NamedTuple):
    """Where answers are read: the `path` of a Maildir, or a folder on a server (`security`: tls, starttls or none)."""

    path: Path | None = None
    host: str = ""
    port: int = 0
    username: str = ""
    folder: str = "INBOX"
    security: str = "tls"

    def __str__(self) -> str:
        return f"maildir:{self.path}" if self.path else f"{self.username}@{self.host}:{self.port}/{self.folder}"


def inbox_place(text: str) -> InboxPlace:
    """Read where an inbox is. Raises ValueError."""
    if text.startswith("maildir:"):
        path = Path(text.removeprefix("maildir:"))
        if not path.is_absolute():
            raise ValueError("names no folder from the root on, such as maildir:/var/mail/followup")
        return InboxPlace(path)
    url = urlsplit(text)
    if url.scheme not in _INBOXES or not url.hostname or not url.username or url.query or url.fragment:
        raise ValueError("is none of maildir:/path, imaps://user@host/INBOX and imap+starttls://user@host/INBOX")
    if url.password is not None:
        raise ValueError("has a password in it: say that as FOLLOWTHROUGH_INBOX_PASSWORD, which is shown nowhere")
    security, usual = _INBOXES[url.scheme]
    if security == "none" and url.hostname not in THIS_MACHINE:
        raise ValueError(f"would cross the network to {url.hostname} for all to read: say imaps:// or imap+starttls://")
    folder = unquote(url.path.strip("/")) or "INBOX"
    return InboxPlace(None, url.hostname, url.port or usual, unquote(url.username), folder, security)
