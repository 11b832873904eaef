"""The note's year, event by event: after each, the outbox is what a plan made anew would make it (G7, G8)."""

from __future__ import annotations

from pathlib import Path

from engine.app.root import App
from engine.clock import SystemClock
from engine.definition.scenario_events import AnyEvent
from engine.dispatcher.replan import replan
from engine.planning.changes import Action
from engine.settings import Configuration, Settings
from engine.simulation.opening import Bounds, open_simulation
from engine.simulation.runner import Nobody, Outcome, Simulation
from tests.support import WORKFLOWS


class _Enough(Exception):
    """Rolls back what a look has done."""


class _Anew(Nobody):
    """Plans everything again after each event, and takes that back."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.looks = 0

    def happened(self, event: AnyEvent, outcome: Outcome) -> None:
        app, now = self.simulation.app, self.simulation.clock.now()
        try:
            with app.standings.deciding() as tx:
                standing = app.standings.get(tx, self.simulation.workflow.name, now)
                changed = replan(tx, standing, None, now, actor="test", cause="a look")
                assert changed.keys() <= {Action.MISS}, (event, changed)
                raise _Enough
        except _Enough:
            self.looks += 1


def test_what_an_event_leaves_to_be_planned_again_is_nothing(tmp_path: Path) -> None:
    """A fact touches some parties and some steps: of all others the plan says what it said before."""
    with App(Configuration(Settings(home=tmp_path), {}), SystemClock(), durable=False) as app:
        simulation = open_simulation(app, "ccm-nim-2018", WORKFLOWS / "ccm" / "scenario-2018.yaml", Bounds())
        look = _Anew(simulation)
        simulation.run(look)
        simulation.app.close()
    assert look.looks >= 80
