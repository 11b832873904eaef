"""What `run`, `go-live`, `backup` and `restore` do and say."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta

import typer

from engine.app.backups import Restored, Verified
from engine.app.letters.golive import check_trust, go_live, leaving_soon, live_since, refuse_rehearsal
from engine.app.root import App
from engine.cli.output import complain, say
from engine.cli.session import actor
from engine.daemon.lock import OnlyOne
from engine.daemon.logs import logs_json, open_log
from engine.daemon.service import Daemon
from engine.definition.dates import local_date
from engine.definition.words import day_words, moment_words
from engine.errors import Refused
from engine.web.health import Health

_SHOWN = 20


def run_daemon(app: App, workflows: Sequence[str], *, pages: bool) -> None:
    """Run until told to stop. Raises Refused for a second daemon, and for SMTP before `go-live`."""
    if app.stands_at is not None:
        until = day_words(local_date(app.stands_at, "UTC"))
        raise Refused(f"this is a simulated year, which has come to {until}: nothing is sent from it")
    check_trust(app)
    with OnlyOne(app.settings.database), ExitStack() as stack:
        if app.settings.channel == "smtp" and live_since(app) is None:
            _say_leaving(app)
            raise Refused(
                "nothing leaves by SMTP yet: look at the list above, then “followthrough go-live”"
                " (or leave FOLLOWTHROUGH_CHANNEL at “mailbox” to rehearse)"
            )
        refuse_rehearsal(app)
        log, health = open_log(app.settings, app.clock), Health()
        if pages:
            # FastAPI is loaded by whoever serves pages, and nobody else.
            from engine.web.serving import Pages, PatientPages

            def told(served: Pages | Refused) -> None:
                if not isinstance(served, Pages):
                    log.error("no pages for now: letters leave all the same, and it is tried again", error=str(served))
                elif logs_json(app.settings):
                    # A JSON log is kept and passed on, and a link opens the pages to whoever has it.
                    log.info("pages", address=served.address, opened_by="followthrough link")
                else:
                    log.info("pages", link=served.link)

            stack.enter_context(PatientPages(app.configuration, health, app.clock, told, actor()))
        if app.settings.inbox_place is not None:
            from engine.daemon.inbox import InboxReader

            stack.enter_context(InboxReader(app.configuration, health, app.clock, log))
        Daemon(app, log, health, workflows).run()


def say_link(app: App) -> None:
    """Print a new one-time link to the pages, alone on stdout."""
    from engine.web.access import LINK, new_link

    link = new_link(app.settings, actor())
    say(link)
    complain(
        f"Open it once in your browser, within {LINK.seconds // 60} minutes, while “followthrough run” serves the pages."
        " Whoever opens it is known there as you."
    )


def _say_leaving(app: App) -> None:
    rows = leaving_soon(app) if app.has_store else []
    say(f"{len(rows)} letters leave in the next 14 days, those that need it once they are approved:")
    for row in rows[:_SHOWN]:
        say(f"  {moment_words(row.due_at, row.zone)}  {row.to or row.addressee}")
        say(f"      “{row.subject}”" if row.subject else f"      {row.key}")
    if len(rows) > _SHOWN:
        say(f"  … and {len(rows) - _SHOWN} more: “followthrough letters” lists what the outbox holds")


def say_live(app: App, *, yes: bool) -> None:
    """Show what leaves, ask, and go live."""
    if app.settings.channel != "smtp":
        raise Refused("letters go to the built-in mailbox: set FOLLOWTHROUGH_CHANNEL=smtp and its server first")
    if (since := live_since(app)) is not None:
        raise Refused(f"it is live already, since {since:%Y-%m-%d}")
    check_trust(app)
    _say_leaving(app)
    if not yes:
        if not sys.stdin.isatty():
            raise Refused("going live asks a person: use a terminal, or --yes")
        if not typer.confirm(f"Let them leave by {app.settings.smtp_host}?"):
            complain("Nothing was changed.")
            raise typer.Exit(1)
    live = go_live(app, actor())
    say(f"Live since {live.at.isoformat(timespec='minutes')}.")
    if live.rehearsed:
        say(f"{live.rehearsed} letters of the rehearsal do not count as sent.")
    if live.passed:
        say(f"{live.passed} letters whose time has passed are missed.")


def say_verified(done: str, verified: Verified) -> None:
    """Say what is in a database file."""
    rows = ", ".join(f"{count} {name} rows" for name, count in verified.rows.items())
    say(f"{done}: {verified.path} ({rows}; verified).")


def say_restored(restored: Restored, now: datetime) -> None:
    """Say what is in place now, what is kept, and what of the time since the backup may happen again."""
    database = restored.database
    say_verified("Restored", database)
    if restored.kept is not None:
        say(f"What was there before is kept: {restored.kept}")
    if database.until is not None:
        age, last = ago(now - database.until), moment_words(database.until, "UTC")
        say(f"The backup ends {age}: the last thing on record in it is of {last}.")
    say(
        "A letter that left since then is not on record as sent, and may leave again: before you start the daemon,"
        " “followthrough record WORKFLOW --letter-sent KEY” for each."
    )


def ago(past: timedelta) -> str:
    """`3 days ago`, `5 hours ago`, `less than an hour ago`."""
    hours = past // timedelta(hours=1)
    if hours < 1:
        return "less than an hour ago"
    number, unit = (hours, "hour") if hours < 48 else (hours // 24, "day")
    return f"{number} {unit}{'s' if number > 1 else ''} ago"
