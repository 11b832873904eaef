"""Word to owners of answers: of which plan and step, when, to whom; and how an answer is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.answer import Answer, AnswerKind
from engine.definition.facts import Subject
from engine.dispatcher.answering import source_of
from engine.dispatcher.notices.answers import answer_view, answers_notice, tell, withdraw_notices
from engine.letter import ANSWERS_NOTICE, Recorded
from engine.lifecycle import State
from engine.rendering.notices import AnswerView
from engine.store import AnswerRecord, Transaction
from tests.small_plan import House, fact, put
from tests.unit.test_digest_parts import ASK_A, ASK_B, NOON, PLAN

OTHER = PLAN.replace("workflow: small", "workflow: other").replace("email: desk@", "email: clerk@")
TWIN = PLAN.replace("workflow: small", "workflow: twin").replace("email: desk@", "email: Desk@")


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("answers"), NOON)
    with house:
        for name, plan in (("small", PLAN), ("twin", TWIN), ("other", OTHER)):
            put(house, name, plan)
        yield house


def come(
    house: House, tx: Transaction, letter: Recorded | None, kind: AnswerKind = AnswerKind.REPLY, **given: Any
) -> AnswerRecord:
    now = house.clock.now()
    return tx.add_answer(Answer(f"{len(tx.find_answers())}", kind, now, **given), kind, letter, now, "anna")


def told(tx: Transaction) -> list[str]:
    """The notices: their keys, when they are due, and what they are."""
    rows = [row for name in tx.workflows() for row in tx.recorded(name, party=None) if row.template == ANSWERS_NOTICE]
    return [f"{row.key} {row.due_at:%m-%d %H:%M} {row.state}: {row.reason}" for row in rows]


WAIT = "scheduled: answers wait for a decision"


def test_the_owner_of_the_step_is_told_at_once_and_once(house: House) -> None:
    with house.undone() as tx:
        now, row = house.clock.now(), house.row(ASK_A)
        tell(tx, house.app.standings, come(house, tx, row), now)
        first = [f"small/2018/ask/-/1/desk/answers-2018-04-24-1 04-24 10:00 {WAIT}"]
        assert told(tx) == first
        tell(tx, house.app.standings, come(house, tx, row), now)
        assert told(tx) == first, "it tells of all that wait by then"
        tell(tx, house.app.standings, come(house, tx, row._replace(step="sign", cycle=None)), now)
        assert told(tx) == [f"small/-/sign/-/1/chair/answers-2018-04-24-1 04-24 10:00 {WAIT}", *first]
        tell(tx, house.app.standings, come(house, tx, row._replace(step="none")), now)
        assert told(tx)[0] == f"small/-/meeting/-/1/desk/answers-2018-04-24-1 04-24 10:00 {WAIT}"
        entry = tx.journal_entries(action="planned")[-1]
        assert (entry.actor, entry.detail) == ("tick", "1 letter, 2018-04-24T10:00Z: answers came in")


def test_what_nobody_can_place_is_told_to_each_owner_once(house: House) -> None:
    with house.undone() as tx:
        tell(tx, house.app.standings, come(house, tx, None, AnswerKind.UNMATCHED), house.clock.now())
        assert told(tx) == [
            f"{plan}/-/meeting/-/1/desk/answers-2018-04-24-1 04-24 10:00 {WAIT}" for plan in ("other", "small")
        ]


def test_what_an_owners_own_letter_brought_back_is_told_to_nobody(house: House) -> None:
    with house.undone() as tx:
        row = house.row(ASK_A)._replace(key=ASK_A.replace("aa_m", "desk"), party=None)
        tell(tx, house.app.standings, come(house, tx, row), house.clock.now())
        assert told(tx) == []
        tell(tx, house.app.standings, come(house, tx, row._replace(step="sign")), house.clock.now())
        assert len(told(tx)) == 1, "the chair is told of what the desk's letter brought back"


def test_of_a_second_answer_the_next_morning_tells_and_not_of_the_first_again(house: House) -> None:
    row = house.row(ASK_A)
    with house.app.standings.deciding() as tx:
        first = come(house, tx, row, text="One.")
        tell(tx, house.app.standings, first, house.clock.now())
    assert [each.key for each in house.tick().sent if each.template == ANSWERS_NOTICE] == [
        "small/2018/ask/-/1/desk/answers-2018-04-24-1"
    ]
    house.at("2018-04-24T13:00")
    with house.app.standings.deciding() as tx:
        second = come(house, tx, row, text="Two.")
        tell(tx, house.app.standings, second, house.clock.now())
        assert told(tx)[1:] == [f"small/2018/ask/-/1/desk/answers-2018-04-24-2 04-25 07:00 {WAIT}"]
        standing = house.app.standings.get(tx, "small", house.clock.now())
        letter = next(each for each in standing.planner.plan_steps(None).letters)._replace(step="ask", cycle="2018")
        notice = answers_notice(tx, standing, letter, "https://plan.example")
        assert notice is not None
        found, context = notice
        assert (found, context.told_before, context.pages) == (letter, 1, "https://plan.example")
        assert context.answers == (answer_view(tx, standing, second),)
        assert answers_notice(tx, standing, letter._replace(cycle="2019"), "") is None
        withdraw_notices(tx, standing, second, house.clock.now(), "anna")
        assert told(tx)[1].endswith(WAIT), "there is something to tell still"
        tx.decide_answer(second.id, "go-on", house.clock.now(), "anna")
        withdraw_notices(tx, standing, second, house.clock.now(), "anna")
        assert [each.split(" ")[-1] for each in told(tx)[1:]] == ["decided"]
        assert told(tx)[1].endswith("04-25 07:00 withdrawn: every answer is decided")
        entry = tx.journal_entries(letter="small/2018/ask/-/1/desk/answers-2018-04-24-2")[-1]
        assert (entry.actor, entry.action) == ("anna", "withdrawn")


def test_an_answer_in_words(house: House) -> None:
    long = "\n".join(f"Line {number}" for number in range(61))
    with house.undone() as tx:
        now, row = house.clock.now(), house.row(ASK_A)
        tx.claim(row.due_at, 100, "other", row.due_at)
        tx.set_state(row.key, State.FAILED, "550 no", now=now, actor="other", subject="We ask")
        other = house.row(ASK_B)
        reply = come(house, tx, row, text=" \n\nOn\u202e it.\n\nSoon.\n ", sender="m@aa.example")
        link = come(house, tx, other, AnswerKind.LINK, said="by 2018-04-30", text=long)
        bounce = come(house, tx, row, AnswerKind.BOUNCE, said="5.1.1 unknown")
        stranger = come(house, tx, None, AnswerKind.UNMATCHED, text=long.removesuffix("\nLine 60"))
        tx.add_fact(
            "small", fact(0, "unreachable", Subject(contact="aa_m"), "m@aa.example", source=source_of(bounce.id))
        )
        tx.add_fact("small", fact(0, "answered", Subject(party="AA", step="ask", cycle="2018"), "yes"))
        standing = house.app.standings.get(tx, "small", now, changed=True)
        views = [answer_view(tx, standing, each) for each in (reply, link, bounce, stranger)]
    on, lines = "Tuesday 24 April 2018, 12:00 Europe/Zurich", tuple(long.split("\n")[:60])
    assert views == [
        AnswerView(1, "reply", "Aland", on, "We ask", ("On it.", "", "Soon."), held=True),
        AnswerView(
            2, "link", "Bland", on, "", (*lines, "…"), "by 30 April 2018", instead="Mission of B <m@bb.example>"
        ),
        AnswerView(3, "bounce", "Aland", on, "We ask", (), "5.1.1 unknown", "m@aa.example", "Mission of A"),
        AnswerView(4, "unmatched", "somebody", on, "", lines),
    ]
