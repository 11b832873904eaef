"""What an answer is made from: the plans there are, and what their outboxes hold."""

from __future__ import annotations

from collections.abc import Iterator

from engine.app.plans.plan import PlanView, plan
from engine.app.root import App
from engine.letter import Recorded
from engine.store import ANY
from engine.store.records import AnyParty


def views(app: App) -> Iterator[tuple[str, PlanView]]:
    """Each plan that is applied, by name; where none is, those of the files."""
    applied: list[str] = []
    if app.has_store:
        with app.store.read() as tx:
            applied = tx.workflows()
    for name in applied or app.catalog.names():
        yield name, plan(app, name)


def rows_of(app: App, name: str, *, party: AnyParty = ANY, step: str | None = None) -> list[Recorded]:
    """The letters of a plan's outbox: those to one party, or of one step."""
    if not app.has_store:
        return []
    with app.store.read() as tx:
        return tx.recorded(name, party=party, step=step)
