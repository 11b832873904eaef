"""The small forms that words, numbers and days are written in, at their limits: what is read, and what is said of the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal

import pytest

from engine.definition.cadence import Fixed, Side
from engine.definition.dates import DateExpr, Distance, Span, Unit, day, parse_distance, parse_span
from engine.definition.measures import Threshold
from engine.definition.people import DigestRule
from engine.definition.syntax import times, written
from engine.definition.syntax.shapes import parse_name
from engine.definition.workdays import Quiet

DAYS, WEEKS, MONTHS = Unit.DAYS, Unit.WEEKS, Unit.MONTHS
LABEL = "a" * 63
LONG = f"{'x' * 58}@{LABEL}.{LABEL}.{LABEL}.org"  # 254 characters
READ: dict[Callable[[str], object], dict[str, object]] = {
    parse_name: {
        "a" * 64: "a" * 64, "a_9": "a_9",
    },
    written.line: {
        " one\t two ": "one two",
    },
    written.prose: {
        " one  two\n\n three ": "one two\n\nthree",
    },
    written.cycle_name: {
        "{year}": "{year}", "A-{year}_z9": "A-{year}_z9",
    },
    written.language: {
        "fr": "fr", "nds": "nds", "zh-Hant-TW": "zh-Hant-TW", "de-CH1996a": "de-CH1996a",
    },
    written.address: {
        "a.b+c@x-y.example": "a.b+c@x-y.example", LONG: LONG,
    },
    written.identifier: {
        "9": "9", "N" * 64: "N" * 64, "n-._1": "n-._1",
    },
    written.plan_name: {
        "a" * 64: "a" * 64, "ccm-2018": "ccm-2018",
    },
    written.file_name: {
        "ccm/a..b.csv": "ccm/a..b.csv",
    },
    written.attached_name: {
        "deadline.ics": "deadline.ics", "x/Form.PDF": "x/Form.PDF", "form.docx": "form.docx",
    },
    written.threshold: {
        "5": Threshold("number", 5), "999999": Threshold("number", 999_999), "half": Threshold("half", 0),
        "1 %": Threshold("share", 1), "100%": Threshold("share", 100), "99  %": Threshold("share", 99),
        "baseline": Threshold("baseline", 0), "baseline  + 30": Threshold("baseline", 30),
    },
    written.whole: {
        "0": 0, "999999": 999_999,
    },
    written.letters: {
        "1 letter": 1, "99  letters": 99,
    },
    written.money: {
        "1 NZD": (Decimal(1), "NZD"), "999999999999.99 CHF": (Decimal("999999999999.99"), "CHF"),
    },
    times.span: {
        "1900": parse_span("1900"), "2300-12-31": day(date(2300, 12, 31)),
    },
    times.date_expr: {
        "msp8": DateExpr("msp8", (), "msp8"), "cycle.due": DateExpr("cycle.due", (), "cycle.due"),
        "end  - 2 weeks + 1 month":
            DateExpr("end", ((-1, Distance(2, WEEKS)), (1, Distance(1, MONTHS))), "end - 2 weeks + 1 month"),
        "2018-03 + 1 day": DateExpr(parse_span("2018-03"), ((1, Distance(1, DAYS)),), "2018-03 + 1 day"),
    },
    times.distance: {
        "10  working days": Distance(10, Unit.WORKING_DAYS), "0 days": Distance(0, DAYS),
        "36500 days": Distance(36_500, DAYS), "5200 weeks": Distance(5_200, WEEKS),
        "1200 months": Distance(1_200, MONTHS), "25000 working days": Distance(25_000, Unit.WORKING_DAYS),
    },
    times.days: {
        "2 weeks": 14, "1 day": 1,
    },
    times.every: {
        "every month": Distance(1, MONTHS), "every 02 weeks": Distance(2, WEEKS), "every day": Distance(1, DAYS),
        "every week": Distance(1, WEEKS),
    },
    times.before: {
        "12  weeks before": Distance(12, WEEKS),
    },
    times.asked: {
        " before": Distance(0, DAYS), "2 weeks before": Distance(2, WEEKS),
    },
    times.fixed: {
        "on the  day": Fixed(Side.ON), "0 days after": Fixed(Side.ON),
        "2 months after": Fixed(Side.AFTER, Distance(2, MONTHS)),
    },
    times.years: {
        "year": 1, "99 years": 99, "1 years": 1,
    },
    times.year: {
        "1900": 1900, "2300": 2300,
    },
    times.yearly_day: {
        "02-29": (2, 29), "12-31": (12, 31),
    },
    times.quiet: {
        "12-24..01-02": Quiet((12, 24), (1, 2)), "03-01": Quiet((3, 1), (3, 1)),
        "07-01..07-31": Quiet((7, 1), (7, 31)), "12-15..01-14": Quiet((12, 15), (1, 14)),
        "2018-02-01..2018-03-03": Quiet((2018, 2, 1), (2018, 3, 3)),
        "2018-03-30": Quiet((2018, 3, 30), (2018, 3, 30)),
    },
    times.clock_time: {
        "00:00": time(0), "19:09": time(19, 9), "23:59": time(23, 59),
    },
    times.zone_name: {
        "Asia/Kathmandu": "Asia/Kathmandu",
    },
    times.digest: {
        "daily": DigestRule(), "weekly  on Monday": DigestRule(0), "weekly on Sunday": DigestRule(6),
    },
    parse_span: {
        "2018-03-31..2018-03-31": day(date(2018, 3, 31)),
        "2018-02-28..2018-03-01": Span(date(2018, 2, 28), date(2018, 3, 1), parse_span("2018-01-01..2018-01-02").precision),
    },
}  # fmt: skip
NO_NAME = "is not a name (small letters, digits and _, beginning with a letter, at most 64)"
NO_ADDRESS, MISSION = "is not an address for mail", "Write for example mission@example.org."
NO_FILE, BESIDE = "is not a file beside this one", "Write for example ccm/parties.csv."
NO_ID, OF_ID = "is not an id", "An id has letters, digits, _, . and -, and begins with a letter or digit."
NO_PLAN, OF_PLAN = "is not a name of a plan", "It has small letters, digits and -, and begins with a letter."
NO_AIM, AIMS = "is not a number to reach", "Write 5, half, 80 %, baseline or baseline + 3."
NO_MONEY, PRICE = "is not an amount with a currency", "Write for example 100000 NZD."
NO_LENGTH = "is not a length of time (60 days, 6 weeks, 2 months, 10 working days)"
OUTSIDE, CONTROL = "lies outside the years 1900 to 2300", "control characters cannot stand in this text"
NO_DATE = "is not a date (2018-03-31, 2018-02-12..2018-02-14, 2018-03, 2018-Q1 or 2018)"
TOO_LATE = "Letters due in it would come too late."
NO_CODE, CODES = "is not the code of a language", "Write for example en, fr or es."
CYCLE = "Write {year}, with letters, digits, - or _ around it."
HOW_OFTEN, MONTHLY = "does not say how often", "Write for example every 2 months."
TO_ASK = "Write before, or for example 2 weeks before."
YEARS = "Write year, or for example 2 years."
REFUSED: list[tuple[Callable[[str], object], str, str, list[str]]] = [
    (parse_name, NO_NAME, "", ["a" * 65, "9a", "aB"]),
    (written.line, CONTROL, "", ["a\x00b", "a\u200eb"]),
    (written.prose, CONTROL, "", ["a\nb\x1b"]),
    (written.cycle_name, "does not name a cycle", CYCLE, ["{year}{year}", "a b{year}"]),
    (written.language, NO_CODE, CODES, ["f", "fren", "fr-", "fr-C", "fr-123456789"]),
    (
        written.address, NO_ADDRESS, MISSION,
        [f"x{LONG}", f"a@{LABEL}a.org", "a@org", "a..b@x.org", "a@-x.org", "a@x-.org"],
    ),
    (
        written.address, NO_ADDRESS, "Write a domain with other letters in its ASCII form (xn--…).",
        ["a@zürich.example"],
    ),
    (written.identifier, NO_ID, OF_ID, ["N" * 65, "-n", "n n"]),
    (written.plan_name, NO_PLAN, OF_PLAN, ["a" * 65, "9a"]),
    (written.file_name, NO_FILE, BESIDE, ["/etc/x", "~/x", "c:x", "C:x", "a\\b", "a/../b", "a  b"]),
    (
        written.attached_name, "cannot be attached", "Attach a PDF or DOCX, or deadline.ics.",
        ["form.doc", "x/deadline.ics", ".pdf", "ccm/.docx"],
    ),
    (written.threshold, NO_AIM, AIMS, ["0 %", "101 %", "1000000", "baseline + 1000000", "half + 1"]),
    (written.whole, "is not a whole number", "", ["1000000", "-1"]),
    (written.letters, "is not a number of letters", "Write for example 3 letters.", ["0 letters", "100 letters"]),
    (written.money, NO_MONEY, PRICE, ["1000000000000 NZD", "1.234 NZD", "1 nzd", "1 NZDX"]),
    (times.span, OUTSIDE, "", ["1899-12-31..1900-01-02", "2300-12-31..2301-01-01"]),
    (times.span, NO_DATE, "", ["soon", "2018-Q5"]),
    (times.span, "is not a date of the calendar: day is out of range for month", "", ["2018-02-30"]),
    (times.span, "is not a date of the calendar: it ends before it begins", "", ["2018-03-02..2018-03-01"]),
    (
        times.date_expr, "is not a date", "Write for example msp8 or entry_into_force + 180 days.",
        ["a" + " + 1 day" * 7],
    ),
    (times.date_expr, "is neither a date nor the name of one", "Put a space on each side of + and -.", ["end+1 day"]),
    (times.date_expr, "is neither a date nor the name of one", "", ["the end", "a.b.c"]),
    (
        times.distance, "is longer than a century", "",
        ["36501 days", "5201 weeks", "1201 months", "25001 working days", "9" * 5000 + " days"],
    ),
    (times.distance, NO_LENGTH, "", ["3 year", "weeks"]),
    (times.distance, NO_LENGTH, "Did you mean weeks?", ["3 wekes"]),
    (times.distance, NO_LENGTH, "Did you mean working days?", ["3 worken days"]),
    (times.distance, NO_LENGTH, "Did you mean months?", ["3 mnths"]),
    (times.days, "is not a number of days or weeks", "Write for example 7 days.", ["2 months"]),
    (times.every, HOW_OFTEN, MONTHLY, ["2 months", "every 0 days", "every year"]),
    (times.opens, "counts working days", "Write days, weeks or months: 12 weeks before.", ["10 working days before"]),
    (times.before, "is not a time before the due day", "Write for example 12 weeks before.", ["2 weeks"]),
    (times.asked, "does not say until when an extension is asked for", TO_ASK, ["2 weeks after", "soon"]),
    (
        times.fixed, "does not count from the day", "Write for example 2 weeks before, or on the day.",
        ["at once", "every 2 weeks at most 2"],
    ),
    (times.years, "does not say how often a cycle recurs", YEARS, ["years", "100 years", "0 years"]),
    (times.year, "is not a year", "Write for example 2024.", ["1899", "2301", "24"]),
    (times.yearly_day, "is not a day of the year", "Write month and day: 04-30.", ["02-30", "2018-02-03"]),
    (
        times.quiet, "is longer than 31 days", TOO_LATE,
        ["07-01..08-01", "12-15..01-15", "2018-02-01..2018-03-04", "2018-Q1"],
    ),
    (times.quiet, OUTSIDE, "", ["1899-12-31"]),
    (times.clock_time, "is not a time of day", "Write hours and minutes: 09:00.", ["24:00", "9:00", "09:60"]),
    (times.digest, HOW_OFTEN, "Did you mean Monday?", ["weekly on Mnday"]),
    (times.digest, HOW_OFTEN, "Write daily, or for example weekly on Monday.", ["dialy", "monthly on Monday"]),
    (parse_distance, NO_LENGTH, "", ["3 working  dys"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("read", "text", "value"), [(read, text, value) for read, forms in READ.items() for text, value in forms.items()]
)
def test_what_is_read(read: Callable[[str], object], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "wrong", "hint", "text"), [(*words, text) for *words, texts in REFUSED for text in texts]
)
def test_what_is_refused(read: Callable[[str], object], wrong: str, hint: str, text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(wrong)) as caught:
        read(text)
    assert re.sub("^“.*?” ", "", str(caught.value), flags=re.DOTALL) == wrong
    assert getattr(caught.value, "hint", "") == hint


def test_an_unknown_zone_has_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"^there is no time zone “Europe/Zurch”$") as caught:
        times.zone_name("Europe/Zurch")
    assert getattr(caught.value, "hint", "") == "Did you mean Europe/Zurich?"
