"""The years of a yearly workflow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.definition.dates import shift
from engine.definition.workflow import CycleRule


@dataclass(frozen=True, slots=True)
class Cycle:
    """One recurrence: its name (`2027`), the day it is due and the day it opens."""

    name: str
    due: date
    opens: date


def cycle_name(cycle: Cycle | None) -> str | None:
    """A cycle's name; None outside of cycles."""
    return cycle.name if cycle else None


def cycle_of(rule: CycleRule, year: int) -> Cycle:
    """The cycle that is due in a year."""
    due = rule.due_in(year)
    return Cycle(rule.name.replace("{year}", str(year)), due, shift(due, rule.opens, -1))


def cycles_between(rule: CycleRule, first: date, last: date) -> Iterator[Cycle]:
    """The cycles due from the year before `first` to the year after `last`, every `rule.every` years."""
    base = rule.first_year or 0
    for year in range(max(first.year - 1, 2), last.year + 2):
        if (year - base) % rule.every == 0:
            yield cycle_of(rule, year)


def open_cycles(rule: CycleRule, starts: date, today: date) -> list[Cycle]:
    """The cycles open on a day, oldest first: opened by then, and not due before the workflow began."""
    return [cycle for cycle in cycles_between(rule, starts, today) if cycle.opens <= today and cycle.due >= starts]
