"""`plan`: the plan as JSON, or as a table by month that a coordinator can print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from engine.app.plans import PlanView, plan
from engine.app.root import App
from engine.app.views import plan_rows
from engine.cli.output import columns, say, say_heading, say_rows, say_wrapped, width
from engine.cli.views.months import Line, Month, by_month
from engine.cli.words import STYLES, counted, state_words
from engine.definition.words import listed, moment_words
from engine.errors import display_path
from engine.lifecycle import State

_WHEN, _LETTER, _TO, _STATE = 18, 22, 22, 9
_GAPS = 2 * 4
_REASON_BESIDE = 18
"""Where less than this is left for the reason, it goes below."""


def show_plan(app: App, workflow: str, at: str | None, *, each: bool, as_json: bool) -> None:
    """Print the plan of a WORKFLOW."""
    view = plan(app, workflow, at)
    if as_json:
        say_rows(plan_rows(view.letters, view.planner))
        return
    _show_origin(app, workflow, view, at)
    waiting = [letter for letter in view.letters if letter.state == State.WAITING]
    months = by_month((letter for letter in view.letters if letter.state != State.WAITING), view.planner, each=each)
    for month in months:
        say()
        _show_month(month)
    if waiting:
        say()
        say_heading("Waiting")
        for sentence in dict.fromkeys(f"{letter.step}: {letter.reason}." for letter in waiting):
            say_wrapped(sentence)
    say()
    _show_end(workflow, view)


def _show_origin(app: App, workflow: str, view: PlanView, at: str | None) -> None:
    plan_of = view.planner.workflow
    say((plan_of.title, "bold"), f" ({plan_of.name})")
    if view.revision is not None:
        origin = f"revision {view.revision} as applied"
    else:
        path = app.catalog.find(workflow)
        named = f"workflows/{path.name}" if app.catalog.is_name(workflow) else display_path(path)
        origin = f"the file {named}, which is not applied"
    asked = "What if it were" if at is not None else "Now is"
    say_wrapped(f"{asked} {moment_words(view.at, plan_of.timezone)}; from {origin}.")


def _show_month(month: Month) -> None:
    say_heading(month.title)
    for line in month.lines:
        _show_line(line)


def _show_line(line: Line) -> None:
    spare = width() - _WHEN - _LETTER - _TO - _STATE - _GAPS
    cells = [line.when, line.letter, line.to, state_words(line.state)]
    widths = [_WHEN, _LETTER, _TO, _STATE]
    styles = ["bold", "", "", STYLES.get(line.state, "")]
    if spare >= _REASON_BESIDE:
        cells, widths, styles = [*cells, line.reason], [*widths, spare], [*styles, ""]
    else:
        widths = _narrowed(widths, spare)
    for row in columns(cells, widths, styles):
        say(*row)
    if spare < _REASON_BESIDE:
        say_wrapped(line.reason, first="    ")
    if line.parties:
        say_wrapped(line.parties, first="    ")


def _narrowed(widths: Sequence[int], spare: int) -> list[int]:
    """Letter and addressee give (or take) what there is too little (or too much) of."""
    when, letter, to, state = widths
    share = (spare + 2) // 2
    return [when, max(8, letter + share), max(8, to + share), state]


def _show_end(workflow: str, view: PlanView) -> None:
    if view.letters:
        say_wrapped(f"{counts(letter.state for letter in view.letters)}. Each time is the addressee's own.")
        return
    if view.planner.desk.over():
        starts = view.planner.world.resolver.starts()
        say_wrapped(f"Nothing is to be sent any more: {view.planner.ended()}.")
        if starts is not None:
            say(f"To see it as it was: followthrough plan {workflow} --at {starts}")
        return
    say("Nothing is to be sent from then on.")


def counts(states: Iterable[str]) -> str:
    """`368 letters: 36 scheduled and 332 tentative`."""
    counter = Counter(states)
    parts = [f"{counter[state]} {state_words(state)}" for state in State if counter[state]]
    return f"{counted(counter.total(), 'letter')}: {listed(parts)}"
