"""What a person decides about an answer: the follow-up goes on, waits, is done, or nothing follows from it.

One decision undoes what a forged reply or bounce brought about: `go-on`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from engine.answer import AnswerKind
from engine.app.answers.settling import DecidedAnswer, Deciding
from engine.app.answers.taking_in import follow
from engine.app.asked import key_asked, readable
from engine.app.facts.cases import applied_case, refused, replan_for, with_cycle, within_rule
from engine.app.root import App
from engine.definition import facts
from engine.definition.facts import Fact, Subject
from engine.definition.recording.draft import draft
from engine.definition.recording.subjects import RecordingError, check_subject
from engine.definition.syntax.times import span
from engine.definition.words import day_words
from engine.dispatcher.answering import case_for, held_place, holds, of_address, source_of
from engine.dispatcher.notices.answers import withdraw_notices
from engine.errors import NotFound, Refused
from engine.letter import Recorded
from engine.lifecycle import SETTLED, State
from engine.store import AnswerRecord, Transaction


class Decision(StrEnum):
    """What a person says of an answer."""

    GO_ON = "go-on"
    """The follow-up goes on; of an address that takes no mail: it is good, after all."""
    WAIT = "wait"
    """Nothing of that step leaves to the party before a day."""
    DONE = "done"
    """A fact is recorded that makes the party done."""
    ASSIGN = "assign"
    """It is a reply to that letter."""
    NOTHING = "nothing"
    """It is no answer to the letter; of an address that takes no mail: it stays out of use, and no more is to be done."""


_TAKES: Mapping[Decision, tuple[str, ...]] = {
    Decision.GO_ON: (), Decision.WAIT: ("a day",), Decision.DONE: ("a fact", "its value"), Decision.ASSIGN: ("a letter's key",),
    Decision.NOTHING: (),
}  # fmt: skip
_EXAMPLES = {Decision.WAIT: "2018-05-01", Decision.DONE: "report 2018-04-03", Decision.ASSIGN: "KEY"}


def decide(
    app: App, answer_id: int, decision: Decision, actor: str, *values: str, details: Mapping[str, str] | None = None,
    reason: str = "",
) -> DecidedAnswer:  # fmt: skip
    """Decide about an open answer, in one transaction with what follows from it.

    `values` are the day of `wait`, the key of `assign`, the fact and value of `done`, with its `details`. Raises NotFound,
    and Refused with how to mend it; nothing is changed then.
    """
    given = [value.strip() for value in values if value.strip()]
    wanted = _TAKES[decision]
    if len(given) != len(wanted):
        raise Refused(
            f"{decision} takes {' and '.join(wanted)}: followthrough decide {answer_id} {decision} {_EXAMPLES[decision]}"
            if wanted else f"{decision} takes nothing else: {' '.join(given)}"
        )  # fmt: skip
    now, note = app.clock.now(), readable(reason, "the reason")
    if not app.has_store:
        raise NotFound(f"there is no answer {answer_id}: nothing was taken in yet")
    with app.standings.deciding() as tx:
        answer = tx.answer(answer_id)
        if not answer.open:
            raise Refused(f"answer {answer_id} is decided already: {answer.decision}, by {answer.decided_by}")
        if decision is Decision.ASSIGN:
            return _assign(app, tx, answer, given[0], actor)
        case = applied_case(app, tx, answer.workflow, now) if answer.workflow else None
        if case is None:
            return DecidedAnswer(_decided_alone(tx, answer, decision, note, app, actor), Counter())
        deciding = Deciding(app, tx, case, answer, actor, note)
        return _DECISIONS[decision](deciding, given, details or {})


def _go_on(deciding: Deciding, values: Sequence[str], details: Mapping[str, str]) -> DecidedAnswer:
    return deciding.close(
        Decision.GO_ON, to=State.SENT if deciding.answer.kind == AnswerKind.BOUNCE else None, undo=True
    )


def _nothing(deciding: Deciding, values: Sequence[str], details: Mapping[str, str]) -> DecidedAnswer:
    return deciding.close(Decision.NOTHING, to=None if of_address(deciding.answer) else State.SENT)


def _wait(deciding: Deciding, values: Sequence[str], details: Mapping[str, str]) -> DecidedAnswer:
    answer, case = deciding.answer, deciding.case
    found = case_for(deciding.app.standings.get(deciding.tx, case.name, case.now), answer) if holds(answer) else None
    if found is None:
        raise Refused(f"answer {answer.id} is about no follow-up that could wait: go-on or nothing settle it")
    try:
        on = span(values[0])
    except ValueError as error:
        raise Refused(str(error)) from None
    if on.first <= case.today:
        raise Refused(f"{day_words(on.first)} does not lie ahead: go-on lets the letters leave now")
    place = held_place(found)
    made = draft(
        case.plannable, facts.SNOOZED_UNTIL, str(on.first), Subject(place.party, place.step, cycle=place.cycle),
        today=case.today, note=deciding.note,
    )  # fmt: skip
    note = deciding.note or deciding.answer.subject
    snooze = made.fact(case.now, source_of(answer.id), note, deciding.actor)
    return deciding.close(f"{Decision.WAIT} {on.first}", [snooze])


def _done(deciding: Deciding, values: Sequence[str], details: Mapping[str, str]) -> DecidedAnswer:
    """Record a fact that makes the party done: that settles its answers, this one too."""
    app, tx, case, answer = deciding.app, deciding.tx, deciding.case, deciding.answer
    fact = _drafted(deciding, *values, details=details)
    kept = tx.add_fact(case.name, fact)
    effect = replan_for(app, tx, case, [kept], deciding.actor, f"{fact.name} was recorded")
    after = tx.answer(answer.id)
    if after.open:
        wanted = case.plannable.workflow.steps.get(answer.step or "")
        until = getattr(wanted, "until", None)
        what = f" ({until.text})" if until is not None else ""
        raise Refused(
            f"{fact.name} {fact.value} does not make {answer.party or 'anybody'} done{what}, so nothing was recorded:"
            " use “followthrough record” for it, and decide about the answer apart"
        )
    return DecidedAnswer(after, effect.changes)


def _drafted(deciding: Deciding, name: str, value: str, *, details: Mapping[str, str]) -> Fact:
    """A fact about the party of an answer, at its step and for its cycle where the fact has these. Raises Refused."""
    case, answer = deciding.case, deciding.answer
    about = Subject(party=answer.party)
    try:
        try:
            needs_cycle = check_subject(case.plannable, name, about)
        except RecordingError as error:
            if error.argument != "step":
                raise
            about = about._replace(step=answer.step)
            needs_cycle = check_subject(case.plannable, name, about)
        if needs_cycle:
            about = about._replace(cycle=answer.cycle)
        made = draft(case.plannable, name, value, about, today=case.today, details=details, note=deciding.note)
        made = within_rule(with_cycle(made, case), case)
    except RecordingError as error:
        raise refused(error) from None
    return made.fact(case.now, source_of(answer.id), deciding.note, deciding.actor)


_DECISIONS: Mapping[Decision, Callable[[Deciding, Sequence[str], Mapping[str, str]], DecidedAnswer]] = {
    Decision.GO_ON: _go_on,
    Decision.NOTHING: _nothing,
    Decision.WAIT: _wait,
    Decision.DONE: _done,
}


def _assign(app: App, tx: Transaction, answer: AnswerRecord, key: str, actor: str) -> DecidedAnswer:
    """An answer that nobody could place is a reply to a letter, as a person says: what follows is what follows a reply."""
    if answer.letter is not None:
        raise Refused(f"answer {answer.id} is about a letter already: {answer.letter}")
    row = _letter(tx, key)
    case = applied_case(app, tx, row.workflow, app.clock.now())
    made = tx.assign_answer(answer.id, row, app.clock.now(), actor)
    if case is None:
        return DecidedAnswer(made, Counter())
    changes = follow(app, tx, case, made, [row], actor)
    withdraw_notices(tx, app.standings.get(tx, case.name, case.now), answer, case.now, actor)
    return DecidedAnswer(tx.answer(answer.id), changes)


def _letter(tx: Transaction, key: str) -> Recorded:
    key_asked(key)
    row = tx.letter(key)
    if row is None:
        raise NotFound(f"there is no letter {key}: “followthrough letters --state sent” lists those that left")
    if row.state not in SETTLED:
        raise Refused(f"{key} is {row.state}: only a letter that left can have been answered")
    return row


def _decided_alone(
    tx: Transaction, answer: AnswerRecord, decision: Decision, note: str, app: App, actor: str
) -> AnswerRecord:
    """Settle an answer that is about no plan: nothing else can follow from it."""
    if decision not in (Decision.GO_ON, Decision.NOTHING):
        raise Refused(
            f"nobody could say which letter answer {answer.id} is about: “followthrough decide {answer.id} assign KEY” says"
            " it, and “nothing” settles it"
        )
    made = tx.decide_answer(answer.id, decision.value, app.clock.now(), actor, note)
    for standing in app.standings.all(tx, app.clock.now()):
        withdraw_notices(tx, standing, made, app.clock.now(), actor)
    return made
