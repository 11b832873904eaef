"""Whether the plan will be met, from how often parties have answered so far (docs/forecast.md). It decides nothing.

Pure: the same plan, facts, history, day, seed and number of runs give the same forecast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from engine.definition.dates import DateExpr, add_months, local_date, month_end
from engine.definition.words import day_words
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.forecast.aims import Aimed, AimPart, aims_of
from engine.planning.forecast.past import Inquiry, Mailing, Question, cells
from engine.planning.forecast.rates import Array, Cell, Seen, draw_rates
from engine.planning.forecast.runs import Aim, Came, Goal, Pending, band, play
from engine.planning.planner import Planner

RUNS, SEED = 10_000, 1
_HELPERS = 3
_NOISE = 0.015
"""Shares of runs that are nearer to each other than this are taken as one."""
_TENTATIVE = frozenset({State.TENTATIVE})


@dataclass(frozen=True, slots=True)
class Expected:
    """A count on a day: the middle of the runs, and a band that `share` of them are within."""

    on: date
    low: int
    likely: int
    high: int
    share: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure: what it has of what it wants (None: no threshold), who may still count, and how it may go on."""

    words: str
    have: int
    want: int | None
    open: tuple[str, ...]
    ahead: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class Helper:
    """A party whose answer would help: how often it answers in time by itself, and how often the aim is then met."""

    party: str
    answers: float
    met_with_it: float
    next_letter: tuple[str, date] | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """An objective, target or follow-up. `chance` is None where nothing is left to be seen, or there is no threshold.

    `helpers` are the parties whose answer helps most, the likeliest first, and `alike` how many are as good as the
    first. `answers` is how many were seen so far, which all of it rests on. `letters` are those still to come to parties
    that may count; `undated` those whose day is not known, which are left out.
    """

    kind: str
    name: str
    title: str
    by: date
    by_words: str
    met: bool | None
    chance: float | None
    measures: tuple[Measured, ...]
    helpers: tuple[Helper, ...]
    alike: int
    answers: int
    letters: int
    undated: int


@dataclass(frozen=True, slots=True)
class Rate:
    """What was seen in a cell, and the share of its parties that answer within 30 days (the middle and an 80 % band)."""

    question: str
    cell: Cell
    seen: Seen
    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Every outlook, and the rates they rest on."""

    as_of: date
    runs: int
    seed: int
    outlooks: tuple[Outlook, ...]
    rates: tuple[Rate, ...]


def forecast(
    planner: Planner, letters: Sequence[Letter], today: date, *, runs: int = RUNS, seed: int = SEED
) -> Forecast:
    """The forecast as of the end of a day, with the plan's letters that are still to come."""
    aims = aims_of(planner.world, today)
    played = [aim for aim in aims if aim.open]
    outlooks = _Outlooks(planner, letters, today, played)
    chance = np.random.default_rng(seed)
    rates = [asked.draw(runs, chance) for asked in outlooks.asked.values()]
    ahead = [Pending(asked.paths, drawn) for asked, drawn in zip(outlooks.asked.values(), rates, strict=True)]
    came = dict(zip(map(id, played), play(ahead, [outlooks.aim(aim) for aim in played], runs, chance), strict=True))
    told = tuple(outlooks.of(aim, came.get(id(aim))) for aim in aims)
    return Forecast(today, runs, seed, told, tuple(outlooks.rates(rates)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that open aims ask: the letters to come of each party, dated and not, what was seen, what lies ahead.

    `place` is its number among the questions.
    """

    place: int
    question: Question
    dated: Mapping[str, list[Mailing]]
    undated: Mapping[str, int]
    seen: Mapping[Cell, Seen]
    paths: Mapping[str, list[tuple[Cell, int]]]

    def draw(self, runs: int, chance: np.random.Generator) -> Mapping[Cell, Array]:
        """The daily rates, for the cells that lie ahead or were seen."""
        wanted = dict.fromkeys([*sorted(self.seen), *(cell for path in self.paths.values() for cell, _ in path)])
        return draw_rates(self.seen, list(wanted), runs, chance)


def _look(
    planner: Planner, letters: Sequence[Letter], today: date, place: int, parts: Sequence[tuple[AimPart, date]]
) -> _Asked:
    """What some measures of one question, each with its day, need to know."""
    question, zone = parts[0][0].question, planner.workflow.timezone
    past, last, tomorrow = Inquiry(planner, question, today), max(by for _, by in parts), today + timedelta(days=1)
    dated = {
        party: sorted((local_date(letter.due_at, zone), letter.step) for letter in found if letter.due_at)
        for party, found in past.to_come(letters).items()
    }
    undated = {party: len(found) for party, found in past.to_come(letters, _TENTATIVE).items()}
    seen = past.seen(dict.fromkeys(party for part, _ in parts for party in part.members))
    paths = {
        party: cells([*past.sent(party), *dated.get(party, ())], past.region(party), tomorrow, last)
        for party in dict.fromkeys(party for part, _ in parts for party in part.open)
    }
    return _Asked(place, question, dated, undated, seen, paths)


class _Outlooks:
    """The outlook of each aim, from the questions that the open ones ask."""

    def __init__(self, planner: Planner, letters: Sequence[Letter], today: date, aims: Sequence[Aimed]) -> None:
        self.planner, self.today = planner, today
        parts: dict[tuple[str, str], list[tuple[AimPart, date]]] = {}
        for aim in aims:
            for part in aim.parts:
                parts.setdefault(part.question.key, []).append((part, aim.by))
        self.asked = {
            key: _look(planner, letters, today, place, found) for place, (key, found) in enumerate(parts.items())
        }

    def aim(self, aim: Aimed) -> Aim:
        """What the runs have to tell of an aim."""
        goals = [
            Goal(self._of(part).place, part.have, part.want if part.want and not part.met else 0, part.open)
            for part in aim.parts
        ]
        return Aim(goals, [(on - self.today).days for on in self._days(aim)])

    def _of(self, part: AimPart) -> _Asked:
        return self.asked[part.question.key]

    def _days(self, aim: Aimed) -> list[date]:
        return [*_month_ends(self.today, aim.by), aim.by]

    def of(self, aim: Aimed, came: Came | None) -> Outlook:
        """An aim with what came of it."""
        measures = tuple(
            Measured(part.words, part.have, part.want, part.open, tuple(self._expected(aim, came, row)))
            for row, part in enumerate(aim.parts)
        )
        waited = {(part.question.key, party) for part in aim.parts for party in part.open} if came else set()
        until = [(self.asked[key], party) for key, party in sorted(waited)]
        letters = sum(on <= aim.by for asked, party in until for on, _ in asked.dated.get(party, ()))
        undated = sum(asked.undated.get(party, 0) for asked, party in until)
        reckoned = came if came and any(part.want is not None for part in aim.parts) else None
        helpers, alike = self._helpers(aim, reckoned) if reckoned else ((), 0)
        asked_of = {part.question.key: self._of(part) for part in aim.parts} if came else {}
        answers = sum(seen.answers for asked in asked_of.values() for seen in asked.seen.values())
        return Outlook(
            aim.kind, aim.name, aim.title, aim.by, by_words(self.planner, aim.by_expr, aim.by), aim.met,
            reckoned.met if reckoned else None, measures, helpers, alike, answers, letters, undated,
        )  # fmt: skip

    def _expected(self, aim: Aimed, came: Came | None, row: int) -> Iterator[Expected]:
        for on, counts in zip(self._days(aim), came.counts[row] if came else (), strict=False):
            low, high, share = band(counts)
            yield Expected(on, low, int(np.median(counts)), high, share)

    def _helpers(self, aim: Aimed, came: Came) -> tuple[tuple[Helper, ...], int]:
        """The parties whose answer helps most, the likeliest to give it first; and how many are as good as the first."""
        most = max(came.with_it.values(), default=0.0)
        if most - came.met < _NOISE:
            return (), 0
        best = [party for party, met in came.with_it.items() if met >= most - _NOISE]
        ordered = sorted(best, key=lambda each: (-came.answered[each], each))
        alike = sum(came.answered[party] > 0.9 * came.answered[ordered[0]] for party in ordered)
        return tuple(self._helper(aim, came, party) for party in ordered[: min(alike, _HELPERS)]), alike

    def _helper(self, aim: Aimed, came: Came, party: str) -> Helper:
        dates = [found for part in aim.parts for found in self._of(part).dated.get(party, ())]
        letter = min(((step, on) for on, step in dates), key=lambda each: each[1], default=None)
        return Helper(party, came.answered[party], came.with_it[party], letter)

    def rates(self, rates: Sequence[Mapping[Cell, Array]]) -> Iterator[Rate]:
        """What was seen of each question, cell by cell, and what it says."""
        for asked, drawn in zip(self.asked.values(), rates, strict=True):
            for cell, found in asked.seen.items():
                low, likely, high = np.quantile(1 - (1 - drawn[cell]) ** 30, [0.1, 0.5, 0.9])
                yield Rate(asked.question.what.text, cell, found, float(low), float(likely), float(high))


def _month_ends(today: date, by: date) -> Iterator[date]:
    on = month_end(today)
    while on < by:
        if on > today:
            yield on
        on = month_end(add_months(on.replace(day=1), 1))


def by_words(planner: Planner, expr: DateExpr | None, by: date) -> str:
    """`8MSP` where the day is an anchor's, else the day itself."""
    anchor = planner.workflow.anchors.get(expr.name or "") if expr and not expr.moves else None
    return anchor.title if anchor else day_words(by)
