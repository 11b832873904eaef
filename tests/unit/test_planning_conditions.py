"""The language, “Facts” and “Conditions”, sentence by sentence: what a condition says of a party."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import pytest

from engine.definition.building.roster import roster_facts
from engine.definition.conditions import Condition
from engine.definition.facts import Fact, FactBook
from engine.definition.workflow import Plannable
from engine.errors import BadInput
from engine.planning.world.scope import PartyScope, World, true_since
from tests.planning_model import Outbox, chase, roster, small
from tests.support import fact, moment

STEPS = """\
  meeting:
    event: A meeting
    when: 2018-05-22
  print:
    task: Print it
    by: end
  talks:
    ongoing: Talks
    review: every 2 months
"""
EXTRA = """\
values:
  due: {date: joined + 180 days}
  first: {is: 'report or oral'}
  it: {is: %s}
sets:
  all_members: {who: member}
  candidates: {who: status == "candidate"}
  first_candidates: {who: status == "candidate", as_of: 2018-02-01}
settings:
  whom: {value: candidates, of: [candidates, first_candidates]}
  tone: {value: firm, of: [firm, soft]}
  march: {value: 2018-03}
"""
PARTIES = ["AA,AA,2017-11-01,yes,", "BB,BB,,no,", "CC,CC,2018-02,,"]


@lru_cache(maxsize=256)
def plan(condition: str) -> Plannable:
    return small(STEPS + chase(), parties=roster(PARTIES), extra=EXTRA % json.dumps(condition))


def holds(condition: str, facts: Sequence[Fact] = (), party: str | None = "AA", **scope: date) -> bool:
    """Whether a condition holds for a party, given facts."""
    loaded = plan(condition)
    world = World(loaded, FactBook([*roster_facts(loaded), *facts]))
    value = loaded.workflow.values["it"]
    assert isinstance(value, Condition)
    return value.holds(PartyScope(world, loaded.parties[party] if party else None, **scope))  # type: ignore[arg-type]


REPORT = fact("report", "2018-03-05", party="AA", details={"form": "full"})
CANDIDATE = fact("status", "candidate", party="AA", on="2018-01-15")


@pytest.mark.parametrize(
    ("condition", "facts", "expected"),
    [
        # what is not set is false, and any comparison with it is false, but != and not in are true
        ("report", [], False),
        ("not report", [], True),
        ("status == 'candidate'", [], False),
        ("status != 'candidate'", [], True),
        ("status in ['candidate']", [], False),
        ("status not in ['candidate']", [], True),
        ("report < date('2018-01-01')", [], False),
        ("report >= date('2018-01-01')", [], False),
        ("report == date('2018-01-01')", [], False),
        ("report != date('2018-01-01')", [], True),
        ("report < oral", [REPORT], False),
        ("oral > report", [REPORT], False),
        ("report.form == 'full'", [], False),
        ("report.form != 'full'", [], True),
        ("report.form in ['full', 'empty']", [], False),
        ("report.form not in ['full', 'empty']", [], True),
        ("report.form", [], False),
        # what is set
        ("report", [REPORT], True),
        ("report.form == 'full'", [REPORT], True),
        ("report.form == 'empty'", [REPORT], False),
        ("report.form != 'full'", [REPORT], False),
        ("report and report.form == 'full'", [REPORT], True),
        ("'full' == report.form", [REPORT], True),
        ("status", [CANDIDATE], True),
        ("status == 'candidate'", [CANDIDATE], True),
        ("status in ['prepared', 'candidate']", [CANDIDATE], True),
        ("status != 'prepared'", [CANDIDATE], True),
        # and or not, parentheses, chains
        ("report and oral or status", [CANDIDATE], True),
        ("report and (oral or status)", [CANDIDATE], False),
        ("not report or oral", [REPORT], False),
        ("not (report and oral)", [REPORT], True),
        ("date('2018-01-01') < report < date('2018-12-31')", [REPORT], True),
        ("date('2018-01-01') < report < date('2018-02-28')", [REPORT], False),
        # dates with named and written dates; a range or month compares by its first day
        ("report < date('2018-03')", [REPORT], False),
        ("report > date('2018-03')", [REPORT], True),
        ("report >= date('2018-03-05..2018-03-09')", [REPORT], True),
        ("report <= date('2018-03-05..2018-03-09')", [REPORT], True),
        ("report > date('2018-03-05..2018-03-09')", [REPORT], False),
        ("report == date('2018-03-05')", [REPORT], True),
        ("date('2018-03-06') > report", [REPORT], True),
        ("report < end", [REPORT], True),
        ("report < due", [REPORT], True),
        ("report < meeting", [REPORT], True),
        ("report > settings.march", [REPORT], True),
        ("due < end", [], True),
        ("due == date('2018-04-30')", [], True),
        # attributes and flags
        ("member", [], True),
        ("member == 'yes'", [], True),
        ("member != 'no'", [], True),
        ("joined", [], True),
        ("joined < date('2018-01-01')", [], True),
        # values, sets, settings
        ("first", [REPORT], True),
        ("not first", [], True),
        ("all_members", [], True),
        ("candidates", [CANDIDATE], True),
        ("candidates", [], False),
        ("settings.whom", [CANDIDATE], True),
        ("settings.tone == 'firm'", [], True),
        ("settings.tone == 'soft'", [], False),
        # built-in facts
        ("meeting.attended", [], False),
        ("meeting.attended", [fact("attended", "yes", party="AA", step="meeting", on="2018-05-22")], True),
        ("meeting.attended", [fact("attended", "no", party="AA", step="meeting", on="2018-05-22")], False),
        ("meeting.attended", [fact("attended", "yes", party="BB", step="meeting", on="2018-05-22")], False),
        ("meeting.held and not meeting.cancelled", [fact("held", "yes", step="meeting", on="2018-05-22")], True),
        ("meeting.coming or meeting.invited", [fact("coming", "yes", party="AA", step="meeting", on="2018-05-01")], True),
        ("print.done", [fact("done", "yes", step="print", on="2018-05-01")], True),
        ("talks.reviewed", [fact("reviewed", "yes", step="talks", on="2018-05-01")], True),
        ("talks.contacted", [fact("contacted", "yes", party="AA", step="talks", on="2018-05-01")], True),
        ("ask.contacted", [fact("contacted", "yes", party="AA", step="ask", on="2018-05-01")], True),
        # about the workflow
        ("policy", [fact("policy", "good", on="2018-02-01")], True),
        ("policy == 'good'", [fact("policy", "good", on="2018-02-01")], True),
    ],
)  # fmt: skip
def test_what_a_condition_says(condition: str, facts: list[Fact], expected: bool) -> None:
    assert holds(condition, facts) is expected


@pytest.mark.parametrize(
    ("condition", "party", "expected"),
    [
        ("member", "BB", False),
        ("member == 'no'", "BB", True),
        ("member", "CC", False),
        ("not member", "CC", True),
        ("member != 'yes'", "CC", True),
        ("all_members", "CC", False),
        ("joined", "BB", False),
        ("due < end", "BB", False),
        ("not due < end", "BB", True),
        ("joined == date('2018-02-01')", "CC", True),  # a month compares by its first day
        ("due == date('2018-08-27')", "CC", True),  # and plus counts from its last
    ],
)
def test_what_is_not_set_for_a_party_is_false_for_it(condition: str, party: str, expected: bool) -> None:
    assert holds(condition, party=party) is expected


@pytest.mark.parametrize(
    "condition",
    [
        "today > end", "report < 'soon'", "status == 'prepred'", "status < 'candidate'", "report in ['2018-01-01']",
        "report.shape == 'full'", "meeting.happened", "print.attended", "nothing", "len(report)", "report if oral else status",
        "report is oral", "status == 1", "'full'", "candidates == 'yes'", "lambda: report", "report + 1", "f'{report}'",
        "[report]", "settings.tune == 'firm'", "date('2018-13-01') < end", "date(end) < end", "a.b.c", "member == 'maybe'",
    ],
)  # fmt: skip
def test_what_is_not_in_the_language_is_refused(condition: str) -> None:
    with pytest.raises(BadInput):
        plan(condition)


def test_recording_again_supersedes_and_taking_back_uncovers() -> None:
    first = fact("status", "candidate", party="AA", on="2018-01-15")
    second = fact("status", "prepared", party="AA", on="2018-02-15")
    book = FactBook([first, second])
    world = World(plan("status"), book)
    scope = PartyScope(world, world.parties["AA"])
    assert scope.fact("status") == "prepared"
    book.retract(second, moment("2018-03-01"))
    assert scope.fact("status") == "candidate"
    assert [each.value for each in book.history("status", first.subject)] == ["candidate", "prepared"], "both are kept"


def test_recorded_again_for_one_day_the_later_recording_counts_with_its_details() -> None:
    empty = fact("report", "2018-03-05", party="AA", details={"form": "empty"}, at="2018-03-06")
    full = fact("report", "2018-03-05", party="AA", details={"form": "full"}, at="2018-03-07")
    assert holds("report.form == 'full'", [empty, full])
    assert not holds("report.form == 'empty'", [empty, full]), "details are superseded together with it"


def test_a_detail_holds_if_any_value_in_the_span_has_it() -> None:
    facts = [
        fact("report", "2018-03-05", party="AA", details={"form": "full"}),
        fact("report", "2018-04-05", party="AA", details={"form": "empty"}),
    ]
    assert holds("report.form == 'full'", facts)
    assert holds("report.form == 'empty'", facts)
    assert not holds("report.form != 'full'", facts)
    assert holds("report.form == 'full'", facts, since=date(2018, 3, 5))
    assert not holds("report.form == 'full'", facts, since=date(2018, 3, 6))


@pytest.mark.parametrize(("on", "counts"), [("2017-12-31", False), ("2018-01-01", True), ("2018-03-05", True)])
def test_in_until_a_date_fact_is_the_newest_true_since_the_plan_started(on: str, counts: bool) -> None:
    old = fact("report", on, party="AA", details={"form": "full"}, at="2018-01-02")
    outbox = Outbox(small(chase("[at once]")), "2018-01-03", [old])
    assert (outbox.slots() == {}) is counts
    # anywhere else it is the newest of all
    assert holds("report", [old])


@pytest.mark.parametrize(("on", "counts"), [("2018-02-28", False), ("2018-03-01", True)])
def test_since_says_otherwise(on: str, counts: bool) -> None:
    old = fact("report", on, party="AA", at="2018-03-02")
    outbox = Outbox(small(chase("[at once]", more="since: 2018-03-01")), "2018-03-05", [old])
    assert (outbox.slots() == {}) is counts


def test_since_reaches_through_a_value_named_in_until() -> None:
    steps = STEPS + chase("[at once]", until="first")
    loaded = small(steps, parties=roster(PARTIES), extra=EXTRA % '"first"')
    assert Outbox(loaded, facts=[fact("oral", "2017-06-01", party="AA")]).slots() != {}
    assert Outbox(loaded, facts=[fact("oral", "2018-01-01", party="AA")]).slots() == {}


def test_a_set_is_frozen_as_of_its_day() -> None:
    later = fact("status", "candidate", party="AA", on="2018-02-02")
    on_the_day = fact("status", "candidate", party="AA", on="2018-02-01")
    no_more = fact("status", "declined", party="AA", on="2018-03-01")
    assert not holds("first_candidates", [later])
    assert holds("candidates", [later])
    assert holds("first_candidates", [on_the_day])
    assert holds("first_candidates", [on_the_day, no_more])
    assert not holds("candidates", [on_the_day, no_more])
    recorded_late = fact("status", "candidate", party="AA", on="2018-01-20", at="2018-06-01")
    assert holds("first_candidates", [recorded_late]), "it was true on that day"


def test_the_roster_gives_starting_values_that_recorded_facts_supersede() -> None:
    header = "id,name,joined,member,timezone,status,report,report.form"
    parties = roster(["AA,AA,,yes,,candidate,2017-06-01,full", "BB,BB,,yes,,,,", "CC,CC,,yes,,,,"], header)
    loaded = small(chase(), parties=parties)
    book = FactBook(roster_facts(loaded))
    world = World(loaded, book)
    scope = PartyScope(world, loaded.parties["AA"])
    assert scope.fact("status") == "candidate"
    assert PartyScope(world, loaded.parties["AA"], as_of=date(2017, 1, 1)).fact("status") == "candidate", (
        "true before the plan"
    )
    assert list(scope.details("report", "form")) == ["full"]
    assert PartyScope(world, loaded.parties["AA"], as_of=date(2017, 5, 31)).fact("report") is None, (
        "a date is true on its day"
    )
    book.add(fact("status", "declined", party="AA", on="2018-02-01"))
    assert scope.fact("status") == "declined"
    assert PartyScope(world, loaded.parties["AA"], as_of=date(2018, 1, 31)).fact("status") == "candidate"
    assert PartyScope(world, loaded.parties["BB"]).fact("status") is None


def test_a_condition_has_held_since_the_recording_that_made_it_true_without_a_break() -> None:
    yes = fact("attended", "yes", party="AA", step="meeting", on="2018-05-22", at="2018-05-24T10:00")
    again = fact("attended", "yes", party="AA", step="meeting", on="2018-05-22", at="2018-05-25T10:00")
    no = fact("attended", "no", party="AA", step="meeting", on="2018-05-22", at="2018-05-28T10:00")
    loaded = plan("meeting.attended")
    value = loaded.workflow.values["it"]
    assert isinstance(value, Condition)

    def since(*facts: Fact) -> str | None:
        scope = PartyScope(World(loaded, FactBook(facts)), loaded.parties["AA"])
        found = true_since(value, scope)
        return f"{found:%m-%d}" if found else None

    assert since() is None
    assert since(yes) == "05-24"
    assert since(yes, again) == "05-24"
    assert since(yes, no) is None
    third = fact("attended", "yes", party="AA", step="meeting", on="2018-05-22", at="2018-05-30T10:00")
    assert since(yes, no, third) == "05-30"


def test_sending_decides_by_what_is_recorded() -> None:
    # true on 3 March and recorded a week later: what was due between has left
    outbox = Outbox(small(chase("[at once, every 1 week at most 20]")))
    outbox.run("2018-03-10T12:00")
    outbox.record("report", "2018-03-03", party="AA")
    assert outbox.left()[-1] == "every-1w-9"
    outbox.run("2018-12-01")
    assert outbox.left()[-1] == "every-1w-9"
