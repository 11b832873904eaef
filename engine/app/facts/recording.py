"""`record` and `retract`: what is checked, the fact, its journal entry, the plan and the outbox, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.app.asked import readable
from engine.app.facts.cases import Case, refused, superseding, with_cycle, within_rule
from engine.app.facts.effect import Effect
from engine.app.facts.keeping import Also, add, decide
from engine.app.facts.settling import unsettled
from engine.app.root import App
from engine.definition.dates import local_date, parse_moment
from engine.definition.facts import BEGINNING, Fact, Subject
from engine.definition.recording.draft import Draft, draft
from engine.definition.recording.subjects import RecordingError, check_subject
from engine.errors import Refused
from engine.planning.changes import Action
from engine.planning.world.scope import World
from engine.store import Retraction, Transaction


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
    source, note = readable(source, "the source"), readable(note, "the note")

    def choose(case: Case) -> Sequence[Fact]:
        true = _day(on, case) if on is not None else None
        return [checked(case, subject, true).fact(case.now, source, note, author) for subject in about]

    def checked(case: Case, subject: Subject, true: str | None) -> Draft:
        try:
            made = draft(case.plannable, name, value, subject, today=case.today, details=details, on=true, note=note)
            return within_rule(with_cycle(superseding(made, case, on=true), case), case)
        except RecordingError as error:
            raise refused(error) from None

    done = decide(app, workflow, choose, add, author, f"{name} was recorded", rehearse=rehearse, also=also)
    chosen = (fact.subject.cycle for fact, given in zip(done.facts, about, strict=True) if given.cycle is None)
    named = next((cycle for cycle in chosen if cycle is not None), None)
    world = World(done.case.plannable, done.case.book)
    return RecordResult(tuple(done.facts), named, done.effect, tuple(unsettled(world, done.facts, done.case.today)))


def retract(
    app: App, workflow: str, name: str, about: Sequence[Subject], *, source: str = "", note: str = "", author: str = "",
    also: Also | None = None, rehearse: bool = False,
) -> RetractResult:  # fmt: skip
    """Take back, for each subject, the recording made last that still stands. What stood before it stands again.

    With `rehearse` all of it is done and undone: the result says what would be. Raises Refused.
    """
    source, note = readable(source, "the source"), readable(note, "the note")

    def choose(case: Case) -> Sequence[Fact]:
        return [_standing_fact(case, name, subject) for subject in about]

    def put(tx: Transaction, case: Case, facts: Sequence[Fact]) -> Sequence[Fact]:
        for fact in facts:
            tx.retract_fact(case.name, fact.id, case.now, note, author, source)
        return [replace(fact, retracted_at=case.now) for fact in facts]

    done = decide(app, workflow, choose, put, author, f"{name} was taken back", rehearse=rehearse, also=also)
    standing = tuple(done.case.book.newest(fact.name, fact.subject) for fact in done.facts)
    return RetractResult(tuple(done.facts), standing, done.effect)


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


def _standing_fact(case: Case, name: str, subject: Subject) -> Fact:
    """What was recorded last of a subject and still stands; of whatever cycle, where it recurs and none is named."""
    try:
        needs_cycle = check_subject(case.plannable, name, subject)
    except RecordingError as error:
        raise refused(error) from None
    subjects = [subject]
    if needs_cycle:
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
