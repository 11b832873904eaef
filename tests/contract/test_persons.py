"""Letters to one person: taken along, frozen as one mail, counted for the week; the same on every database."""

from __future__ import annotations

from datetime import timedelta

from engine.lifecycle import State
from engine.planning.changes import Action
from engine.store import MailRecord, Store
from tests.contract.samples import (
    DUE,
    LEASE,
    apply,
    change,
    claim,
    finish_failed,
    finish_sent,
    letter,
    look,
    new_mail,
    plan,
    state,
)

ANNA, BEN = "anna@example.org", "ben@example.org"
LATER = DUE + timedelta(hours=5)
SOME_TIME = timedelta(hours=24)


def three(store: Store) -> list[str]:
    """Two letters to Anna, the second later on the day, and one to Ben."""
    made = [
        letter("on-day", person=ANNA),
        letter("thanks", person=ANNA, due_at=LATER),
        letter("on-day", party="FJ", person=BEN, due_at=LATER),
    ]
    plan(store, made)
    return [each.key for each in made]


def take(store: Store, *persons: str) -> list[str]:
    with store.write(alone=False) as tx:
        taken = tx.take_along(persons, lambda ready: ready, DUE + SOME_TIME, DUE, "w1", DUE + LEASE)
    return sorted(row.key for row in taken)


def freeze(store: Store, *keys: str, digest: str = "d1") -> MailRecord | None:
    with store.write(alone=False) as tx:
        given = {key: f"about {key}" for key in keys}
        (frozen,) = tx.begin_handings([(given, new_mail(keys[0], digest=digest))], "w1", now=DUE)
    return frozen


def test_only_what_is_ready_for_the_person_is_taken_along(store: Store) -> None:
    first, second, other = three(store)
    assert [row.key for row in claim(store)] == [first]
    assert take(store, ANNA) == [second]
    assert take(store, ANNA) == []
    assert {key: state(store, key) for key in (first, second, other)} == {
        first: State.CLAIMED, second: State.CLAIMED, other: State.SCHEDULED,
    }  # fmt: skip
    assert look(store, second).worker == "w1"


def test_what_waits_for_approval_is_not_taken_along(store: Store) -> None:
    plan(store, [letter("on-day", person=ANNA), letter("thanks", person=ANNA, approval=True)])
    assert take(store, ANNA) == [letter("on-day").key]


def test_one_mail_carries_several_letters(store: Store) -> None:
    first, second, _ = three(store)
    claim(store)
    take(store, ANNA)
    frozen = freeze(store, first, second)
    assert frozen is not None
    with store.read() as tx:
        assert tx.mail_of(first) == tx.mail_of(second) == frozen
    assert [look(store, key).subject for key in (first, second)] == [f"about {first}", f"about {second}"]
    assert {look(store, key).message_id for key in (first, second)} == {frozen.message_id}


def test_a_mail_one_of_whose_letters_is_gone_does_not_leave_and_the_rest_waits(store: Store) -> None:
    first, second, _ = three(store)
    claim(store)
    take(store, ANNA)
    apply(store, change(Action.WITHDRAW, second, "the report came"))
    assert freeze(store, first, second) is None
    assert (state(store, first), state(store, second)) == (State.SCHEDULED, State.WITHDRAWN)


def test_a_retry_of_the_same_letters_has_the_same_bytes_and_of_fewer_another_mail(store: Store) -> None:
    first, second, _ = three(store)
    claim(store)
    take(store, ANNA)
    before = freeze(store, first, second, digest="both")
    assert before is not None
    with store.write(alone=False) as tx:
        for key in (first, second):
            finish_failed(tx, key, before.id, DUE, "greylisted", False)
    claim(store)
    take(store, ANNA)
    again = freeze(store, first, second, digest="both")
    assert again == before
    with store.write(alone=False) as tx:
        for key in (first, second):
            finish_failed(tx, key, before.id, DUE, "greylisted", False)
    claim(store)
    alone = freeze(store, first, digest="one")
    assert alone is not None
    assert alone.id != before.id
    with store.read() as tx:
        assert tx.mail_of(first) == alone
        assert tx.mail_of(second) == before


def test_what_left_is_counted_by_mail(store: Store) -> None:
    first, second, other = three(store)
    claim(store)
    take(store, ANNA)
    frozen = freeze(store, first, second)
    assert frozen is not None
    with store.write(alone=False) as tx:
        for key in (first, second):
            finish_sent(tx, key, frozen.id, DUE, {})
    apply(store, change(Action.WITHDRAW, other, "the report came"))
    with store.read() as tx:
        assert tx.left_to([ANNA, BEN], DUE - SOME_TIME) == {ANNA: [DUE]}
        assert tx.left_to([ANNA, BEN], DUE) == {}


def test_another_address_moves_nothing_but_whom_it_goes_to(store: Store) -> None:
    first, second, _ = three(store)
    claim(store)
    before = look(store, first)
    apply(store, change(Action.READDRESS, letter("on-day", person=ANNA), f"it goes to {BEN}", person=BEN))
    after = look(store, first)
    assert after == before._replace(person=BEN)
    with store.read() as tx:
        entry = tx.journal_entries(letter=first)[-1]
        assert tx.with_unknown_persons() == []
    assert (entry.action, entry.detail) == ("readdressed", f"it goes to {BEN} (first applied)")
    assert look(store, second).person == ANNA


def test_letters_of_before_persons_were_kept_are_found(store: Store) -> None:
    plan(store, [letter("on-day", person="")])
    with store.read() as tx:
        assert tx.with_unknown_persons() == ["ccm-nim-2018"]


def test_what_was_not_tried_waits_as_it_was(store: Store) -> None:
    first, second, _ = three(store)
    claim(store)
    take(store, ANNA)
    freeze(store, first)
    apply(store, change(Action.WITHDRAW, first, "the report came"))
    with store.write(alone=False) as tx:
        tx.let_go([first, second, "none"], "w1", DUE, "everything was stopped")
        tx.let_go([second], "w2", DUE, "not its own")
    assert (state(store, first), state(store, second)) == (State.WITHDRAWN, State.SCHEDULED)
    assert look(store, second).attempts == 0
