"""What a page shows at a glance, asked for in few rows: ticks of a strip, the newest letters, the next."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, or_, select, type_coerce

from engine.letter import Recorded
from engine.lifecycle import State
from engine.store.base import among
from engine.store.letters import ALL, LetterRows
from engine.store.records import Sought, Ticks
from engine.store.tables import LETTER
from engine.store.types import from_micros

_AT = func.coalesce(type_coerce(LETTER.c.sent_at, BigInteger), type_coerce(LETTER.c.due_at, BigInteger))
_TICKS = (
    select(LETTER.c.step, LETTER.c.state, _AT, LETTER.c.zone, func.count())
    .where(LETTER.c.workflow == bindparam("of_workflow"))
    .group_by(LETTER.c.step, LETTER.c.state, _AT, LETTER.c.zone)
)
_NEXT = (
    ALL.where(
        LETTER.c.workflow == bindparam("of_workflow"),
        LETTER.c.state.in_((State.SCHEDULED, State.CLAIMED, State.HANDING)),
    )
    .order_by(LETTER.c.due_at, LETTER.c.key)
    .limit(bindparam("at_most"))
)
_NEWEST = (
    ALL.where(among(LETTER.c.state))
    .order_by(func.coalesce(LETTER.c.sent_at, LETTER.c.due_at).desc(), LETTER.c.key)
    .limit(bindparam("at_most"))
    .offset(bindparam("past"))
)
_COUNTS = select(LETTER.c.workflow, LETTER.c.state, func.count()).group_by(LETTER.c.workflow, LETTER.c.state)
_TEXT = func.lower(LETTER.c.to + " " + LETTER.c.subject + " " + LETTER.c.template + " " + LETTER.c.key)


def _has(sought: Sought) -> ColumnElement[bool]:
    """Whether a letter has a word: in what is on record of it, or in the name of what it is about."""
    return or_(
        _TEXT.contains(sought.word, autoescape=True), LETTER.c.party.in_(sought.parties),
        LETTER.c.addressee.in_(sought.addressees), LETTER.c.step.in_(sought.steps),
    )  # fmt: skip


class GlanceRows(LetterRows):
    """The glances of a transaction."""

    def ticks(self, workflow: str) -> list[Ticks]:
        """How many letters of each step are in each state at each instant: when they left, else when they are due."""
        rows = sorted(tuple(row) for row in self._connection.execute(_TICKS, {"of_workflow": workflow}))
        return [Ticks(step, state, from_micros(micros), zone, number) for step, state, micros, zone, number in rows]

    def newest_letters(
        self,
        states: Collection[str],
        *,
        limit: int,
        offset: int = 0,
        workflow: str | None = None,
        sought: Sequence[Sought] = (),
    ) -> list[Recorded]:
        """Letters in some states that have all the words `sought`: those that left last (else are due last) first."""
        query = _NEWEST if workflow is None else _NEWEST.where(LETTER.c.workflow == workflow)
        query = query.where(*map(_has, sought))
        return self._letters(query, {"among": sorted(states), "at_most": limit, "past": offset})

    def found_counts(self, sought: Sequence[Sought]) -> dict[str, int]:
        """How many letters that have all the words are in each state."""
        query = select(LETTER.c.state, func.count()).where(*map(_has, sought)).group_by(LETTER.c.state)
        return dict(sorted(tuple(row) for row in self._connection.execute(query)))

    def next_letters(self, workflow: str, limit: int) -> list[Recorded]:
        """What leaves next of its own accord: what is scheduled (also what is still to be approved), or in hand."""
        return self._letters(_NEXT, {"of_workflow": workflow, "at_most": limit})

    def letter_counts(self) -> dict[tuple[str, str], int]:
        """How many letters of each workflow are in each state."""
        rows = sorted(tuple(row) for row in self._connection.execute(_COUNTS))
        return {(workflow, state): number for workflow, state, number in rows}
