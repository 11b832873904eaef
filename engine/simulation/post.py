"""What comes back by mail in a simulated year: real messages in answer to a letter that left, read as any other mail."""

from __future__ import annotations

import os
from contextlib import closing
from email.message import EmailMessage
from email.utils import format_datetime

from engine.app.answers.deciding import Decision, decide
from engine.app.answers.inbox import inbox_of, read_inbox
from engine.app.answers.settling import DecidedAnswer
from engine.app.answers.taking_in import TakenIn
from engine.app.root import App
from engine.channels.mailbox import Maildir
from engine.definition.cadence import is_escalation
from engine.definition.scenario.events import DecideEvent, MailEvent, MailKind
from engine.definition.workflow import Workflow
from engine.errors import Refused
from engine.inbound.body import whole_text
from engine.inbound.message import addresses, header, parse
from engine.store import MailRecord

_AWAY = "I am out of the office, and shall read this when I am back."


def comes(app: App, workflow: Workflow, event: MailEvent) -> TakenIn | None:
    """Put a message into the inbox and read it; None where it was read before. Raises Refused where nothing was sent."""
    record = _last_sent(app, workflow.name, event)
    path = app.settings.inbox_place
    assert path is not None
    assert path.path is not None
    message = _bounce(record, event) if event.what is MailKind.BOUNCE else _answer(record, event)
    # Played again after the run was killed it is the same message, which is known by its source.
    file = Maildir(path.path, durable=app.durable).deliver(message, unique=f"{event.at}{event.place}")
    os.utime(file, (event.at.timestamp(), event.at.timestamp()))
    with closing(inbox_of(app)) as inbox:
        taken = [each for each in read_inbox(app, inbox) if each.new]
    return taken[0] if taken else None


def decides(app: App, workflow: Workflow, event: DecideEvent) -> DecidedAnswer | None:
    """Decide about the oldest answer that waits; None where that was done before. Raises Refused where none waits."""
    with app.store.read() as tx:
        found = [each for each in tx.find_answers(workflow=workflow.name, party=event.party) if each.step == event.step]
    waiting = next((each for each in found if each.open), None)
    if waiting is not None:
        values = (event.value,) if event.value else ()
        return decide(app, waiting.id, Decision(event.decision), workflow.owner, *values, reason=event.note)
    if any(each.decided_at == app.clock.now() for each in found):
        return None  # the run was killed behind it
    raise Refused(f"no answer of {event.party} at {event.step} waits for a decision")


def _last_sent(app: App, workflow: str, event: MailEvent) -> MailRecord:
    with app.store.read() as tx:
        rows = [
            row for row in tx.find_letters(workflow=workflow, step=event.step, party=event.party)
            if row.sent_at is not None and row.sent_at <= event.at and event.cycle in (None, row.cycle)
            and not is_escalation(row.slot)
        ]  # fmt: skip
        last = max(rows, key=lambda row: (row.sent_at, row.id), default=None)
        record = tx.mail_of(last.key) if last is not None else None
    if record is None:
        raise Refused(f"no letter of {event.step} has left to {event.party} by then")
    return record


def _answer(record: MailRecord, event: MailEvent) -> bytes:
    """A reply with the letter quoted below it; or what a machine says in its place (RFC 3834)."""
    sent, message = parse(record.body), EmailMessage()
    away = event.what is MailKind.OUT_OF_OFFICE
    message["From"] = header(sent, "To")
    message["To"] = record.sender if away else addresses(sent, "Reply-To")[0][1]
    message["Subject"] = f"{'Automatic reply' if away else 'Re'}: {record.subject}"
    message["Date"] = format_datetime(event.at)
    message["Message-ID"] = _message_id(event)
    message["In-Reply-To"] = message["References"] = record.message_id
    if away:
        message["Auto-Submitted"] = "auto-replied"
    text = event.text or _AWAY
    if not away:
        quoted = "".join(f"> {line}\n" for line in whole_text(sent).splitlines())
        text = f"{text}\n\nOn {header(sent, 'Date')}, {header(sent, 'From')} wrote:\n{quoted}"
    message.set_content(text)
    return message.as_bytes()


def _bounce(record: MailRecord, event: MailEvent) -> bytes:
    """A notice that the one whom the letter is for has no mailbox there (RFC 3464)."""
    failed = record.recipients[0]
    host = failed.rpartition("@")[2]
    why = f"smtp; 550 5.1.1 <{failed}>: no such user here"
    lines = [
        "Return-Path: <>", f"From: MAILER-DAEMON@{host}", f"To: {record.sender}", "Subject: Undelivered Mail Returned to Sender",
        f"Date: {format_datetime(event.at)}", f"Message-ID: {_message_id(event)}", "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=returned", "",
        "--returned", "Content-Type: text/plain", "", f"The message to {failed} could not be delivered.", "",
        "--returned", "Content-Type: message/delivery-status", "", f"Reporting-MTA: dns; {host}", "",
        f"Final-Recipient: rfc822; {failed}", "Action: failed", "Status: 5.1.1", f"Diagnostic-Code: {why}", "",
        "--returned", "Content-Type: text/rfc822-headers", "", f"Message-ID: {record.message_id}", "", "--returned--", "",
    ]  # fmt: skip
    return "\n".join(lines).encode()


def _message_id(event: MailEvent) -> str:
    return f"<{event.what}-{event.at:%Y%m%d%H%M}-{event.party.lower()}-{event.step}@scenario.example>"
