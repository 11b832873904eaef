"""The year on a page, beside the terminal: the address, and staying up afterwards."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from engine.cli.output import complain, say
from engine.cli.session import actor
from engine.simulation.runner import Simulation
from engine.web.serving import Pages


@contextmanager
def served(simulation: Simulation, *, port: int | None, as_json: bool) -> Iterator[Pages]:
    """The simulation's pages, served while it runs. Another port than the usual one is no fault, unless one was asked."""
    app = simulation.app

    def live() -> object:
        return simulation.clock.now(), app.store.data_version()

    with Pages(app, live=live, actor=actor(), port=port, any_port=port is None) as pages:
        if as_json:
            complain(f"The page of this year: {pages.local_link}")
        else:
            say("The page of this year, to be opened once in your browser:")
            say("   ", (pages.local_link, "bold"))
            say()
        yield pages


def stay_up(pages: Pages, *, stay: bool, as_json: bool) -> None:
    """Keep the pages up until Ctrl-C; where nobody is at a terminal, only if asked to."""
    if not stay and not sys.stdout.isatty():
        return
    words = "The page stays up until you press Ctrl-C. To open it in another browser:"
    if as_json:
        complain(f"{words} {pages.local_link}")
    else:
        say()
        say(words)
        say("   ", (pages.local_link, "bold"))
    sys.stdout.flush()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        if not as_json:
            say()
