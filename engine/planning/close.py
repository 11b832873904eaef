"""Conditions over many parties: what closes a step for all of them at once."""

from __future__ import annotations

from datetime import date

from engine.definition.workflow import Each, FollowUp, Target
from engine.planning.progress import measure
from engine.planning.scope import PartyScope, World


class Closings:
    """Whether each step is closed, looked up once and forgotten when a fact it depends on changes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._reason: dict[str, str | None] = {}
        self._met: dict[str, bool] = {}

    def reason(self, step: FollowUp | Target) -> str | None:
        """Why a step is closed for everybody; None while it is open."""
        if step.name not in self._reason:
            self._reason[step.name] = self._look(step)
        return self._reason[step.name]

    def met(self, step: Target, today: date) -> bool:
        """Whether a target has been met by a day: it then stays so."""
        if step.name not in self._met:
            self._met[step.name] = measure(self.world, step.count, None, today).met is True
        return self._met[step.name]

    def forget(self, kind: str, name: str) -> set[str]:
        """Forget what depends on a fact; the steps whose answer that changed are returned."""
        changed = set()
        for step_name in list(self._met):
            met = self.world.workflow.steps[step_name]
            if isinstance(met, Target) and (kind, name) in self._depends(met):
                del self._met[step_name]
        for step_name, before in list(self._reason.items()):
            step = self.world.workflow.steps[step_name]
            assert isinstance(step, FollowUp | Target)
            if (kind, name) in self._depends(step):
                del self._reason[step_name]
                if (self.reason(step) is None) != (before is None):
                    changed.add(step_name)
        return changed

    def _depends(self, step: FollowUp | Target) -> set[tuple[str, str]]:
        world = self.world
        if isinstance(step, FollowUp):
            rule = step.closes_when
            return set(world.uses(rule.each)) | set(world.uses(rule.is_)) if rule else set()
        among = step.count.among
        return set(world.uses(step.count.count)) | (set(world.uses(among)) if among else set())

    def _look(self, step: FollowUp | Target) -> str | None:
        if isinstance(step, FollowUp):
            if step.closes_when is None:
                return None
            since = since_day(self.world, step)
            members, open_ = self.each(step.closes_when, since)
            if members and not open_:
                return f"closed: all {members} of {step.closes_when.each.text} are done"
            return None
        if not step.stop_when_enough:
            return None
        have = len(self.counted(step))
        if step.count.at_least.base == "number" and have >= step.count.at_least.plus:
            return f"closed: {have} of {step.count.at_least} are found"
        return None

    def each(self, rule: Each, since: date | None = None) -> tuple[int, list[str]]:
        """How many parties a rule is about, and the ids of those for which it does not hold yet."""
        members, open_ = 0, []
        for party in self.world.parties.values():
            if rule.each.holds(PartyScope(self.world, party)):
                members += 1
                if not rule.is_.holds(PartyScope(self.world, party, since=since)):
                    open_.append(party.id)
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


def since_day(world: World, step: FollowUp) -> date | None:
    """From which day on a date fact counts in a step without cycles: its `since`, else the plan's first day."""
    if step.since is not None and (resolved := world.resolver.resolve(step.since)):
        return resolved.span.first
    return world.resolver.starts()
