"""Seeded runs of what is left of a plan: who answers by when, how many that makes, and how often it is enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.planning.forecast.rates import Array, Cell

_AT_ONCE = 2_000_000
"""So many answers, about, are held in memory at once."""
Bools = NDArray[np.bool_]
Path = Sequence[tuple[Cell, int]]
"""The cells that a party will be in while it does not answer, with the days in each: from tomorrow on."""
_SHARE = 0.8
"""How many of the runs a band is to hold."""


class Pending(NamedTuple):
    """Who has still to answer a question, the path of each, and the daily rates of the cells, run by run."""

    paths: Mapping[str, Path]
    rates: Mapping[Cell, Array]


class Goal(NamedTuple):
    """One measure: which question counts, what it has, what it needs, and whose answers would count."""

    question: int
    have: int
    want: int
    parties: Sequence[str]


class Aim(NamedTuple):
    """What is to be met: all of its goals, on the last of some days (counted from today)."""

    goals: Sequence[Goal]
    days: Sequence[int]


class Came(NamedTuple):
    """What came of an aim: a count for each goal, day and run; the share of the runs in which it was met.

    `answered` is how likely a party is to answer in time, `with_it` the share of the runs in which the aim was met or
    would have been with that party's answer.
    """

    counts: Sequence[NDArray[np.intp]]
    met: float
    answered: Mapping[str, float]
    with_it: Mapping[str, float]


class Band(NamedTuple):
    """Counts from `low` to `high`, both included, and the share of the runs within."""

    low: int
    high: int
    share: float


def play(questions: Sequence[Pending], aims: Sequence[Aim], runs: int, chance: np.random.Generator) -> list[Came]:
    """Play what is left so many times."""
    tables = [_Table(ahead) for ahead in questions]
    tellers = [_Teller(aim, tables, runs) for aim in aims]
    widest = max((len(table.parties) for table in tables), default=1)
    for block in _blocks(runs, max(1, _AT_ONCE // max(1, widest))):
        patience = [chance.standard_exponential((block.stop - block.start, len(table.parties))) for table in tables]
        for teller in tellers:
            teller.take(block, patience)
    return [teller.told() for teller in tellers]


def band(counts: NDArray[np.intp]) -> Band:
    """The narrowest counts that hold about 80 % of the runs: of the bands that may be, the one nearest to it.

    A count is a whole number, so that no band holds exactly 80 %; what this one holds is said with it.
    """
    low, high = int(counts.min()), int(counts.max())
    held = np.concatenate([[0], np.bincount(counts - low).cumsum()]) / counts.size
    best = Band(low, high, 1.0)
    for width in range(1, high - low + 1):
        within = held[width:] - held[:-width]
        at = int(within.argmax())
        found = Band(low + at, low + at + width - 1, float(within[at]))
        if found.share >= _SHARE - 0.05:
            # One that holds more is taken only if it is nearer.
            if abs(found.share - _SHARE) < abs(best.share - _SHARE):
                best = found
            if found.share >= _SHARE:
                break
    return best


class _Table:
    """The parties of a question, and what each has to withstand by a day. Of those with one path it is reckoned once."""

    def __init__(self, ahead: Pending) -> None:
        self.parties = {party: at for at, party in enumerate(ahead.paths)}
        paths = {party: tuple(path) for party, path in ahead.paths.items()}
        self._paths = {path: at for at, path in enumerate(dict.fromkeys(paths.values()))}
        self._path_of = np.array([self._paths[path] for path in paths.values()], dtype=np.intp)
        self._cells = {
            cell: at for at, cell in enumerate(dict.fromkeys(cell for path in self._paths for cell, _ in path))
        }
        rates = np.array([ahead.rates[cell] for cell in self._cells]).reshape(len(self._cells), -1)
        self._hazards: Array = -np.log1p(-rates.T)
        self._spent: dict[int, Array] = {}

    def answered(self, patience: Array, block: slice, day: int) -> Bools:
        """In which runs of a block a party has answered by a day."""
        found: Bools = patience <= self._hazard(block, day)[:, self._path_of]
        return found

    def likely(self, block: slice, day: int) -> Array:
        """How likely each party is to have answered by a day, summed over the runs of a block: alike if they are alike."""
        found: Array = -np.expm1(-self._hazard(block, day)).sum(axis=0)[self._path_of]
        return found

    def _hazard(self, block: slice, day: int) -> Array:
        if day not in self._spent:
            self._spent[day] = self._spend(day)
        found: Array = self._hazards[block] @ self._spent[day]
        return found

    def _spend(self, day: int) -> Array:
        """The days that a party with each path spends in each cell up to a day."""
        spent = np.zeros((len(self._cells), len(self._paths)))
        for path, at in self._paths.items():
            left = day
            for cell, days in path:
                spent[self._cells[cell], at] += min(days, left)
                left -= min(days, left)
        return spent


class _Teller:
    """Counts what comes of one aim."""

    def __init__(self, aim: Aim, tables: Sequence[_Table], runs: int) -> None:
        self.aim, self.tables, self.runs = aim, tables, runs
        self.counts = [np.zeros((len(aim.days), runs), dtype=np.intp) for _ in aim.goals]
        self.met = 0
        self.members = [[tables[goal.question].parties[party] for party in goal.parties] for goal in aim.goals]
        self.questions = sorted({goal.question for goal in aim.goals})
        self.answered = {at: np.zeros(len(tables[at].parties)) for at in self.questions}
        self.with_it = {at: np.zeros(len(tables[at].parties)) for at in self.questions}

    def take(self, block: slice, patience: Sequence[Array]) -> None:
        answered: dict[int, Bools] = {}
        for row, day in enumerate(self.aim.days):
            answered = {at: self.tables[at].answered(patience[at], block, day) for at in self.questions}
            for goal, members, counts in zip(self.aim.goals, self.members, self.counts, strict=True):
                counts[row, block] = goal.have + answered[goal.question][:, members].sum(axis=1)
        short = [goal.want - counts[-1, block] for goal, counts in zip(self.aim.goals, self.counts, strict=True)]
        self.met += int(np.all([each <= 0 for each in short], axis=0).sum())
        for at in self.questions:
            self.answered[at] += self.tables[at].likely(block, self.aim.days[-1])
            self.with_it[at] += self._enough(at, ~answered[at], short).sum(axis=0)

    def _enough(self, question: int, silent: Bools, short: Sequence[NDArray[np.intp]]) -> Bools:
        """In which runs it would be enough if one party, silent or not, had answered a question."""
        enough: Bools = np.ones_like(silent)
        for goal, members, missing in zip(self.aim.goals, self.members, short, strict=True):
            gain = np.zeros_like(silent)
            if goal.question == question:
                gain[:, members] = silent[:, members]
            enough &= missing[:, None] <= gain
        return enough

    def told(self) -> Came:
        answered, with_it = dict[str, float](), dict[str, float]()
        among = {goal.question: set[str]() for goal in self.aim.goals}
        for goal in self.aim.goals:
            among[goal.question] |= set(goal.parties)
        for at in self.questions:
            for party, column in self.tables[at].parties.items():
                if party in among[at] and party not in answered:
                    answered[party] = float(self.answered[at][column]) / self.runs
                    with_it[party] = float(self.with_it[at][column]) / self.runs
        return Came(self.counts, self.met / self.runs, answered, with_it)


def _blocks(runs: int, size: int) -> Iterator[slice]:
    for start in range(0, runs, size):
        yield slice(start, min(runs, start + size))
