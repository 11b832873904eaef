"""Calendar items as VEVENTs, and VEVENTs as a feed to subscribe to (RFC 5545, with 7986 and 9074).

A VEVENT is rendered once, by the icalendar library, and from then on it is bytes: a feed is its header and
such bytes joined, so that what did not change is identical to the octet. Nothing here asks for the time.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from urllib.parse import quote

from icalendar import Alarm, Calendar, Component, Event, vCategory, vDuration, vText, vUri

from engine.rendering.vevents import to_second, window

Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]

PRODID = "-//followthrough//calendar feeds//EN"  # without a version: an upgrade is no change to a subscriber
_REFRESH = timedelta(hours=1)
COLORS = {  # RFC 7986 section 5.9 takes CSS names, Apple's property takes figures
    "black": "#000000",
    "crimson": "#DC143C",
    "darkorange": "#FF8C00",
    "forestgreen": "#228B22",
    "goldenrod": "#DAA520",
    "navy": "#000080",
    "purple": "#800080",
    "royalblue": "#4169E1",
    "sienna": "#A0522D",
    "slategray": "#708090",
    "steelblue": "#4682B4",
    "teal": "#008080",
}

_UTC = (
    b"BEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    b"TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)

# RFC 5545 section 3.1 forbids the C0 controls but for the tab. C1 controls and lone surrogates break readers
# too, a BOM is lost by the library, and the two noncharacters cannot stand in the XML of CalDAV.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_LINE_BREAK = re.compile("\r\n|[\r\x85\u2028\u2029]")
_UID = re.compile(r"[A-Za-z0-9@._+-]{1,64}")  # short enough that its line is never folded


def clean(text: str) -> str:
    """`text` as TEXT may be (RFC 5545 section 3.3.11): line breaks are newlines, no control characters."""
    return _FORBIDDEN.sub("", _LINE_BREAK.sub("\n", text))


def uid(key: str, domain: str) -> str:
    """The UID for a letter's or step's key: the one function that makes UIDs, for feed, mail and invitation.

    A UUID of version 5, since a UID should name no host, person or domain (RFC 7986 section 5.3). The domain
    tells two installations apart that run the same plan.
    """
    return str(uuid.uuid5(_space(domain), key))


@lru_cache(maxsize=64)
def _space(domain: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_DNS, domain.rstrip(".").lower())


@dataclass(frozen=True, slots=True)
class CalendarItem:
    """What a calendar shows of one step or letter, without its history.

    `feeds` are names such as `plan`, `role:isu`, `party:NR`. `start` and `end` are both dates (`end` is the
    day after, RFC 5545 section 3.6.1) or both aware instants, kept in UTC to the second. `alarms` are lengths
    of time before the start; a negative one is after it (09:00 on the day of a date is minus nine hours).
    `related_to` is the UID of the item that this one belongs to. Text is cleaned, and `summary`, `location`
    and categories made one line.
    """

    uid: str
    feeds: tuple[str, ...]
    summary: str
    description: str
    start: date
    end: date
    status: Status = "CONFIRMED"
    location: str = ""
    categories: tuple[str, ...] = ()
    alarms: tuple[timedelta, ...] = ()
    related_to: str | None = None
    url: str = ""

    def __post_init__(self) -> None:
        for each in (self.uid, self.related_to or self.uid):
            if not _UID.fullmatch(each):
                raise ValueError(f"“{each}” cannot be a UID here: at most 64 letters, digits and @._+-")
        if not self.feeds:
            raise ValueError(f"calendar item {self.uid} is in no feed")
        if not _one_line(self.summary):
            raise ValueError(f"calendar item {self.uid} has no summary, by which it would be known")
        start, end = _moment(self.start), _moment(self.end)
        if isinstance(start, datetime) != isinstance(end, datetime):
            raise ValueError(f"calendar item {self.uid} starts and ends with a date or with an instant, not one each")
        if end <= start:
            raise ValueError(f"calendar item {self.uid} ends before it begins; the end of a day is the day after")
        normal: dict[str, object] = {
            "feeds": tuple(sorted(set(self.feeds))),
            "summary": _one_line(self.summary),
            "description": clean(self.description).strip(),
            "start": start,
            "end": end,
            "location": _one_line(self.location),
            "categories": tuple(filter(None, dict.fromkeys(map(_one_line, self.categories)))),
            "alarms": tuple(sorted({timedelta(each.days, each.seconds) for each in self.alarms}, reverse=True)),
            "url": _uri(self.url),
        }
        for name, value in normal.items():
            object.__setattr__(self, name, value)


def vevent(item: CalendarItem, sequence: int, stamped_at: datetime) -> bytes:
    """The item as a VEVENT (RFC 5545 section 3.6.1), for good.

    DTSTAMP and LAST-MODIFIED are the time of the last change (sections 3.8.7.2, 3.8.7.3), and with SEQUENCE
    they are what clients look at. It leaves the reader's time free (section 3.8.2.7; Outlook needs its own
    word for it). Each VALARM has a UID of its own (RFC 9074 section 4); what is cancelled rings no more.
    """
    event = Event()
    stamp = to_second(stamped_at)
    event.add("uid", item.uid)
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("sequence", sequence)
    event.add("dtstart", item.start)
    event.add("dtend", item.end)
    event.add("summary", _Text(item.summary))
    event.add("status", item.status)
    event.add("transp", "TRANSPARENT")
    event.add("x-microsoft-cdo-busystatus", "FREE")
    for name, text in (("description", item.description), ("location", item.location)):
        if text:
            event.add(name, _Text(text))
    if item.categories:
        categories = vCategory([])
        categories.cats = [_Text(text) for text in item.categories]
        event.add("categories", categories)
    if item.related_to:
        event.add("related-to", item.related_to)
    if item.url:
        event.add("url", vUri(item.url))
    if item.status != "CANCELLED":
        for before in item.alarms:
            event.add_component(_alarm(item, before))
    return _octets(event)


def _alarm(item: CalendarItem, before: timedelta) -> Alarm:
    """A VALARM that shows the summary (RFC 5545 section 3.6.6)."""
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _Text(item.summary))
    alarm.add("trigger", -before)
    alarm.add("uid", uid(f"alarm/{int(before.total_seconds())}", item.uid))
    return alarm


def calendar(
    name: str,
    description: str,
    bodies: Iterable[bytes],
    *,
    color: str,
    source: str = "",
) -> bytes:
    """A feed: the header, in the spellings of RFC 7986 section 5 and of clients, and the VEVENTs by start.

    `color` is one of `COLORS`; `source` the address that it is served at. Without METHOD, which would make it
    an invitation. Too many events are windowed (`window`), and the description says so. Raises ValueError for
    no event at all (RFC 5545 section 3.4 asks for one, and clients differ in what they make of none) or one
    UID twice.
    """
    shown, left_out = window(bodies)
    if not shown:
        raise ValueError(f"the calendar “{name}” has no event, and a calendar has at least one")
    if left_out:
        description += f" ({len(shown)} events around the last change are shown, {left_out} further off are not.)"
    return _around(_header(name, description, color, source), shown)


def single(body: bytes) -> bytes:
    """A file of one event, to open once: without the name and colour by which a feed is told from others."""
    return _around(_octets(_bare()), [body])


def empty_calendar(name: str, description: str, *, color: str) -> bytes:
    """A calendar in which nothing is yet: a time zone is the one component that it needs, and shows nothing."""
    return _around(_header(name, description, color, ""), [_UTC])


def _around(header: bytes, bodies: Iterable[bytes]) -> bytes:
    end = b"END:VCALENDAR\r\n"
    return b"".join((header.removesuffix(end), *bodies, end))


def _bare() -> Calendar:
    header = Calendar()
    header.add("version", "2.0")
    header.add("prodid", PRODID)
    header.add("calscale", "GREGORIAN")
    return header


@lru_cache(maxsize=1024)
def _header(name: str, description: str, color: str, source: str) -> bytes:
    if color not in COLORS:
        raise ValueError(f"“{color}” is no colour for a calendar: {', '.join(COLORS)}")
    header = _bare()
    for key in ("name", "x-wr-calname"):
        header.add(key, _Text(_one_line(name)))
    for key in ("description", "x-wr-caldesc"):
        header.add(key, _Text(clean(description)))
    header.add("refresh-interval", vDuration(_REFRESH), {"VALUE": "DURATION"})
    header.add("x-published-ttl", vDuration(_REFRESH))
    header.add("color", color)
    header.add("x-apple-calendar-color", COLORS[color])
    if source:
        header.add("source", vUri(_uri(source)), {"VALUE": "URI"})
    return _octets(header)


class _Text(vText):
    """TEXT as RFC 5545 section 3.3.11 escapes it: the library reads a written “\\N” as a line break."""

    def to_ical(self) -> bytes:
        text = str(self).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return text.replace("\n", "\\n").encode()


def _one_line(text: str) -> str:
    return " ".join(clean(text).split("\n")).strip()


def _moment(value: date) -> date:
    return to_second(value) if isinstance(value, datetime) else value


def _uri(text: str) -> str:
    """The address with what a URI cannot hold percent-encoded (RFC 3986 section 2)."""
    return quote(_one_line(text), safe="!#$%&'()*+,/:;=?@[]~")


def _octets(component: Component) -> bytes:
    octets: bytes = component.to_ical()
    return octets
