"""Deadlines missed in a row, cycle by cycle: what `misses("annual")` counts in a condition.

A deadline is passed once its last day, with extension and grace, is over. The counter goes back from the last that has
passed: a cycle that is not done then is missed, one that is done ends the row, and one in which the party was not meant,
or was released, is passed over. A report that comes late mends its cycle.

Nothing here knows what now is: the scope says as of which instant it asks. Every instant at which the counter may change
by itself is known ahead (`passings`), so that what follows from it is planned like everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.definition import facts
from engine.definition.dates import end_of_day, local_date
from engine.definition.facts import Fact, Subject
from engine.definition.workflow import FollowUp
from engine.planning.world.cycles import Cycle
from engine.planning.world.deadlines import deadline_of, in_time_until, since_day
from engine.planning.world.releases import RELEASES, release_of

if TYPE_CHECKING:
    from engine.planning.world.scope import PartyScope

_DECISIONS = (facts.EXTENDED_TO, facts.REOPENED, *RELEASES)


def missed_in_a_row(scope: PartyScope, step: FollowUp) -> int:
    """How many cycles in a row a party has missed, up to the last whose deadline had passed at the scope's moment."""
    count, moment = 0, scope.moment
    if scope.party is None or moment is None:
        return 0
    for cycle in reversed([*counted_cycles(scope, local_date(moment, scope.world.workflow.timezone))]):
        passing = _passing(scope, step, cycle)
        if passing is None or passing > moment:
            continue
        here = scope._replace(cycle=cycle)
        if (step.to is not None and not step.to.holds(here.anytime())) or _released(here, step, cycle):
            continue
        if step.until.holds(here._replace(since=since_day(scope.world, step, scope.party, cycle, scope.known))):
            break
        count += 1
    return count


def passings(scope: PartyScope, step: FollowUp, until: datetime) -> Iterator[datetime]:
    """The instants up to `until` (UTC) at which deadlines of a party pass: the counter may change at these."""
    for cycle in counted_cycles(scope, local_date(until, scope.world.workflow.timezone)):
        passing = _passing(scope, step, cycle)
        if passing is not None and passing <= until:
            yield passing


def decisions(scope: PartyScope, step: FollowUp, until: date) -> Iterator[Fact]:
    """What was decided about a party in each cycle up to a day that the counter rests on."""
    if scope.party is not None:
        for cycle in counted_cycles(scope, until):
            for name in _DECISIONS:
                yield from scope.world.book.history(name, Subject(scope.party.id, step.name, cycle=cycle.name))


def counted_cycles(scope: PartyScope, until: date) -> Iterator[Cycle]:
    """The cycles that a counter may look at up to a day, oldest first: those due since the plan began; asked about in a
    cycle, none that is due after it."""
    for cycle in scope.world.resolver.cycles(until)[0]:
        if scope.cycle is None or cycle.due <= scope.cycle.due:
            yield cycle


def _passing(scope: PartyScope, step: FollowUp, cycle: Cycle) -> datetime | None:
    """The instant at which the deadline of a cycle passes for a party; None where it has none, or its day is not fixed."""
    by = deadline_of(scope.world, step, scope.party, cycle, scope.known)
    if by is None or not by.firm:
        return None
    return end_of_day(in_time_until(scope.world, step, by.span.last), scope.world.workflow.timezone)


def _released(scope: PartyScope, step: FollowUp, cycle: Cycle) -> bool:
    party, book = scope.party, scope.world.book
    return party is not None and (
        release_of(book, step, party.id, cycle.name, known=scope.known, as_of=scope.as_of) is not None
    )
