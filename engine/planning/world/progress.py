"""Targets and objectives: what is counted, since when it is enough, who is missing.

A measure is a series over true days, judged at its `by`: a fact true in time and recorded late counts, and what was
met once stays met. What is counted today is shown beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from engine.definition.conditions import Condition
from engine.definition.dates import end_of_day, local_date
from engine.definition.facts import LONG_AGO
from engine.definition.measures import Count, Each, Listing, Measure, Objective
from engine.definition.people import Party
from engine.definition.workflow import AnyStep, Target
from engine.planning.world.cycles import Cycle
from engine.planning.world.scope import PartyScope, World, flips, recorded_facts

_START, _LAST = LONG_AGO.first, date.max - timedelta(days=2)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """One measure. `have` counts at the judging day (today, or `by` once that is past), `now` today.

    `want` is None where there is no threshold. `found` and `missing` are party ids at the judging day; `shown` gives a
    value for each party of a listing. `series` is the count since each day on which it changed, up to the judging day.
    """

    words: str
    have: int
    now: int
    want: int | None
    baseline: int | None
    met_on: date | None
    found: tuple[str, ...]
    missing: tuple[str, ...]
    shown: tuple[tuple[str, str], ...] = ()
    series: tuple[tuple[date, int], ...] = ()

    @property
    def met(self) -> bool | None:
        """Whether it is met; None where there is nothing to meet."""
        return None if self.want is None else self.met_on is not None


@dataclass(frozen=True, slots=True)
class Progress:
    """An objective, output or target with its measures. `met_on` is the day on which the last of them was met."""

    name: str
    title: str
    by: date | None
    measures: tuple[Tally, ...]
    over: bool

    @property
    def met(self) -> bool | None:
        """Whether all is met; None where there is no threshold."""
        verdicts = [tally.met for tally in self.measures if tally.met is not None]
        return all(verdicts) if verdicts else None

    @property
    def met_on(self) -> date | None:
        """Since when all is met."""
        days = [tally.met_on for tally in self.measures if tally.want is not None]
        return max((day for day in days if day), default=None) if days and all(days) else None


def series(
    world: World, what: Condition, among: Condition | None, last: date, cycle: Cycle | None = None
) -> tuple[dict[date, int], dict[str, bool]]:
    """How many parties (of those `among`) `what` is true for, at each day on which that changes up to `last`, and for
    whom it is true on `last`."""
    condition = _joined(what, among)
    flips_by_itself = world.counts_misses(condition)
    changes: Counter[date] = Counter()
    at_last: dict[str, bool] = {}
    for party in world.parties.values():
        at_last[party.id] = False
        if flips_by_itself:
            turns = _turns(world, condition, party, last, cycle)
        else:
            turns = world.once(
                party.id, (what, among, cycle), partial(_turns, world, condition, party, date.max, cycle)
            )
        for day, now in turns:
            if day > last:
                break
            changes[day] += 1 if now else -1
            at_last[party.id] = now
    total, running = {}, 0
    for day in sorted(changes):
        running += changes[day]
        total[day] = running
    return total, at_last


Turns = tuple[tuple[date, bool], ...]
"""The days on which something becomes true or false, in order, with which of the two."""


def _turns(world: World, condition: Condition, party: Party, last: date, cycle: Cycle | None) -> Turns:
    turns: list[tuple[date, bool]] = []
    before = False
    for day in [_START, *true_days(world, condition, party, last, cycle)]:
        now = condition.holds(PartyScope(world, party, cycle, as_of=day))
        if now != before:
            turns.append((day, now))
            before = now
    return tuple(turns)


def true_days(world: World, condition: Condition, party: Party, last: date, cycle: Cycle | None) -> list[date]:
    """The days up to `last` on which a fact that the condition reads became true for a party."""
    scope = PartyScope(world, party, cycle, at=end_of_day(min(last, _LAST), world.workflow.timezone))
    found = {fact.true.first for fact in recorded_facts(condition, scope) if fact.live()}
    if world.counts_misses(condition) and scope.at is not None:
        # A deadline passes as its last day ends, so that day is the first as of which it is missed.
        found |= {local_date(at, world.workflow.timezone) - _A_DAY for at in flips(condition, scope, scope.at)}
    return sorted(day for day in found if _START < day <= last)


def measure(world: World, what: Measure, by: date | None, today: date, cycle: Cycle | None = None) -> Tally:
    """Measure one thing, judged at `by` (None: today), in a cycle of a yearly plan."""
    last = min(by, today) if by else today
    match what:
        case Count():
            return _count(world, what, last, today, cycle)
        case Each():
            return _each(world, what, last, today)
        case Listing():
            return _listing(world, what, today)


def _count(world: World, what: Count, last: date, today: date, cycle: Cycle | None) -> Tally:
    among = what.among
    condition = _joined(what.count, among)
    total, at_last = series(world, what.count, among, last, cycle)
    of = [
        party.id
        for party in world.parties.values()
        if among is None or among.holds(PartyScope(world, party, cycle, as_of=last))
    ]
    baseline = baseline_of(world, what) if what.baseline else None
    want = threshold(what, len(of), baseline)
    found = tuple(party for party, holds in at_last.items() if holds)
    missing = tuple(party for party in of if not at_last[party]) if among is not None else ()
    now = sum(1 for party in world.parties.values() if condition.holds(PartyScope(world, party, cycle, as_of=today)))
    met_on = _reached(total, want)
    return Tally(what.count.text, len(found), now, want, baseline, met_on, found, missing, series=tuple(total.items()))


def _reached(total: Mapping[date, int], want: int) -> date | None:
    """Since when a count is enough."""
    return next((day for day, count in total.items() if count >= want), None)


def _joined(count: Condition, among: Condition | None) -> Condition:
    if among is None:
        return count
    return Condition(
        count.text, lambda scope: among.holds(scope) and count.holds(scope), frozenset(count.uses | among.uses)
    )


def baseline_of(world: World, what: Count) -> int | None:
    """How many it was as of the baseline's day."""
    as_of = world.resolver.resolve(what.baseline.as_of) if what.baseline else None
    if as_of is None:
        return None
    day, condition = as_of.span.first, _joined(what.count, what.among)
    return sum(1 for party in world.parties.values() if condition.holds(PartyScope(world, party, as_of=day)))


def threshold(what: Count, among: int, baseline: int | None) -> int:
    """The number wanted: half, and so many in a hundred, round up."""
    match what.at_least.base:
        case "half":
            return (among + 1) // 2 + what.at_least.plus
        case "share":
            return (among * what.at_least.plus + 99) // 100
        case "baseline":
            return (baseline or 0) + what.at_least.plus
    return what.at_least.plus


def _each(world: World, what: Each, last: date, today: date) -> Tally:
    total, at_last = series(world, what.is_, what.each, last)
    of = [party.id for party in world.parties.values() if what.each.holds(PartyScope(world, party, as_of=last))]
    found = tuple(party for party in of if at_last[party])
    met_on = _reached(total, len(of)) if of else None
    now = sum(1 for party in of if what.is_.holds(PartyScope(world, world.parties[party], as_of=today)))
    words = f"each of {what.each.text}: {what.is_.text}"
    missing = tuple(party for party in of if not at_last[party])
    return Tally(words, len(found), now, len(of), None, met_on, found, missing, series=tuple(total.items()))


def _listing(world: World, what: Listing, today: date) -> Tally:
    shown = []
    for party in world.parties.values():
        scope = PartyScope(world, party, as_of=today)
        if what.among.holds(scope):
            shown.append((party.id, scope.fact(what.show) or ""))
    ids = tuple(party for party, _ in shown)
    return Tally(what.among.text, len(ids), len(ids), None, None, None, ids, (), tuple(shown))


def objective_progress(world: World, objective: Objective, today: date) -> Progress:
    """How far an objective is, as of a day."""
    by = world.resolver.resolve(objective.by) if objective.by else None
    last = by.span.last if by else None
    tallies = tuple(measure(world, what, last, today) for what in objective.measures)
    return Progress(objective.name, objective.title, last, tallies, bool(last and today > last))


def target_progress(world: World, step: Target, today: date, cycle: Cycle | None = None) -> Progress:
    """How far a target is, as of a day, in a cycle of a yearly plan."""
    by = world.resolver.resolve(step.by, None, cycle)
    last = by.span.last if by else None
    tally = measure(world, step.count, last, today, cycle)
    return Progress(step.name, step.title, last, (tally,), bool(last and today > last))


def in_cycles(world: World, step: AnyStep, today: date) -> list[tuple[str, Cycle | None]]:
    """A step under its name; one of a yearly plan in each cycle that is open or comes next."""
    if world.workflow.cycle is None or not step.per_cycle:
        return [(step.name, None)]
    opened, coming = world.resolver.cycles(today, today)
    return [(f"{step.name} {cycle.name}", cycle) for cycle in [*opened, *([coming] if coming else [])]]
