"""A link of a letter: what it is about, and what follows when its button is pressed.

To look at a link changes nothing, whoever or whatever looks. Pressing its button is an answer like a reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email import policy
from email.parser import BytesHeaderParser
from enum import StrEnum

from engine.answer import Answer, AnswerKind, Purpose
from engine.app.answers.taking_in import take_in
from engine.app.root import App
from engine.definition.dates import local_date
from engine.definition.syntax.written import prose
from engine.dispatcher.answering import BY
from engine.errors import Refused
from engine.letter import Recorded
from engine.lifecycle import SETTLED
from engine.rendering.addressing import titled
from engine.rendering.links import good_until
from engine.rendering.tongues import speaking
from engine.store import AnswerRecord, LinkRevocation, Transaction

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
        known = tx.answer_of(link_source(key, purpose))
        revoked = is_revoked(row, tx.revoked_links(row.workflow))
        standing = app.standings.get(tx, row.workflow, now)
        step = standing.workflow.steps.get(row.step)
        owner = standing.workflow.roles.get(step.owner if step else standing.workflow.owner)
        tongue = speaking(_language(tx, key))
    state = state_of(row, known, revoked, now)
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


def state_of(row: Recorded, known: AnswerRecord | None, revoked: bool, now: datetime) -> LinkState:
    """How a link of a letter that left is. `known` is the answer that was given by it."""
    if revoked:
        return LinkState.REVOKED
    if known is not None:
        return LinkState.USED
    return LinkState.EXPIRED if now > good_until(row.due_at) else LinkState.GOOD


def is_revoked(row: Recorded, revoked: Sequence[LinkRevocation]) -> bool:
    """Whether a letter's links answer no more: its own, or those of all that had left to its party by then."""
    return any(
        each.letter == row.key or (each.party is not None and each.party == row.party and row.left_at <= each.at)
        for each in revoked
    )  # fmt: skip


def link_source(key: str, purpose: Purpose) -> str:
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
        link_source(link.key, link.purpose), AnswerKind.LINK, app.clock.now(), link.key, "link", text=_remark(remark), said=said
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
