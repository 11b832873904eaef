"""Conditions over many parties: what closes a step for all of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.definition.measures import Each
from engine.definition.workflow import FollowUp, Target
from engine.planning.world.cycles import Cycle
from engine.planning.world.deadlines import since_day
from engine.planning.world.progress import measure
from engine.planning.world.scope import PartyScope, World


class Closings:
    """Whether each step is closed, looked up once and forgotten when a fact it depends on changes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._found: dict[tuple[str, Cycle | None], str | None] = {}
        self._met: dict[tuple[str, Cycle | None], bool] = {}
        self._given: dict[str, dict[Cycle | None, str | None]] = {}
        """What plans were last made with: a fact may be learnt, and looked at again, before anybody plans."""

    def reason(self, step: FollowUp | Target, cycle: Cycle | None = None) -> str | None:
        """Why a step is closed for everybody (in a cycle); None while it is open."""
        found = self._look_up(step, cycle)
        self._given.setdefault(step.name, {})[cycle] = found
        return found

    def met(self, step: Target, cycle: Cycle | None = None) -> bool:
        """Whether a target has been met (in a cycle), as far as recorded now: it then stays so."""
        key = step.name, cycle
        if key not in self._met:
            self._met[key] = measure(self.world, step.count, None, date.max, cycle).met is True
        return self._met[key]

    def clear(self) -> None:
        """Look everything up again."""
        self._found.clear()
        self._met.clear()

    def forget(self, kind: str, name: str) -> None:
        """Look up again what depends on a fact."""
        for step in self._resting_on(kind, name):
            for known in (self._found, self._met):
                for key in [key for key in known if key[0] == step.name]:
                    del known[key]

    def changed(self, kind: str, name: str) -> bool:
        """Whether a step that depends on a fact may be open or closed otherwise than plans were last made with.

        What the fact changes must be forgotten. The answer is the same until somebody plans.
        """
        return any(self._changed(step) for step in self._resting_on(kind, name))

    def _resting_on(self, kind: str, name: str) -> Iterator[FollowUp | Target]:
        """The steps that a fact may open or close."""
        for step in self.world.workflow.steps.values():
            if isinstance(step, FollowUp | Target) and (kind, name) in self._depends(step):
                yield step

    def _changed(self, step: FollowUp | Target) -> bool:
        closes = step.closes_when is not None if isinstance(step, FollowUp) else step.stop_when_enough
        given = self._given.get(step.name)
        if not closes or given is None:
            return closes
        return any((self._look_up(step, cycle) is None) != (before is None) for cycle, before in given.items())

    def _look_up(self, step: FollowUp | Target, cycle: Cycle | None) -> str | None:
        key = step.name, cycle
        if key not in self._found:
            self._found[key] = self._look(step, cycle)
        return self._found[key]

    def _depends(self, step: FollowUp | Target) -> set[tuple[str, str]]:
        world = self.world
        if isinstance(step, FollowUp):
            rule = step.closes_when
            return set(world.uses(rule.each)) | set(world.uses(rule.is_)) if rule else set()
        among = step.count.among
        return set(world.uses(step.count.count)) | (set(world.uses(among)) if among else set())

    def _look(self, step: FollowUp | Target, cycle: Cycle | None) -> str | None:
        if isinstance(step, Target):
            return (
                f"closed: enough are found ({step.count.at_least})"
                if step.stop_when_enough and self.met(step, cycle)
                else None
            )
        if step.closes_when is None:
            return None
        members, open_ = self._each(step.closes_when, step, cycle)
        return f"closed: all {members} of {step.closes_when.each.text} are done" if members and not open_ else None

    def _each(self, rule: Each, step: FollowUp, cycle: Cycle | None) -> tuple[int, int]:
        """How many parties a rule is about, and for how many of them it does not hold yet."""
        members, open_ = 0, 0
        for party in self.world.parties.values():
            if rule.each.holds(PartyScope(self.world, party, cycle)):
                members += 1
                since = since_day(self.world, step, party, cycle)
                open_ += not rule.is_.holds(PartyScope(self.world, party, cycle, since))
        return members, open_

    def counted(self, step: Target) -> list[str]:
        """The parties that count towards a target, as far as recorded now."""
        among, count = step.count.among, step.count.count
        return [
            party.id
            for party in self.world.parties.values()
            if (among is None or among.holds(PartyScope(self.world, party)))
            and count.holds(PartyScope(self.world, party))
        ]
