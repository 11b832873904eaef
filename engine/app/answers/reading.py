"""Answers as people see them: what waits, oldest first, and one of them whole with what can be decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.app.answers.deciding import Decision
from engine.app.root import App
from engine.app.views import local
from engine.definition.facts import UNREACHABLE
from engine.definition.phrases import Phrases
from engine.definition.workflow import FollowUp, Plannable, Target
from engine.dispatcher.answering import brought_about, case_for, holds, of_address, promised
from engine.dispatcher.notices.answers import answer_view
from engine.dispatcher.standing import Standing
from engine.errors import NotFound
from engine.letter import Recorded
from engine.rendering.notices import AnswerView
from engine.store import AnswerRecord, Transaction

KINDS = {
    "reply": "a reply", "link": "a link of the letter", "bounce": "mail that came back", "delayed": "a delay",
    "automatic": "a machine’s notice", "unmatched": "about no letter that is known",
}  # fmt: skip
"""What an answer is, in words."""
_UTC = "UTC"


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """An answer with what is around it: the plan's zone, the letter that it is about, and the decisions that fit.

    `view` is it in words, `names` those of its party and step; `preset` is the day that a link named; `facts` are those
    that may make the party done, `until` what makes it so, in words; `contacts` have the addresses that it put out of use.
    """

    answer: AnswerRecord
    view: AnswerView
    zone: str
    party: str
    step: str
    letter: Recorded | None
    decisions: tuple[Decision, ...]
    preset: str = ""
    until: str = ""
    facts: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


def readings(
    app: App, *, workflow: str | None = None, party: str | None = None, everything: bool = False
) -> list[AnswerReading]:
    """What waits for a decision, the oldest first; with `everything` also what is decided, those that wait first."""
    if not app.has_store:
        return []
    with app.store.read() as tx:
        found = tx.find_answers(workflow=workflow, party=party, open_only=not everything)
        return [_reading(app, tx, answer) for answer in sorted(found, key=lambda answer: not answer.open)]


def read_answer(app: App, answer_id: int) -> AnswerReading:
    """One answer. Raises NotFound."""
    if not app.has_store:
        raise NotFound(f"there is no answer {answer_id}: nothing was taken in yet")
    with app.store.read() as tx:
        return _reading(app, tx, tx.answer(answer_id))


def _reading(app: App, tx: Transaction, answer: AnswerRecord) -> AnswerReading:
    letter = tx.letter(answer.letter) if answer.letter else None
    if answer.workflow is None:
        view = AnswerView(answer.id, answer.kind, answer.sender or "somebody", str(local(answer.received_at, _UTC)))
        decisions = (Decision.ASSIGN, Decision.NOTHING) if answer.open else ()
        return AnswerReading(answer, view, _UTC, "", "", letter, decisions)
    standing = app.standings.get(tx, answer.workflow, app.clock.now())
    plannable = standing.planner.plannable
    party, step = plannable.parties.get(answer.party or ""), plannable.workflow.steps.get(answer.step or "")
    until, facts = _what_settles(plannable, answer)
    return AnswerReading(
        answer, answer_view(tx, standing, answer), plannable.workflow.timezone, party.name if party else answer.party or "",
        step.title if step else answer.step or "", letter, _decisions(standing, answer),
        str(promised(answer) or ""),
        until, facts, tuple(fact.subject.contact or "" for fact in brought_about(standing, answer, UNREACHABLE)),
    )  # fmt: skip


def _decisions(standing: Standing, answer: AnswerRecord) -> tuple[Decision, ...]:
    """The decisions that fit an open answer."""
    if not answer.open:
        return ()
    if of_address(answer):
        return (Decision.GO_ON, Decision.NOTHING)
    if holds(answer) and case_for(standing, answer) is not None:
        return (Decision.GO_ON, Decision.WAIT, Decision.DONE, Decision.NOTHING)
    return (Decision.GO_ON, Decision.NOTHING)


def _what_settles(plannable: Plannable, answer: AnswerRecord) -> tuple[str, tuple[str, ...]]:
    """What makes a party done with the step of an answer, in words, and the declared facts about it that may."""
    step = plannable.workflow.steps.get(answer.step or "")
    if not isinstance(step, FollowUp | Target):
        return "", ()
    condition = step.until if isinstance(step, FollowUp) else step.count.count
    names = [name for name, fact in plannable.workflow.facts.items() if fact.about == "party"]
    return Phrases(plannable.workflow).condition(condition), tuple(names)


def answer_row(reading: AnswerReading) -> dict[str, Any]:
    """An answer as JSON."""
    answer = reading.answer
    return {
        "id": answer.id, "kind": answer.kind, "state": answer.state, "workflow": answer.workflow, "party": answer.party,
        "step": answer.step, "cycle": answer.cycle, "letter": answer.letter, "sender": answer.sender,
        "subject": answer.subject, "said": answer.said or None, "address": answer.address or None,
        "received_at": local(answer.received_at, reading.zone), "held": reading.view.held, "text": answer.text,
        "decisions": [decision.value for decision in reading.decisions], "decision": answer.decision or None,
        "decided_by": answer.decided_by or None, "decided_at": local(answer.decided_at, reading.zone),
        "note": answer.note or None, "source": answer.source, "matched_by": answer.matched_by or None,
    }  # fmt: skip
