"""Approval in practice: what waits is asked for, and the owner of the step gets one prompt with the words (G5)."""

from __future__ import annotations

from datetime import datetime

from engine.definition.dates import local_date
from engine.definition.words import moment_words
from engine.dispatcher.standing import Place, Places, Standing, Standings
from engine.errors import BadInput, FollowthroughError
from engine.letter import APPROVAL_PROMPT, Letter, LetterKey, Recorded
from engine.lifecycle import State
from engine.planning.changes import Action, Change
from engine.planning.desk import PROMPT_STALE
from engine.planning.recipients import role_zone
from engine.planning.schedule import Hours
from engine.rendering.context import LetterContext, WaitingLetter
from engine.store import Transaction

ACTOR = "tick"
SLOT = "approve"
_MOST = 60


def ask(tx: Transaction, standings: Standings, now: datetime) -> list[Recorded]:
    """Ask for the approvals that are to be asked for now, and put a prompt for each owner into the outbox."""
    asked = tx.ask_approval([row.key for row in tx.to_ask(now)], now, ACTOR)
    groups: dict[tuple[str, str, str | None], None] = {}
    for row in asked:
        groups[(row.workflow, row.step, row.cycle)] = None
    for workflow, step, cycle in groups:
        standing = standings.get(tx, workflow, now)
        letter = _prompt(tx, standing, step, cycle, now)
        if letter is not None:
            change = Change(Action.INSERT, letter.key, letter.reason, letter)
            tx.apply_changes(
                [change], revision=standing.revision.id, now=now, actor=ACTOR, cause="approval is asked for"
            )
    return asked


def _prompt(tx: Transaction, standing: Standing, step: str, cycle: str | None, now: datetime) -> Letter | None:
    """A prompt to a step's owner, due now; numbered by the day, since it is a digest of what waits."""
    workflow = standing.workflow
    owner = workflow.steps[step].owner
    if not standing.planner.desk.can_write_to(owner):
        return None
    zone = role_zone(owner, workflow)
    day, number = local_date(now, zone), 1
    while tx.letter(key := str(LetterKey(workflow.name, cycle, step, None, 1, owner, f"{SLOT}-{day}-{number}"))):
        number += 1
    hours = Hours(zone, workflow.send_at, standing.planner.world.resolver.calendar, PROMPT_STALE)
    return Letter(
        key, workflow.name, cycle, step, workflow.steps[step].kind, None, 1, owner, f"{SLOT}-{day}-{number}", now, zone,
        State.SCHEDULED.value, "letters wait for approval", APPROVAL_PROMPT, False,
        hours.stale(hours.calendar.later(day)), "", False,
    )  # fmt: skip


def prompt_letter(tx: Transaction, standing: Standing, row: Recorded) -> tuple[Letter, LetterContext] | None:
    """A prompt, and what it is made from: the letters of its step that wait now. None when none does any more."""
    waiting = [
        waits for waits in tx.find_letters(workflow=row.workflow, state=State.AWAITING_APPROVAL, step=row.step)
        if waits.cycle == row.cycle
    ]  # fmt: skip
    shown = waiting[:_MOST]
    places = Places(tx, standing, shown)
    views = [view for waits in shown if (view := _view(tx, standing, places.of(waits.party), waits)) is not None]
    if not views:
        return None
    letter = Letter(
        row.key, row.workflow, row.cycle, row.step, row.kind, None, row.round, row.addressee, row.slot, row.due_at,
        row.zone, row.state, row.reason, row.template, False, row.stale_at,
    )  # fmt: skip
    return letter, standing.composer.prompt(letter, tuple(views))


def _view(tx: Transaction, standing: Standing, place: Place, row: Recorded) -> WaitingLetter | None:
    letter = place.letter(row.key)
    if letter is None or letter.due_at is None:
        return None
    try:
        rendered = standing.render(letter, place.plan, tx.wording(row))
    except (FollowthroughError, BadInput):
        return None  # it fails by itself, and says so, when it is due
    to = ", ".join(box.name or box.address for box in rendered.to)
    return WaitingLetter(row.key, to, moment_words(letter.due_at, letter.zone), rendered.subject, rendered.text)
