"""What a rule for extensions says of one that is given: asked for in time, not too often, not too far."""

from __future__ import annotations

import pytest

from engine.definition.building.roster import roster_facts
from engine.definition.dates import parse_span
from engine.definition.facts import Fact, FactBook
from engine.definition.workflow import FollowUp
from engine.planning.world.cycles import cycle_named
from engine.planning.world.extensions import against_rule, given, last_day
from engine.planning.world.scope import World
from tests.planning_model import chase, roster, small
from tests.support import fact
from tests.unit.test_planning_cases import ask, plan
from tests.unit.test_planning_two_cycles import two

BEFORE, WEEKS, TWICE = "asked: before", "asked: 2 weeks before", "at_most: 2"
FAR = "until: by + 60 days"
NOT_ASKED = "it has to be asked for before its deadline, 29 June 2018, is over, and no extension_asked is on record"


def asked(on: str) -> Fact:
    return fact("extension_asked", on, party="AA", step="ask", on=on)


def extended(to: str, on: str) -> Fact:
    return fact("extended_to", to, party="AA", step="ask", on=on)


CASES: list[tuple[str, list[Fact], str, list[str]]] = [
    (BEFORE, [], "2018-07-31", [NOT_ASKED]),
    (BEFORE, [asked("2018-06-29")], "2018-07-31", []),
    (
        BEFORE, [asked("2018-06-30")], "2018-07-31",
        ["it has to be asked for before its deadline, 29 June 2018, is over, and was asked for on 30 June 2018"],
    ),
    (
        BEFORE, [asked("2018-06-20"), extended("2018-07-31", "2018-06-21")], "2018-08-31",
        [
            "it has to be asked for again before its deadline, 31 July 2018, is over, and no extension_asked is on"
            " record since the last one"
        ],
    ),
    (BEFORE, [asked("2018-06-20"), extended("2018-07-31", "2018-06-21"), asked("2018-07-20")], "2018-08-31", []),
    (WEEKS, [asked("2018-06-15")], "2018-07-31", []),
    (
        WEEKS, [asked("2018-06-16")], "2018-07-31",
        ["it has to be asked for by 15 June 2018, 2 weeks before its deadline, and was asked for on 16 June 2018"],
    ),
    (
        WEEKS, [], "2018-07-31",
        ["it has to be asked for by 15 June 2018, 2 weeks before its deadline, and no extension_asked is on record"],
    ),
    (TWICE, [extended("2018-07-31", "2018-06-21")], "2018-08-31", []),
    (
        TWICE, [extended("2018-07-31", "2018-06-21"), extended("2018-08-31", "2018-07-21")], "2018-09-30",
        ["at most 2, and its deadline was extended 2 times already"],
    ),
    (
        "at_most: 1", [extended("2018-07-31", "2018-06-21")], "2018-08-31",
        ["at most 1, and its deadline was extended once already"],
    ),
    (FAR, [], "2018-08-28", []),
    (FAR, [], "2018-08-29", ["to 28 August 2018 at the latest (by + 60 days)"]),
    (FAR, [extended("2018-07-31", "2018-06-21")], "2018-08-29", ["to 28 August 2018 at the latest (by + 60 days)"]),
    ("until: 2018-09", [], "2018-09-30", []),
    ("until: 2018-09", [], "2018-10-01", ["to 30 September 2018 at the latest (2018-09)"]),
    (f"{BEFORE}, at_most: 1, {FAR}", [], "2018-12-01", [NOT_ASKED, "to 28 August 2018 at the latest (by + 60 days)"]),
]  # fmt: skip


def world(rule: str, facts: list[Fact]) -> tuple[World, FollowUp]:
    made = plan(ask=ask(more=f"extensions: {{{rule}}}" if rule else ""))
    step = made.workflow.steps["ask"]
    assert isinstance(step, FollowUp)
    return World(made, FactBook([*roster_facts(made), *facts])), step


@pytest.mark.parametrize(("rule", "facts", "to", "said"), CASES)
def test_a_rule_and_an_extension(rule: str, facts: list[Fact], to: str, said: list[str]) -> None:
    there, step = world(rule, facts)
    assert against_rule(there, step, there.plannable.parties["AA"], None, parse_span(to)) == said


def test_where_no_rule_is_everything_may_be_given() -> None:
    there, step = world("", [])
    party = there.plannable.parties["AA"]
    assert against_rule(there, step, party, None, parse_span("2030-01-01")) == []
    assert last_day(there, step, party, None) is None


def test_what_was_given_stands_in_its_order_and_for_its_party() -> None:
    second, first = extended("2018-08-31", "2018-07-21"), extended("2018-07-31", "2018-06-21")
    there, step = world(TWICE, [second, first])
    assert [each.value for each in given(there, step, there.plannable.parties["AA"], None)] == [
        "2018-07-31",
        "2018-08-31",
    ]
    assert given(there, step, there.plannable.parties["BB"], None) == []


@pytest.mark.parametrize(
    ("cycle", "said"),
    [
        (
            "2018",
            [
                "it has to be asked for again before its deadline, 31 May 2018, is over, and no extension_asked is on"
                " record since the last one",
                "at most 1, and its deadline was extended once already",
                "to 29 June 2018 at the latest (by + 60 days)",
            ],
        ),
        ("2019", ["it has to be asked for before its deadline, 30 April 2019, is over, and no extension_asked is on record"]),
    ],
)  # fmt: skip
def test_each_year_has_its_own_extensions(cycle: str, said: list[str]) -> None:
    made = two("    extensions: {asked: before, at_most: 1, until: by + 60 days}\n")
    facts = [
        fact("extension_asked", "2018-04-20", party="AA", step="annual", cycle="2018"),
        fact("extended_to", "2018-05-31", party="AA", step="annual", cycle="2018", on="2018-04-25"),
    ]
    step, there = made.workflow.steps["annual"], World(made, FactBook(facts))
    assert isinstance(step, FollowUp)
    found = cycle_named(made.workflow, cycle)
    assert against_rule(there, step, made.parties["AA"], found, parse_span("2018-06-30")) == said
    assert [each.value for each in given(there, step, made.parties["AA"], found)] == ["2018-05-31"][: len(said) - 1]


def test_of_a_party_without_a_deadline_the_rule_says_no_last_day() -> None:
    given = chase(by="joined", more=f"extensions: {{{FAR}}}")
    made = small(given, parties=roster(["AA,AA,2018-03-01,yes,", "BB", "CC"]))
    step, there = made.workflow.steps["ask"], World(made, FactBook(roster_facts(made)))
    assert isinstance(step, FollowUp)
    found = [last_day(there, step, party, None) for party in made.parties.values()]
    assert found == [parse_span("2018-04-30"), None, None]
