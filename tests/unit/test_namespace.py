"""One namespace: each name once, nothing that rests on itself, and nothing that rests on too much."""

from __future__ import annotations

import pytest

from tests.unit.test_loader import DATED, faults, workflow

PLAN = (
    DATED + "parties: p.csv\nattributes: {joined: {type: date}, region: {type: text}}\nfacts: {report: {type: date}}\n"
)
STEPS = "steps: {m: {event: M, when: 2018-05}}\n"
FILES = {"p.csv": "id,name,joined,region\nAA,Aland,2017-01-01,Africa\n"}


def said(more: str) -> list[str]:
    """What is wrong with a plan that has more in it, without the dot before a hint."""
    return [each.rstrip(".") for each in faults(PLAN + more, FILES)]


def days(length: int) -> str:
    """Dates, each of which counts from the one before."""
    links = "".join(f"  d{number}: {{date: d{number - 1} + 1 day}}\n" for number in range(1, length))
    return f"values:\n  d0: {{date: joined}}\n{links}"


def sets(length: int) -> str:
    """Sets, each of which is the one before."""
    links = "".join(f"  s{number}: {{who: s{number - 1}}}\n" for number in range(1, length))
    return f"sets:\n  s0: {{who: report}}\n{links}"


def names(count: int) -> str:
    """A set that comes to so many names: itself, and each that it names."""
    return f"sets:\n  s0: {{who: '{' or '.join(['report'] * (count - 1))}'}}\n"


def test_forty_nine_dates_may_count_one_from_another_and_the_day_of_a_party() -> None:
    assert len(workflow(PLAN + STEPS + days(49), FILES).values) == 49
    assert said(STEPS + days(50)) == ["61:15: “d49” rests on more than 50 dates, one on another"]


def test_forty_nine_sets_may_be_one_of_another_and_of_a_fact() -> None:
    assert len(workflow(PLAN + STEPS + sets(49), FILES).sets) == 49
    assert said(STEPS + sets(50)) == ["61:14: “s49” rests on more than 50 sets and values, one on another"]


def test_a_set_may_come_to_a_thousand_names() -> None:
    assert "s0" in workflow(PLAN + STEPS + names(1000), FILES).sets
    assert said(STEPS + names(1001)) == ["12:13: “s0” comes to more than 1,000 names with all that it rests on"]


TWICE = [
    ("values: {joined: {is: report}}", "10:10: “joined” is the name of an attribute already (line 8)"),
    ("values: {date: {is: report}}", "10:10: “date” is a word of the language"),
    ("values: {lambda: {is: report}}", "10:10: “lambda” is a word of the language"),
    ("values: {a: {date: b}, b: {date: a}}", "10:20: the date “a” rests on itself: a → b → a"),
    ("sets: {a: {who: b}, b: {who: a}}", "10:17: the set “a” is defined by itself: a → b → a"),
    ("sets: {a: {who: report or a}}", "10:17: the set “a” is defined by itself: a → a"),
    ("steps: {a: {event: A, when: b}, b: {event: B, by: a}}", "10:29: the date “a” rests on itself: a → b → a"),
    ("steps: {b: {event: B, by: b}}", "10:27: the date “b” rests on itself: b → b"),
]  # fmt: skip


@pytest.mark.parametrize(("section", "wrong"), TWICE)
def test_a_name_that_is_taken_or_rests_on_itself(section: str, wrong: str) -> None:
    more = "" if section.startswith("steps") else STEPS
    assert said(f"{section}\n{more}") == [wrong]
