"""The links of letters: what one is about, what follows when its button is pressed, which are good, and revoking them.

To look at a link changes nothing, whoever or whatever looks. Pressing its button is an answer like a reply.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from email.parser import BytesHeaderParser
from enum import StrEnum
from typing import Any

from engine.answer import Answer, AnswerKind, Purpose
from engine.app.answers.taking_in import take_in
from engine.app.asked import readable
from engine.app.root import LINKS_SECRET, App
from engine.app.views import local
from engine.definition.dates import local_date
from engine.definition.hints import suggest
from engine.definition.syntax.written import prose
from engine.dispatcher.answering import BY
from engine.errors import NotFound, Refused
from engine.letter import Recorded, parse_key
from engine.lifecycle import SETTLED
from engine.rendering.addressing import titled
from engine.rendering.links import PATH, LetterLinks, good_until
from engine.rendering.tongues import speaking
from engine.store import ANY, AnswerRecord, LinkRevocation, Transaction

AUTHOR = "link"
_HEADERS = BytesHeaderParser(policy=policy.default)
_LONGEST_REMARK = 2_000
_FURTHEST = 730
"""Days ahead that a promised day may lie."""


class LinkState(StrEnum):
    """How a link is."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    """Not one of ours, or of a letter that has not left."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link as whoever opens it may see it: no more than the letter said, in its `language`. `said` is what it was used
    for, and `by` the day of “we will by …” in words."""

    state: LinkState
    purpose: Purpose | None = None
    key: str = ""
    subject: str = ""
    sent_on: str = ""
    from_: str = ""
    said: str = ""
    by: str = ""
    language: str = "en"


_UNKNOWN = Link(LinkState.UNKNOWN)


def look_at(app: App, token: str) -> Link:
    """What a link is about. Nothing changes."""
    found = app.letter_links.read(token) if app.letter_links is not None else None
    if found is None or not app.has_store:
        return _UNKNOWN
    key, purpose = found
    now = app.clock.now()
    with app.store.read() as tx:
        row = tx.letter(key)
        if row is None or row.state not in SETTLED or row.sent_at is None:
            return _UNKNOWN
        known = tx.answer_of(_source(key, purpose))
        revoked = _is_revoked(row, tx.revoked_links(row.workflow))
        standing = app.standings.get(tx, row.workflow, now)
        step = standing.workflow.steps.get(row.step)
        owner = standing.workflow.roles.get(step.owner if step else standing.workflow.owner)
        tongue = speaking(_language(tx, key))
    state = _state(row, known, revoked, now)
    if state in (LinkState.REVOKED, LinkState.EXPIRED):
        return Link(state, language=tongue.code)
    sent_on = tongue.day(local_date(row.sent_at, row.zone))
    said = known.said if known else ""
    by = tongue.day(date.fromisoformat(said.removeprefix(BY))) if said.startswith(BY) else ""
    title = titled(owner.title, owner.titles, tongue).removeprefix("The ") if owner else ""
    return Link(state, purpose, key, row.subject, sent_on, title, said, by, tongue.code)


def _language(tx: Transaction, key: str) -> str:
    """The language of the mail that a letter left in."""
    mail = tx.mail_of(key)
    said = str(_HEADERS.parsebytes(mail.body)["Content-Language"] or "") if mail else ""
    return said.partition(",")[0].strip() or "en"


def _state(row: Recorded, known: AnswerRecord | None, revoked: bool, now: datetime) -> LinkState:
    if revoked:
        return LinkState.REVOKED
    if known is not None:
        return LinkState.USED
    return LinkState.EXPIRED if now > good_until(row.due_at) else LinkState.GOOD


def _is_revoked(row: Recorded, revoked: Sequence[LinkRevocation]) -> bool:
    return any(
        each.letter == row.key or (each.party is not None and each.party == row.party and (row.sent_at or row.due_at) <= each.at)
        for each in revoked
    )  # fmt: skip


def _source(key: str, purpose: Purpose) -> str:
    """Where an answer by a link came from: each link is used once."""
    return f"link:{purpose}:{key}"


def use(app: App, token: str, *, day: str = "", remark: str = "") -> Link:
    """Press a link's button: `day` is that of “we will by …”. Raises Refused, with words for whoever pressed it.

    A link that is not good stays as it is, and so does one that was used.
    """
    link = look_at(app, token)
    if link.state is not LinkState.GOOD or link.purpose is None:
        return link
    said = link.purpose.value
    if link.purpose is Purpose.BY:
        said = f"{BY}{_promised(day, app.clock.now().date())}"
    answer = Answer(
        _source(link.key, link.purpose), AnswerKind.LINK, app.clock.now(), link.key, "link", text=_remark(remark), said=said
    )  # fmt: skip
    take_in(app, [answer], AUTHOR)
    return look_at(app, token)


def _promised(day: str, today: date) -> date:
    try:
        on = date.fromisoformat(day.strip())
    except ValueError:
        raise Refused("Please name the day, such as 2018-05-01.") from None
    if not 0 < (on - today).days <= _FURTHEST:
        raise Refused("Please name a day that lies ahead, within the next two years.")
    return on


def _remark(text: str) -> str:
    try:
        found = prose(text)
    except ValueError:
        raise Refused("Your remark has characters in it that cannot be shown. Please write it anew.") from None
    if len(found) > _LONGEST_REMARK:
        raise Refused(f"Your remark has more than {_LONGEST_REMARK:,} characters. Please shorten it.")
    return found


def link_rows(
    app: App, what: str | None = None, *, workflow: str | None = None
) -> list[dict[str, Any]]:  # fmt: skip
    """The links of letters that left, as JSON, oldest first: of a letter's key, of a party, or of all."""
    if not app.has_store:
        return []
    now = app.clock.now()
    with app.store.read() as tx:
        rows = []
        for row in _letters(app, tx, what, workflow):
            revoked = _is_revoked(row, tx.revoked_links(row.workflow))
            for purpose, url in links_of(tx, row).items():
                known = tx.answer_of(_source(row.key, purpose))
                rows.append({
                    "key": row.key, "party": row.party, "workflow": row.workflow, "purpose": purpose.value,
                    "state": _state(row, known, revoked, now).value, "url": url,
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
        row = tx.letter(what)
        if row is None:
            raise NotFound(f"there is no letter {what} in the outbox")
        return [row]
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
        party = parse_key(what).party if letter else what
        for name in found:
            tx.revoke_links(
                name, party=None if letter else party, letter=letter, now=now, actor=actor, reason=note
            )  # fmt: skip
    return found


def _nothing_of(app: App, tx: Transaction, what: str, now: datetime) -> str:
    if "/" in what:
        return f"{what} has not left, or has no links"
    known = [party for standing in app.standings.all(tx, now) for party in standing.planner.plannable.parties]
    if what in known:
        return f"no letter with links has left to {what}"
    hint = f"Did you mean {what.upper()}?" if what.upper() in known else suggest(what, known)
    return f"there is no party “{what}”. {hint}".rstrip()
