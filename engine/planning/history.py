"""What has happened to the letters so far, as the planner needs it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from engine.letter import Recorded
from engine.lifecycle import SETTLED, State


class Past(NamedTuple):
    """A letter that has a row: its key's parts, its state and its instants (UTC)."""

    key: str
    step: str
    cycle: str | None
    party: str | None
    round: int
    addressee: str
    slot: str
    state: str
    due_at: datetime
    created_at: datetime
    sent_at: datetime | None = None

    @property
    def sent(self) -> bool:
        """Whether it has left."""
        return self.state in SETTLED


def past(row: Recorded) -> Past:
    """What the planner needs of a row."""
    return Past(
        row.key, row.step, row.cycle, row.party, row.round, row.addressee, row.slot,
        row.state, row.due_at, row.created_at, row.sent_at,
    )  # fmt: skip


Place = tuple[str, str | None, str | None]


class History:
    """The letters on record, by step, cycle and party."""

    def __init__(self, entries: Iterable[Past] = ()) -> None:
        self._at: dict[Place, dict[str, Past]] = {}
        for entry in entries:
            self.put(entry)

    def put(self, entry: Past) -> None:
        """Take in a letter's present state."""
        self._at.setdefault((entry.step, entry.cycle, entry.party), {})[entry.key] = entry

    def clear(self) -> None:
        """Drop all that is known."""
        self._at.clear()

    def forget(self, party: str | None) -> None:
        """Drop what is known of one party (before reading it again)."""
        for place in [place for place in self._at if place[2] == party]:
            del self._at[place]

    def of(self, step: str, cycle: str | None, party: str | None) -> list[Past]:
        """The letters of one step, cycle and party."""
        return list(self._at.get((step, cycle, party), {}).values())

    def sent(self, step: str, cycle: str | None, party: str | None, round_: int | None = None) -> list[Past]:
        """Those that have left, oldest first; of one round if it is named."""
        found = [
            entry for entry in self._at.get((step, cycle, party), {}).values()
            if entry.sent and round_ in (None, entry.round)
        ]  # fmt: skip
        return sorted(found, key=lambda entry: (entry.sent_at or entry.due_at, entry.key))

    def first_planned(self, step: str, cycle: str | None, party: str | None) -> datetime | None:
        """When the first letter of this step was planned for this party."""
        return min((entry.created_at for entry in self._at.get((step, cycle, party), {}).values()), default=None)

    def spent(self, key: str, step: str, cycle: str | None, party: str | None) -> bool:
        """Whether a letter was missed or failed, so that it does not count as one that will have been sent."""
        entry = self._at.get((step, cycle, party), {}).get(key)
        return entry is not None and entry.state in (State.MISSED, State.FAILED)
