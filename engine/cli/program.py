"""The program: its commands, its way out, and UTF-8 whatever the machine's locale."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from engine.cli.commands import answers, arriving, daemon, facts, letters, plans, told
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


app.command("check")(plans.check)
app.command("plan")(plans.plan)
app.command("apply")(plans.apply)
app.command("record")(facts.record)
app.command("retract")(facts.retract)
app.command("import")(arriving.import_)
app.command("attendance")(arriving.attendance)
app.command("facts")(facts.facts)
app.command("letters")(letters.letters)
app.command("show")(letters.show)
app.command("approve")(letters.approve)
app.command("edit")(letters.edit)
app.command("refuse")(letters.refuse)
app.command("answers")(answers.answers)
app.command("decide")(answers.decide)
app.command("why")(letters.why)
app.command("told")(told.told)
app.command("status")(plans.status)
app.command("forecast")(plans.forecast)
app.command("feed")(plans.feed)
app.command("run", short_help="Send what is due, unattended, for months; serve the pages.")(daemon.run)
app.command("link")(daemon.link)
app.command("go-live", short_help="Let letters leave by SMTP, after showing which.")(daemon.go_live)
app.command("stop", short_help="Stop everything: no letter leaves until `resume`.")(daemon.stop)
app.command("resume", short_help="Let letters leave again after `stop`.")(daemon.resume)
app.command("backup", short_help="Copy the database, also while the daemon runs; verified.")(daemon.backup)
app.command("restore", short_help="Put a verified backup in the database's place.")(daemon.restore)
app.command("simulate", short_help="Replay a plan under a virtual clock, in a store of its own.")(simulate)


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
