"""Feeds as files that calendars read: whole or not at all, and touched only when their bytes change."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import threading
from collections.abc import Mapping
from pathlib import Path

from engine.errors import FollowthroughError

_PLAIN = re.compile(r"[a-z]+(?::[A-Za-z0-9][A-Za-z0-9_-]{0,99})?")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


class FeedError(FollowthroughError):
    """A feed is not published; what was published before stays."""


def file_name(feed: str) -> str:
    """The file of a feed: `plan.ics`, `role-isu.ics`, `party-NR.ics`.

    Another name keeps what is harmless of it, with a hash, so that no name leaves its folder and no two share a file.
    """
    if _PLAIN.fullmatch(feed):
        return feed.replace(":", "-") + ".ics"
    mark = hashlib.sha256(feed.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{_UNSAFE.sub('-', feed)[:60].strip('-') or 'feed'}-{mark}.ics"


def check_feed(content: bytes) -> None:
    """Raise FeedError for what is not a whole calendar with an event: clients empty theirs when they get one."""
    opened, closed = content.count(b"\r\nBEGIN:VEVENT\r\n"), content.count(b"\r\nEND:VEVENT\r\n")
    if not content.startswith(b"BEGIN:VCALENDAR\r\n") or not content.endswith(b"\r\nEND:VCALENDAR\r\n"):
        raise FeedError("it is not a whole calendar")
    if not opened:
        raise FeedError("it has no event")
    if opened != closed:
        raise FeedError("it is cut within an event")
    try:
        content.decode()
    except UnicodeDecodeError:
        raise FeedError("it is not UTF-8") from None


def write_feed(path: Path, content: bytes, *, durable: bool = True) -> bool:
    """Put the content in place of the file's, at once for any reader; False, and no touch, when it is the same.

    The file's time of change is then that of the feed. `durable` waits for the disk, so that not even a power cut
    leaves an empty file under the name; a simulation need not. Raises FeedError for what is no calendar, OSError
    for the disk.
    """
    check_feed(content)
    if _holds(path, content):
        return False
    # In the same folder, since a rename is atomic within a file system only; a name of its own for each writer, since
    # two of them in one file would publish a mixture.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return True


def publish(folder: Path, feeds: Mapping[str, bytes], *, durable: bool = True) -> list[str]:
    """Write the feeds whose bytes changed, and name them. A feed that is not among them keeps its file.

    So one that a workflow no longer has stays, with its cancelled events, for whoever still subscribes. A feed that is
    no calendar is not written and stops no other; FeedError names them all at the end. Where the disk takes nothing, no
    other is tried.
    """
    folder.mkdir(parents=True, exist_ok=True)
    changed: list[str] = []
    faults: list[str] = []
    taken: dict[str, str] = {}
    for feed, content in feeds.items():
        name = file_name(feed)
        # Folded, since on some file systems NR.ics and nr.ics are one file.
        other = taken.setdefault(name.casefold(), feed)
        try:
            if other != feed:
                raise FeedError(f"its file would be that of {other}")
            if write_feed(folder / name, content, durable=durable):
                changed.append(feed)
        except FeedError as error:
            faults.append(f"The feed {feed} is not published: {error}.")
        except OSError as error:
            told = f"{folder / name}: {error.strerror or error}"
            faults.append(f"The feed {feed} is not published, nor those after it: {told}.")
            break
    if durable and changed:
        _sync_folder(folder)
    if faults:
        raise FeedError(" ".join(faults))
    return changed


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Make the renames outlive a power cut, where a folder can be synced (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
