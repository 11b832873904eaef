"""Changes: what makes the outbox agree with the plan."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from engine.definition.words import counted, listed
from engine.letter import Letter


class Action(StrEnum):
    """What is done to a row."""

    INSERT = "insert"
    RETIME = "retime"
    """Another instant (or other words of the plan) for a letter that has not left; its approval stands."""
    READDRESS = "readdress"
    """Another person gets a letter that has not left, at the same instant."""
    WITHDRAW = "withdraw"
    REVIVE = "revive"
    """A withdrawn or missed letter is wanted again and its time lies ahead."""
    MISS = "miss"


_DONE = {
    Action.INSERT: "planned",
    Action.RETIME: "re-timed",
    Action.READDRESS: "readdressed",
    Action.REVIVE: "revived",
    Action.WITHDRAW: "withdrawn",
    Action.MISS: "missed",
}
"""What a letter was, in words, in the order in which changes are told."""


def changes_words(changes: Mapping[Action, int]) -> str:
    """`3 letters withdrawn and 1 planned`; empty where nothing changed."""
    parts = [(changes[action], word) for action, word in _DONE.items() if changes.get(action)]
    return listed(
        [f"{f'{number:,}' if at else counted(number, 'letter')} {word}" for at, (number, word) in enumerate(parts)]
    )


class Change(NamedTuple):
    """One change of one row. `letter` carries the new values for insert, retime, readdress and revive."""

    action: Action
    key: str
    reason: str
    letter: Letter | None = None
