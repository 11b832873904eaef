"""`delegate`, `digest` and `test`: who decides, who is told, and a letter to oneself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from engine.app.delegating import Asked, delegate, delegations, told
from engine.app.delegating import take_back as end
from engine.app.digests import digest_now
from engine.app.root import App
from engine.cli.output import say, say_object, say_rows, say_wrapped
from engine.cli.session import actor
from engine.cli.views.letters import moment


def do_delegate(
    app: App, to: str, *, keys: Sequence[str], step: str | None, of: str | None, workflow: str | None,
    since: str | None, until: str | None, reason: str,
) -> None:  # fmt: skip
    """Give what is asked to another role."""
    name = app.catalog.name_of(workflow) if workflow else None
    for made in delegate(app, Asked(to, keys, step, of, name, since, until, reason), actor()):
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
    found = digest_now(app, role, app.catalog.name_of(workflow) if workflow else None)
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
