"""Why a letter went, or did not: its row, its journal, and its place in the plan."""

from __future__ import annotations

import re
from typing import Any

from engine.app.plans.plan import plan
from engine.app.root import App
from engine.app.why.step import held_words, stop_sentence
from engine.app.why.terms import terms_of
from engine.definition.dates import parse_moment
from engine.definition.words import moment_words
from engine.dispatcher.notices.readers import ACTOR
from engine.errors import NotFound
from engine.letter import Letter, LetterKey, Recorded, parse_key
from engine.lifecycle import State
from engine.planning.planner import Planned
from engine.store import JournalEntry

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ")
_DONE = {"asked": "approval was asked for", "claimed": "taken in hand", "handing": "handed over", "retimed": "re-timed"}
"""The journal's words that say little to whoever asks why."""


def why_letter(app: App, text: str, in_words: bool) -> dict[str, Any]:
    """The answer about a letter: what became of it by the journal, and what the plan says. Raises NotFound."""
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
    terms = terms_of(view.planner.workflow, in_words)
    planned = view.planner.plan_of(key.party)
    letter = next((letter for letter in planned.letters if letter.key == text), None)
    if letter is not None and row is not None and row.refused is not None and row.state == State.WITHDRAWN:
        when = f" on {moment_words(letter.due_at, letter.zone)}" if letter.due_at else ""
        sentences.append(
            f"The plan would have it{when}: {letter.reason}. It stays refused unless somebody approves it."
        )
    elif letter is not None:
        sentences.append(_letter_sentence(letter))
        sentences.append(stop_sentence(view.planner.workflow.steps[letter.step]))
    elif row is None:
        sentences.append(_silence_sentence(planned, key) or "The plan has no such letter.")
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
    """A line of the journal for people: its instants where the letter is read, and who did it, once."""
    detail = _STAMP.sub(lambda found: moment_words(parse_moment(found[0], "UTC"), zone_name), entry.detail)
    what = _DONE.get(entry.action, entry.action)
    by = "" if entry.actor == ACTOR or f" by {entry.actor}" in detail else f" by {entry.actor}"
    return f"{moment_words(entry.at, zone_name)}: {what}{by}{f': {detail}' if detail else ''}."


def _letter_sentence(letter: Letter) -> str:
    when = f" ({moment_words(letter.due_at, letter.zone)})" if letter.due_at else ""
    return f"In the plan it is {letter.state}{when}: {letter.reason}."


def _silence_sentence(planned: Planned, key: LetterKey) -> str | None:
    """Why the plan of a letter's party has nothing (more) of its step; None where no silence says so."""
    for silence in planned.silences:
        if key.party is not None and (silence.step, silence.cycle) == (key.step, key.cycle):
            return f"Nothing more of {key.step} goes to {key.party}: {silence.reason}."
    return None
