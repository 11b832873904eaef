"""Who decides about a letter: the owner of its step, or the deputy to whom that was given."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple


class Delegation(NamedTuple):
    """What one role of a plan (`owner`) is asked to approve, given to another (`deputy`).

    It is about one letter (its key), about one step, or (where neither is set) about everything. It holds from
    `starts_at` to `ends_at` (UTC; None: until it is taken back). `told_at` is when the deputy was told of what waited
    then; `ended_at` when it was over, and `ended_by` who ended it.
    """

    id: int
    workflow: str
    owner: str
    deputy: str
    letter: str | None
    step: str | None
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    author: str
    made_at: datetime
    told_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None

    def holds(self, now: datetime) -> bool:
        """Whether the deputy decides at an instant."""
        return self.ended_at is None and self.starts_at <= now and (self.ends_at is None or now < self.ends_at)

    def covers(self, step: str, letter: str) -> bool:
        """Whether it is about a letter of a step."""
        return self.letter == letter if self.letter is not None else self.step in (None, step)


def decider(owner: str, step: str, letter: str, given: Iterable[Delegation], now: datetime) -> str:
    """The role that decides about a letter of a step at an instant, given the delegations of its plan.

    The closest counts (a letter's before a step's before everything), of equals the newest. A deputy may have one, too;
    nobody is asked a second time, so that two who are each other's deputies do not send a letter round for ever.
    """
    held = [each for each in given if each.holds(now) and each.covers(step, letter)]
    role, asked = owner, {owner}
    while True:
        mine = [each for each in held if each.owner == role and each.deputy not in asked]
        if not mine:
            return role
        role = max(mine, key=lambda each: (each.letter is not None, each.step is not None, each.id)).deputy
        asked.add(role)
