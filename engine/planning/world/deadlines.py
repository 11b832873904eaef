"""The deadline that a party has to keep in a step, with its extension, and until when it is not late."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.definition.dates import Span
from engine.definition.people import Party
from engine.definition.workflow import FollowUp, Target, Task
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.resolve import Resolved
from engine.planning.world.rounds import Round, round_of

if TYPE_CHECKING:
    from engine.planning.world.scope import World


def deadline_of(
    world: World,
    step: FollowUp | Target | Task,
    party: Party | None,
    cycle: Cycle | None,
    known: datetime | None = None,
) -> Resolved | None:
    """The deadline in force, as far as was recorded by `known`; None where it is not set."""
    by = world.resolver.resolve(step.by, party, cycle, known)
    if by is None or party is None:
        return by
    return extended(by, round_of(world.book, step.name, party.id, cycle_name(cycle), known))


def extended(by: Resolved, round_: Round) -> Resolved:
    """A deadline, or the one that an extension puts in its place."""
    return by if round_.by is None else Resolved(Span(round_.by, round_.by), known_at=by.known_at)


def in_time_until(world: World, step: FollowUp | Target | Task, by: date) -> date:
    """The last day on which a party is not late: the deadline itself, or the last day of grace."""
    grace = step.grace if isinstance(step, FollowUp) else None
    if grace is None:
        return by
    return world.resolver.calendar.move(by, grace, 1)


def since_day(
    world: World, step: FollowUp, party: Party, cycle: Cycle | None, known: datetime | None = None
) -> date | None:
    """From which day on a date fact counts for a party: the step's `since`, else the cycle's or the plan's start; once
    re-opened, that day at the earliest."""
    if step.since is not None:
        resolved = world.resolver.resolve(step.since, party, cycle, known)
        since = resolved.span.first if resolved else None
    else:
        since = cycle.opens if cycle else world.resolver.starts()
    reopened = round_of(world.book, step.name, party.id, cycle_name(cycle), known).reopened_on
    return max(since, reopened) if since and reopened else reopened or since
