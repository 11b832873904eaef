"""A VEVENT and a feed, octet by octet, and read back by the icalendar library."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from engine.rendering.calendar import COLORS, CalendarItem, calendar, clean, uid, vevent
from engine.rendering.vevents import cancelled, head, window
from tests.calendar_items import DEADLINE, LETTER, PLAN, STAMP, WORKSHOP, instants, items, texts

GOLDEN = Path(__file__).parent.parent / "golden" / "feeds"


def feed(*shown: CalendarItem) -> bytes:
    bodies = [vevent(item, number, STAMP + timedelta(days=number)) for number, item in enumerate(shown)]
    source = "https://followthrough.example/f/abc.ics"
    return calendar("Plan; 7MSP to 8MSP", "What is due.", bodies, color="navy", source=source)


def lines_are_sound(content: bytes) -> None:
    """RFC 5545 section 3.1, which no parser that we know of checks."""
    assert content.endswith(b"\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    for line in lines:
        assert 0 < len(line) <= 75
        text = line.decode()  # a fold never splits a character
        assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff]", text)


def test_uid_is_stable_and_names_nobody() -> None:
    """RFC 7986 section 5.3. These never change: who subscribes would get every event anew."""
    assert DEADLINE.uid == "b84f2647-6e9f-5f11-b2ba-8abe347e74fd"
    assert uid("a/b", "Example.ORG.") == uid("a/b", "example.org") != uid("a/b", "example.net")
    assert uid("a/b", "example.org") != uid("a/c", "example.org")


@pytest.mark.parametrize(
    ("name", "shown"), [("plan", PLAN), ("party-NR", (DEADLINE, LETTER)), ("role-isu", (WORKSHOP,))]
)
def test_golden(name: str, shown: tuple[CalendarItem, ...]) -> None:
    path = GOLDEN / f"{name}.ics"
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(feed(*shown))
    assert feed(*shown) == path.read_bytes()


def test_a_feed_is_what_icalendar_would_write_of_it_whole() -> None:
    bodies = [vevent(item, 0, STAMP) for item in PLAN]
    whole = Calendar.from_ical(calendar("Plan", "What is due.", bodies, color="teal"))
    whole.subcomponents.clear()
    for body in sorted(bodies, key=head):
        whole.add_component(Event.from_ical(body.replace(b"\\\\N", b"\\\\M")))  # its writer breaks a written “\N”
    assert whole.to_ical() == calendar("Plan", "What is due.", bodies, color="teal").replace(b"\\\\N", b"\\\\M")


def test_the_header_has_both_spellings_and_no_method() -> None:
    header = feed(*PLAN).split(b"BEGIN:VEVENT", 1)[0].decode()
    for line in (
        "VERSION:2.0",
        "NAME:Plan\\; 7MSP to 8MSP",
        "X-WR-CALNAME:Plan\\; 7MSP to 8MSP",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "SOURCE;VALUE=URI:https://followthrough.example/f/abc.ics",
        "COLOR:navy",
        "X-APPLE-CALENDAR-COLOR:#000080",
    ):
        assert f"{line}\r\n" in header
    assert "METHOD" not in header
    assert b"TIMEZONE" not in feed(*PLAN)


def test_events_leave_the_day_free_and_end_the_day_after() -> None:
    body = vevent(DEADLINE, 3, STAMP)
    for line in (
        b"DTSTART;VALUE=DATE:20180331",
        b"DTEND;VALUE=DATE:20180401",
        b"DTSTAMP:20170904T070000Z",
        b"LAST-MODIFIED:20170904T070000Z",
        b"SEQUENCE:3",
        b"TRANSP:TRANSPARENT",
        b"X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        b"TRIGGER:-P14D",
        b"TRIGGER:-PT15H",
        b"TRIGGER:PT9H",
    ):
        assert b"\r\n" + line + b"\r\n" in body
    assert b"DTSTART:20180329T090000Z" in vevent(LETTER, 0, STAMP)


def test_alarms_have_uids_of_their_own_and_what_is_cancelled_has_none() -> None:
    uids = re.findall(rb"\r\nUID:(\S+)", vevent(DEADLINE, 0, STAMP))
    assert len(set(uids)) == len(uids) == 4
    assert uids == re.findall(rb"\r\nUID:(\S+)", vevent(replace(DEADLINE, start=date(2018, 3, 30)), 1, STAMP))
    assert b"VALARM" not in vevent(LETTER, 0, STAMP)


@pytest.mark.parametrize(
    "change",
    [
        {"uid": "with space"},
        {"uid": ""},
        {"related_to": "x" * 65},
        {"feeds": ()},
        {"summary": " \x00\n"},
        {"end": date(2018, 3, 31)},
        {"end": datetime(2018, 4, 1, tzinfo=UTC)},
        {"start": datetime(2018, 3, 1), "end": datetime(2018, 4, 1)},  # noqa: DTZ001 - a naive one is the point
    ],
)
def test_an_item_that_no_calendar_would_show_rightly_is_refused(change: dict) -> None:
    with pytest.raises(ValueError, match=r"UID|feed|summary|end|zone"):
        replace(DEADLINE, **change)


def test_a_calendar_without_events_or_with_one_uid_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="no event"):
        calendar("Plan", "", [], color="navy")
    with pytest.raises(ValueError, match="twice"):
        calendar("Plan", "", [vevent(DEADLINE, 0, STAMP), vevent(DEADLINE, 1, STAMP)], color="navy")
    with pytest.raises(ValueError, match="colour"):
        calendar("Plan", "", [vevent(DEADLINE, 0, STAMP)], color="#000080")
    assert all(re.fullmatch("#[0-9A-F]{6}", figures) for figures in COLORS.values())


def test_a_window_keeps_what_comes_and_then_the_latest_past() -> None:
    def on(offset: int) -> bytes:
        day = date(2018, 3, 1) + timedelta(days=offset)
        item = replace(WORKSHOP, uid=uid(str(offset), "example.org"), start=day, end=day + timedelta(days=1))
        return vevent(item, 0, datetime(2018, 3, 1, tzinfo=UTC))

    bodies = [on(offset) for offset in range(-100, 100)]
    assert window(reversed(bodies)) == (bodies, 0)
    assert window(bodies, events=200) == (bodies, 0)
    assert window(bodies, events=50) == (bodies[70:120], 150)  # from 30 days back, the soonest first
    assert window(bodies, events=150) == (bodies[50:], 50)  # all that comes, then the past, the latest first
    assert window(bodies, octets=sum(map(len, bodies[70:90]))) == (bodies[70:90], 180)
    assert window(bodies, octets=1) == (bodies[70:71], 199)
    assert window(bodies[:60], events=10) == (bodies[50:60], 50)  # all of it past
    many = [on(offset) for offset in range(1200)]
    content = calendar("Plan", "All.", many, color="navy")
    assert content.count(b"BEGIN:VEVENT") == 1000
    assert "200 further off are not" in str(Calendar.from_ical(content)["description"])


@settings(deadline=None)
@given(items(), st.integers(0, 10**6), instants)
def test_any_item_survives_being_read(item: CalendarItem, sequence: int, stamp: datetime) -> None:
    content = calendar("Plan", "", [vevent(item, sequence, stamp)], color="navy")
    lines_are_sound(content)
    event: Any = Calendar.from_ical(content).walk("VEVENT")[0]
    assert not event.errors
    assert str(event["summary"]) == item.summary
    assert str(event.get("description", "")) == item.description
    assert str(event.get("location", "")) == item.location
    assert (event["dtstart"].dt, event["dtend"].dt, event["sequence"]) == (item.start, item.end, sequence)
    assert event["dtstamp"].dt == event["last-modified"].dt == stamp.replace(microsecond=0)
    alarms = event.walk("VALARM")
    assert [-alarm["trigger"].dt for alarm in alarms] == ([] if item.status == "CANCELLED" else list(item.alarms))
    assert len({str(each["uid"]) for each in (event, *alarms)}) == 1 + len(alarms)


@settings(deadline=None)
@given(texts)
def test_text_is_changed_only_where_it_must_be(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    if all(character.isprintable() or character == "\n" for character in text):
        assert clean(text) == text


@settings(deadline=None)
@given(items(), st.integers(0, 999), instants)
def test_cancelling_the_bytes_is_rendering_the_item_cancelled(
    item: CalendarItem, sequence: int, stamp: datetime
) -> None:
    body = vevent(item, 0, STAMP)
    assert cancelled(body, sequence, stamp) == vevent(replace(item, status="CANCELLED"), sequence, stamp)


@settings(deadline=None)
@given(
    st.lists(items(), min_size=1, unique_by=lambda item: item.uid).flatmap(
        lambda i: st.tuples(st.just(i), st.permutations(i))
    )
)
def test_the_order_of_items_does_not_matter(both: tuple[list[CalendarItem], list[CalendarItem]]) -> None:
    first, second = ([vevent(item, 0, STAMP) for item in each] for each in both)
    assert calendar("Plan", "", first, color="navy") == calendar("Plan", "", iter(second), color="navy")


def test_another_process_writes_the_same_bytes() -> None:
    code = "import sys; from tests.unit.test_calendar import PLAN, feed; sys.stdout.buffer.write(feed(*PLAN))"
    root = Path(__file__).parents[2]
    for seed, zone in (("1", "Pacific/Auckland"), ("2", "America/New_York")):
        env = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(root), "LC_ALL": "C"}
        run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
        assert run.stdout == feed(*PLAN)
