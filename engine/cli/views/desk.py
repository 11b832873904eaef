"""`delegate`, `digest` and `test`: who decides, who is told, and a letter to oneself."""

from __future__ import annotations

from dataclasses import asdict

import typer

from engine.app.letters.delegating import Asked, delegate, delegations, told
from engine.app.letters.delegating import take_back as end
from engine.app.letters.digests import digest_now
from engine.app.letters.trial import NotOfThePlan, send_test
from engine.app.root import App
from engine.cli.faults import FAILED
from engine.cli.output import say, say_object, say_rows, say_wrapped
from engine.cli.session import actor, at_terminal
from engine.cli.views.letters import moment
from engine.definition.words import capital
from engine.errors import Refused


def do_delegate(app: App, asked: Asked) -> None:
    """Give what is asked to another role."""
    for made in delegate(app, asked, actor()):
        say_wrapped(f"Given (number {made.id}): {told(app, made)}.")


def take_back(app: App, number: int) -> None:
    """Take a delegation back."""
    ended = end(app, number, actor())
    say_wrapped(f"Taken back: {told(app, ended)}. {ended.owner} is asked again.")


def show_delegations(app: App, *, as_json: bool) -> None:
    """List what is given to whom."""
    found = delegations(app)
    if as_json:
        say_rows([
            {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in each._asdict().items()}
            for each in found
        ])  # fmt: skip
    elif not found:
        say("Nothing is given to anybody: each step's owner is asked.")
    else:
        for each in found:
            say_wrapped(told(app, each), first=f"{each.id}  ", rest="   ")


def show_digest(app: App, role: str, workflow: str | None, *, as_json: bool) -> None:
    """Print a role's digest as of now."""
    found = digest_now(app, role, app.catalog.named(workflow))
    if as_json:
        say_object(asdict(found))
        return
    comes = f"{found.often}, next {moment(found.next)}" if found.next else "none is sent: no role of it has “digest:”"
    say((f"To {found.to}", "bold"), f" ({comes})")
    if not found.text:
        say("Nothing is new and nothing is to be done, so it would not be sent.")
        return
    say(f"Subject: {found.subject}")
    say()
    say(found.text.rstrip())


def send(app: App, key: str, to: str, *, yes: bool) -> None:
    """Send a test letter; at a terminal a person may confirm an address that nobody in the plan has."""
    try:
        done = send_test(app, key, to, actor(), confirmed=yes)
    except NotOfThePlan as error:
        if not at_terminal():
            raise Refused(f"{error}: --yes sends it there all the same") from None
        if not typer.confirm(f"{capital(str(error))}. Send it there all the same?", err=True):
            raise typer.Exit(FAILED) from None
        done = send_test(app, key, to, actor(), confirmed=True)
    how = "filed in the built-in mailbox" if done.channel == "mailbox" else f"taken by the server ({done.receipt})"
    say_wrapped(f"A test of {key} to {done.address}: {how}. It counts nowhere.")
