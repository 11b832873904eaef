"""Plan and outbox compared: the changes that make the outbox agree. Decides completely, before anything is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from engine.letter import NOTICES, Letter, Recorded
from engine.lifecycle import SETTLED, State
from engine.planning.changes import Action, Change
from engine.planning.planner import Silence

_LIVE = frozenset({State.SCHEDULED, State.AWAITING_APPROVAL, State.CLAIMED})
_STOPPABLE = _LIVE | {State.HANDING}
"""Also what is in hand: its withdrawal counts if the answer is anything but “accepted” (guarantee G3)."""
_REVIVABLE = frozenset({State.WITHDRAWN, State.MISSED})
_UNTOUCHED = SETTLED | {State.HANDING, State.FAILED}


def reconcile(
    letters: Iterable[Letter], rows: Iterable[Recorded], now: datetime, silences: Iterable[Silence] = ()
) -> list[Change]:
    """The changes that make `rows` agree with `letters`, which must cover the same parties and steps.

    Nothing is inserted for a time that has passed (guarantee G4), and what has left is never touched (G1).
    `silences` give the words for what is withdrawn.
    """
    recorded = {row.key: row for row in rows}
    changes = []
    wanted = set()
    for letter in letters:
        wanted.add(letter.key)
        change = _for_letter(letter, recorded.get(letter.key), now)
        if change is not None:
            changes.append(change)
    why = {(silence.step, silence.cycle, silence.party): silence.reason for silence in silences}
    changes += [
        Change(Action.WITHDRAW, row.key, _why(row, why))
        for row in recorded.values()
        if row.key not in wanted and row.state in _STOPPABLE and row.template not in NOTICES
    ]
    return changes


def _why(row: Recorded, why: Mapping[tuple[str, str | None, str | None], str]) -> str:
    return why.get((row.step, row.cycle, row.party)) or "the plan has no such letter any more"


def _for_letter(letter: Letter, row: Recorded | None, now: datetime) -> Change | None:
    if row is None:
        if letter.state == State.SCHEDULED and letter.due_at is not None and letter.due_at >= now:
            return Change(Action.INSERT, letter.key, letter.reason, letter)
        return None
    if row.state in _UNTOUCHED or row.refused is not None:
        return None
    if letter.state == State.MISSED:
        return Change(Action.MISS, letter.key, letter.reason) if row.state in _LIVE else None
    if letter.state != State.SCHEDULED or letter.due_at is None:
        return Change(Action.WITHDRAW, letter.key, letter.reason) if row.state in _LIVE else None
    if row.state in _REVIVABLE:
        return _for_gone(letter, row, now)
    if _differs(letter, row):
        return Change(Action.RETIME, letter.key, letter.reason, letter)
    return (
        Change(Action.READDRESS, letter.key, f"it goes to {letter.person}", letter) if _elsewhere(letter, row) else None
    )


def _for_gone(letter: Letter, row: Recorded, now: datetime) -> Change | None:
    assert letter.due_at is not None
    if letter.due_at >= now:
        return Change(Action.REVIVE, letter.key, letter.reason, letter)
    if row.state == State.WITHDRAWN:
        return Change(Action.MISS, letter.key, f"its time passed while it was withdrawn ({row.reason})")
    return None


def _differs(letter: Letter, row: Recorded) -> bool:
    return (
        letter.due_at != row.due_at
        or letter.stale_at != row.stale_at
        or letter.zone != row.zone
        or letter.template != row.template
        or letter.approval != row.approval
    )


def _elsewhere(letter: Letter, row: Recorded) -> bool:
    return letter.person != row.person
