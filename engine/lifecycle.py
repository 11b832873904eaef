"""The states of a letter: who moves it, when, and to where. `docs/lifecycle.md` draws the same; a test compares them."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a letter is in its life."""

    SCHEDULED = "scheduled"
    """Planned for its instant. `tick` asks for approval when that is needed and near, or claims it when it is due."""

    AWAITING_APPROVAL = "awaiting_approval"
    """A person has been asked. `approve` puts it back to scheduled with what was approved; what nobody decides by
    its `stale_after` is missed."""

    CLAIMED = "claimed"
    """One dispatcher holds it under a lease. It is handed over, withdrawn by a fact, or rescued when the lease ends."""

    HANDING = "handing"
    """The facts were looked at again and the bytes frozen. The channel answers: sent, failed, or back to scheduled."""

    SENT = "sent"
    """Accepted by the channel (or mailed by hand), and recorded. Final, but for what comes back: bounced or answered.
    `go-live` makes those missed that a rehearsal put into the built-in mailbox."""

    FAILED = "failed"
    """Refused for good, or not to be rendered. A person mends the cause and approves it again; or mailed it by hand."""

    MISSED = "missed"
    """Its time passed and it is not sent any more; the reason says why. Lives again if its time lies ahead again."""

    WITHDRAWN = "withdrawn"
    """The plan does not want it any more. Lives again when the plan wants it and its time is still to come."""

    BOUNCED = "bounced"
    """It was sent and came back. Sent again in the record where a person says that it had arrived, or mailed it by hand."""

    ANSWERED = "answered"
    """It was sent and somebody replied. Sent again in the record where a person says that this was no answer to it."""

    TENTATIVE = "tentative"
    """In the plan only: its day is not known."""

    WAITING = "waiting"
    """In the plan only: something has to happen first, which the reason names."""

    ABSORBED = "absorbed"
    """In the plan only: a neighbouring slot takes its place."""


MOVES: dict[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.AWAITING_APPROVAL, State.CLAIMED, State.MISSED, State.WITHDRAWN, State.SENT}),
    State.AWAITING_APPROVAL: frozenset({State.SCHEDULED, State.MISSED, State.WITHDRAWN, State.SENT}),
    State.CLAIMED: frozenset(
        {State.HANDING, State.SCHEDULED, State.AWAITING_APPROVAL, State.WITHDRAWN, State.FAILED, State.MISSED}
    ),
    State.HANDING: frozenset({State.SENT, State.FAILED, State.SCHEDULED, State.WITHDRAWN}),
    State.SENT: frozenset({State.BOUNCED, State.ANSWERED, State.MISSED}),
    State.FAILED: frozenset({State.SCHEDULED, State.SENT}),
    State.MISSED: frozenset({State.SCHEDULED, State.SENT}),
    State.WITHDRAWN: frozenset({State.SCHEDULED, State.MISSED}),
    State.BOUNCED: frozenset({State.SENT, State.ANSWERED, State.MISSED}),
    State.ANSWERED: frozenset({State.SENT, State.MISSED}),
}
"""Each state of a row with the states it may move to."""

PLAN_ONLY = frozenset({State.TENTATIVE, State.WAITING, State.ABSORBED})
UNSENT = frozenset({State.SCHEDULED, State.AWAITING_APPROVAL})
"""States in which the planner may still re-time or withdraw freely."""
SETTLED = frozenset({State.SENT, State.BOUNCED, State.ANSWERED})
"""States of a letter that has left: never sent again."""


def may_move(before: State, after: State) -> bool:
    """Whether the lifecycle has that move."""
    return after in MOVES.get(before, frozenset())
