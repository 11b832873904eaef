"""What a recording changes, or would change, in the outbox: said alike of one fact, a table and a meeting."""

from __future__ import annotations

from engine.app.facts.cases import case_of
from engine.app.facts.effect import Effect
from engine.app.root import App
from engine.cli.output import say_wrapped
from engine.cli.views.letters import say_waiting
from engine.planning.changes import changes_words


def say_effect(app: App, workflow: str, effect: Effect, *, rehearsed: bool) -> None:
    """Say what becomes of the outbox, in all and step by step, or what has to be done first."""
    plan_of = case_of(app, workflow).plannable.workflow
    changed = changes_words(effect.changes)
    if not effect.applied:
        say_wrapped(
            f"{plan_of.name} is not applied, so no letter changes yet: what is recorded is kept, and counts once"
            f" “followthrough apply {workflow}” makes it run."
        )
    elif not changed:
        say_wrapped(f"The outbox {'would stay' if rehearsed else 'stays'} as it is.")
    else:
        steps = list(effect.of_steps(plan_of.steps))
        only = f" ({steps[0][0]})" if len(steps) == 1 else ""
        say_wrapped(f"In the outbox{' that would mean' if rehearsed else ''}: {changed}{only}.")
        for step, changes in steps if len(steps) > 1 else ():
            say_wrapped(f"{step}: {changes_words(changes)}", first="  ", rest="    ")
    if rehearsed:
        say_wrapped("Nothing is changed: without --dry-run it would be.")
    elif changed:
        say_waiting(app, plan_of.name)
