"""Answers: each source once, open until somebody decides, all of it on the journal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.answer import Answer, AnswerKind
from engine.errors import NotFound, Refused, StoreError
from engine.planning.changes import Action
from engine.store import AnswerRecord, Store
from tests.contract.samples import NOW, apply, change, letter, look

OURS = letter()
REPLY = Answer(
    source="imap:42", kind=AnswerKind.REPLY, received_at=NOW - timedelta(minutes=5), letter=OURS.key, matched_by="references",
    sender="Mission <mission@nr.example>", subject="Re: report", text="We are working on it.\nMāori ü 中",
    message_id="<x@nr.example>", raw=b"From: x\r\n\r\n\xff\x00body",
)  # fmt: skip


@pytest.fixture
def planned(store: Store) -> Store:
    apply(store, change(Action.INSERT, OURS))
    return store


def take_in(store: Store, answer: Answer = REPLY, kind: AnswerKind | None = None) -> AnswerRecord:
    with store.write() as tx:
        about = tx.letter(answer.letter) if answer.letter else None
        return tx.add_answer(answer, kind or answer.kind, about, NOW, "mail")


def test_an_answer_is_kept_whole_and_open(planned: Store) -> None:
    made = take_in(planned)
    assert (made.letter, made.party, made.step, made.workflow) == (OURS.key, "NR", "ny_follow_up", OURS.workflow)
    assert (made.state, made.open, made.taken_at, made.received_at) == ("open", True, NOW, REPLY.received_at)
    with planned.read() as tx:
        assert tx.answer(made.id) == made
        assert tx.answer_of("imap:42") == made
        assert tx.answer_raw(made.id) == REPLY.raw
        assert tx.open_answers() == 1
        (entry,) = tx.journal_entries(letter=OURS.key, action="answer taken in")
    assert (entry.actor, entry.party) == ("mail", "NR")
    assert entry.detail == f"answer {made.id}, reply of Mission <mission@nr.example>: Re: report"


def test_a_source_is_taken_in_once(planned: Store) -> None:
    take_in(planned)
    with pytest.raises(StoreError):
        take_in(planned, REPLY._replace(text="another"))
    with planned.read() as tx:
        assert [found.text for found in tx.find_answers()] == [REPLY.text]


def test_answers_are_found_by_what_is_given(planned: Store) -> None:
    reply = take_in(planned)
    lost = take_in(planned, Answer("imap:43", AnswerKind.UNMATCHED, NOW))
    late = take_in(planned, REPLY._replace(source="imap:44", kind=AnswerKind.DELAYED, address="Mission@NR.example"))
    with planned.write() as tx:
        tx.decide_answer(late.id, "kept", NOW, "mail")
    with planned.read() as tx:
        assert [found.id for found in tx.find_answers()] == [reply.id, lost.id, late.id]
        assert [found.id for found in tx.find_answers(open_only=True)] == [reply.id, lost.id]
        assert [found.id for found in tx.find_answers(address="mission@nr.EXAMPLE", kind="delayed")] == [late.id]
        assert [found.id for found in tx.find_answers(workflow=OURS.workflow, party="NR")] == [reply.id, late.id]
        assert [found.id for found in tx.find_answers(letter=OURS.key, open_only=True)] == [reply.id]
        assert tx.answer_raw(lost.id) == b""
        assert tx.open_answers() == 2


def test_a_decision_is_made_once_and_is_on_record(planned: Store) -> None:
    made = take_in(planned)
    with planned.write() as tx:
        decided = tx.decide_answer(made.id, "go-on", NOW + timedelta(hours=1), "anna", "they called")
    assert (decided.state, decided.decision, decided.decided_by, decided.note) == (
        "decided",
        "go-on",
        "anna",
        "they called",
    )
    assert decided.decided_at == NOW + timedelta(hours=1)
    with planned.write() as tx, pytest.raises(Refused, match=f"answer {made.id} is decided already: go-on, by anna"):
        tx.decide_answer(made.id, "nothing", NOW, "bob")
    with planned.read() as tx:
        (entry,) = tx.journal_entries(action="answer decided")
        assert entry.detail == f"answer {made.id}, go-on: they called"
        assert tx.open_answers() == 0
        with pytest.raises(NotFound):
            tx.answer(made.id + 1)


def test_an_answer_that_nobody_could_place_is_assigned(planned: Store) -> None:
    lost = take_in(planned, Answer("imap:43", AnswerKind.UNMATCHED, NOW, sender="x@y.example"))
    with planned.write() as tx:
        made = tx.assign_answer(lost.id, look(planned, OURS.key), NOW, "anna")
    assert (made.kind, made.matched_by, made.letter, made.party) == ("reply", "hand", OURS.key, "NR")
    with planned.read() as tx:
        assert tx.journal_entries(action="answer assigned")[0].workflow == OURS.workflow
