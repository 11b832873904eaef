"""Revisions, the journal, calendar items, and small things kept by name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import NotFound, StoreError
from engine.store import CalendarRow, RevisionRecord, Store
from tests.contract.samples import NOW, W, fact, letter, plan

LATER = NOW + timedelta(days=1)


def test_a_revision_is_kept_whole(store: Store) -> None:
    content = '{"title": "Tadžikistan, Côte d’Ivoire"}' * 30_000
    with store.write() as tx:
        number = tx.save_revision(W, "sha256:1", content, '{"since": {}}', "nim", NOW)
    expected = RevisionRecord(number, W, "sha256:1", content, '{"since": {}}', "nim", NOW)
    with store.read() as tx:
        assert tx.current_revision(W) == expected
        assert tx.revision(number) == expected
        assert tx.current_revision_id(W) == number


def test_the_newest_revision_is_in_force(store: Store) -> None:
    with store.write() as tx:
        tx.save_revision(W, "1", "{}", "{}", "nim", NOW)
        second = tx.save_revision(W, "2", "{}", "{}", "nim", NOW)
        tx.save_revision("article7", "3", "{}", "{}", "isu", LATER)
    with store.read() as tx:
        current = tx.current_revision(W)
        assert current is not None
        assert current.id == second
        assert (current.fingerprint, current.content) == ("2", "{}")
        assert tx.workflows() == ["article7", W]
        assert tx.current_revision("nothing") is None
        with pytest.raises(NotFound):
            tx.revision(99)
        (entry,) = tx.journal_entries(workflow="article7")
    assert (entry.action, entry.actor, entry.at) == ("applied", "isu", LATER)


def test_the_journal_is_asked_by_what_it_is_about(store: Store) -> None:
    with store.write() as tx:
        tx.journal(NOW, "nim", "stopped", workflow=W, party="NR", detail="asked to be left alone")
        tx.journal(NOW, "nim", "noted", workflow=W, step="auckland", party="FJ", letter="k", detail="called")
        tx.journal(LATER, "isu", "noted", workflow="article7", detail="closed")
    with store.read() as tx:
        assert [each.detail for each in tx.journal_entries()] == ["asked to be left alone", "called", "closed"]
        assert [each.detail for each in tx.journal_entries(limit=2)] == ["called", "closed"]
        assert [each.detail for each in tx.journal_entries(workflow=W, party="FJ")] == ["called"]
        assert [each.detail for each in tx.journal_entries(step="auckland")] == ["called"]
        assert [each.detail for each in tx.journal_entries(letter="k")] == ["called"]
        assert [each.detail for each in tx.journal_entries(action="noted", limit=1)] == ["closed"]
        (entry,) = tx.journal_entries(party="NR")
    assert (entry.at, entry.actor, entry.action, entry.workflow) == (NOW, "nim", "stopped", W)
    assert (entry.step, entry.letter) == (None, None)


def test_a_letters_journal_is_not_its_neighbours(store: Store) -> None:
    one, ten = letter(round=1), letter(round=10)
    plan(store, [one])
    plan(store, [ten])
    with store.read() as tx:
        assert len(tx.journal_entries(letter=one.key)) == 1
        assert len(tx.journal_entries(letter=ten.key)) == 1


def test_calendar_items_are_kept_by_uid(store: Store) -> None:
    one = CalendarRow(W, "b@x", ("plan", "party:NR"), "d1", 0, NOW, None, b"BEGIN:VEVENT\r\n")
    two = CalendarRow(W, "a@x", (), "d2", 3, NOW, LATER, "SUMMARY:Côte d’Ivoire".encode())
    other = one._replace(workflow="article7", digest="d9")
    with store.write() as tx:
        tx.save_calendar_items([one, two, other])
        tx.save_calendar_items([])
    moved = one._replace(sequence=1, digest="d3", stamped_at=LATER)
    with store.write() as tx:
        tx.save_calendar_items([moved])
    with store.read() as tx:
        assert tx.calendar_items(W) == {"a@x": two, "b@x": moved}
        assert list(tx.calendar_items(W)) == ["a@x", "b@x"]
        assert tx.calendar_items("article7") == {"b@x": other}
        assert tx.calendar_items("nothing") == {}


def test_small_things_are_kept_by_name(store: Store) -> None:
    with store.write() as tx:
        assert tx.meta_get("digest") is None
        tx.meta_set("digest", "2018-03-01")
        tx.meta_set("digest", "2018-03-02")
        tx.meta_set("other", "")
    with store.read() as tx:
        assert (tx.meta_get("digest"), tx.meta_get("other")) == ("2018-03-02", "")


def test_who_reads_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match=r"read-?only"), store.read() as tx:
        tx.meta_set("digest", "x")
    with store.write() as tx:
        assert tx.meta_get("digest") is None


def test_a_reader_sees_one_state(store: Store) -> None:
    with store.read() as reader:
        assert reader.load_facts(W) == []
        with store.write() as writer:
            writer.add_fact(W, fact())
            writer.save_revision(W, "1", "{}", "{}", "nim", NOW)
        assert reader.load_facts(W) == []
        assert reader.workflows() == []
    with store.read() as reader:
        assert len(reader.load_facts(W)) == 1


def test_the_version_of_the_data_changes_when_others_record(store: Store, url: str) -> None:
    before = store.data_version()
    assert store.data_version() == before
    with Store.open(url, durable=False) as other, other.write() as tx:
        tx.add_fact(W, fact())
    after = store.data_version()
    assert after != before
    with store.read() as tx:
        tx.load_facts(W)
    assert store.data_version() == after
