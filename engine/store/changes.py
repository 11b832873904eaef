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
from engine.lifecycle import PLAN_ONLY, State
from engine.planning.changes import Action, Change
from engine.store.base import chunks
from engine.store.journal import Note, group_of
from engine.store.letters import Held, LetterRows, check_move, note
from engine.store.tables import LETTER
from engine.store.types import from_micros, to_micros

AskAt = Callable[[Letter], datetime | None] | Mapping[str, datetime] | None
"""When to ask for a letter's approval: of the letter, or by key."""

_PORTION = 5_000
"""Changes worked on at a time: bounds the memory."""
_INSERTED = (
    *("key", "workflow", "cycle", "step", "kind", "party", "round", "addressee", "slot", "due_at", "zone"),
    *("state", "reason", "template", "approval", "stale_at", "ordinary", "created_at", "revision", "ask_at"),
)
_PLANNED = ("kind", "due_at", "zone", "template", "approval", "stale_at", "ordinary", "revision", "ask_at")
"""What another plan may change in a row that is there."""
_MOVED = ("state", "reason", "worker", "lease_until", "retry_at", "unwanted")
_WORD = {Action.RETIME: "retimed", Action.REVIVE: "revived", Action.MISS: "missed", Action.WITHDRAW: "withdrawn"}
_RETIMED = frozenset({State.SCHEDULED, State.AWAITING_APPROVAL, State.CLAIMED, State.HANDING, State.FAILED})


class _Group:
    """Letters of one step, party and round that were planned together: one line of the journal."""

    def __init__(self, letter: Letter) -> None:
        self.name = group_of(letter.key)
        self.letter = letter
        self.count = self.missed = 0
        self.first: datetime | None = None
        self.last: datetime | None = None

    def add(self, letter: Letter) -> None:
        self.count += 1
        if letter.state == State.MISSED:
            self.missed += 1
        due = letter.due_at
        if due is not None:
            self.first = due if self.first is None or due < self.first else self.first
            self.last = due if self.last is None or due > self.last else self.last

    def note(self, context: _Context) -> Note:
        letters = "1 letter" if self.count == 1 else f"{self.count} letters"
        missed = f" ({self.missed} missed)" if self.missed else ""
        when = _stamp(self.first) if self.first == self.last else f"{_stamp(self.first)} to {_stamp(self.last)}"
        detail = f"{letters}{missed}, {when}: {context.cause}"
        of = self.letter
        return Note(context.at, context.actor, "planned", of.workflow, of.step, of.party, self.name, detail)


class _Context(NamedTuple):
    """What all changes of one call have in common; `at` in microseconds."""

    revision: int
    now: datetime
    at: int
    actor: str
    cause: str
    ask_at: Callable[[Letter], datetime | None]


class ChangeRows(LetterRows):
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
        asking = ask_at if callable(ask_at) else (ask_at or {})
        of_letter = asking if callable(asking) else (lambda letter: asking.get(letter.key))
        context = _Context(revision, now, to_micros(now), actor, cause, of_letter)
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
        group: _Group | None = None
        for portion in chunks(changes, _PORTION):
            notes: list[Note] = []
            rows = []
            for change in portion:
                letter = _letter(change)
                rows.append(_row(letter, context))
                if group is None or not letter.key.startswith(group.name) or group_of(letter.key) != group.name:
                    if group is not None:
                        notes.append(group.note(context))
                    group = _Group(letter)
                group.add(letter)
            try:
                self._insert_many(LETTER, _INSERTED, rows)
            except IntegrityError as error:
                raise StoreError(
                    f"a letter was to be inserted that the outbox holds already ({error.orig}),"
                    f" among {portion[0].key} to {portion[-1].key}"
                ) from error
            self._note(notes)
        if group is not None:
            self._note([group.note(context)])

    def _alter(self, changes: Sequence[Change], context: _Context) -> None:
        held = self.hold(change.key for change in changes)
        moves: list[tuple[Any, ...]] = []
        plans: list[tuple[Any, ...]] = []
        notes: list[Note] = []
        for change in changes:
            row = held.get(change.key)
            if row is None:
                raise StoreError(f"there is no letter {change.key} to {change.action}")
            if change.action is Action.WITHDRAW and row.unwanted is not None:
                continue  # said before: reconciling finds it in hand until the channel answers
            moved = _MOVES[change.action](row, change)
            values = tuple(moved[name] for name in _MOVED)
            action = "unwanted" if moved["unwanted"] else _WORD[change.action]
            if change.action in (Action.RETIME, Action.REVIVE):
                plans.append((*values, *_planned(_letter(change), context), row.id))
            else:
                moves.append((*values, row.id))
            notes.append(note(row, context.at, context.actor, action, _detail(row, change, context)))
        self._update_many(LETTER, _MOVED, moves)
        self._update_many(LETTER, (*_MOVED, *_PLANNED), plans)
        self._note(notes)


def _letter(change: Change) -> Letter:
    letter = change.letter
    if letter is None or letter.due_at is None or letter.state in PLAN_ONLY or letter.key != change.key:
        raise StoreError(f"to {change.action} {change.key} takes its letter, with an instant and a row's state")
    return letter


def _row(letter: Letter, context: _Context) -> tuple[Any, ...]:
    """The values of `_INSERTED`, as the database keeps them. Unpacked by hand: this runs for every letter."""
    (key, workflow, cycle, step, kind, party, number, addressee, slot, due_at) = letter[:10]
    (zone, state, reason, template, approval, stale_at, _, ordinary) = letter[10:]
    assert due_at is not None
    ask_at = context.ask_at(letter)
    return (
        *(key, workflow, cycle, step, kind, party, number, addressee, slot, to_micros(due_at), zone),
        *(state, reason, template, approval, stale_at and to_micros(stale_at), ordinary),
        *(context.at, context.revision, ask_at and to_micros(ask_at)),
    )


def _planned(letter: Letter, context: _Context) -> tuple[Any, ...]:
    """The values of `_PLANNED`, as the database keeps them."""
    assert letter.due_at is not None
    stale_at, ask_at = letter.stale_at, context.ask_at(letter)
    return (
        *(letter.kind, to_micros(letter.due_at), letter.zone, letter.template, letter.approval),
        *(stale_at and to_micros(stale_at), letter.ordinary, context.revision, ask_at and to_micros(ask_at)),
    )


def _stays(row: Held) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _MOVED}


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
    letter = _letter(change)
    moved = _stays(row) | {"unwanted": None}
    if letter.due_at is None or to_micros(letter.due_at) != row.due_at:
        moved["retry_at"] = None
    if row.state == State.CLAIMED or (row.state == State.AWAITING_APPROVAL and not letter.approval):
        moved |= {"state": State.SCHEDULED.value, "worker": None, "lease_until": None}
    if row.state != State.FAILED:  # why it failed is what its owner has to see
        moved["reason"] = change.reason
    return moved


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
    Action.WITHDRAW: _withdraw,
    Action.REVIVE: _revive,
    Action.MISS: _miss,
}


def _stamp(instant: datetime | None) -> str:
    return f"{instant.isoformat()[:16]}Z" if instant else ""


def _detail(row: Held, change: Change, context: _Context) -> str:
    letter = change.letter
    moved = ""
    if letter is not None and letter.due_at is not None and to_micros(letter.due_at) != row.due_at:
        moved = f"{_stamp(from_micros(row.due_at))} to {_stamp(letter.due_at)}: "
    cause = f" ({context.cause})" if context.cause and context.cause not in change.reason else ""
    return f"{moved}{change.reason}{cause}"
