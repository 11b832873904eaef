"""`why`: why a letter went or did not, and what comes next for a party, in sentences from the journal and the plan."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.app.plans import plan
from engine.app.root import App
from engine.app.views import local
from engine.definition.conditions import suggest
from engine.definition.words import moment_words
from engine.errors import NotFound
from engine.letter import Letter, Recorded, parse_key
from engine.lifecycle import State
from engine.planning.planner import Planner
from engine.store import JournalEntry

_NEXT = 5


def why(app: App, what: str) -> dict[str, Any]:
    """Answer for a letter's key, or for a party in each workflow that has it."""
    if "/" in what:
        return _why_letter(app, what)
    return _why_party(app, what)


def _why_letter(app: App, text: str) -> dict[str, Any]:
    try:
        key = parse_key(text)
    except ValueError as error:
        raise NotFound(str(error)) from None
    sentences: list[str] = []
    row: Recorded | None = None
    if app.has_store:
        with app.store.read() as tx:
            row = tx.letter(text)
            entries = tx.journal_entries(letter=text) if row is not None else []
            refused = tx.refused_recipients(text) if row is not None else {}
        if row is not None:
            sentences.append(_row_sentence(row))
            sentences += [f"{address} did not get it: {words}." for address, words in refused.items()]
            sentences += [_entry_sentence(entry, row.zone) for entry in entries]
    view = plan(app, key.workflow)
    letter = next((letter for letter in view.planner.plan().letters if letter.key == text), None)
    if letter is not None:
        sentences.append(_letter_sentence(letter))
        sentences.append(_stop_sentence(view.planner, letter.step))
    elif row is None:
        silence = _silences(view.planner, key.party).get((key.step, key.cycle))
        sentences.append(silence or "The plan has no such letter.")
    return {"key": text, "state": row.state if row else letter.state if letter else None, "sentences": sentences}


def _row_sentence(row: Recorded) -> str:
    match row.state:
        case State.SENT:
            assert row.sent_at is not None
            return f"It was sent on {moment_words(row.sent_at, row.zone)}, due {moment_words(row.due_at, row.zone)}."
        case State.SCHEDULED if row.approval and row.approved_digest is None:
            return f"It is due on {moment_words(row.due_at, row.zone)}, and a person will be asked to approve it."
        case State.SCHEDULED:
            return f"It leaves on {moment_words(row.due_at, row.zone)}."
        case State.AWAITING_APPROVAL:
            return f"It waits for a person's approval; it is due on {moment_words(row.due_at, row.zone)}."
    return f"It is {row.state}: {row.reason}."


def _entry_sentence(entry: JournalEntry, zone_name: str) -> str:
    detail = f": {entry.detail}" if entry.detail else ""
    return f"{moment_words(entry.at, zone_name)}: {entry.action} by {entry.actor}{detail}."


def _letter_sentence(letter: Letter) -> str:
    when = f" ({moment_words(letter.due_at, letter.zone)})" if letter.due_at else ""
    return f"In the plan it is {letter.state}{when}: {letter.reason}."


def _stop_sentence(planner: Planner, step: str) -> str:
    found = planner.workflow.steps[step]
    until = getattr(found, "until", None)
    return f"What would stop it: {until.text}." if until is not None else f"It belongs to {step}: {found.title}."


def _silences(planner: Planner, party: str | None) -> dict[tuple[str, str | None], str]:
    if party is None or party not in planner.plannable.parties:
        return {}
    return {
        (silence.step, silence.cycle): f"Nothing more of {silence.step} goes to {party}: {silence.reason}."
        for silence in planner.plan_party(party).silences
    }


def _why_party(app: App, party: str) -> dict[str, Any]:
    answers = []
    known: list[str] = []
    for name in _workflows(app):
        view = plan(app, name)
        known += view.planner.plannable.parties
        if party in view.planner.plannable.parties:
            answer = _party_answer(app, name, view.planner, party, view.at)
            if view.revision is None:
                answer["sentences"].append("This plan is not applied: nothing of it is sent.")
            answers.append(answer)
    if not answers:
        raise NotFound(f"no workflow has a party “{party}”. {suggest(party, known)}".rstrip())
    return {"party": party, "workflows": answers}


def _workflows(app: App) -> list[str]:
    applied: list[str] = []
    if app.has_store:
        with app.store.read() as tx:
            applied = tx.workflows()
    return applied or app.catalog.names()


def _party_answer(app: App, name: str, planner: Planner, party: str, now: datetime) -> dict[str, Any]:
    planned = planner.plan_party(party)
    coming = sorted(
        (
            letter
            for letter in planned.letters
            if letter.due_at
            and letter.due_at >= now
            and letter.state == State.SCHEDULED
            and not planner.history.has_left(letter)
        ),
        key=lambda letter: (letter.due_at, letter.key),
    )
    sent: list[Recorded] = []
    if app.has_store:
        with app.store.read() as tx:
            sent = [row for row in tx.recorded(name, party=party) if row.state == State.SENT]
    waiting = {letter.reason for letter in planned.letters if letter.state in (State.TENTATIVE, State.WAITING)}
    sent.sort(key=lambda row: (row.sent_at or row.due_at, row.key))
    sentences = [
        f"{row.step} {row.slot} was sent on {moment_words(row.sent_at or row.due_at, row.zone)}." for row in sent
    ]
    sentences += [
        f"Nothing (more) of {silence.step}{f' {silence.cycle}' if silence.cycle else ''}: {silence.reason}."
        for silence in planner.silences(party)
    ]
    if planner.desk.over():
        ended = planner.ended()
        sentences.append(f"{ended[0].upper()}{ended[1:]}.")
    sentences += [f"Waiting: {reason}." for reason in sorted(waiting)]
    for letter in coming[:_NEXT]:
        assert letter.due_at is not None
        sentences.append(
            f"Next: {letter.step} {letter.slot} on {moment_words(letter.due_at, letter.zone)} ({letter.reason})."
        )
    return {
        "workflow": name,
        "title": planner.workflow.title,
        "name": planner.plannable.parties[party].name,
        "sentences": sentences,
        "next": [{"key": letter.key, "due_at": local(letter.due_at, letter.zone)} for letter in coming[:_NEXT]],
    }
