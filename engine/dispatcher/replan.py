"""Fact, plan, reconcile, outbox: one transaction of whoever records (design, “Who replans, and when”)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Set
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from engine.definition.dates import instant, local_date
from engine.definition.workflow import Workflow
from engine.dispatcher.standing import Standing
from engine.errors import FollowthroughError
from engine.letter import Letter, Recorded, parse_key
from engine.lifecycle import State
from engine.planning.changes import Action, Change
from engine.planning.planner import Planned, Planner
from engine.planning.reconcile import reconcile
from engine.planning.world.resolve import Resolver

if TYPE_CHECKING:
    from engine.store import Transaction

_APPROVABLE = (State.SCHEDULED, State.CLAIMED)


class Decided(NamedTuple):
    """What planning came to, before anything is done: each place's plan, the rows it met, and the changes to make."""

    plans: dict[str | None, Planned]
    rows: list[Recorded]
    changes: list[Change]


def decide(
    planner: Planner, rows: list[Recorded], places: Iterable[str | None] | None, now: datetime,
    steps: Set[str] | None = None,
) -> Decided:  # fmt: skip
    """Plan some places (None: every party and the steps' owners), of which `rows` are all there are, and reconcile."""
    whom = places if places is not None else [*planner.plannable.parties, None]
    plans = {place: planner.plan_of(place, steps if place is not None else None) for place in whom}
    if steps is not None:
        rows = [row for row in rows if row.party is None or row.step in steps]
    letters = [letter for plan in plans.values() for letter in plan.letters]
    silences = [silence for plan in plans.values() for silence in plan.silences]
    return Decided(plans, rows, reconcile(letters, rows, now, silences))


def replan(
    tx: Transaction, standing: Standing, parties: Iterable[str] | None, now: datetime, *, actor: str, cause: str,
    steps: Set[str] | None = None, by_step: Counter[tuple[str, Action]] | None = None,
) -> Counter[Action]:  # fmt: skip
    """Plan some parties again (None: all) with the steps' owners, and make the outbox agree. Returns what was done.

    `steps` are those whose letters to parties may have changed (None: any); `by_step` is told of each step's changes.
    """
    whom: list[str | None] | None = None if parties is None else [*dict.fromkeys(parties), None]
    decided = decide(standing.planner, standing.read_letters(tx, whom), whom, now, steps)
    if by_step is not None:
        by_step.update((parse_key(change.key).step, change.action) for change in decided.changes)
    return carry_out(tx, standing, decided, now, actor=actor, cause=cause)


def carry_out(
    tx: Transaction, standing: Standing, decided: Decided, now: datetime, *, actor: str, cause: str
) -> Counter[Action]:
    """Do what was decided in this transaction. Returns what was done."""
    done = tx.apply_changes(
        decided.changes, revision=standing.revision.id, now=now, actor=actor, cause=cause,
        ask_at=asking_time(standing.workflow, standing.planner.world.resolver),
    )  # fmt: skip
    touched = {change.key for change in decided.changes if change.action not in (Action.RETIME, Action.READDRESS)}
    # What is revived kept its approval, and may read otherwise than before it was withdrawn: by another address, say.
    revived = tx.letters(change.key for change in decided.changes if change.action is Action.REVIVE)
    rows = [row for row in decided.rows if row.key not in touched]
    _check_approvals(tx, standing, decided.plans, [*rows, *revived], now, actor)
    return done


def asking_time(workflow: Workflow, resolver: Resolver) -> Callable[[Letter], datetime | None]:
    """When approval of a letter is asked for: `ask_ahead` before it is due, at the plan's hour (guarantee G5)."""
    zone, calendar = workflow.timezone, resolver.calendar
    known: dict[datetime, datetime] = {}

    def ask_at(letter: Letter) -> datetime | None:
        if not letter.approval or letter.due_at is None:
            return None
        if letter.due_at not in known:
            on = calendar.move(local_date(letter.due_at, zone), workflow.ask_ahead, -1)
            known[letter.due_at] = instant(on, workflow.send_at, zone)
        return known[letter.due_at]

    return ask_at


def _check_approvals(
    tx: Transaction,
    standing: Standing,
    plans: dict[str | None, Planned],
    rows: list[Recorded],
    now: datetime,
    actor: str,
) -> None:
    """What was approved and renders otherwise now is asked for again (guarantee G5)."""
    approved = {row.key: row for row in rows if row.approved_digest and row.state in _APPROVABLE}
    if not approved:
        return
    for plan in plans.values():
        for letter in plan.letters:
            row = approved.get(letter.key)
            if row is None or letter.state != State.SCHEDULED:
                continue
            try:
                changed = standing.read(tx, letter, plan, row).digest != row.approved_digest
                reason = "it reads otherwise than what was approved"
            except FollowthroughError as error:
                changed, reason = True, f"it cannot be rendered any more: {error}"
            if changed:
                tx.unapprove(row.key, reason, now, actor)
