"""`letters --waiting` and `approve --all`: what waits by kind, each shown once with what differs."""

from __future__ import annotations

import typer

from engine.app.letters.approvals import waiting_for_approval
from engine.app.letters.kinds import Waiting, WaitingKind, kind_object, names_words, waiting_kinds
from engine.app.root import App
from engine.cli.faults import FAILED
from engine.cli.output import complain, say, say_rows, say_wrapped
from engine.cli.session import at_terminal
from engine.cli.views.letters import do_approve
from engine.definition.words import counted, moment_words

_MOST = 12
"""Letters of a kind that are listed before an approval; `letters --waiting` lists all."""


def show_waiting(app: App, *, step: str | None, party: str | None, workflow: str | None, as_json: bool) -> None:
    """List what waits."""
    name = app.catalog.named(workflow)
    found = waiting_kinds(app, workflow=name, step=step, party=party)
    if as_json:
        say_rows(map(kind_object, found.kinds))
        return
    _show(found)
    if not found.kinds and not found.faulty:
        say("No letter awaits approval.")


def approve_all(app: App, *, yes: bool) -> None:
    """Approve all that waits. At a terminal it is shown and asked about, and just what was shown is approved."""
    keys = [row.key for row in waiting_for_approval(app)]
    if not keys:
        say("No letter awaits approval.")
        return
    if yes or not at_terminal():
        do_approve(app, keys)
        return
    found = waiting_kinds(app)
    _show(found, most=_MOST)
    seen = {key: digest for kind in found.kinds for key, digest in kind.seen.items()}
    which = "this letter" if len(seen) == 1 else f"these {len(seen)} letters"
    if not seen or not typer.confirm(f"Approve {which}?", err=True):
        raise typer.Exit(FAILED)
    do_approve(app, list(seen), seen)


def _show(found: Waiting, *, most: int | None = None) -> None:
    for kind in found.kinds:
        _show_kind(kind, most)
    for key, reason in found.faulty:
        complain(f"{key}: {reason}")


def _show_kind(kind: WaitingKind, most: int | None) -> None:
    number = len(kind.rows)
    say((f"{counted(number, 'letter')}: {kind.title}", "bold"))
    say_wrapped(names_words(kind), first="  ")
    say()
    for line in kind.text.rstrip("\n").split("\n"):
        say_wrapped(line, first="    ") if line else say()
    say()
    if number > 1:
        say_wrapped("They are the same but for:" if kind.values[0] else "They are the same.", first="  ")
    for place, value in kind.usual.items():
        say_wrapped(f"‹{place}› “{value}”, unless another is given", first="    ")
    for row, name, differs in kind.differs[:most]:
        values = " · ".join(f"‹{place}› {_shown(value)}" for place, value in differs)
        due = f", due {moment_words(row.due_at, row.zone)}"
        say_wrapped(f"{name}{due}{f': {values}' if values else ''}", first="  - ")
        say((f"    {row.key}", "dim"))
    if most is not None and number > most:
        say_wrapped(f"and {number - most} more: “followthrough letters --waiting” lists them all.", first="  - ")
    say()


def _shown(value: str) -> str:
    return value or "(nothing)"
