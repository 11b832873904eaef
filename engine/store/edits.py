"""Edits: how a person worded a letter before it was approved (G5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from engine.errors import Refused
from engine.letter import Recorded, Wording
from engine.lifecycle import State
from engine.store.holding import Held, HeldRows
from engine.store.records import EditRecord
from engine.store.tables import EDIT, LETTER

_ADD = EDIT.insert().returning(EDIT.c.id)
_BY_ID = select(EDIT).where(EDIT.c.id == bindparam("of_id"))
_EDITED = select(LETTER.c.edited, LETTER.c.approved_digest).where(LETTER.c.id == bindparam("of_id"))
_OPEN = (State.SCHEDULED, State.AWAITING_APPROVAL, State.FAILED)


def may_edit(row: Held | Recorded) -> bool:
    """Whether a letter may still leave: also what a person refused, since approving it takes the no back."""
    return row.state in _OPEN or (row.state == State.WITHDRAWN and row.refused is not None)


class EditRows(HeldRows):
    """The edits of a transaction."""

    def edit_of(self, row: Recorded) -> EditRecord | None:
        """The edit that a letter reads by; None while it reads as its template has it."""
        if row.edited is None:
            return None
        found = self._connection.execute(_BY_ID, {"of_id": row.edited}).one()
        return EditRecord(found.id, found.letter, Wording(found.subject, found.body), found.author, found.at)

    def wording(self, row: Recorded) -> Wording | None:
        """What a person made of a letter's words, if anybody did."""
        found = self.edit_of(row)
        return found.wording if found else None

    def edit(self, key: str, wording: Wording | None, now: datetime, actor: str) -> Recorded:
        """Word a letter, or (None) let it read as its template has it again. An approval that it had is taken back.

        Raises NotFound, and Refused for a letter that has left or never will.
        """
        held = self.hold_one(key)
        if not may_edit(held):
            raise Refused(f"it is {held.state}: only a letter that is still to leave can be edited")
        edited = None
        if wording is not None:
            values = {"letter": key, **wording._asdict(), "author": actor, "at": now}
            edited = int(self._connection.execute(_ADD, values).scalar_one())
        before = self._connection.execute(_EDITED, {"of_id": held.id}).one()
        action, told = ("edited", f"edited by {actor}") if wording else ("unedited", f"edit taken back by {actor}")
        if before.approved_digest is not None and held.state == State.SCHEDULED:
            values = {"state": State.AWAITING_APPROVAL, "reason": f"{told} after its approval", "asked_at": now}
        else:
            values = {"state": held.state, "reason": held.reason}
        values |= {"edited": edited, "approved_digest": None, "subject": ""}
        return self._set(held, values, now, actor, action, wording.subject if wording else "")
