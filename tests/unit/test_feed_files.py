"""Feeds on disk: whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.channels.feed_files import FeedError, file_name, publish, write_feed
from engine.rendering.calendar import calendar, vevent
from tests.calendar_items import DEADLINE, PLAN, STAMP, WORKSHOP

PLAN_FEED = calendar("Plan", "", [vevent(item, 0, STAMP) for item in PLAN], color="navy")
ROLE_FEED = calendar("Role", "", [vevent(WORKSHOP, 0, STAMP)], color="teal")


def test_feeds_get_plain_names(tmp_path: Path) -> None:
    feeds = {"plan": PLAN_FEED, "role:isu": ROLE_FEED, "party:NR": PLAN_FEED}
    assert publish(tmp_path / "new" / "feeds", feeds) == ["plan", "role:isu", "party:NR"]
    files = {path.name: path.read_bytes() for path in (tmp_path / "new" / "feeds").iterdir()}
    assert files == {"plan.ics": PLAN_FEED, "role-isu.ics": ROLE_FEED, "party-NR.ics": PLAN_FEED}


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_no_name_leaves_the_folder(feed: str) -> None:
    name = file_name(feed)
    assert name == Path(name).name
    assert name.isascii()
    assert name.endswith(".ics")
    assert not name.startswith(".")
    assert len(name) < 120


def test_an_unchanged_feed_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "plan.ics"
    assert write_feed(path, PLAN_FEED)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    before = path.stat()
    assert not write_feed(path, PLAN_FEED)
    assert publish(tmp_path, {"plan": PLAN_FEED}) == []
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert write_feed(path, ROLE_FEED, durable=False)
    assert path.stat().st_mtime_ns > before.st_mtime_ns


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Internal error</html>",
        PLAN_FEED[:300],
        PLAN_FEED.replace(b"\r\n", b"\n"),
        PLAN_FEED.replace(b"END:VEVENT\r\n", b"", 1),
        PLAN_FEED.replace("ô".encode(), "ô".encode()[:1]),
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n",
    ],
)
def test_what_is_no_whole_calendar_leaves_the_last_one_and_stops_no_other(tmp_path: Path, content: bytes) -> None:
    publish(tmp_path, {"plan": PLAN_FEED, "role:isu": PLAN_FEED})
    with pytest.raises(FeedError, match=r"The feed plan is not published: it .*\."):
        publish(tmp_path, {"plan": content, "role:isu": ROLE_FEED})
    assert (tmp_path / "plan.ics").read_bytes() == PLAN_FEED
    assert (tmp_path / "role-isu.ics").read_bytes() == ROLE_FEED


def test_a_feed_that_is_no_more_keeps_its_file(tmp_path: Path) -> None:
    publish(tmp_path, {"plan": PLAN_FEED, "party:NR": ROLE_FEED})
    publish(tmp_path, {"plan": PLAN_FEED})
    assert (tmp_path / "party-NR.ics").read_bytes() == ROLE_FEED


def test_two_feeds_in_one_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="party:nr is not published: its file would be that of party:NR"):
        publish(tmp_path, {"party:NR": PLAN_FEED, "party:nr": ROLE_FEED})


def test_a_disk_that_fails_leaves_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, {"plan": PLAN_FEED})

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_feed(tmp_path / "plan.ics", ROLE_FEED)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.ics"]
    assert (tmp_path / "plan.ics").read_bytes() == PLAN_FEED


def test_a_reader_never_sees_half_a_feed(tmp_path: Path) -> None:
    path = tmp_path / "plan.ics"
    feeds = [calendar("Plan", str(number), [vevent(DEADLINE, number, STAMP)], color="navy") for number in range(4)]
    write_feed(path, feeds[0], durable=False)

    def write(first: int) -> None:
        for turn in range(200):
            write_feed(path, feeds[(turn + first) % 4], durable=False)

    writers = [threading.Thread(target=write, args=(first,)) for first in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert path.read_bytes() in feeds
    assert [each.name for each in tmp_path.iterdir()] == ["plan.ics"]
