"""`plan`: what should be sent and shown, from now on or from an instant that is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.app.plans.ahead import is_applied
from engine.app.root import App
from engine.definition.building.roster import roster_facts
from engine.definition.dates import parse_moment, start_of_day
from engine.definition.facts import Fact, FactBook
from engine.definition.workflow import Plannable
from engine.dispatcher.package import open_package, read_package
from engine.dispatcher.replan import asking_time
from engine.errors import Refused
from engine.letter import Letter, Recorded
from engine.lifecycle import SETTLED, UNSENT, State
from engine.planning.planner import Planner
from engine.planning.replay import Replay, comes_from, in_order
from engine.planning.world.history import History
from engine.planning.world.lineage import begin
from engine.planning.world.resolve import Resolver
from engine.planning.world.scope import book_of

_OPEN = frozenset({State.AWAITING_APPROVAL, State.CLAIMED, State.HANDING, State.FAILED})


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan to show: its letters in order, the planner they came from, the instant it is seen from, and its revision.

    No revision: it comes from the files, which are not applied.
    """

    letters: list[Letter]
    planner: Planner
    at: datetime
    revision: int | None


def never_run(plannable: Plannable, book: FactBook, now: datetime) -> Planner:
    """A plan that is begun at an instant, and of which nothing was sent."""
    return Planner(plannable, book, begin(plannable, now), History(), now=now)


def plannable_of(app: App, workflow: str) -> tuple[Plannable, list[Fact], int | None]:
    """A WORKFLOW's plan, the facts recorded about it, and the id of its applied revision (None: from the file)."""
    workflow = _as_applied(app, workflow)
    if app.has_store and app.catalog.is_name(workflow):
        with app.store.read() as tx:
            record = tx.current_revision(workflow)
            if record is not None:
                return open_package(read_package(record.content)).loaded.plannable, tx.load_facts(workflow), record.id
    plannable = app.catalog.load(workflow).plannable
    facts: list[Fact] = []
    if app.has_store:
        with app.store.read() as tx:
            facts = tx.load_facts(plannable.workflow.name)
    return plannable, facts, None


def _as_applied(app: App, workflow: str) -> str:
    """A WORKFLOW as it was given; a path whose files are those of the revision that runs stands for the plan's name."""
    if not app.has_store or app.catalog.is_name(workflow):
        return workflow
    package, opened = app.catalog.open(workflow)
    name = opened.loaded.plannable.workflow.name
    with app.store.read() as tx:
        return name if is_applied(tx.current_revision(name), package) else workflow


def plan(app: App, workflow: str, at: str | None = None) -> PlanView:
    """The plan of a WORKFLOW, from now on, or (`at`) as it would stand at a day or an instant."""
    if at is not None:
        plannable, facts, revision = plannable_of(app, workflow)
        return what_if(plannable, facts, at, revision)
    now, workflow = app.clock.now(), _as_applied(app, workflow)
    if app.has_store and app.catalog.is_name(workflow):
        with app.store.read() as tx:
            if tx.current_revision_id(workflow) is not None:
                standing = app.standings.get(tx, workflow, now)
                rows = {row.key: row for row in standing.read_letters(tx, None)}
                letters = as_recorded(standing.planner.plan().letters, rows, now, standing.planner)
                return PlanView(in_order(letters), standing.planner, now, standing.revision.id)
    plannable, facts, _ = plannable_of(app, workflow)
    planner = never_run(plannable, book_of(roster_facts(plannable), facts), now)
    return PlanView(comes_from(planner.plan(), now), planner, now, None)


def what_if(plannable: Plannable, facts: list[Fact], at: str, revision: int | None = None) -> PlanView:
    """The plan as it would stand at `at`, had it been applied since its first day."""
    zone = plannable.workflow.timezone
    try:
        until = parse_moment(at, zone)
    except ValueError as error:
        raise Refused(f"--at: {error}") from None
    book = book_of(roster_facts(plannable), facts)
    first = Resolver(plannable, book).starts()
    start = start_of_day(first, zone) if first else until
    replay = Replay(plannable, list(book), start)
    planned = replay.run(until)
    return PlanView(
        _asked(comes_from(planned, until, replay.planner.history), replay.planner, until),
        replay.planner,
        until,
        revision,
    )


def as_recorded(letters: list[Letter], rows: dict[str, Recorded], now: datetime, planner: Planner) -> list[Letter]:
    """Letters with the state of their rows: what has left is left out, what is open stays whatever its time."""
    shown = []
    for letter in letters:
        row = rows.get(letter.key)
        if row is None:
            if letter.due_at is None or letter.due_at >= now:
                shown.append(letter)
        elif row.state in _OPEN or (row.state not in SETTLED and row.due_at >= now):
            same = letter.state == State.SCHEDULED or row.state in _OPEN
            planned = row.state in UNSENT  # then the plan says best why; else what happened to the row
            reason = letter.reason if planned else row.reason
            shown.append(letter._replace(state=row.state, reason=reason) if same else letter)
    return shown


def _asked(letters: list[Letter], planner: Planner, at: datetime) -> list[Letter]:
    """Letters whose approval would be asked for by then."""
    ask_at = asking_time(planner.workflow, planner.world.resolver)
    shown = []
    for letter in letters:
        asked = ask_at(letter) if letter.state == State.SCHEDULED else None
        if asked is not None and asked <= at:
            letter = letter._replace(state=State.AWAITING_APPROVAL.value)
        shown.append(letter)
    return shown
