"""Plan and outbox compared, state by state; and what is learnt, part by part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from engine.definition.facts import Fact
from engine.definition.workflow import Plannable
from engine.letter import Letter, LetterKey, Recorded
from engine.lifecycle import State
from engine.planning.arrange import arrange
from engine.planning.changes import Action, Change
from engine.planning.planner import Silence
from engine.planning.reconcile import reconcile
from engine.planning.world import lineage
from tests import support
from tests.planning_model import Outbox, chase, roster, small
from tests.support import moment

NOW = datetime(2018, 3, 1, 8, tzinfo=UTC)
AHEAD, PAST = NOW + timedelta(days=2), NOW - timedelta(days=2)


def letter(due: datetime | None = AHEAD, state: str = "scheduled", slot: str = "on-day") -> Letter:
    key = str(LetterKey("small", None, "ask", "AA", 1, "aa_m", slot))
    stale = due + timedelta(days=3) if due else None
    return Letter(
        key, "small", None, "ask", "follow_up", "AA", 1, "aa_m", slot, due, "Europe/Zurich", state, "the plan's words",
        "nudge", True, stale,
    )  # fmt: skip


def row(state: str, due: datetime = AHEAD, slot: str = "on-day", number: int = 1) -> Recorded:
    planned = letter(due, slot=slot)
    return Recorded(
        number, *planned[:9], due, planned.zone, state, "the row's words", *planned[13:16], planned.ordinary, PAST, 1
    )  # fmt: skip


WITHDRAWN_NOW = [(state, "withdraw") for state in ("scheduled", "awaiting_approval", "claimed", "handing")]
LEFT_ALONE = [(state, None) for state in ("sent", "bounced", "answered", "failed", "missed", "withdrawn")]


@pytest.mark.parametrize(("state", "action"), [*WITHDRAWN_NOW, *LEFT_ALONE])
def test_what_the_plan_does_not_want_is_withdrawn_unless_it_has_left(state: str, action: str | None) -> None:
    changes = reconcile([], [row(state)], NOW, [Silence("ask", None, "AA", "done: report")])
    assert [(change.action.value, change.reason) for change in changes] == (
        [(action, "done: report")] if action else []
    )


@pytest.mark.parametrize(
    ("wanted", "due", "action"),
    [
        ("scheduled", AHEAD, "insert"),
        ("scheduled", NOW, "insert"),
        ("scheduled", PAST, None),  # nothing is inserted for a time that has passed
        ("tentative", None, None),
        ("waiting", None, None),
        ("absorbed", AHEAD, None),
        ("missed", PAST, None),
    ],
)
def test_what_has_no_row_yet(wanted: str, due: datetime | None, action: str | None) -> None:
    changes = reconcile([letter(due, wanted)], [], NOW, [])
    assert [change.action.value for change in changes] == ([action] if action else [])


@pytest.mark.parametrize(
    ("state", "was", "due", "action"),
    [
        ("scheduled", AHEAD, AHEAD, None),
        ("scheduled", AHEAD, NOW, "retime"),
        ("awaiting_approval", AHEAD, NOW, "retime"),
        ("claimed", PAST, AHEAD, "retime"),
        ("withdrawn", AHEAD, AHEAD, "revive"),
        ("withdrawn", PAST, PAST, "miss"),
        ("missed", PAST, PAST, None),
        ("missed", PAST, AHEAD, "revive"),
        ("sent", PAST, AHEAD, None),
        ("bounced", PAST, AHEAD, None),
        ("answered", PAST, AHEAD, None),
        ("failed", PAST, AHEAD, None),
        ("handing", PAST, AHEAD, None),
    ],
)
def test_what_the_plan_wants_and_the_outbox_has(state: str, was: datetime, due: datetime, action: str | None) -> None:
    changes = reconcile([letter(due)], [row(state, was)], NOW, [])
    assert [change.action.value for change in changes] == ([action] if action else [])


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("absorbed", "withdraw"), ("tentative", "withdraw"), ("waiting", "withdraw"), ("missed", "miss")],
)
@pytest.mark.parametrize("state", ["scheduled", "awaiting_approval", "claimed", "withdrawn", "missed", "sent"])
def test_what_the_plan_shows_and_does_not_send(wanted: str, expected: str, state: str) -> None:
    live = state in ("scheduled", "awaiting_approval", "claimed")
    changes = reconcile([letter(None if wanted in ("tentative", "waiting") else PAST, wanted)], [row(state)], NOW, [])
    assert [(change.action.value, change.reason) for change in changes] == (
        [(expected, "the plan's words")] if live else []
    )


@pytest.mark.parametrize(
    ("was", "action"),
    [
        ({"due_at": AHEAD + timedelta(minutes=1)}, "retime"),
        ({"stale_at": AHEAD + timedelta(days=4)}, "retime"),
        ({"zone": "Asia/Kathmandu"}, "retime"),
        ({"template": "reminder"}, "retime"),
        ({"approval": False}, "retime"),
        ({"person": "old@aa.example"}, "readdress"),
        ({"zone": "Asia/Kathmandu", "person": "old@aa.example"}, "retime"),
        ({"reason": "other words"}, None),
        ({"told": "2018-03-01"}, None),
    ],
)
def test_what_the_outbox_has_otherwise_by_one_value(was: dict[str, Any], action: str | None) -> None:
    wanted = letter()._replace(person="new@aa.example")
    there = row("scheduled")._replace(**{"person": "new@aa.example", **was})
    words = "it goes to new@aa.example" if action == "readdress" else "the plan's words"
    changes = [Change(Action(action), wanted.key, words, wanted)] if action else []
    assert reconcile([wanted], [there], NOW, []) == changes


def test_what_was_withdrawn_and_passed_meanwhile_says_why() -> None:
    (change,) = reconcile([letter(PAST)], [row("withdrawn", PAST)], NOW, [])
    assert change == Change(Action.MISS, change.key, "its time passed while it was withdrawn (the row's words)")


def test_what_a_person_refused_no_plan_overrides() -> None:
    refused = row("missed", PAST)._replace(refused="not this year")
    assert reconcile([letter(AHEAD)], [refused], NOW, []) == []


# Late together


def test_late_letters_of_two_people_or_two_steps_are_apart() -> None:
    one, two = row("scheduled", PAST, "before-2w"), row("scheduled", PAST, "on-day", 2)
    assert [change.key for change in arrange([one, two], NOW)] == [one.key]
    assert arrange([one, two._replace(addressee="aa_2")], NOW) == []
    assert arrange([one, two._replace(step="after")], NOW) == []
    assert arrange([one, two._replace(cycle="2019")], NOW) == []


def test_thanks_and_news_do_not_collapse() -> None:
    one, two = row("scheduled", PAST, "before-2w"), row("scheduled", PAST, "thanks", 2)._replace(ordinary=False)
    assert arrange([one, two], NOW) == []


@pytest.mark.parametrize(
    ("slot", "state", "stale", "missed"),
    [
        ("on-day", "scheduled", NOW, True),
        ("on-day", "scheduled", NOW + timedelta(seconds=1), False),
        ("on-day", "scheduled", None, False),
        ("at-once", "scheduled", NOW, False),
        ("at-once", "awaiting_approval", NOW, True),
        ("before-2w", "awaiting_approval", NOW, True),
        ("before-2w", "claimed", NOW, False),
    ],
)
def test_what_is_later_than_its_time_allows_is_missed(
    slot: str, state: str, stale: datetime | None, missed: bool
) -> None:
    changes = arrange([row(state, PAST, slot)._replace(stale_at=stale)], NOW)
    assert [change.action for change in changes] == ([Action.MISS] if missed else [])
    if missed and state == "awaiting_approval":
        assert changes[0].reason == "nobody approved it in time"


def test_what_is_not_due_is_not_touched() -> None:
    assert arrange([row("scheduled", AHEAD, "before-2w"), row("scheduled", AHEAD, "on-day", 2)], NOW) == []


# Whom a fact touches


MEETING = (
    '  meeting:\n    event: A meeting\n    when: 2018-05-22\n    invite: member == "yes"\n    invitations: [at once]\n'
)


def learnt(more: str = "") -> Outbox:
    return Outbox(small(MEETING + chase(more=more), parties=roster(["AA", "BB,BB,,no,", "CC,CC,,no,"])))


def test_a_fact_about_a_party_touches_that_party_and_one_about_a_step_all() -> None:
    box = learnt()
    about = {
        box.record("report", "2018-01-01", party="AA"): ["AA"],
        box.record("attended", "yes", party="BB", step="meeting"): ["BB"],
        box.record("address", "new@aa.example", contact="aa_m"): ["AA"],
        box.record("date", "2018-05-23", step="meeting"): None,
        box.record("date", "2018-07-23", anchor="end"): None,
        box.record("policy", "good"): None,
    }
    for fact, parties in about.items():
        assert box.planner.touched(fact) == parties


def test_a_fact_that_closes_a_step_touches_all_however_often_it_is_asked() -> None:
    """Also in a process that has planned nothing yet, such as the command that records it."""
    box = learnt('closes_when: {each: member == "yes", is: report}')
    assert box.planner.touched(box.record("status", "candidate", party="AA")) == ["AA"]
    other = learnt('closes_when: {each: member == "yes", is: report}')
    fact = box.record("report", "2018-01-01", party="AA")
    other.letters()
    assert other.planner.learn(fact) is None
    assert other.planner.touched(fact) is None
    other.letters()
    assert other.planner.touched(fact) == ["AA"], "once everybody was planned with it"
    assert box.fresh().touched(fact) is None


@pytest.mark.parametrize(
    ("fact", "again"),
    [
        (support.fact("report", "2018-01-01", party="AA"), {"AA"}),
        (support.fact("policy", "good", on="2018-02-01"), {"AA", "BB"}),
        (support.fact("address", "new@aa.example", contact="aa_m", on="2018-02-01"), set()),
    ],
    ids=lambda value: value.name if isinstance(value, Fact) else "",
)
def test_what_was_found_about_a_party_is_found_anew_where_a_fact_may_change_it(fact: Fact, again: set[str]) -> None:
    """As it is learnt: to ask whom it touches forgets nothing more."""
    planner = learnt().planner
    found = [partial(planner.world.once, party, "found") for party in ("AA", "BB")]
    assert [find(lambda: "before") for find in found] == ["before", "before"]
    planner.learn(fact)
    learned = ["after" if party in again else "before" for party in ("AA", "BB")]
    assert [find(lambda: "after") for find in found] == learned
    planner.touched(fact)
    assert [find(lambda: "asked") for find in found] == learned


def test_facts_that_close_a_step_together_touch_all() -> None:
    box = learnt('closes_when: {each: member == "yes", is: report}')
    box.letters()
    planner = box.planner
    facts = [support.fact("report", "2018-01-01", party=party, at="2018-03-01") for party in box.plan.parties]
    assert planner.learn_all(facts) is None
    assert planner.touched(*facts) is None


TALKS = "  talks:\n    ongoing: Talks\n    review: every 2 months\n"


@pytest.mark.parametrize(
    ("more", "parties"),
    [
        ("", []),
        ("to: talks.reviewed", None),
        ('closes_when: {each: member == "yes", is: talks.reviewed}', None),
    ],
)
def test_a_review_touches_nobody_unless_a_condition_reads_it(more: str, parties: list[str] | None) -> None:
    box = Outbox(small(TALKS + chase(more=more)))
    assert box.planner.touched(box.record("reviewed", "2018-02-01", step="talks")) == parties


# Who is meant, in words that an edit can be held against


def words(to: str, extra: str) -> str:
    plan: Plannable = small(chase(more=f"to: {to}"), extra=extra)
    return lineage.audience(plan.workflow.steps["ask"], plan.workflow)


def test_the_words_of_an_audience_follow_values_sets_and_settings() -> None:
    extra = (
        "values: {{due: {{date: joined + {days} days}}, late: {{is: due < end and not report}}}}\n"
        "sets: {{group: {{who: late, as_of: {day}}}}}\n"
        "settings: {{whom: {{value: {who}, of: [group, everybody]}}}}"
    )
    given = {"days": "180", "day": "2018-02-01", "who": "group"}

    def said(**changed: str) -> str:
        text = extra.format(**{**given, **changed})
        return words("settings.whom", text.replace("sets: {", 'sets: {everybody: {who: member == "yes"}, '))

    assert said() == said()
    for change in ({"days": "190"}, {"day": "2018-02-02"}, {"who": "everybody"}):
        assert said(**change) != said(), change


def test_an_edit_deep_below_a_name_begins_with_it_for_who_is_meant_only_since() -> None:
    extra = 'values: {{due: {{date: joined + {days} days}}, late: {{is: due < date("2018-06-01")}}}}'
    parties = roster(["AA,AA,2017-06-01,yes,", "BB,BB,2017-12-15,yes,", "CC,CC,,yes,"])

    def plan(days: str) -> Plannable:
        return small(chase("[at once]", more="to: late"), parties=parties, extra=extra.format(days=days))

    box = Outbox(plan("180")).run("2018-03-01T12:00")
    assert (box.left("AA"), box.left("BB")) == (["at-once"], [])
    box.apply(plan("160"))  # 15 December and 160 days is 24 May
    box.run("2018-04-01")
    assert box.departures("BB") == [("at-once", "2018-03-02 09:00")]
    assert box.left("AA") == ["at-once"]
    assert State.SCHEDULED not in {each.state for each in box.rows.values() if each.party == "AA"}
    assert box.line is not None
    assert box.line.step("ask").since == moment("2018-01-02")
