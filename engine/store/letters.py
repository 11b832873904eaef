"""Letters as the outbox holds them, read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, or_, select, type_coerce
from sqlalchemy.sql import Select

from engine.letter import Recorded
from engine.lifecycle import SETTLED, UNSENT, State
from engine.planning.world.history import Past
from engine.store.base import among, chunks, optional
from engine.store.journal import JournalRows
from engine.store.records import ANY, AnyParty
from engine.store.tables import LETTER
from engine.store.types import Instant, from_micros


def plain(names: Iterable[str]) -> tuple[ColumnElement[Any], ...]:
    """Columns with their instants as numbers: `read_letter` turns those into instants faster than the type can."""
    columns = (LETTER.c[name] for name in names)
    return tuple(type_coerce(column, BigInteger) if isinstance(column.type, Instant) else column for column in columns)


RECORDED = plain(Recorded._fields)
_INSTANTS = tuple(i for i, name in enumerate(Recorded._fields) if isinstance(LETTER.c[name].type, Instant))
_WORDS = tuple(map(Recorded._fields.index, (
    "workflow", "cycle", "step", "kind", "party", "addressee", "slot", "zone", "state", "reason", "template", "told",
)))  # fmt: skip
_MANY = 5_000
"""Rows from which on it is worth their time to keep equal words once."""


def read_letter(row: Sequence[Any]) -> Recorded:
    """A letter from a row of `RECORDED`."""
    return read_letters([row])[0]


def read_letters(rows: Sequence[Sequence[Any]]) -> list[Recorded]:
    """Letters from rows of `RECORDED`. Equal words of many become one, which halves what they take of memory."""
    letters: list[Recorded] = []
    known: dict[str | None, str | None] = {}
    many = len(rows) > _MANY
    for row in rows:
        values = list(row)
        for index in _INSTANTS:
            if (micros := values[index]) is not None:
                values[index] = from_micros(micros)
        if many:
            for index in _WORDS:
                values[index] = known.setdefault(values[index], values[index])
        letters.append(Recorded._make(values))
    return letters


# Statements are built once, here and in the other parts: to build one takes longer than to run it.
ALL = select(*RECORDED)
_BY_KEY = ALL.where(LETTER.c.key == bindparam("of_key"))
_BY_KEYS = ALL.where(among(LETTER.c.key)).order_by(LETTER.c.key)
_OF_PARTIES = ALL.where(LETTER.c.workflow == bindparam("of_workflow"), among(LETTER.c.party)).order_by(LETTER.c.key)
_PAST = select(*plain(Past._fields)).where(
    LETTER.c.workflow == bindparam("of_workflow"),
    (LETTER.c.state.in_(sorted(SETTLED)) & among(LETTER.c.step)) | LETTER.c.party.is_(None),
)
_COUNTS = (
    select(LETTER.c.step, LETTER.c.state, func.count())
    .where(LETTER.c.workflow == bindparam("of_workflow"))
    .group_by(LETTER.c.step, LETTER.c.state)
)
_NEXT = select(func.min(LETTER.c.wake_at, type_=LETTER.c.wake_at.type))
_NEXT_AFTER = _NEXT.where(LETTER.c.wake_at > bindparam("after"))
_LEFT_TO = select(LETTER.c.person, LETTER.c.key, LETTER.c.mail, LETTER.c.sent_at).where(
    among(LETTER.c.person),
    LETTER.c.sent_at > bindparam("since"),
    LETTER.c.party.is_not(None),
    LETTER.c.state.in_(sorted(SETTLED)),
)
_BESIDE = ALL.where(LETTER.c.person == bindparam("of_person"), LETTER.c.mail == bindparam("of_mail")).order_by(
    LETTER.c.key
)
_UNKNOWN_PERSONS = (
    select(LETTER.c.workflow)
    .where(LETTER.c.person == "", LETTER.c.state.in_(sorted(UNSENT)))
    .distinct()
    .order_by(LETTER.c.workflow)
)


class LetterRows(JournalRows):
    """The letters of a transaction."""

    def recorded(self, workflow: str, *, party: AnyParty = ANY, step: str | None = None) -> list[Recorded]:
        """All letters of a workflow (of one party, None for those that have none; of one step), by key."""
        given = _given(workflow=workflow, party=party, step=step)
        return self._letters(_recorded(tuple(given), party is None), given)

    def letters_of(self, workflow: str, parties: Iterable[str | None]) -> list[Recorded]:
        """All letters of some parties (None among them: those that have none)."""
        wanted = set(parties)
        found = self.recorded(workflow, party=None) if None in wanted else []
        for portion in chunks(sorted(wanted - {None}, key=str)):
            found += self._letters(_OF_PARTIES, {"of_workflow": workflow, "among": portion})
        return found

    def left(self, workflow: str, steps: Sequence[str]) -> list[Past]:
        """The letters of some steps that have left, and all to roles, as far as the planner needs them."""
        rows = self._connection.execute(_PAST, {"of_workflow": workflow, "among": steps}).all()
        return [
            Past._make((*row[:8], from_micros(row[8]), from_micros(row[9]), row[10] and from_micros(row[10]), row[11]))
            for row in rows
        ]

    def letter(self, key: str) -> Recorded | None:
        """The letter of that key."""
        row = self._connection.execute(_BY_KEY, {"of_key": key}).one_or_none()
        return None if row is None else read_letter(row)

    def find_letters(
        self,
        *,
        workflow: str | None = None,
        state: str | Collection[str] | None = None,
        step: str | None = None,
        party: AnyParty = ANY,
        due_before: datetime | None = None,
        limit: int | None = None,
    ) -> list[Recorded]:
        """Letters by what is given, ordered by due instant, then key. `state` is one or several."""
        given = _given(workflow=workflow, party=party, step=step)
        more = optional(due_before=due_before, limit=limit)
        if state is not None:
            more = {**more, "among": [state] if isinstance(state, str) else sorted(state)}
        return self._letters(_find(tuple(given), tuple(more), party is None), {**given, **more})

    def _letters(self, query: Select[Any], values: Mapping[str, Any]) -> list[Recorded]:
        return read_letters(self._connection.execute(query, values).all())

    def letters(self, keys: Iterable[str]) -> list[Recorded]:
        """The letters of those keys that are there, by key."""
        found: list[Recorded] = []
        for portion in chunks(sorted(keys)):
            found += self._letters(_BY_KEYS, {"among": portion})
        return found

    def letters_beside(self, key: str) -> list[Recorded]:
        """A letter with those that left in the same mail, by key; it alone where it never left."""
        row = self.letter(key)
        if row is None or row.mail is None:
            return [row] if row else []
        return self._letters(_BESIDE, {"of_person": row.person, "of_mail": row.mail})

    def counts(self, workflow: str) -> dict[tuple[str, str], int]:
        """How many letters each step has in each state."""
        rows = self._connection.execute(_COUNTS, {"of_workflow": workflow})
        return {(step, state): count for step, state, count in sorted(map(tuple, rows))}

    def next_due(self, after: datetime | None = None) -> datetime | None:
        """The earliest instant at which something of the outbox is to be done: send, retry, ask, give up, rescue.

        Only instants later than `after`, so that what could not be done just now keeps nobody busy.
        """
        if after is None:
            return self._connection.execute(_NEXT).scalar()
        return self._connection.execute(_NEXT_AFTER, {"after": after}).scalar()

    def left_to(self, persons: Collection[str], since: datetime) -> dict[str, list[datetime]]:
        """When mails to some persons at parties left since an instant (UTC), oldest first: several letters may be one."""
        found: dict[str, dict[int | str, datetime]] = {}
        for portion in chunks(sorted(persons)):
            rows = self._connection.execute(_LEFT_TO, {"among": portion, "since": since})
            for person, key, mail, at in rows:
                found.setdefault(person, {})[mail or key] = at
        return {person: sorted(mails.values()) for person, mails in found.items()}

    def with_unknown_persons(self) -> list[str]:
        """The workflows of which letters are to leave, and a version before did not keep who gets them."""
        return list(self._connection.execute(_UNKNOWN_PERSONS).scalars())


def _given(*, workflow: str | None, party: AnyParty, step: str | None) -> dict[str, Any]:
    """What is asked for, by the names of the statements' parameters; a party of None has no value."""
    named = None if party is ANY else party
    return {f"of_{name}": value for name, value in optional(workflow=workflow, party=named, step=step).items()}


@lru_cache(maxsize=64)
def _recorded(given: tuple[str, ...], no_party: bool) -> Select[Any]:
    """The letters of which the columns named in `given` are as asked for, by key."""
    return _matching(given, no_party).order_by(LETTER.c.key)


@lru_cache(maxsize=64)
def _find(given: tuple[str, ...], more: tuple[str, ...], no_party: bool) -> Select[Any]:
    """The same, by due instant, then key; `more` names what else is given."""
    query = _matching(given, no_party).order_by(LETTER.c.due_at, LETTER.c.key)
    if "among" in more:
        query = query.where(among(LETTER.c.state))
    if "due_before" in more:
        query = query.where(LETTER.c.due_at < bindparam("due_before"))
    return query.limit(bindparam("limit")) if "limit" in more else query


def _matching(given: tuple[str, ...], no_party: bool) -> Select[Any]:
    query = ALL
    for name in given:
        query = query.where(LETTER.c[name.removeprefix("of_")] == bindparam(name))
    return query.where(LETTER.c.party.is_(None)) if no_party else query


DUE = (
    (LETTER.c.state == State.SCHEDULED)
    & (LETTER.c.wake_at <= bindparam("now"))
    & or_(~LETTER.c.approval, LETTER.c.approved_digest.is_not(None))
)
"""Which letters may be claimed: due, not to be retried later, and approved where that is needed."""
