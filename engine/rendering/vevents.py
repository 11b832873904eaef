"""What can be told of, and done with, VEVENTs that are bytes already, as `calendar.vevent` made them.

Reading them back by a pattern is safe because the lines looked for are short, hence never folded, and the
continuation of a folded line starts with a space (RFC 5545 section 3.1): no text of an item can look like
one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import NamedTuple

LIMIT_EVENTS = 1_000  # Google stops at about 1,100 events or 1 MB
LIMIT_OCTETS = 1_000_000
LOOK_BACK = timedelta(days=30)

_HEAD = re.compile(
    rb"\r\nDTSTART(?:;VALUE=DATE)?:(?P<start>[0-9TZ]+)\r\n.*?"
    rb"\r\nDTSTAMP:(?P<stamp>[0-9TZ]+)\r\nUID:(?P<uid>[^\r]+)\r\n",
    re.DOTALL,
)
_VALARM = re.compile(rb"BEGIN:VALARM\r\n.*?\r\nEND:VALARM\r\n", re.DOTALL)
_CHANGING = re.compile(rb"(?<=\r\n)(SEQUENCE|DTSTAMP|LAST-MODIFIED|STATUS):[^\r]*")


class Head(NamedTuple):
    """Start, UID and stamp as written; as a tuple it sorts by start, a day before its hours, then UID."""

    start: bytes
    uid: bytes
    stamp: bytes


def head(body: bytes) -> Head:
    """The lines of a VEVENT that order it. Raises ValueError for other bytes."""
    found = _HEAD.search(body)
    if not found:
        raise ValueError("these bytes are no VEVENT as vevent() makes them")
    return Head(found["start"], found["uid"], found["stamp"])


def cancelled(body: bytes, sequence: int, stamped_at: datetime) -> bytes:
    """The same VEVENT with STATUS:CANCELLED (RFC 5545 section 3.8.1.11), as `vevent` makes such an item."""
    stamp = to_second(stamped_at).strftime("%Y%m%dT%H%M%SZ").encode()
    values = {
        b"SEQUENCE": b"%d" % sequence,
        b"DTSTAMP": stamp,
        b"LAST-MODIFIED": stamp,
        b"STATUS": b"CANCELLED",
    }
    return _CHANGING.sub(lambda line: line[1] + b":" + values[line[1]], _VALARM.sub(b"", body))


def is_cancelled(body: bytes) -> bool:
    """Whether a VEVENT says that it is off."""
    return b"\r\nSTATUS:CANCELLED\r\n" in body


def window(bodies: Iterable[bytes], events: int = LIMIT_EVENTS, octets: int = LIMIT_OCTETS) -> tuple[list[bytes], int]:
    """The VEVENTs that fit a client's limits, by start and UID, and how many do not fit.

    What comes goes first, from 30 days before the newest stamp on, the soonest first; then what is past, the
    latest first. The newest stamp stands for now: the choice moves when something changes and at no other
    time. Raises ValueError for one UID twice, of which clients lose one.
    """
    ordered = sorted((head(body), body) for body in bodies)
    if len({each.uid for each, _ in ordered}) < len(ordered):
        raise ValueError("one UID twice")
    whole = [body for _, body in ordered]
    if len(whole) <= events and sum(map(len, whole)) <= octets:
        return whole, 0
    newest = date.fromisoformat(max(each.stamp for each, _ in ordered)[:8].decode())
    since = (newest - LOOK_BACK).strftime("%Y%m%d").encode()
    past = sum(each.start < since for each, _ in ordered)
    first = last = past
    room = octets
    for index in chain(range(past, len(whole)), range(past - 1, -1, -1)):
        room -= len(whole[index])
        if last - first == events or (room < 0 and last > first):
            break
        first, last = min(first, index), max(last, index + 1)
    return whole[first:last], len(whole) - (last - first)


def to_second(instant: datetime) -> datetime:
    """The instant in UTC, to the second as a calendar writes it. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no zone")
    return instant.astimezone(UTC).replace(microsecond=0)
