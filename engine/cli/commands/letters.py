"""Commands about letters: letters, show, approve, edit, refuse, why."""

from typing import Annotated

import typer

from engine.cli.options import AsJson, MaybeWorkflow
from engine.cli.session import installation

Key = Annotated[
    str,
    typer.Argument(metavar="KEY", show_default=False, help="A letter's key, as `letters` and `plan --each` show it."),
]


def letters(
    plan: MaybeWorkflow = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="S", help="In this state, such as awaiting_approval.")
    ] = None,
    step: Annotated[str | None, typer.Option("--step", metavar="S", help="Of this step.")] = None,
    party: Annotated[str | None, typer.Option("--party", metavar="P", help="To this party.")] = None,
    workflow: Annotated[str | None, typer.Option("--workflow", metavar="W", help="Of this plan.")] = None,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="What waits for approval, each kind once with what differs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what the outbox holds."""
    from engine.cli.views.letters import show_letters

    if waiting and state is not None:
        raise typer.BadParameter("--waiting and --state exclude each other", param_hint="--waiting")
    if plan is not None and workflow is not None:
        raise typer.BadParameter("the plan is named twice", param_hint="--workflow")
    workflow = workflow or plan
    with installation() as app:
        if waiting:
            from engine.cli.views.kinds import show_waiting

            show_waiting(app, step=step, party=party, workflow=workflow, as_json=as_json)
            return
        show_letters(app, state=state, step=step, party=party, workflow=workflow, as_json=as_json)


def show(key: Key, as_json: AsJson = False) -> None:
    """Show a letter as it left, or as it would be now."""
    from engine.cli.views.letters import show_letter

    with installation() as app:
        show_letter(app, key, as_json=as_json)


def approve(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="KEY", show_default=False, help="Keys of letters.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Whatever waits: each kind is shown once, with what differs.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not show and ask.")] = False,
) -> None:
    """Approve letters as they are now, so that they may leave.

    What reads otherwise on its day asks again; the same one at another time does not.
    """
    if bool(keys) == everything:
        raise typer.BadParameter("name the letters, or say --all", param_hint="KEY")

    with installation() as app:
        if keys:
            from engine.cli.views.letters import do_approve

            do_approve(app, keys)
        else:
            from engine.cli.views.kinds import approve_all

            approve_all(app, yes=yes)


def edit(
    key: Key,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Take the words from a file; - for standard input.")
    ] = None,
    show_words: Annotated[bool, typer.Option("--print", help="Print the words as they would be edited.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Let it read as its template has it again.")] = False,
    approved: Annotated[bool, typer.Option("--approve", help="Approve it as edited, too.")] = False,
) -> None:
    """Change a letter's words before it is approved, in your editor.

    The first line is “Subject: …”, then an empty one, then the letter in Markdown; greeting and signature are not in it.
    """
    if (from_ is not None) + show_words + undo > 1:
        raise typer.BadParameter("--from, --print and --undo exclude each other", param_hint="--from")
    from engine.cli.views import editing

    with installation() as app:
        if show_words:
            editing.show_words(app, key)
        elif undo:
            editing.undo(app, key, approved=approved)
        else:
            editing.do_edit(app, key, from_, approved=approved)


def note(
    key: Key,
    pdf: Annotated[str, typer.Option("--pdf", metavar="FILE", show_default=False, help="Where to write it.")],
) -> None:
    """Write a letter's note verbale as PDF, to print.

    It has its number once it is approved.
    """
    from engine.cli.views.letters import write_note

    with installation() as app:
        write_note(app, key, pdf)


def refuse(
    keys: Annotated[list[str], typer.Argument(metavar="KEY", show_default=False, help="Keys of letters.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", show_default=False, help="Why; it is kept.")],
) -> None:
    """Say no to letters: they do not leave, whatever the plan says.

    `approve` takes the no back.
    """
    from engine.cli.views.letters import do_refuse

    with installation() as app:
        do_refuse(app, keys, reason)


def why(
    what: Annotated[
        str,
        typer.Argument(metavar="KEY|PARTY|ADDRESS", show_default=False, help="A letter's key, a party, or an address."),
    ],
    step: Annotated[str | None, typer.Option("--step", metavar="S", help="Of this step only.")] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="Of this day only.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say why a letter went or did not, and what comes next."""
    from engine.cli.views.letters import show_why

    with installation() as app:
        show_why(app, what, step=step, on=on, as_json=as_json)
