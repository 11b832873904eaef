"""What a page asks the store for at a glance."""

from __future__ import annotations

from datetime import timedelta

from engine.planning.changes import Action
from engine.store import Approval, Sought, Store, Ticks
from tests.contract.samples import DUE, NOW, W, apply, change, letter, many


def planned(store: Store) -> None:
    apply(
        store,
        *(change(Action.INSERT, letter(party=party)) for party in ("NR", "FJ", "CK")),
        change(Action.INSERT, letter(party="WS", zone="Pacific/Apia", due_at=DUE - timedelta(days=1))),
        change(Action.INSERT, letter("review", None, "outreach", due_at=DUE + timedelta(days=9))),
    )
    with store.write() as tx:
        tx.set_state(letter(party="FJ").key, "missed", "too late", now=NOW, actor="t")
        tx.approve([Approval(letter(party="NR").key, "d", "100 %_of\\ Nauru", "Mission <nr@un.example>", "")], NOW, "t")


def test_ticks_are_counted_by_step_state_instant_and_zone(store: Store) -> None:
    planned(store)
    with store.read() as tx:
        assert tx.ticks(W) == [
            Ticks("ny_follow_up", "missed", DUE, "Europe/Zurich", 1),
            Ticks("ny_follow_up", "scheduled", DUE - timedelta(days=1), "Pacific/Apia", 1),
            Ticks("ny_follow_up", "scheduled", DUE, "Europe/Zurich", 2),
            Ticks("outreach", "scheduled", DUE + timedelta(days=9), "Europe/Zurich", 1),
        ]
        assert tx.ticks("other") == []
        assert tx.letter_counts() == {(W, "missed"): 1, (W, "scheduled"): 4}


def test_what_leaves_next_comes_by_its_instant(store: Store) -> None:
    planned(store)
    with store.read() as tx:
        assert [row.party for row in tx.next_letters(W, 3)] == ["WS", "CK", "NR"]
        assert tx.next_letters("other", 3) == []


def test_the_newest_come_first_and_in_pages(store: Store) -> None:
    apply(store, *(change(Action.INSERT, each) for each in many(7)))
    with store.read() as tx:
        pages = [[row.party for row in tx.newest_letters(["scheduled"], limit=3, offset=past)] for past in (0, 3, 6)]
        assert pages == [["P0006", "P0005", "P0004"], ["P0003", "P0002", "P0001"], ["P0000"]]
        assert tx.newest_letters(["sent"], limit=3) == []


def test_words_are_taken_as_they_are(store: Store) -> None:
    planned(store)

    def found(words: str) -> list[str | None]:
        with store.read() as tx:
            sought = [Sought(word) for word in words.lower().split()]
            return [row.party for row in tx.newest_letters(["scheduled", "missed"], limit=9, workflow=W, sought=sought)]

    assert found("nauru MISSION") == ["NR"]
    assert found("100 %_of\\") == ["NR"]
    assert found("/FJ/") == ["FJ"]
    assert found("%%") == found("__") == found("_ru") == []
    assert found("' OR 1=1 --") == []
    assert len(found("")) == 5


def test_names_are_found_by_what_has_them(store: Store) -> None:
    planned(store)
    with store.read() as tx:
        names = [Sought("nauru", parties=("NR",)), Sought("workshop", steps=("ny_follow_up",))]
        assert [row.party for row in tx.newest_letters(["scheduled"], limit=9, sought=names)] == ["NR"]
        assert tx.found_counts([Sought("island", parties=("FJ", "NR", "CK"))]) == {"missed": 1, "scheduled": 2}
        assert tx.found_counts([Sought("nowhere")]) == {}
