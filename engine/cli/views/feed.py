"""`feed`: the calendar files, written and listed, and their private addresses."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from engine.app.feeds.addresses import list_addresses, make_address, revoke_address
from engine.app.feeds.feeds import FeedFile, publish_feeds
from engine.app.root import App
from engine.cli.output import say, say_object, say_rows, say_wrapped
from engine.cli.session import actor
from engine.definition.dates import local_date
from engine.definition.words import counted, day_words
from engine.errors import display_path
from engine.store import FeedAddress


def write_feeds(app: App, workflow: str | None, *, as_json: bool) -> None:
    """Publish the feeds of a WORKFLOW, or of all that are applied."""
    files = publish_feeds(app, app.catalog.named(workflow)) if workflow or app.has_store else []
    if as_json:
        say_rows(
            {"workflow": file.workflow, "name": file.name, "title": file.title, "path": str(file.path)}
            for file in files
        )
    elif files:
        for name, of_one in groupby(files, key=lambda file: file.workflow):
            _show(name, list(of_one))
        if list_addresses(app):
            say("  Their addresses: followthrough feed --addresses")
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


def make_one(app: App, workflow: str | None, feed: str, label: str, *, as_json: bool) -> None:
    """Make an address, and tell it this once."""
    made = make_address(app, app.catalog.named(workflow), feed, label, actor())
    if as_json:
        say_object(_row(made.address) | {"url": made.url})
        return
    say((made.url, "bold"))
    whom = f" for {made.address.label}" if made.address.label else ""
    say_wrapped(
        f"Address {made.address.id}, of the feed {feed} of {made.address.workflow}{whom}. It is shown this once: only a"
        f" mark of it is kept. Whoever has it reads the feed; “followthrough feed --revoke {made.address.id}” ends that."
    )


def revoke_one(app: App, which: str, *, as_json: bool) -> None:
    """Revoke an address."""
    revoked = revoke_address(app, which, actor())
    if as_json:
        say_object(_row(revoked))
    else:
        say_wrapped(
            f"Address {revoked.id} of the feed {revoked.feed} is revoked. For 30 days it serves one event that says so,"
            " since calendars would keep what they have on an error; then it is gone."
        )


def show_addresses(app: App, workflow: str | None, *, as_json: bool) -> None:
    """List the addresses, also revoked ones; the addresses themselves are kept nowhere."""
    found = list_addresses(app, app.catalog.named(workflow))
    if as_json:
        say_rows(map(_row, found))
        return
    for address in found:
        whom = f" for {address.label}" if address.label else ""
        ended = f", revoked {_day(address.revoked_at)}" if address.revoked_at else ""
        say(
            f"{address.id:>4}  {address.workflow} {address.feed}{whom}: begins {address.hint}…,"
            f" made {_day(address.made_at)} by {address.made_by}{ended}"
        )
    if not found:
        say("No address was made yet: followthrough feed --make plan")


def _day(at: datetime) -> str:
    return f"{day_words(local_date(at, 'UTC'))} UTC"


def _row(address: FeedAddress) -> dict[str, Any]:
    return address._asdict() | {
        "made_at": address.made_at.isoformat(),
        "revoked_at": address.revoked_at.isoformat() if address.revoked_at else None,
    }
