"""How facts come on record, one or many: chosen, kept and planned with in one writing transaction.

Whoever records next waits for it, so that what was chosen by is still so when it is kept: two who record at once cannot
both have what only one may. A rehearsal does all of it and takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from engine.app.facts.cases import Case, case_of, case_within, replan_for
from engine.app.facts.effect import Effect
from engine.app.root import App
from engine.definition.facts import Fact, Subject
from engine.definition.recording.draft import Draft
from engine.errors import FollowthroughError
from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class Kept:
    """What was recorded (`rehearsed`: would be), and what that does to the outbox."""

    workflow: str
    facts: Sequence[Fact]
    again: Sequence[Fact]
    """Those of `facts` that were recorded before and taken back since."""
    rehearsed: bool
    effect: Effect


@dataclass(frozen=True, slots=True)
class Done:
    """What was put on record or taken back, the plan that has learnt it, and what it does to the outbox."""

    case: Case
    facts: Sequence[Fact]
    effect: Effect


class _Rehearsed(FollowthroughError):
    """A rehearsal is over, and what it did is taken back."""


@contextmanager
def _trying(app: App, *, rehearse: bool) -> Iterator[Transaction]:
    """A writing transaction, which a rehearsal takes back as soon as all is done in it."""
    with suppress(_Rehearsed), app.standings.deciding() as tx:
        yield tx
        if rehearse:
            raise _Rehearsed


Choose = Callable[[Case], Sequence[Fact]]
"""The facts that it is about, chosen by the plan as it stands within the transaction."""
Put = Callable[[Transaction, Case, Sequence[Fact]], Sequence[Fact]]
"""Puts on record what was chosen; given back as it is on record then."""
Also = Callable[[Transaction], None]
"""Something to keep in the same transaction."""


def add(tx: Transaction, case: Case, facts: Sequence[Fact]) -> Sequence[Fact]:
    """Record what was chosen."""
    return tx.add_facts(case.name, facts)


def decide(
    app: App, workflow: str, choose: Choose, put: Put, actor: str, cause: str, *, rehearse: bool, also: Also | None = None
) -> Done:  # fmt: skip
    """Put on record what `choose` says, and plan again. What it raises goes on, and nothing is recorded then."""
    outside = case_of(app, workflow)
    if not app.has_store:
        chosen = choose(outside)  # what is refused makes no database, nor does a look
        if rehearse:
            return _learnt(outside, chosen, Effect(applied=False))
    with _trying(app, rehearse=rehearse) as tx:
        case = case_within(app, tx, outside)
        facts = choose(case)
        effect = Effect(case.applied)
        if facts:
            facts = put(tx, case, facts)
            effect = replan_for(app, tx, case, facts, actor, cause)
        done = _learnt(case, facts, effect)
        if also is not None:
            also(tx)
    return done


def _learnt(case: Case, facts: Sequence[Fact], effect: Effect) -> Done:
    """The book of an applied plan is its planner's, which has learnt them; any other is this case's own."""
    if not case.applied:
        for fact in facts:
            case.book.add(fact)
    return Done(case, facts, effect)


def keep(app: App, workflow: str, choose: Choose, actor: str, cause: str, *, rehearse: bool) -> Kept:
    """Record many facts with one replan; `choose` leaves out what is on record. Raises what it raises."""
    done = decide(app, workflow, choose, add, actor, cause, rehearse=rehearse)
    again = [fact for fact in done.facts if _was_taken_back(done.case, fact)]
    return Kept(done.case.name, done.facts, again, rehearse, done.effect)


def _was_taken_back(case: Case, fact: Fact) -> bool:
    return any(
        other.retracted_at is not None and (other.value, other.true) == (fact.value, fact.true)
        for other in case.book.history(fact.name, fact.subject)
    )


def on_record(case: Case, made: Draft, *, dated: bool) -> bool:
    """Whether a draft says what stands: the same value with these details, on the same day.

    Where no day was given (`dated`), what stands now counts: whoever names no day means no new one. A fact that recurs
    may be on record for any cycle.
    """
    subjects = [made.subject]
    if made.needs_cycle:
        subjects = [each for each in case.book.subjects(made.name) if each._replace(cycle=None) == made.subject]
    return any(_stands(case, made, each, dated) for each in subjects)


def _stands(case: Case, made: Draft, subject: Subject, dated: bool) -> bool:
    if dated:
        standing = [fact for fact in case.book.series(made.name, subject) if fact.true == made.true]
    else:
        newest = case.book.newest(made.name, subject)
        standing = [newest] if newest is not None else []
    return any(fact.value == made.value and set(made.details) <= set(fact.details) for fact in standing)
