"""Commands about who decides and who is told: delegate, digest, test."""

from typing import Annotated

import typer

from engine.cli.options import AsJson
from engine.cli.session import installation


def delegate(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="KEY", show_default=False, help="Keys of letters that wait.")
    ] = None,
    step: Annotated[str | None, typer.Option("--step", metavar="S", help="What is asked of this step.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that is asked.")] = False,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ROLE", help="Who decides then: a role of the plan, or its address.")
    ] = None,
    of: Annotated[
        str | None, typer.Option("--of", metavar="ROLE", help="Who gives it; else the step's or the plan's owner.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="From this day on; else from now.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="The last day; else until it is taken back.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", show_default=False, help="Why; it is kept.")] = "",
    workflow: Annotated[str | None, typer.Option("--workflow", metavar="W", help="Of this plan.")] = None,
    undo: Annotated[
        int | None, typer.Option("--undo", metavar="N", help="Take the delegation of this number back.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let another role decide about letters: these, a step's, or all while you are away.

    With nothing named it lists what is given. The other gets the prompt; each approval says in whose place it was given.
    """
    from engine.app.letters.delegating import Asked
    from engine.cli.views import desk

    asked = bool(keys) + (step is not None) + everything
    if undo is not None and (asked or to):
        raise typer.BadParameter("--undo goes alone", param_hint="--undo")
    if asked > 1:
        raise typer.BadParameter("name letters, or a --step, or say --all", param_hint="KEY")
    if bool(asked) != (to is not None):
        needed = "say to whom" if asked else "name letters, or a --step, or say --all"
        raise typer.BadParameter(needed, param_hint="--to")
    with installation() as app:
        if undo is not None:
            desk.take_back(app, undo)
        elif to is None:
            desk.show_delegations(app, as_json=as_json)
        else:
            name = app.catalog.named(workflow)
            desk.do_delegate(app, Asked(to, keys or (), step, of, name, since, until, reason))


def digest(
    role: Annotated[str, typer.Argument(metavar="ROLE", show_default=False, help="A role of a plan, or its address.")],
    workflow: Annotated[str | None, typer.Option("--workflow", metavar="W", help="Of this plan.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a role's digest would say now.

    How often one is sent stands in the plan: “digest: daily” or “digest: weekly on Monday” at the role.
    """
    from engine.cli.views.desk import show_digest

    with installation() as app:
        show_digest(app, role, workflow, as_json=as_json)


def trial(
    key: Annotated[str, typer.Argument(metavar="KEY", show_default=False, help="A letter's key.")],
    to: Annotated[
        str, typer.Option("--to", metavar="ROLE", show_default=False, help="A role of the plan, or an address.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Also to an address that nobody in the plan has.")] = False,
) -> None:
    """Send a letter to yourself, just as its recipient would get it.

    Only the envelope is another, and the subject says “Test”. It counts nowhere, and is on record.
    """
    from engine.cli.views.desk import send

    with installation() as app:
        send(app, key, to, yes=yes)
