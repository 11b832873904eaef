"""The command itself: what is asked for, and what is said in the end."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.options import AsJson, Workflow
from engine.cli.session import installation

if TYPE_CHECKING:
    from engine.simulation.runner import Pace, Simulation, Watcher

Scenario = Annotated[Path, typer.Option("--scenario", metavar="FILE", show_default=False, help="The year's events.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="T", help="Begin here instead: a day or an instant; events before it are left out."),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="T", help="End with this day, or at this instant, instead.")
]
Speed = Annotated[str, typer.Option("--speed", metavar="SPEED", help="max, or virtual time a second: 7d/s, 12h/s.")]
Continue = Annotated[
    Path | None, typer.Option("--continue", metavar="STORE", help="Go on in the store of an earlier run.")
]
Serve = Annotated[bool, typer.Option("--serve", help="Show the year on a page too; it stays up afterwards.")]
Port = Annotated[int | None, typer.Option("--port", metavar="N", min=0, max=65535, help="The page's port.")]
Stay = Annotated[bool, typer.Option("--stay", help="Stay up also where there is no terminal.")]

_SPEED = re.compile(r"(\d+(?:\.\d+)?)([dh])/s")


def simulate(
    workflow: Workflow,
    scenario: Scenario,
    from_: From = None,
    until: Until = None,
    speed: Speed = "max",
    continue_: Continue = None,
    serve: Serve = False,
    port: Port = None,
    stay: Stay = False,
    as_json: AsJson = False,
) -> None:
    """Replay a plan under a virtual clock, in a store of its own: nothing leaves the built-in mailbox."""
    pace = pace_of(speed)
    if (port is not None or stay) and not serve:
        raise typer.BadParameter("the page is served with --serve only", param_hint="--port")
    from engine.simulation.opening import Bounds, open_simulation

    with installation() as app:
        simulation = open_simulation(app, workflow, scenario, Bounds(from_, until), continue_)
        with simulation.app:
            if not as_json:
                _introduce(simulation)
            if not serve:
                _run(simulation, pace, as_json=as_json)
                return
            from engine.cli.simulate.serving import served, stay_up

            with served(simulation, port=port, as_json=as_json) as pages:
                _run(simulation, pace, as_json=as_json)
                stay_up(pages, stay=stay, as_json=as_json)


def _run(simulation: Simulation, pace: Pace, *, as_json: bool) -> None:
    watcher = _watcher(simulation, as_json=as_json)
    try:
        simulation.run(watcher, pace)
    finally:
        watcher.ended()
    _conclude(simulation, as_json=as_json)


def pace_of(speed: str) -> Pace:
    """`max`, `7d/s` or `12h/s` as a pace. Raises BadParameter, which is wrong usage."""
    from engine.simulation.runner import Pace

    if speed == "max":
        return Pace()
    match = _SPEED.fullmatch(speed)
    if match is None or float(match[1]) <= 0:
        raise typer.BadParameter(f"“{speed}” is no speed: max, 7d/s or 12h/s", param_hint="--speed")
    unit = timedelta(days=1) if match[2] == "d" else timedelta(hours=1)
    return Pace(float(match[1]) * unit)


def _watcher(simulation: Simulation, *, as_json: bool) -> Watcher:
    from engine.cli.simulate.plain import PlainLog

    if as_json:
        from engine.simulation.runner import Nobody

        return Nobody()
    if sys.stdout.isatty():
        from engine.cli.simulate.live import LiveView

        return LiveView(simulation)
    return PlainLog(simulation)


def _introduce(simulation: Simulation) -> None:
    from engine.cli.output import say

    workflow, scenario = simulation.workflow, simulation.scenario
    plannable = simulation.opened.loaded.plannable
    say((workflow.title, "bold"))
    say(
        f"{workflow.name} with the scenario {scenario.name}: {len(workflow.steps)} steps, {len(plannable.parties)} parties."
    )
    marked = (
        "A sample roster and invented addresses; what is illustrative is marked so. " if plannable.is_sample else ""
    )
    say(f"{marked}Nothing leaves this machine.")
    say()


def _conclude(simulation: Simulation, *, as_json: bool) -> None:
    from engine.cli.output import say_object
    from engine.simulation.result import result

    found: dict[str, Any] = result(simulation)
    if as_json:
        say_object(found)
        return
    from engine.cli.simulate.ending import say_ending

    say_ending(simulation, found)
