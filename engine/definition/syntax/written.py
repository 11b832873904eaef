"""The small forms that values are written in: each function reads one and raises ValueError with a sentence."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time
from decimal import Decimal
from zoneinfo import available_timezones

from engine.definition.attachments import DEADLINE
from engine.definition.cadence import Fixed, parse_fixed
from engine.definition.dates import (
    FIRST_YEAR,
    LAST_YEAR,
    DateExpr,
    Distance,
    Span,
    Unit,
    in_year,
    parse_distance,
    parse_span,
    zone,
)
from engine.definition.hints import Unreadable, nearest, suggest
from engine.definition.measures import Threshold
from engine.definition.people import DigestRule
from engine.definition.words import WEEKDAYS
from engine.definition.workdays import Quiet

YES_NO = ("yes", "no")
_DOTTED = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


def line(text: str) -> str:
    """A text of one line: what goes into a subject or a table."""
    if not text.isprintable() and any(
        unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and not char.isspace() for char in text
    ):
        raise Unreadable("control characters cannot stand in this text")
    return " ".join(text.split())


def prose(text: str) -> str:
    """A text that may have several lines."""
    return "\n".join(line(part) for part in text.strip().split("\n"))


def span(text: str) -> Span:
    """A written date between 1900 and 2300; what lies outside is a slip of the finger."""
    found = parse_span(text)
    if not FIRST_YEAR <= found.first.year <= found.last.year <= LAST_YEAR:
        raise Unreadable(f"“{text}” lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


def date_expr(text: str) -> DateExpr:
    """A date or the name of one, moved or not: `msp8`, `entry_into_force + 180 days`, `2018-03 - 2 weeks`."""
    words = " ".join(text.split())
    base, *rest = re.split(r" ([+-]) ", words)
    if not base or len(rest) > 6:
        raise Unreadable(f"“{words}” is not a date", "Write for example msp8 or entry_into_force + 180 days.")
    moves: list[tuple[int, Distance]] = []
    for sign, length in zip(rest[::2], rest[1::2], strict=True):
        moves.append((1 if sign == "+" else -1, distance(length)))
    if _DOTTED.fullmatch(base):
        return DateExpr(base, tuple(moves), words)
    if re.match(r"[a-z]", base):
        hint = "Put a space on each side of + and -." if re.search(r"[+-]", base) else ""
        raise Unreadable(f"“{base}” is neither a date nor the name of one", hint)
    return DateExpr(span(base), tuple(moves), words)


def distance(text: str) -> Distance:
    """`10 working days`, `6 weeks`."""
    try:
        return parse_distance(text)
    except ValueError as error:
        unit = text.strip().lstrip("0123456789").strip()
        raise Unreadable(str(error), nearest(unit, ("days", "weeks", "months", "working days"))) from None


def days(text: str) -> int:
    """A number of calendar days: `400 days`, `2 weeks`."""
    found = distance(text)
    if found.unit not in (Unit.DAYS, Unit.WEEKS):
        raise Unreadable(f"“{text}” is not a number of days or weeks", "Write for example 7 days.")
    return found.count * (7 if found.unit is Unit.WEEKS else 1)


def every(text: str) -> Distance:
    """How often: `every 2 months`, `every month`."""
    match = re.fullmatch(r"every (\d+ \w+|day|week|month)", " ".join(text.split()))
    found = parse_distance(match[1] if match[1][0].isdigit() else f"1 {match[1]}") if match else None
    if found is None or not found.count:
        raise Unreadable(f"“{text}” does not say how often", "Write for example every 2 months.")
    return found


def before(text: str) -> Distance:
    """`12 weeks before`."""
    match = re.fullmatch(r"(.+) before", " ".join(text.split()))
    if not match:
        raise Unreadable(f"“{text}” is not a time before the due day", "Write for example 12 weeks before.")
    return distance(match[1])


def asked(text: str) -> Distance:
    """`before`: no later than the deadline; `2 weeks before`: so long before it."""
    words = " ".join(text.split())
    if words == "before":
        return Distance(0, Unit.DAYS)
    try:
        return before(words)
    except Unreadable:
        hint = "Write before, or for example 2 weeks before."
        raise Unreadable(f"“{words}” does not say until when an extension is asked for", hint) from None


def fixed(text: str) -> Fixed:
    """`6 weeks before`, `on the day`, `2 weeks after`."""
    if text.startswith(("at once", "every")):
        raise Unreadable(f"“{text}” does not count from the day", "Write for example 2 weeks before, or on the day.")
    return parse_fixed(text)


def years(text: str) -> int:
    """`year`, `2 years`."""
    match = re.fullmatch(r"year|([1-9]\d?) years", " ".join(text.split()))
    if not match:
        raise Unreadable(f"“{text}” does not say how often a cycle recurs", "Write year, or for example 2 years.")
    return int(match[1] or 1)


def year(text: str) -> int:
    """`2024`."""
    if not re.fullmatch(r"\d{4}", text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise Unreadable(f"“{text}” is not a year", "Write for example 2024.")
    return int(text)


def yearly_day(text: str) -> tuple[int, int]:
    """`04-30`: month and day."""
    match = re.fullmatch(r"(\d\d)-(\d\d)", text)
    try:
        if match:
            on = date(2024, int(match[1]), int(match[2]))
            return on.month, on.day
    except ValueError:
        pass
    raise Unreadable(f"“{text}” is not a day of the year", "Write month and day: 04-30.")


_LONGEST_QUIET = 31


def quiet(text: str) -> Quiet:
    """`2017-12-23..2018-01-02`, `2018-03-30`, or of each year `12-24..01-02`: at most a month, or letters would be lost in it."""
    if re.fullmatch(r"\d\d-\d\d(\.\.\d\d-\d\d)?", text):
        first, last = (yearly_day(part) for part in (text.split("..") * 2)[:2])
        days = (in_year(*last, 2025 if last < first else 2024) - in_year(*first, 2024)).days
        found = Quiet(first, last)
    else:
        days_of = span(text)
        days = (days_of.last - days_of.first).days
        found = Quiet(*((on.year, on.month, on.day) for on in (days_of.first, days_of.last)))
    if days >= _LONGEST_QUIET:
        raise Unreadable(f"“{text}” is longer than {_LONGEST_QUIET} days", "Letters due in it would come too late.")
    return found


def cycle_name(text: str) -> str:
    """What a cycle is called: `{year}`, `report-{year}`."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*\{year\}[A-Za-z0-9_-]*", text):
        raise Unreadable(f"“{text}” does not name a cycle", "Write {year}, with letters, digits, - or _ around it.")
    return text


def clock_time(text: str) -> time:
    """`09:00`."""
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text)
    if not match:
        raise Unreadable(f"“{text}” is not a time of day", "Write hours and minutes: 09:00.")
    return time(int(match[1]), int(match[2]))


def zone_name(text: str) -> str:
    """The IANA name of a time zone: `Europe/Zurich`."""
    try:
        zone(text)
    except ValueError as error:
        raise Unreadable(str(error), suggest(text, sorted(available_timezones()))) from None
    return text


def language(text: str) -> str:
    """A language's code: `fr`, `pt-BR`."""
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):
        raise Unreadable(f"“{text}” is not the code of a language", "Write for example en, fr or es.")
    return text


def digest(text: str) -> DigestRule:
    """`daily`, `weekly on Monday`."""
    words = " ".join(text.split())
    if words == "daily":
        return DigestRule()
    kind, _, weekday = words.partition(" on ")
    if kind == "weekly" and weekday in WEEKDAYS:
        return DigestRule(WEEKDAYS.index(weekday))
    hint = nearest(weekday, WEEKDAYS) if kind == "weekly" else ""
    raise Unreadable(f"“{text}” does not say how often", hint or "Write daily, or for example weekly on Monday.")


def address(text: str) -> str:
    """An address for mail, such as `mission@example.org`; nothing that could add a header or a second recipient."""
    local = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
    label = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    if len(text) > 254 or not re.fullmatch(rf"{local}(\.{local})*@{label}(\.{label})+", text):
        hint = "Write a domain with other letters in its ASCII form (xn--…)." if not text.isascii() else ""
        raise Unreadable(f"“{text}” is not an address for mail", hint or "Write for example mission@example.org.")
    return text


def identifier(text: str) -> str:
    """What a party or contact is known by: `NR`, `nr_mission`."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", text):
        raise Unreadable(
            f"“{text}” is not an id", "An id has letters, digits, _, . and -, and begins with a letter or digit."
        )
    return text


def plan_name(text: str) -> str:
    """The name of a workflow or scenario: `ccm-nim-2018`."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,63}", text):
        raise Unreadable(
            f"“{text}” is not a name of a plan", "It has small letters, digits and -, and begins with a letter."
        )
    return text


def file_name(text: str) -> str:
    """A file, named relative to the one that names it."""
    if text.startswith(("/", "~")) or re.match(r"[A-Za-z]:", text) or "\\" in text or line(text) != text:
        raise Unreadable(f"“{text}” is not a file beside this one", "Write for example ccm/parties.csv.")
    return text


def attached_name(text: str) -> str:
    """A file that a letter carries: `ccm/form-a.pdf`, `deadline.ics`."""
    name = file_name(text)
    if name != DEADLINE and not name.lower().endswith((".pdf", ".docx")):
        raise Unreadable(f"“{text}” cannot be attached", f"Attach a PDF or DOCX, or {DEADLINE}.")
    return name


def threshold(text: str) -> Threshold:
    """`5`, `half`, `baseline`, `baseline + 3`."""
    words = " ".join(text.split())
    if re.fullmatch(r"\d{1,6}", words):
        return Threshold("number", int(words))
    if words == "half":
        return Threshold("half")
    match = re.fullmatch(r"baseline(?: \+ (\d{1,6}))?", words)
    if not match:
        raise Unreadable(f"“{words}” is not a number to reach", "Write 5, half, baseline or baseline + 3.")
    return Threshold("baseline", int(match[1] or 0))


def whole(text: str) -> int:
    """A number of parties."""
    if not re.fullmatch(r"\d{1,6}", text):
        raise Unreadable(f"“{text}” is not a whole number")
    return int(text)


def letters(text: str) -> int:
    """`3 letters`."""
    match = re.fullmatch(r"([1-9]\d?) letters?", " ".join(text.split()))
    if not match:
        raise Unreadable(f"“{text}” is not a number of letters", "Write for example 3 letters.")
    return int(match[1])


def money(text: str) -> tuple[Decimal, str]:
    """`100000 NZD`: an amount and its currency."""
    match = re.fullmatch(r"(\d{1,12}(?:\.\d{1,2})?) ([A-Z]{3})", " ".join(text.split()))
    if not match:
        raise Unreadable(f"“{text}” is not an amount with a currency", "Write for example 100000 NZD.")
    return Decimal(match[1]), match[2]
