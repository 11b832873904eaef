"""Plan and outbox compared: the changes that make the outbox agree. Decides completely, before anything is done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.letter import NONE, NOTICES, Letter, Recorded
from engine.lifecycle import SETTLED, State
from engine.planning.changes import Action, Change
from engine.planning.planner import Silence

_LIVE = frozenset({State.SCHEDULED, State.AWAITING_APPROVAL, State.CLAIMED})
_STOPPABLE = _LIVE | {State.HANDING}
"""Also what is in hand: its withdrawal counts if the answer is anything but “accepted” (guarantee G3)."""
_REVIVABLE = frozenset({State.WITHDRAWN, State.MISSED})
_UNTOUCHED = SETTLED | {State.HANDING, State.FAILED}


def reconcile(
    letters: Iterable[Letter], rows: Iterable[Recorded], now: datetime, silences: Iterable[Silence]
) -> list[Change]:
    """The changes that make `rows` agree with `letters`, which must cover the same parties and steps.

    Nothing is inserted for a time that has passed (guarantee G4), and what has left is never touched (G1).
    `silences` give the words for what is withdrawn.
    """
    recorded = {row.key: row for row in rows}
    changes = []
    wanted: dict[str, Letter] = {}
    for letter in letters:
        wanted[letter.key] = letter
        change = _for_letter(letter, recorded.get(letter.key), now)
        if change is not None:
            changes.append(change)
    gone = [
        row for row in recorded.values()
        if row.key not in wanted and row.state in _STOPPABLE and row.template not in NOTICES
    ]  # fmt: skip
    if gone:
        why = _Reasons(wanted.values(), silences)
        changes += [Change(Action.WITHDRAW, row.key, why.of(row)) for row in gone]
    return changes


class _Reasons:
    """Why the plan has a letter no more: nothing (more) of its step goes to the party, or another contact gets it."""

    def __init__(self, letters: Iterable[Letter], silences: Iterable[Silence]) -> None:
        self._why = {(silence.step, silence.cycle, silence.party): silence.reason for silence in silences}
        self._slots = set[tuple[str, str | None, str | None, int, str]]()
        for letter in letters:
            if letter.party is not None and letter.state == State.SCHEDULED:
                self._slots.add((letter.step, letter.cycle, letter.party, letter.round, letter.slot))
            elif letter.party is not None and letter.state == State.WAITING and letter.addressee == NONE:
                self._why.setdefault((letter.step, letter.cycle, letter.party), letter.reason)

    def of(self, row: Recorded) -> str:
        """Why a letter that has a row is not in the plan."""
        silent = self._why.get((row.step, row.cycle, row.party))
        if silent:
            return silent
        if (row.step, row.cycle, row.party, row.round, row.slot) in self._slots:
            return "another contact of the party is written to instead"
        return "the plan has no such letter any more"


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
    if letter.person != row.person:
        return Change(Action.READDRESS, letter.key, f"it goes to {letter.person}", letter)
    return None


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
