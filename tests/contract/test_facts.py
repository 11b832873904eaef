"""Facts in the store: append-only, taken back by another row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from engine.definition.dates import parse_span
from engine.definition.facts import BEGINNING, FactBook, Subject
from engine.errors import NotFound, Refused, StoreError
from engine.store import Store
from tests.contract.samples import NOW, W, fact

LATER = NOW + timedelta(days=1)


def test_a_fact_comes_back_as_it_was_recorded(store: Store) -> None:
    given = fact(
        subject=Subject("NR", "ny_workshop", "msp8", "2018", "NR-mission"),
        true=parse_span("2018-03"),
        details=(("form_a", "substantive"), ("kind", "initial")),
        note="said on the phone: “yes”",
    )
    with store.write() as tx:
        made = tx.add_fact(W, given)
    with store.read() as tx:
        assert tx.load_facts(W) == [made]
    assert made == replace(given, id=made.id)
    assert made.id > 0


def test_many_facts_are_kept_as_each_alone_would_be(store: Store) -> None:
    given = [
        fact(
            subject=Subject(party=f"P{number:04d}"),
            true=parse_span("2018-03"),
            details=(("form_a", "substantive"), ("kind", "initial")),
            source=f"answers.csv, line {number + 2}",
            note="said on the phone: “yes”",
        )
        for number in range(1_203)
    ]
    with store.write() as tx:
        made = tx.add_facts(W, given)
    assert [replace(each, id=0) for each in made] == [replace(each, id=0) for each in given]
    assert [each.id for each in made] == sorted({each.id for each in made})
    with store.read() as tx:
        assert tx.load_facts(W) == made
        entries = tx.journal_entries(action="recorded")
    with store.write() as tx:
        tx.add_fact(W, given[0])
        assert tx.add_facts(W, []) == []
    with store.read() as tx:
        alone = tx.journal_entries(action="recorded")[-1]
    assert [each.party for each in entries] == [each.subject.party for each in given]
    assert alone._replace(id=0) == entries[0]._replace(id=0)


@pytest.mark.parametrize("span", ["2017-10-12", "2018-02-12..2018-02-14", "2018-03", "2018-Q1", "2018"])
def test_the_precision_of_a_date_is_kept(store: Store, span: str) -> None:
    with store.write() as tx:
        tx.add_fact(W, fact(true=parse_span(span)))
    with store.read() as tx:
        assert [each.true for each in tx.load_facts(W)] == [parse_span(span)]


def test_instants_come_back_in_utc_to_the_microsecond(store: Store) -> None:
    tokyo = datetime(2018, 3, 1, 17, 0, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
    with store.write() as tx:
        tx.add_fact(W, fact(recorded_at=tokyo))
        tx.add_fact(W, fact(recorded_at=BEGINNING))
    with store.read() as tx:
        first, second = (each.recorded_at for each in tx.load_facts(W))
    assert first == tokyo
    assert first.tzinfo is UTC
    assert second == BEGINNING


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="has no zone"), store.write() as tx:
        tx.add_fact(W, fact(recorded_at=datetime(2018, 3, 1)))  # noqa: DTZ001 - the point
    with store.read() as tx:
        assert tx.load_facts(W) == []


def test_each_workflow_has_its_own_facts(store: Store) -> None:
    with store.write() as tx:
        tx.add_fact(W, fact())
        other = tx.add_fact("article7", fact("law_status"))
    with store.read() as tx:
        assert [each.name for each in tx.load_facts(W)] == ["report"]
        assert tx.last_fact_row("article7") == other.id
        assert tx.last_fact_row("nothing") == 0


def test_taking_back_is_a_row_of_its_own(store: Store) -> None:
    with store.write() as tx:
        made = tx.add_fact(W, fact())
        before = tx.last_fact_row(W)
    with store.write() as tx:
        tx.retract_fact(W, made.id, LATER, "it was another State's", "nim", "mail")
    with store.read() as tx:
        assert tx.load_facts(W) == [replace(made, retracted_at=LATER)]
        assert tx.last_fact_row(W) > before
        (taken,) = tx.retractions(W)
    assert (taken.fact_id, taken.at, taken.note) == (made.id, LATER, "it was another State's")
    assert (taken.author, taken.source) == ("nim", "mail")


def test_a_fact_is_taken_back_once(store: Store) -> None:
    with store.write() as tx:
        made = tx.add_fact(W, fact())
        tx.retract_fact(W, made.id, LATER, "", "nim")
    with pytest.raises(Refused, match="already"), store.write() as tx:
        tx.retract_fact(W, made.id, LATER, "", "nim")
    with store.read() as tx:
        assert len(tx.retractions(W)) == 1


def test_what_is_not_there_is_not_taken_back(store: Store) -> None:
    with store.write() as tx:
        made = tx.add_fact(W, fact())
        tx.retract_fact(W, made.id, LATER, "", "nim")
        retraction = tx.last_fact_row(W)
    for workflow, number in ((W, 99), ("article7", made.id), (W, retraction)):
        with pytest.raises(NotFound), store.write() as tx:
            tx.retract_fact(workflow, number, LATER, "", "nim")


def test_reading_on_gives_what_is_new_and_what_was_taken_back(store: Store) -> None:
    with store.write() as tx:
        old, kept = tx.add_fact(W, fact()), tx.add_fact(W, fact("oral_report"))
        row = tx.last_fact_row(W)
        tx.retract_fact(W, old.id, LATER, "", "nim")
        new = tx.add_fact(W, fact("awareness", None))
    with store.read() as tx:
        since = tx.load_facts(W, after=row)
        assert since == [replace(old, retracted_at=LATER), new]
        assert tx.load_facts(W, after=tx.last_fact_row(W)) == []
        everything = tx.load_facts(W)
    book = FactBook([old, kept])
    for each in since:
        book.add(each)
    assert sorted(book, key=lambda each: each.id) == everything


def test_recording_and_taking_back_are_on_the_journal(store: Store) -> None:
    with store.write() as tx:
        made = tx.add_fact(W, fact(details=(("kind", "initial"),), note="by courier"))
        tx.retract_fact(W, made.id, LATER, "mistaken", "isu")
    with store.read() as tx:
        recorded, retracted = tx.journal_entries(party="NR")
    assert (recorded.action, recorded.actor, recorded.at) == ("recorded", "nim", NOW)
    assert recorded.detail == "report 2018-03-20, kind initial: by courier"
    assert (retracted.action, retracted.actor, retracted.at) == ("retracted", "isu", LATER)
    assert retracted.detail == "report 2018-03-20: mistaken"


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def half_way() -> None:
        with store.write() as tx:
            tx.add_fact(W, fact(on=date(2018, 3, 21)))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half_way()
    with store.read() as tx:
        assert tx.load_facts(W) == []
        assert tx.journal_entries() == []
