"""The program: its commands, its way out, and UTF-8 whatever the machine's locale."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
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

# The sections of the help.
_PLANS = "Plans"
_HAPPENED = "What has happened"
_LETTERS = "Letters"
_RUNNING = "Running it"

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


app.command("check", rich_help_panel=_PLANS)(plans.check)
app.command("plan", rich_help_panel=_PLANS)(plans.plan)
app.command("apply", rich_help_panel=_PLANS)(plans.apply)
app.command("status", rich_help_panel=_PLANS)(plans.status)
app.command("forecast", rich_help_panel=_PLANS)(plans.forecast)
app.command("feed", rich_help_panel=_PLANS)(plans.feed)
app.command(
    "simulate", rich_help_panel=_PLANS, short_help="Replay a plan under a virtual clock, in a store of its own."
)(simulate)
app.command("record", rich_help_panel=_HAPPENED)(facts.record)
app.command("retract", rich_help_panel=_HAPPENED)(facts.retract)
app.command("import", rich_help_panel=_HAPPENED)(arriving.import_)
app.command("attendance", rich_help_panel=_HAPPENED)(arriving.attendance)
app.command("facts", rich_help_panel=_HAPPENED)(facts.facts)
app.command("fetch", rich_help_panel=_HAPPENED)(arriving.fetch)
app.command("answers", rich_help_panel=_HAPPENED)(answers.answers)
app.command("decide", rich_help_panel=_HAPPENED)(answers.decide)
app.command("letters", rich_help_panel=_LETTERS)(letters.letters)
app.command("show", rich_help_panel=_LETTERS)(letters.show)
app.command("why", rich_help_panel=_LETTERS)(letters.why)
app.command("told", rich_help_panel=_LETTERS)(told.told)
app.command("approve", rich_help_panel=_LETTERS)(letters.approve)
app.command("edit", rich_help_panel=_LETTERS)(letters.edit)
app.command("refuse", rich_help_panel=_LETTERS)(letters.refuse)
app.command("test", rich_help_panel=_LETTERS, short_help="Send a letter to yourself, as its recipient would get it.")(
    desk.trial
)
app.command("note", rich_help_panel=_LETTERS)(letters.note)
app.command("links", rich_help_panel=_LETTERS)(answers.links)
app.command("delegate", rich_help_panel=_LETTERS, short_help="Let another role decide about letters, also for a time.")(
    desk.delegate
)
app.command("digest", rich_help_panel=_LETTERS)(desk.digest)
app.command("run", rich_help_panel=_RUNNING, short_help="Send what is due, unattended, for months; serve the pages.")(
    daemon.run
)
app.command("link", rich_help_panel=_RUNNING)(daemon.link)
app.command("stop", rich_help_panel=_RUNNING, short_help="Stop everything: no letter leaves until `resume`.")(
    daemon.stop
)
app.command("resume", rich_help_panel=_RUNNING, short_help="Let letters leave again after `stop`.")(daemon.resume)
app.command("go-live", rich_help_panel=_RUNNING, short_help="Let letters leave by SMTP, after showing which.")(
    daemon.go_live
)
app.command("backup", rich_help_panel=_RUNNING, short_help="Copy the database, also while the daemon runs; verified.")(
    daemon.backup
)
app.command("restore", rich_help_panel=_RUNNING, short_help="Put a verified backup in the database's place.")(
    daemon.restore
)


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
