"""The year as a plain log, where there is no terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.app.letters.approvals import Approved
from engine.cli.output import say
from engine.definition.scenario.events import AnyEvent
from engine.definition.words import month_words
from engine.dispatcher.ticked import Ticked
from engine.simulation.runner import Outcome, Simulation
from engine.simulation.telling import LogLine, Teller


class PlainLog:
    """Prints a line for whatever happens, under the month."""

    def __init__(self, simulation: Simulation) -> None:
        self.teller = Teller(simulation.opened.loaded.plannable)
        self._month = ""

    def moved(self, now: datetime) -> None:
        """A new month gets a heading."""
        month = month_words(now.astimezone(self.teller.zone).date())
        if month != self._month:
            self._month = month
            say(f"== {month} ==")

    def happened(self, event: AnyEvent, outcome: Outcome) -> None:
        """An event of the scenario."""
        self._print(self.teller.event(event, outcome))

    def approved(self, now: datetime, approved: Approved) -> None:
        """A person's decision."""
        self._print(self.teller.approved(now, approved))

    def ticked(self, now: datetime, ticked: Ticked) -> None:
        """What left."""
        self._print(self.teller.ticked(now, ticked))

    def ended(self) -> None:
        """Nothing is left open."""

    def _print(self, lines: Iterable[LogLine]) -> None:
        for line in lines:
            say(f"{self.teller.day(line.at)}  {line.text}")
