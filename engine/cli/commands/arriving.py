"""Commands by which facts and answers arrive: import, attendance, fetch."""

from typing import Annotated

import typer

from engine.cli.options import AsJson, Workflow
from engine.cli.session import installation

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be recorded and stopped; change nothing.")]


def import_(
    workflow: Workflow,
    file: Annotated[str, typer.Argument(metavar="FILE", show_default=False, help="A table: CSV in UTF-8, or .xlsx.")],
    dry_run: DryRun = False,
    source: Annotated[
        str,
        typer.Option(
            "--source", metavar="TEXT", show_default=False, help="Where it is known from; else file and line."
        ),
    ] = "",
    sheet: Annotated[
        str | None, typer.Option("--sheet", metavar="NAME", help="The sheet, if several are filled.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Record the facts of a table (CSV or .xlsx), all or none.

    What is on record already is left out, so importing twice changes nothing.

    \b
    A row for each fact:              or for each party:
      party,fact,value                  party,law_status,ny_workshop.attended
      FJ,report,2018-03-20              Fiji,in_progress,yes

    \b
    Further columns: true (the day), step, anchor, cycle, contact,
    fact.detail or detail:name, source, note.
    """
    from engine.cli.views.arriving import do_import

    with installation() as app:
        do_import(app, workflow, file, sheet=sheet, source=source, dry_run=dry_run, as_json=as_json)


def attendance(
    workflow: Workflow,
    step: Annotated[str, typer.Argument(metavar="STEP", show_default=False, help="The event.")],
    came: Annotated[
        str | None,
        typer.Option("--came", metavar="FILE", help="Who came: ids or names, on lines or with commas; - is stdin."),
    ] = None,
    absent_rest: Annotated[bool, typer.Option("--absent-rest", help="Who else was invited did not come.")] = False,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DAY", help="The day it was true; today unless said.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Record at once who came to an event, or show who is invited.

    \b
      followthrough attendance ccm-nim-2018 ny_workshop
          --came who-came.txt --absent-rest --on 2017-10-12
    """
    from engine.cli.views.arriving import do_attendance, show_attendance

    with installation() as app:
        if came is None and not absent_rest:
            show_attendance(app, workflow, step, as_json=as_json)
        else:
            do_attendance(app, workflow, step, came, absent_rest=absent_rest, on=on, dry_run=dry_run, as_json=as_json)


def fetch(as_json: AsJson = False) -> None:
    """Read once what came by mail, and say what it is.

    “followthrough run” does so by itself, as mail comes. FOLLOWTHROUGH_INBOX names the mailbox; nothing is deleted there.
    """
    from engine.cli.views.inbox import do_fetch

    with installation() as app:
        do_fetch(app, as_json=as_json)
