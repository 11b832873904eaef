"""`links`: those of letters by which their readers answer, and revoking them."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from engine.app.answers.revoking import link_rows, revoke
from engine.app.root import App
from engine.cli.output import say, say_rows, say_wrapped
from engine.cli.session import actor
from engine.cli.views.letters import moment
from engine.definition.words import counted, listed

_STYLES = {"good": "green", "used": "bold", "revoked": "dim", "expired": "dim"}


def show_links(app: App, what: str | None, *, workflow: str | None, as_json: bool) -> None:
    """List the links of letters that have left."""
    rows = link_rows(app, what, workflow=workflow)
    if as_json:
        say_rows(rows)
        return
    if not rows:
        say("No letter that left has links.")
        if not app.links_url:
            say_wrapped(
                "Letters have links with FOLLOWTHROUGH_ANSWER_LINKS=yes, where FOLLOWTHROUGH_WEB_URL is an https address"
                " at which others reach the pages."
            )
        return
    for key, links in groupby(rows, key=lambda row: str(row["key"])):
        found = list(links)
        say((key, "bold"), f"  good until {moment(found[0]['good_until'])[:10]}")
        for row in found:
            answer = f", answer {row['answer']}" if row["answer"] else ""
            say(
                "    ",
                (f"{row['state']:<8}", _STYLES.get(row["state"], "")),
                f"  {row['purpose'].replace('_', ' ')}{answer}",
            )
    say()
    states = Counter(row["state"] for row in rows)
    say(f"{counted(len(rows), 'link')}: {listed([f'{number} {state}' for state, number in sorted(states.items())])}")


def do_revoke(app: App, what: str, *, workflow: str | None, reason: str) -> None:
    """Revoke links, and say of how many letters."""
    for name, letters in revoke(app, what, actor(), workflow=workflow, reason=reason).items():
        say(f"{name}: the links of {counted(letters, 'letter')} answer no more.")
