"""Commands about a plan as a whole: check, plan, apply, status, forecast, feed."""

from typing import Annotated

import typer

from engine.cli.options import AsJson, MaybeWorkflow, Workflow
from engine.cli.session import installation

Workflows = Annotated[
    list[str] | None,
    typer.Argument(metavar="WORKFLOW", show_default=False, help="Plans; all of workflows/ unless named."),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="T", help="What if it were T: a day (its start) or an instant, such as 2018-03-01T09:00."
    ),
]


def check(workflows: Workflows = None, as_json: AsJson = False) -> None:
    """Find what is wrong in plans, rosters and letters beforehand.

    Each error is FILE:LINE:COLUMN and what to do about it. Warnings do not fail.
    """
    from engine.cli.views.check import show_checks

    with installation() as app:
        show_checks(app, workflows or [], as_json=as_json)


def plan(
    workflow: Workflow,
    at: At = None,
    each: Annotated[
        bool, typer.Option("--each", help="A line for each letter; else like letters of a day share one.")
    ] = False,
    changes: Annotated[
        bool, typer.Option("--diff", help="What its files, roster and letters would change against what is applied.")
    ] = False,
    calendar: Annotated[
        bool, typer.Option("--calendar", help="Months as on a wall: letters, events, deadlines, days off.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is to be sent from now on, month by month.

    With --at, as if it were T: the plan applied since it starts, every fact known from its true day, what fell due
    before as sent. With --diff, what apply would do now: nothing is done.

    \b
      followthrough plan ccm-nim-2018 --at 2018-03-01
      followthrough plan ccm-nim-2018 --diff
    """
    if calendar and (changes or each):
        raise typer.BadParameter("it goes without --diff and --each", param_hint="--calendar")
    if changes and at is not None:
        raise typer.BadParameter("it is about now, and goes without --at", param_hint="--diff")
    with installation() as app:
        if changes:
            from engine.cli.views.diff import show_diff

            show_diff(app, workflow, each=each, as_json=as_json)
        elif calendar:
            from engine.cli.views.calendar import show_calendar

            show_calendar(app, workflow, at, as_json=as_json)
        else:
            from engine.cli.views.plan import show_plan

            show_plan(app, workflow, at, each=each, as_json=as_json)


def apply(
    workflow: Workflow,
    yes: Annotated[bool, typer.Option("--yes", help="Also if many letters would leave within a day.")] = False,
) -> None:
    """Make the files as they are now the plan that runs.

    Nothing is sent before this. Where more letters than FOLLOWTHROUGH_DAILY_LIMIT would leave within a day, or reach
    more people, it shows what would change and asks. “followthrough plan WORKFLOW --diff” shows it beforehand.
    """
    from engine.cli.views.apply import do_apply

    with installation() as app:
        do_apply(app, workflow, yes=yes)


def status(
    workflow: Workflow,
    at: Annotated[
        str | None, typer.Option("--at", metavar="DAY", help="As of a past day, by the facts true by then.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how far it is: targets, objectives, outputs, budget.

    The JSON has each count over time.
    """
    from engine.cli.views.status import show_status

    with installation() as app:
        show_status(app, workflow, at, as_json=as_json)


def forecast(
    workflow: Workflow,
    at: Annotated[
        str | None, typer.Option("--at", metavar="T", help="As of a past day or instant, as plan --at has it.")
    ] = None,
    runs: Annotated[
        int, typer.Option("--runs", metavar="N", min=100, max=100_000, help="How often to play what is left.")
    ] = 10_000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="The same seed, the same runs.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Say how likely targets and objectives are to be met.

    From how parties answered so far, by step, region and number of letters, and the letters still to come.
    It decides and changes nothing.

    \b
      followthrough forecast ccm-nim-2018 --at 2018-06-01
    """
    from engine.cli.views.forecast import show_forecast

    with installation() as app:
        show_forecast(app, workflow, at, runs=runs, seed=seed, as_json=as_json)


def feed(
    workflow: MaybeWorkflow = None,
    make: Annotated[
        str | None, typer.Option("--make", metavar="FEED", help="A private address of plan, role:ROLE or party:PARTY.")
    ] = None,
    label: Annotated[
        str, typer.Option("--for", metavar="WHOM", show_default=False, help="With --make: who gets the address.")
    ] = "",
    revoke: Annotated[
        str | None, typer.Option("--revoke", metavar="ADDRESS", help="Serve it no more: its number, or the address.")
    ] = None,
    addresses: Annotated[bool, typer.Option("--addresses", help="List the addresses that were made.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the calendar files (.ics) of what is applied.

    One for the whole plan, one for each role and each party, in feeds/ beside the database. While the pages run, each
    is served at the private addresses made for it: one for each reader, so that one can be revoked.

    \b
      followthrough feed ccm-nim-2018 --make party:NR --for "Nauru"
      followthrough feed --revoke 3
    """
    if sum((make is not None, revoke is not None, addresses)) > 1:
        raise typer.BadParameter("one at a time, please", param_hint="--make, --revoke, --addresses")
    if label and make is None:
        raise typer.BadParameter("it goes with --make", param_hint="--for")
    from engine.cli.views.feed import make_one, revoke_one, show_addresses, write_feeds

    with installation() as app:
        if make is not None:
            make_one(app, workflow, make, label, as_json=as_json)
        elif revoke is not None:
            revoke_one(app, revoke, as_json=as_json)
        elif addresses:
            show_addresses(app, workflow, as_json=as_json)
        else:
            write_feeds(app, workflow, as_json=as_json)
