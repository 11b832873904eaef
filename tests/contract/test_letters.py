"""Reading the outbox, and moving letters one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import NotFound, Refused, StoreError
from engine.lifecycle import State
from engine.planning.changes import Action
from engine.store import Approval, Store
from tests.contract.samples import (
    DUE,
    NOW,
    W,
    actions,
    apply,
    change,
    claim,
    finish_failed,
    hand,
    keys,
    letter,
    look,
    plan,
    state,
)

HOUR = timedelta(hours=1)


def test_recorded_is_asked_by_workflow_party_and_step(store: Store) -> None:
    mine, others, owners = letter(), letter(party="FJ"), letter(party=None)
    step, elsewhere = letter(step="auckland"), letter(workflow="article7")
    elsewhere = elsewhere._replace(key=elsewhere.key.replace(W, "article7"))
    plan(store, [mine, others, owners, step, elsewhere])
    with store.read() as tx:
        assert keys(tx.recorded(W)) == sorted(each.key for each in (mine, others, owners, step))
        assert keys(tx.recorded(W, party="NR")) == sorted([mine.key, step.key])
        assert keys(tx.recorded(W, party=None)) == [owners.key]
        assert keys(tx.recorded(W, step="auckland")) == [step.key]
        assert keys(tx.recorded(W, party="FJ", step="auckland")) == []
        assert keys(tx.recorded("article7")) == [elsewhere.key]
        assert tx.recorded("nothing") == []
        assert keys(tx.letters([step.key, mine.key, "nothing"])) == sorted([mine.key, step.key])


def test_a_letter_that_is_not_there_is_none(store: Store) -> None:
    with store.read() as tx:
        assert tx.letter("a/-/b/c/1/d/e") is None


def test_letters_are_found_by_what_is_given_in_the_order_they_leave(store: Store) -> None:
    late, soon, twin = letter("late", due_at=DUE + HOUR), letter("soon", due_at=DUE - HOUR), letter("twin", due_at=DUE)
    other = letter("on-day", party="FJ", step="auckland", due_at=DUE)
    plan(store, [late, soon, twin, other])
    apply(store, change(Action.WITHDRAW, late.key))
    with store.read() as tx:
        assert keys(tx.find_letters()) == [soon.key, other.key, twin.key, late.key]
        assert keys(tx.find_letters(state=State.WITHDRAWN)) == [late.key]
        assert keys(tx.find_letters(state={State.SCHEDULED, State.WITHDRAWN}, limit=2)) == [soon.key, other.key]
        assert keys(tx.find_letters(step="auckland")) == [other.key]
        assert keys(tx.find_letters(party="NR", due_before=DUE)) == [soon.key]
        assert tx.find_letters(workflow="nothing") == []
        assert tx.find_letters(party=None) == []


def test_counts_are_by_step_and_state(store: Store) -> None:
    plan(store, [letter(), letter(party="FJ"), letter(step="auckland")])
    apply(store, change(Action.WITHDRAW, letter().key))
    with store.read() as tx:
        assert tx.counts(W) == {
            ("auckland", "scheduled"): 1,
            ("ny_follow_up", "scheduled"): 1,
            ("ny_follow_up", "withdrawn"): 1,
        }
        assert tx.counts("nothing") == {}


def test_asking_for_approval(store: Store) -> None:
    one, two = letter(approval=True), letter(party="FJ", approval=True)
    plan(store, [one, two])
    with store.write() as tx:
        asked = tx.ask_approval([two.key, one.key], NOW)
    assert keys(asked) == sorted([one.key, two.key])
    row = look(store, one.key)
    assert (row.state, row.asked_at) == (State.AWAITING_APPROVAL, NOW)
    assert actions(store, one.key) == ["planned", "asked"]


def test_asking_for_what_cannot_be_asked_asks_for_nothing(store: Store) -> None:
    one, gone = letter(approval=True), letter(party="FJ", approval=True)
    plan(store, [one, gone])
    apply(store, change(Action.WITHDRAW, gone.key))
    with pytest.raises(StoreError, match="cannot become"), store.write() as tx:
        tx.ask_approval([one.key, gone.key], NOW)
    with pytest.raises(NotFound), store.write() as tx:
        tx.ask_approval([one.key, "nothing"], NOW)
    assert state(store, one.key) == State.SCHEDULED


def test_approving_lets_a_letter_leave(store: Store) -> None:
    made = letter(approval=True)
    plan(store, [made])
    assert claim(store) == []
    with store.write() as tx:
        tx.ask_approval([made.key], NOW)
    assert claim(store) == []
    with store.write() as tx:
        tx.approve([Approval(made.key, "d1", "Subject", "To", "Cc")], NOW, "nim")
        row = tx.letter(made.key)
    assert row is not None
    assert (row.state, row.approved_digest) == (State.SCHEDULED, "d1")
    assert (row.subject, row.to, row.cc) == ("Subject", "To", "Cc")
    assert actions(store, made.key)[-1] == "approved"
    assert keys(claim(store)) == [made.key]


def test_one_may_approve_before_being_asked(store: Store) -> None:
    made = letter(approval=True)
    plan(store, [made])
    with store.write() as tx:
        tx.approve([Approval(made.key, "d1", "s", "t", "c")], NOW, "nim")
    with store.read() as tx:
        assert tx.to_ask(DUE) == []
    assert keys(claim(store)) == [made.key]


def test_what_does_not_wait_is_not_approved(store: Store) -> None:
    made = letter(approval=True)
    plan(store, [made])
    apply(store, change(Action.WITHDRAW, made.key))
    with pytest.raises(Refused, match="withdrawn"), store.write() as tx:
        tx.approve([Approval(made.key, "d1", "s", "t", "c")], NOW, "nim")
    with pytest.raises(NotFound), store.write() as tx:
        tx.approve([Approval("nothing", "d1", "s", "t", "c")], NOW, "nim")


@pytest.mark.parametrize("claimed", [False, True])
def test_what_renders_otherwise_is_asked_for_again(store: Store, claimed: bool) -> None:
    made = letter(approval=True)
    plan(store, [made])
    with store.write() as tx:
        tx.approve([Approval(made.key, "d1", "s", "t", "c")], NOW, "nim")
    if claimed:
        claim(store)
    with store.write() as tx:
        row = tx.unapprove(made.key, "the address has changed", DUE, "tick")
    assert (row.state, row.approved_digest, row.asked_at) == (State.AWAITING_APPROVAL, None, DUE)
    assert (row.worker, row.lease_until, row.reason) == (None, None, "the address has changed")
    assert actions(store, made.key)[-1] == "unapproved"


def test_one_move_by_hand(store: Store) -> None:
    made = letter()
    plan(store, [made])
    claim(store)
    with store.write() as tx:
        row = tx.set_state(made.key, State.FAILED, "no template", now=DUE, actor="tick", subject="s", to="t", cc="c")
    assert (row.state, row.reason, row.subject, row.worker) == (State.FAILED, "no template", "s", None)
    with store.write() as tx:
        tx.set_state(made.key, State.SCHEDULED, "mended", now=DUE, actor="nim")
    assert actions(store, made.key)[-2:] == ["failed", "released"]


def test_a_move_that_the_lifecycle_has_not_is_refused(store: Store) -> None:
    made = letter()
    plan(store, [made])
    for bad in (State.ANSWERED, State.BOUNCED, State.CLAIMED, State.HANDING):
        with pytest.raises(StoreError), store.write() as tx:
            tx.set_state(made.key, bad, "", now=DUE, actor="nim")
    with pytest.raises(StoreError, match="not to be set"), store.write() as tx:
        tx.set_state(made.key, State.MISSED, "", now=DUE, actor="nim", id=7)
    with pytest.raises(NotFound), store.write() as tx:
        tx.set_state("nothing", State.MISSED, "", now=DUE, actor="nim")
    assert (state(store, made.key), actions(store, made.key)) == (State.SCHEDULED, ["planned"])


def test_the_next_instant_is_that_of_whatever_is_to_be_done(store: Store) -> None:
    def due() -> object:
        with store.read() as tx:
            return tx.next_due()

    assert due() is None
    made = letter(approval=True)
    plan(store, [made], ask_at={made.key: DUE - timedelta(days=14)})
    assert due() == DUE - timedelta(days=14)
    with store.write() as tx:
        tx.ask_approval([made.key], NOW)
    assert due() == made.stale_at
    with store.write() as tx:
        tx.approve([Approval(made.key, "d1", "s", "t", "c")], NOW, "nim")
    assert due() == DUE
    claim(store)
    lease = look(store, made.key).lease_until
    assert due() == lease == DUE + timedelta(minutes=5)
    mail = hand(store, made.key)
    assert due() == lease
    with store.write() as tx:
        finish_failed(tx, made.key, mail or 0, DUE, "421", False, DUE + HOUR)
    assert due() == DUE + HOUR
    apply(store, change(Action.WITHDRAW, made.key))
    assert due() is None


def test_the_next_instant_after_another(store: Store) -> None:
    plan(store, [letter("soon", due_at=NOW), letter("late", due_at=DUE)])
    with store.read() as tx:
        assert (tx.next_due(), tx.next_due(NOW), tx.next_due(DUE)) == (NOW, DUE, None)


def test_what_needs_approval_and_has_no_time_to_ask_is_asked_for_when_due(store: Store) -> None:
    made = letter(approval=True)
    plan(store, [made])
    with store.read() as tx:
        assert tx.to_ask(DUE - HOUR) == []
        assert keys(tx.to_ask(DUE)) == [made.key]
        assert tx.next_due() == DUE
