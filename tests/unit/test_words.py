"""Days, counts and lists in English words; facts and kinds of letters by what people call them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engine.definition import words
from engine.definition.cadence import kind_of
from engine.definition.dates import parse_span
from engine.definition.fact_words import fact_label, fact_words
from engine.definition.facts import Fact
from tests.support import fact, plannable
from tests.unit.test_planning_golden import everything

MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
SPANS = [
    ("2017-10-12", "12 October 2017"),
    ("2018-02-12..2018-02-14", "12–14 February 2018"),
    ("2018-02-27..2018-03-02", "27 February – 2 March 2018"),
    ("2017-12-30..2018-01-02", "30 December 2017 – 2 January 2018"),
    ("2017-03-30..2018-03-31", "30 March 2017 – 31 March 2018"),
    ("2017-10", "October 2017"),
    ("2018-Q1", "the first quarter of 2018"),
    ("2018-Q2", "the second quarter of 2018"),
    ("2018-Q3", "the third quarter of 2018"),
    ("2018-Q4", "the fourth quarter of 2018"),
    ("2018", "2018"),
]
OURS = [
    (["by"], "the deadline"),
    (["when", "after"], "the date and when it begins"),
    (["send", "invitations", "remind", "prepare"], "when letters leave, when invitations leave and reminders to the owner"),
    (["review", "invite", "to", "ask"], "how often it is looked at, who is invited, who is written to and who is asked"),
    (["among", "count", "at_least"], "who is looked at, what counts and how many are enough"),
    (["baseline", "until", "escalate"], "the count at the start, when a party is done and whom a silence is told to"),
    (["enough", "shows", "record"], "what follows once it is met, what shows it and how it is judged"),
    (["owner", "working_days", "from"], "the owner, the days off and who pays"),
    (["letter_form"], "letter form"),
    ([], ""),
]  # fmt: skip
LISTS = [
    ([], ""), (["Fiji"], "Fiji"), (["Fiji", "Nauru"], "Fiji and Nauru"),
    (["Fiji", "Nauru", "Palau"], "Fiji, Nauru and Palau"),
    ([str(each) for each in range(12)], "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 11"),
    ([str(each) for each in range(14)], "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more"),
]  # fmt: skip
COUNTS = [
    (0, "", "0 letters"),
    (1, "", "1 letter"),
    (2, "", "2 letters"),
    (1200, "", "1,200 letters"),
    (2, "mail", "2 mail"),
]
KINDS = [
    ("at-once", "at once"), ("on-day", "on the day"), ("before-6w", "before"), ("after-2w", "after"),
    ("every-4w-2", "every"), ("thanks", "thanks"),
]  # fmt: skip
FACTS = [
    (fact("attended", "yes", step="meeting", party="AA", on="2018-04-25"), "took part at The meeting: yes"),
    (fact("coming", "no", step="meeting", party="AA", on="2018-04-25"), "says whether they come at The meeting: no"),
    (fact("contacted", "yes", step="talks", party="AA", on="2018-04-25"), "was talked to at Talks with everybody: yes"),
    (fact("extended_to", "2018-08-10", party="AA"), "has an extension: 2018-08-10"),
    (fact("reopened", "yes", party="AA", on="2018-08-10"), "was reopened: yes"),
    (fact("write_to", "aa_m", party="AA", on="2018-08-10"), "write to: aa m"),
    (fact("status", "ready", party="AA", on="2018-08-10"), "Where it stands: ready"),
    (fact("yearly", "2018-09-01", party="AA", cycle="2018"), "yearly for 2018: 2018-09-01"),
    (fact("report", "2018-08-01", party="AA", details={"kind": "whole"}), "report: 2018-08-01 (kind whole)"),
]


@pytest.mark.parametrize("number", range(12))
def test_a_month_and_its_days(number: int) -> None:
    on = date(2018, number + 1, 5)
    assert words.month_words(on) == f"{MONTHS[number]} 2018"
    assert words.day_words(on) == f"5 {MONTHS[number]} 2018"


@pytest.mark.parametrize("number", range(7))
def test_a_day_of_the_week(number: int) -> None:
    at = datetime(2018, 1, 1 + number, 8, 5, tzinfo=UTC)
    day = f"{1 + number} January 2018"
    assert words.day_words(at.date(), weekday=True) == f"{WEEKDAYS[number]} {day}"
    assert words.moment_words(at, "Europe/Zurich") == f"{WEEKDAYS[number]} {day}, 09:05 Europe/Zurich"
    assert words.short_moment(at, "Asia/Kathmandu") == f"{WEEKDAYS[number][:3]} {day}, 13:50"


@pytest.mark.parametrize(("written", "said"), SPANS)
def test_a_written_date(written: str, said: str) -> None:
    assert words.span_words(parse_span(written)) == said


@pytest.mark.parametrize(("keys", "said"), OURS)
def test_what_is_our_reading(keys: list[str], said: str) -> None:
    assert words.our_words(keys) == said


@pytest.mark.parametrize(("items", "said"), LISTS)
def test_a_list(items: list[str], said: str) -> None:
    assert words.listed(items) == said


@pytest.mark.parametrize(("number", "plural", "said"), COUNTS)
def test_a_count(number: int, plural: str, said: str) -> None:
    assert words.counted(number, "letter", plural) == said


def test_a_sentence_begins_with_a_capital() -> None:
    assert [words.capital(each) for each in ("the deadline", "8MSP", "a", "")] == ["The deadline", "8MSP", "A", ""]


@pytest.mark.parametrize(("token", "kind"), KINDS)
def test_the_kind_of_a_letter(token: str, kind: str) -> None:
    assert kind_of(token) == kind


@pytest.mark.parametrize(("known", "said"), FACTS)
def test_a_fact_in_words(known: Fact, said: str) -> None:
    assert fact_words(everything().workflow, known) == said


def test_a_declared_fact_has_its_label() -> None:
    assert fact_label(plannable().workflow, fact("report", "2018-04-03", party="FJ")) == "Article 7 report received"
