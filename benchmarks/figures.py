"""What a benchmark finds: a figure with its goal, and beside it a peer or limit of the same run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

WALL, CPU = "wall", "cpu"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure is to stay below `limit`, or (`at_least`) to reach it."""

    limit: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of several runs, by the clock and by the processor time that it took.

    `cpu` is None where time does not come into it. `peer` says what was measured beside it and how it compares.
    """

    name: str
    what: str
    unit: str
    wall: float
    cpu: float | None
    runs: int
    goal: Goal | None = None
    peer: str = ""

    @property
    def met(self) -> str:
        """`yes`; `cpu` where only the processor time keeps to the goal, since the machine did other work too; `no`."""
        if self.goal is None:
            return ""
        if self.goal.met(self.wall):
            return "yes"
        return "cpu" if self.cpu is not None and self.goal.met(self.cpu) else "no"

    def as_json(self) -> dict[str, Any]:
        """The figure for programs."""
        return asdict(self) | {"met": self.met}
