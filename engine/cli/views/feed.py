"""`feed`: the calendar files, written and listed."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from engine.app.feeds import FeedFile, publish_feeds
from engine.app.root import App
from engine.cli.output import say, say_rows
from engine.cli.session import name_of
from engine.cli.words import counted
from engine.errors import display_path


def write_feeds(app: App, workflow: str | None, *, as_json: bool) -> None:
    """Publish the feeds of a WORKFLOW, or of all that are applied."""
    files = publish_feeds(app, name_of(app, workflow) if workflow else None) if workflow or app.has_store else []
    if as_json:
        say_rows(
            {"workflow": file.workflow, "name": file.name, "title": file.title, "path": str(file.path)}
            for file in files
        )
    elif files:
        for name, of_one in groupby(files, key=lambda file: file.workflow):
            _show(name, list(of_one))
    else:
        say("No plan is applied, so there is nothing to publish: followthrough apply WORKFLOW")


def _show(workflow: str, files: list[FeedFile]) -> None:
    folder: Path = files[0].path.parent
    say(f"{workflow}: {counted(len(files), 'feed')} in {display_path(folder)}")
    parties = [file for file in files if file.name.startswith("party:")]
    for file in files:
        if file not in parties:
            say(f"  {file.path.name}  {file.title}")
    if parties:
        say(
            f"  {parties[0].path.name} and {counted(len(parties) - 1, 'other')}, one for each party with something to come"
        )
