"""One count over time as a small picture: what it was, what it may come to, and what is wanted. Pure: values in, SVG out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from engine.definition.words import day_words

WIDTH, HEIGHT = 360, 84
Across = Callable[[date], str]
Up = Callable[[int], str]
_LEFT, _RIGHT, _TOP, _BOTTOM = 4, 30, 8, 16


@dataclass(frozen=True, slots=True)
class CountRange:
    """What a count may come to on a day: in most runs from `low` to `high`, likeliest `likely`."""

    on: date
    low: int
    likely: int
    high: int


@dataclass(frozen=True, slots=True)
class CountPicture:
    """A count since each day on which it changed (`series`), as of `today`; `ahead` up to the last day, and what is wanted."""

    series: tuple[tuple[date, int], ...]
    today: date
    have: int
    want: int
    ahead: tuple[CountRange, ...]


def draw_count(picture: CountPicture) -> str:
    """The picture as SVG; nothing where there is no time to draw."""
    series = [point for point in picture.series if point[0] <= picture.today]
    first = min([on for on, _ in series] + [picture.today])
    last = max([each.on for each in picture.ahead] + [picture.today])
    if first == last:
        return ""
    counts = [count for _, count in series] + [picture.have, picture.want] + [each.high for each in picture.ahead]
    low, high = min([count for _, count in series] + [picture.have, picture.want]), max(counts)
    low = 0 if low <= (high - low) else low
    span, rise = (last - first).days, max(high - low, 1)

    def x(on: date) -> str:
        return f"{_LEFT + (WIDTH - _LEFT - _RIGHT) * (on - first).days / span:.1f}"

    def y(count: int) -> str:
        return f"{HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * (count - low) / rise:.1f}"

    wanted, now = y(picture.want), x(picture.today)
    parts = [
        f'<svg class="count" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(_words(picture))}">',
        _band(picture, x, y),
        f'<line class="want" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{wanted}" y2="{wanted}"/>',
        f'<text class="want" x="{WIDTH - _RIGHT + 4}" y="{float(wanted) + 4:.1f}">{picture.want}</text>',
        f'<line class="now" x1="{now}" x2="{now}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"/>',
        f'<path class="was" d="{_steps(series, picture, x, y)}"/>',
        f'<text x="{_LEFT}" y="{HEIGHT - 3}">{escape(day_words(first))}</text>',
        f'<text class="end" x="{WIDTH - _RIGHT}" y="{HEIGHT - 3}">{escape(day_words(last))}</text>',
        "</svg>",
    ]
    return "".join(parts)


def _words(picture: CountPicture) -> str:
    told = f"{picture.have} on {day_words(picture.today)}, {picture.want} wanted"
    if not picture.ahead:
        return told
    last = picture.ahead[-1]
    return f"{told}; {last.low} to {last.high} expected by {day_words(last.on)}"


def _steps(series: Sequence[tuple[date, int]], picture: CountPicture, x: Across, y: Up) -> str:
    """The count as it was: level until it changes."""
    points = [*series, (picture.today, picture.have)]
    path = f"M{x(points[0][0])} {y(points[0][1])}"
    return path + "".join(f"H{x(on)}V{y(count)}" for on, count in points[1:])


def _band(picture: CountPicture, x: Across, y: Up) -> str:
    """What it may come to: a band, and in it the likeliest."""
    if not picture.ahead:
        return ""
    start = CountRange(picture.today, picture.have, picture.have, picture.have)
    ahead = [start, *picture.ahead]
    upper = " ".join(f"{x(each.on)},{y(each.high)}" for each in ahead)
    lower = " ".join(f"{x(each.on)},{y(each.low)}" for each in reversed(ahead))
    likely = " ".join(f"{x(each.on)},{y(each.likely)}" for each in ahead)
    return f'<polygon class="may" points="{upper} {lower}"/><polyline class="likely" points="{likely}"/>'
