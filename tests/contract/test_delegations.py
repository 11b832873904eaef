"""Delegations: kept for good, ended by a mark, with what is due of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.delegation import Delegation
from engine.errors import NotFound, Refused
from engine.store import Store
from tests.contract.samples import NOW, W

DAY = timedelta(days=1)


def give(store: Store, **values: Any) -> Delegation:
    given = {
        "workflow": W, "owner": "nim_coordinator", "deputy": "isu", "letter": None, "step": None, "starts_at": NOW,
        "ends_at": None, "reason": "away", "detail": "everything, to isu", "now": NOW, "author": "anna",
    }  # fmt: skip
    with store.write() as tx:
        return tx.delegate(**{**given, **values})


def test_what_is_given_is_read_back_and_on_the_journal(store: Store) -> None:
    made = give(store, step="ny_follow_up", ends_at=NOW + DAY)
    with store.read() as tx:
        assert tx.delegation(made.id) == made
        assert tx.delegations(W) == [made]
        assert tx.delegations("another") == []
        (entry,) = tx.journal_entries(action="delegated")
        assert (entry.actor, entry.step, entry.detail) == ("anna", "ny_follow_up", "everything, to isu")


def test_what_is_over_stays_on_record_and_ends_once(store: Store) -> None:
    made = give(store)
    with store.write() as tx:
        ended = tx.end_delegation(made.id, "taken back", NOW + DAY, "bela")
    assert (ended.ended_at, ended.ended_by) == (NOW + DAY, "bela")
    with store.read() as tx:
        assert tx.delegations() == []
        assert tx.delegations(ended=True) == [ended]
    with pytest.raises(Refused), store.write() as tx:
        tx.end_delegation(made.id, "again", NOW, "bela")
    with pytest.raises(NotFound), store.write() as tx:
        tx.end_delegation(99, "nothing", NOW, "bela")


def test_a_beginning_and_an_end_are_due_once(store: Store) -> None:
    made = give(store, starts_at=NOW + DAY, ends_at=NOW + 3 * DAY)
    with store.write() as tx:
        assert tx.next_delegation(NOW) == NOW + DAY
        assert tx.due_delegations(NOW) == []
        assert [each.id for each in tx.due_delegations(NOW + DAY)] == [made.id]
        tx.delegation_told(made.id, NOW + DAY)
        assert tx.due_delegations(NOW + DAY) == []
        assert tx.next_delegation(NOW + DAY) == NOW + 3 * DAY
        assert [each.id for each in tx.due_delegations(NOW + 3 * DAY)] == [made.id]
        tx.end_delegation(made.id, "its time is over", NOW + 3 * DAY, "tick")
        assert tx.due_delegations(NOW + 9 * DAY) == []
        assert tx.next_delegation(NOW) is None
