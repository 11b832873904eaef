"""From a claimed letter to words that may leave: the facts are looked at again, then it is rendered (G3, G5)."""

from __future__ import annotations

from datetime import datetime

from engine.dispatcher.notices.letter import needless, notice_letter
from engine.dispatcher.parts import Part, part_of
from engine.dispatcher.returning import way_back
from engine.dispatcher.standing import Places, Standing, Standings
from engine.errors import Refused, RenderError
from engine.letter import NOTICES, Letter, Recorded
from engine.lifecycle import State
from engine.planning.reconcile import reconcile
from engine.settings import Settings
from engine.store import Transaction


def prepare(
    tx: Transaction, standings: Standings, places: Places, row: Recorded, now: datetime, settings: Settings, worker: str
) -> Part | None:
    """A claimed letter made ready; None when it must not leave, which is then on record with its reason.

    One that was claimed since others leave for its person today may be due a little later today, and no later than
    when it was claimed.
    """
    standing = standings.get(tx, row.workflow, now)
    if row.template in NOTICES:
        return _prepare_notice(tx, standings, row, now, settings, worker)
    place = places.of(row.party)
    letter = place.letter(row.key)
    if (
        letter is None
        or letter.state != State.SCHEDULED
        or letter.due_at is None
        or letter.due_at > max(now, row.due_at)
    ):
        plan = place.plan
        changes = [
            change for change in reconcile(plan.letters, place.rows, now, plan.silences) if change.key == row.key
        ]
        tx.apply_changes(changes, revision=standing.revision.id, now=now, actor=worker, cause="looked at again")
        return None
    try:
        if not row.approval:
            number_note(tx, standing, letter, now, worker)
        rendered = standing.read(tx, letter, place.plan, row)
        if row.approval and rendered.digest != row.approved_digest:
            tx.unapprove(row.key, "it reads otherwise than what was approved", now, worker)
            return None
        back = way_back(tx, row, settings)
        return part_of(standing, row, letter, rendered, place.rows, settings, back)
    except (RenderError, Refused) as error:
        tx.set_state(row.key, State.FAILED, f"it could not be rendered: {error}", now=now, actor=worker)
        return None


def number_note(tx: Transaction, standing: Standing, letter: Letter, now: datetime, actor: str) -> bool:
    """Give a letter that is a note verbale its number, unless it has it: when it is approved, or needs no approval."""
    series = standing.composer.noting.series(letter)
    return series is not None and tx.number_note(letter.key, series, now, actor)


def _prepare_notice(
    tx: Transaction, standings: Standings, row: Recorded, now: datetime, settings: Settings, worker: str
) -> Part | None:
    standing = standings.get(tx, row.workflow, now)
    notice = notice_letter(tx, standings, row, now, settings.web_url)
    if notice is None:
        tx.set_state(row.key, State.WITHDRAWN, needless(row), now=now, actor=worker)
        return None
    letter, context = notice
    try:
        return part_of(standing, row, letter, standing.opened.renderer.render(context), [], settings)
    except (RenderError, Refused) as error:
        tx.set_state(row.key, State.FAILED, f"it could not be rendered: {error}", now=now, actor=worker)
        return None
