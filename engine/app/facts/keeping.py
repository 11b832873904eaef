"""Many facts kept at once: what is on record already is left out, the rest goes into one transaction with one replan.

Imports and attendance share it. A rehearsal does all of it and takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from engine.app.facts.cases import Case, applied_case, case_of, replan_for
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


class _Rehearsed(FollowthroughError):
    """A rehearsal is over, and what it did is taken back."""


@contextmanager
def trying(app: App, *, rehearse: bool) -> Iterator[Transaction]:
    """A writing transaction, which a rehearsal takes back as soon as all is done in it."""
    with suppress(_Rehearsed), app.standings.deciding() as tx:
        yield tx
        if rehearse:
            raise _Rehearsed


Choose = Callable[[Case], Sequence[Fact]]
"""The facts to keep, chosen by the plan as it stands within the transaction."""


def keep(app: App, workflow: str, choose: Choose, actor: str, cause: str, *, rehearse: bool) -> Kept:
    """Record what `choose` says. What it raises goes on, and nothing is recorded then."""
    outside = case_of(app, workflow)
    if rehearse and not (app.has_store and outside.applied):  # to look makes no database
        return _kept(outside, choose(outside), rehearse)
    with trying(app, rehearse=rehearse) as tx:
        case = applied_case(app, tx, outside.name, outside.now) or outside
        kept = _kept(case, choose(case), rehearse)
        if kept.facts:
            facts = tx.add_facts(case.name, kept.facts)
            kept = replace(kept, facts=facts, effect=replan_for(app, tx, case, facts, actor, cause))
    return kept


def _kept(case: Case, facts: Sequence[Fact], rehearse: bool) -> Kept:
    again = [fact for fact in facts if _was_taken_back(case, fact)]
    return Kept(case.name, facts, again, rehearse, Effect(case.applied))


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
