"""What has happened to the letters so far, as the planner needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from engine.letter import Letter, Recorded
from engine.lifecycle import SETTLED, State


class Past(NamedTuple):
    """A letter that has a row: its key's parts, its state, its instants (UTC), and the day that it told."""

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
    told: str | None = None

    @property
    def left_at(self) -> datetime:
        """When it left (of one whose instant is not on record: when it was due)."""
        return self.sent_at or self.due_at

    @property
    def sent(self) -> bool:
        """Whether it has left."""
        return self.state in SETTLED

    @property
    def reached(self) -> bool:
        """Whether it has left, and has not come back."""
        return self.sent and self.state != State.BOUNCED


def past(row: Recorded) -> Past:
    """What the planner needs of a row."""
    return Past(
        row.key, row.step, row.cycle, row.party, row.round, row.addressee, row.slot,
        row.state, row.due_at, row.created_at, row.sent_at, row.told,
    )  # fmt: skip


_NO_LETTERS: Mapping[str, Past] = {}
_NOTHING: Mapping[tuple[str, str | None], dict[str, Past]] = {}


class History:
    """The letters on record, by party, then by step and cycle."""

    def __init__(self, entries: Iterable[Past] = ()) -> None:
        self._of: dict[str | None, dict[tuple[str, str | None], dict[str, Past]]] = {}
        for entry in entries:
            self.put(entry)

    def put(self, entry: Past) -> None:
        """Take in a letter's present state."""
        places = self._of.setdefault(entry.party, {})
        places.setdefault((entry.step, entry.cycle), {})[entry.key] = entry

    def clear(self) -> None:
        """Drop all that is known."""
        self._of.clear()

    def forget(self, party: str | None) -> None:
        """Drop what is known of one party (before reading it again)."""
        self._of.pop(party, None)

    def _at(self, step: str, cycle: str | None, party: str | None) -> Mapping[str, Past]:
        return self._of.get(party, _NOTHING).get((step, cycle), _NO_LETTERS)

    def of(self, step: str, cycle: str | None, party: str | None) -> list[Past]:
        """The letters of one step, cycle and party."""
        return list(self._at(step, cycle, party).values())

    def sent(self, step: str, cycle: str | None, party: str | None, round_: int | None = None) -> list[Past]:
        """Those that have left, oldest first; of one round if it is named."""
        letters = self._at(step, cycle, party).values()
        found = [entry for entry in letters if entry.sent and round_ in (None, entry.round)]
        return sorted(found, key=lambda entry: (entry.left_at, entry.key))

    def has_left(self, letter: Letter) -> bool:
        """Whether a letter of the plan has left already."""
        entry = self._at(letter.step, letter.cycle, letter.party).get(letter.key)
        return entry is not None and entry.sent

    def reached(self, step: str, cycle: str | None) -> set[str | None]:
        """The parties to which a letter of a step and cycle has left."""
        place = (step, cycle)
        return {
            party
            for party, places in self._of.items()
            if any(entry.reached for entry in places.get(place, {}).values())
        }

    def first_planned(self, step: str, cycle: str | None, party: str | None) -> datetime | None:
        """When the first letter of this step was planned for this party."""
        return min((entry.created_at for entry in self._at(step, cycle, party).values()), default=None)
