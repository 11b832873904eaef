"""The people behind the roles: one reader for each address, whatever roles it has in however many plans.

What a reader gets about all of them (a digest, an urgent prompt) is a row of the outbox under the name of one of the
roles. There is one such letter under way and one to come; one that had nothing to say is withdrawn, and the next takes
its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.definition.people import Role
from engine.dispatcher.standing import Standing
from engine.letter import NONE, Letter, LetterKey, Recorded
from engine.lifecycle import State
from engine.planning.changes import Action, Change
from engine.planning.world.schedule import Hours
from engine.store import Transaction

ACTOR = "tick"
NEEDLESS = "there is nothing to say then any more"
_UNDER_WAY = frozenset({State.SCHEDULED, State.CLAIMED, State.HANDING})


@dataclass(frozen=True, slots=True)
class Seat:
    """A role in a plan as it stands."""

    standing: Standing
    role: Role

    @property
    def name(self) -> tuple[str, str]:
        """The plan's name and the role's."""
        return self.standing.workflow.name, self.role.name

    @property
    def hours(self) -> Hours:
        """When the role is written to."""
        return self.standing.planner.desk.role_hours(self.role.name)

    def open_at(self, at: datetime) -> bool:
        """Whether the plan still sends at an instant."""
        ends = self.standing.planner.desk.ends_at
        return ends is None or at < ends


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads at an address: the roles that have it, by plan."""

    address: str
    seats: tuple[Seat, ...]

    @property
    def plans(self) -> list[tuple[Standing, frozenset[str]]]:
        """Each plan with the names of the roles that the reader has in it."""
        found: dict[str, tuple[Standing, set[str]]] = {}
        for seat in self.seats:
            found.setdefault(seat.standing.workflow.name, (seat.standing, set()))[1].add(seat.role.name)
        return [(standing, frozenset(roles)) for standing, roles in found.values()]


def readers(standings: Iterable[Standing]) -> list[Reader]:
    """The readers of plans that are not over."""
    found: dict[str, list[Seat]] = {}
    for standing in standings:
        if not standing.planner.desk.over():
            for role in standing.workflow.roles.values():
                if role.email:
                    found.setdefault(role.email.casefold(), []).append(Seat(standing, role))
    return [Reader(address, tuple(seats)) for address, seats in found.items()]


def reader_of(row: Recorded, standings: Iterable[Standing]) -> Reader | None:
    """The reader whom a letter to a role is for; None where the plan has no such role any more, or is over."""
    place = (row.workflow, row.addressee)
    return next((each for each in readers(standings) if any(seat.name == place for seat in each.seats)), None)


class Bulletins:
    """The letters of one kind (by template) to readers, as the outbox has them, made to agree with what is wanted."""

    def __init__(self, tx: Transaction, template: str, standings: Iterable[Standing], now: datetime) -> None:
        self._tx = tx
        self._template = template
        self._now = now
        self._rows: dict[tuple[str, str], list[Recorded]] = {}
        self._new: Counter[tuple[str, str]] = Counter()
        self._put_out: set[str] = set()
        for standing in standings:
            for row in tx.recorded(standing.workflow.name, party=None, step=NONE):
                if row.template == template:
                    self._rows.setdefault((row.workflow, row.addressee), []).append(row)

    def of(self, reader: Reader) -> list[Recorded]:
        """All of a reader's."""
        return [row for seat in reader.seats for row in self._rows.get(seat.name, ())]

    def last_sent(self, reader: Reader) -> datetime | None:
        """When one was last sent to a reader."""
        return max((row.sent_at for row in self.of(reader) if row.sent_at is not None), default=None)

    def agree(self, reader: Reader, wanted: Iterable[tuple[Seat, datetime]], reason: str) -> None:
        """Make the letters to a reader those that are wanted: at most one due by now, and one to come.

        One under way that is due by now is left alone: what it says is looked up when it is handed over.
        """
        rows = [row for row in self.of(reader) if row.state in _UNDER_WAY]
        coming = [row for row in rows if row.due_at > self._now]
        under_way = len(coming) < len(rows)
        # One that is held up (the office is closed, the channel down) says then what the next would have said.
        held_up = any(row.due_at <= self._now and row.retry_at and row.retry_at > self._now for row in rows)
        changes: list[Change] = []
        for seat, due in () if held_up else wanted:
            kept = next((row for row in coming if (row.workflow, row.addressee) == seat.name), None)
            if due <= self._now:
                changes += [] if under_way else [self._put(seat, due, reason)]
            elif kept is None:
                changes.append(self._put(seat, due, reason))
            else:
                coming.remove(kept)
                if kept.due_at != due:
                    changes.append(
                        Change(Action.RETIME, kept.key, reason, bulletin(seat, self._template, kept.slot, due, reason))
                    )
        changes += [Change(Action.WITHDRAW, row.key, NEEDLESS) for row in coming]
        for change in changes:
            self._apply(reader, change)

    def _apply(self, reader: Reader, change: Change) -> None:
        home = next(each for each in reader.seats if change.key.startswith(f"{each.standing.workflow.name}/"))
        self._tx.apply_changes(
            [change],
            revision=home.standing.revision.id,
            now=self._now,
            actor=ACTOR,
            cause=f"the {self._template} to come",
        )

    def _put(self, seat: Seat, due: datetime, reason: str) -> Change:
        """One more letter: that which had nothing to say lives again, else one under the next number."""
        rows = self._rows.get(seat.name, [])
        again = next((row for row in rows if row.state == State.WITHDRAWN and row.key not in self._put_out), None)
        slot = (
            f"{self._template.replace('_', '-')}-{len(rows) + 1 + self._new[seat.name]}"
            if again is None
            else again.slot
        )
        letter = bulletin(seat, self._template, slot, due, reason)
        self._put_out.add(letter.key)
        if again is None:
            self._new[seat.name] += 1
        return Change(Action.INSERT if again is None else Action.REVIVE, letter.key, reason, letter)


def bulletin(seat: Seat, template: str, slot: str, due: datetime, reason: str) -> Letter:
    """A letter of no step to a role."""
    workflow, role = seat.name
    key = LetterKey(workflow, None, NONE, None, 1, role, slot)
    return Letter.of(
        key, template, seat.hours.zone, State.SCHEDULED, reason, due_at=due, template=template, ordinary=False
    )
