"""How often those who have not answered do so: partial pooling of what was seen, by Beta–binomial (docs/forecast.md).

A trial is one party on one day. Each cell (step, number of letters, region) has a daily rate, drawn around the rate of
its group (step, number of letters), which is drawn around one rate for the question. How far cells lie apart is learnt
too. All but the cells is a grid, so that nothing is approximated further and nothing has to converge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import lgamma
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_DAILY = np.geomspace(1e-5, 0.3, 72)
"""The rates a day that are considered: from one answer in 270 years to one in three days."""
_WORTH = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
"""How many answers the rate of the group counts for in each of its cells: few, and cells may lie far apart."""
_BEFORE = (0.5, 200.0)
"""The Beta distribution of the question's rate before anything is seen: a third answer within a year, give or take."""


class Cell(NamedTuple):
    """Parties alike: the step of their latest letter (none yet: empty), how many of it they had, their region."""

    step: str
    letters: int
    region: str


class Seen(NamedTuple):
    """Days on which a party of a cell could have answered, and on how many of them one did."""

    days: int
    answers: int


def draw_rates(
    seen: Mapping[Cell, Seen], wanted: Sequence[Cell], runs: int, chance: np.random.Generator
) -> Mapping[Cell, Array]:
    """Daily rates of the cells wanted, one for each run: which they may be, given all that was seen."""
    groups: dict[tuple[str, int], list[Cell]] = {}
    for cell in dict.fromkeys([*sorted(seen), *wanted]):
        groups.setdefault(cell[:2], []).append(cell)
    within: dict[tuple[str, int], Array] = {}
    for group, cells in groups.items():
        fit = sum((_fit(seen[cell]) for cell in cells if cell in seen), np.zeros((_WORTH.size, _DAILY.size)))
        within[group] = _around() + fit[:, None, :]
    overall = sum((_log_sum(each) for each in within.values()), _question())
    place = _pick(np.broadcast_to(overall.ravel(), (1, overall.size)), np.zeros(runs, dtype=np.intp), chance)
    worth = _WORTH[place // _DAILY.size]
    drawn: dict[Cell, Array] = {}
    for group, cells in groups.items():
        rate = _DAILY[_pick(within[group].reshape(overall.size, _DAILY.size), place, chance)]
        for cell in cells:
            if cell in wanted:
                days, answers = seen.get(cell, Seen(0, 0))
                drawn[cell] = chance.beta(worth + answers, worth * (1 - rate) / rate + days - answers)
    return drawn


def _fit(seen: Seen) -> Array:
    """The logarithm of how well each (worth, rate of the group) agrees with what a cell has seen."""
    a, b = _beta(_DAILY)
    return _log_beta(a + seen.answers, b + seen.days - seen.answers) - _unseen()


@cache
def _unseen() -> Array:
    return _log_beta(*_beta(_DAILY))


@cache
def _around() -> Array:
    """The logarithm of how likely each (worth, rate of the question, rate of a group) is."""
    a, b = _beta(_DAILY)
    log = a[..., None] * np.log(_DAILY) + (b[..., None] - 1) * np.log1p(-_DAILY)
    return log - _log_sum(log)[..., None]


@cache
def _question() -> Array:
    """The logarithm of how likely each rate of the question is before anything is seen; any worth is as likely."""
    a, b = _BEFORE
    return a * np.log(_DAILY) + (b - 1) * np.log1p(-_DAILY) + np.zeros((_WORTH.size, 1))


def _beta(rate: Array) -> tuple[Array, Array]:
    """The two numbers of a Beta distribution, for each worth and each rate in its middle."""
    worth = _WORTH[:, None]
    return worth, worth * (1 - rate) / rate


def _log_beta(a: Array, b: Array) -> Array:
    return _log_gamma(a) + _log_gamma(b) - _log_gamma(a + b)


def _log_gamma(values: Array) -> Array:
    return np.array([lgamma(value) for value in values.ravel()]).reshape(values.shape)


def _log_sum(log: Array) -> Array:
    most = log.max(axis=-1, keepdims=True)
    found: Array = np.log(np.exp(log - most).sum(axis=-1)) + most[..., 0]
    return found


def _pick(log: Array, row: NDArray[np.intp], chance: np.random.Generator) -> NDArray[np.intp]:
    """For each run a column of its row, as likely as the logarithms say."""
    weight = np.exp(log - log.max(axis=-1, keepdims=True)).cumsum(axis=-1)
    aim = chance.random(row.size) * weight[row, -1]
    found = np.empty(row.size, dtype=np.intp)
    for at in np.unique(row):
        runs = row == at
        found[runs] = weight[at].searchsorted(aim[runs], side="right")
    np.minimum(found, log.shape[-1] - 1, out=found)
    return found
