"""What follows from a decision about an answer: facts, the letters that it moved, and the plan anew, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.app.facts.cases import Case, applied_case, replan_for
from engine.app.root import App
from engine.definition.facts import UNREACHABLE, Fact
from engine.dispatcher.answering import brought_about, holds, released, source_of
from engine.dispatcher.notices.answers import withdraw_notices
from engine.dispatcher.replan import replan
from engine.lifecycle import State
from engine.planning.changes import Action
from engine.store import AnswerRecord, Transaction


@dataclass(frozen=True, slots=True)
class DecidedAnswer:
    """An answer as it is now, and what the decision changed in the outbox."""

    answer: AnswerRecord
    changes: Counter[Action]


@dataclass(frozen=True, slots=True)
class Deciding:
    """One decision being taken, in its transaction."""

    app: App
    tx: Transaction
    case: Case
    answer: AnswerRecord
    actor: str
    note: str

    def close(
        self, decision: str, new: Sequence[Fact] = (), *, to: State | None = None, undo: bool = False
    ) -> DecidedAnswer:
        """Settle the answer, record what follows (`new`, of its own plan), move its letters (`to`), and plan anew.

        With `undo` the addresses that it put out of use are good again.
        """
        app, tx, answer = self.app, self.tx, self.answer
        made = tx.decide_answer(answer.id, decision, self.case.now, self.actor, self.note)
        changes = Counter[Action]()
        for name in tx.workflows():
            case = self.case if name == self.case.name else applied_case(app, tx, name, self.case.now)
            if case is not None:
                changes += self._follow(case, decision, new if name == self.case.name else (), to, undo)
        withdraw_notices(tx, app.standings.get(tx, self.case.name, self.case.now), made, self.case.now, self.actor)
        return DecidedAnswer(made, changes)

    def _follow(self, case: Case, decision: str, new: Sequence[Fact], to: State | None, undo: bool) -> Counter[Action]:
        """What a decision comes to in one plan: an answer to a mail may be about letters of several."""
        app, tx, answer = self.app, self.tx, self.answer
        standing = app.standings.get(tx, case.name, case.now)
        kept = [tx.add_fact(case.name, fact) for fact in new]
        kept += [tx.add_fact(case.name, fact) for fact in released(tx, standing, answer, case.now, self.actor)]
        taken = list(brought_about(standing, answer, UNREACHABLE)) if undo else []
        for fact in taken:
            tx.retract_fact(case.name, fact.id, case.now, self.note, self.actor, source_of(answer.id))
        moved = self._move_back(case, to) if to is not None else []
        cause = f"answer {answer.id}: {decision}"
        if kept or taken:
            return replan_for(app, tx, case, [*kept, *taken], self.actor, cause).changes
        if not moved:
            return Counter()
        return replan(tx, standing, moved, case.now, actor=self.actor, cause=cause)

    def _move_back(self, case: Case, state: State) -> list[str]:
        """Let the letters that this answer moved be as they were, unless another answer is about them; their parties."""
        tx, number, parties = self.tx, self.answer.id, list[str]()
        for row in tx.find_letters(workflow=case.name, state=(State.ANSWERED, State.BOUNCED)):
            if f"(answer {number})" not in row.reason:
                continue
            others = [found for found in tx.find_answers(letter=row.key) if found.id != number]
            if not any(holds(found) for found in others):
                told = f"sent; {self.actor} decided so about answer {number}"
                tx.set_state(row.key, state, told, now=case.now, actor=self.actor, sent_at=row.sent_at)
                parties += [row.party] if row.party is not None else []
        return parties
