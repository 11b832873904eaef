"""A forecast keeps its word: of its 80 % bands about 80 % hold, on synthetic years whose rates are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from engine.planning.forecast.rates import Array, Cell, Seen, draw_rates
from tests.response_years import Rates, SyntheticPlan, rates_of

SPRING, SUMMER = date(2018, 4, 30), date(2018, 7, 31)
LEVELS = (0.001, 0.003, 0.006)
"""Years of few, some and many answers take turns."""

pytestmark = pytest.mark.slow


@cache
def plan() -> SyntheticPlan:
    return SyntheticPlan()


def held(years: int, days: Sequence[date], change: Callable[[Rates], Rates] = lambda rates: rates) -> float:
    """The share of the bands that the outcome lies within."""
    found = []
    for number in range(years):
        chance = np.random.default_rng([7, number])
        answers = plan().year(change(rates_of(chance, LEVELS[number % 3])), chance)
        for day in days:
            outlooks = plan().forecast(answers, day, seed=number).outlooks
            measured = next(outlook for outlook in outlooks if outlook.kind == "follow_up").measures[0]
            if measured.ahead:  # all may have answered
                found.append(measured.ahead[-1].low <= len(answers) <= measured.ahead[-1].high)
    return sum(found) / len(found)


def test_of_80_percent_bands_75_to_85_percent_hold() -> None:
    assert 0.75 <= held(240, [SPRING, SUMMER]) <= 0.85


def test_chances_are_neither_too_bold_nor_too_shy() -> None:
    """Of the years to which it gave a chance of being met, about that share were."""
    given, came = [], []
    for number in range(100):
        chance = np.random.default_rng([11, number])
        answers = plan().year(rates_of(chance), chance)
        outlook = next(each for each in plan().forecast(answers, SPRING).outlooks if each.kind == "objective")
        given.append(1.0 if outlook.met else outlook.chance or 0.0)
        want = outlook.measures[0].want
        assert want is not None
        came.append(len(answers) >= want)
    assert abs(sum(given) - sum(came)) / len(given) < 0.1
    bold = [met for chance_given, met in zip(given, came, strict=True) if chance_given > 0.8]
    shy = [met for chance_given, met in zip(given, came, strict=True) if chance_given < 0.2]
    assert sum(bold) / len(bold) > 0.8
    assert sum(shy) / len(shy) < 0.25


@pytest.mark.parametrize("after", [0.35, 2.5])
def test_years_that_go_on_otherwise_are_found_out(after: float) -> None:
    """The measure bites: where parties change their ways after the day of the forecast, its bands do not hold."""
    assert held(60, [SPRING], lambda rates: replace(rates, after=after, turn=SPRING)) < 0.6


def test_a_forecast_that_takes_its_rates_for_certain_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measure bites: how little is known of the rates is what makes the bands wide enough."""

    def certain(
        seen: Mapping[Cell, Seen], wanted: Sequence[Cell], runs: int, chance: np.random.Generator
    ) -> Mapping[Cell, Array]:
        return {cell: np.full(runs, rate.mean()) for cell, rate in draw_rates(seen, wanted, runs, chance).items()}

    monkeypatch.setattr("engine.planning.forecast.forecast.draw_rates", certain)
    assert held(60, [SPRING]) < 0.7
