"""What if it were T? The plan as it would stand, had each fact been known from the start of its true day.

What fell due before T counts as sent. The facts are gone through in the order in which they became known, and only the
parties that a fact touches are planned again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from engine.definition.dates import start_of_day
from engine.definition.facts import BEGINNING, Fact, FactBook
from engine.definition.workflow import Plannable
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.planner import Planned, Planner
from engine.planning.world.history import History, Past
from engine.planning.world.lineage import begin

_OWNERS = None


class Replay:
    """A plan replayed up to an instant."""

    def __init__(self, plannable: Plannable, facts: Iterable[Fact], start: datetime) -> None:
        self.start = start
        self.zone = plannable.workflow.timezone
        base = FactBook(fact for fact in facts if not fact.id)
        self.planner = Planner(plannable, base, begin(plannable, start), History(), now=start)
        self.planned: dict[str | None, Planned] = {}
        self._learn_order = sorted(
            (self.as_known(fact) for fact in facts if fact.id and fact.live()),
            key=lambda fact: fact.recording,
        )

    def as_known(self, fact: Fact) -> Fact:
        """The fact as if recorded at the start of its true day."""
        return replace(fact, recorded_at=start_of_day(fact.true.first, self.zone))

    def run(self, until: datetime) -> Planned:
        """The plan at `until`: all of it, with what is past in the history."""
        early = [fact for fact in self._learn_order if fact.recorded_at < min(self.start, until)]
        for fact in early:
            self.planner.learn(fact)
        self._plan_all(self.start)
        later = [fact for fact in self._learn_order if self.start <= fact.recorded_at <= until]
        for at, known in sorted([*_by_instant(later), *self._looks_ahead(until)], key=lambda each: each[0]):
            self._advance(at, known)
        self.planner.at(until)
        self._settle(list(self.planned), until)
        self._plan_all(until)
        letters = [letter for planned in self.planned.values() for letter in planned.letters]
        return Planned(letters, [silence for planned in self.planned.values() for silence in planned.silences])

    def _looks_ahead(self, until: datetime) -> Iterator[tuple[datetime, list[Fact]]]:
        """When what is planned to its horizon was planned further, though nothing happened."""
        workflow = self.planner.workflow
        if workflow.cycle is not None:
            every = timedelta(days=max(7, workflow.horizon // 2))
            at = self.start + every
            while at < until:
                yield at, []
                at += every

    def _advance(self, at: datetime, known: list[Fact]) -> None:
        """Take in what became known at an instant; everybody is planned again where nothing did, since time went on."""
        everyone, parties = not known, dict[str, None]()
        self.planner.at(at)
        touched = [self.planner.learn(fact) for fact in known]
        for ids in touched:
            everyone = everyone or ids is None
            parties |= dict.fromkeys(ids or ())
        self._settle(list(self.planned) if everyone else [*parties, _OWNERS], at)
        if everyone:
            self._plan_all(at)
        else:
            self._plan_some(parties, at)

    def _plan_all(self, at: datetime) -> None:
        self._plan_some(self.planner.plannable.parties, at)

    def _plan_some(self, parties: Iterable[str], at: datetime) -> None:
        self.planner.at(at)
        for party in parties:
            self.planned[party] = self.planner.plan_party(party)
        self.planned[_OWNERS] = self.planner.plan_steps()

    def _settle(self, parties: list[str | None], before: datetime) -> None:
        """Count as sent what fell due before an instant, by the plan that held until then."""
        for party in parties:
            planned = self.planned.get(party)
            for letter in planned.letters if planned else ():
                if letter.state != State.SCHEDULED or letter.due_at is None or letter.due_at >= before:
                    continue
                if not self.planner.history.has_left(letter):  # what has left told the day that held then
                    self.planner.history.put(_sent(letter, self.start))


def _sent(letter: Letter, created_at: datetime) -> Past:
    assert letter.due_at is not None
    return Past(
        letter.key, letter.step, letter.cycle, letter.party, letter.round, letter.addressee, letter.slot,
        State.SENT.value, letter.due_at, created_at, letter.due_at, letter.told,
    )  # fmt: skip


def _by_instant(facts: list[Fact]) -> list[tuple[datetime, list[Fact]]]:
    groups: dict[datetime, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.recorded_at, []).append(fact)
    return sorted(groups.items())


def comes_from(planned: Planned, at: datetime, history: History | None = None) -> list[Letter]:
    """What is still to come at an instant and has not left, ordered by time, then key; what has no time comes last."""
    coming = [letter for letter in planned.letters if letter.due_at is None or letter.due_at >= at]
    return in_order(letter for letter in coming if history is None or not history.has_left(letter))


def in_order(letters: Iterable[Letter]) -> list[Letter]:
    """Letters by time, then key; what has no time comes last."""
    return sorted(letters, key=lambda letter: (letter.due_at is None, letter.due_at or BEGINNING, letter.key))
