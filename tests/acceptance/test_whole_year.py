"""The note's year, event by event: after each, the outbox is what a plan made anew would make it (G7, G8)."""

from __future__ import annotations

from pathlib import Path

from engine.app.root import App
from engine.clock import SystemClock
from engine.definition.scenario.events import AnyEvent
from engine.dispatcher.replan import replan
from engine.letter import Recorded
from engine.lifecycle import State
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


def test_the_year_of_the_note(tmp_path: Path) -> None:
    """A fact touches some parties and some steps: of all others the plan says what it said before. And the year ends with
    the letters that its exceptions ask for."""
    with App(Configuration(Settings(home=tmp_path), {}), SystemClock(), durable=False) as app:
        simulation = open_simulation(app, "ccm-nim-2018", WORKFLOWS / "ccm" / "scenario-2018.yaml", Bounds())
        look = _Anew(simulation)
        simulation.run(look)
        with simulation.app.store.read() as tx:
            rows = [row for row in tx.recorded("ccm-nim-2018") if row.step == "ny_follow_up" and row.party]
        simulation.app.close()
    assert look.looks >= 80
    _check_exceptions(rows)


def _check_exceptions(rows: list[Recorded]) -> None:
    """Of those followed up after New York: one left alone for a while, one opened again, one exempt, one written to at its
    capital, one with an extension after the last reminder. What is done otherwise for a State is done to it alone."""
    sent = sorted(
        (row for row in rows if row.state == State.SENT and row.sent_at), key=lambda row: row.sent_at or row.due_at
    )

    def left(party: str, round_: int = 1) -> list[tuple[str, str, str]]:
        mine = [row for row in sent if row.party == party and row.round == round_ and row.slot != "escalation"]
        return [(row.addressee, row.slot, f"{row.sent_at:%Y-%m-%d}") for row in mine]

    quiet = [on for _, _, on in left("LS") if "2017-11-10" < on < "2018-01-15"]
    assert quiet == []
    assert len(left("LS")) > 3
    assert [slot for _, slot, _ in left("UY")] == ["at-once", "thanks"]
    assert [slot for _, slot, _ in left("UY", 2)][-1] == "thanks"
    assert [on for _, _, on in left("AG") if on > "2018-04-06"] == []
    assert "thanks" not in {slot for _, slot, _ in left("AG")}
    assert {who for who, _, on in left("TT") if on < "2018-01-24"} == {"tt_mission"}
    assert {who for who, _, on in left("TT") if on > "2018-01-24"} == {"tt_capital"}
    assert [(slot, on) for _, slot, on in left("MR", 2)] == [
        ("before-2w", "2018-05-11"), ("on-day", "2018-05-25"), ("after-2w", "2018-06-08"),
    ]  # fmt: skip
    assert all(
        "25 mai 2018" in row.subject for row in sent if (row.party, row.round) == ("MR", 2) and row.slot != "escalation"
    )
    assert {row.party for row in sent if row.round > 1} == {"UY", "MR"}
