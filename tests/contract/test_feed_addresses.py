"""Feed addresses: hashed, revoked once, never deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.errors import NotFound, Refused, StoreError
from engine.store import FeedAddress, Store
from engine.store.feed_addresses import token_hash
from tests.contract.samples import NOW, W

TOKEN = "abcd-efghijklmnopqrstuvwxyz_0"


def add(store: Store, token: str = TOKEN, feed: str = "plan", workflow: str = W) -> FeedAddress:
    with store.write() as tx:
        return tx.add_feed_address(token, workflow=workflow, feed=feed, label="Nauru", now=NOW, author="anna")


def test_an_address_is_found_by_its_token(store: Store) -> None:
    made = add(store)
    assert made == FeedAddress(1, "abcd", W, "plan", "Nauru", NOW, "anna", None, None)
    with store.read() as tx:
        assert tx.feed_address(TOKEN) == made
        for other in (TOKEN.upper(), TOKEN[:-1], "", token_hash(TOKEN)):
            assert tx.feed_address(other) is None


def test_the_token_itself_is_not_kept(store: Store) -> None:
    add(store)
    with store.read() as tx:
        row = tx._connection.execute(text("SELECT * FROM feed_address")).one()
        entries = tx.journal_entries()
    assert token_hash(TOKEN) in row
    assert not [value for value in (*row, *entries) if TOKEN in str(value)]


def test_addresses_are_listed_as_they_were_made(store: Store) -> None:
    first, second = add(store), add(store, "another-token-1234567890", "party:NR", "other")
    with store.read() as tx:
        assert tx.feed_addresses() == [first, second]
        assert tx.feed_addresses("other") == [second]
        assert tx.feed_addresses("none") == []


def test_one_token_is_one_address(store: Store) -> None:
    add(store)
    with pytest.raises(StoreError):
        add(store)


def test_a_revoked_address_stays_on_record(store: Store) -> None:
    made, later = add(store), NOW + timedelta(days=3)
    with store.write() as tx:
        revoked = tx.revoke_feed_address(made.id, later, "berta")
    assert revoked == made._replace(revoked_at=later, revoked_by="berta")
    with store.read() as tx:
        assert tx.feed_address(TOKEN) == revoked
        told = [(entry.actor, entry.action, entry.detail) for entry in tx.journal_entries(workflow=W)]
    assert told == [
        ("anna", "address made", "address 1 of the feed plan for Nauru"),
        ("berta", "address revoked", "address 1 of the feed plan"),
    ]
    with pytest.raises(Refused, match="revoked already"), store.write() as tx:
        tx.revoke_feed_address(made.id, later, "berta")
    with pytest.raises(NotFound), store.write() as tx:
        tx.revoke_feed_address(77, later, "berta")
