"""The outbox at work: claim, hand over, record, rescue."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine.errors import NotFound
from engine.lifecycle import State
from engine.planning.changes import Action
from engine.store import Failed, Sent, Store
from tests.contract.samples import (
    DUE,
    LEASE,
    NOW,
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
    new_mail,
    plan,
    state,
)

MINUTE = timedelta(minutes=1)
BOTH = {"mission@nr.example": "250 ok", "capital@nr.example": "250 ok"}


def handed(store: Store) -> tuple[str, int]:
    """A letter being handed over, and its mail."""
    made = letter()
    plan(store, [made])
    claim(store)
    mail = hand(store, made.key)
    assert mail is not None
    return made.key, mail


def test_what_is_due_is_claimed_oldest_first_up_to_the_limit(store: Store) -> None:
    rows = many(5)
    plan(store, reversed(rows))
    first = claim(store, NOW + 3 * MINUTE, limit=3)
    assert keys(first) == keys(rows[:3])
    assert {(each.state, each.worker, each.lease_until) for each in first} == {
        (State.CLAIMED, "w1", NOW + 3 * MINUTE + LEASE)
    }
    assert keys(claim(store, NOW + 3 * MINUTE, limit=3)) == keys(rows[3:4])
    assert claim(store, NOW + 3 * MINUTE) == []
    assert actions(store, rows[0].key) == ["planned", "claimed"]


def test_due_is_at_the_instant_itself(store: Store) -> None:
    plan(store, [letter()])
    assert claim(store, DUE - timedelta(microseconds=1)) == []
    assert len(claim(store, DUE)) == 1


def test_only_what_is_scheduled_is_claimed(store: Store) -> None:
    rows = many(4)
    plan(store, rows)
    apply(store, change(Action.WITHDRAW, rows[0].key), change(Action.MISS, rows[1].key))
    with store.write() as tx:
        tx.ask_approval([rows[2].key], NOW)
    assert keys(claim(store)) == [rows[3].key]


def test_handing_over_freezes_the_mail(store: Store) -> None:
    key, mail_id = handed(store)
    row = look(store, key)
    assert (row.state, row.message_id, row.subject) == (State.HANDING, f"<{key}@example.org>", "Report due today")
    assert (row.to, row.cc) == ("Mission <mission@nr.example>", "Capital <capital@nr.example>")
    with store.read() as tx:
        mail = tx.mail(mail_id)
        assert tx.mail_of(key) == mail
        assert tx.mails([mail_id, 99]) == {mail_id: mail}
    assert (mail.letter, mail.frozen_at, mail.digest) == (key, DUE, "d1")
    assert mail.recipients == ("mission@nr.example", "capital@nr.example")
    assert mail.body == b"Subject: x\r\n\r\nbody\r\n"


def test_a_mail_that_is_not_there(store: Store) -> None:
    with store.read() as tx:
        assert tx.mail_of("nothing") is None
        with pytest.raises(NotFound):
            tx.mail(99)


def test_only_who_holds_a_letter_hands_it_over(store: Store) -> None:
    made = letter()
    plan(store, [made])
    assert hand(store, made.key) is None
    claim(store)
    assert hand(store, made.key, worker="w2") is None
    assert hand(store, "nothing") is None
    assert hand(store, made.key) is not None
    assert hand(store, made.key) is None
    with store.read() as tx:
        assert tx.mail_of(made.key) is not None
        assert tx.mails(range(1, 10)).keys() == {1}


def test_what_was_withdrawn_after_the_claim_is_not_handed_over(store: Store) -> None:
    rows = many(3)
    plan(store, rows)
    claim(store)
    apply(store, change(Action.WITHDRAW, rows[1].key, "the report came"))
    with store.write(alone=False) as tx:
        frozen = tx.begin_handings([({each.key: "s"}, new_mail(each.key)) for each in rows], "w1", now=DUE)
    assert [mail is None for mail in frozen] == [False, True, False]
    assert state(store, rows[1].key) == State.WITHDRAWN
    with store.read() as tx:
        assert [tx.mail(mail.id) for mail in frozen if mail] == [mail for mail in frozen if mail]
    assert [mail.letter for mail in frozen if mail] == [rows[0].key, rows[2].key]


def test_the_day_that_a_letter_told_is_kept_as_it_is_handed_over(store: Store) -> None:
    rows = many(2)
    plan(store, rows)
    claim(store)
    with store.write(alone=False) as tx:
        given = [({each.key: "s"}, new_mail(each.key)) for each in rows]
        mails = tx.begin_handings(given, "w1", now=DUE, told={rows[0].key: "2018-03-31"})
        for row, mail in zip(rows, mails, strict=True):
            assert mail is not None
            finish_sent(tx, row.key, mail.id, DUE, BOTH)
    with store.read() as tx:
        found = {row.key: row.told for row in tx.recorded(rows[0].workflow)}
        assert found == {rows[0].key: "2018-03-31", rows[1].key: None}
        assert {entry.key: entry.told for entry in tx.left(rows[0].workflow, [rows[0].step])} == found


def test_accepted_is_sent(store: Store) -> None:
    key, mail = handed(store)
    with store.write(alone=False) as tx:
        assert finish_sent(tx, key, mail, DUE + MINUTE, BOTH) == State.SENT
    row = look(store, key)
    assert (row.state, row.sent_at, row.attempts, row.worker, row.lease_until) == (
        State.SENT, DUE + MINUTE, 1, None, None,
    )  # fmt: skip
    with store.read() as tx:
        (attempt,) = tx.attempts(key)
    assert (attempt.outcome, attempt.mail, attempt.at, attempt.worker) == ("sent", mail, DUE + MINUTE, "w1")
    assert dict(attempt.recipients) == BOTH
    assert actions(store, key) == ["planned", "claimed", "handing", "sent"]
    assert claim(store, DUE + timedelta(days=400)) == []


def test_refused_for_good_is_failed(store: Store) -> None:
    key, mail = handed(store)
    with store.write(alone=False) as tx:
        assert finish_failed(tx, key, mail, DUE, "550 no such user", True) == State.FAILED
    assert look(store, key).reason == "550 no such user"
    with store.read() as tx:
        assert [(each.outcome, each.error) for each in tx.attempts(key)] == [("failed", "550 no such user")]
        assert tx.next_due() is None
    assert claim(store, DUE + timedelta(days=400)) == []


def test_refused_for_now_is_tried_again_later_with_the_same_bytes(store: Store) -> None:
    key, mail = handed(store)
    again = DUE + timedelta(hours=1)
    with store.write(alone=False) as tx:
        assert finish_failed(tx, key, mail, DUE, "421 busy", False, again) == State.SCHEDULED
    assert claim(store, again - MINUTE) == []
    assert keys(claim(store, again)) == [key]
    assert hand(store, key, body=b"rendered otherwise by now") == mail
    with store.read() as tx:
        assert tx.mail(mail).body == b"Subject: x\r\n\r\nbody\r\n"
    with store.write(alone=False) as tx:
        finish_sent(tx, key, mail, again, BOTH)
    assert look(store, key).attempts == 2
    assert [each for each in actions(store, key) if each not in ("claimed", "handing")] == [
        "planned", "deferred", "sent",
    ]  # fmt: skip


def test_another_approval_makes_another_mail(store: Store) -> None:
    key, mail = handed(store)
    with store.write(alone=False) as tx:
        finish_failed(tx, key, mail, DUE, "421 busy", False, DUE)
    claim(store)
    other = hand(store, key, digest="d2", body=b"the address was corrected")
    assert other not in (None, mail)
    with store.read() as tx:
        newest = tx.mail_of(key)
    assert newest is not None
    assert (newest.id, newest.body) == (other, b"the address was corrected")


def test_answers_of_many_letters_are_one_transaction(store: Store) -> None:
    rows = many(4)
    plan(store, rows)
    claim(store)
    with store.write(alone=False) as tx:
        frozen = tx.begin_handings([({each.key: "s"}, new_mail(each.key)) for each in rows], "w1", now=DUE)
        ids = [mail.id if mail else 0 for mail in frozen]
    with store.write(alone=False) as tx:
        states = tx.finish(
            [
                Sent(rows[0].key, ids[0], DUE, BOTH),
                Failed(rows[1].key, ids[1], DUE, "550", True),
                Failed(rows[2].key, ids[2], DUE, "421", False, DUE + MINUTE),
                Failed(rows[3].key, ids[3], DUE, "connection lost", False, DUE + MINUTE, True),
            ]
        )
    assert states == [State.SENT, State.FAILED, State.SCHEDULED, State.SCHEDULED]
    assert [state(store, each.key) for each in rows] == states
    assert [actions(store, each.key)[-1] for each in rows] == ["sent", "failed", "deferred", "unknown"]


def test_an_answer_about_nothing(store: Store) -> None:
    with pytest.raises(NotFound), store.write() as tx:
        finish_sent(tx, "nothing", 1, DUE, {})


def test_a_lease_that_ended_is_released(store: Store) -> None:
    rows = many(2)
    plan(store, rows)
    claim(store, limit=1)
    claim(store, DUE + MINUTE, limit=1)
    with store.write(alone=False) as tx:
        assert tx.release_expired(DUE + LEASE - MINUTE) == []
        assert keys(tx.release_expired(DUE + LEASE)) == [rows[0].key]
    assert [state(store, each.key) for each in rows] == [State.SCHEDULED, State.CLAIMED]
    assert look(store, rows[0].key).worker is None
    assert actions(store, rows[0].key) == ["planned", "claimed", "released"]


def test_a_lease_that_ended_in_hand_is_an_attempt_of_unknown_outcome(store: Store) -> None:
    key, mail = handed(store)
    with store.write(alone=False) as tx:
        (row,) = tx.release_expired(DUE + LEASE)
    assert (row.state, row.attempts, row.worker) == (State.SCHEDULED, 1, None)
    with store.read() as tx:
        assert [(each.outcome, each.mail) for each in tx.attempts(key)] == [("unknown", mail)]
    claim(store, DUE + LEASE)
    assert hand(store, key, body=b"other bytes") == mail


def test_a_worker_that_starts_again_finds_what_it_had(store: Store) -> None:
    rows = many(3)
    plan(store, rows)
    claim(store, limit=2)
    claim(store, limit=1, worker="w2")
    hand(store, rows[1].key)
    with store.write() as tx:
        assert keys(tx.rescue("w1", DUE)) == [rows[0].key, rows[1].key]
        assert tx.rescue("w1", DUE) == []
    assert [state(store, each.key) for each in rows] == ["scheduled", "scheduled", "claimed"]
    assert actions(store, rows[1].key)[-1] == "unknown"


def test_what_became_unwanted_in_hand_is_not_rescued_but_withdrawn(store: Store) -> None:
    key, _ = handed(store)
    apply(store, change(Action.WITHDRAW, key, "the report came"))
    with store.write() as tx:
        (row,) = tx.rescue("w1", DUE)
    assert (row.state, row.reason) == (State.WITHDRAWN, "the report came")


def test_what_became_unwanted_in_hand_and_was_accepted_is_sent(store: Store) -> None:
    key, mail = handed(store)
    apply(store, change(Action.WITHDRAW, key, "the report came"))
    with store.write(alone=False) as tx:
        assert finish_sent(tx, key, mail, DUE, BOTH) == State.SENT


@pytest.mark.parametrize("meanwhile", ["released", "claimed again", "withdrawn"])
def test_accepted_is_sent_also_when_the_answer_comes_late(store: Store, meanwhile: str) -> None:
    key, mail = handed(store)
    with store.write(alone=False) as tx:
        tx.release_expired(DUE + LEASE)
    if meanwhile == "claimed again":
        claim(store, DUE + LEASE, worker="w2")
    elif meanwhile == "withdrawn":
        apply(store, change(Action.WITHDRAW, key))
    with store.write(alone=False) as tx:
        assert finish_sent(tx, key, mail, DUE + LEASE, BOTH) == State.SENT
    assert hand(store, key, worker="w2") is None
    with store.read() as tx:
        assert [each.outcome for each in tx.attempts(key)] == ["unknown", "sent"]


def test_a_late_refusal_changes_nothing(store: Store) -> None:
    key, mail = handed(store)
    with store.write(alone=False) as tx:
        tx.release_expired(DUE + LEASE)
        assert finish_failed(tx, key, mail, DUE + LEASE, "550", True) == State.SCHEDULED
    row = look(store, key)
    assert (row.state, row.attempts) == (State.SCHEDULED, 2)


def test_accepted_twice_is_sent_once(store: Store) -> None:
    key, mail = handed(store)
    with store.write(alone=False) as tx:
        finish_sent(tx, key, mail, DUE, BOTH)
        finish_sent(tx, key, mail, DUE + MINUTE, BOTH)
        finish_failed(tx, key, mail, DUE + MINUTE, "421", False, DUE)
    row = look(store, key)
    assert (row.state, row.sent_at, row.attempts) == (State.SENT, DUE, 3)


def test_a_crash_between_claim_and_handing_loses_nothing(url: str) -> None:
    made = letter()
    with Store.open(url) as before:
        plan(before, [made])
        claim(before)
    with Store.open(url) as after:
        assert claim(after) == []
        with after.write() as tx:
            tx.rescue("w1", DUE)
        assert keys(claim(after)) == [made.key]


@pytest.mark.parametrize("number", [0, 1_000_000])
def test_instants_far_apart_stay_in_order(store: Store, number: int) -> None:
    when = datetime.fromtimestamp(number, tz=DUE.tzinfo)
    plan(store, [letter("old", due_at=when), letter("new", due_at=DUE)])
    assert keys(claim(store, limit=1)) == [letter("old").key]
