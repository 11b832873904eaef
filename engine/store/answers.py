"""Answers: what came back about letters, each taken in once, open until somebody decides, never deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from engine.answer import Answer, AnswerKind
from engine.errors import NotFound, Refused
from engine.letter import Recorded
from engine.store.base import optional
from engine.store.journal import JournalRows
from engine.store.records import AnswerRecord
from engine.store.tables import ANSWER

OPEN, DECIDED = "open", "decided"
_COLUMNS = tuple(ANSWER.c[name] for name in AnswerRecord._fields)
_ALL = select(*_COLUMNS).order_by(ANSWER.c.id)
_BY_ID = select(*_COLUMNS).where(ANSWER.c.id == bindparam("of_id"))
_BY_SOURCE = select(*_COLUMNS).where(ANSWER.c.source == bindparam("of_source"))
_RAW = select(ANSWER.c.raw).where(ANSWER.c.id == bindparam("of_id"))
_OPEN = select(func.count()).where(ANSWER.c.state == OPEN)
_ADD = ANSWER.insert().returning(*_COLUMNS)
_DECIDE = (
    update(ANSWER)
    .where(ANSWER.c.id == bindparam("of_id"))
    .values(
        state=DECIDED, decision=bindparam("decided"), decided_by=bindparam("by"), decided_at=bindparam("at"),
        note=bindparam("why"),
    )
    .returning(*_COLUMNS)
)  # fmt: skip
_ASSIGN = (
    update(ANSWER)
    .where(ANSWER.c.id == bindparam("of_id"))
    .values(
        kind=bindparam("new_kind"), letter=bindparam("new_letter"), matched_by=bindparam("new_matched_by"),
        workflow=bindparam("new_workflow"), party=bindparam("new_party"), step=bindparam("new_step"),
        cycle=bindparam("new_cycle"),
    )
    .returning(*_COLUMNS)
)  # fmt: skip


class AnswerRows(JournalRows):
    """The answers of a transaction."""

    def add_answer(
        self, answer: Answer, kind: AnswerKind, letter: Recorded | None, now: datetime, author: str
    ) -> AnswerRecord:
        """Keep an answer, open, and put it on the journal. Raises StoreError where its source was taken in before.

        `kind` is what it counts as, `letter` what it is about, as far as that is known here.
        """
        values = {
            **{name: getattr(answer, name) for name in ("source", "matched_by", "sender", "subject", "text")},
            **{name: getattr(answer, name) for name in ("message_id", "address", "said", "raw", "received_at")},
            **_about(letter), "kind": kind.value, "taken_at": now, "state": OPEN, "decision": "", "decided_by": "",
            "decided_at": None, "note": "",
        }  # fmt: skip
        made = AnswerRecord(*self._connection.execute(_ADD, values).one())
        said = made.said or made.subject
        who = made.address or made.sender
        self._told(made, now, author, "answer taken in", f"{made.kind} of {who}" + (f": {said}" if said else ""))
        return made

    def answer(self, answer_id: int) -> AnswerRecord:
        """An answer. Raises NotFound."""
        row = self._connection.execute(_BY_ID, {"of_id": answer_id}).one_or_none()
        if row is None:
            raise NotFound(f"there is no answer {answer_id}: “followthrough answers --all” lists them")
        return AnswerRecord(*row)

    def answer_of(self, source: str) -> AnswerRecord | None:
        """The answer that was taken in from a source."""
        row = self._connection.execute(_BY_SOURCE, {"of_source": source}).one_or_none()
        return None if row is None else AnswerRecord(*row)

    def answer_raw(self, answer_id: int) -> bytes:
        """The octets of an answer as it came; empty for one that was no message."""
        return bytes(self._connection.execute(_RAW, {"of_id": answer_id}).scalar_one_or_none() or b"")

    def find_answers(
        self, *, address: str | None = None, open_only: bool = False, **given: str | None
    ) -> list[AnswerRecord]:
        """Answers in the order in which they were taken in; by `workflow`, `party`, `letter` and `kind`, where `given`.

        An `address` matches in any case.
        """
        query = _ALL
        for name, value in optional(**given).items():
            query = query.where(ANSWER.c[name] == value)
        if address is not None:
            query = query.where(func.lower(ANSWER.c.address) == address.lower())
        if open_only:
            query = query.where(ANSWER.c.state == OPEN)
        return [AnswerRecord(*row) for row in self._connection.execute(query)]

    def open_answers(self) -> int:
        """How many answers wait for a person."""
        return int(self._connection.execute(_OPEN).scalar_one())

    def decide_answer(self, answer_id: int, decision: str, now: datetime, actor: str, note: str = "") -> AnswerRecord:
        """Settle an answer, and put it on the journal. Raises NotFound, and Refused for one that is settled."""
        found = self.answer(answer_id)
        if not found.open:
            raise Refused(f"answer {answer_id} is decided already: {found.decision}, by {found.decided_by}")
        values = {"of_id": answer_id, "decided": decision, "by": actor, "at": now, "why": note}
        made = AnswerRecord(*self._connection.execute(_DECIDE, values).one())
        self._told(made, now, actor, "answer decided", decision + (f": {note}" if note else ""))
        return made

    def assign_answer(self, answer_id: int, letter: Recorded, now: datetime, actor: str) -> AnswerRecord:
        """Say of an open answer that nobody could place which letter it is a reply to."""
        values = {"kind": AnswerKind.REPLY.value, "matched_by": "hand", **_about(letter)}
        new = {f"new_{name}": value for name, value in values.items()}
        made = AnswerRecord(*self._connection.execute(_ASSIGN, {"of_id": answer_id, **new}).one())
        self._told(made, now, actor, "answer assigned", letter.key)
        return made

    def _told(self, made: AnswerRecord, now: datetime, actor: str, action: str, detail: str) -> None:
        self.journal(
            now, actor, action, workflow=made.workflow or "", step=made.step, party=made.party, letter=made.letter,
            detail=f"answer {made.id}, {detail}",
        )  # fmt: skip


def _about(letter: Recorded | None) -> dict[str, str | None]:
    """What an answer keeps of the letter that it is about."""
    if letter is None:
        return dict.fromkeys(("letter", "workflow", "party", "step", "cycle"))
    return {
        "letter": letter.key, "workflow": letter.workflow, "party": letter.party, "step": letter.step, "cycle": letter.cycle
    }  # fmt: skip
