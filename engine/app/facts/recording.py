"""`record` and `retract`: a fact, its journal entry, the plan and the outbox, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.app.asked import readable
from engine.app.facts.cases import Case, case_of, refused, replan_for, superseding, with_cycle, within_rule
from engine.app.facts.effect import Effect
from engine.app.facts.keeping import trying
from engine.app.facts.settling import unsettled
from engine.app.root import App
from engine.definition.dates import local_date, parse_moment
from engine.definition.facts import BEGINNING, Fact, Subject
from engine.definition.recording.draft import draft
from engine.definition.recording.subjects import RecordingError, check_subject
from engine.errors import Refused
from engine.planning.changes import Action
from engine.planning.world.scope import World, book_of
from engine.store import Retraction, Transaction

Also = Callable[[Transaction], None]
"""Something to keep in the same transaction."""


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What was recorded, for which cycle (where none was named), and what that changed in the outbox.

    `unsettled` says of which follow-ups it is a part that are not done by it, and why.
    """

    facts: tuple[Fact, ...]
    cycle: str | None
    effect: Effect
    unsettled: tuple[str, ...] = ()

    @property
    def changes(self) -> Counter[Action]:
        """What that changed in the outbox, in all."""
        return self.effect.changes


@dataclass(frozen=True, slots=True)
class RetractResult:
    """What was taken back, and for each subject what stands now (None: nothing)."""

    facts: tuple[Fact, ...]
    now_standing: tuple[Fact | None, ...]
    effect: Effect

    @property
    def changes(self) -> Counter[Action]:
        """What that changed in the outbox, in all."""
        return self.effect.changes


def record(
    app: App, workflow: str, name: str, value: str, about: Sequence[Subject], *, details: Mapping[str, str] | None = None,
    on: str | None = None, source: str = "", note: str = "", author: str = "", also: Also | None = None,
    rehearse: bool = False,
) -> RecordResult:  # fmt: skip
    """Record a fact about each of some subjects.

    With `rehearse` all of it is done and taken back: the result says what would be. Raises Refused with what is wrong and
    how to mend it; nothing is recorded then.
    """
    case = case_of(app, workflow)
    source, note = readable(source, "the source"), readable(note, "the note")
    true = _day(on, case) if on is not None else None
    new = []
    for subject in about:
        try:
            made = draft(case.plannable, name, value, subject, today=case.today, details=details, on=true, note=note)
            made = within_rule(with_cycle(superseding(made, case, on=true), case), case)
        except RecordingError as error:
            raise refused(error) from None
        new.append(made.fact(case.now, source, note, author))
    chosen = (fact.subject.cycle for fact, given in zip(new, about, strict=True) if given.cycle is None)
    named = next((cycle for cycle in chosen if cycle is not None), None)
    if rehearse and not app.has_store:  # to look makes no database
        return RecordResult(tuple(new), named, Effect(applied=False))
    with trying(app, rehearse=rehearse) as tx:
        kept = [tx.add_fact(case.name, fact) for fact in new]
        effect = replan_for(app, tx, case, kept, author, f"{name} was recorded")
        if also is not None:
            also(tx)
    known = set(case.book)
    world = World(case.plannable, book_of(case.book, (fact for fact in kept if fact not in known)))
    return RecordResult(tuple(kept), named, effect, tuple(unsettled(world, kept, case.today)))


def retract(
    app: App, workflow: str, name: str, about: Sequence[Subject], *, source: str = "", note: str = "", author: str = "",
    also: Also | None = None, rehearse: bool = False,
) -> RetractResult:  # fmt: skip
    """Take back, for each subject, the recording made last that still stands. What stood before it stands again.

    With `rehearse` all of it is done and undone: the result says what would be. Raises Refused.
    """
    case = case_of(app, workflow)
    source, note = readable(source, "the source"), readable(note, "the note")
    taken = []
    for subject in about:
        try:
            needs_cycle = check_subject(case.plannable, name, subject)
        except RecordingError as error:
            raise refused(error) from None
        taken.append(_standing_fact(case, name, subject, any_cycle=needs_cycle))
    with trying(app, rehearse=rehearse) as tx:
        for fact in taken:
            tx.retract_fact(case.name, fact.id, case.now, note, author, source)
            case.book.retract(fact, case.now)
        effect = replan_for(app, tx, case, taken, author, f"{name} was taken back")
        standing = tuple(case.book.newest(fact.name, fact.subject) for fact in taken)
        if also is not None:
            also(tx)
    return RetractResult(tuple(taken), standing, effect)


def _day(on: str, case: Case) -> str:
    """The true day of `--on`: a day (of whatever precision) stays, an instant becomes its day in the plan's zone."""
    if "T" not in on and ":" not in on:
        return on
    try:
        return local_date(
            parse_moment(on, case.plannable.workflow.timezone), case.plannable.workflow.timezone
        ).isoformat()
    except ValueError as error:
        raise Refused(f"--on: {error}") from None


def _standing_fact(case: Case, name: str, subject: Subject, *, any_cycle: bool) -> Fact:
    subjects = [subject]
    if any_cycle:
        subjects = [found for found in case.book.subjects(name) if found._replace(cycle=None) == subject]
    found = [fact for each in subjects if (fact := case.book.last_recorded(name, each)) is not None]
    if found:
        return max(found, key=lambda fact: fact.recording)
    roster = case.book.newest(name, subject)
    if roster is not None:
        raise Refused(
            f"nothing is recorded to take back: {name} of {subject} is “{roster.value}” in the roster."
            " Record another value to supersede it."
        )
    raise Refused(f"nothing is recorded to take back: there is no {name} of {subject}")


def fact_rows(app: App, workflow: str | None, *, party: str | None, name: str | None) -> list[dict[str, Any]]:
    """What was recorded, oldest first, as JSON: also what was taken back."""
    if not app.has_store:
        return []
    rows = []
    with app.store.read() as tx:
        for each in [workflow] if workflow else tx.fact_workflows():
            taken = {retraction.fact_id: retraction for retraction in tx.retractions(each)}
            rows += [
                fact_row(each, fact, taken.get(fact.id))
                for fact in tx.load_facts(each)
                if party in (None, fact.subject.party) and name in (None, fact.name)
            ]
    return rows


def fact_row(workflow: str, fact: Fact, taken: Retraction | None = None) -> dict[str, Any]:
    """A fact as JSON."""
    return {
        "id": fact.id,
        "workflow": workflow,
        "fact": fact.name,
        "value": fact.value,
        **fact.subject._asdict(),
        "details": dict(fact.details),
        "true": str(fact.true),
        "recorded_at": fact.recorded_at.isoformat() if fact.recorded_at > BEGINNING else None,
        "retracted_at": fact.retracted_at.isoformat() if fact.retracted_at else None,
        "retracted_by": taken.author if taken else None,
        "retracted_note": taken.note if taken else None,
        "source": fact.source,
        "note": fact.note,
        "author": fact.author,
    }
