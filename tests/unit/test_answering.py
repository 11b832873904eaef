"""What an answer is about and what it says: the follow-up that it holds, the address that failed, the day it names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engine.answer import Answer, AnswerKind
from engine.definition.dates import day
from engine.definition.facts import Fact, Subject
from engine.dispatcher.answering import (
    addressee_of,
    answered,
    brought_about,
    case_at,
    case_for,
    contact_of,
    held_by,
    held_place,
    holds,
    is_held,
    of_address,
    promised,
    released,
    settle,
    source_of,
)
from engine.dispatcher.notices.lines import whose
from engine.dispatcher.standing import Standing
from engine.store import AnswerRecord, Transaction
from tests.installation import Installation
from tests.small_plan import PLAN, TUESDAY, fact, put

CYCLE = "cycle: {every: year, due: 04-30, opens: 12 weeks before}\n"
STEPS = """\
  once: {follow_up: Once, cycle: none, by: 2018-06-29, until: report, send: [on the day], letter: nudge}
  talks: {ongoing: Talks, review: every 2 weeks}
"""
YEARLY = PLAN.replace("ends: 2018-12-31\n", CYCLE).replace("by: 2018-02-02", "by: cycle.due") + STEPS
ROW = "small/-/once/AA/1/aa_m/on-day"
ONCE, ONCE_B = (Subject(party=party, step="once") for party in ("AA", "BB"))
ASKED, OFF, GONE = (Subject(party="AA", step="ask", cycle=cycle) for cycle in ("2018", "2019", "2020"))


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("answering"), "2018-01-08T08:00") as house:
        put(house, plan=YEARLY)
        yield house


@pytest.fixture
def tx(house: Installation) -> Iterator[Transaction]:
    with house.app.standings.deciding() as tx:
        yield tx


@pytest.fixture
def standing(house: Installation, tx: Transaction) -> Standing:
    return house.app.standings.get(tx, "small", house.clock.now())


def answer(kind: AnswerKind = AnswerKind.REPLY, number: int = 1, **other: Any) -> AnswerRecord:
    made = AnswerRecord(
        number, str(number), kind, None, "", "small", None, None, None, "", "", "", "", "", "", TUESDAY, TUESDAY, "open",
        "", "", None, "",
    )  # fmt: skip
    return made._replace(**other)


def test_only_some_answers_are_about_an_address() -> None:
    link = [answer(AnswerKind.LINK, said=said) for said in ("wrong_person", "submitted", "by 2018-03-20")]
    found = [*(answer(kind, said="wrong_person") for kind in AnswerKind if kind is not AnswerKind.LINK), *link]
    assert [each.kind for each in found if of_address(each)] == ["bounce", "link"]
    assert [(each.kind, each.said) for each in found if holds(each)] == [
        ("reply", "wrong_person"), ("link", "submitted"), ("link", "by 2018-03-20"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "said", "on"),
    [
        (AnswerKind.LINK, "by 2018-03-20", date(2018, 3, 20)),
        (AnswerKind.LINK, "by the end", None),
        (AnswerKind.LINK, "2018-03-20", None),
        (AnswerKind.LINK, "submitted", None),
        (AnswerKind.REPLY, "by 2018-03-20", None),
    ],
)
def test_the_day_that_a_link_names(kind: AnswerKind, said: str, on: date | None) -> None:
    assert promised(answer(kind, said=said)) == on


def test_whose_an_answer_is(standing: Standing) -> None:
    given: dict[str, Any] = {"sender": "m@aa.example", "address": "a@aa.example"}
    assert [whose(standing, each) for each in (
        answer(party="AA", **given), answer(party="XX", **given), answer(**given), answer(address="a@aa.example"),
        answer(),
    )] == ["Aland", "XX", "m@aa.example", "a@aa.example", "somebody"]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (("AA", "ask", "2018"), True),
        (("AA", "once", None), True),
        (("AA", "ask", "1999"), False),
        (("XX", "ask", "2018"), False),
        ((None, "ask", "2018"), False),
        (("AA", "none", None), False),
        (("AA", None, None), False),
        (("AA", "talks", None), False),
    ],
)
def test_the_follow_up_of_a_party(
    standing: Standing, place: tuple[str | None, str | None, str | None], found: bool
) -> None:
    party, step, cycle = place
    case = case_at(standing, Subject(party=party, step=step, cycle=cycle))
    assert (case is not None) is found
    if case is not None:
        assert case.place == (step, cycle, party)
        assert case.party.name == "Aland"
        assert held_place(case) == Subject(party="AA", step=step, cycle=cycle)


def test_what_a_role_answers_is_not_the_partys_answer(house: Installation, standing: Standing) -> None:
    row = house.row(ROW)
    place: dict[str, Any] = {"party": "AA", "step": "once"}
    to_role = row.key.replace("aa_m", "desk")
    assert [addressee_of(each) for each in (row, answer(letter=row.key), answer(letter=to_role), answer())] == [
        "aa_m", "aa_m", "desk", "",
    ]  # fmt: skip
    assert [case_for(standing, each) is not None for each in (
        row, row._replace(addressee="desk"), answer(letter=row.key, **place), answer(letter=to_role, **place),
        answer(**place), answer(letter=row.key),
    )] == [True, False, True, False, True, False]  # fmt: skip


def test_what_is_recorded_of_an_answer(standing: Standing) -> None:
    late = datetime(2018, 1, 9, 23, 30, tzinfo=UTC)  # it is the tenth in Zurich
    assert answered(standing, ONCE, "yes", late, source=source_of(7), author="anna") == Fact(
        0, "answered", ONCE, "yes", day(date(2018, 1, 10)), late, (), "answer:7", "", "anna"
    )


def test_what_an_answer_holds_and_what_is_released_with_it(tx: Transaction, standing: Standing) -> None:
    book = standing.planner.book
    mine, other = (answer(number=number, party="AA", step="once") for number in (1, 2))
    assert not is_held(standing, ONCE)
    for number, (place, value, source) in enumerate(
        ((ONCE, "yes", 1), (ASKED, "yes", 1), (ONCE_B, "yes", 2), (ONCE, "yes", 1), (OFF, "no", 1)), 1
    ):
        book.add(fact(number, "answered", place, value, source=source_of(source)))
    book.add(fact(8, "answered", GONE, "yes", source=source_of(1), retracted_at=TUESDAY))
    assert [held_by(standing, each) for each in (mine, other)] == [[ONCE, ASKED], [ONCE_B]]
    assert [is_held(standing, place) for place in (ONCE, ASKED, ONCE_B, OFF, GONE)] == [True, True, True, False, False]
    everything = [each.id for each in brought_about(standing, mine, "answered", gone=True)]
    assert (everything, len(list(brought_about(standing, mine, "answered")))) == ([1, 4, 2, 5, 8], 4)
    assert released(tx, standing, mine, TUESDAY, "anna") == [
        answered(standing, place, "no", TUESDAY, source="answer:1", author="anna") for place in (ONCE, ASKED)
    ]
    book.add(fact(9, "answered", ONCE, "no", recorded_at=TUESDAY + timedelta(hours=1)))
    assert [each.subject for each in released(tx, standing, mine, TUESDAY, "anna")] == [ASKED]


def test_what_another_answer_holds_stays_held(tx: Transaction, standing: Standing) -> None:
    first, second = (
        tx.add_answer(Answer(source, AnswerKind.REPLY, TUESDAY), AnswerKind.REPLY, None, TUESDAY, "anna")
        for source in ("one", "two")
    )
    for number, each in enumerate((first, second), 1):
        standing.planner.book.add(fact(number, "answered", ONCE, "yes", source=source_of(each.id)))
    assert released(tx, standing, first, TUESDAY, "anna") == []
    tx.decide_answer(second.id, "kept", TUESDAY, "anna")
    assert [each.subject for each in released(tx, standing, first, TUESDAY, "anna")] == [ONCE]


def test_a_contact_is_found_with_its_address_of_now(house: Installation, standing: Standing, tx: Transaction) -> None:
    found = contact_of(standing, "aa_m")
    assert found is not None
    assert (found.id, found.address) == ("aa_m", "m@aa.example")
    assert (contact_of(standing, "none"), contact_of(standing, None)) == (None, None)
    tx.add_fact("small", fact(0, "address", Subject(contact="aa_m"), "new@aa.example"))
    anew = house.app.standings.get(tx, "small", house.clock.now(), changed=True)
    found = contact_of(anew, "aa_m")
    assert found is not None
    assert found.address == "new@aa.example"


@pytest.mark.parametrize(
    ("value", "after", "note"),
    [
        ("m@aa.example", [], ""),
        ("M@AA.example", [], ""),
        ("old@aa.example", [], "aa_m has another address: m@aa.example"),
        ("m@aa.example", [("address", "m@aa.example")], "aa_m was given this address again"),
        ("m@aa.example", [("address", "new@aa.example")], "aa_m has another address: new@aa.example"),
    ],
)
def test_an_address_that_is_mended_settles_a_bounce(
    house: Installation, tx: Transaction, value: str, after: list[tuple[str, str]], note: str
) -> None:
    made = tx.add_answer(Answer("1", AnswerKind.BOUNCE, TUESDAY), AnswerKind.BOUNCE, house.row(ROW), TUESDAY, "anna")
    about, now = Subject(contact="aa_m"), TUESDAY + timedelta(hours=2)
    tx.add_fact("small", fact(0, "unreachable", about, value, source=source_of(made.id)))
    for name, new in after:
        tx.add_fact("small", fact(0, name, about, new, recorded_at=TUESDAY + timedelta(hours=1)))
    settled = settle(tx, house.app.standings.get(tx, "small", now), now, "anna")
    (kept,) = tx.find_answers()
    if not note:
        assert (settled, kept) == (([], []), made)
    else:
        assert settled == ([kept], [])
        assert (kept.decision, kept.note, kept.decided_at, kept.decided_by) == ("settled", note, now, "anna")


@pytest.mark.parametrize(
    ("recorded", "note"),
    [
        (("report", "2018-01-09", Subject(party="AA"), 1), "done: report, true on 2018-01-09"),
        (("report", "2018-01-09", Subject(party="AA"), 0), "done: report, true on 2018-01-09"),
        (("report", "2018-01-09", Subject(party="AA"), -1), ""),
        (("report", "2018-01-09", Subject(party="BB"), 1), ""),
        (("exempt", "yes", Subject(party="AA", step="once"), 0), "Aland is exempt"),
        (("exempt", "yes", Subject(party="AA", step="once"), -1), ""),
    ],
)
@pytest.mark.parametrize("held", [True, False])
def test_what_makes_a_party_done_settles_its_answer(
    house: Installation, tx: Transaction, recorded: tuple[str, str, Subject, int], note: str, held: bool
) -> None:
    name, value, about, hours = recorded
    made = tx.add_answer(Answer("1", AnswerKind.REPLY, TUESDAY), AnswerKind.REPLY, house.row(ROW), TUESDAY, "anna")
    now = TUESDAY + timedelta(hours=2)
    if held:
        tx.add_fact("small", fact(0, "answered", ONCE, "yes", source=source_of(made.id)))
    tx.add_fact("small", fact(0, name, about, value, recorded_at=TUESDAY + timedelta(hours=hours)))
    standing = house.app.standings.get(tx, "small", now)
    settled = settle(tx, standing, now, "anna")
    assert [each.note for each in settled.answers] == ([note] if note else [])
    assert [(each.subject, each.value, each.id > 0) for each in settled.facts] == (
        [(ONCE, "no", True)] if note and held else []
    )
