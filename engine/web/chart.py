"""From a plan as it stands to its picture's values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from engine.definition import facts
from engine.definition.dates import Span, add_months, local_date
from engine.definition.phrases import Phrases
from engine.definition.words import day_words, listed, span_words
from engine.definition.workflow import AnyStep, Event, FollowUp, Ongoing, Target, Task
from engine.planning.planner import Planner
from engine.planning.world.scope import PartyScope
from engine.store import Ticks
from engine.web.timeline import Bar, Tick, Timeline, TimelineRow

_BEFORE, _AFTER = 3, 12
"""Months shown of a plan that neither begins nor ends."""
_SHOWN_KEYS = frozenset({"when", "by", "after", "review"})
_SHOWN = frozenset({"claimed", "handing"})


def timeline_of(planner: Planner, ticks: Iterable[Ticks], today: date) -> Timeline:
    """The picture of a plan as it stands on a day."""
    workflow, resolver = planner.workflow, planner.world.resolver
    anchors = []
    for anchor in workflow.anchors.values():
        resolved = resolver.named(anchor.name, None, None)
        if resolved is not None:
            anchors.append((anchor.title, resolved.span))
    by_step = _ticks(ticks)
    starts = resolver.starts()
    first, last = _window(starts, resolver.ends(), today)
    return Timeline(
        workflow.name,
        workflow.title,
        first,
        last,
        today,
        tuple(_row(planner, step, by_step.get(step.name, ()), starts) for step in workflow.steps.values()),
        tuple(anchors),
    )


def _window(starts: date | None, ends: date | None, today: date) -> tuple[date, date]:
    """From the plan's first day to its last; of one that has no end, the months around today."""
    if ends is not None:
        return min(starts or add_months(today, -_BEFORE), ends), ends
    return max(min(starts or date.min, today), add_months(today, -_BEFORE)), add_months(today, _AFTER)


def _ticks(ticks: Iterable[Ticks]) -> dict[str, tuple[Tick, ...]]:
    """Letters by step, each on its day where its addressee is."""
    counted: Counter[tuple[str, date, str]] = Counter()
    for tick in ticks:
        state = "scheduled" if tick.state in _SHOWN else tick.state
        counted[tick.step, local_date(tick.at, tick.zone), state] += tick.number
    found: dict[str, list[Tick]] = {}
    for (step, on, state), number in sorted(counted.items()):
        found.setdefault(step, []).append(Tick(on, state, number))
    return {step: tuple(of_step) for step, of_step in found.items()}


def _row(planner: Planner, step: AnyStep, ticks: tuple[Tick, ...], first: date | None) -> TimelineRow:
    match step:
        case Event():
            bars, deadlines, words = _event(planner, step)
            return TimelineRow(step.title, words, bars, deadlines, ticks=ticks, ours=dated_by_us(step))
        case Ongoing():
            words = f"ongoing, looked at every {str(step.review).removeprefix('1 ')}"
            return TimelineRow(step.title, words, ongoing=True, ticks=ticks, ours=dated_by_us(step))
    deadlines = _deadlines(planner, step)
    begins = _begins(planner, step, ticks, first)
    bars = ()
    if deadlines and begins is not None and begins < deadlines[-1]:
        span = Span(begins, deadlines[-1])
        bars = (Bar(span, "work", f"{step.title}: {day_words(begins)} to {day_words(deadlines[-1])}"),)
    words = f"by {listed([day_words(on) for on in deadlines], most=2)}" if deadlines else _own_date(planner, step)
    if isinstance(step, FollowUp) and step.grace is not None:
        words += f", with {step.grace} of grace"
    return TimelineRow(step.title, words, bars, deadlines, ticks=ticks, ours=dated_by_us(step))


def dated_by_us(step: AnyStep) -> bool:
    """Whether what the picture shows of when it is, is our reading."""
    return not _SHOWN_KEYS.isdisjoint(step.ours)


def _own_date(planner: Planner, step: FollowUp | Target | Task) -> str:
    if not step.by.text:
        return "no date"
    return (
        f"{'in each cycle' if step.per_cycle else 'each party’s own date'}: {Phrases(planner.workflow).date(step.by)}"
    )


def when_words(planner: Planner, step: AnyStep) -> str:
    """When a step is, in words."""
    return _row(planner, step, (), None).words


def _event(planner: Planner, step: Event) -> tuple[tuple[Bar, ...], tuple[date, ...], str]:
    resolved = planner.world.resolver.event(step)
    scope = PartyScope(planner.world, None)
    held, off = scope.flag(step.name, facts.HELD), scope.flag(step.name, facts.CANCELLED)
    span = resolved.span
    if off:
        words, look = f"cancelled (planned for {span_words(span)})", "off"
    elif held:
        words, look = f"held {span_words(span)}", "held"
    elif resolved.firm:
        words, look = span_words(span), "firm"
    elif step.when is None:
        if span.last.year > 9000:
            return (), (), "no day yet"
        words, look = f"by {day_words(span.last)}; the day is not fixed", "open"
        month = Span(span.last.replace(day=1), span.last)
        return (Bar(month, look, f"{step.title}: {words}"),), (span.last,), words
    else:
        words, look = f"{span_words(span)}; the day is not fixed", "open"
    return (Bar(span, look, f"{step.title}: {words}"),), (), words


def _deadlines(planner: Planner, step: FollowUp | Target | Task) -> tuple[date, ...]:
    """The step's days, from the plan's start on; none where each party has its own."""
    found, starts = set(), planner.world.resolver.starts() or date.min
    for cycle in planner.cycles_of(step):
        resolved = planner.desk.resolve(step.by, None, cycle)
        if resolved is not None and (cycle is None or resolved.span.last >= starts):
            found.add(resolved.span.last)
    return tuple(sorted(found))


def _begins(planner: Planner, step: AnyStep, ticks: tuple[Tick, ...], first: date | None) -> date | None:
    if isinstance(step, FollowUp) and step.after is not None:
        resolved = planner.desk.resolve(step.after)
        return resolved.span.first if resolved else None
    return min([tick.day for tick in ticks] + ([first] if first else []), default=None)
