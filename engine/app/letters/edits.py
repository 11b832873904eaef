"""Editing a letter before it is approved: a person's subject and Markdown in place of the template's (G5).

An edit belongs to one letter. It rests on what the template says: if a fact or the template changes that, the letter
asks for approval again, still in the person's words.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.app.asked import known_letter, no_letter
from engine.app.root import App
from engine.dispatcher.standing import Standing, place_of
from engine.errors import FollowthroughError, Refused
from engine.letter import NOTICES, Letter, Recorded, Wording
from engine.planning.planner import Planned
from engine.rendering.literal import clean, legible
from engine.store import EditRecord, Transaction, may_edit

_LONGEST = 50_000
"""Characters of a body: some twenty pages."""
LONGEST_SUBJECT = 500
_SUBJECT = "Subject:"


@dataclass(frozen=True, slots=True)
class EditDraft:
    """A letter to edit: its `wording` now, the template's, the edit it reads by, and the digest of what it now is."""

    row: Recorded
    wording: Wording
    template: Wording
    edit: EditRecord | None
    digest: str


@dataclass(frozen=True, slots=True)
class Edited:
    """An edit that was kept: whether the letter reads `otherwise` than its template, and the digest to approve."""

    key: str
    otherwise: bool
    digest: str


def draft(app: App, key: str) -> EditDraft:
    """A letter as a person may word it. Raises NotFound, and Refused where there is nothing to edit, and says why."""
    if not app.has_store:
        raise no_letter(key)
    with app.store.read() as tx:
        return _draft(app, tx, key)


def edit(app: App, key: str, wording: Wording | None, actor: str, *, seen: str | None = None) -> Edited:
    """Word a letter, or (None) have it read as its template again; its own words again take the edit back, too.

    `seen` is the digest of what the person was shown: where the letter reads otherwise by now, nothing is kept.
    An approval that it had is taken back. Raises NotFound and Refused.
    """
    asked = legible_wording(wording) if wording is not None else None
    if not app.has_store:
        raise no_letter(key)
    with app.standings.deciding() as tx:
        before = _draft(app, tx, key)
        if seen is not None and seen != before.digest:
            raise Refused(f"{key} reads otherwise by now: look at it again")
        if asked == before.template:
            asked = None
        if asked == (before.edit.wording if before.edit else None):
            return Edited(key, asked is not None, before.digest)
        row = tx.edit(key, asked, app.clock.now(), actor)
        standing, letter, plan = _in_plan(app, tx, row)
        rendered = standing.render(letter, plan, asked, standing.number_of(tx, letter))
        return Edited(key, asked is not None, rendered.digest)


def as_text(wording: Wording) -> str:
    """A letter's words in one text to edit: the subject's line, an empty one, the body."""
    return f"{_SUBJECT} {wording.subject}\n\n{wording.body}\n"


def read_text(text: str) -> Wording:
    """Read such a text back. Raises Refused where the subject's line is missing."""
    head, _, body = text.lstrip("\ufeff").replace("\r\n", "\n").lstrip("\n").partition("\n")
    if not head.startswith(_SUBJECT):
        raise Refused(f"the first line has to be “{_SUBJECT} …”, then an empty line, then the letter")
    return legible_wording(Wording(head.removeprefix(_SUBJECT), body))


def legible_wording(wording: Wording) -> Wording:
    """A person's words as a letter may have them: visible, a subject of one line. Raises Refused."""
    subject, body = clean(wording.subject), legible(wording.body).strip("\n").rstrip()
    if not subject:
        raise Refused("a letter needs a subject")
    if len(subject) > LONGEST_SUBJECT:
        raise Refused(f"a subject has at most {LONGEST_SUBJECT} characters, and this one {len(subject):,}")
    if not body.strip():
        raise Refused("a letter needs words: to stop it, refuse it with a reason")
    if len(body) > _LONGEST:
        raise Refused(f"a letter has at most {_LONGEST:,} characters, and this one {len(body):,}")
    return Wording(subject, body)


def _draft(app: App, tx: Transaction, key: str) -> EditDraft:
    row = known_letter(tx, key)
    if row.template in NOTICES or not row.approval:
        raise Refused(
            f"{key} needs no approval, so nobody would look at an edit again if the plan changed: “approval: required”"
            " at its step has it asked for"
        )
    if not may_edit(row):
        raise Refused(f"{key} is {row.state}: only a letter that is still to leave can be edited")
    standing, letter, plan = _in_plan(app, tx, row)
    found = tx.edit_of(row)
    try:
        number = standing.number_of(tx, letter)
        template = standing.opened.renderer.wording(standing.context(letter, plan, number))
        rendered = standing.render(letter, plan, found.wording if found else None, number)
    except FollowthroughError as error:
        raise Refused(f"{key} cannot be rendered: {error}") from None
    return EditDraft(row, found.wording if found else template, template, found, rendered.digest)


def _in_plan(app: App, tx: Transaction, row: Recorded) -> tuple[Standing, Letter, Planned]:
    standing = app.standings.get(tx, row.workflow, app.clock.now())
    place = place_of(tx, standing, row)
    letter = place.letter(row.key)
    if letter is None or letter.due_at is None:
        raise Refused(f"{row.key} is in the plan no more")
    return standing, letter, place.plan
