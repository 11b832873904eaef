"""Letters held against others, and moved from one state to another, one by one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.sql import Update

from engine.errors import NotFound, StoreError
from engine.letter import Recorded
from engine.lifecycle import State, may_move
from engine.store.base import among, chunks
from engine.store.journal import JournalNote
from engine.store.letters import RECORDED, LetterRows, plain, read_letter
from engine.store.tables import LETTER
from engine.store.types import to_micros

_FREE = frozenset({
    "to", "cc", "subject", "message_id", "due_at", "stale_at", "ask_at", "asked_at", "retry_at", "approved_digest",
    "sent_at", "channel", "refused",
})  # fmt: skip
"""What `set_state` may set along with the state."""
OUT_OF_HAND = {"worker": None, "lease_until": None}
_TOLD = {State.AWAITING_APPROVAL: "asked", State.SCHEDULED: "released"}
"""What the journal calls a move where that is not the name of the new state."""


class Held(NamedTuple):
    """What a row holds that decides about a move; locked against others until the transaction ends.

    Instants are in microseconds, as the database keeps them: they go back into it.
    """

    id: int
    key: str
    workflow: str
    step: str
    party: str | None
    state: str
    reason: str
    due_at: int
    attempts: int
    retry_at: int | None
    worker: str | None
    lease_until: int | None
    mail: int | None
    unwanted: str | None
    refused: str | None = None


_HELD = plain(Held._fields)
_HOLD = select(*_HELD).where(among(LETTER.c.key)).order_by(LETTER.c.key).with_for_update()


def note(held: Held | Recorded, at: int, actor: str, action: str, detail: str) -> JournalNote:
    """The journal entry of one letter's change; `at` in microseconds."""
    return JournalNote(at, actor, action, held.workflow, held.step, held.party, held.key, detail)


class HeldRows(LetterRows):
    """The letters of a transaction that are to change."""

    def hold(self, keys: Iterable[str]) -> dict[str, Held]:
        """Those of the letters that are there, locked until the transaction ends.

        Always in the order of their keys, so that two transactions never wait for each other.
        """
        held: dict[str, Held] = {}
        for portion in chunks(sorted(keys)):
            rows = self._connection.execute(_HOLD, {"among": portion}).all()
            held.update((row.key, Held._make(row)) for row in rows)
        return held

    def hold_one(self, key: str) -> Held:
        """The letter of that key, locked. Raises NotFound."""
        held = self.hold([key])
        if not held:
            raise NotFound(f"there is no letter {key}")
        return held[key]

    def set_state(self, key: str, state: str, reason: str, *, now: datetime, actor: str, **fields: Any) -> Recorded:
        """Move one letter, as the lifecycle allows, and put it on the journal; the letter as it is then.

        `fields` may set what is known along with it, such as `subject`. Raises NotFound, and StoreError for a move
        that the lifecycle has not.
        """
        if unknown := fields.keys() - _FREE:
            raise StoreError(f"not to be set with a state: {', '.join(sorted(unknown))}")
        if state in (State.CLAIMED, State.HANDING):
            raise StoreError(f"a letter is {state} only by `claim` and `begin_handings`")
        held = self.hold_one(key)
        check_move(held, state)
        values = {"state": state, "reason": reason, "unwanted": None, **OUT_OF_HAND, **fields}
        if state == State.SENT:
            values.setdefault("sent_at", now)
        return self._set(held, values, now, actor, _TOLD.get(State(state), state), reason)

    def _set(self, held: Held, values: dict[str, Any], now: datetime, actor: str, action: str, detail: str) -> Recorded:
        new = {f"new_{name}": value for name, value in values.items()}
        row = self._connection.execute(_setting(tuple(values)), {"of_id": held.id, **new}).one()
        self._note([note(held, to_micros(now), actor, action, detail)])
        return read_letter(row)


def check_move(held: Held, state: str) -> None:
    """Raise StoreError for a move that the lifecycle has not."""
    if not may_move(State(held.state), State(state)):
        raise StoreError(f"{held.key} is {held.state}, which cannot become {state}")


@lru_cache(maxsize=64)
def _setting(columns: tuple[str, ...]) -> Update:
    """Sets columns of one letter, and gives it back."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    return update(LETTER).where(LETTER.c.id == bindparam("of_id")).values(values).returning(*RECORDED)
