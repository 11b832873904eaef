"""Arguments and options that several commands share, so that one word means one thing."""

from typing import Annotated

import typer

Workflow = Annotated[
    str, typer.Argument(metavar="WORKFLOW", show_default=False, help="A plan: its name, or a path to its file.")
]
MaybeWorkflow = Annotated[
    str | None, typer.Argument(metavar="WORKFLOW", show_default=False, help="A plan: its name, or a path to its file.")
]
Fact = Annotated[
    str, typer.Argument(metavar="FACT", show_default=False, help="The fact's name, as the plan declares it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

Parties = Annotated[
    list[str] | None, typer.Option("--party", metavar="P", help="About this party; again, or with commas, for several.")
]
Step = Annotated[
    str | None, typer.Option("--step", metavar="S", help="About this step (with a party: the party at it).")
]
Anchor = Annotated[str | None, typer.Option("--anchor", metavar="A", help="About this anchor.")]
Cycle = Annotated[
    str | None, typer.Option("--cycle", metavar="C", help="For this cycle; else the oldest open one without it.")
]
Contact = Annotated[str | None, typer.Option("--contact", metavar="ID", help="About this contact.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", show_default=False, help="A remark to keep with it.")]


def each_of(given: list[str] | None) -> list[str]:
    """Values given again and again, or separated by commas, each once and in order."""
    parts = (part.strip() for value in given or () for part in value.split(","))
    return list(dict.fromkeys(part for part in parts if part))


def pairs_of(given: list[str] | None) -> dict[str, str]:
    """`name=value`, several times. Raises BadParameter, which is wrong usage."""
    pairs = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise typer.BadParameter(
                f"“{text}” is not of the form name=value, such as form_a=substantive", param_hint="--detail"
            )
        if name.strip() in pairs:
            raise typer.BadParameter(f"“{name.strip()}” is given twice", param_hint="--detail")
        pairs[name.strip()] = value.strip()
    return pairs
