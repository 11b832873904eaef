"""Approval: asked for, given, taken back (G5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BindParameter, bindparam

from engine.errors import NotFound, Refused
from engine.letter import Recorded
from engine.lifecycle import State
from engine.store.holding import OUT_OF_HAND, HeldRows, check_move, note
from engine.store.letters import ALL
from engine.store.records import Approval
from engine.store.tables import LETTER
from engine.store.types import to_micros

_NOW: BindParameter[datetime] = bindparam("now")
_TO_ASK = ALL.where(
    LETTER.c.state == State.SCHEDULED,
    LETTER.c.wake_at <= _NOW,
    LETTER.c.approval,
    LETTER.c.approved_digest.is_(None),
).order_by(LETTER.c.due_at, LETTER.c.key)
_APPROVABLE = (State.SCHEDULED, State.AWAITING_APPROVAL, State.WITHDRAWN, State.FAILED)
"""Also what was refused, which is withdrawn, and what failed, which is tried again: whoever asks looks at that."""


class ApprovalRows(HeldRows):
    """The approvals of a transaction."""

    def to_ask(self, now: datetime) -> list[Recorded]:
        """Letters for which approval is to be asked now, by due instant."""
        return self._letters(_TO_ASK, {"now": now})

    def ask_approval(self, keys: Sequence[str], now: datetime, actor: str = "tick") -> list[Recorded]:
        """Ask a person about letters: they wait for approval from now. Raises as `set_state` does."""
        held = self.hold(keys)
        if missing := set(keys) - held.keys():
            raise NotFound(f"there is no letter {min(missing)}")
        for row in held.values():
            check_move(row, State.AWAITING_APPROVAL)
        at, reason = to_micros(now), "waits for approval"
        rows = [(State.AWAITING_APPROVAL.value, reason, at, None, None, row.id) for row in held.values()]
        self._update_many(LETTER, ("state", "reason", "asked_at", "worker", "lease_until"), rows)
        self._note([note(row, at, actor, "asked", "") for row in held.values()])
        return self.letters(held)

    def approve(self, approvals: Sequence[Approval], now: datetime, actor: str) -> None:
        """Approve letters as they are rendered now; one may do so before being asked.

        Raises NotFound, and Refused where there is nothing to approve; none is approved then.
        """
        held = self.hold(approval.key for approval in approvals)
        rows, notes, at = [], [], to_micros(now)
        for key, digest, subject, to, cc, instead in approvals:
            row = held.get(key)
            if row is None:
                raise NotFound(f"there is no letter {key}")
            if row.state not in _APPROVABLE or (row.state == State.WITHDRAWN and row.refused is None):
                raise Refused(f"{key} is {row.state}: only a letter that waits can be approved")
            rows.append((State.SCHEDULED.value, f"approved by {actor}", digest, subject, to, cc, None, row.id))
            notes.append(note(row, at, actor, "approved", f"{subject} ({instead})" if instead else subject))
        self._update_many(LETTER, ("state", "reason", "approved_digest", "subject", "to", "cc", "refused"), rows)
        self._note(notes)

    def refuse(self, key: str, reason: str, now: datetime, actor: str, instead: str = "") -> Recorded:
        """A person's no: withdrawn with a reason, and no plan revives it. Approving it takes the no back."""
        told = f"refused by {actor}{f' ({instead})' if instead else ''}: {reason}"
        return self.set_state(key, State.WITHDRAWN, told, now=now, actor=actor, refused=reason, approved_digest=None)

    def unapprove(self, key: str, reason: str, now: datetime, actor: str) -> Recorded:
        """Take an approval back, since the letter renders otherwise now: a person is asked again."""
        held = self.hold_one(key)
        if held.state != State.AWAITING_APPROVAL:
            check_move(held, State.AWAITING_APPROVAL)
        values = {"state": State.AWAITING_APPROVAL, "reason": reason, "approved_digest": None, "asked_at": now}
        values |= OUT_OF_HAND
        return self._set(held, values, now, actor, "unapproved", reason)
