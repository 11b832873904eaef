"""Facts: appended, taken back by another row, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from engine.definition.facts import Fact, Subject
from engine.errors import NotFound, Refused
from engine.store.base import among, chunks
from engine.store.journal import JournalNote, JournalRows
from engine.store.records import Retraction
from engine.store.tables import FACT
from engine.store.types import to_micros

_ADD = FACT.insert().returning(FACT.c.id)
_ADD_ALL = FACT.insert().returning(FACT.c.id, sort_by_parameter_order=True)
_MINE = FACT.c.workflow == bindparam("of_workflow")
_RECORDED = select(FACT).where(_MINE, FACT.c.retracts.is_(None))
_BY_ID = _RECORDED.where(FACT.c.id == bindparam("of_id"))
_TAKEN_BACK = select(FACT.c.id).where(FACT.c.retracts == bindparam("of_id"))
_NEW = FACT.c.id > bindparam("after")
_SINCE = _RECORDED.where(or_(_NEW, among(FACT.c.id))).order_by(FACT.c.id)
_ALL_SINCE = _RECORDED.where(_NEW).order_by(FACT.c.id)
_RETRACTED_SINCE = select(FACT.c.retracts, FACT.c.recorded_at).where(_MINE, FACT.c.retracts.is_not(None), _NEW)
_LAST = select(func.max(FACT.c.id)).where(_MINE)
_RETRACTIONS = (
    select(FACT.c.id, FACT.c.retracts, FACT.c.recorded_at, FACT.c.note, FACT.c.author, FACT.c.source)
    .where(_MINE, FACT.c.retracts.is_not(None))
    .order_by(FACT.c.id)
)
_WORKFLOWS = select(FACT.c.workflow).distinct().order_by(FACT.c.workflow)


class FactRows(JournalRows):
    """The facts of a transaction."""

    def add_fact(self, workflow: str, fact: Fact) -> Fact:
        """Record a fact, and put it on the journal; given back with its id. `fact.id` is not looked at."""
        row = self._connection.execute(_ADD, _values(workflow, fact)).scalar_one()
        self._note([_recorded(workflow, fact)])
        return replace(fact, id=int(row), retracted_at=None)

    def add_facts(self, workflow: str, facts: Sequence[Fact]) -> list[Fact]:
        """Record facts in few statements, each with its line on the journal; given back with their ids, in order."""
        kept: list[Fact] = []
        for portion in chunks(facts):
            rows = self._connection.execute(_ADD_ALL, [_values(workflow, fact) for fact in portion]).scalars()
            kept += [replace(fact, id=int(row), retracted_at=None) for fact, row in zip(portion, rows, strict=True)]
        self._note([_recorded(workflow, fact) for fact in facts])
        return kept

    def retract_fact(self, workflow: str, fact_id: int, at: datetime, note: str, author: str, source: str = "") -> None:
        """Take a fact back, and put that on the journal. Raises NotFound, and Refused for one already taken back."""
        row = self._connection.execute(_BY_ID, {"of_workflow": workflow, "of_id": fact_id}).one_or_none()
        if row is None:
            raise NotFound(f"{workflow} has no fact {fact_id}")
        if self._connection.execute(_TAKEN_BACK, {"of_id": fact_id}).first():
            raise Refused(f"fact {fact_id} ({row.name}) has been taken back already")
        values = {
            **{name: getattr(row, name) for name in ("workflow", "name", "true_on", *Subject._fields)},
            "value": "",
            "details": [],
            "recorded_at": at,
            "source": source,
            "note": note,
            "author": author,
            "retracts": fact_id,
        }
        self._connection.execute(FACT.insert(), values)
        self._note([_told(workflow, _fact(row), at, author, "retracted", row.value, note)])

    def fact_workflows(self) -> list[str]:
        """The names of the workflows about which something is recorded, applied or not."""
        return list(self._connection.execute(_WORKFLOWS).scalars())

    def load_facts(self, workflow: str, after: int = 0) -> list[Fact]:
        """The facts, by id, each with the instant it was taken back, if it was.

        `after` a row (`last_fact_row`) only what is new since: facts recorded, and facts taken back, since then.
        """
        values = {"of_workflow": workflow, "after": after}
        taken = {int(fact_id): at for fact_id, at in self._connection.execute(_RETRACTED_SINCE, values).all()}
        if after and taken:
            rows = self._connection.execute(_SINCE, {**values, "among": sorted(taken)}).all()
        else:
            rows = self._connection.execute(_ALL_SINCE, values).all()
        return [_fact(row, taken.get(row.id)) for row in rows]

    def last_fact_row(self, workflow: str) -> int:
        """A number that grows with each recording and retraction; 0 before the first."""
        return int(self._connection.execute(_LAST, {"of_workflow": workflow}).scalar() or 0)

    def retractions(self, workflow: str) -> list[Retraction]:
        """What was taken back, when, by whom and why, in order."""
        return [Retraction(*row) for row in self._connection.execute(_RETRACTIONS, {"of_workflow": workflow})]


def _fact(row: Any, retracted_at: datetime | None = None) -> Fact:
    return Fact(
        id=row.id,
        name=row.name,
        subject=Subject(row.party, row.step, row.anchor, row.cycle, row.contact),
        value=row.value,
        true=row.true_on,
        recorded_at=row.recorded_at,
        details=tuple((name, value) for name, value in row.details),
        source=row.source,
        note=row.note,
        author=row.author,
        retracted_at=retracted_at,
    )


def _values(workflow: str, fact: Fact) -> dict[str, Any]:
    """The columns of a fact that is recorded."""
    return {
        "workflow": workflow,
        "name": fact.name,
        **fact.subject._asdict(),
        "value": fact.value,
        "true_on": fact.true,
        "details": [list(pair) for pair in fact.details],
        "recorded_at": fact.recorded_at,
        "source": fact.source,
        "note": fact.note,
        "author": fact.author,
    }


def _recorded(workflow: str, fact: Fact) -> JournalNote:
    details = "".join(f", {name} {value}" for name, value in fact.details)
    return _told(workflow, fact, fact.recorded_at, fact.author, "recorded", f"{fact.value}{details}", fact.note)


def _told(workflow: str, fact: Fact, at: datetime, author: str, action: str, value: str, note: str) -> JournalNote:
    """The journal's line about a fact."""
    about = fact.subject
    rest = str(about._replace(party=None, step=None)) if about.anchor or about.cycle or about.contact else ""
    detail = f"{fact.name} {value}".strip() + (f" ({rest})" if rest else "") + (f": {note}" if note else "")
    return JournalNote(to_micros(at), author, action, workflow, about.step, about.party, None, detail)
