"""Word to an owner of answers that wait for a decision: at once of the first, else one a day, never twice of the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from engine.definition.facts import UNREACHABLE
from engine.definition.words import day_words, moment_words
from engine.dispatcher.answering import (
    BY,
    addressee_of,
    brought_about,
    case_for,
    contact_of,
    held_place,
    holds,
    is_held,
    promised,
)
from engine.dispatcher.notices.asking import next_morning, notices_before, prompted, put_notice
from engine.dispatcher.notices.lines import whose
from engine.dispatcher.standing import Standing, Standings
from engine.letter import ANSWERS_NOTICE, Letter, Recorded
from engine.lifecycle import SETTLED, UNSENT, State
from engine.planning.world.schedule import Hours
from engine.rendering.context import LetterContext
from engine.rendering.literal import clean
from engine.rendering.notices import AnswerView
from engine.store import AnswerRecord, Transaction

_DECIDED = "every answer is decided"
_MOST_LINES = 60


def _group(standing: Standing, answer: AnswerRecord) -> tuple[str, str | None]:
    """The step (and cycle) of the notice that tells of an answer; that of the plan's owner where it is about none."""
    workflow = standing.workflow
    if answer.step is not None and answer.step in workflow.steps:
        return answer.step, answer.cycle
    own = [step.name for step in workflow.steps.values() if step.owner == workflow.owner and not step.per_cycle]
    return next(iter([*own, *workflow.steps])), None


def _told_to_owner(standing: Standing, answer: AnswerRecord) -> bool:
    """Whether an owner is told: not of what a letter to the owner itself brought back."""
    step = standing.workflow.steps.get(answer.step or "")
    return addressee_of(answer) != (step.owner if step else standing.workflow.owner)


def _standings_of(tx: Transaction, standings: Standings, answer: AnswerRecord, now: datetime) -> list[Standing]:
    """The plans whose owner is told of an answer: its own; of one that nobody can place, each owner's first."""
    if answer.workflow is not None:
        return [standings.get(tx, answer.workflow, now)]
    by_owner: dict[str, Standing] = {}
    for standing in standings.all(tx, now):
        owner = standing.workflow.roles[standing.workflow.owner]
        by_owner.setdefault(str(owner.email).casefold(), standing)
    return list(by_owner.values())


def tell(tx: Transaction, standings: Standings, answer: AnswerRecord, now: datetime) -> None:
    """Put word of an open answer to its owner into the outbox: now if it is the first that waits, else one a day."""
    for standing in _standings_of(tx, standings, answer, now):
        if not _told_to_owner(standing, answer) or ANSWERS_NOTICE not in standing.opened.templates.names:
            continue
        step, cycle = _group(standing, answer)
        first = len(_waiting(tx, standing, step, cycle)) == 1

        owner = standing.workflow.steps[step].owner
        put_notice(tx, standing, ANSWERS_NOTICE, (step, cycle, owner), now, partial(_tell_at, now=now, first=first))


def _tell_at(before: list[Recorded], hours: Hours, *, now: datetime, first: bool) -> datetime:
    return now if first or not prompted(before, hours, now) else next_morning(hours, now)


def _waiting(tx: Transaction, standing: Standing, step: str, cycle: str | None) -> list[AnswerRecord]:
    """The open answers that the notice of a step is about."""
    return [
        answer for answer in tx.find_answers(open_only=True)
        if answer.workflow in (None, standing.workflow.name)
        and _group(standing, answer) == (step, cycle) and _told_to_owner(standing, answer)
    ]  # fmt: skip


def _untold(
    tx: Transaction, standing: Standing, step: str, cycle: str | None
) -> tuple[list[AnswerRecord], list[AnswerRecord]]:
    """The open answers of a step that its owner is still to be told of, and those that were told already."""
    left = notices_before(tx, standing.workflow.name, ANSWERS_NOTICE, step, cycle)
    told_at = max((row.sent_at for row in left if row.state in SETTLED and row.sent_at), default=None)
    waiting = _waiting(tx, standing, step, cycle)
    new = [answer for answer in waiting if told_at is None or answer.taken_at > told_at]
    return new, [answer for answer in waiting if answer not in new]


def withdraw_notices(tx: Transaction, standing: Standing, answer: AnswerRecord, now: datetime, actor: str) -> None:
    """Nobody is told of answers that are decided: a notice that has nothing to say any more does not leave."""
    step, cycle = _group(standing, answer)
    if _untold(tx, standing, step, cycle)[0]:
        return
    for row in notices_before(tx, standing.workflow.name, ANSWERS_NOTICE, step, cycle):
        if row.state in UNSENT:
            tx.set_state(row.key, State.WITHDRAWN, _DECIDED, now=now, actor=actor)


def answers_notice(
    tx: Transaction, standing: Standing, letter: Letter, pages: str
) -> tuple[Letter, LetterContext] | None:
    """A notice of answers, and what it is made from; None when there is nothing to tell."""
    new, told = _untold(tx, standing, letter.step, letter.cycle)
    if not new:
        return None
    views = tuple(answer_view(tx, standing, answer) for answer in new)
    return letter, standing.composer.answers_notice(letter, views, len(told), pages)


def answer_view(tx: Transaction, standing: Standing, answer: AnswerRecord) -> AnswerView:
    """An answer in words, as a person is told of it."""
    row = tx.letter(answer.letter) if answer.letter else None
    case = case_for(standing, answer) if holds(answer) else None
    contacts = [
        found
        for fact in brought_about(standing, answer, UNREACHABLE)
        if (found := contact_of(standing, fact.subject.contact))
    ]
    return AnswerView(
        answer.id, answer.kind, whose(standing, answer),
        moment_words(answer.received_at, standing.workflow.timezone), row.subject if row else "",
        tuple(_lines(answer.text)), _said(answer), answer.address or next((each.address for each in contacts), ""),
        next((each.name or each.id for each in contacts), ""), _instead(standing, answer),
        case is not None and is_held(standing, held_place(case)),
    )  # fmt: skip


def _said(answer: AnswerRecord) -> str:
    on = promised(answer)
    return answer.said if on is None else f"{BY}{day_words(on)}"


def _lines(text: str) -> Iterable[str]:
    lines = [clean(line) for line in text.strip().split("\n")] if text.strip() else []
    return [*lines[:_MOST_LINES], *(["…"] if len(lines) > _MOST_LINES else [])]


def _instead(standing: Standing, answer: AnswerRecord) -> str:
    """Who of a party is written to, in words; empty for nobody."""
    if answer.party is None:
        return ""
    found = standing.planner.desk.recipients.addressees(answer.party)
    return ", ".join(f"{contact.name or contact.id} <{contact.address}>" for contact in found)
