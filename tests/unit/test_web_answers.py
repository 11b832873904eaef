"""The page of answers: what it shows, what a person decides on it, and that no mail's markup reaches it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.answer import Answer, AnswerKind
from engine.app.answers.taking_in import TakenIn, take_in
from engine.lifecycle import SETTLED, State
from tests.installation import Installation
from tests.visitor import NASTY, Visitor, autumn, visit, words


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("autumn")
    with autumn(folder) as house:
        house.run_to("2017-11-10T12:00")
    return folder


@pytest.fixture
def house(settled: Path, tmp_path: Path) -> Iterator[Installation]:
    with Installation.copy(settled, tmp_path, "2017-11-10T12:00") as house:
        yield house


def sent_to(house: Installation, party: str = "FJ") -> str:
    rows = [row for row in house.rows(step="ny_follow_up", party=party) if row.state in SETTLED]
    return rows[-1].key


def come_in(
    house: Installation, kind: AnswerKind = AnswerKind.REPLY, party: str | None = "FJ", **given: Any
) -> TakenIn:
    letter = sent_to(house, party) if party else None
    given = {"source": f"test:{given}", "sender": "Ministry <m@fj.example>", **given}
    (taken,) = take_in(house.app, [Answer(kind=kind, received_at=house.clock.now(), letter=letter, **given)], "mail")
    return taken


def test_what_waits_is_shown_with_its_text_and_its_letter_and_counted_on_every_page(
    house: Installation, visitor: Visitor
) -> None:
    assert "No answer waits." in words(visitor.get("/answers"))
    assert 'class="count waits"' not in visitor.get("/parties").text
    come_in(house, text=f"We will report.\n{NASTY}", subject="Re: <b>report</b>")
    page = visitor.get("/answers")
    told = words(page)
    assert "We will report. <script>alert('x')</script>\"&<b>" in told
    assert "<script>alert" not in page.text
    assert "<b>report" not in page.text
    assert "The letters of this step to Fiji wait until you decide." in told
    assert 'class="count waits">1<' in visitor.get("/parties").text
    assert 'class="count waits">1<' in visitor.get("/").text


def test_go_on_wait_and_done(house: Installation, visitor: Visitor) -> None:
    first = come_in(house, text="one")
    csrf = visitor.csrf("/answers")
    answer = visitor.post("/answers", csrf=csrf, number=first.id, decision="go-on", reason="a courtesy")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/answers#answer-{first.id}")
    told = words(visitor.get("/answers"))
    assert f"Answer {first.id} is decided: go-on." in told
    assert "revived" in told
    second = come_in(house, text="two")
    visitor.post("/answers", csrf=csrf, number=second.id, decision="wait", day="2017-01-01")
    assert "Not done: 1 January 2017 does not lie ahead" in words(visitor.get("/answers"))
    visitor.post("/answers", csrf=csrf, number=second.id, decision="wait", day="2017-12-11")
    third = come_in(house, text="three")
    visitor.post(
        "/answers", csrf=csrf, number=third.id, decision="done", fact="report", value="2017-11-10", details="form_a"
    )
    assert "is not of the form name=value" in words(visitor.get("/answers"))
    visitor.post(
        "/answers", csrf=csrf, number=third.id, decision="done", fact="report", value="2017-11-10",
        details="form_a=substantive",
    )  # fmt: skip
    everything = words(visitor.get("/answers?all=yes"))
    for decision in ("go-on,", "wait 2017-12-11,", "settled,"):
        assert decision in everything
    with house.app.store.read() as tx:
        assert [found.decided_by for found in tx.find_answers()] == ["anna (page)"] * 3


def test_mail_that_came_back_asks_for_another_address(house: Installation, visitor: Visitor) -> None:
    row = house.row(sent_to(house))
    taken = come_in(house, AnswerKind.BOUNCE, address=row.to.rpartition("<")[2].rstrip(">"), said="5.1.1 unknown")
    told = words(visitor.get("/answers"))
    assert "Mail that came back" in told
    assert "fj_mission is not written to." in told
    assert "mail to it comes back" in words(visitor.get("/party/FJ"))
    csrf = visitor.csrf("/answers")
    form = {"number": taken.id, "workflow": "ccm-nim-2018", "contact": "fj_mission"}
    visitor.post("/answers/address", csrf=csrf, **form, address="no address")
    assert "Not done: " in words(visitor.get("/answers"))
    visitor.post("/answers/address", csrf=csrf, **form, address="new@fj.example")
    told = words(visitor.get("/answers"))
    assert "fj_mission has the address new@fj.example." in told
    assert "No answer waits." in told


def test_what_nobody_can_place_is_assigned(house: Installation, visitor: Visitor) -> None:
    key = sent_to(house)
    taken = come_in(house, AnswerKind.UNMATCHED, None, text="About your letter")
    csrf = visitor.csrf("/answers")
    visitor.post("/answers", csrf=csrf, number=taken.id, decision="assign", key="nonsense")
    assert "is not a letter's key" in words(visitor.get("/answers"))
    visitor.post("/answers", csrf=csrf, number=taken.id, decision="assign", key=key)
    told = words(visitor.get("/answers"))
    assert f"Answer {taken.id} is a reply to that letter now." in told
    assert "wait until you decide" in told
    visitor.post("/answers", csrf=csrf, number=taken.id, decision="nothing")
    assert house.row(key).state == State.SENT


def test_a_decision_is_a_form_of_this_session(house: Installation, visitor: Visitor) -> None:
    taken = come_in(house, text="one")
    assert visitor.post("/answers", csrf="0" * 64, number=taken.id, decision="go-on").status_code == 403
    assert visitor.post("/answers/address", csrf="x", number=1, workflow="w", contact="c").status_code == 403
    assert visit(house.app, stranger=True).get("/answers").status_code == 403
    csrf = visitor.csrf("/answers")
    visitor.post("/answers", csrf=csrf, number=taken.id, decision="burn")
    assert "Not done: there is no such decision." in words(visitor.get("/answers"))
    assert re.search(r"waits\">1<", visitor.get("/answers").text)
    visitor.post("/answers", csrf=csrf, number=999, decision="go-on")
    assert "there is no answer 999" in words(visitor.get("/answers"))
