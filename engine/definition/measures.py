"""What a plan is measured by, and what its measures have to show."""

from __future__ import annotations

from dataclasses import dataclass

from engine.definition.conditions import Condition
from engine.definition.dates import DateExpr
from engine.errors import Place


@dataclass(frozen=True, slots=True)
class Threshold:
    """`5`, `half` and `80 %` (`share`) rounded up, `baseline + 3`."""

    base: str
    plus: int = 0

    def __str__(self) -> str:
        if self.base == "number":
            return str(self.plus)
        if self.base == "share":
            return f"{self.plus} %"
        return f"{self.base} + {self.plus}" if self.plus else self.base


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many it was as of a day; `expect` is what the source says."""

    as_of: DateExpr
    expect: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """At least so many parties (of `among`) for which a condition holds."""

    count: Condition
    at_least: Threshold
    among: Condition | None
    baseline: Baseline | None
    place: Place


@dataclass(frozen=True, slots=True)
class Each:
    """Holds when the condition `is_` holds for each party of `each` (and there is one)."""

    each: Condition
    is_: Condition


@dataclass(frozen=True, slots=True)
class Listing:
    """The parties of `among`, with a fact shown for each; no threshold."""

    among: Condition
    show: str


Measure = Count | Each | Listing


@dataclass(frozen=True, slots=True)
class Objective:
    """What the plan is for: all its measures have to be met by a day (None: nothing to meet)."""

    name: str
    title: str
    measures: tuple[Measure, ...]
    by: DateExpr | None
    ours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """What the source expects to come out: objectives shown again, a count, or a recorded assessment."""

    name: str
    title: str
    shows: tuple[str, ...]
    count: Count | None
    record: str | None
    ours: tuple[str, ...]
