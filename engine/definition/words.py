"""Days in English words, the same on every machine and locale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from engine.definition.dates import Precision, Span, zone

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


_OURS = {
    "when": "the date", "by": "the deadline", "after": "when it begins", "send": "when letters leave",
    "invitations": "when invitations leave", "prepare": "reminders to the owner", "remind": "reminders to the owner",
    "review": "how often it is looked at", "invite": "who is invited", "to": "who is written to", "ask": "who is asked",
    "among": "who is looked at", "count": "what counts", "at_least": "how many are enough",
    "baseline": "the count at the start", "until": "when a party is done", "escalate": "whom a silence is told to",
    "enough": "what follows once it is met", "shows": "what shows it", "record": "how it is judged",
    "owner": "the owner", "working_days": "the days off", "from": "who pays",
}  # fmt: skip


def our_words(keys: Sequence[str]) -> str:
    """Keys that are our reading and not the source's, for people: `the deadline and when letters leave`."""
    return listed(list(dict.fromkeys(_OURS.get(key, key.replace("_", " ")) for key in keys)))


def in_cycle(name: str, cycle: str | None) -> str:
    """`annual in 2027`; outside of cycles, the name."""
    return f"{name} in {cycle}" if cycle else name


def capital(words: str) -> str:
    """Words as they begin a sentence."""
    return f"{words[:1].upper()}{words[1:]}"


def month_words(on: date) -> str:
    """`March 2018`."""
    return f"{MONTHS[on.month - 1]} {on.year}"


def day_words(on: date, *, weekday: bool = False) -> str:
    """`31 March 2018`, or `Saturday 31 March 2018`."""
    words = f"{on.day} {month_words(on)}"
    return f"{WEEKDAYS[on.weekday()]} {words}" if weekday else words


def span_words(span: Span) -> str:
    """`12 October 2017`, `12–14 February 2018`, `October 2017`, `the first quarter of 2018`, `2018`."""
    first, last = span.first, span.last
    match span.precision:
        case Precision.DAY:
            return day_words(first)
        case Precision.RANGE:
            if (first.year, first.month) == (last.year, last.month):
                return f"{first.day}–{day_words(last)}"
            if first.year == last.year:
                return f"{first.day} {MONTHS[first.month - 1]} – {day_words(last)}"
            return f"{day_words(first)} – {day_words(last)}"
        case Precision.MONTH:
            return month_words(first)
        case Precision.QUARTER:
            quarter = ("first", "second", "third", "fourth")[(first.month - 1) // 3]
            return f"the {quarter} quarter of {first.year}"
        case Precision.YEAR:
            return str(first.year)


def moment_words(at: datetime, zone_name: str) -> str:
    """`Thursday 29 March 2018, 09:00 Europe/Zurich`."""
    local = at.astimezone(zone(zone_name))
    return f"{day_words(local.date(), weekday=True)}, {local:%H:%M} {zone_name}"


def short_moment(at: datetime, zone_name: str) -> str:
    """`Thu 29 March 2018, 09:00`, where the zone is told otherwise."""
    local = at.astimezone(zone(zone_name))
    return f"{WEEKDAYS[local.weekday()][:3]} {day_words(local.date())}, {local:%H:%M}"


def counted(number: int, word: str, plural: str = "") -> str:
    """`1 letter`, `2 letters`, `1,200 parties`."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def listed(items: Sequence[str], *, most: int = 12) -> str:
    """`Fiji, Nauru and Palau`; what is past `most` is counted."""
    shown = list(items)
    if len(shown) > most:
        rest = len(shown) - most
        return f"{', '.join(shown[:most])} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def either(items: Sequence[str]) -> str:
    """`Fiji, Nauru or Palau`, all of them."""
    return " or ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def size_words(octets: int) -> str:
    """A size for people: `5 MB`, `1.2 MB`, `38 KB`."""
    if octets >= 1_000_000:
        return f"{octets / 1_000_000:.1f}".removesuffix(".0") + " MB"
    return f"{max(1, round(octets / 1_000))} KB"
