"""A plan as a picture: its steps over months with their precision, today, and its letters as ticks by day.

Pure: values in, SVG out, the same for the same values. Colours are the style sheet's, by class. What is told by colour
is told by shape, place or words as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import groupby
from math import log2
from textwrap import wrap

from engine.definition.dates import Precision, Span, add_months, month_end
from engine.definition.words import MONTHS, day_words, span_words

LABELS, PLOT = 292, 868
WIDTH = LABELS + PLOT
_AXIS, _ROW, _FOOT = 78, 64, 10
_ANCHOR, _TODAY, _YEAR, _BAND, _MONTH = 14, 30, 47, 55, 69
"""Down the axis, a line for each: named days, today, years, the top of the months' bands, months."""
_BAR, _STRIP = 12, 58
_TITLE_CHARS, _TITLE_LINES = 38, 2
_ORDER = ("sent", "answered", "bounced", "awaiting_approval", "scheduled", "failed", "missed", "withdrawn")


@dataclass(frozen=True, slots=True)
class Tick:
    """So many letters of a state on a day."""

    day: date
    state: str
    number: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Days that something takes. `look`: `held`, `firm`, `open` (not fixed: hatched), `off` or `work`; words for a pointer."""

    span: Span
    look: str
    words: str


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One step. `deadlines` are drawn as diamonds; `ongoing` as a thin line without an end; `words` say when it is."""

    title: str
    words: str
    bars: tuple[Bar, ...] = ()
    deadlines: tuple[date, ...] = ()
    ongoing: bool = False
    ticks: tuple[Tick, ...] = ()
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """A plan from its `first` to its `last` day, seen on `today`; `anchors` are named days across all rows."""

    name: str
    title: str
    first: date
    last: date
    today: date
    rows: tuple[TimelineRow, ...]
    anchors: tuple[tuple[str, Span], ...]

    @property
    def begins(self) -> date:
        """The first day of the picture: a month's."""
        return self.first.replace(day=1)

    @property
    def ends(self) -> date:
        """Its last day: a month's."""
        return month_end(self.last)


def draw(timeline: Timeline) -> str:
    """The picture as an SVG element, to stand in a page."""
    height = _AXIS + _ROW * len(timeline.rows) + _FOOT
    name = escape(timeline.name)
    parts = [
        f'<svg class="timeline" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}-title {name}-desc"'
        ' xmlns="http://www.w3.org/2000/svg">',
        f'<title id="{name}-title">{escape(f"Timeline of {timeline.title}")}</title>',
        f'<desc id="{name}-desc">{escape(" ".join(_sentences(timeline)))}</desc>',
        f'<defs><pattern id="{name}-hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>',
        *_months(timeline, height),
        *_anchors(timeline, height),
    ]
    for number, row in enumerate(timeline.rows):
        parts += _row(timeline, row, _AXIS + _ROW * number)
    parts += [*_today(timeline, height), "</svg>"]
    return "\n".join(parts)


def _sentences(timeline: Timeline) -> Iterator[str]:
    yield f"From {day_words(timeline.first)} to {day_words(timeline.last)}; today is {day_words(timeline.today)}."
    for row in timeline.rows:
        totals = {state: sum(tick.number for tick in row.ticks if tick.state == state) for state in _ORDER}
        letters = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in totals.items() if number)
        yield f"{row.title}: {row.words}{f'; letters: {letters}' if letters else ''}."


def _x(timeline: Timeline, on: date) -> float:
    """Where a day begins; what lies outside the picture is at its edge."""
    days = (timeline.ends - timeline.begins).days + 1
    passed = min(max((on - timeline.begins).days, 0), days)
    return round(LABELS + PLOT * passed / days, 1)


def _months(timeline: Timeline, height: int) -> Iterator[str]:
    month, count = timeline.begins, 0
    total = (timeline.ends.year - timeline.begins.year) * 12 + timeline.ends.month - timeline.begins.month + 1
    while month <= timeline.ends:
        following = add_months(month, 1)
        left, right = _x(timeline, month), _x(timeline, following)
        if count % 2 == 0:
            yield f'<rect class="month" x="{left}" y="{_BAND}" width="{right - left:.1f}" height="{height - _BAND}"/>'
        if total <= 30 or month.month in (1, 7):
            yield f'<text class="axis" x="{left + 5}" y="{_MONTH}">{MONTHS[month.month - 1][:3]}</text>'
        if month.month == 1 or count == 0:
            yield f'<text class="year" x="{left + 5}" y="{_YEAR}">{month.year}</text>'
        month, count = following, count + 1


def _anchors(timeline: Timeline, height: int) -> Iterator[str]:
    for title, span in timeline.anchors:
        if span.last < timeline.begins or span.first > timeline.ends:
            continue
        left, right = _x(timeline, span.first), _x(timeline, span.last + timedelta(days=1))
        end = left > LABELS + PLOT / 2
        yield (
            f'<g class="anchor"><title>{escape(f"{title}: {span_words(span)}")}</title>'
            f'<rect x="{left}" y="{_BAND}" width="{max(right - left, 2):.1f}" height="{height - _BAND}"/>'
            f'<text x="{right if end else left}" y="{_ANCHOR}" text-anchor="{"end" if end else "start"}">'
            f"{escape(title)}</text></g>"
        )


def _today(timeline: Timeline, height: int) -> Iterator[str]:
    if not timeline.begins <= timeline.today <= timeline.ends:
        return
    x = _x(timeline, timeline.today)
    anchor = "start" if x < LABELS + 120 else "end" if x > WIDTH - 120 else "middle"
    yield f'<g class="today"><line x1="{x}" y1="{_TODAY + 5}" x2="{x}" y2="{height}"/>'
    yield f'<text x="{x}" y="{_TODAY}" text-anchor="{anchor}">{escape(day_words(timeline.today))}</text></g>'


def _row(timeline: Timeline, row: TimelineRow, top: int) -> Iterator[str]:
    yield f'<g class="row"><line class="rule" x1="0" y1="{top}" x2="{WIDTH}" y2="{top}"/>'
    yield from _label(row, top)
    middle = top + _BAR + 5
    if row.ongoing:
        yield f'<line class="ongoing" x1="{LABELS}" y1="{middle}" x2="{WIDTH - 7}" y2="{middle}"/>'
        yield f'<path class="ongoing-end" d="M{WIDTH - 8} {middle - 4} l7 4 l-7 4 z"/>'
    for bar in row.bars:
        if bar.span.first <= timeline.ends and bar.span.last >= timeline.begins:
            yield _bar(timeline, bar, top)
    for on in row.deadlines:
        if timeline.begins <= on <= timeline.ends:
            x = _x(timeline, on + timedelta(days=1))
            yield (
                f'<path class="deadline" d="M{x} {middle - 8} l8 8 l-8 8 l-8 -8 z">'
                f"<title>{escape(f'by {day_words(on)}: {row.title}')}</title></path>"
            )
    yield from _strip(timeline, row.ticks, top)
    yield "</g>"


def _label(row: TimelineRow, top: int) -> Iterator[str]:
    lines = wrap(row.title, _TITLE_CHARS, max_lines=_TITLE_LINES, placeholder=" …") or [""]
    y = top + 16
    yield f'<text class="step" x="0" y="{y}"><title>{escape(row.title)}</title>'
    for number, line in enumerate(lines):
        yield f'<tspan x="0" dy="{15 if number else 0}">{escape(line)}</tspan>'
    yield "</text>"
    words = wrap(row.words + (" · our reading" if row.ours else ""), 52, max_lines=1, placeholder=" …")
    yield f'<text class="when" x="0" y="{y + 15 * len(lines)}">{escape(words[0] if words else "")}</text>'


def _bar(timeline: Timeline, bar: Bar, top: int) -> str:
    left, right = _x(timeline, bar.span.first), _x(timeline, bar.span.last + timedelta(days=1))
    thin = bar.look == "work"
    y, height = (top + _BAR + 3, 4) if thin else (top + _BAR - 2, 14)
    width = max(right - left, 2 if thin else 6)
    exact = bar.span.precision in (Precision.DAY, Precision.RANGE)
    fill = "" if bar.look != "open" else f' fill="url(#{escape(timeline.name)}-hatch)"'
    return (
        f'<rect class="bar {bar.look}{"" if exact else " vague"}" x="{left}" y="{y}" width="{width:.1f}" height="{height}"'
        f' rx="2"{fill}><title>{escape(bar.words)}</title></rect>'
    )


def _strip(timeline: Timeline, ticks: Sequence[Tick], top: int) -> Iterator[str]:
    """The letters of a row: a day's states stand on one another, each as high as there are letters."""
    base = top + _STRIP
    shown = sorted(ticks, key=lambda tick: (tick.day, _rank(tick.state)))
    for on, of_day in groupby(shown, key=lambda tick: tick.day):
        if not timeline.begins <= on <= timeline.ends:
            continue
        x, y = _x(timeline, on), float(base)
        for tick in of_day:
            height = round(6 + 2.8 * log2(tick.number), 1)
            y = round(y - height, 1)
            words = f"{day_words(on, weekday=True)}: {tick.number} {tick.state.replace('_', ' ')}"
            yield (
                f'<rect class="tick {escape(tick.state)}" x="{x}" y="{y}" width="2.6" height="{height}">'
                f"<title>{escape(words)}</title></rect>"
            )
            if tick.state in ("awaiting_approval", "failed", "missed"):
                yield f'<circle class="tick {escape(tick.state)}" cx="{x + 1.3:.1f}" cy="{y - 3.5:.1f}" r="2.4"/>'
                y -= 6


def _rank(state: str) -> int:
    return _ORDER.index(state) if state in _ORDER else len(_ORDER)
