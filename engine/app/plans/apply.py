"""`apply`: a plan's files become the revision that runs. It asks when many letters would leave within a day (G4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from engine.app.plans.ahead import Ahead, is_applied, look_ahead
from engine.app.plans.checking import faulty_letters, letters_named
from engine.app.root import APPLIED_FROM, App
from engine.definition.workflow import Workflow
from engine.dispatcher.notices.asking import ask
from engine.dispatcher.notices.succession import hand_over, successions
from engine.dispatcher.package import Opened, Package
from engine.dispatcher.replan import carry_out
from engine.errors import BadInput, Refused
from engine.planning.changes import Action
from engine.planning.world import lineage
from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class Applied:
    """What `apply` did: the revision's number, what changed in the outbox, and how many letters leave within a day."""

    workflow: str
    revision: int
    unchanged: bool
    changes: Counter[Action]
    within_a_day: int
    passing: tuple[str, ...] = ()
    """The roles that changed hands, each in words."""


class TooMany(Refused):
    """More letters would leave within a day than the limit, or to more people. `asked` is the WORKFLOW as it was given."""

    def __init__(self, ahead: Ahead, limit: int, asked: str) -> None:
        self.count, self.people = len(ahead.leaving), len(ahead.people)
        letters, people = "letter" if self.count == 1 else "letters", "person" if self.people == 1 else "people"
        super().__init__(
            f"{self.count} {letters} of {ahead.name} to {self.people} {people} would leave within a day, and the limit is"
            f" {limit}. Look at them with “followthrough plan {asked} --diff”, then do it with “followthrough apply"
            f" {asked} --yes”."
        )


def apply(app: App, workflow: str, actor: str, *, yes: bool = False, agreed: str | None = None) -> Applied:
    """Apply a WORKFLOW's files, and keep where they are. Raises BadInput, NotFound, and TooMany unless `yes`.

    `agreed` is the digest of the changes that a person agreed to: where others would be made by now, it is Refused.
    """
    source = app.catalog.source(workflow)
    return apply_package(app, *app.catalog.open(workflow), actor, yes=yes, agreed=agreed, source=source)


def source_of(tx: Transaction, name: str) -> str:
    """The WORKFLOW that an applied plan's files were last applied from: a name or a path."""
    return tx.meta_get(f"{APPLIED_FROM}{name}") or name


def apply_package(
    app: App, package: Package, opened: Opened, actor: str, *, yes: bool = False, agreed: str | None = None,
    source: str = "",
) -> Applied:  # fmt: skip
    """Apply a plan's texts, wherever they come from. Raises BadInput, TooMany unless `yes`, and Refused."""
    must_be_whole(opened, app.clock.now())
    name = opened.loaded.plannable.workflow.name
    with app.standings.deciding() as tx:
        before = tx.current_revision(name)
        if before is not None and is_applied(before, package):
            _keep_source(tx, name, source)
            return Applied(name, before.id, True, Counter(), 0)
        ahead = look_ahead(tx, package, opened, app.clock.now())
        if agreed is not None and agreed != ahead.digest:
            raise Refused(
                f"other changes than you were shown would be made to {name} by now: nothing was applied, look again"
            )
        if agreed is None and not yes and ahead.over(app.settings.daily_limit):
            raise TooMany(ahead, app.settings.daily_limit, source or name)
        _keep_source(tx, name, source)
        return _apply(app, tx, ahead, actor)


def _keep_source(tx: Transaction, name: str, source: str) -> None:
    if source and source != source_of(tx, name):
        tx.meta_set(f"{APPLIED_FROM}{name}", source)


def must_be_whole(opened: Opened, now: datetime) -> None:
    """Raises BadInput where letters that the plan needs are faulty, not there, or cannot be filled in."""
    problems = [*opened.templates.problems, *letters_named(opened)] or list(faulty_letters(opened, now))
    if problems:
        raise BadInput(problems)


def _before(app: App, tx: Transaction, ahead: Ahead) -> Workflow | None:
    """The plan that runs; None also where it does not load any more, which applying is there to mend."""
    try:
        return app.standings.get(tx, ahead.name, ahead.now).workflow if ahead.before else None
    except BadInput:
        return None


def _apply(app: App, tx: Transaction, ahead: Ahead, actor: str) -> Applied:
    name, package, now = ahead.name, ahead.package, ahead.now
    passing = successions(_before(app, tx, ahead), ahead.planner.workflow)
    number = tx.save_revision(name, package.fingerprint, package.dump(), lineage.dump(ahead.line), actor, now)
    standing = app.standings.applied(tx, number, ahead.opened, ahead.planner, now)
    cause = f"revision {number} was applied"
    changes = carry_out(tx, standing, ahead.decided, now, actor=actor, cause=cause)
    hand_over(tx, standing, passing, now, actor=actor, cause=cause)
    ask(tx, app.standings, now)
    return Applied(name, number, False, changes, len(ahead.leaving), tuple(each.words for each in passing))
