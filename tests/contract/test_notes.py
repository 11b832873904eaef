"""Numbers of notes verbales: one for each, the lowest that is free, the same on every database."""

from __future__ import annotations

from engine.letter import NoteNumber
from engine.lifecycle import State
from engine.planning.changes import Action
from engine.store import Store
from tests.contract.samples import DUE, NOW, apply, change, claim, hand, letter, plan

SERIES = "nim@example.org/2018"
LETTERS = [letter(party=party) for party in ("NR", "FJ", "CK", "PW")]
NR, FJ, CK, PW = (each.key for each in LETTERS)


def give(store: Store, key: str, series: str = SERIES) -> NoteNumber | None:
    with store.write() as tx:
        tx.number_note(key, series, NOW, "anna")
        return tx.note_number(key)


def test_numbers_are_given_in_order_and_kept(store: Store) -> None:
    plan(store, LETTERS)
    assert [give(store, key) for key in (FJ, NR, FJ)] == [NoteNumber(SERIES, number) for number in (1, 2, 1)]
    with store.read() as tx:
        assert tx.note_number(CK) is None
        numbered = [entry.letter for entry in tx.journal_entries(action="numbered")]
    assert sorted(filter(None, numbered)) == sorted([FJ, NR])


def test_each_sender_and_year_has_its_own(store: Store) -> None:
    plan(store, LETTERS)
    assert give(store, NR) == NoteNumber(SERIES, 1)
    assert give(store, FJ, "nim@example.org/2019") == NoteNumber("nim@example.org/2019", 1)


def test_a_letter_that_was_withdrawn_passes_its_number_on(store: Store) -> None:
    plan(store, LETTERS)
    assert [give(store, key) for key in (NR, FJ)] == [NoteNumber(SERIES, number) for number in (1, 2)]
    apply(store, change(Action.WITHDRAW, NR))
    assert give(store, CK) == NoteNumber(SERIES, 1)
    with store.read() as tx:
        assert tx.note_number(NR) is None
    assert give(store, NR) == NoteNumber(SERIES, 3)


def test_what_may_have_left_keeps_its_number(store: Store) -> None:
    plan(store, LETTERS)
    give(store, NR)
    claim(store)
    assert hand(store, NR)
    with store.write() as tx:
        tx.set_state(NR, State.SCHEDULED, "the connection was lost", now=DUE, actor="w1")
        tx.set_state(NR, State.WITHDRAWN, "it is done", now=DUE, actor="w1")
    assert give(store, FJ) == NoteNumber(SERIES, 2)


def test_a_letter_of_another_year_gives_its_number_back(store: Store) -> None:
    plan(store, LETTERS)
    give(store, NR)
    give(store, FJ)
    assert give(store, NR, "nim@example.org/2019") == NoteNumber("nim@example.org/2019", 1)
    assert give(store, CK) == NoteNumber(SERIES, 1)
