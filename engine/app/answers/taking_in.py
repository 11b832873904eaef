"""Taking in what came back about letters: each once, in one transaction with all that follows from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from engine.answer import Answer, AnswerKind
from engine.app.facts.cases import Case, applied_case, replan_for
from engine.app.root import App
from engine.definition import facts
from engine.definition.dates import day
from engine.definition.facts import Fact, Subject
from engine.definition.words import day_words
from engine.dispatcher.answering import answered, case_for, contact_of, held_place, holds, of_address, source_of
from engine.dispatcher.notices.answers import tell
from engine.dispatcher.replan import replan
from engine.dispatcher.standing import Standing
from engine.errors import RenderError
from engine.letter import Recorded
from engine.lifecycle import State, may_move
from engine.planning.changes import Action
from engine.rendering.headers import bare_address
from engine.rendering.literal import clean, legible
from engine.store import AnswerRecord, Transaction

_LONGEST_LINE = 500
_LONGEST = 100_000
"""Characters of a text that are shown; the octets are kept whole."""
_ADDRESS = re.compile(r"<([^<>\s]+@[^<>\s]+)>|(?:^|(?<=, ))([^<>,\s]+@[^<>,\s]+)(?=,|$)")
_DELAYS, _WITHIN = 3, timedelta(days=30)
"""So many letters that are delayed on their way to one address, within so long, count as one that came back."""


class TakenIn(NamedTuple):
    """What became of one answer: the record of it, whether it is `new`, and what that changed in the outbox."""

    answer: AnswerRecord
    new: bool
    changes: Counter[Action]

    @property
    def id(self) -> int:
        """The number of the record."""
        return self.answer.id


def take_in(app: App, answers: Sequence[Answer], author: str) -> list[TakenIn]:
    """Take in what came back, each in a transaction of its own; a `source` that is known already changes nothing.

    A reply, or a link used, holds the party's letters of that step until a person decides; an address that takes no mail is
    written to no more; a machine's notice is kept and stops nothing; what nobody can place is kept for the owners.
    `author` is named in the journal as who read it. Raises StoreError.
    """
    return [_take_in(app, _as_kept(answer), author) for answer in answers]


def _as_kept(answer: Answer) -> Answer:
    """An answer as the record, a page and a letter may have it: nothing invisible, no text without end."""
    return answer._replace(
        sender=_line(answer.sender), subject=_line(answer.subject), message_id=_line(answer.message_id),
        address=_line(answer.address), said=_line(answer.said), text=legible(answer.text).strip()[:_LONGEST],
    )  # fmt: skip


def _line(text: str) -> str:
    return clean(text)[:_LONGEST_LINE]


def _take_in(app: App, answer: Answer, author: str) -> TakenIn:
    now = app.clock.now()
    with app.standings.deciding() as tx:
        known = tx.answer_of(answer.source)
        if known is not None:
            return TakenIn(known, False, Counter())
        rows = _about(tx, answer)
        made = tx.add_answer(answer, _counts_as(tx, answer, rows), rows[0] if rows else None, now, author)
        if AnswerKind(made.kind) in (AnswerKind.AUTOMATIC, AnswerKind.DELAYED):
            return TakenIn(tx.decide_answer(made.id, "kept", now, author, "it stops nothing"), True, Counter())
        changes = Counter[Action]()
        for workflow in dict.fromkeys(row.workflow for row in rows):
            case = applied_case(app, tx, workflow, now)
            if case is not None:
                changes += follow(app, tx, case, made, [row for row in rows if row.workflow == workflow], author)
        made = tx.answer(made.id)
        if made.open:
            tell(tx, app.standings, made, now)
    return TakenIn(made, True, changes)


def _about(tx: Transaction, answer: Answer) -> list[Recorded]:
    """The letters that an answer is about: all that went in the mail that it answers; of a link its own letter alone."""
    if answer.letter is None:
        return []
    return tx.letters([answer.letter]) if answer.kind is AnswerKind.LINK else tx.letters_beside(answer.letter)


def _counts_as(tx: Transaction, answer: Answer, rows: Sequence[Recorded]) -> AnswerKind:
    """What an answer counts as: what is about no letter of ours is unmatched, and delays may be one too many."""
    if not rows:
        return answer.kind if answer.kind is AnswerKind.AUTOMATIC else AnswerKind.UNMATCHED
    if answer.kind is AnswerKind.DELAYED and _too_often(tx, answer, rows):
        return AnswerKind.BOUNCE
    return answer.kind


def _too_often(tx: Transaction, answer: Answer, rows: Sequence[Recorded]) -> bool:
    """Whether this is the third letter in a row that is delayed on its way to an address, within thirty days."""
    if not answer.address:
        return False
    since = answer.received_at - _WITHIN
    before = [
        found for found in tx.find_answers(address=answer.address, kind=AnswerKind.DELAYED.value)
        if since <= found.received_at <= answer.received_at
    ]  # fmt: skip
    delayed = {found.letter for found in before} | {row.key for row in rows}
    if len(delayed) < _DELAYS:
        return False
    held_up = [row.sent_at for row in tx.letters([key for key in delayed if key]) if row.sent_at]
    arrived = [
        row.sent_at for row in tx.letters_of(rows[0].workflow, [rows[0].party])
        if row.sent_at and row.state in (State.SENT, State.ANSWERED) and row.key not in delayed
        and _bare(answer.address) in _addresses(row.to)
    ]  # fmt: skip
    return not any(min(held_up) < at < max(held_up) for at in arrived)


def follow(
    app: App, tx: Transaction, case: Case, made: AnswerRecord, rows: Sequence[Recorded], author: str
) -> Counter[Action]:
    """Do what follows from an answer in one plan: the states of its letters, the facts, and the plan anew."""
    standing = app.standings.get(tx, case.name, case.now)
    new: dict[Subject, Fact] = {}
    for row in rows:
        if made.kind == AnswerKind.BOUNCE and _came_back(standing, made, row):
            _move(tx, row, State.BOUNCED, made, case, author)
        elif made.kind != AnswerKind.BOUNCE:
            _move(tx, row, State.ANSWERED, made, case, author)
        for fact in _facts(standing, made, row, case, author):
            new[fact.subject] = fact
    if new:
        kept = [tx.add_fact(case.name, fact) for fact in new.values()]
        return replan_for(app, tx, case, kept, author, f"answer {made.id}: {made.kind}").changes
    parties = [row.party for row in rows if row.party is not None]
    return replan(tx, standing, parties, case.now, actor=author, cause=f"answer {made.id}: {made.kind}")


def _move(tx: Transaction, row: Recorded, state: State, made: AnswerRecord, case: Case, author: str) -> None:
    if may_move(State(row.state), state):
        how = "came back" if state is State.BOUNCED else "answered"
        reason = f"{how} on {day_words(case.today)} (answer {made.id})"
        tx.set_state(row.key, state, reason, now=case.now, actor=author)


def _facts(standing: Standing, made: AnswerRecord, row: Recorded, case: Case, author: str) -> Iterator[Fact]:
    if of_address(made):
        for contact, address in _out_of_use(standing, made, row):
            today = day(case.today)
            note = made.said or made.subject
            subject = Subject(contact=contact)
            yield Fact(0, facts.UNREACHABLE, subject, address, today, case.now, (), source_of(made.id), note, author)
    elif holds(made) and (found := case_for(standing, row)) is not None and not found.chase.done.holds(found.scope):
        yield answered(standing, held_place(found), "yes", case.now, source=source_of(made.id), author=author)


def _came_back(standing: Standing, made: AnswerRecord, row: Recorded) -> bool:
    """Whether a letter did not reach the one whom it is for: what came back from a copy did not keep it."""
    failed, copies = _bare(made.address), _addresses(row.cc)
    # A mailbox that forwards is named by the address that it forwards to: of one recipient it is clear whose it is.
    return failed == _sent_to(standing, row) or (failed not in copies and not copies)


def _sent_to(standing: Standing, row: Recorded) -> str:
    """The address of the one whom a letter is for; its present one where nobody knows, since a person mailed it."""
    contact = contact_of(standing, row.addressee)
    return next(iter(_addresses(row.to)), _bare(contact.address) if contact else "")


def _out_of_use(standing: Standing, made: AnswerRecord, row: Recorded) -> Iterator[tuple[str, str]]:
    """The contacts of a letter's party that an answer says not to write to, with the address of each."""
    a_copy = made.kind == AnswerKind.BOUNCE and not _came_back(standing, made, row)
    failed = _bare(made.address) if a_copy else _sent_to(standing, row)
    for contact in standing.planner.desk.recipients.known(row.party or ""):
        if _bare(contact.address) == failed:
            yield contact.id, contact.address


def _addresses(people: str) -> list[str]:
    """The bare addresses in a line of people, in small letters."""
    found = [in_brackets or bare for in_brackets, bare in _ADDRESS.findall(people)]
    return [_bare(each) for each in found]


def _bare(address: str) -> str:
    try:
        return bare_address(address).casefold()
    except RenderError:
        return address.casefold()
