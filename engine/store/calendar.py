"""Calendar items as last published: a feed's stamps and sequences come from here, never from the clock."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from engine.store.base import Rows
from engine.store.records import CalendarRow
from engine.store.tables import CALENDAR

_PUBLISHED = (
    select(*(CALENDAR.c[name] for name in CalendarRow._fields))
    .where(CALENDAR.c.workflow == bindparam("of_workflow"))
    .order_by(CALENDAR.c.uid)
)
_DROP = CALENDAR.delete().where(CALENDAR.c.workflow == bindparam("of_workflow"), CALENDAR.c.uid == bindparam("of_uid"))


class CalendarRows(Rows):
    """The calendar items of a transaction."""

    def calendar_items(self, workflow: str) -> dict[str, CalendarRow]:
        """Each item that was published, also cancelled ones, by UID and in the order of their UIDs."""
        rows = self._connection.execute(_PUBLISHED, {"of_workflow": workflow}).all()
        return {row.uid: CalendarRow(*row)._replace(feeds=tuple(row.feeds)) for row in rows}

    def save_calendar_items(self, rows: Sequence[CalendarRow]) -> None:
        """Keep items as they are published now; others stay as they were."""
        if not rows:
            return
        self._connection.execute(_DROP, [{"of_workflow": row.workflow, "of_uid": row.uid} for row in rows])
        self._connection.execute(CALENDAR.insert(), [{**row._asdict(), "feeds": list(row.feeds)} for row in rows])
