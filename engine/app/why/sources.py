"""What an answer is made from, and its form: the plans there are, what their outboxes hold, and what is said of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.app.plans.plan import PlanView, plan
from engine.app.root import App
from engine.app.views import local
from engine.app.why.step import NEXT
from engine.letter import Letter, Recorded
from engine.planning.planner import Planner
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


def answer_of(
    workflow: str, planner: Planner, name: str, sentences: Sequence[str], coming: Sequence[Letter] = ()
) -> dict[str, Any]:
    """What one plan answers about somebody, as JSON; with the letters that come next."""
    return {
        "workflow": workflow,
        "title": planner.workflow.title,
        "name": name,
        "sentences": list(sentences),
        "next": [{"key": letter.key, "due_at": local(letter.due_at, letter.zone)} for letter in coming[:NEXT]],
    }
