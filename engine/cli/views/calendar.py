"""`plan --calendar`: months as they hang on a wall, with letters, events and deadlines under their days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain, zip_longest

from engine.app.plans.plan import PlanView, plan
from engine.app.root import App
from engine.cli.output import Span, say, say_rows, say_wrapped, width
from engine.cli.views.months import month_of
from engine.cli.views.plan import show_end, show_origin
from engine.definition.dates import add_months, local_date
from engine.definition.words import MONTHS, WEEKDAYS, counted, month_words
from engine.lifecycle import State
from engine.planning.planner import Planner
from engine.rendering.agenda import PLAN, Agenda
from engine.rendering.calendar import CalendarItem

LETTER, EVENT, DEADLINE = "✉", "●", "◆"
_CELL, _GAP = 5, 4
_MONTH = 7 * _CELL
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Wall:
    """What hangs on the wall: letters by the day on which they leave, and what is on a day or in a month."""

    last: date
    today: date
    letters: Counter[date] = field(default_factory=Counter)
    vague: Counter[tuple[date, str]] = field(default_factory=Counter)
    """Letters whose day is not known, by month and in what words."""
    items: list[CalendarItem] = field(default_factory=list)
    off: dict[date, str] = field(default_factory=dict)

    def months(self) -> list[date]:
        """The first day of each month with anything in it."""
        found = {on.replace(day=1) for on in self.letters} | {month for month, _ in self.vague}
        for item in self.items:
            month = max(item.start, self.today).replace(day=1)
            while month < item.end and month <= self.last:
                found.add(month)
                month = add_months(month, 1)
        return sorted(found)

    def mark(self, on: date) -> str:
        """The sign beside a day: an event before a deadline."""
        signs = {_sign(item) for item in self.items if item.start <= on < item.end and _is_firm(item)}
        return EVENT if EVENT in signs else DEADLINE if DEADLINE in signs else " "


def show_calendar(app: App, workflow: str, at: str | None, *, as_json: bool) -> None:
    """Print a WORKFLOW's months."""
    view = plan(app, workflow, at)
    wall = wall_of(view)
    if as_json:
        say_rows(_rows(wall))
        return
    show_origin(app, workflow, view, at)
    if wall.letters or wall.vague or wall.items:
        months = wall.months()
        beside = 2 if width() >= 2 * _MONTH + _GAP else 1
        for place in range(0, len(months), beside):
            say()
            _show_months(wall, months[place : place + beside])
        say()
        say_wrapped(
            f"{LETTER} letters that leave, {EVENT} event, {DEADLINE} deadline or review. Months without any are left out."
        )
    else:
        say()
    show_end(workflow, view)


def wall_of(view: PlanView) -> Wall:
    """The months of a plan from the one it is seen from to the last with anything in it."""
    planner = view.planner
    today = local_date(view.at, planner.workflow.timezone)
    wall = Wall(today, today)
    for letter in view.letters:
        if letter.due_at is not None:
            wall.letters[local_date(letter.due_at, letter.zone)] += 1
        elif letter.state != State.WAITING and (month := month_of(letter, None)) < date.max:
            wall.vague[month, letter.about] += 1
    until = today + planner.workflow.horizon * _DAY
    wall.items = [item for item in _items(planner) if item.end > today and item.start <= until]
    last_days = (
        *wall.letters, *(month for month, _ in wall.vague), *(min(item.end - _DAY, until) for item in wall.items)
    )  # fmt: skip
    wall.last = max(last_days, default=today)
    calendar, on = planner.world.resolver.calendar, today.replace(day=1)
    while on < add_months(wall.last.replace(day=1), 1):
        if why := calendar.day_off(on):
            wall.off[on] = why
        on += _DAY
    return wall


def _items(planner: Planner) -> list[CalendarItem]:
    found = [item for item in Agenda(planner, "").items() if PLAN in item.feeds and item.status != "CANCELLED"]
    return sorted(found, key=lambda item: (item.start, item.summary))


def _sign(item: CalendarItem) -> str:
    return DEADLINE if {"Deadline", "Review"} & set(item.categories) else EVENT


def _is_firm(item: CalendarItem) -> bool:
    return item.status != "TENTATIVE"


def _show_months(wall: Wall, months: Sequence[date]) -> None:
    blocks = [list(_grid(wall, month)) for month in months]
    blank: list[Span] = [" " * _MONTH]
    for lines in zip_longest(*blocks, fillvalue=blank):
        say(*chain.from_iterable([*line, " " * _GAP] for line in lines))
    for month in months:
        for when, words in _notes(wall, month):
            say_wrapped(words, first=f"  {when:<10}")


def _grid(wall: Wall, month: date) -> Iterator[list[Span]]:
    """A month's lines, each as wide as a month: its name, the weekdays, then two lines for each week."""
    yield [(f"{month_words(month):<{_MONTH}}", "bold")]
    yield [("".join(f"{name[:2]:>{_CELL - 1}} " for name in WEEKDAYS), "dim")]
    monday, until = month - month.weekday() * _DAY, add_months(month, 1)
    while monday < until:
        week = [on if month <= on < until else None for on in (monday + at * _DAY for at in range(7))]
        yield [_day(wall, on) for on in week]
        if any(on and wall.letters[on] for on in week):
            yield [_letters(wall, on) for on in week]
        monday += 7 * _DAY


def _day(wall: Wall, on: date | None) -> Span:
    if on is None:
        return " " * _CELL
    mark = wall.mark(on)
    style = "bold" if mark != " " else "dim" if on in wall.off or on < wall.today else ""
    return f"{on.day:>{_CELL - 1}}{mark}", style


def _letters(wall: Wall, on: date | None) -> Span:
    number = wall.letters[on] if on else 0
    return (f"{number:>{_CELL - 1}}{LETTER}", "cyan") if number else " " * _CELL


def _notes(wall: Wall, month: date) -> Iterator[tuple[str, str]]:
    """What is said below a month: its holidays, events and deadlines, then what has no day yet."""
    until = add_months(month, 1)
    dated: list[tuple[date, str, str]] = []
    vague: list[tuple[str, str]] = []
    for item in wall.items:
        if not (item.start < until and item.end > month):
            continue
        if _is_firm(item):
            first, last = max(item.start, month), min(item.end, until) - _DAY
            days = f"{first.day}" if first == last else f"{first.day}–{last.day}"
            dated.append((first, days, f"{_sign(item)} {item.summary}"))
        elif item.end <= until:
            vague.append((f"~ {_short(month)}", f"{_sign(item)} {item.summary}: the day is not fixed"))
    for on, why in wall.off.items():
        if max(month, wall.today) <= on < until and on.weekday() < 5:
            dated.append((on, f"{on.day}", why))
    for _, days, words in sorted(dated):
        yield f"{days} {_short(month)}", words
    yield from vague
    for (when, about), number in sorted(wall.vague.items()):
        if when == month:
            yield f"~ {_short(month)}", f"{counted(number, 'letter')} {about}"


def _short(month: date) -> str:
    return MONTHS[month.month - 1][:3]


def _rows(wall: Wall) -> Iterator[dict[str, object]]:
    """The calendar as JSON: an object for each day from today on."""
    on = wall.today
    while on <= wall.last:
        today = [item for item in wall.items if item.start <= on < item.end and _is_firm(item)]
        yield {
            "day": on.isoformat(),
            "letters": wall.letters[on],
            "day_off": wall.off.get(on),
            "events": [item.summary for item in today if _sign(item) == EVENT],
            "deadlines": [item.summary for item in today if _sign(item) == DEADLINE],
        }
        on += _DAY
