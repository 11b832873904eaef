"""From a letter in words to the bytes of a mail: RFC 5322, multipart/alternative, the same for the same input.

What is attached stands behind the letter, in a multipart/mixed around both (RFC 2046, 5.1.3).

The standard library's `EmailMessage` takes 25 ms for a letter with four long names (it parses each header as it
folds it); this takes about 0.1 ms, so the few headers a letter needs are written here, and its tests read them back
with the standard library.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from engine.definition.attachments import Attachment
from engine.errors import RenderError
from engine.rendering.context import Mailbox, Rendered
from engine.rendering.headers import ascii_domain, ids_field, language_field, mailboxes, parameter, text_field


def message_id(key: str, domain: str) -> str:
    """The Message-ID of a letter, with its angle brackets (RFC 5322, 3.6.4): the same for ever for the same key."""
    return joined_message_id([key], domain)


def joined_message_id(keys: Sequence[str], domain: str) -> str:
    """The Message-ID of a mail that carries just these letters; of one letter it is that letter's own."""
    return f"<{base64.b32encode(_hash(keys)[:15]).decode().lower()}@{ascii_domain(domain)}>"


def _hash(keys: Sequence[str]) -> bytes:
    return hashlib.sha256("\n".join(keys).encode()).digest()


def build(
    rendered: Rendered,
    *,
    sender: Mailbox,
    message_id: str,
    date: datetime,
    in_reply_to: str | None,
    references: tuple[str, ...],
    keys: Sequence[str],
    reply_to: tuple[Mailbox, ...] = (),
) -> bytes:
    """The mail as it goes over the wire, with CRLF line ends; no line is longer than 998 octets.

    `keys` are those of the letters that it carries; `date` is aware, in the sender's zone. Raises RenderError for a line
    break, control character or bidi override in anything that goes into a header, for an address or Message-ID that is
    none, and for nobody to send it to.
    """
    if not rendered.to:
        raise RenderError(f"The letter {keys[0]} has nobody to go to.")
    if date.tzinfo is None:
        raise RenderError(f"The date of {keys[0]} names no time zone.")
    fields = [
        ("Date", format_datetime(date)),
        ("From", mailboxes("From", (sender,))),
        *([("Reply-To", mailboxes("Reply-To", reply_to))] if reply_to else []),
        ("To", mailboxes("To", rendered.to)),
        *([("Cc", mailboxes("Cc", rendered.cc))] if rendered.cc else []),
        ("Message-ID", ids_field("Message-ID", [message_id])),
        *([("In-Reply-To", ids_field("In-Reply-To", [in_reply_to]))] if in_reply_to else []),
        *([("References", ids_field("References", references))] if references else []),
        ("Subject", text_field("Subject", rendered.subject)),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834, 5: no vacation notice answers it
        *(("X-Followthrough-Key", text_field("X-Followthrough-Key", key)) for key in keys),
        ("Content-Language", language_field(rendered.language)),
        ("MIME-Version", "1.0"),
    ]
    # “=_” never stands in a quoted-printable body (RFC 2045, 6.7), so no body holds the boundary.
    boundary = f"=_{_hash(keys).hex()[:32]}"
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    letter = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii")
    letter += _part(boundary, "plain", rendered.text) + _part(boundary, "html", rendered.html)
    letter += f"--{boundary}--\r\n".encode("ascii")
    if not rendered.attachments:
        return head.encode("ascii") + letter
    around = f"=_m{boundary[2:-1]}"
    head += f'Content-Type: multipart/mixed;\r\n boundary="{around}"\r\n\r\n--{around}\r\n'
    files = b"".join(attached_part(around, file) for file in rendered.attachments)
    return head.encode("ascii") + letter + files + f"--{around}--\r\n".encode("ascii")


_COUNTS = frozenset(("message-id", "in-reply-to", "references", "reply-to", "x-followthrough-key"))
"""Fields by which a mail is known as a letter, or an answer to it as one."""


def as_test(body: bytes, *, to: Mailbox, sender: Mailbox, message_id: str, date: datetime, key: str) -> bytes:
    """A mail of `build` to be looked at by one person, who is not whom it is for: the envelope alone is another.

    Resent fields in front name that person (RFC 5322, 3.6.6); From, To, Cc, Date, bodies and attachments stay as they
    are. What would make it count is left out: it has a Message-ID of its own, and no thread. Its subject says “Test”.
    """
    head, _, rest = body.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    kept = [each for each in fields if each.partition(b":")[0].decode("ascii").lower() not in _COUNTS]
    marked = [re.sub(rb"^Subject: ?", b"Subject: Test:\r\n ", each) for each in kept]
    front = [
        ("Resent-Date", format_datetime(date)),
        ("Resent-From", mailboxes("Resent-From", (sender,))),
        ("Resent-To", mailboxes("Resent-To", (to,))),
        ("Resent-Message-ID", ids_field("Resent-Message-ID", [message_id])),
        ("X-Followthrough-Test", text_field("X-Followthrough-Test", key)),
        ("Message-ID", ids_field("Message-ID", [message_id])),
    ]
    lines = [f"{name}: {value}".encode("ascii") for name, value in front]
    return b"\r\n".join([*lines, *marked]) + b"\r\n\r\n" + rest


def _part(boundary: str, subtype: str, text: str) -> bytes:
    """One body part, quoted-printable (RFC 2045, 6.7): lines of 76, whatever the text's own lines are."""
    head = f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    try:
        body = binascii.b2a_qp(lines.encode(), istext=True)
    except UnicodeEncodeError as error:
        raise RenderError(f"The letter's text holds half a character: {error}.") from None
    # Where no line of the text ends within its first chunk the encoder breaks lines with a bare LF.
    body = body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return f"{head}\r\n\r\n".encode("ascii") + body + b"\r\n"


def attached_part(boundary: str, file: Attachment) -> bytes:
    """One attachment (RFC 2183) as base64 in lines of 76 (RFC 2045, 6.8), in which no boundary can stand."""
    charset = "; charset=utf-8" if file.type.startswith("text/") else ""
    head = (
        f"--{boundary}\r\nContent-Type: {file.type}{charset};\r\n {parameter('name', file.name)}\r\n"
        f"Content-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment;\r\n {parameter('filename', file.name)}\r\n\r\n"
    )
    return head.encode("ascii") + base64.encodebytes(file.content).replace(b"\n", b"\r\n")
