"""What a plan writes as expressions is said in words where people read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.definition import loader
from engine.definition.phrases import Phrases
from engine.definition.syntax.sources import SourceFile
from engine.definition.workflow import Event, FollowUp, Target
from tests.installation import Installation
from tests.support import plannable
from tests.visitor import visit, words

PLAN = """
workflow: sample
title: A sample
timezone: Europe/Zurich
owner: lead
roles: {lead: {title: Lead, email: lead@example.org}}
anchors: {closing: {on: 2018-09-03, title: The closing meeting}}
attributes: {region: {type: choice, of: [Africa, Pacific], label: the region}, in_force: {type: date}}
facts:
  law: {type: choice, of: [new_law, old_law, law_and_order]}
  report: {type: date, label: Report received, details: {kind: {of: [full, empty]}}}
sets: {islands: {who: region == "Pacific"}}
values: {due: {date: in_force + 180 days}}
steps:
  first:
    target: First
    count: %s
    at_least: 1
    by: due_day
  visit: {event: A visit, when: 2018-05}
""".replace("due_day", "closing - 60 days")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('region == "Africa"', "the region is Africa"),
        ('law in ["new_law", "old_law"]', "law is new law or old law"),
        ('law in ["new_law", "law_and_order", "old_law"]', "law is new law, law and order or old law"),
        ('law != "new_law" and not islands', "law is not new law and not one of islands"),
        ("(report or visit.attended) and islands", "(Report received or took part in “A visit”) and one of islands"),
        ('report.kind == "full"', "its kind is full"),
        ('not (report < date("2018-01"))', "not (Report received is before January 2018)"),
        ("due <= closing", "in force + 180 days is not after The closing meeting"),
    ],
)
def test_conditions(written: str, said: str) -> None:
    text = PLAN % f"'{written}'"
    plan = loader.load(SourceFile("sample.yaml", text), lambda name: "", {}).plannable.workflow
    step = plan.steps["first"]
    assert isinstance(step, Target)
    assert Phrases(plan).condition(step.count.count) == said
    assert Phrases(plan).date(step.by) == "The closing meeting - 60 days"


def test_the_notes_plan() -> None:
    plan = plannable().workflow
    phrases = Phrases(plan)
    assert [phrases.measure(each) for each in plan.objectives["b"].measures] == [
        "among the States Parties yet to report: has reported for the first time",
        "each of the Pacific Island States Parties: has reported for the first time",
    ]
    africa, follow_up = plan.steps["africa_workshop"], plan.steps["ny_follow_up"]
    assert isinstance(africa, Event)
    assert isinstance(follow_up, FollowUp)
    assert phrases.reason(f"not among those invited ({africa.invite.text if africa.invite else ''})") == (
        "not among those invited (region is Africa)"
    )
    assert phrases.reason(f"What would stop it: {follow_up.until.text}.") == (
        "What would stop it: Article 7 report received and its Form A is substantive."
    )
    assert phrases.reason("It is withdrawn: done: report, true on 2018-04-03.") == (
        "It is withdrawn: done: Article 7 report received, true on 3 April 2018."
    )
    assert phrases.reason("done: dissemination prepared, true on 2018-02-01") == (
        "done: Reporting on dissemination: prepared, true on 1 February 2018"
    )
    assert phrases.reason("the day of auckland (February 2018) is not fixed") == (
        "the day of “Conference for Pacific Island countries in Auckland” (February 2018) is not fixed"
    )
    assert phrases.reason("ny_workshop is recorded as held") == (
        "“Workshop in New York on transparency reporting” is recorded as held"
    )
    key = "ccm-nim-2018/-/ny_workshop/-/1/nim_coordinator/approve-1"
    assert phrases.reason(key) == key
    assert phrases.setting("by_march") == "March 2018"
    assert phrases.setting("half_of") == "the States Parties yet to report"


@pytest.mark.parametrize(
    ("token", "said"),
    [("before-12w", "12 weeks before"), ("on-day", "on the day"), ("after-1m", "1 month after"),
     ("every-4w-2", "every 4 weeks, number 2"), ("at-once", "at once"), ("thanks", "thanks")],
)  # fmt: skip
def test_slots(token: str, said: str) -> None:
    assert Phrases(plannable().workflow).slot(token) == said


def test_the_pages_have_no_code(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        house.apply()
        house.apply("article7-annual")
        visitor = visit(house.app)
        told = words(visitor.get("/")) + words(visitor.get("/party/FJ")) + words(visitor.get("/party/AU"))
    with Installation(tmp_path / "later", "2026-11-20") as house:
        house.apply("article7-annual")
        visitor = visit(house.app)
        told += words(visitor.get("/")) + words(visitor.get("/party/FJ"))
    for code in (
        "settings.",
        "==",
        "initial_due",
        "before-12w",
        "first_report",
        "has_law",
        "yet_to_report",
        " annual 20",
    ):
        assert code not in told, told[max(0, told.find(code) - 80) : told.find(code) + 80]
    assert "by 30 April 2027" in told
    assert "30 April 2026" not in told, "the plan starts after it"
    assert "each party’s own date: 180 days after its entry into force" in told
    assert "Next: “Annual report”, 12 weeks before, on " in told


def test_a_step_is_named_by_its_title_where_a_plan_has_several_with_underscores() -> None:
    text = PLAN.replace(
        "  first:",
        "  one_more: {event: One more, when: 2018-05}\n  and_more: {event: And more, when: 2018-06}\n  first:",
    )
    plan = loader.load(SourceFile("sample.yaml", text % "report"), lambda name: "", {}).plannable.workflow
    assert Phrases(plan).reason("one_more and and_more come first") == "“One more” and “And more” come first"
