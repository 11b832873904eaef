"""A store of its own for each simulation, and going on in one that was stopped."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.app.catalog import Catalog
from engine.app.root import App
from engine.clock import ManualClock
from engine.definition.dates import end_of_day, local_date, parse_moment
from engine.definition.scenario import loader as scenarios
from engine.definition.scenario.events import LinkEvent, ScanEvent, Scenario
from engine.definition.syntax.sources import decode
from engine.dispatcher.package import Opened, Package, open_package, read_package
from engine.dispatcher.returning import SECRET as REPLIES
from engine.errors import NotFound, Refused, display_path
from engine.settings import Configuration
from engine.simulation.runner import Simulation, bounded

DATABASE = "followthrough.db"
REPLY_ADDRESS = "followup@plan.example"
"""Where answers go in a simulated year, unless the installation has an address for them."""
LINKS = "https://followthrough.example"
"""Where the links of simulated letters lead: nowhere, but they can be read back."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Other bounds than the scenario's, as written: a day or an instant."""

    from_: str | None = None
    until: str | None = None


def open_simulation(
    app: App, workflow: str, scenario_file: Path, bounds: Bounds, continued: Path | None = None
) -> Simulation:
    """A simulation of a WORKFLOW, in a new store below the home, or in the one to go on with.

    Raises BadInput, NotFound and Refused.
    """
    folder = _folder_of(continued) if continued else None
    package, opened = _plan(app, workflow, folder)
    scenario = _scenario(scenario_file, opened, bounds)
    folder = folder or _new_folder(app.settings.home / "simulations", scenario.name)
    clock = ManualClock(scenario.from_)
    inner = App(_at(app, folder), clock, durable=False)
    # The same secrets each time: a year that is replayed has the same letters (G7).
    secret = hashlib.sha256(f"{scenario.name} {scenario.seed}".encode()).hexdigest()
    with inner.store.write() as tx:
        tx.keep_secret(REPLIES, secret)
    if any(isinstance(event, LinkEvent | ScanEvent) for event in scenario.events):
        inner.sign_links(LINKS, secret)
    return Simulation(inner, clock, package, opened, scenario)


def _plan(app: App, workflow: str, folder: Path | None) -> tuple[Package, Opened]:
    """The plan that the store already runs; else the applied revision of that name; else the files."""
    if folder is not None:
        kept = _applied(App(_at(app, folder)), workflow)
        if kept is not None:
            return kept
    return _applied(app, workflow) or app.catalog.open(workflow)


def _at(app: App, folder: Path) -> Configuration:
    """Settings of a simulation: all of it below the folder, and into its own mailbox whatever the installation sends by."""
    own = {
        "home": folder, "database_url": "", "channel": "mailbox", "inbox": f"maildir:{(folder / 'inbox').absolute()}",
        "reply_address": app.settings.reply_address or REPLY_ADDRESS,
    }  # fmt: skip
    return Configuration(app.settings.model_copy(update=own), app.environment)


def _applied(app: App, workflow: str) -> tuple[Package, Opened] | None:
    if not app.has_store or not Catalog.is_name(workflow):
        return None
    with app.store.read() as tx:
        record = tx.current_revision(workflow)
    if record is None:
        return None
    package = read_package(record.content)
    return package, open_package(package)


def _scenario(path: Path, opened: Opened, bounds: Bounds) -> Scenario:
    if not path.is_file():
        raise NotFound(f"there is no scenario {path}")
    plannable = opened.loaded.plannable
    scenario = scenarios.load(decode(display_path(path), path.read_bytes()), plannable)
    zone = plannable.workflow.timezone
    try:
        first = parse_moment(bounds.from_, zone) if bounds.from_ else None
        last = _end(bounds.until, zone) if bounds.until else None
    except ValueError as error:
        raise Refused(str(error)) from None
    return bounded(scenario, first, last)


def _end(text: str, zone: str) -> datetime:
    """An instant, or the end of a day: as a scenario's `until` is read."""
    moment = parse_moment(text, zone)
    return moment if ":" in text else end_of_day(local_date(moment, zone), zone)


def _new_folder(parent: Path, name: str) -> Path:
    """The first free `NAME-1`, `NAME-2` …: two runs at once never share one."""
    parent.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = parent / f"{name}-{number}"
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
            continue
        return folder


def _folder_of(store: Path) -> Path:
    folder = store.parent if store.name == DATABASE else store
    if not (folder / DATABASE).is_file():
        raise NotFound(f"there is no simulation's store at {store}: it is a path that an earlier run named")
    return folder
