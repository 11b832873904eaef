"""Who was told what day: told."""

from typing import Annotated

import typer

from engine.cli.options import AsJson, Workflow
from engine.cli.session import installation


def told(
    workflow: Workflow,
    party: Annotated[str | None, typer.Option("--party", metavar="P", help="Of this party: its id or name.")] = None,
    step: Annotated[str | None, typer.Option("--step", metavar="S", help="Of this step.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say who was told what day, and whether it is still so.

    It is what our letters said as they left. Those who know another day come first. `corrected` and `moved` of a step
    name the letters that put it right.
    """
    from engine.cli.views.told import show_told

    with installation() as app:
        show_told(app, workflow, party=party, step=step, as_json=as_json)
