"""Why what is recorded of a party does not settle what it is asked for: too old to count, or not all that is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from engine.definition.facts import Fact
from engine.definition.people import Party
from engine.definition.words import day_words, in_cycle
from engine.definition.workflow import FollowUp
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.deadlines import since_day
from engine.planning.world.progress import in_cycles
from engine.planning.world.releases import release_of
from engine.planning.world.scope import PartyScope, World


def unsettled(world: World, facts: Iterable[Fact], today: date) -> list[str]:
    """A sentence for each follow-up of which a fact that was recorded is a part, and which its party has not done by it."""
    found: dict[str, None] = {}
    for fact in facts:
        party = world.parties.get(fact.subject.party or "")
        if party is None or not fact.yes:
            continue
        for step in world.workflow.steps.values():
            if isinstance(step, FollowUp) and ("fact", fact.name) in world.uses(step.until):
                for cycle in _cycles(world, step, fact.subject.cycle, today):
                    found.update(dict.fromkeys(_of(world, step, party, cycle)))
    return list(found)


def too_old(world: World, step: FollowUp, party: Party, cycle: Cycle | None) -> str:
    """That a party would be done, were what is on record of it not from before the time that counts; else nothing."""
    since = since_day(world, step, party, cycle)
    scope = PartyScope(world, party, cycle)
    if since is None or step.until.holds(scope._replace(since=since)) or not step.until.holds(scope):
        return ""
    where = in_cycle(step.name, cycle_name(cycle))
    return f"is too old to count for {where}: what counts is true on {day_words(since)} or later"


def _of(world: World, step: FollowUp, party: Party, cycle: Cycle | None) -> Iterator[str]:
    scope = PartyScope(world, party, cycle, since_day(world, step, party, cycle))
    if (step.to is not None and not step.to.holds(scope.anytime())) or step.until.holds(scope):
        return
    if release_of(world.book, step, party.id, cycle_name(cycle)) is not None:
        return
    where = in_cycle(step.name, cycle_name(cycle))
    old = too_old(world, step, party, cycle)
    yield f"It {old}." if old else f"It does not settle {where} by itself, which takes: {step.until.text}."


def old_sentences(world: World, step: FollowUp, party: Party, today: date) -> Iterator[str]:
    """Where what is on record of a party would settle a follow-up, were it not too old."""
    for cycle in _cycles(world, step, None, today):
        old = too_old(world, step, party, cycle)
        if old:
            yield f"What is on record {old}."


def _cycles(world: World, step: FollowUp, named: str | None, today: date) -> list[Cycle | None]:
    """The cycles that a fact may count for: the one it was recorded for, else the last that has opened."""
    known = [cycle for _, cycle in in_cycles(world, step, today)]
    if named:
        return [cycle for cycle in known if cycle is None or cycle.name == named]
    return [cycle for cycle in known if cycle is None or cycle.opens <= today][-1:]
