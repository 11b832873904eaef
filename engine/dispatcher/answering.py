"""What follows from answers in the plan: they hold letters back, and what is recorded may settle them.

An answer *holds* a party's follow-up from when it is taken in until nobody has to decide about one any more. One that a
fact has settled (a report came, the address was corrected) waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import NamedTuple

from engine.answer import AnswerKind, Purpose
from engine.definition import facts
from engine.definition.dates import day, local_date
from engine.definition.facts import Fact, Subject
from engine.definition.people import Contact
from engine.dispatcher.standing import Standing
from engine.letter import Recorded, parse_key
from engine.planning.letters.case import Case, case_of, chase_of
from engine.planning.letters.chase_letters import done_words
from engine.planning.world.releases import release_of, release_words
from engine.planning.world.scope import true_since
from engine.store import AnswerRecord, Transaction

BY = "by "
"""How an answer by the link of that purpose begins; the day follows."""


def source_of(answer_id: int) -> str:
    """The source of a fact that an answer brought about."""
    return f"answer:{answer_id}"


def of_address(answer: AnswerRecord) -> bool:
    """Whether it says that an address is not to be written to."""
    return answer.kind == AnswerKind.BOUNCE or (answer.kind == AnswerKind.LINK and answer.said == Purpose.WRONG_PERSON)


def promised(answer: AnswerRecord) -> date | None:
    """The day that somebody named by a link of a letter."""
    if answer.kind != AnswerKind.LINK or not answer.said.startswith(BY):
        return None
    with suppress(ValueError):
        return date.fromisoformat(answer.said.removeprefix(BY))
    return None


def holds(answer: AnswerRecord) -> bool:
    """Whether the party's letters wait for the decision about it, if they can."""
    return answer.kind in (AnswerKind.REPLY, AnswerKind.LINK) and not of_address(answer)


def case_for(standing: Standing, row: Recorded | AnswerRecord) -> Case | None:
    """The follow-up of a party that an answer to a letter is about; None where it is about no party, or none that goes on.

    What a role answers to word of a party (an escalation) is not the party's answer.
    """
    if addressee_of(row) in standing.workflow.roles:
        return None
    return case_at(standing, Subject(party=row.party, step=row.step, cycle=row.cycle))


def case_at(standing: Standing, place: Subject) -> Case | None:
    """The follow-up of a party at a step, in a cycle; None where the plan has none."""
    planner, step = standing.planner, standing.workflow.steps.get(place.step or "")
    party = planner.plannable.parties.get(place.party or "")
    chase = chase_of(step)
    cycle = next((cycle for cycle in planner.cycles() if cycle.name == place.cycle), None)
    if chase is None or party is None or (place.cycle is not None and cycle is None):
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
    return newest is not None and newest.yes


def held_by(standing: Standing, answer: AnswerRecord) -> list[Subject]:
    """The places whose letters an answer holds: of all the letters that went in the mail that it answers."""
    return list(dict.fromkeys(fact.subject for fact in brought_about(standing, answer, facts.ANSWERED) if fact.yes))


def released(tx: Transaction, standing: Standing, answer: AnswerRecord, now: datetime, actor: str) -> list[Fact]:
    """What is to be recorded once an answer is decided: that none holds its places any more, where none does."""
    places = [place for place in held_by(standing, answer) if is_held(standing, place)]
    waiting = tx.find_answers(open_only=True) if places else []
    others = {place for other in waiting if other.id != answer.id for place in held_by(standing, other)}
    return [
        answered(standing, place, "no", now, source=source_of(answer.id), author=actor)
        for place in places if place not in others
    ]  # fmt: skip


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
        return _all_of(
            [_corrected(standing, fact) for fact in brought_about(standing, answer, facts.UNREACHABLE, gone=True)]
        )
    if not holds(answer):
        return ""
    places = held_by(standing, answer)
    if not places:
        case = case_for(standing, answer)
        return _no_need(standing, case, answer) if case is not None else ""
    return _all_of([_freed(standing, place, answer) for place in places])


def _all_of(reasons: list[str]) -> str:
    """The reasons in one sentence, if there is one for each."""
    return "; ".join(dict.fromkeys(reasons)) if all(reasons) else ""


def _freed(standing: Standing, place: Subject, answer: AnswerRecord) -> str:
    """Why a place need not be held for an answer any more."""
    case = case_at(standing, place)
    if case is None:
        return ""
    return _no_need(standing, case, answer) or ("" if is_held(standing, place) else "it is recorded that none waits")


def _no_need(standing: Standing, case: Case, answer: AnswerRecord) -> str:
    """Why a party's part is done, or is asked for no more, since an answer came."""
    done_since = true_since(case.chase.done, case.scope)
    if done_since is not None:
        return done_words(case) if done_since >= answer.taken_at else ""
    step, cycle, party = case.place
    freed = release_of(standing.planner.book, standing.workflow.steps[step], party, cycle)
    return release_words(freed, case.party) if freed is not None and freed.recorded_at >= answer.taken_at else ""


def _corrected(standing: Standing, fact: Fact) -> str:
    """Why a contact's address is not the one any more that an answer put out of use."""
    contact = contact_of(standing, fact.subject.contact)
    if contact is None or not fact.live():
        return f"{fact.subject.contact} may be written to again"
    if contact.address.casefold() != fact.value.casefold():
        return f"{contact.id} has another address: {contact.address}"
    if standing.planner.desk.recipients.unreachable(contact) is None:
        return f"{contact.id} was given this address again"
    return ""


def brought_about(standing: Standing, answer: AnswerRecord, name: str, *, gone: bool = False) -> Iterator[Fact]:
    """The facts of a name that an answer brought about and that stand; with `gone` also those taken back."""
    book, source = standing.planner.book, source_of(answer.id)
    for subject in list(book.subjects(name)):
        for fact in book.history(name, subject):
            if fact.source == source and (gone or fact.live()):
                yield fact


def contact_of(standing: Standing, contact: str | None) -> Contact | None:
    """A contact with its present address."""
    found = next((each for each in standing.planner.plannable.contacts if each.id == contact), None)
    return standing.planner.desk.recipients.current(found) if found else None
