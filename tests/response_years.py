"""Synthetic years: parties that answer at known rates, so that a forecast made along the way can be held to the outcome.

The rates are made in another way than the forecast thinks of them: a level, times what each letter, each region and each
of their pairs does, all drawn anew for each year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np

from engine.definition.building.roster import roster_facts
from engine.definition.dates import local_date
from engine.definition.facts import FactBook
from engine.definition.workflow import Plannable
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.forecast.forecast import Forecast, forecast
from engine.planning.planner import Planner
from engine.planning.world import lineage
from engine.planning.world.history import History, Past
from tests.support import ZURICH, fact, load_text, moment

REGIONS = ("North", "South", "West")
START, END = date(2018, 1, 8), date(2018, 12, 28)
_PLAN = """\
workflow: synthetic
title: A year of answers
timezone: Europe/Zurich
working_days: {country: CH, subdivision: GE}
send_at: 09:00
starts: 2018-01-08
ends: 2018-12-28
owner: desk
anchors: {end: {on: 2018-12-28, title: The end}}
parties: parties.csv
contacts: contacts.csv
address: {to: [mission]}
attributes: {region: {type: choice, of: [North, South, West]}}
facts: {report: {type: date}}
roles: {desk: {title: Desk, email: desk@example.org}}
objectives:
  most: {title: Most report, count: report, at_least: 32, by: end}
steps:
  ask:
    follow_up: Reports
    by: end
    until: report
    send: [at once, every 6 weeks until on the day]
    letter: nudge
    approval: none
"""


@dataclass(frozen=True)
class Rates:
    """How a year's parties answer: the chance a day by letters had and region; from `turn` on, `after` times it."""

    daily: Mapping[tuple[int, str], float]
    after: float = 1.0
    turn: date = END

    def on(self, day: date, letters: int, region: str) -> float:
        """The chance that a party answers on a day."""
        return self.daily[min(letters, 3), region] * (self.after if day > self.turn else 1.0)


def rates_of(chance: np.random.Generator, level: float = 0.003) -> Rates:
    """The rates of one year."""
    level *= chance.lognormal(0.0, 0.4)
    letters = {had: factor * chance.lognormal(0.0, 0.25) for had, factor in ((0, 0.4), (1, 1.0), (2, 1.2), (3, 0.9))}
    regions = {region: chance.lognormal(0.0, 0.3) for region in REGIONS}
    return Rates({
        (had, region): min(0.3, level * letters[had] * regions[region] * chance.lognormal(0.0, 0.15))
        for had in letters for region in REGIONS
    })  # fmt: skip


class SyntheticPlan:
    """A plan of so many parties, and what its planner would send to one that never answers."""

    def __init__(self, parties: int = 60) -> None:
        ids = [f"P{number:02}" for number in range(parties)]
        regions = [REGIONS[number % len(REGIONS)] for number in range(parties)]
        roster = "id,name,region\n" + "".join(f"{i},{i},{r}\n" for i, r in zip(ids, regions, strict=True))
        contacts = "id,party,post,name,address\n" + "".join(
            f"{i.lower()},{i},mission,{i},{i.lower()}@mission.example\n" for i in ids
        )
        self.plannable: Plannable = load_text(_PLAN, {"parties.csv": roster, "contacts.csv": contacts})
        self.regions = dict(zip(ids, regions, strict=True))
        self.start = moment(START.isoformat())

    @cached_property
    def letters(self) -> Mapping[str, Sequence[Letter]]:
        """The letters of each party that never answers."""
        found: dict[str, list[Letter]] = {party: [] for party in self.regions}
        for letter in self.planner(self.start, {}).plan().letters:
            if letter.party and letter.state == State.SCHEDULED:
                found[letter.party].append(letter)
        return found

    def planner(self, now: datetime, answers: Mapping[str, date]) -> Planner:
        """The planner at an instant, with what was answered and sent by then."""
        known = {party: on for party, on in answers.items() if on <= local_date(now, ZURICH)}
        facts = [replace(fact("report", on.isoformat(), party=party), id=0) for party, on in known.items()]
        history = History()
        if answers or now > self.start:
            for party, letters in self.letters.items():
                for letter in letters:
                    on = _day(letter)
                    if letter.due_at is not None and letter.due_at < now and on <= known.get(party, on):
                        history.put(_left(letter, letter.due_at, self.start))
        book = FactBook([*roster_facts(self.plannable), *facts])
        return Planner(self.plannable, book, lineage.begin(self.plannable, self.start), history, now=now)

    def year(self, rates: Rates, chance: np.random.Generator) -> dict[str, date]:
        """On which day each party answers; a party that does not is left out."""
        days = [START + timedelta(days=number) for number in range((END - START).days + 1)]
        luck = chance.random((len(self.regions), len(days)))
        answers: dict[str, date] = {}
        for (party, region), lucky in zip(self.regions.items(), luck, strict=True):
            sent = [_day(letter) for letter in self.letters[party]]
            for day, draw in zip(days, lucky, strict=True):
                if draw < rates.on(day, sum(on <= day for on in sent), region):
                    answers[party] = day
                    break
        return answers

    def forecast(self, answers: Mapping[str, date], today: date, *, runs: int = 1000, seed: int = 1) -> Forecast:
        """The forecast at the end of a day of the year."""
        now = moment((today + timedelta(days=1)).isoformat()) - timedelta(seconds=1)
        planner = self.planner(now, answers)
        letters = [letter for letter in planner.plan().letters if letter.due_at is None or letter.due_at >= now]
        return forecast(planner, letters, today, runs=runs, seed=seed)


def _day(letter: Letter) -> date:
    assert letter.due_at is not None
    return local_date(letter.due_at, ZURICH)


def _left(letter: Letter, at: datetime, since: datetime) -> Past:
    return Past(
        letter.key, letter.step, letter.cycle, letter.party, letter.round, letter.addressee, letter.slot,
        State.SENT.value, at, since, at,
    )  # fmt: skip
