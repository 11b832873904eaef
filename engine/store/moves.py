"""What a change makes of a row that is there, as the lifecycle allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.errors import StoreError
from engine.letter import Letter
from engine.lifecycle import PLAN_ONLY, State
from engine.planning.changes import Action, Change
from engine.store.holding import Held, check_move
from engine.store.journal import stamp
from engine.store.types import from_micros, to_micros

MOVED = ("state", "reason", "worker", "lease_until", "retry_at", "unwanted")
"""The columns that `moved` gives values for."""
_WORD = {
    Action.RETIME: "retimed", Action.READDRESS: "readdressed", Action.REVIVE: "revived", Action.MISS: "missed",
    Action.WITHDRAW: "withdrawn",
}  # fmt: skip
_RETIMED = frozenset({State.SCHEDULED, State.AWAITING_APPROVAL, State.CLAIMED, State.HANDING, State.FAILED})


def moved(row: Held, change: Change) -> tuple[str, tuple[Any, ...]]:
    """What the journal calls the change of this row, and the values of `MOVED` after it.

    Raises StoreError for a move that the lifecycle has not.
    """
    values = _MOVES[change.action](row, change)
    word = _WORD[change.action]
    if row.state == State.HANDING and change.action is not Action.RETIME:
        word = "unwanted" if change.action is Action.WITHDRAW else "wanted"
    return word, tuple(values[name] for name in MOVED)


def letter_of(change: Change) -> Letter:
    """The letter that a change carries. Raises StoreError where it carries none that can be a row."""
    letter = change.letter
    if letter is None or letter.due_at is None or letter.state in PLAN_ONLY or letter.key != change.key:
        raise StoreError(f"to {change.action} {change.key} takes its letter, with an instant and a row's state")
    return letter


def _stays(row: Held) -> dict[str, Any]:
    return {name: getattr(row, name) for name in MOVED}


def _leaves(change: Change, state: State) -> dict[str, Any]:
    return {
        "state": state.value,
        "reason": change.reason,
        "worker": None,
        "lease_until": None,
        "retry_at": None,
        "unwanted": None,
    }


def _retime(row: Held, change: Change) -> dict[str, Any]:
    """The state stays, but what was claimed is let go, and what needs no approval any more does not wait for it."""
    if row.state not in _RETIMED:
        raise StoreError(f"{row.key} is {row.state}: there is nothing to re-time")
    letter = letter_of(change)
    values = _stays(row) | {"unwanted": None}
    if letter.due_at is None or to_micros(letter.due_at) != row.due_at:
        values["retry_at"] = None
    if row.state == State.CLAIMED or (row.state == State.AWAITING_APPROVAL and not letter.approval):
        values |= {"state": State.SCHEDULED.value, "worker": None, "lease_until": None}
    if row.state != State.FAILED:  # why it failed is what its owner has to see
        values["reason"] = change.reason
    return values


def _readdress(row: Held, change: Change) -> dict[str, Any]:
    """It stays where it is: who gets it is looked at again when it is handed over."""
    if row.state not in _RETIMED:
        raise StoreError(f"{row.key} is {row.state}: there is nobody else to send it to")
    return _stays(row)


def _withdraw(row: Held, change: Change) -> dict[str, Any]:
    if row.state == State.HANDING:
        return _stays(row) | {"unwanted": change.reason}
    check_move(row, State.WITHDRAWN)
    return _leaves(change, State.WITHDRAWN)


def _revive(row: Held, change: Change) -> dict[str, Any]:
    if row.state == State.HANDING:
        return _stays(row) | {"unwanted": None}
    if row.state not in (State.WITHDRAWN, State.MISSED):
        raise StoreError(f"{row.key} is {row.state}: there is nothing to revive")
    return _leaves(change, State.SCHEDULED)


def _miss(row: Held, change: Change) -> dict[str, Any]:
    check_move(row, State.MISSED)
    return _leaves(change, State.MISSED)


_MOVES: dict[Action, Callable[[Held, Change], dict[str, Any]]] = {
    Action.RETIME: _retime,
    Action.READDRESS: _readdress,
    Action.WITHDRAW: _withdraw,
    Action.REVIVE: _revive,
    Action.MISS: _miss,
}


def detail_of(row: Held, change: Change, cause: str) -> str:
    """What the journal says of a change: from when to when, why, and through what."""
    letter = change.letter
    moved = ""
    if letter is not None and letter.due_at is not None and to_micros(letter.due_at) != row.due_at:
        moved = f"{stamp(from_micros(row.due_at))} to {stamp(letter.due_at)}: "
    through = f" ({cause})" if cause and cause not in change.reason else ""
    return f"{moved}{change.reason}{through}"
