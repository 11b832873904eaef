"""`check`: each plan in a line, or its problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from engine.app.plans.checking import Checked, check
from engine.app.root import App
from engine.cli.faults import FAILED
from engine.cli.output import complain, say, say_rows
from engine.definition.words import counted
from engine.errors import FollowthroughError, Problem


def show_checks(app: App, workflows: Sequence[str], *, as_json: bool) -> None:
    """Check plans, and leave with 1 unless all can be applied. One that is not there hinders no other."""
    rows: list[dict[str, Any]] = []
    fine = True
    for workflow in workflows or app.catalog.names():
        try:
            found = check(app, workflow)
        except FollowthroughError as error:
            fine = False
            complain(f"Error: {error}")
        else:
            fine = fine and found.fine
            rows += map(problem_row, found.problems)
            if not as_json:
                _show(found)
    if as_json:
        say_rows(rows)
    if not fine:
        raise typer.Exit(FAILED)


def _show(found: Checked) -> None:
    for problem in found.problems:
        say(str(problem))
    warnings = sum(problem.warning for problem in found.problems)
    errors = len(found.problems) - warnings
    counts = [counted(number, word) for number, word in ((errors, "error"), (warnings, "warning")) if number]
    verdict = ("fine", "green") if found.fine else ("not fine", "red")
    summary = f"{found.summary}, " if found.summary else ""
    say(f"{found.workflow}: {summary}", verdict, f" ({', '.join(counts)})" if counts else "")


def problem_row(problem: Problem) -> dict[str, Any]:
    """A problem as JSON."""
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "message": problem.message,
        "hint": problem.hint,
        "warning": problem.warning,
    }
