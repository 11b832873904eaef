"""Commands about facts: record, retract, facts."""

from typing import Annotated

import typer

from engine.cli.options import (
    Anchor,
    AsJson,
    Contact,
    Cycle,
    Fact,
    MaybeWorkflow,
    Note,
    Parties,
    Step,
    Workflow,
    each_of,
    pairs_of,
)
from engine.cli.session import installation

Details = Annotated[
    list[str] | None, typer.Option("--detail", metavar="NAME=VALUE", help="A detail of the fact; again for several.")
]
On = Annotated[str | None, typer.Option("--on", metavar="DAY", help="The day it was true; today unless said.")]
Source = Annotated[str, typer.Option("--source", metavar="TEXT", show_default=False, help="Where it is known from.")]


MaybeFact = Annotated[
    str | None, typer.Argument(metavar="FACT", show_default=False, help="The fact's name, as the plan declares it.")
]
MaybeValue = Annotated[
    str | None,
    typer.Argument(
        metavar="VALUE", show_default=False, help="Its value; a date as 2018-03-20, or 2018-03 if no more is known."
    ),
]
LetterSent = Annotated[
    str | None, typer.Option("--letter-sent", metavar="KEY", help="Instead of a fact: this letter was mailed by hand.")
]

AgainstTheRule = Annotated[
    bool,
    typer.Option("--against-the-rule", help="Give an extension that its step's rule does not allow; --note says why."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what this would change, and change nothing.")]


def record(
    workflow: Workflow,
    fact: MaybeFact = None,
    value: MaybeValue = None,
    party: Parties = None,
    step: Step = None,
    anchor: Anchor = None,
    cycle: Cycle = None,
    contact: Contact = None,
    detail: Details = None,
    on: On = None,
    source: Source = "",
    note: Note = "",
    against_the_rule: AgainstTheRule = False,
    dry_run: DryRun = False,
    letter_sent: LetterSent = None,
) -> None:
    """Record what has happened; what it settles stops at once.

    Also what is decided about one party: an extension, an exemption, another
    pace. Recording again supersedes what was recorded before, and keeps it.

    \b
      followthrough record ccm-nim-2018 report 2018-03-20 --party NR
          --detail kind=initial --detail form_a=substantive
      followthrough record ccm-nim-2018 date 2017-10-12 --step ny_workshop
      followthrough record ccm-nim-2018 attended yes --step ny_workshop
          --party NR,FJ --on 2017-10-16
      followthrough record ccm-nim-2018 address new@example.org
          --contact fj_mission
      followthrough record ccm-nim-2018 extended_to 2018-05-31
          --step ny_follow_up --party RW --note "asked by note verbale"
    """
    from engine.cli.views.facts import do_record, do_record_sent
    from engine.definition.built_in import AGAINST_THE_RULE
    from engine.definition.facts import Subject

    if letter_sent is not None:
        if fact is not None or dry_run:
            raise typer.BadParameter(
                "a letter mailed by hand takes no FACT and VALUE, and no --dry-run", param_hint="--letter-sent"
            )
        with installation() as app:
            do_record_sent(app, workflow, letter_sent, on=on, note=note)
        return
    if fact is None or value is None:
        raise typer.BadParameter("name the fact and its value", param_hint="FACT VALUE")
    details = pairs_of(detail) | ({AGAINST_THE_RULE: "yes"} if against_the_rule else {})
    about = Subject(None, step, anchor, cycle, contact).of_each(each_of(party))
    with installation() as app:
        do_record(app, workflow, fact, value, about, details=details, on=on, source=source, note=note, dry_run=dry_run)


def retract(
    workflow: Workflow,
    fact: Fact,
    party: Parties = None,
    step: Step = None,
    anchor: Anchor = None,
    cycle: Cycle = None,
    contact: Contact = None,
    note: Note = "",
    dry_run: DryRun = False,
) -> None:
    """Take back the last recording; the one before stands again.

    \b
      followthrough retract ccm-nim-2018 report --party CV
          --note "it was another convention's"
    """
    from engine.cli.views.facts import do_retract
    from engine.definition.facts import Subject

    about = Subject(None, step, anchor, cycle, contact).of_each(each_of(party))
    with installation() as app:
        do_retract(app, workflow, fact, about, note=note, dry_run=dry_run)


def facts(
    workflow: MaybeWorkflow = None,
    party: Annotated[str | None, typer.Option("--party", metavar="P", help="About this party only.")] = None,
    fact: Annotated[str | None, typer.Option("--fact", metavar="FACT", help="Of this name only.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what was recorded, and what was taken back."""
    from engine.cli.views.facts import show_facts

    with installation() as app:
        show_facts(app, workflow, party=party, fact=fact, as_json=as_json)
