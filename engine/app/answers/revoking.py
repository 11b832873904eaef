"""The links of letters that left: which there are, how they are, and letting them answer no more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any

from engine.answer import Purpose
from engine.app.answers.links import is_revoked, link_source, state_of
from engine.app.asked import known_letter, readable
from engine.app.root import LINKS_SECRET, App
from engine.app.views import local
from engine.definition.hints import suggest
from engine.errors import NotFound
from engine.letter import Recorded
from engine.lifecycle import SETTLED
from engine.rendering.links import PATH, LetterLinks, good_until
from engine.store import ANY, Transaction


def link_rows(app: App, what: str | None, *, workflow: str | None = None) -> list[dict[str, Any]]:
    """The links of letters that left, as JSON, oldest first: of a letter's key, of a party, or of all."""
    if not app.has_store:
        return []
    now = app.clock.now()
    with app.store.read() as tx:
        rows = []
        for row in _letters(app, tx, what, workflow):
            revoked = is_revoked(row, tx.revoked_links(row.workflow))
            for purpose, url in links_of(tx, row).items():
                known = tx.answer_of(link_source(row.key, purpose))
                rows.append({
                    "key": row.key, "party": row.party, "workflow": row.workflow, "purpose": purpose.value,
                    "state": state_of(row, known, revoked, now).value, "url": url,
                    "good_until": local(good_until(row.due_at), row.zone), "answer": known.id if known else None,
                })  # fmt: skip
    return rows


_URL = re.compile(rf"https?://[^\s<>]+{PATH}[\w.-]+")


def links_of(tx: Transaction, row: Recorded) -> dict[Purpose, str]:
    """The links of a letter as they stand in the mail that it left in, by what they say; other letters may be in it."""
    mail, secret = tx.mail_of(row.key), tx.meta_get(LINKS_SECRET)
    if mail is None or secret is None or row.state not in SETTLED or row.party is None:
        return {}
    part = message_from_bytes(mail.body, policy=policy.default).get_body(("plain",))
    reader, found = LetterLinks("", secret), dict[Purpose, str]()
    for url in _URL.findall(str(part.get_content()) if part is not None else ""):
        of = reader.read(url.rpartition(PATH)[2])
        if of is not None and of[0] == row.key:
            found[of[1]] = url
    return found


def _letters(app: App, tx: Transaction, what: str | None, workflow: str | None) -> list[Recorded]:
    """The letters that something names. Raises NotFound for a key that there is not."""
    if what is not None and "/" in what:
        return [known_letter(tx, what)]
    name = app.catalog.named(workflow)
    return tx.find_letters(workflow=name, party=what if what is not None else ANY, state=SETTLED)


def revoke(app: App, what: str, actor: str, *, workflow: str | None = None, reason: str = "") -> Mapping[str, int]:
    """Let the links of a letter (by its key), or of all that has left to a party by now, answer no more.

    Returns how many letters of each plan that concerns. Raises NotFound and Refused.
    """
    note = readable(reason, "the reason")
    if not app.has_store:
        raise NotFound("no letter has left yet")
    now = app.clock.now()
    with app.standings.deciding() as tx:
        rows = [row for row in _letters(app, tx, what, workflow) if links_of(tx, row)]
        if not rows:
            raise NotFound(_nothing_of(app, tx, what, now))
        found = Counter(row.workflow for row in rows)
        letter = what if "/" in what else None
        for name in found:
            tx.revoke_links(name, party=None if letter else what, letter=letter, now=now, actor=actor, reason=note)
    return found


def _nothing_of(app: App, tx: Transaction, what: str, now: datetime) -> str:
    if "/" in what:
        return f"{what} has not left, or has no links"
    known = [party for standing in app.standings.all(tx, now) for party in standing.planner.plannable.parties]
    if what in known:
        return f"no letter with links has left to {what}"
    hint = f"Did you mean {what.upper()}?" if what.upper() in known else suggest(what, known)
    return f"there is no party “{what}”. {hint}".rstrip()
