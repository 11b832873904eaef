"""What States and their mail servers send back: real messages in answer to a letter that really left."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import parseaddr

from engine.store import MailRecord
from tests.installation import Installation, plain

RECEIVER = "followup@plan.example.org"


def letter(house: Installation, key: str) -> tuple[MailRecord, EmailMessage]:
    """The mail that a letter left as."""
    with house.app.store.read() as tx:
        record = tx.mail_of(key)
    assert record is not None, key
    return record, house.mail_of(key)


def reply(house: Installation, key: str, text: str, *, threaded: bool = True, number: int = 1, **fields: str) -> bytes:
    """A person's reply, in the thread of the letter or to its address alone."""
    record, sent = letter(house, key)
    message = EmailMessage()
    message["From"] = fields.pop("From", sent["To"])
    message["To"] = fields.pop("To", sent["Reply-To"] or RECEIVER)
    message["Subject"] = f"Re: {sent['Subject']}"
    message["Date"] = "Thu, 29 Mar 2018 12:00:00 +0200"
    message["Message-ID"] = f"<reply-{number}@state.example>"
    if threaded:
        message["In-Reply-To"] = record.message_id
        message["References"] = record.message_id
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    quoted = "".join(f"> {line}\n" for line in plain(sent).splitlines())
    message.set_content(f"{text}\n\nOn 29 March 2018 {sent['From']} wrote:\n{quoted}")
    return message.as_bytes()


def out_of_office(house: Installation, key: str, text: str = "I am away until 9 April.") -> bytes:
    """A machine's answer (RFC 3834)."""
    return reply(house, key, text, number=2, Auto_Submitted="auto-replied", Return_Path="<>")


def bounce(house: Installation, key: str, address: str = "", status: str = "5.1.1", action: str = "failed") -> bytes:
    """A notice that the letter was not delivered (RFC 3464), sent to the envelope's address."""
    record, sent = letter(house, key)
    failed = address or parseaddr(sent["To"])[1]
    report = (
        f"Reporting-MTA: dns; mx.state.example\n\nFinal-Recipient: rfc822; {failed}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {status} no such user\n"
    )
    return (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.state.example\nTo: {record.sender}\n"
        f"Subject: Undelivered Mail Returned to Sender\nDate: Thu, 29 Mar 2018 09:00:10 +0200\n"
        f"Message-ID: <bounce-{failed}-{status}@mx.state.example>\nMIME-Version: 1.0\n"
        f"Content-Type: multipart/report; report-type=delivery-status; boundary=part\n\n"
        f"--part\nContent-Type: text/plain\n\nIt could not be delivered.\n\n"
        f"--part\nContent-Type: message/delivery-status\n\n{report}\n"
        f"--part\nContent-Type: text/rfc822-headers\n\nMessage-ID: {record.message_id}\n\n--part--\n"
    ).encode()


def stranger(text: str = "Who are you?", number: int = 1) -> bytes:
    """A message that proves nothing."""
    return (
        f"From: somebody@elsewhere.example\nTo: {RECEIVER}\nSubject: Re: report\nDate: Thu, 29 Mar 2018 13:00:00 +0200\n"
        f"Message-ID: <stranger-{number}@elsewhere.example>\n\n{text}\n"
    ).encode()
