"""What a tick does of one small plan: what it looks at again, tries again, plans further; what waits and what is settled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.answer import Answer, AnswerKind
from engine.app.answers.deciding import Decision, decide
from engine.app.answers.taking_in import take_in
from engine.app.letters.letters import note_verbale
from engine.definition.dates import day
from engine.definition.facts import Fact, Subject
from engine.dispatcher.notices.readers import ACTOR
from engine.dispatcher.notices.waiting import readings
from engine.letter import ANSWERS_NOTICE, Recorded
from engine.lifecycle import State
from engine.rendering.context import Rendered
from engine.store import AnswerRecord
from tests.installation import Installation
from tests.small_plan import CONTACTS, FIRST, PLAN, A, B, put
from tests.smtp_server import MailServer


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, "2018-01-08T08:00") as house:
        yield house


def replied(house: Installation, key: str, source: str = "1") -> int:
    (taken,) = take_in(
        house.app, [Answer(source, AnswerKind.REPLY, house.clock.now(), key, "address", text="Yes.")], "mail"
    )
    return taken.id


def answer(house: Installation, number: int) -> AnswerRecord:
    with house.app.store.read() as tx:
        return tx.answer(number)


def test_a_letter_that_a_fact_stops_after_it_was_claimed_is_told_by_its_key(house: Installation) -> None:
    put(house)
    about = Subject(party="AA")
    on = house.clock.now()
    with house.app.standings.deciding() as tx:  # on record, and nothing planned yet
        tx.add_fact("small", Fact(0, "report", about, "2018-01-08", day(on.date()), on, (), "test", "", "tester"))
    done = house.tick(FIRST)
    assert done.stopped == [A]
    assert [row.key for row in done.sent] == [B]
    assert house.row(A).state == State.WITHDRAWN


def test_who_has_a_mail_already_does_not_get_it_when_it_is_tried_again(tmp_path: Path) -> None:
    with MailServer() as server, Installation(tmp_path, "2018-01-08T08:00", server.settings()) as house:
        put(house)
        server.on_rcpt = {"m@aa.example": "450 4.2.1 come again"}.get
        assert A in dict(house.tick(FIRST).failed)
        server.on_rcpt = None
        house.run_to("2018-01-08T10:00")
        assert [each.recipients for each in server.received if each.message["X-Followthrough-Key"] == A] == [
            ("c@aa.example",), ("m@aa.example",),
        ]  # fmt: skip


def test_what_has_no_end_is_planned_further_by_the_engine(house: Installation) -> None:
    talks = "  talks: {ongoing: Talks, review: every 2 weeks}\n"
    put(house, plan=PLAN.replace("ends: 2018-12-31\n", "") + talks)
    house.tick(FIRST)
    house.tick("2018-01-22T09:00")
    with house.app.store.read() as tx:
        further = [entry for entry in tx.journal_entries(workflow="small") if "the horizon moved on" in entry.detail]
    assert {entry.actor for entry in further} == {ACTOR}


def test_a_note_verbale_without_approval_is_numbered_as_it_leaves(house: Installation) -> None:
    head, first, *others = CONTACTS.splitlines()
    contacts = "\n".join([f"{head},letter_form", f"{first},note_verbale", *(f"{each}," for each in others), ""])
    put(house, contacts=contacts)
    house.tick(FIRST)
    assert house.row(A).state == State.SENT
    file, numbered = note_verbale(house.app, A)
    assert (file.name, numbered) == ("note-verbale-1-2018.pdf", True)
    with house.app.store.read() as tx:
        (entry,) = tx.journal_entries(letter=A, action="numbered")
    assert entry.at == house.clock.now()


def test_what_the_plan_has_no_more_hides_nothing_of_what_waits(house: Installation) -> None:
    put(house)
    real = house.row(A)
    gone = real._replace(key=A.replace("at-once", "before-9w"), slot="before-9w")
    with house.app.store.read() as tx:
        found = list(readings(tx, house.app.standings.get(tx, "small", house.clock.now()), [gone, real]))
    assert [row for row, _ in found] == [gone, real]
    assert found[0][1] == "the plan has no such letter any more"
    assert isinstance(found[1][1], Rendered)


def test_an_answer_after_the_report_waits_until_it_is_reported_anew(house: Installation) -> None:
    put(house)
    house.tick(FIRST)
    house.record("report", "2018-01-08", "AA", workflow="small")
    house.at("2018-01-09T10:00")
    number = replied(house, A)
    house.at("2018-01-10T10:00").record("report", "2018-01-10", "BB", workflow="small")
    assert answer(house, number).open
    house.retract("report", "AA", workflow="small")
    house.at("2018-01-11T10:00").record("report", "2018-01-11", "AA", workflow="small")
    assert not answer(house, number).open


def test_what_is_decided_in_one_plan_withdraws_no_notice_of_another(house: Installation) -> None:
    put(house)
    put(
        house,
        "twin",
        PLAN.replace("workflow: small", "workflow: twin").replace("starts: 2018-01-08", "starts: 2018-01-09"),
    )
    house.tick(FIRST)
    house.tick("2018-01-09T09:00")
    first = replied(house, A)
    replied(house, A.replace("small/", "twin/"), "2")
    decide(house.app, first, Decision.NOTHING, "anna")

    def notice(workflow: str) -> Recorded:
        (found,) = [row for row in house.rows(workflow=workflow) if row.template == ANSWERS_NOTICE]
        return found

    assert notice("small").state == State.WITHDRAWN
    assert notice("twin").state == State.SCHEDULED
