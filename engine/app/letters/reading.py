"""A letter as its recipient sees it: the mail that left, or the one that would."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal, NamedTuple

from engine.app.asked import known_letter, no_letter
from engine.app.root import App
from engine.definition.attachments import Attachment
from engine.dispatcher.notices.letter import needless, notice_letter
from engine.dispatcher.parts import mail_of, part_of
from engine.dispatcher.standing import Standing, place_of
from engine.errors import FollowthroughError
from engine.letter import NOTICES, Letter, Recorded
from engine.lifecycle import UNSENT, State
from engine.rendering.context import Rendered
from engine.store import EditRecord, MailRecord, Transaction


@dataclass(frozen=True, slots=True)
class LetterReading:
    """A letter to read. `frozen`: these are the bytes that left; else it `would` read so, or `problem` says why not.

    `digest` is that of what would be approved, where a person can approve it; `edit` whose words it has, if a person's.
    `beside` are the keys of the other letters that left in the same mail.
    """

    row: Recorded
    to: str
    cc: str
    subject: str
    frozen: bool = False
    sender: str = ""
    date: datetime | None = None
    text: str = ""
    html: str = ""
    source: bytes = b""
    attachments: tuple[Attachment, ...] = ()
    digest: str | None = None
    edit: EditRecord | None = None
    problem: str = ""
    beside: tuple[str, ...] = ()


def read_letter(app: App, key: str) -> LetterReading:
    """The letter of that key. Raises NotFound for one that has no row in the outbox."""
    if not app.has_store:
        raise no_letter(key)
    with app.store.read() as tx:
        row = known_letter(tx, key)
        mail = tx.mail_of(key)
        if mail is not None and row.state not in UNSENT:
            read = _frozen(row, mail)
        else:
            read = _as_it_would_be(app, tx, app.standings.get(tx, row.workflow, app.clock.now()), row)
        return replace(read, edit=tx.edit_of(row))


def _frozen(row: Recorded, mail: MailRecord) -> LetterReading:
    return replace(_read(row, mail.body), frozen=True, beside=beside(row.key, mail.body))


def beside(key: str, body: bytes) -> tuple[str, ...]:
    """The keys of the other letters that a mail carries."""
    found = message_from_bytes(body, policy=policy.default).get_all("X-Followthrough-Key", [])
    return tuple(str(each) for each in found if each != key)


def _read(row: Recorded, body: bytes) -> LetterReading:
    message = message_from_bytes(body, policy=policy.default)
    on = message["Date"].datetime if message["Date"] else None
    to, cc, subject, sender = (str(message[name] or "") for name in ("To", "Cc", "Subject", "From"))
    return LetterReading(
        row, to, cc, subject, False, sender, on, text_of(message, "plain"), text_of(message, "html"), body,
        attachments_of(message),
    )  # fmt: skip


def text_of(message: EmailMessage, kind: Literal["plain", "html"]) -> str:
    """The words of a mail, as `plain` or `html`."""
    part = message.get_body((kind,))
    return part.get_content().replace("\r\n", "\n") if part is not None else ""


def attachments_of(message: EmailMessage) -> tuple[Attachment, ...]:
    """What a mail carries besides its words."""
    return tuple(
        Attachment(part.get_filename() or "", part.get_content_type(), content)
        for part in message.iter_attachments()
        if isinstance(content := part.get_payload(decode=True), bytes)
    )


class ReadsNow(NamedTuple):
    """A letter that has not left, in words, with the letters that its thread and its plan rest on."""

    letter: Letter
    rendered: Rendered
    rows: list[Recorded]


def reads_now(app: App, tx: Transaction, row: Recorded) -> ReadsNow | None:
    """How a letter would read now; None where there is nothing to send. Raises RenderError and BadInput."""
    now = app.clock.now()
    standing = app.standings.get(tx, row.workflow, now)
    if row.template in NOTICES:
        notice = notice_letter(tx, app.standings, row, now, app.settings.web_url)
        return ReadsNow(notice[0], standing.opened.renderer.render(notice[1]), []) if notice else None
    place = place_of(tx, standing, row)
    letter = place.letter(row.key)
    if letter is None or letter.due_at is None:
        return None
    return ReadsNow(letter, standing.read(tx, letter, place.plan, row), place.rows)


def _as_it_would_be(app: App, tx: Transaction, standing: Standing, row: Recorded) -> LetterReading:
    shown = LetterReading(row, row.to, row.cc, row.subject)
    try:
        found = reads_now(app, tx, row)
        if found is None:
            notice = row.template in NOTICES
            return replace(shown, problem=needless(row) if notice else "the plan has no such letter any more")
        part = part_of(standing, row, found.letter, found.rendered, found.rows, app.settings)
        mail = mail_of([part], max(row.due_at, app.clock.now()), app.settings).mail
    except FollowthroughError as error:
        return replace(shown, problem=f"it cannot be rendered: {error}")
    asks = row.approval and row.approved_digest is None and found.letter.state == State.SCHEDULED
    may = row.state in UNSENT or row.refused is not None
    return replace(_read(row, mail.body), digest=found.rendered.digest if asks and may else None)
