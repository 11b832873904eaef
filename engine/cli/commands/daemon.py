"""`run`, `link`, `go-live`, `stop`, `resume`, `backup` and `restore`: the forms of these commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.session import installation

Workflows = Annotated[
    list[str] | None,
    typer.Argument(metavar="WORKFLOW", show_default=False, help="Apply these first, if never applied."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
Target = Annotated[
    Path, typer.Argument(metavar="FILE", show_default=False, help="Where the copy goes; nothing may be there.")
]
Source = Annotated[Path, typer.Argument(metavar="FILE", show_default=False, help="A backup.")]
NoPages = Annotated[bool, typer.Option("--no-pages", help="Serve no pages and feeds.")]


def run(workflows: Workflows = None, no_pages: NoPages = False) -> None:
    """Send what is due, for months, unattended; serve pages and feeds.

    TERM finishes what is in hand and stops, HUP reads changed plans. Where it ends by itself, the exit status says
    whether to start it again: 1 and 2 need a person first, 75 (the database, a disk) may be over the next time.
    """
    from engine.cli.views.daemon import run_daemon

    with installation() as app:
        run_daemon(app, workflows or [], pages=not no_pages)


def link() -> None:
    """Print a link that opens the pages in your browser, once."""
    from engine.cli.views.daemon import say_link

    with installation() as app:
        say_link(app)


def go_live(yes: Yes = False) -> None:
    """Let letters leave by SMTP: shows what leaves in the next 14 days, and asks.

    What a rehearsal put into the built-in mailbox does not count as sent; what is past is missed.
    """
    from engine.cli.views.daemon import say_live

    with installation() as app:
        say_live(app, yes=yes)


def stop(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", show_default=False, help="Why; it is kept.")],
) -> None:
    """Stop everything: no letter of any plan leaves, not even one in hand, until `resume`.

    Recording, planning and pages go on. The daemon needs no restart.
    """
    from engine.cli.views.switch import do_stop

    with installation() as app:
        do_stop(app, reason)


def resume() -> None:
    """Let letters leave again after `stop`."""
    from engine.cli.views.switch import do_resume

    with installation() as app:
        do_resume(app)


def backup(file: Target) -> None:
    """Copy the database to FILE, also while the daemon runs, and verify the copy."""
    from engine.app.backups import backup as copy
    from engine.cli.views.daemon import say_verified

    with installation() as app:
        say_verified("Backed up", copy(app, file))


def restore(file: Source, yes: Yes = False) -> None:
    """Put a backup in the database's place, verified first; what was there is kept beside it.

    Stop the daemon before. What left since the backup was made is not on record in it, and may leave again: before you
    start the daemon, say of each such letter that it left.

    \b
      followthrough record ccm-nim-2018 --letter-sent KEY
    """
    from engine.app.backups import restore as put_back
    from engine.cli.views.daemon import say_restored
    from engine.daemon.lock import OnlyOne

    with installation() as app, OnlyOne(app.settings.database):
        say_restored(put_back(app, file, yes=yes), app.clock.now())
