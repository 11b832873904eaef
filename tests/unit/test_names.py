"""Names of a plan: what is said of one that is not there, and how deep they may rest on one another."""

from __future__ import annotations

import pytest

from tests.unit.test_loader import DATED, YEARLY, faults, workflow

PARTIES = "parties: p.csv\nattributes: {joined: {type: date}, region: {type: text}}\n"
FILES = {"p.csv": "id,name,joined,region\nAA,Aland,2017-01-01,Africa\n"}
FACTS = "facts: {report: {type: date}, seen: {type: flag, about: step}, mood: {type: text, about: workflow}}\n"
STEPS = "steps: {m: {event: M, when: 2018-05}}\n"
PLAN = DATED + PARTIES + FACTS + STEPS
GOALS = "objectives: {o: {title: O, count: '%s', at_least: 1, by: '%s'}}\n"


def chain(length: int) -> str:
    """Values, each of which is the next one, and the last a fact."""
    links = "".join(f"  v{number}: {{is: v{number + 1}}}\n" for number in range(1, length))
    return f"values:\n{links}  v{length}: {{is: report}}\n"


def said(more: str, plan: str = PLAN) -> list[str]:
    """What is wrong with a plan that has more in it: its words alone, without the dot before a hint."""
    return [each.rstrip(".") for each in faults(plan + more, FILES)]


def test_twenty_values_may_rest_on_one_another() -> None:
    assert len(workflow(PLAN + chain(20), FILES).values) == 20
    assert said(chain(21)) == ["32:13: values rest on one another too deep"]


def test_a_value_that_is_defined_by_itself() -> None:
    assert said("values:\n  a: {is: b or report}\n  b: {is: c}\n  c: {is: b}\n") == [
        "13:11: “b” is defined by itself: b → c → b"
    ]


CONDITIONS = [
    ("reprt", "there is no name “reprt”"), ("seen", "seen is recorded about steps, and conditions are about parties"),
    ("joined < cycle.due", "this workflow has no cycle, so there is no cycle.due"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "wrong"), CONDITIONS)
def test_a_name_that_a_condition_may_not_use(condition: str, wrong: str) -> None:
    offset = condition.find("cycle.due") if "cycle.due" in condition else 0
    assert said(GOALS % (condition, "end")) == [f"11:{36 + offset}: {wrong}"]


DATES = [
    ("report", "“report” is a fact, and not a date"), ("region", "“region” is an attribute, and not a date"),
    ("joined", "“joined” differs from party to party, and this date is one for all"),
    ("half", "“half” differs from party to party, and this date is one for all"),
    ("settings.word", "“settings.word” is “soon”, and that is not a date"), ("ende", "there is no date “ende”"),
    ("cycle.due", "this workflow has no cycle, so there is no cycle.due"), ("all", "“all” is a set, and not a date"),
    ("is_so", "“is_so” is a value, and not a date"),
]  # fmt: skip
DECLARED = "values: {half: {date: joined + 1 month}, is_so: {is: report}}\nsets: {all: {who: report}}\n"
SETTING = "settings: {word: {value: soon}}\n"


@pytest.mark.parametrize(("date", "wrong"), DATES)
def test_a_name_that_is_no_date_for_all(date: str, wrong: str) -> None:
    assert [each.partition(" ")[2] for each in said(DECLARED + SETTING + GOALS % ("report", date))] == [wrong]


def test_a_day_of_the_cycle_is_one_of_its_steps() -> None:
    plan = YEARLY + "steps: {e: {event: E, when: cycle.due + 1 day}}\n"
    assert said("", plan) == ["7:29: “cycle.due + 1 day” differs from cycle to cycle"]
