"""`apply`: a plan's files become the revision that runs. It asks when many letters would leave within a day (G4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.app.checking import letters_named
from engine.app.root import App
from engine.definition.roster import roster_facts
from engine.dispatcher.asking import ask
from engine.dispatcher.package import Opened, Package
from engine.dispatcher.replan import replan
from engine.errors import BadInput, Refused
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning import lineage
from engine.planning.changes import Action, Change
from engine.planning.history import History, past
from engine.planning.planner import Planner
from engine.planning.reconcile import reconcile
from engine.planning.scope import book_of
from engine.store import Transaction

_DAY = timedelta(days=1)
_SOURCE = "source/"


@dataclass(frozen=True, slots=True)
class Applied:
    """What `apply` did: the revision's number, what changed in the outbox, and how many letters leave within a day."""

    workflow: str
    revision: int
    unchanged: bool
    changes: Counter[Action]
    within_a_day: int


class TooMany(Refused):
    """More letters would leave within a day than the limit; `count` of them."""

    def __init__(self, count: int, limit: int, workflow: str) -> None:
        self.count = count
        super().__init__(
            f"{count} letters of {workflow} would leave within a day, more than the limit of {limit}."
            f" Look at them with “followthrough plan {workflow}”, then apply with --yes."
        )


def apply(app: App, workflow: str, actor: str, *, yes: bool = False) -> Applied:
    """Apply a WORKFLOW's files, and keep where they are. Raises BadInput, NotFound, and TooMany unless `yes`."""
    return apply_package(app, *app.catalog.open(workflow), actor, yes=yes, source=app.catalog.source(workflow))


def source_of(tx: Transaction, name: str) -> str:
    """The WORKFLOW that an applied plan's files were last applied from: a name or a path."""
    return tx.meta_get(f"{_SOURCE}{name}") or name


def apply_package(
    app: App, package: Package, opened: Opened, actor: str, *, yes: bool = False, source: str = ""
) -> Applied:
    """Apply a plan's texts, wherever they come from. Raises BadInput, and TooMany unless `yes`."""
    name = opened.loaded.plannable.workflow.name
    problems = [*opened.templates.problems, *letters_named(opened)]
    if problems:
        raise BadInput(problems)
    now = app.clock.now()
    with app.standings.deciding() as tx:
        before = tx.current_revision(name)
        if before is not None and before.fingerprint == package.fingerprint:
            _keep_source(tx, name, source)
            return Applied(name, before.id, True, Counter(), 0)
        line = lineage.advance(lineage.load(before.lineage) if before else None, opened.loaded.plannable, now)
        leaving = _leaving_soon(tx, opened, line, now)
        if len(leaving) > app.settings.daily_limit and not yes:
            raise TooMany(len(leaving), app.settings.daily_limit, name)
        _keep_source(tx, name, source)
        return _save(app, tx, package, opened, line, now, actor, len(leaving))


def _keep_source(tx: Transaction, name: str, source: str) -> None:
    if source and source != source_of(tx, name):
        tx.meta_set(f"{_SOURCE}{name}", source)


def _save(
    app: App,
    tx: Transaction,
    package: Package,
    opened: Opened,
    line: lineage.Lineage,
    now: datetime,
    actor: str,
    leaving: int,
) -> Applied:
    name = opened.loaded.plannable.workflow.name
    number = tx.save_revision(name, package.fingerprint, package.dump(), lineage.dump(line), actor, now)
    standing = app.standings.applied(tx, number, opened, now)
    changes = replan(tx, standing, None, now, actor=actor, cause=f"revision {number} was applied")
    ask(tx, app.standings, now)
    return Applied(name, number, False, changes, leaving)


def _leaving_soon(tx: Transaction, opened: Opened, line: lineage.Lineage, now: datetime) -> list[Change]:
    """The letters that would newly leave within a day, were this applied now."""
    plannable = opened.loaded.plannable
    rows = tx.recorded(plannable.workflow.name)
    book = book_of(roster_facts(plannable), tx.load_facts(plannable.workflow.name))
    planned = Planner(plannable, book, line, History(map(past, rows)), now=now).plan()
    soon = [letter for letter in planned.letters if _leaves(letter, now)]
    keys = {letter.key for letter in soon}
    changes = reconcile(soon, [row for row in rows if row.key in keys], now)
    return [change for change in changes if change.action in (Action.INSERT, Action.REVIVE, Action.RETIME)]


def _leaves(letter: Letter, now: datetime) -> bool:
    return letter.state == State.SCHEDULED and letter.due_at is not None and now <= letter.due_at < now + _DAY
