"""Planning a hundred thousand parties, and planning one of them again: no database, no disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks import large
from benchmarks.figures import Figure, Goal
from benchmarks.measuring import Scope, median, repeated, spent, times
from engine.definition.facts import Fact
from engine.letter import Letter, Recorded
from engine.lifecycle import State
from engine.planning.reconcile import reconcile
from engine.planning.world.history import past


def whole(scope: Scope, folder: Path) -> Iterator[Figure]:
    """Every letter of the plan."""
    plan = large.plannable(scope.parties)
    samples, letters = [], list[Letter]()
    for _ in range(scope.slow_runs):
        letters = []
        planner = large.planner(plan)
        samples.append(spent(lambda: letters.extend(planner.plan().letters)))  # noqa: B023 - called at once
    took, count = median(samples), len(letters)
    assert count == large.SLOTS * scope.parties
    assert all(letter.state == State.SCHEDULED for letter in letters)
    # The limit: the same tuples made of values that lie ready.
    made = repeated(scope.slow_runs, lambda: [Letter._make(letter) for letter in letters])
    peer = f"making the tuples alone {count / made.wall:,.0f}/s: {times(made.cpu, took.cpu)}"
    what = f"letters of {scope.parties:,} parties in {len(large.ZONES)} zones, {large.SLOTS} slots each"
    goal = Goal(100_000, at_least=True)
    yield Figure("planning", what, "/s", count / took.wall, count / took.cpu, scope.slow_runs, goal, peer)


def one_party(scope: Scope, folder: Path) -> Iterator[Figure]:
    """A fact comes in: who is touched, that party's plan, and what changes in its rows."""
    plan = large.plannable(scope.parties)
    planner = large.planner(plan)
    runs = 100
    samples = []
    for number in range(runs):
        party = f"P{number:06d}"
        rows = [recorded(letter) for letter in planner.plan_party(party).letters]
        for row in rows:
            planner.history.put(past(row))
        planner.at(large.start() + timedelta(days=number))
        fact = large.answer(party, planner.now, number + 1)

        def work(party: str = party, rows: list[Recorded] = rows, fact: Fact = fact) -> None:
            touched = planner.learn(fact)
            assert touched == [party]
            planned, steps = planner.plan_party(party), planner.plan_steps()
            changes = reconcile([*planned.letters, *steps.letters], rows, planner.now, planned.silences)
            assert len(changes) == large.SLOTS

        samples.append(spent(work))
    took = median(samples)
    peer = f"of {scope.parties:,} parties; learn, plan and reconcile without a database"
    yield Figure("replan", "one party after a fact", "ms", took.wall * 1e3, took.cpu * 1e3, runs, Goal(5.0), peer)


def recorded(letter: Letter) -> Recorded:
    """The row of a planned letter."""
    assert letter.due_at is not None
    return Recorded(
        0, letter.key, letter.workflow, letter.cycle, letter.step, letter.kind, letter.party, letter.round, letter.addressee,
        letter.slot, letter.due_at, letter.zone, letter.state, letter.reason, letter.template, letter.approval,
        letter.stale_at, letter.ordinary, large.start(), 1,
    )  # fmt: skip
