"""`why`: why a letter went or did not, and what comes next for a party, in sentences from the journal and the plan."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.app.plans.plan import plan
from engine.app.root import App
from engine.app.views import local
from engine.app.why.address import address_answer, addresses
from engine.app.why.step import (
    NEXT,
    came_of,
    day_sentences,
    held_back,
    held_sentence,
    held_words,
    next_letters,
    out_of_use,
    override_sentences,
    step_sentences,
    stop_sentence,
    told_sentences,
)
from engine.definition.dates import local_date, parse_moment
from engine.definition.hints import suggest
from engine.definition.phrases import Phrases
from engine.definition.words import capital, moment_words
from engine.definition.workflow import Workflow
from engine.errors import NotFound, Refused
from engine.letter import Letter, Recorded, parse_key
from engine.lifecycle import SETTLED, State
from engine.planning.planner import Planner
from engine.store import JournalEntry


def why(
    app: App, what: str, *, step: str | None = None, on: str | None = None, in_words: bool = False
) -> dict[str, Any]:
    """Answer for a letter's key, or for a party or an address in each workflow that has it.

    Of a party `step` names one step and `on` one day; of an address `step` names one step. The plan's own names are in
    it, as commands take them; `in_words` says what they stand for. Raises NotFound and Refused.
    """
    if "/" in what:
        if step or on:
            raise Refused("a key is one letter: --step and --on go with a party")
        return _why_letter(app, what, in_words)
    if "@" in what:
        if on:
            raise Refused("--on goes with a party")
        return _why_address(app, what, step)
    return _why_party(app, what, step, on, in_words)


class _Plain:
    """Steps, slots and reasons as the plan writes them."""

    def step(self, step: str, cycle: str | None = None) -> str:
        """A step, in a cycle."""
        return f"{step} {cycle}" if cycle else step

    def letter(self, step: str, slot: str) -> str:
        """A letter of a step."""
        return f"{step} {slot}"

    def reason(self, text: str) -> str:
        """A reason, or a sentence with one."""
        return text


class _Worded(_Plain):
    """The same in words."""

    def __init__(self, workflow: Workflow) -> None:
        self._titles = {step.name: step.title for step in workflow.steps.values()}
        self._phrases = Phrases(workflow)

    def step(self, step: str, cycle: str | None = None) -> str:
        """A step by its title."""
        return f"“{self._titles.get(step, step)}”{f' ({cycle})' if cycle else ''}"

    def letter(self, step: str, slot: str) -> str:
        """A letter by its step's title and its slot in words."""
        return f"{self.step(step)}, {self._phrases.slot(slot)},"

    def reason(self, text: str) -> str:
        """What is quoted of the plan in words."""
        return self._phrases.reason(text)


def _terms(planner: Planner, in_words: bool) -> _Plain:
    return _Worded(planner.workflow) if in_words else _Plain()


def _why_letter(app: App, text: str, in_words: bool) -> dict[str, Any]:
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
    terms = _terms(view.planner, in_words)
    letter = next((letter for letter in view.planner.plan().letters if letter.key == text), None)
    if letter is not None:
        sentences.append(_letter_sentence(letter))
        sentences.append(stop_sentence(view.planner.workflow.steps[letter.step]))
    elif row is None:
        silence = _silences(view.planner, key.party).get((key.step, key.cycle))
        sentences.append(silence or "The plan has no such letter.")
    return {
        "key": text,
        "state": row.state if row else letter.state if letter else None,
        "sentences": [*map(terms.reason, sentences)],
    }


def _row_sentence(row: Recorded) -> str:
    match row.state:
        case State.SENT | State.ANSWERED | State.BOUNCED:
            assert row.sent_at is not None
            since = "" if row.state == State.SENT else f", and {row.reason}"
            return f"It was sent on {moment_words(row.sent_at, row.zone)}, due {moment_words(row.due_at, row.zone)}{since}."
        case State.SCHEDULED if row.approval and row.approved_digest is None:
            return f"It is due on {moment_words(row.due_at, row.zone)}, and a person will be asked to approve it."
        case State.SCHEDULED if row.retry_at is not None and row.retry_at > row.due_at:
            return f"It was due on {moment_words(row.due_at, row.zone)}; {held_words(row)}."
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


def _silences(planner: Planner, party: str | None) -> dict[tuple[str, str | None], str]:
    if party is None or party not in planner.plannable.parties:
        return {}
    return {
        (silence.step, silence.cycle): f"Nothing more of {silence.step} goes to {party}: {silence.reason}."
        for silence in planner.plan_party(party).silences
    }


def _why_party(app: App, party: str, step: str | None, on: str | None, in_words: bool) -> dict[str, Any]:
    answers = []
    known: list[str] = []
    steps: list[str] = []
    for name in _workflows(app):
        view = plan(app, name)
        known += view.planner.plannable.parties
        steps += view.planner.workflow.steps
        terms = _terms(view.planner, in_words)
        if party not in view.planner.plannable.parties:
            rows = _rows(app, name, party)
            answers += [_gone_answer(name, view.planner.workflow.title, party, rows, terms)] if rows else []
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
    rows = _rows(app, name, party)
    if on is not None:
        try:
            day = local_date(parse_moment(on, planner.workflow.timezone), planner.workflow.timezone)
        except ValueError as error:
            raise Refused(f"--on: {error}") from None
        return day_sentences(planner, rows, party, step, day)
    assert step is not None
    return step_sentences(planner, rows, party, step, now)


def _why_address(app: App, address: str, step: str | None) -> dict[str, Any]:
    answers = []
    known: list[str] = []
    for name in _workflows(app):
        view = plan(app, name)
        known += addresses(view.planner)
        answer = address_answer(app, name, view.planner, address, step, view.at)
        if answer is not None:
            answers.append(answer)
    if not answers:
        raise NotFound(
            f"no workflow has the address {address}, and nothing went to it. {suggest(address, known)}".rstrip()
        )
    return {"address": address, "workflows": answers}


def _rows(app: App, name: str, party: str) -> list[Recorded]:
    if not app.has_store:
        return []
    with app.store.read() as tx:
        return tx.recorded(name, party=party)


def _workflows(app: App) -> list[str]:
    applied: list[str] = []
    if app.has_store:
        with app.store.read() as tx:
            applied = tx.workflows()
    return applied or app.catalog.names()


def _gone_answer(name: str, title: str, party: str, rows: list[Recorded], terms: _Plain) -> dict[str, Any]:
    """Of a party that the roster has no more: what was sent to it, and that nothing else will be."""
    sentences = _sent_sentences(rows, terms)
    sentences.append(f"{party} is not in the roster of {name} any more: nothing (more) goes to it.")
    return {"workflow": name, "title": title, "name": party, "sentences": sentences, "next": []}


def _sent_sentences(rows: list[Recorded], terms: _Plain) -> list[str]:
    sent = sorted((row for row in rows if row.state in SETTLED), key=lambda row: (row.sent_at or row.due_at, row.key))
    return [
        f"{terms.letter(row.step, row.slot)} was sent on {moment_words(row.sent_at or row.due_at, row.zone)}{came_of(row)}."
        for row in sent
    ]


def _party_answer(app: App, name: str, planner: Planner, party: str, now: datetime, terms: _Plain) -> dict[str, Any]:
    planned = planner.plan_party(party)
    coming = next_letters(planner, planned, now)
    waiting = {letter.reason for letter in planned.letters if letter.state in (State.TENTATIVE, State.WAITING)}
    rows = _rows(app, name, party)
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
    for letter in coming[:NEXT]:
        assert letter.due_at is not None
        sentences.append(
            f"Next: {terms.letter(letter.step, letter.slot)} on {moment_words(letter.due_at, letter.zone)}"
            f" ({terms.reason(letter.reason)})."
        )
    return {
        "workflow": name,
        "title": planner.workflow.title,
        "name": planner.plannable.parties[party].name,
        "sentences": sentences,
        "next": [{"key": letter.key, "due_at": local(letter.due_at, letter.zone)} for letter in coming[:NEXT]],
    }
