"""Why a party gets what it gets: what went to it, what comes next, and why there is no more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.app.root import App
from engine.app.why.sources import answer_of, rows_of, views
from engine.app.why.step import (
    NEXT,
    came_of,
    day_sentences,
    held_back,
    held_sentence,
    in_time,
    next_letters,
    next_sentence,
    out_of_use,
    override_sentences,
    step_sentences,
    told_sentences,
    undecided,
    undecided_sentence,
)
from engine.app.why.terms import Terms, terms_of
from engine.definition.dates import local_date, parse_moment
from engine.definition.hints import suggest
from engine.definition.words import capital, moment_words
from engine.errors import NotFound, Refused
from engine.letter import Recorded
from engine.lifecycle import SETTLED, State
from engine.planning.planner import Planner


def why_party(app: App, party: str, step: str | None, on: str | None, in_words: bool) -> dict[str, Any]:
    """The answer about a party in each plan that has it, or wrote to it; of one step or day. Raises NotFound, Refused."""
    answers = []
    known: list[str] = []
    steps: list[str] = []
    for name, view in views(app):
        known += view.planner.plannable.parties
        steps += view.planner.workflow.steps
        terms = terms_of(view.planner.workflow, in_words)
        if party not in view.planner.plannable.parties:
            if rows := rows_of(app, name, party=party):
                gone = f"{party} is not in the roster of {name} any more: nothing (more) goes to it."
                answers.append(answer_of(name, view.planner, party, [*_sent_sentences(rows, terms), gone]))
            continue
        if step is not None and step not in view.planner.workflow.steps:
            continue
        answer = _party_answer(app, name, view.planner, party, view.at, terms)
        if step is not None or on is not None:
            answer["sentences"] = [
                terms.reason(sentence) for sentence in _closer(app, name, view.planner, party, step, on, view.at)
            ]
        if view.revision is None:
            answer["sentences"].append("This plan is not applied: nothing of it is sent.")
        answers.append(answer)
    if not answers and party in known:
        raise NotFound(f"no workflow that has {party} has a step “{step}”. {suggest(step or '', steps)}".rstrip())
    if not answers:
        raise NotFound(f"no workflow has a party “{party}”. {suggest(party, known)}".rstrip())
    return {"party": party, "workflows": answers}


def _closer(
    app: App, name: str, planner: Planner, party: str, step: str | None, on: str | None, now: datetime
) -> list[str]:
    """What there is to say of one step, or of one day."""
    rows = rows_of(app, name, party=party)
    if on is not None:
        try:
            day = local_date(parse_moment(on, planner.workflow.timezone), planner.workflow.timezone)
        except ValueError as error:
            raise Refused(f"--on: {error}") from None
        return day_sentences(planner, rows, party, step, day)
    assert step is not None
    return step_sentences(planner, rows, party, step, now)


def _sent_sentences(rows: list[Recorded], terms: Terms) -> list[str]:
    return [
        f"{terms.letter(row.step, row.slot)} was sent on {moment_words(row.left_at, row.zone)}{came_of(row)}."
        for row in in_time(rows) if row.state in SETTLED
    ]  # fmt: skip


def _party_answer(app: App, name: str, planner: Planner, party: str, now: datetime, terms: Terms) -> dict[str, Any]:
    planned = planner.plan_party(party)
    coming = next_letters(planner, planned, now)
    waiting = {letter.reason for letter in planned.letters if letter.state in (State.TENTATIVE, State.WAITING)}
    rows = rows_of(app, name, party=party)
    sentences = _sent_sentences(rows, terms)
    sentences += told_sentences(planner, party)
    sentences += out_of_use(planner, party)
    sentences += [
        f"Nothing (more) of {terms.step(silence.step, silence.cycle)}: {terms.reason(silence.reason)}."
        for silence in planner.silences(party)
    ]
    sentences += override_sentences(planner, party, planner.workflow.steps)
    if planner.desk.over():
        sentences.append(f"{capital(planner.ended())}.")
    sentences += [f"Waiting: {terms.reason(reason)}." for reason in sorted(waiting)]
    sentences += [held_sentence(row, terms.letter(row.step, row.slot)) for row in held_back(rows, now)]
    sentences += [undecided_sentence(row, terms.letter(row.step, row.slot)) for row in undecided(rows, now)]
    sentences += [
        next_sentence(letter, terms.letter(letter.step, letter.slot), terms.reason(letter.reason))
        for letter in coming[:NEXT]
    ]
    return answer_of(name, planner, planner.plannable.parties[party].name, sentences, coming)
