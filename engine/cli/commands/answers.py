"""Commands about answers: answers, decide, links."""

from typing import Annotated

import typer

from engine.cli.options import AsJson, pairs_of
from engine.cli.session import installation

What = Annotated[
    str | None,
    typer.Argument(
        metavar="WORKFLOW|ID", show_default=False, help="Of this plan; or one answer, whole, by its number."
    ),
]


def answers(
    what: What = None,
    party: Annotated[str | None, typer.Option("--party", metavar="P", help="From this party.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are decided.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the answers that wait for a decision, or show one whole.

    \b
      followthrough answers ccm-nim-2018 --party FJ
      followthrough answers 12
    """
    from engine.cli.views.answers import show_answer, show_answers

    with installation() as app:
        if what is not None and what.isdecimal():
            show_answer(app, int(what), as_json=as_json)
        else:
            show_answers(app, what, party=party, everything=everything, as_json=as_json)


def decide(
    number: Annotated[int, typer.Argument(metavar="ID", show_default=False, help="The answer's number.")],
    decision: Annotated[
        str, typer.Argument(metavar="DECISION", show_default=False, help="go-on, wait, done, assign or nothing.")
    ],
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="DAY|FACT VALUE|KEY", show_default=False, help="What the decision takes."),
    ] = None,
    detail: Annotated[
        list[str] | None, typer.Option("--detail", metavar="NAME=VALUE", help="With done: a detail of the fact.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", show_default=False, help="Why; it is kept.")] = "",
) -> None:
    """Say what an answer means, which held letters back.

    \b
      decide 12 go-on            the letters go on; of mail that came
                                 back: the address is good after all
      decide 12 wait 2018-05-01  nothing of this leaves before the day
      decide 12 done report 2018-04-03 --detail form_a=substantive
                                 record what makes the party done
      decide 12 assign KEY       it is a reply to that letter
      decide 12 nothing          it is no answer; of mail that came
                                 back: the address stays out of use
    """
    from engine.cli.views.answers import do_decide

    with installation() as app:
        do_decide(app, number, decision, values or [], details=pairs_of(detail), reason=reason)


def links(
    what: Annotated[
        str | None, typer.Argument(metavar="KEY|PARTY", show_default=False, help="Of this letter, or to this party.")
    ] = None,
    workflow: Annotated[str | None, typer.Option("--workflow", metavar="W", help="Of this plan.")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Let them answer no more: what has left by now.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", show_default=False, help="Why; it is kept.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the links of letters that left, or revoke them.

    \b
      followthrough links FJ
      followthrough links FJ --revoke --reason "it was forwarded widely"
    """
    if revoke and what is None:
        raise typer.BadParameter("name the letter or the party whose links are to be revoked", param_hint="KEY|PARTY")
    from engine.cli.views.links import do_revoke, show_links

    with installation() as app:
        if revoke and what is not None:
            do_revoke(app, what, workflow=workflow, reason=reason)
        else:
            show_links(app, what, workflow=workflow, as_json=as_json)
