"""`plan`: the plan as JSON, or as a table by month that a coordinator can print."""

from __future__ import annotations

from collections.abc import Sequence

from engine.app.plans.plan import PlanView, plan
from engine.app.root import App
from engine.app.views import plan_rows
from engine.cli.output import columns, say, say_heading, say_rows, say_wrapped, width
from engine.cli.views.months import Month, by_month
from engine.cli.words import STYLES, counts, state_words
from engine.definition.words import moment_words
from engine.errors import display_path
from engine.lifecycle import State

_TITLES = ("When", "Letter", "To", "Status", "Why")
_WHEN, _LETTER, _TO, _STATE = 17, 22, 18, 9
_GAPS = 2 * 4
_LEAST, _MOST = 18, 40
"""How wide the reason is: where there is less, it goes below; what is more, the letter and the addressee get."""


def show_plan(app: App, workflow: str, at: str | None, *, each: bool, as_json: bool) -> None:
    """Print the plan of a WORKFLOW."""
    view = plan(app, workflow, at)
    if as_json:
        say_rows(plan_rows(view.letters, view.planner))
        return
    show_origin(app, workflow, view, at)
    waiting = [letter for letter in view.letters if letter.state == State.WAITING]
    months = by_month((letter for letter in view.letters if letter.state != State.WAITING), view.planner, each=each)
    widths = _widths(width())
    if months:
        say()
        _show_cells(_TITLES, widths, ["dim"] * len(_TITLES))
    for month in months:
        say()
        _show_month(month, widths)
    if waiting:
        say()
        say_heading("Waiting")
        for sentence in dict.fromkeys(f"{letter.step}: {letter.reason}." for letter in waiting):
            say_wrapped(sentence)
    say()
    show_end(workflow, view)


def show_origin(app: App, workflow: str, view: PlanView, at: str | None) -> None:
    """Print which plan it is, and as of when it stands."""
    plan_of = view.planner.workflow
    say((plan_of.title, "bold"), f" ({plan_of.name})")
    if view.revision is not None:
        origin = f"revision {view.revision} as applied"
    else:
        path = app.catalog.find(workflow)
        named = f"workflows/{path.name}" if app.catalog.is_name(workflow) else display_path(path)
        origin = f"the file {named}, which is not applied"
    stands = "As it would stand on" if at is not None else "As it stands on"
    say_wrapped(f"{stands} {moment_words(view.at, plan_of.timezone)}, from {origin}.")


def _show_month(month: Month, widths: Sequence[int]) -> None:
    say_heading(month.title)
    for line in month.lines:
        cells = [line.when, line.letter, line.to, state_words(line.state), line.reason]
        styles = ["bold", "", "", STYLES.get(line.state, ""), ""]
        _show_cells(cells, widths, styles)
        if len(widths) < len(cells):
            say_wrapped(line.reason, first="    ")
        if line.below:
            say_wrapped(line.below, first="    ")


def _show_cells(cells: Sequence[str], widths: Sequence[int], styles: Sequence[str]) -> None:
    for row in columns(cells[: len(widths)], widths, styles[: len(widths)]):
        say(*row)


def _widths(total: int) -> list[int]:
    """The columns' widths; four of them where the reason finds no room beside them."""
    spare = total - _WHEN - _LETTER - _TO - _STATE - _GAPS
    if spare < _LEAST:
        share = (spare + 2) // 2
        return [_WHEN, max(8, _LETTER + share), max(8, _TO + share), _STATE]
    share = max(0, spare - _MOST) // 3
    return [_WHEN, _LETTER + share, _TO + share, _STATE, spare - 2 * share]


def show_end(workflow: str, view: PlanView) -> None:
    """Print how many letters there are, or why there are none."""
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
