"""`record` and `retract`: a fact, its journal entry, the plan and the outbox, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from engine.app.plans import plannable_of
from engine.app.root import App
from engine.definition.dates import local_date, parse_moment
from engine.definition.facts import BEGINNING, DATE, Fact, FactBook, Subject
from engine.definition.recording import Draft, RecordingError, draft, subject_of
from engine.definition.roster import roster_facts
from engine.definition.workflow import Plannable
from engine.definition.written import prose
from engine.dispatcher.asking import ask
from engine.dispatcher.replan import replan
from engine.errors import Refused
from engine.planning.changes import Action
from engine.planning.cycles import cycles_between, open_cycles
from engine.planning.scope import book_of
from engine.store import Retraction, Transaction

Also = Callable[[Transaction], None]
"""Something to keep in the same transaction."""


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What was recorded, for which cycle (where none was named), and what that changed in the outbox."""

    facts: tuple[Fact, ...]
    cycle: str | None
    applied: bool
    changes: Counter[Action]


@dataclass(frozen=True, slots=True)
class RetractResult:
    """What was taken back, and for each subject what stands now (None: nothing)."""

    retracted: tuple[Fact, ...]
    now_standing: tuple[Fact | None, ...]
    applied: bool
    changes: Counter[Action]


@dataclass(frozen=True, slots=True)
class _Case:
    """The plan that a recording is checked against, with what is on record."""

    plannable: Plannable
    book: FactBook
    applied: bool
    now: datetime

    @property
    def name(self) -> str:
        return self.plannable.workflow.name

    @property
    def today(self) -> date:
        return local_date(self.now, self.plannable.workflow.timezone)


def record(
    app: App, workflow: str, name: str, value: str, *, parties: Sequence[str] = (), step: str | None = None,
    anchor: str | None = None, cycle: str | None = None, contact: str | None = None,
    details: Mapping[str, str] | None = None, on: str | None = None, source: str = "", note: str = "", author: str = "",
    also: Also | None = None,
) -> RecordResult:  # fmt: skip
    """Record a fact about each of `parties` (or about a step, an anchor, a contact, the workflow).

    Raises Refused with what is wrong and how to mend it; nothing is recorded then.
    """
    case = _case(app, workflow)
    source, note = _remark("source", source), _remark("note", note)
    true = _day(on, case) if on is not None else None
    drafts = []
    for party in dict.fromkeys(parties) or [None]:
        try:
            made = draft(
                case.plannable, name, value, today=case.today, party=party, step=step, anchor=anchor, cycle=cycle,
                contact=contact, details=details, on=true,
            )  # fmt: skip
        except RecordingError as error:
            raise _refused(error) from None
        drafts.append(_with_cycle(_superseding(made, case, on=true), case))
    new = [
        Fact(0, made.name, made.subject, made.value, made.true, case.now, made.details, source, note, author)
        for made in drafts
    ]
    chosen = {fact.subject.cycle for fact in new} if cycle is None else set()
    with app.standings.deciding() as tx:
        kept = [tx.add_fact(case.name, fact) for fact in new]
        changes = _replan(app, tx, case, kept, author, f"{name} was recorded")
        if also is not None:
            also(tx)
    return RecordResult(tuple(kept), next(iter(chosen - {None}), None), case.applied, changes)


def retract(
    app: App, workflow: str, name: str, *, parties: Sequence[str] = (), step: str | None = None, anchor: str | None = None,
    cycle: str | None = None, contact: str | None = None, note: str = "", author: str = "", source: str = "",
    also: Also | None = None,
) -> RetractResult:  # fmt: skip
    """Take back, for each subject, the recording made last that still stands. What stood before it stands again."""
    case = _case(app, workflow)
    source, note = _remark("source", source), _remark("note", note)
    taken = []
    for party in dict.fromkeys(parties) or [None]:
        try:
            subject, needs_cycle = subject_of(
                case.plannable, name, party=party, step=step, anchor=anchor, cycle=cycle, contact=contact
            )
        except RecordingError as error:
            raise _refused(error) from None
        taken.append(_standing_fact(case, name, subject, any_cycle=needs_cycle))
    with app.standings.deciding() as tx:
        for fact in taken:
            tx.retract_fact(case.name, fact.id, case.now, note, author, source)
            case.book.retract(fact, case.now)
        changes = _replan(app, tx, case, taken, author, f"{name} was taken back")
        if also is not None:
            also(tx)
    after = _case(app, workflow).book
    standing = tuple(after.newest(fact.name, fact.subject) for fact in taken)
    return RetractResult(tuple(taken), standing, case.applied, changes)


def _case(app: App, workflow: str) -> _Case:
    now = app.clock.now()
    name = workflow if app.catalog.is_name(workflow) else app.catalog.load(workflow).plannable.workflow.name
    if app.has_store:
        with app.store.read() as tx:
            if tx.current_revision_id(name) is not None:
                planner = app.standings.get(tx, name, now).planner
                return _Case(planner.plannable, planner.book, True, now)
    plannable, facts, _ = plannable_of(app, workflow)
    return _Case(plannable, book_of(roster_facts(plannable), facts), False, now)


def _refused(error: RecordingError) -> Refused:
    return Refused(f"{error}. {error.hint}".rstrip() if error.hint else str(error))


def _remark(name: str, text: str) -> str:
    """A source or note, as text that a page or letter may show."""
    try:
        return prose(text) if text else ""
    except ValueError as error:
        raise Refused(f"--{name}: {error}") from None


def _day(on: str, case: _Case) -> str:
    """The true day of `--on`: a day (of whatever precision) stays, an instant becomes its day in the plan's zone."""
    if "T" not in on and ":" not in on:
        return on
    try:
        return local_date(
            parse_moment(on, case.plannable.workflow.timezone), case.plannable.workflow.timezone
        ).isoformat()
    except ValueError as error:
        raise Refused(f"--on: {error}") from None


def _superseding(made: Draft, case: _Case, *, on: str | None) -> Draft:
    """A date of an event or anchor, recorded again: it supersedes the one that stands, also where it is earlier."""
    standing = case.book.newest(made.name, made.subject) if made.name == DATE and on is None else None
    if standing is None or standing.true.first <= made.true.first:
        return made
    return replace(made, true=standing.true)


def _with_cycle(made: Draft, case: _Case) -> Draft:
    """A fact that recurs is for the oldest open cycle that lacks one, unless a cycle is named."""
    rule = case.plannable.workflow.cycle
    if not made.needs_cycle or rule is None:
        return made
    first = case.plannable.workflow.starts
    starts = first.base.first if first is not None and not isinstance(first.base, str) else case.today
    cycles = open_cycles(rule, starts, case.today)
    for found in cycles:
        subject = made.subject._replace(cycle=found.name)
        if case.book.newest(made.name, subject) is None:
            return Draft(made.name, subject, made.value, made.true, made.details)
    coming = next(found.name for found in cycles_between(rule, case.today, case.today) if found.due >= case.today)
    known = (
        f"the open cycles ({', '.join(found.name for found in cycles)}) have one each"
        if cycles
        else "no cycle is open today"
    )
    raise Refused(f"for which cycle is {made.name}? {known}: name it with --cycle, such as {coming}")


def _standing_fact(case: _Case, name: str, subject: Subject, *, any_cycle: bool) -> Fact:
    subjects = [subject]
    if any_cycle:
        subjects = [found for found in case.book.subjects(name) if found._replace(cycle=None) == subject]
    found = [fact for each in subjects if (fact := case.book.last_recorded(name, each)) is not None]
    if found:
        return max(found, key=lambda fact: (fact.recorded_at, fact.id))
    roster = case.book.newest(name, subject)
    if roster is not None:
        raise Refused(
            f"nothing is recorded to take back: {name} of {subject} is “{roster.value}” in the roster."
            " Record another value to supersede it."
        )
    raise Refused(f"nothing is recorded to take back: there is no {name} of {subject}")


def _replan(app: App, tx: Transaction, case: _Case, facts: Sequence[Fact], actor: str, cause: str) -> Counter[Action]:
    """Plan again whom the facts touch; nobody while the workflow is not applied."""
    if not case.applied:
        return Counter()
    standing = app.standings.get(tx, case.name, case.now, changed=True)
    touched = [standing.planner.touched(fact) for fact in facts]
    parties = None if any(ids is None for ids in touched) else [party for ids in touched for party in ids or ()]
    concerned = [standing.planner.concerned(fact) for fact in facts]
    steps = None if None in concerned else frozenset[str]().union(*(names for names in concerned if names is not None))
    changes = replan(tx, standing, parties, case.now, actor=actor, cause=cause, steps=steps)
    ask(tx, app.standings, case.now)
    return changes


def fact_rows(
    app: App, workflow: str | None = None, *, party: str | None = None, name: str | None = None
) -> list[dict[str, Any]]:
    """What was recorded, oldest first, as JSON: also what was taken back."""
    if not app.has_store:
        return []
    rows = []
    with app.store.read() as tx:
        for each in [workflow] if workflow else tx.fact_workflows():
            taken = {retraction.fact_id: retraction for retraction in tx.retractions(each)}
            rows += [
                _fact_row(each, fact, taken.get(fact.id))
                for fact in tx.load_facts(each)
                if party in (None, fact.subject.party) and name in (None, fact.name)
            ]
    return rows


def _fact_row(workflow: str, fact: Fact, taken: Retraction | None) -> dict[str, Any]:
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
