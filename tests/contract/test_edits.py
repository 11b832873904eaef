"""Edits: kept for good, one in force, never of a letter that has left."""

from __future__ import annotations

import pytest

from engine.errors import NotFound, Refused
from engine.letter import Recorded, Wording
from engine.planning.changes import Action
from engine.store import Approval, Store
from tests.contract.samples import NOW, apply, change, letter

OURS = letter(approval=True)
WORDS = Wording("Of 29 March", "In *our* words.\n\nTwice: é, ū, 中.")


def edit(store: Store, words: Wording | None, key: str = OURS.key) -> Recorded:
    with store.write() as tx:
        return tx.edit(key, words, NOW, "anna")


@pytest.fixture
def planned(store: Store) -> Store:
    apply(store, change(Action.INSERT, OURS))
    return store


def test_a_letter_reads_by_its_last_edit(planned: Store) -> None:
    first = edit(planned, Wording("First", "One."))
    last = edit(planned, WORDS)
    assert first.edited != last.edited
    with planned.read() as tx:
        row = tx.letter(OURS.key)
        assert row == last
        found = tx.edit_of(last)
        assert found is not None
        assert (found.letter, found.wording, found.author, found.at) == (OURS.key, WORDS, "anna", NOW)
        assert tx.wording(first) == Wording("First", "One."), "what was written once is kept"


def test_an_edit_that_is_taken_back_leaves_the_template(planned: Store) -> None:
    edit(planned, WORDS)
    row = edit(planned, None)
    with planned.read() as tx:
        assert tx.wording(row) is None
        assert [entry.action for entry in tx.journal_entries(letter=OURS.key)][-2:] == ["edited", "unedited"]


def test_an_edit_takes_the_approval_back(planned: Store) -> None:
    with planned.write() as tx:
        tx.approve([Approval(OURS.key, "d" * 64, "Subject", "to@aa.example", "")], NOW, "anna")
    row = edit(planned, WORDS)
    assert (row.state, row.approved_digest, row.asked_at) == ("awaiting_approval", None, NOW)
    assert row.reason == "edited by anna after its approval"


def test_what_nobody_was_asked_about_yet_waits_as_before(planned: Store) -> None:
    assert edit(planned, WORDS).state == "scheduled"


def test_what_was_refused_can_be_edited_and_what_the_plan_withdrew_cannot(planned: Store) -> None:
    with planned.write() as tx:
        tx.refuse(OURS.key, "not like this", NOW, "anna")
    assert edit(planned, WORDS).state == "withdrawn"
    other = letter("before-2w", approval=True)
    apply(planned, change(Action.INSERT, other))
    apply(planned, change(Action.WITHDRAW, other.key))
    with pytest.raises(Refused, match="it is withdrawn: only a letter that is still to leave"):
        edit(planned, WORDS, other.key)


def test_there_is_nothing_to_edit_of_a_letter_that_is_none(store: Store) -> None:
    with pytest.raises(NotFound):
        edit(store, WORDS)
