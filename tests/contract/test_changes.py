"""Making the outbox agree with the plan."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import StoreError
from engine.letter import Letter
from engine.lifecycle import MOVES, State
from engine.planning.changes import Action, Change
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
    finish_sent,
    hand,
    keys,
    letter,
    look,
    many,
    plan,
    state,
)

LATER = DUE + timedelta(days=7)


def reach(store: Store, wanted: State) -> Letter:
    """A letter in that state, brought there by the ways that lead to it."""
    made = letter(approval=wanted is State.AWAITING_APPROVAL)
    plan(store, [made])
    match wanted:
        case State.AWAITING_APPROVAL:
            with store.write() as tx:
                tx.ask_approval([made.key], NOW)
        case State.WITHDRAWN:
            apply(store, change(Action.WITHDRAW, made.key))
        case State.MISSED:
            apply(store, change(Action.MISS, made.key))
        case State.SCHEDULED:
            pass
        case _:
            claim(store)
    if wanted in (State.HANDING, State.SENT, State.FAILED, State.BOUNCED, State.ANSWERED):
        mail = hand(store, made.key)
        assert mail is not None
        with store.write() as tx:
            if wanted is State.FAILED:
                finish_failed(tx, made.key, mail, DUE, "550 no such user", True)
            elif wanted is not State.HANDING:
                finish_sent(tx, made.key, mail, DUE, {})
            if wanted in (State.BOUNCED, State.ANSWERED):
                tx.set_state(made.key, wanted, "came back", now=DUE, actor="imap")
    assert state(store, made.key) == wanted
    return made


def test_a_letter_comes_back_as_it_was_planned(store: Store) -> None:
    made = letter(cycle="2018", ordinary=False, approval=True)
    apply(store, change(Action.INSERT, made), revision=7)
    row = look(store, made.key)
    shared = [name for name in Letter._fields if name not in ("about", "told")]
    assert [getattr(row, name) for name in shared] == [getattr(made, name) for name in shared]
    assert (row.created_at, row.revision, row.attempts) == (NOW, 7, 0)
    assert (row.to, row.cc, row.subject) == ("", "", "")
    assert row.due_at.tzinfo is UTC
    assert not any((row.approved_digest, row.asked_at, row.sent_at, row.message_id, row.worker, row.retry_at))
    assert row.told is None, "it told nothing yet"


def test_a_letter_without_a_party_is_a_letter(store: Store) -> None:
    made = letter(party=None)
    plan(store, [made])
    assert look(store, made.key).party is None


def test_what_was_late_from_the_start_is_there_as_missed(store: Store) -> None:
    made = letter(state="missed", reason="its time had passed before it was planned")
    plan(store, [made])
    assert look(store, made.key).state == State.MISSED
    with store.read() as tx:
        assert "1 letter (1 missed)" in tx.journal_entries(letter=made.key)[0].detail


def test_a_key_is_there_once_over_all_states(store: Store) -> None:
    made = reach(store, State.WITHDRAWN)
    with pytest.raises(StoreError, match="in the outbox already"):
        apply(store, change(Action.INSERT, made), change(Action.INSERT, letter("other")))
    with store.read() as tx:
        assert keys(tx.recorded(W)) == [made.key]


@pytest.mark.parametrize(
    "bad",
    [
        Change(Action.INSERT, letter().key, "no letter"),
        Change(Action.INSERT, letter().key, "another's", letter("thanks")),
        change(Action.INSERT, letter(), due_at=None),
        change(Action.INSERT, letter(), state="tentative"),
        change(Action.RETIME, letter()),
        change(Action.WITHDRAW, letter().key),
    ],
)
def test_a_change_that_cannot_be_done_does_nothing(store: Store, bad: Change) -> None:
    with pytest.raises(StoreError):
        apply(store, change(Action.INSERT, letter("at-once")), bad)
    with store.read() as tx:
        assert tx.recorded(W) == []
        assert tx.journal_entries() == []


def test_two_changes_of_one_letter_are_refused(store: Store) -> None:
    made = reach(store, State.SCHEDULED)
    with pytest.raises(StoreError, match="two changes"):
        apply(store, change(Action.RETIME, made), change(Action.WITHDRAW, made.key))


def test_what_was_done_is_counted(store: Store) -> None:
    rows = many(6)
    plan(store, rows)
    with store.write() as tx:
        done = tx.apply_changes(
            [
                change(Action.RETIME, rows[0], due_at=LATER),
                change(Action.WITHDRAW, rows[1].key),
                change(Action.MISS, rows[2].key),
                change(Action.INSERT, letter("thanks")),
                change(Action.INSERT, letter("after-2w")),
            ],
            revision=2,
            now=NOW,
            actor="nim",
            cause="8MSP moved",
        )
    assert done == Counter({Action.RETIME: 1, Action.WITHDRAW: 1, Action.MISS: 1, Action.INSERT: 2})


def test_nothing_is_no_work(store: Store) -> None:
    assert apply(store) == Counter()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (State.SCHEDULED, State.SCHEDULED),
        (State.AWAITING_APPROVAL, State.AWAITING_APPROVAL),
        (State.CLAIMED, State.SCHEDULED),
        (State.HANDING, State.HANDING),
        (State.FAILED, State.FAILED),
    ],
)
def test_re_timing_keeps_the_state_but_lets_go_what_was_claimed(store: Store, before: State, after: State) -> None:
    made = reach(store, before)
    new = made._replace(due_at=LATER, stale_at=LATER, zone="Pacific/Rarotonga", template="reminder", reason="x")
    apply(store, change(Action.RETIME, new, "8MSP moved"), revision=2)
    row = look(store, made.key)
    assert (row.state, row.due_at, row.stale_at, row.revision) == (after, LATER, LATER, 2)
    assert (row.zone, row.template) == ("Pacific/Rarotonga", "reminder")
    assert (row.worker is None) == (before is not State.HANDING)
    assert "to 2018-04-05T07:00Z: 8MSP moved" in _last_detail(store, made.key)


def test_re_timing_keeps_the_approval(store: Store) -> None:
    made = reach(store, State.AWAITING_APPROVAL)
    with store.write() as tx:
        tx.approve([Approval(made.key, "digest", "s", "t", "c")], NOW, "nim")
    apply(store, change(Action.RETIME, made, due_at=LATER))
    row = look(store, made.key)
    assert (row.approved_digest, row.state) == ("digest", State.SCHEDULED)


def test_what_needs_no_approval_any_more_does_not_wait_for_it(store: Store) -> None:
    made = reach(store, State.AWAITING_APPROVAL)
    apply(store, change(Action.RETIME, made, approval=False))
    assert state(store, made.key) == State.SCHEDULED


@pytest.mark.parametrize("before", [State.SENT, State.BOUNCED, State.ANSWERED, State.WITHDRAWN, State.MISSED])
def test_what_has_left_or_is_not_wanted_is_not_re_timed(store: Store, before: State) -> None:
    made = reach(store, before)
    with pytest.raises(StoreError, match="nothing to re-time"):
        apply(store, change(Action.RETIME, made, due_at=LATER))
    assert look(store, made.key).due_at == DUE


@pytest.mark.parametrize("before", [each for each in MOVES if each is not State.HANDING])
@pytest.mark.parametrize(("action", "after"), [(Action.WITHDRAW, State.WITHDRAWN), (Action.MISS, State.MISSED)])
def test_withdrawing_and_missing_move_as_the_lifecycle_allows(
    store: Store, before: State, action: Action, after: State
) -> None:
    made = reach(store, before)
    if after in MOVES[before]:
        apply(store, change(action, made.key, "the report came"))
        row = look(store, made.key)
        assert (row.state, row.reason) == (after, "the report came")
        assert (row.worker, row.lease_until, row.retry_at) == (None, None, None)
        assert actions(store, made.key)[-1] == after
    else:
        with pytest.raises(StoreError, match="cannot become"):
            apply(store, change(action, made.key))
        assert state(store, made.key) == before


@pytest.mark.parametrize("before", [State.WITHDRAWN, State.MISSED])
def test_reviving_schedules_again_with_the_approval_it_had(store: Store, before: State) -> None:
    made = letter(approval=True)
    plan(store, [made])
    with store.write() as tx:
        tx.approve([Approval(made.key, "digest", "s", "t", "c")], NOW, "nim")
    apply(store, change(Action.WITHDRAW if before is State.WITHDRAWN else Action.MISS, made.key))
    apply(store, change(Action.REVIVE, made, "the report was taken back", due_at=LATER))
    row = look(store, made.key)
    assert (row.state, row.due_at, row.reason) == (State.SCHEDULED, LATER, "the report was taken back")
    assert row.approved_digest == "digest"
    assert actions(store, made.key)[-1] == "revived"


@pytest.mark.parametrize("before", [State.SCHEDULED, State.AWAITING_APPROVAL, State.SENT, State.FAILED])
def test_only_what_is_gone_is_revived(store: Store, before: State) -> None:
    made = reach(store, before)
    with pytest.raises(StoreError, match="nothing to revive"):
        apply(store, change(Action.REVIVE, made))


def test_when_to_ask_is_given_by_letter_or_by_key(store: Store) -> None:
    one, two = letter("before-6w", approval=True), letter("before-2w", approval=True)
    apply(store, change(Action.INSERT, one), ask_at=lambda each: each.due_at - timedelta(days=14))
    apply(store, change(Action.INSERT, two), ask_at={two.key: DUE - timedelta(days=7)})
    with store.read() as tx:
        assert keys(tx.to_ask(DUE - timedelta(days=14))) == [one.key]
        assert keys(tx.to_ask(DUE - timedelta(days=7))) == [two.key, one.key]


def test_letters_planned_together_are_one_line_of_the_journal(store: Store) -> None:
    mine = [letter(slot, due_at=DUE + timedelta(weeks=n)) for n, slot in enumerate(("at-once", "on-day", "after-2w"))]
    others = [letter(party="FJ"), letter(step="auckland"), letter(round=2)]
    plan(store, [others[0], *mine, *others[1:]], cause="applied by nim")
    with store.read() as tx:
        entries = tx.journal_entries(action="planned")
        own = tx.journal_entries(letter=mine[1].key)
    assert len(entries) == 4
    assert [(each.party, each.step) for each in own] == [("NR", "ny_follow_up")]
    assert own[0].detail == "3 letters, 2018-03-29T07:00Z to 2018-04-12T07:00Z: applied by nim"
    assert own[0].actor == "apply"


def test_every_later_change_is_a_line_of_its_own(store: Store) -> None:
    rows = many(3)
    plan(store, rows)
    apply(
        store, *(change(Action.WITHDRAW, each.key, "it is done") for each in rows), actor="nim", cause="report recorded"
    )
    for each in rows:
        with store.read() as tx:
            planned, gone = tx.journal_entries(letter=each.key)
        assert (planned.action, gone.action, gone.actor) == ("planned", "withdrawn", "nim")
        assert gone.detail == "it is done (report recorded)"
        assert (gone.workflow, gone.step, gone.party, gone.letter) == (W, "ny_follow_up", each.party, each.key)


def test_more_changes_than_one_portion(store: Store) -> None:
    rows = [letter(slot, party=f"P{n:04d}", due_at=DUE) for n in range(1800) for slot in ("a", "b", "c", "d")]
    plan(store, reversed(rows))
    apply(store, *(change(Action.RETIME, each, due_at=LATER) for each in rows))
    with store.read() as tx:
        assert len(tx.recorded(W)) == 7200
        assert len(tx.journal_entries(action="planned")) == 1800
        assert len(tx.journal_entries(action="retimed")) == 7200
        assert {each.due_at for each in tx.recorded(W)} == {LATER}


def test_what_is_withdrawn_in_hand_is_not_tried_again(store: Store) -> None:
    made = reach(store, State.HANDING)
    apply(store, change(Action.WITHDRAW, made.key, "the report came"))
    apply(store, change(Action.WITHDRAW, made.key, "the report came"))
    row = look(store, made.key)
    assert row.state == State.HANDING
    assert actions(store, made.key).count("unwanted") == 1
    with store.read() as tx:
        mail = tx.mail_of(made.key)
    assert mail is not None
    with store.write() as tx:
        after = finish_failed(tx, made.key, mail.id, DUE, "421 try later", False, DUE + timedelta(minutes=5))
    assert after == State.WITHDRAWN
    assert look(store, made.key).reason == "the report came"


@pytest.mark.parametrize("action", [Action.RETIME, Action.REVIVE])
def test_what_is_wanted_again_in_hand_is_tried_again(store: Store, action: Action) -> None:
    made = reach(store, State.HANDING)
    apply(store, change(Action.WITHDRAW, made.key))
    apply(store, change(action, made))
    with store.read() as tx:
        mail = tx.mail_of(made.key)
    assert mail is not None
    with store.write() as tx:
        assert finish_failed(tx, made.key, mail.id, DUE, "421", False, LATER) == State.SCHEDULED


def test_another_instant_forgets_when_to_retry(store: Store) -> None:
    made = reach(store, State.HANDING)
    with store.write() as tx:
        mail = tx.mail_of(made.key)
        assert mail is not None
        finish_failed(tx, made.key, mail.id, DUE, "421", False, DUE + timedelta(hours=1))
    apply(store, change(Action.RETIME, made, template="reminder"))
    assert look(store, made.key).retry_at == DUE + timedelta(hours=1)
    apply(store, change(Action.RETIME, made, due_at=LATER))
    assert look(store, made.key).retry_at is None


def test_order_does_not_depend_on_the_locale(store: Store) -> None:
    names = ["a", "B", "Z", "ä", "Å", "z", "0"]
    plan(store, [letter(party=name, due_at=datetime(2018, 4, 1, tzinfo=UTC)) for name in names])
    with store.read() as tx:
        assert [each.party for each in tx.recorded(W)] == sorted(names)


def _last_detail(store: Store, key: str) -> str:
    with store.read() as tx:
        return tx.journal_entries(letter=key)[-1].detail
