"""`apply`: the files become the plan that runs, after a look at what that would change."""

from __future__ import annotations

import typer

from engine.app.plans.apply import Applied, TooMany, apply
from engine.app.plans.diff import diff
from engine.app.plans.plan import plan
from engine.app.root import App
from engine.cli.output import say, say_wrapped
from engine.cli.session import actor, at_terminal
from engine.cli.views.diff import say_summary
from engine.cli.views.letters import say_waiting
from engine.definition.words import capital, counted
from engine.errors import Refused
from engine.planning.changes import changes_words


def do_apply(app: App, workflow: str, *, yes: bool) -> None:
    """Apply a WORKFLOW. A person at a terminal is shown what it would change, and asked where many would get mail."""
    try:
        applied = apply(app, workflow, actor(), yes=yes)
    except TooMany:
        if not at_terminal():
            raise
        applied = _ask(app, workflow)
    _show(app, applied)


def _ask(app: App, workflow: str) -> Applied:
    """What is done then is what was shown, or nothing."""
    found = diff(app, workflow)
    say_summary(found)
    letters, whom = counted(len(found.ahead.leaving), "letter"), counted(len(found.ahead.people), "person", "people")
    if not typer.confirm(f"{letters} to {whom} would leave within a day. Apply all the same?", err=True):
        raise Refused("nothing was applied")
    return apply(app, workflow, actor(), agreed=found.ahead.digest)


def _show(app: App, applied: Applied) -> None:
    name = applied.workflow
    if applied.unchanged:
        say(f"{name} is applied as its files are (revision {applied.revision}): nothing changed.")
        return
    changed = changes_words(applied.changes)
    say(f"{name} is applied (revision {applied.revision}): {changed or 'the outbox stays as it is'}.")
    for words in applied.passing:
        say_wrapped(f"{capital(words)}, who is told how things stand.")
    planner = plan(app, name).planner
    if planner.desk.over():
        say(f"Nothing will be sent: {planner.ended()}.")
    if applied.within_a_day:
        say(f"{counted(applied.within_a_day, 'letter')} may leave within a day.")
    say_waiting(app, name)
