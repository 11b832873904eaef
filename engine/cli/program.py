"""The program: its commands, its way out, and UTF-8 whatever the machine's locale."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Annotated

import typer

from engine.cli.commands import answers, arriving, daemon, desk, facts, letters, plans, told
from engine.cli.faults import FAILED, Careful
from engine.cli.output import complain
from engine.cli.simulate import simulate

NAME = "followthrough"
_HELP = """\b
Turns a work plan into reminders on time and follow-ups that stop.
WORKFLOW: a plan's name or path. Exit: 0 done, 1 refused, 2 wrong usage."""

app = typer.Typer(
    name=NAME,
    cls=Careful,
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"{NAME} {version(NAME)}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")
    ] = False,
) -> None:
    pass


_COMMANDS: dict[str, dict[str, Callable[..., None] | tuple[Callable[..., None], str]]] = {
    "Plans": {
        "check": plans.check, "plan": plans.plan, "apply": plans.apply, "status": plans.status, "forecast": plans.forecast,
        "feed": plans.feed,
        "simulate": (simulate, "Replay a plan under a virtual clock, in a store of its own."),
    },
    "What has happened": {
        "record": facts.record, "retract": facts.retract, "import": arriving.import_, "attendance": arriving.attendance,
        "facts": facts.facts, "fetch": arriving.fetch, "answers": answers.answers, "decide": answers.decide,
    },
    "Letters": {
        "letters": letters.letters, "show": letters.show, "why": letters.why, "told": told.told, "approve": letters.approve,
        "edit": letters.edit, "refuse": letters.refuse,
        "test": (desk.trial, "Send a letter to yourself, as its recipient would get it."),
        "note": letters.note, "links": answers.links,
        "delegate": (desk.delegate, "Let another role decide about letters, also for a time."),
        "digest": desk.digest,
    },
    "Running it": {
        "run": (daemon.run, "Send what is due, unattended, for months; serve the pages."),
        "link": daemon.link,
        "stop": (daemon.stop, "Stop everything: no letter leaves until `resume`."),
        "resume": (daemon.resume, "Let letters leave again after `stop`."),
        "go-live": (daemon.go_live, "Let letters leave by SMTP, after showing which."),
        "backup": (daemon.backup, "Copy the database, also while the daemon runs; verified."),
        "restore": (daemon.restore, "Put a verified backup in the database's place."),
    },
}  # fmt: skip
"""The commands by section of the help, each with its line there where that is not its own first one."""

for _section, _named in _COMMANDS.items():
    for _name, _form in _named.items():
        _function, _line = _form if isinstance(_form, tuple) else (_form, None)
        app.command(_name, rich_help_panel=_section, short_help=_line)(_function)


def run() -> None:
    """Run the command, and leave with its status."""
    # A command makes some 100,000 objects that stay: to look through them for cycles every 700 costs a tenth of its time.
    gc.set_threshold(50_000)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        try:
            app(prog_name=NAME)
        finally:
            sys.stdout.flush()
    except OSError as error:  # of the output itself: a reader that has gone (`… | head`) needs no word
        if not isinstance(error, BrokenPipeError):
            complain(f"Error: the output could not be written: {error.strerror}")
        # What is still buffered goes nowhere, or Python would complain at its end.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
