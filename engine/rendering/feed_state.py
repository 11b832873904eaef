"""What became of each calendar item since it was last published: stamps and sequences come from here (RFC 5546).

A subscriber sees a change only where SEQUENCE and DTSTAMP move, and must see none where nothing changed. What leaves
a feed stays in it as cancelled for a month: an event that is just dropped stays as a ghost in some calendars.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from engine.rendering.calendar import CalendarItem, vevent
from engine.rendering.vevents import Head, cancelled, head, is_cancelled, to_second

KEEP_CANCELLED = timedelta(days=30)
_FORM = 1  # counted up when `vevent` renders otherwise: every item is then published anew, as a change
_LEFT = "#"  # cannot be in a UID


class StoredItem(NamedTuple):
    """An item as last published, and all that is needed to cancel it: a row of the store without its workflow.

    `uid` is the item's, or `UID#FEED` for the cancelled copy that remains in a feed which a living item left.
    `cancelled_at` is None while the plan has the item (also one that the plan shows as cancelled). Without feeds
    (and body) the row only remembers its sequence, from which an item that returns goes on.
    """

    uid: str
    feeds: tuple[str, ...]
    digest: str
    sequence: int
    stamped_at: datetime
    cancelled_at: datetime | None
    body: bytes

    @property
    def head(self) -> Head:
        """Start, UID and stamp, as the body has them. Raises ValueError without one."""
        return head(self.body)


class Advanced(NamedTuple):
    """`items` by key, in the order of keys: every stored one and the new; `changed` names those to store."""

    items: dict[str, StoredItem]
    changed: frozenset[str]


def advance(items: Iterable[CalendarItem], stored: Mapping[str, StoredItem], now: datetime) -> Advanced:
    """Bring what was published to what the plan shows now.

    - Unchanged content keeps sequence, stamp and bytes; any change of what is shown, wording too, counts as one
      (RFC 5546 section 2.1.4 asks it of dates; Google overlooks an edit without it).
    - An item that vanished is CANCELLED for `KEEP_CANCELLED`, then in no feed. One that was CANCELLED in the plan
      keeps its bytes meanwhile.
    - One that leaves a feed but not the plan leaves a cancelled copy behind there, for as long.
    - One that returns, to the plan or to a feed, is live again with a higher sequence than any seen there.

    A stamp never goes back, whatever the clock does. Raises ValueError when two items have one UID.
    """
    now = to_second(now)
    shown: dict[str, CalendarItem] = {}
    for item in items:
        if item.uid in shown:
            raise ValueError(f"two calendar items have the UID {item.uid}")
        shown[item.uid] = item
    copies: dict[str, list[StoredItem]] = {}
    for key, row in stored.items():
        if _LEFT in key:
            copies.setdefault(key.partition(_LEFT)[0], []).append(row)
    rows: dict[str, StoredItem] = {}
    for uid, item in shown.items():
        for row in _live(item, stored.get(uid), copies.get(uid, []), now):
            rows[row.uid] = row
    for key, row in stored.items():
        if key not in rows:
            rows[key] = _gone(row, now)
    changed = frozenset(key for key, row in rows.items() if row != stored.get(key))
    return Advanced({key: rows[key] for key in sorted(rows)}, changed)


def by_feed(items: Iterable[StoredItem]) -> dict[str, list[bytes]]:
    """The VEVENTs of each feed, in the order of names."""
    feeds: dict[str, list[bytes]] = {}
    for item in items:
        for feed in item.feeds:
            feeds.setdefault(feed, []).append(item.body)
    return dict(sorted(feeds.items()))


@lru_cache(maxsize=8192)
def digest(item: CalendarItem) -> str:
    """A hash of all that is shown of an item; the feeds that show it do not count."""
    shown = [
        _FORM, item.uid, item.summary, item.description, item.start.isoformat(), item.end.isoformat(), item.status,
        item.location, item.categories, [each.total_seconds() for each in item.alarms], item.related_to, item.url,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def _live(item: CalendarItem, old: StoredItem | None, copies: list[StoredItem], now: datetime) -> list[StoredItem]:
    """The rows of an item that the plan has: its own, the copies in feeds it left just now, those it came back to."""
    back = [copy for copy in copies if copy.uid.partition(_LEFT)[2] in item.feeds]
    known = back if old is None else [old, *back]
    new = digest(item)
    unchanged = old is not None and old.cancelled_at is None and old.digest == new
    if old is not None and unchanged and all(copy.sequence < old.sequence for copy in back):
        row = old._replace(feeds=item.feeds)
    else:
        sequence = 1 + max((row.sequence for row in known), default=-1)
        stamp = max([now, *(row.stamped_at for row in known)])
        row = StoredItem(item.uid, item.feeds, new, sequence, stamp, None, vevent(item, sequence, stamp))
    gone = None if old is None or set(old.feeds) <= set(item.feeds) else _gone(old, now)
    left = () if gone is None else tuple(feed for feed in gone.feeds if feed not in item.feeds)
    made = [gone._replace(uid=f"{item.uid}{_LEFT}{feed}", feeds=(feed,)) for feed in left] if gone else []
    return [row, *made, *(_spent(copy) for copy in back)]


def _gone(old: StoredItem, now: datetime) -> StoredItem:
    """The row of what the plan no longer has: cancelled now, or some time ago, or long enough ago to be forgotten."""
    if old.cancelled_at is not None:
        return old if now - old.cancelled_at < KEEP_CANCELLED else _spent(old)
    if is_cancelled(old.body):
        return old._replace(cancelled_at=now)
    stamp = max(now, old.stamped_at)
    body = cancelled(old.body, old.sequence + 1, stamp)
    return old._replace(sequence=old.sequence + 1, stamped_at=stamp, cancelled_at=now, body=body)


def _spent(old: StoredItem) -> StoredItem:
    """The row in no feed any more, which remembers its sequence."""
    return old if not old.feeds else old._replace(feeds=(), body=b"")
