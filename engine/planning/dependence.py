"""Which steps rest on which: what is recorded about an event is planned again only where somebody reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from engine.definition.conditions import Condition
from engine.definition.dates import DateExpr
from engine.definition.workflow import AnyStep, FollowUp, Target
from engine.planning.world.scope import World


class Dependence:
    """The steps that read each step, found once for a plan: by name, in whatever part of a step the name stands."""

    def __init__(self, world: World) -> None:
        self._world = world
        steps = world.workflow.steps
        self._reads = {name: {found for found in self._names(step) if found in steps} for name, step in steps.items()}
        self._thanking = frozenset(name for name, step in steps.items() if _thanks(step))
        self._on: dict[str, frozenset[str]] = {}

    def on(self, step: str) -> frozenset[str]:
        """The steps whose letters to parties may change with what is recorded about a step: itself, and who reads it."""
        if step not in self._on:
            found, before = {step}, set[str]()
            while found != before:
                before = set(found)
                found |= {name for name, reads in self._reads.items() if reads & before}
            if found & self._thanking:
                found |= self._thanking  # one of them thanks in place of the others
            self._on[step] = frozenset(found)
        return self._on[step]

    def _names(self, value: object) -> Iterator[str]:
        """Every name that a value reads a date, a flag or a fact by."""
        match value:
            case Condition():
                for _, name in self._world.uses(value):
                    yield name.partition(".")[0]
            case DateExpr():
                yield from self._dates(value)
            case str() | Mapping():
                return
            case tuple():
                for each in value:
                    yield from self._names(each)
            case _ if is_dataclass(value):
                for field in fields(value):
                    yield from self._names(getattr(value, field.name))

    def _dates(self, expr: DateExpr) -> Iterator[str]:
        if expr.name is None:
            return
        yield expr.name
        named = self._world.workflow.values.get(expr.name)
        if named is not None:
            yield from self._names(named)


def _thanks(step: AnyStep) -> bool:
    if isinstance(step, FollowUp):
        return step.thanks is not None
    return isinstance(step, Target) and step.ask is not None and step.ask.thanks is not None
