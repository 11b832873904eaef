"""Dates and cadences: what is written is a date or has a fault; what was read has a day, on any calendar and in any zone.

The first line has a country, a zone and the hour of sending, where it has them; each other one is read in every way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from engine.definition.cadence import parse_slot
from engine.definition.dates import day, end_of_day, local_date, parse_moment
from engine.definition.facts import FactBook
from engine.definition.syntax import times
from engine.definition.words import span_words
from engine.definition.workdays import WorkCalendar, known_country
from engine.definition.workflow import CycleRule
from engine.planning.world.cycles import cycles_between
from engine.planning.world.resolve import Resolver
from engine.planning.world.schedule import Frame, Hours, schedule
from tests.support import plannable

PLAN = plannable()
PARTY = next(iter(PLAN.parties.values()))
DATES = {*PLAN.workflow.anchors, "initial_due", "ny_workshop", "settings.by_march", None}
"""What a date may rest on: the loader refuses other names."""
BEGAN = datetime(2018, 1, 1, 8, tzinfo=UTC)
STALE = times.distance("3 working days")
READERS: dict[str, Callable[[str], Any]] = {
    "date": times.date_expr, "slot": parse_slot, "quiet": times.quiet, "distance": times.distance, "due": times.yearly_day,
    "opens": times.opens, "years": times.years, "days": times.days, "every": times.every, "asked": times.asked,
    "fixed": times.fixed, "year": times.year, "hour": times.clock_time, "digest": times.digest,
    "moment": lambda text: parse_moment(text, "Asia/Kathmandu"),
}  # fmt: skip
WORDS = (
    "2018-03-31", "2018-02-12..2018-02-14", "2018-02", "2018-Q1", "2018", "1900-01-01", "2300-12-31", "msp8", "ny_workshop",
    "settings.by_march", "initial_due", "+", "-", "60 days", "2 weeks", "6 months", "10 working days", "1200 months",
    "5200 weeks", "25000 working days", "before", "after", "on the day", "at once", "every", "until", "at most", "1000", "day",
    "week", "month", "year", "2 years", "04-30", "02-29", "12-24..01-02", "daily", "weekly on Monday", "09:00", "23:59",
    "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe", "CH", "SA", "NP", "IN", "2018-04-03T10:00+05:45",
)  # fmt: skip


def seeds() -> Iterator[bytes]:
    """One text for each form of the language."""
    yield b"CH Europe/Zurich 09:00\nmsp8 - 60 days\nat once\nevery 4 weeks until 6 weeks before\n6 weeks before\non the day\n"
    yield b"NP Asia/Kathmandu 23:45\n2018-Q1 + 6 months\nevery 2 months at most 6\n2 weeks after\n12-24..01-02\n"
    yield b"SA Pacific/Apia 00:00\n2011-12-29 + 1 working day\nevery day until 1 month before\n02-29\n2 years\n"
    yield b"- Australia/Lord_Howe 02:15\nsettings.by_march\n2018-04-01T02:15\nweekly on Monday\nbefore\n1 month before\n"


def run(data: bytes) -> None:
    """Read each line in every way; then give all that was read its days."""
    head, *lines = data.decode("utf-8", errors="replace").split("\n")[:40]
    read = {name: [found for line in lines if (found := _read(how, line)) is not None] for name, how in READERS.items()}
    country, zone, hour = _setting(head)
    calendar = WorkCalendar(country, quiet=tuple(read["quiet"][:2]))
    workflow = replace(PLAN.workflow, country=country, subdivision=None, quiet=calendar.quiet)
    resolver = Resolver(replace(PLAN, workflow=workflow), FactBook())
    exprs = [expr for expr in read["date"] if expr.name in DATES]
    spans = [found.span for expr in exprs if (found := resolver.resolve(expr, PARTY)) is not None]
    for span in spans:
        str(span), span_words(span)
        calendar.earlier(span.first), calendar.later(span.last), end_of_day(span.last, zone)
    began = local_date(BEGAN, zone)
    hours = Hours(zone, hour, calendar, (read["distance"] or [STALE])[0])
    for target in [*spans, day(began)][:4]:
        for ends in (None, end_of_day(target.last, zone)):
            schedule(read["slot"][:8], Frame(target, BEGAN, BEGAN, began, ends_at=ends), hours)
    for due, opens in zip(read["due"], read["opens"], strict=False):
        every = (read["years"] or [1])[0]
        list(cycles_between(CycleRule(due, opens, every), began, began))


def _read(reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text)
    except ValueError as error:
        return str(error).encode() and None


def _setting(head: str) -> tuple[str | None, str, time]:
    country, zone, hour = [*head.split(" "), "", "", ""][:3]
    known = country if country.isascii() and country.isalpha() and known_country(country) else None
    return known, _read(times.zone_name, zone) or "Europe/Zurich", _read(times.clock_time, hour) or time(9)
