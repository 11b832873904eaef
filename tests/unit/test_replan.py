"""Planned again, and the outbox made to agree: whom and which steps, what was done, and what is asked for anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.definition.facts import Subject
from engine.dispatcher.replan import asking_time, decide, replan
from engine.lifecycle import State
from engine.planning.changes import Action
from engine.store import Transaction
from tests.small_plan import PLAN, SIGN, House, fact, put

PARTIES = ("AA", "BB")


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("replan"), "2018-01-08T08:00")
    with house:
        put(house, plan=PLAN + SIGN % "desk")
        yield house


def withdrawn(tx: Transaction) -> list[tuple[str, str | None, str]]:
    return sorted((row.step, row.party, row.slot) for row in tx.recorded("small") if row.state == State.WITHDRAWN)


@pytest.mark.parametrize(
    ("parties", "steps", "gone"),
    [
        (None, None, [("ask", "AA"), ("ask", "BB"), ("sign", "AA"), ("sign", "BB")]),
        (["AA", "AA"], None, [("ask", "AA"), ("sign", "AA")]),
        (["BB"], {"sign"}, [("sign", "BB")]),
        (None, {"ask"}, [("ask", "AA"), ("ask", "BB")]),
        ([], None, []),
    ],
)
def test_only_who_and_what_is_named_is_planned_again(
    house: House, parties: list[str] | None, steps: set[str] | None, gone: list[tuple[str, str]]
) -> None:
    slots = {"ask": ("at-once", "on-day"), "sign": ("before-2w", "on-day")}
    with house.undone() as tx:
        now = house.clock.now()
        for party in PARTIES:
            tx.add_fact("small", fact(0, "report", Subject(party=party), "2018-01-08", recorded_at=now))
        standing = house.app.standings.get(tx, "small", now, changed=True)
        by_step: Counter[tuple[str, Action]] = Counter()
        done = replan(tx, standing, parties, now, actor="anna", cause="a report came", steps=steps, by_step=by_step)
        assert withdrawn(tx) == [(step, party, slot) for step, party in gone for slot in slots[step]]
        told = {(entry.actor, entry.detail.partition(" (")[2]) for entry in tx.journal_entries(action="withdrawn")}
        again = replan(tx, standing, parties, now, actor="anna", cause="once more", steps=steps)
    assert done == Counter({Action.WITHDRAW: 2 * len(gone)} if gone else {})
    assert by_step == Counter((step, Action.WITHDRAW) for step, _ in gone for _ in range(2))
    assert told == ({("anna", "a report came)")} if gone else set())
    assert again == Counter()


def test_deciding_does_nothing(house: House) -> None:
    with house.undone() as tx:
        now = house.clock.now()
        standing = house.app.standings.get(tx, "small", now)
        rows = standing.read_letters(tx, None)
        decided = decide(standing.planner, rows, None, now)
        assert (list(decided.plans), decided.rows, decided.changes) == (["AA", "BB", None], rows, [])
        of_one = decide(standing.planner, [row for row in rows if row.party == "AA"], ["AA"], now, {"ask"})
        assert [row.step for row in of_one.rows] == ["ask", "ask"]
        assert [letter.step for plan in of_one.plans.values() for letter in plan.letters] == ["ask", "ask"]
        nothing = decide(standing.planner, [], ["AA"], now)
        assert {change.action for change in nothing.changes} == {Action.INSERT}


def test_approval_is_asked_for_ten_working_days_before_at_the_plans_hour(house: House) -> None:
    with house.undone() as tx:
        standing = house.app.standings.get(tx, "small", house.clock.now())
        ask_at = asking_time(standing.workflow, standing.planner.world.resolver)
        letters = {(letter.step, letter.slot): letter for letter in standing.planner.plan_party("AA").letters}
        sign = letters["sign", "on-day"]
        assert sign.due_at is not None
        assert ask_at(letters["ask", "on-day"]) is None, "it needs none"
        assert ask_at(sign._replace(due_at=None)) is None
        assert ask_at(sign) == sign.due_at - timedelta(days=14)
        assert ask_at(letters["sign", "before-2w"]) == sign.due_at - timedelta(days=28)
        assert ask_at(sign._replace(due_at=sign.due_at + timedelta(hours=5))) == sign.due_at - timedelta(days=14)


def test_what_was_approved_and_reads_otherwise_is_asked_for_again(house: House) -> None:
    house.approve_all()
    with house.undone() as tx:
        now = house.clock.now()
        tx.add_fact("small", fact(0, "address", Subject(contact="aa_m"), "new@aa.example", recorded_at=now))
        standing = house.app.standings.get(tx, "small", now, changed=True)
        replan(tx, standing, PARTIES, now, actor="anna", cause="an address")
        asked = {row.party: row for row in tx.recorded("small", step="sign") if row.slot == "before-2w"}
        entry = tx.journal_entries(action="unapproved")[-1]
    reason = "it reads otherwise than what was approved"
    assert {party: (row.state, row.approved_digest is None) for party, row in asked.items()} == {
        "AA": (State.AWAITING_APPROVAL, True), "BB": (State.SCHEDULED, False),
    }  # fmt: skip
    assert (asked["AA"].reason, asked["AA"].asked_at) == (reason, now)
    assert (entry.actor, entry.detail, entry.letter) == ("anna", reason, asked["AA"].key)
