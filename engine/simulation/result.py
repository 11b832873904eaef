"""What came of a simulated year: as JSON, and in the source's own words, item by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.app.plans.status import status_of
from engine.definition import facts
from engine.definition.dates import local_date
from engine.definition.facts import Subject
from engine.definition.words import listed, span_words
from engine.definition.workflow import AnyStep, Event, FollowUp, Ongoing, Target
from engine.lifecycle import SETTLED, State
from engine.planning.planner import Planner
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.progress import in_cycles, target_progress
from engine.planning.world.releases import release_of
from engine.planning.world.scope import PartyScope
from engine.simulation.opening import DATABASE
from engine.simulation.runner import Simulation
from engine.store import Transaction

Counts = dict[str, dict[str, int]]


def result(simulation: Simulation) -> dict[str, Any]:
    """The result as JSON: letters by step and state, targets, objectives, outputs, and where everything is."""
    app, workflow = simulation.app, simulation.workflow
    now = app.clock.now()
    with app.store.read() as tx:
        standing = app.standings.get(tx, workflow.name, now)
        status = status_of(standing.planner.world, local_date(now, workflow.timezone))
        letters = counts_by_step(tx, workflow.name)
    home = app.settings.home
    return {
        "workflow": workflow.name,
        "scenario": simulation.scenario.name,
        "from": simulation.scenario.from_.isoformat(),
        "until": simulation.scenario.until.isoformat(),
        "letters": letters,
        **{name: status[name] for name in ("targets", "objectives", "outputs", "budget", "implementers")},
        "store": str(home / DATABASE),
        "mailbox": str(app.settings.mailbox),
        "feeds": str(app.settings.feeds / workflow.name),
    }


def counts_by_step(tx: Transaction, workflow: str) -> Counts:
    """How many letters of each step are in each state."""
    found: Counts = {}
    for (step, state), count in sorted(tx.counts(workflow).items()):
        found.setdefault(step, {})[state] = count
    return found


def summary(simulation: Simulation) -> Iterator[tuple[str, str, str]]:
    """Each item of the plan in its source's words: heading, the words, and what came of it."""
    app = simulation.app
    with app.store.read() as tx:
        standing = app.standings.get(tx, simulation.workflow.name, app.clock.now())
        standing.read_letters(tx, None)
        letters = counts_by_step(tx, simulation.workflow.name)
    planner = standing.planner
    for number, step in enumerate(simulation.workflow.steps.values(), start=1):
        yield f"{number}. {step.title}", step.note, "; ".join(_of_step(planner, step, letters.get(step.name, {}))) + "."


def _of_step(planner: Planner, step: AnyStep, letters: dict[str, int]) -> Iterator[str]:
    match step:
        case Event():
            yield from _of_event(planner, step)
        case FollowUp():
            yield from _of_follow_up(planner, step)
        case Target():
            yield from _of_target(planner, step)
        case Ongoing():
            yield from _of_ongoing(planner, step)
    sent = sum(letters.get(state, 0) for state in SETTLED)
    stopped = letters.get(State.WITHDRAWN, 0)
    yield f"{sent} {'letter' if sent == 1 else 'letters'} sent" + (
        f", {stopped} not needed any more" if stopped else ""
    )
    if letters.get(State.MISSED):
        yield f"{letters[State.MISSED]} missed"


def _of_event(planner: Planner, step: Event) -> Iterator[str]:
    book, day = planner.book, planner.world.resolver.event(step)
    held = PartyScope(planner.world, None).flag(step.name, facts.HELD)
    yield f"{'held on' if held else 'planned for'} {span_words(day.span)}"
    attended = [
        subject.party for subject in book.subjects(facts.ATTENDED)
        if subject.step == step.name and book.flag(facts.ATTENDED, subject)
    ]  # fmt: skip
    if attended:
        yield f"{len(attended)} came"


def _of_target(planner: Planner, step: Target) -> Iterator[str]:
    today = local_date(planner.now, planner.workflow.timezone)
    for cycle, in_it in _each_cycle(planner, step):
        tally = target_progress(planner.world, step, today, cycle).measures[0]
        yield f"{in_it}{tally.have} of {tally.want} found" + (
            f": {_names(planner, tally.found)}" if tally.found else ""
        )


def _of_follow_up(planner: Planner, step: FollowUp) -> Iterator[str]:
    written = False
    for cycle, in_it in _each_cycle(planner, step):
        found = list(_of_those_written_to(planner, step, cycle))
        if found:
            written = True
            yield from [f"{in_it}{found[0]}", *found[1:]]
    if not written:
        yield "nobody was written to"


def _each_cycle(planner: Planner, step: FollowUp | Target) -> Iterator[tuple[Cycle | None, str]]:
    """Each cycle that has opened, with how it is named before what came of it; of a plan without any, the plan itself."""
    today = local_date(planner.now, planner.workflow.timezone)
    for _, cycle in in_cycles(planner.world, step, today):
        if cycle is None or cycle.opens <= today:
            yield cycle, f"{cycle.name}: " if cycle else ""


def _of_those_written_to(planner: Planner, step: FollowUp, cycle: Cycle | None) -> Iterator[str]:
    year = cycle_name(cycle)
    written = [party for party in planner.plannable.parties if planner.history.sent(step.name, year, party)]
    if not written:
        return
    reasons = {
        silence.party: silence.reason
        for party in written
        for silence in planner.silences(party)
        if (silence.step, silence.cycle) == (step.name, year)
    }
    written = [party for party in written if not reasons.get(party, "").startswith("not among")]
    released = [party for party in written if release_of(planner.book, step, party, year) is not None]
    written = [party for party in written if party not in released]
    done = [party for party in written if reasons.get(party, "").startswith("done")]
    yield _answered(len(done), len(written)) + (f": {_names(planner, done)}" if done else "")
    late = [party for party in written if party not in done]
    if late:
        yield f"still open: {_names(planner, late)}"
    if released:
        yield f"need not answer: {_names(planner, released)}"


def _answered(done: int, written: int) -> str:
    if written == 1:
        return f"the one party written to has {'answered' if done else 'not answered'}"
    return f"{done} of the {written} parties written to {'has' if done == 1 else 'have'} answered"


def _of_ongoing(planner: Planner, step: Ongoing) -> Iterator[str]:
    book = planner.book
    reviews = book.series(facts.REVIEWED, Subject(step=step.name))
    contacted = [
        subject.party or ""
        for subject in book.subjects(facts.CONTACTED)
        if subject.step == step.name and book.newest(facts.CONTACTED, subject)
    ]
    yield f"looked at {len(reviews)} times" if reviews else "no review recorded"
    if contacted:
        yield f"talked to {_names(planner, contacted)}"


def _names(planner: Planner, parties: Sequence[str]) -> str:
    return listed([planner.plannable.parties[party].name for party in parties], most=24)
