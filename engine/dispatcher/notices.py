"""What a notice to an owner says: the letters of its step that wait by now, or that waited in vain."""

from __future__ import annotations

from datetime import timedelta

from engine.definition.words import moment_words
from engine.dispatcher.answer_notices import answers_notice
from engine.dispatcher.standing import Place, Places, Standing
from engine.errors import BadInput, FollowthroughError
from engine.letter import ANSWERS_NOTICE, MISSED_NOTICE, Letter, Recorded
from engine.lifecycle import State
from engine.planning.arrange import UNDECIDED
from engine.rendering.context import LetterContext, Rendered, WaitingLetter
from engine.store import Transaction

_LOOKS_BACK = timedelta(days=7)


def notice_letter(
    tx: Transaction, standing: Standing, row: Recorded, pages: str = ""
) -> tuple[Letter, LetterContext] | None:
    """A notice, and what it is made from; None when there is nothing to say any more. `pages` is their address, if any."""
    letter = Letter(
        row.key, row.workflow, row.cycle, row.step, row.kind, None, row.round, row.addressee, row.slot, row.due_at,
        row.zone, row.state, row.reason, row.template, False, row.stale_at,
    )  # fmt: skip
    if row.template == ANSWERS_NOTICE:
        return answers_notice(tx, standing, letter, pages)
    found = tx.find_letters(
        workflow=row.workflow, step=row.step,
        state=State.MISSED if row.template == MISSED_NOTICE else State.AWAITING_APPROVAL,
    )  # fmt: skip
    about = [each for each in found if each.cycle == row.cycle]
    views = _missed(tx, standing, row, about) if row.template == MISSED_NOTICE else _waiting(tx, standing, about)
    return (letter, standing.composer.notice(letter, tuple(views), pages)) if views else None


def _missed(tx: Transaction, standing: Standing, notice: Recorded, rows: list[Recorded]) -> list[WaitingLetter]:
    """Those that went stale since the notice before."""
    parties = standing.planner.plannable.parties
    told = [
        each.due_at for each in tx.find_letters(workflow=notice.workflow, step=notice.step, party=None)
        if (each.template, each.cycle) == (MISSED_NOTICE, notice.cycle) and each.due_at < notice.due_at
    ]  # fmt: skip
    since = max(told, default=notice.due_at - _LOOKS_BACK)
    return [
        WaitingLetter(
            row.key,
            parties[row.party].name if row.party is not None and row.party in parties else row.addressee,
            moment_words(row.due_at, row.zone),
        )
        for row in rows
        if row.reason == UNDECIDED and row.stale_at is not None and since < row.stale_at <= notice.due_at
    ]


def _waiting(tx: Transaction, standing: Standing, rows: list[Recorded]) -> list[WaitingLetter]:
    """All that wait, with the words of the first of each kind."""
    places = Places(tx, standing, rows)
    views, told = [], set[tuple[str, int | None]]()
    for row in rows:
        rendered = _render(tx, standing, places.of(row.party), row)
        if rendered is None:
            continue
        to = ", ".join(box.name or box.address for box in rendered.to)
        kind = (row.template, row.edited)
        lines = [*rendered.text.strip("\n").split("\n"), *(f"Attached: {file.name}" for file in rendered.attachments)]
        words = (rendered.subject, tuple(lines)) if kind not in told else ("", ())
        told.add(kind)
        views.append(WaitingLetter(row.key, to, moment_words(row.due_at, row.zone), *words))
    return views


def _render(tx: Transaction, standing: Standing, place: Place, row: Recorded) -> Rendered | None:
    letter = place.letter(row.key)
    if letter is None or letter.due_at is None:
        return None
    try:
        return standing.read(tx, letter, place.plan, row)
    except (FollowthroughError, BadInput):
        return None  # it fails by itself, and says so, when it is due
