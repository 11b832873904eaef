"""The years of a yearly workflow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.definition.dates import shift
from engine.definition.recording.subjects import cycle_year
from engine.definition.workflow import CycleRule, Workflow


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


def cycle_named(workflow: Workflow, name: str | None) -> Cycle | None:
    """The cycle of a name; None where the plan has none of it, or none is named."""
    year = cycle_year(workflow, name) if name else None
    return cycle_of(workflow.cycle, year) if workflow.cycle and year is not None else None


def cycles_between(rule: CycleRule, first: date, last: date) -> Iterator[Cycle]:
    """The cycles due from the year before `first` to the year after `last`, every `rule.every` years."""
    base = rule.first_year or 0
    for year in range(max(first.year - 1, 2), last.year + 2):
        if (year - base) % rule.every == 0:
            yield cycle_of(rule, year)


def cycles_within(rule: CycleRule, starts: date, ends: date | None, until: date) -> tuple[list[Cycle], Cycle | None]:
    """A plan's cycles that open by a day, oldest first, and the next one: due from its first day to its last."""
    last = date(min(max(until, starts).year + rule.every + 1, date.max.year - 1), 1, 1)
    found = [
        cycle
        for cycle in cycles_between(rule, starts, last)
        if cycle.due >= starts and (ends is None or cycle.due <= ends)
    ]
    opened = [cycle for cycle in found if cycle.opens <= until]
    return opened, next(iter(found[len(opened) :]), None)
