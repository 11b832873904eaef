"""Numbers of notes verbales: one for each, in the order of their approval, without gaps in a sender's year."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, exists, or_, select, update

from engine.letter import NoteNumber, parse_key
from engine.lifecycle import State
from engine.store.journal import JournalRows
from engine.store.tables import LETTER, MAIL, NOTE

_OF_LETTER = select(NOTE.c.id, NOTE.c.series, NOTE.c.number).where(NOTE.c.letter == bindparam("of_letter"))
_LAST = select(NOTE.c.number).where(NOTE.c.series == bindparam("of_series")).order_by(NOTE.c.number.desc()).limit(1)
# What has a mail may have left, whatever became of it since: its number is used.
_FREE = (
    select(NOTE.c.id, NOTE.c.number)
    .outerjoin(LETTER, LETTER.c.key == NOTE.c.letter)
    .where(
        NOTE.c.series == bindparam("of_series"),
        or_(
            NOTE.c.letter.is_(None),
            LETTER.c.id.is_(None),
            LETTER.c.state.in_((State.WITHDRAWN, State.MISSED)) & ~exists().where(MAIL.c.letter == NOTE.c.letter),
        ),
    )
    .order_by(NOTE.c.number)
    .limit(1)
)
_ADD = NOTE.insert()
_PASS_ON = update(NOTE).where(NOTE.c.id == bindparam("of_id")).values(letter=bindparam("to_letter"))


class NoteRows(JournalRows):
    """The numbers of a transaction's notes."""

    def note_number(self, key: str) -> NoteNumber | None:
        """The number that a letter has, if it has one."""
        row = self._connection.execute(_OF_LETTER, {"of_letter": key}).one_or_none()
        return None if row is None else NoteNumber(row.series, row.number)

    def number_note(self, key: str, series: str, now: datetime, actor: str) -> bool:
        """Give a letter a number of a series: the lowest whose letter will never leave, else the next.

        False where it has one of that series already. One of another series, as of the year before, is given back.
        """
        held = self._connection.execute(_OF_LETTER, {"of_letter": key}).one_or_none()
        if held is not None and held.series == series:
            return False
        if held is not None:
            self._connection.execute(_PASS_ON, {"of_id": held.id, "to_letter": None})
        free = self._connection.execute(_FREE, {"of_series": series}).one_or_none()
        if free is not None:
            number = free.number
            self._connection.execute(_PASS_ON, {"of_id": free.id, "to_letter": key})
        else:
            number = (self._connection.execute(_LAST, {"of_series": series}).scalar() or 0) + 1
            self._connection.execute(_ADD, {"series": series, "number": number, "letter": key})
        place = parse_key(key)
        self.journal(
            now, actor, "numbered", workflow=place.workflow, step=place.step, party=place.party, letter=key,
            detail=f"note verbale {number} of {series}",
        )  # fmt: skip
        return True
