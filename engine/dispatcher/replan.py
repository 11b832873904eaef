"""Fact, plan, reconcile, outbox: one transaction of whoever records (design, “Who replans, and when”)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Set
from datetime import datetime

from engine.definition.dates import instant, local_date
from engine.definition.workflow import Workflow
from engine.dispatcher.standing import Standing
from engine.errors import BadInput, FollowthroughError
from engine.letter import Letter, Recorded, parse_key
from engine.lifecycle import State
from engine.planning.changes import Action
from engine.planning.planner import Planned
from engine.planning.reconcile import reconcile
from engine.planning.resolve import Resolver
from engine.store import Transaction

_APPROVABLE = (State.SCHEDULED, State.CLAIMED)


def replan(
    tx: Transaction, standing: Standing, parties: Iterable[str] | None, now: datetime, *, actor: str, cause: str,
    steps: Set[str] | None = None, by_step: Counter[tuple[str, Action]] | None = None,
) -> Counter[Action]:  # fmt: skip
    """Plan some parties again (None: all) with the steps' owners, and make the outbox agree. Returns what was done.

    `steps` are those whose letters to parties may have changed (None: any); `by_step` is told of each step's changes.
    """
    whom: list[str | None] | None = None if parties is None else [*dict.fromkeys(parties), None]
    rows = standing.read_letters(tx, whom)
    places = whom if whom is not None else [*standing.planner.plannable.parties, None]
    plans = {place: standing.plan_of(place, steps if place is not None else None) for place in places}
    if steps is not None:
        rows = [row for row in rows if row.party is None or row.step in steps]
    letters = [letter for plan in plans.values() for letter in plan.letters]
    silences = [silence for plan in plans.values() for silence in plan.silences]
    changes = reconcile(letters, rows, now, silences)
    done = tx.apply_changes(
        changes, revision=standing.revision.id, now=now, actor=actor, cause=cause,
        ask_at=asking_time(standing.workflow, standing.planner.world.resolver),
    )  # fmt: skip
    if by_step is not None:
        by_step.update((parse_key(change.key).step, change.action) for change in changes)
    touched = {change.key for change in changes if change.action is not Action.RETIME}
    _check_approvals(tx, standing, plans, [row for row in rows if row.key not in touched], now, actor)
    return done


def asking_time(workflow: Workflow, resolver: Resolver) -> Callable[[Letter], datetime | None]:
    """When approval of a letter is asked for: `ask_ahead` before it is due, at the plan's hour (guarantee G5)."""
    zone, calendar = workflow.timezone, resolver.calendar
    known: dict[datetime, datetime] = {}

    def ask_at(letter: Letter) -> datetime | None:
        if not letter.approval or letter.due_at is None:
            return None
        if letter.due_at not in known:
            on = calendar.add(local_date(letter.due_at, zone), -workflow.ask_ahead.count)
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
                changed = standing.render(letter, plan, tx.wording(row)).digest != row.approved_digest
                reason = "it reads otherwise than what was approved"
            except (FollowthroughError, BadInput) as error:
                changed, reason = True, f"it cannot be rendered any more: {error}"
            if changed:
                tx.unapprove(row.key, reason, now, actor)
