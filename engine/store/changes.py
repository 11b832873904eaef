"""Making the outbox agree with the plan: many changes in few statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy.exc import IntegrityError

from engine.errors import StoreError
from engine.letter import Letter
from engine.planning.changes import Action, Change
from engine.store.base import chunks
from engine.store.groups import Group
from engine.store.holding import HeldRows, note
from engine.store.journal import JournalNote, group_of
from engine.store.moves import MOVED, detail_of, letter_of, moved
from engine.store.tables import LETTER
from engine.store.types import to_micros, to_micros_or_none

AskAt = Callable[[Letter], datetime | None] | Mapping[str, datetime] | None
"""When to ask for a letter's approval: of the letter, or by key."""

_PORTION = 5_000
"""Changes worked on at a time: bounds the memory."""
_INSERTED = (
    *("key", "workflow", "cycle", "step", "kind", "party", "round", "addressee", "slot", "due_at", "zone"),
    *("state", "reason", "template", "approval", "stale_at", "ordinary", "created_at", "revision", "ask_at", "person"),
)
"""In the order of the table's columns, which is that of its INSERT."""
_PLANNED = ("kind", "due_at", "zone", "template", "approval", "stale_at", "ordinary", "person", "revision", "ask_at")
"""What another plan may change in a row that is there."""
_WITH_LETTER = frozenset({Action.RETIME, Action.READDRESS, Action.REVIVE})


class _Context(NamedTuple):
    """What all changes of one call have in common; `at` in microseconds."""

    revision: int
    at: int
    actor: str
    cause: str
    ask_at: Callable[[Letter], datetime | None]


class ChangeRows(HeldRows):
    """The changes of a transaction."""

    def apply_changes(
        self,
        changes: Sequence[Change],
        *,
        revision: int,
        now: datetime,
        actor: str,
        cause: str,
        ask_at: AskAt = None,
    ) -> Counter[Action]:
        """Make the outbox agree with the plan, and put it on the journal; how many of each action were done.

        A letter that is there already, a move that the lifecycle has not, or two changes of one letter raise
        StoreError. A letter being handed over is never stopped, since its bytes may have left: a withdrawal is kept
        with it, and counts as soon as the channel's answer is anything but “accepted” (G3).
        """
        asking = ask_at if callable(ask_at) else lambda letter: (ask_at or {}).get(letter.key)
        context = _Context(revision, to_micros(now), actor, cause, asking)
        # In the order of keys: rows are locked in one order by everyone, and the index is filled from left to right.
        ordered = sorted(changes, key=attrgetter("key"))
        if twice := next((a.key for a, b in pairwise(ordered) if a.key == b.key), None):
            raise StoreError(f"two changes of one letter: {twice}")
        new = [change for change in ordered if change.action is Action.INSERT]
        others = [change for change in ordered if change.action is not Action.INSERT]
        self._insert(new, context)
        for portion in chunks(others, _PORTION):
            self._alter(portion, context)
        return Counter(change.action for change in ordered)

    def _insert(self, changes: Sequence[Change], context: _Context) -> None:
        group: Group | None = None
        for portion in chunks(changes, _PORTION):
            notes: list[JournalNote] = []
            rows = []
            for change in portion:
                letter = letter_of(change)
                rows.append(_row(letter, context))
                if group is None or group.name != group_of(letter.key):
                    if group is not None:
                        notes.append(group.note(context.at, context.actor, context.cause))
                    group = Group(letter)
                group.add(letter)
            self._insert_letters(rows)
            self._note(notes)
        if group is not None:
            self._note([group.note(context.at, context.actor, context.cause)])

    def _insert_letters(self, rows: list[tuple[Any, ...]]) -> None:
        try:
            self._insert_many(LETTER, _INSERTED, rows)
        except IntegrityError as error:
            among = f"{rows[0][0]} to {rows[-1][0]}"
            raise StoreError(f"a letter is in the outbox already, among {among}: {error.orig}") from error

    def _alter(self, changes: Sequence[Change], context: _Context) -> None:
        held = self.hold(change.key for change in changes)
        moves: list[tuple[Any, ...]] = []
        plans: list[tuple[Any, ...]] = []
        notes: list[JournalNote] = []
        for change in changes:
            row = held.get(change.key)
            if row is None:
                raise StoreError(f"there is no letter {change.key} to {change.action}")
            if change.action is Action.WITHDRAW and row.unwanted is not None:
                continue  # said before: reconciling finds it in hand until the channel answers
            action, values = moved(row, change)
            if change.action in _WITH_LETTER:
                plans.append((*values, *_planned(letter_of(change), context), row.id))
            else:
                moves.append((*values, row.id))
            notes.append(note(row, context.at, context.actor, action, detail_of(row, change, context.cause)))
        self._update_many(LETTER, MOVED, moves)
        self._update_many(LETTER, (*MOVED, *_PLANNED), plans)
        self._note(notes)


def _row(letter: Letter, context: _Context) -> tuple[Any, ...]:
    """The values of `_INSERTED`, as the database keeps them. Unpacked by hand: this runs for every letter."""
    (key, workflow, cycle, step, kind, party, number, addressee, slot, due_at) = letter[:10]
    (zone, state, reason, template, approval, stale_at, _, ordinary, person, _) = letter[10:]
    assert due_at is not None
    ask_at = context.ask_at(letter)
    return (
        *(key, workflow, cycle, step, kind, party, number, addressee, slot, to_micros(due_at), zone),
        *(state, reason, template, approval, to_micros_or_none(stale_at), ordinary),
        *(context.at, context.revision, to_micros_or_none(ask_at), person),
    )


def _planned(letter: Letter, context: _Context) -> tuple[Any, ...]:
    """The values of `_PLANNED`, as the database keeps them."""
    assert letter.due_at is not None
    stale_at, ask_at = letter.stale_at, context.ask_at(letter)
    return (
        *(letter.kind, to_micros(letter.due_at), letter.zone, letter.template, letter.approval),
        *(to_micros_or_none(stale_at), letter.ordinary, letter.person, context.revision, to_micros_or_none(ask_at)),
    )
