"""The plan that a recording is checked against, and what a recording changes: what all ways by which facts arrive share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from engine.app.facts.effect import Effect
from engine.app.plans.plan import plannable_of
from engine.app.root import App
from engine.definition.building.roster import roster_facts
from engine.definition.built_in import AGAINST_THE_RULE
from engine.definition.dates import local_date, parse_span
from engine.definition.facts import DATE, EXTENDED_TO, Fact, FactBook
from engine.definition.recording.draft import Draft
from engine.definition.recording.subjects import RecordingError
from engine.definition.words import day_words
from engine.definition.workflow import FollowUp, Plannable
from engine.dispatcher.answering import settle
from engine.dispatcher.notices.answers import withdraw_notices
from engine.dispatcher.notices.asking import ask
from engine.dispatcher.replan import replan
from engine.errors import Refused
from engine.planning.world.cycles import cycle_named
from engine.planning.world.extensions import against_rule
from engine.planning.world.resolve import Resolver
from engine.planning.world.scope import World, book_of
from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class Case:
    """The plan that a recording is checked against, with what is on record."""

    plannable: Plannable
    book: FactBook
    applied: bool
    now: datetime

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self.plannable.workflow.name

    @property
    def today(self) -> date:
        """The day of now, where the plan is."""
        return local_date(self.now, self.plannable.workflow.timezone)


def case_of(app: App, workflow: str) -> Case:
    """The plan of a WORKFLOW as applied, else as its files say."""
    now = app.clock.now()
    name = app.catalog.name_of(workflow)
    if app.has_store:
        with app.store.read() as tx:
            found = applied_case(app, tx, name, now)
            if found is not None:
                return found
    plannable, facts, _ = plannable_of(app, workflow)
    return Case(plannable, book_of(roster_facts(plannable), facts), False, now)


def applied_case(app: App, tx: Transaction, name: str, now: datetime) -> Case | None:
    """A plan as it stands in a transaction; None while it is not applied."""
    if tx.current_revision_id(name) is None:
        return None
    planner = app.standings.get(tx, name, now).planner
    return Case(planner.plannable, planner.book, True, now)


def case_within(app: App, tx: Transaction, outside: Case) -> Case:
    """A case as it stands in a writing transaction, at the instant when its turn came: what is chosen by it stays so."""
    now = app.clock.now()
    found = applied_case(app, tx, outside.name, now)
    if found is not None:
        return found
    book = book_of(roster_facts(outside.plannable), tx.load_facts(outside.name))
    return Case(outside.plannable, book, False, now)


def superseding(made: Draft, case: Case, *, on: str | None) -> Draft:
    """A date of an event or anchor, recorded again: it supersedes the one that stands, also where it is earlier."""
    standing = case.book.newest(made.name, made.subject) if made.name == DATE and on is None else None
    if standing is None or standing.true.first <= made.true.first:
        return made
    return replace(made, true=standing.true)


def with_cycle(made: Draft, case: Case) -> Draft:
    """A fact that recurs is for the oldest open cycle that lacks one, unless one is named.

    Raises RecordingError, also where the plan ends before that cycle.
    """
    workflow, resolver = case.plannable.workflow, Resolver(case.plannable, case.book)
    rule, ends = workflow.cycle, resolver.ends()
    of = cycle_named(workflow, made.subject.cycle)
    if of is not None and ends is not None and of.due > ends:
        raise RecordingError("cycle", f"the plan ends on {day_words(ends)}, before {made.subject.cycle} is due")
    if not made.needs_cycle or rule is None:
        return made
    cycles, coming = resolver.cycles(case.today, case.today)
    for found in cycles:
        subject = made.subject._replace(cycle=found.name)
        if case.book.newest(made.name, subject) is None:
            return Draft(made.name, subject, made.value, made.true, made.details)
    known = "No cycle is open today"
    if cycles:
        known = f"The open cycles ({', '.join(found.name for found in cycles)}) have one each"
    named = coming or next(reversed(cycles), None)
    mend = f"Name a cycle, such as {named.name}." if named else "No cycle is due between the plan's start and its end."
    raise RecordingError("cycle", f"for which cycle is {made.name}? {known}", mend)


def within_rule(made: Draft, case: Case) -> Draft:
    """A draft that keeps to the rule of its step for extensions, or says that it is against it.

    Raises RecordingError with what the rule says, and how to do it all the same.
    """
    step = case.plannable.workflow.steps.get(made.subject.step or "")
    if made.name != EXTENDED_TO or not isinstance(step, FollowUp) or dict(made.details).get(AGAINST_THE_RULE):
        return made
    cycle = cycle_named(case.plannable.workflow, made.subject.cycle)
    party = case.plannable.parties[made.subject.party or ""]
    broken = against_rule(World(case.plannable, case.book), step, party, cycle, parse_span(made.value))
    if not broken:
        return made
    raise RecordingError(
        "value", f"the rule for extensions of {step.name} does not allow this for {party.name}: {'; '.join(broken)}",
        f"A person may give it all the same: with the detail {AGAINST_THE_RULE}=yes (--against-the-rule), and a note that"
        " says why.",
    )  # fmt: skip


def replan_for(app: App, tx: Transaction, case: Case, facts: Sequence[Fact], actor: str, cause: str) -> Effect:
    """Plan again whom the facts touch; nobody while the workflow is not applied. Answers that they settle are decided."""
    effect = Effect(case.applied)
    if not case.applied:
        return effect
    planner = (standing := app.standings.get(tx, case.name, case.now, changed=True)).planner
    settled = settle(tx, standing, case.now, actor)
    if settled.facts:
        facts = [*facts, *settled.facts]
        standing = app.standings.get(tx, case.name, case.now, changed=True)
    for answer in settled.answers:
        withdraw_notices(tx, standing, answer, case.now, actor)
    concerned = [planner.concerned(fact) for fact in facts]
    steps = None if None in concerned else frozenset[str]().union(*(names for names in concerned if names is not None))
    replan(
        tx, standing, planner.touched(*facts), case.now, actor=actor, cause=cause, steps=steps, by_step=effect.by_step
    )
    ask(tx, app.standings, case.now)
    return effect


def refused(error: RecordingError) -> Refused:
    """What cannot be recorded, and how to mend it, for whoever recorded one thing."""
    return Refused(f"{error}. {error.hint}".removesuffix(". "))
