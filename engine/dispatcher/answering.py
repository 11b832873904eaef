"""What follows from answers in the plan: they hold letters back, and what is recorded may settle them.

An answer *holds* a party's follow-up from when it is taken in until nobody has to decide about one any more. One that a
fact has settled (a report came, the address was corrected) waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from engine.answer import AnswerKind
from engine.definition import facts
from engine.definition.dates import day, local_date
from engine.definition.facts import Fact, Subject
from engine.definition.workflow import Contact, FollowUp, Target
from engine.dispatcher.standing import Standing
from engine.letter import Recorded, parse_key
from engine.planning.case import Case, case_of, chase_of
from engine.planning.chase_letters import done_words
from engine.planning.pauses import exemption
from engine.planning.scope import true_since
from engine.store import AnswerRecord, Transaction

WRONG_PERSON, SUBMITTED, BY = "wrong_person", "submitted", "by "
"""What a link says; `by ` is followed by a day."""


def source_of(answer_id: int) -> str:
    """The source of a fact that an answer brought about."""
    return f"answer:{answer_id}"


def of_address(answer: AnswerRecord) -> bool:
    """Whether it says that an address is not to be written to."""
    return answer.kind == AnswerKind.BOUNCE or (answer.kind == AnswerKind.LINK and answer.said == WRONG_PERSON)


def holds(answer: AnswerRecord) -> bool:
    """Whether the party's letters wait for the decision about it, if they can."""
    return answer.kind in (AnswerKind.REPLY, AnswerKind.LINK) and not of_address(answer)


def case_for(standing: Standing, row: Recorded | AnswerRecord) -> Case | None:
    """The follow-up of a party that an answer to a letter is about; None where it is about no party, or none that goes on.

    What a role answers to word of a party (an escalation) is not the party's answer.
    """
    planner, step = standing.planner, standing.workflow.steps.get(row.step or "")
    party = planner.plannable.parties.get(row.party or "")
    if not isinstance(step, FollowUp | Target) or party is None or addressee_of(row) in standing.workflow.roles:
        return None
    chase = chase_of(step)
    cycle = next((cycle for cycle in planner.cycles() if cycle.name == row.cycle), None)
    if chase is None or (row.cycle is not None and cycle is None):
        return None
    return case_of(planner.desk, chase, party, cycle)


def addressee_of(row: Recorded | AnswerRecord) -> str:
    """Who got the letter that something is about."""
    if isinstance(row, Recorded):
        return row.addressee
    return parse_key(row.letter).addressee if row.letter else ""


def held_place(case: Case) -> Subject:
    """About whom and what `answered` is recorded."""
    step, cycle, party = case.place
    return Subject(party=party, step=step, cycle=cycle)


def answered(standing: Standing, place: Subject, value: str, now: datetime, *, source: str, author: str) -> Fact:
    """The fact that an answer holds a party's letters (`yes`) or that none does any more (`no`), true today."""
    today = day(local_date(now, standing.workflow.timezone))
    return Fact(0, facts.ANSWERED, place, value, today, now, (), source, "", author)


def is_held(standing: Standing, place: Subject) -> bool:
    """Whether an answer holds a party's letters of a step, as recorded."""
    newest = standing.planner.book.last_recorded(facts.ANSWERED, place)
    return newest is not None and newest.value != "no"


def released(tx: Transaction, standing: Standing, answer: AnswerRecord, now: datetime, actor: str) -> list[Fact]:
    """What is to be recorded once an answer is decided: that none holds its party's letters, if none does."""
    case = case_for(standing, answer) if holds(answer) else None
    if case is None or not is_held(standing, held_place(case)):
        return []
    place = held_place(case)
    waiting = tx.find_answers(workflow=standing.workflow.name, party=answer.party, open_only=True)
    if any(holds(other) and (other.step, other.cycle) == (place.step, place.cycle) for other in waiting):
        return []
    return [answered(standing, place, "no", now, source=source_of(answer.id), author=actor)]


class Settled(NamedTuple):
    """The answers that nobody has to decide about any more, and what was recorded of that."""

    answers: list[AnswerRecord]
    facts: list[Fact]


def settle(tx: Transaction, standing: Standing, now: datetime, actor: str) -> Settled:
    """Decide the open answers that what is recorded has settled."""
    name, settled = standing.workflow.name, Settled([], [])
    for answer in tx.find_answers(workflow=name, open_only=True):
        why = _settled(standing, answer)
        if why:
            settled.answers.append(tx.decide_answer(answer.id, "settled", now, actor, why))
            settled.facts.extend(tx.add_fact(name, fact) for fact in released(tx, standing, answer, now, actor))
    return settled


def _settled(standing: Standing, answer: AnswerRecord) -> str:
    """Why nobody has to decide about an open answer any more; empty where somebody has."""
    if of_address(answer):
        return _corrected(standing, answer)
    case = case_for(standing, answer) if holds(answer) else None
    if case is None:
        return ""
    done_since = true_since(case.chase.done, case.scope)
    if done_since is not None:
        return done_words(case) if done_since >= answer.taken_at else ""
    return exemption(standing.planner.desk, case) or ""


def _corrected(standing: Standing, answer: AnswerRecord) -> str:
    recipients = standing.planner.desk.recipients
    for fact in brought_about(standing, answer):
        contact = contact_of(standing, fact.subject.contact)
        if contact is not None and contact.address.casefold() != fact.value.casefold():
            return f"{contact.id} has another address: {contact.address}"
        if contact is not None and recipients.unreachable(contact) is None:
            return f"{contact.id} was given this address again"
    return ""


def brought_about(standing: Standing, answer: AnswerRecord) -> Iterator[Fact]:
    """The standing facts by which an answer put addresses out of use."""
    book, source = standing.planner.book, source_of(answer.id)
    for subject in list(book.subjects(facts.UNREACHABLE)):
        for fact in book.history(facts.UNREACHABLE, subject):
            if fact.live() and fact.source == source:
                yield fact


def contact_of(standing: Standing, contact: str | None) -> Contact | None:
    """A contact with its present address."""
    found = next((each for each in standing.planner.plannable.contacts if each.id == contact), None)
    return standing.planner.desk.recipients.current(found) if found else None
