"""A feed of a thousand events: made, and published again when nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from icalendar import Calendar

from benchmarks.figures import Figure
from benchmarks.measuring import Scope, repeated, times
from engine.channels.feed_files import publish
from engine.rendering.calendar import CalendarItem, calendar, uid
from engine.rendering.feed_state import Advanced, advance, by_feed

EVENTS = 1_000
_FIRST, _NOW = date(2026, 1, 5), datetime(2026, 1, 5, 8, tzinfo=UTC)
_NOTE = (
    "Each State Party is asked to report on the status of its national implementing measures, as the plan has it. " * 3
)


def items() -> list[CalendarItem]:
    """Deadlines like a plan's, with a description and two alarms: some 900 bytes each."""
    return [
        CalendarItem(
            uid(f"step/{number}", "example.org"), ("plan",), f"By a day: report number {number}, with a summary",
            _NOTE, _FIRST + timedelta(days=number), _FIRST + timedelta(days=number + 1), categories=("Deadline",),
            alarms=(timedelta(days=7), timedelta(days=1)),
        )
        for number in range(EVENTS)
    ]  # fmt: skip


def thousand(scope: Scope, folder: Path) -> Iterator[Figure]:
    """Made from nothing; and as it is most of the time, with nothing new."""
    shown = items()
    first = advance(shown, {}, _NOW)

    def make(stored: Advanced | None) -> bytes:
        advanced = advance(shown, stored.items if stored else {}, _NOW + timedelta(days=1))
        body: bytes = calendar("Plan", "Everything", by_feed(advanced.items.values())["plan"], color="navy")
        return body

    def unchanged() -> None:
        publish(folder, {"plan": make(first)}, durable=False)

    unchanged()
    content = make(first)
    floor = repeated(scope.runs, lambda: [by_hand(item) for item in shown])
    made, again = repeated(scope.slow_runs, lambda: make(None)), repeated(scope.runs, unchanged)
    parsed = Calendar.from_ical(content)
    whole = repeated(scope.slow_runs, parsed.to_ical)
    size = f"{EVENTS:,} events of {len(content) // EVENTS} B"
    beside = f"written by hand {floor.cpu * 1e3:.0f} ms, icalendar's to_ical() {whole.cpu * 1e3:.0f} ms"
    yield Figure("feeds", f"{size}, all new", "ms", made.wall * 1e3, made.cpu * 1e3, scope.slow_runs, None,
                 f"{beside}: {times(made.cpu, floor.cpu)} the floor")  # fmt: skip
    yield Figure("feeds", f"{size}, unchanged", "ms", again.wall * 1e3, again.cpu * 1e3, scope.runs, None,
                 f"{times(again.cpu, floor.cpu)} the floor")  # fmt: skip


def by_hand(item: CalendarItem) -> bytes:
    """The floor: an event's lines put together without a library, folded as the standard asks."""
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:{}\r\nTRIGGER:-P{}D\r\nUID:{}\r\nEND:VALARM"
    lines = [
        "BEGIN:VEVENT", f"SUMMARY:{item.summary}", f"DTSTART;VALUE=DATE:{item.start:%Y%m%d}",
        f"DTEND;VALUE=DATE:{item.end:%Y%m%d}", f"DTSTAMP:{_NOW:%Y%m%dT%H%M%SZ}", f"UID:{item.uid}", "SEQUENCE:0",
        f"DESCRIPTION:{item.description}", f"LAST-MODIFIED:{_NOW:%Y%m%dT%H%M%SZ}", f"STATUS:{item.status}",
        "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "CATEGORIES:Deadline",
        *(alarm.format(item.summary, before.days, item.uid) for before in item.alarms), "END:VEVENT",
    ]  # fmt: skip
    return b"".join(_folded(line) for text in lines for line in text.split("\r\n"))


def _folded(line: str) -> bytes:
    text = line.replace(",", "\\,").replace(";", "\\;").encode()
    parts = [text[:75], *(text[start : start + 74] for start in range(75, len(text), 74))]
    return b"\r\n ".join(parts) + b"\r\n"
