"""The outbox for people: what it holds, and a letter as it is or would be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from typing import Any

from engine.app.asked import key_asked
from engine.app.letters.reading import attachments_of, reads_now, text_of
from engine.app.plans.plan import plan
from engine.app.root import App
from engine.app.views import local
from engine.definition.attachments import Attachment
from engine.dispatcher.parts import people
from engine.errors import FollowthroughError, NotFound, Refused
from engine.letter import LetterKey, Recorded
from engine.lifecycle import PLAN_ONLY, UNSENT, State
from engine.planning.planner import Planned
from engine.rendering.compose import Composer
from engine.rendering.context import Rendered
from engine.rendering.letters import NOTE_FILE
from engine.rendering.mail import message_id
from engine.store import ANY, MailRecord, Transaction

_HELD = [state for state in State if state not in PLAN_ONLY]


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter as it is (`mail`: its bytes) or would be (`rendered`), with where it stands."""

    key: str
    state: str
    due_at: str | None
    reason: str
    subject: str = ""
    to: str = ""
    cc: str = ""
    text: str = ""
    mail: MailRecord | None = None
    edited_by: str | None = None
    attachments: tuple[Attachment, ...] = ()


def letter_rows(
    app: App,
    *,
    state: str | None = None,
    step: str | None = None,
    party: str | None = None,
    workflow: str | None = None,
) -> list[dict[str, Any]]:
    """What the outbox holds, as JSON, ordered by due instant, then key."""
    if state is not None and state not in _HELD:
        raise Refused(f"there is no state “{state}” in the outbox ({', '.join(_HELD)})")
    if not app.has_store:
        return []
    with app.store.read() as tx:
        rows = tx.find_letters(workflow=workflow, state=state, step=step, party=party if party is not None else ANY)
        rows = as_they_would_be(app, tx, rows)
    return [letter_row(row) for row in rows]


def as_they_would_be(app: App, tx: Transaction, rows: list[Recorded]) -> list[Recorded]:
    """Rows with To, Cc and subject also for what nobody has rendered yet and is still to leave."""
    plans: dict[tuple[str, str | None], Planned] = {}
    shown = []
    for row in rows:
        if row.subject or row.state not in UNSENT:
            shown.append(row)
            continue
        standing = app.standings.get(tx, row.workflow, app.clock.now())
        place = (row.workflow, row.party)
        if place not in plans:
            standing.read_letters(tx, [row.party])
            plans[place] = standing.planner.plan_of(row.party)
        letter = next((letter for letter in plans[place].letters if letter.key == row.key), None)
        try:
            due = letter if letter is not None and letter.due_at else None
            rendered = standing.read(tx, due, plans[place], row) if due is not None else None
        except FollowthroughError:
            rendered = None  # `check` and `show` say what is wrong with it; a list still lists it
        if rendered is not None:
            row = row._replace(to=people(rendered.to), cc=people(rendered.cc), subject=rendered.subject)
        shown.append(row._replace(message_id=row.message_id or message_id(row.key, app.settings.mail_domain)))
    return shown


def letter_row(row: Recorded) -> dict[str, Any]:
    """One letter of the outbox, as JSON."""
    return {
        "key": row.key,
        "workflow": row.workflow,
        "cycle": row.cycle,
        "step": row.step,
        "party": row.party,
        "round": row.round,
        "addressee": row.addressee,
        "slot": row.slot,
        "state": row.state,
        "reason": row.reason,
        "due_at": local(row.due_at, row.zone),
        "sent_at": local(row.sent_at, row.zone),
        "approved": row.approved_digest is not None,
        "edited": row.edited is not None,
        "message_id": row.message_id,
        "to": row.to or None,
        "cc": row.cc or None,
        "subject": row.subject or None,
    }


def show(app: App, text: str) -> Shown:
    """A letter as it left or is about to; else as it would be rendered now."""
    key = key_asked(text)
    if app.has_store:
        with app.store.read() as tx:
            row = tx.letter(text)
            if row is not None:
                return _from_outbox(app, tx, row)
    return _from_plan(app, key, text)


def note_verbale(app: App, key: str) -> tuple[Attachment, bool]:
    """A letter's note verbale, and whether it has its number. Raises NotFound, and Refused for a letter that is none."""
    for file in show(app, key).attachments:
        if file.name.startswith(NOTE_FILE):
            return file, file.name != f"{NOTE_FILE}.pdf"
    raise Refused(f"{key} is no note verbale: a contact's column “letter_form”, or that key of a step, makes it one")


def _from_outbox(app: App, tx: Transaction, row: Recorded) -> Shown:
    """A letter that has a row: the mail that was frozen for it, else how it reads now."""
    edit, mail = tx.edit_of(row), tx.mail_of(row.key)
    shown = Shown(
        row.key, row.state, local(row.due_at, row.zone), row.reason, row.subject, row.to, row.cc,
        edited_by=edit.author if edit else None,
    )  # fmt: skip
    if mail is not None:
        message = message_from_bytes(mail.body, policy=policy.default)
        return replace(
            shown, subject=mail.subject, to=mail.to, cc=mail.cc, text=text_of(message, "plain"), mail=mail,
            attachments=attachments_of(message),
        )  # fmt: skip
    found = reads_now(app, tx, row)
    return _read_as(shown, found.rendered) if found is not None else shown


def _from_plan(app: App, key: LetterKey, text: str) -> Shown:
    """A letter that has no row yet, as the plan would have it."""
    view = plan(app, key.workflow)
    letter = next((letter for letter in view.letters if letter.key == text), None)
    if letter is None:
        raise NotFound(
            f"there is no letter {text}: “followthrough letters” and “followthrough plan {key.workflow}” list them"
        )
    shown = Shown(text, letter.state, local(letter.due_at, letter.zone), letter.reason)
    if letter.due_at is None:
        return shown
    _, opened = app.catalog.open(key.workflow)
    links = app.letter_links if app.has_store else None
    composer = Composer(view.planner, opened.materials(app.settings.mail_domain, links))
    return _read_as(shown, opened.renderer.render(composer.context(letter, view.letters)))


def _read_as(shown: Shown, rendered: Rendered) -> Shown:
    to, cc = people(rendered.to), people(rendered.cc)
    return replace(shown, subject=rendered.subject, to=to, cc=cc, text=rendered.text, attachments=rendered.attachments)
