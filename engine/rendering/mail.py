"""From a letter in words to the bytes of a mail: RFC 5322, multipart/alternative, the same for the same input.

The standard library's `EmailMessage` takes 25 ms for a letter with four long names (it parses each header as it
folds it); this takes about 0.1 ms, so the few headers a letter needs are written here, and its tests read them back
with the standard library.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from engine.errors import RenderError
from engine.rendering.context import Mailbox, Rendered

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,200}@[!-;=?A-~]{1,200}>")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_FOLD = 76  # RFC 5322, 2.1.1: lines of 78 characters; RFC 2047, 2: of 76 where there is an encoded word
_LONGEST = 400  # RFC 5322, 2.1.1: no line over 998
_WORD = 39  # octets to an encoded word: at most 64 characters of it, so the first fits beside its field's name


def message_id(key: str, domain: str) -> str:
    """The Message-ID of a letter, with its angle brackets (RFC 5322, 3.6.4): the same for ever for the same key."""
    return joined_message_id([key], domain)


def joined_message_id(keys: Sequence[str], domain: str) -> str:
    """The Message-ID of a mail that carries just these letters; of one letter it is that letter's own."""
    return f"<{base64.b32encode(_hash(keys)[:15]).decode().lower()}@{_domain(domain)}>"


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
    language: str = "en",
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
        ("From", _mailboxes("From", (sender,))),
        *([("Reply-To", _mailboxes("Reply-To", reply_to))] if reply_to else []),
        ("To", _mailboxes("To", rendered.to)),
        *([("Cc", _mailboxes("Cc", rendered.cc))] if rendered.cc else []),
        ("Message-ID", _ids("Message-ID", [message_id])),
        *([("In-Reply-To", _ids("In-Reply-To", [in_reply_to]))] if in_reply_to else []),
        *([("References", _ids("References", references))] if references else []),
        ("Subject", _text("Subject", rendered.subject)),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834, 5: no vacation notice answers it
        *(("X-Followthrough-Key", _text("X-Followthrough-Key", key)) for key in keys),
        ("Content-Language", _language(language)),
        ("MIME-Version", "1.0"),
    ]
    # “=_” never stands in a quoted-printable body (RFC 2045, 6.7), so no body holds the boundary.
    boundary = f"=_{_hash(keys).hex()[:32]}"
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    head += f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'
    parts = _part(boundary, "plain", rendered.text) + _part(boundary, "html", rendered.html)
    return head.encode("ascii") + parts + f"--{boundary}--\r\n".encode("ascii")


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
        ("Resent-From", _mailboxes("Resent-From", (sender,))),
        ("Resent-To", _mailboxes("Resent-To", (to,))),
        ("Resent-Message-ID", _ids("Resent-Message-ID", [message_id])),
        ("X-Followthrough-Test", _text("X-Followthrough-Test", key)),
        ("Message-ID", _ids("Message-ID", [message_id])),
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


def _checked(field: str, value: str) -> str:
    if _CONTROL.search(value):
        raise RenderError(f"{field} holds a line break or a control character: {value!a}.")
    return value


def _text(field: str, value: str) -> str:
    """An unstructured field (RFC 5322, 3.6.5), in encoded words (RFC 2047) where it is not ASCII."""
    value = " ".join(_checked(field, value).split())
    words = value.split(" ")
    return _folded(field, words if _plain(words) else _encoded_words(value))


@lru_cache(maxsize=1024)
def _mailboxes(field: str, boxes: tuple[Mailbox, ...]) -> str:
    """A list of addresses (RFC 5322, 3.4). Many letters have one sender, and copies for the same people."""
    words: list[str] = []
    for box in boxes:
        if words:
            words[-1] += ","
        words += [*_phrase(_checked(field, box.name)), address(box.address)]
    return _folded(field, words)


def _phrase(name: str) -> list[str]:
    """A display name as atoms, as one quoted string, or in encoded words where these will not do.

    A quoted string may be folded inside (RFC 5322, 3.2.4), but what reads it that way is rarer than what writes it.
    """
    words = name.split()
    if _plain(words) and all(map(_ATOM.fullmatch, words)):
        return words
    quoted = re.sub(r'(["\\])', r"\\\1", " ".join(words))
    if _plain(words) and len(quoted) < _FOLD - 4:
        return [f'"{quoted}"']
    return _encoded_words(" ".join(words))


def _plain(words: list[str]) -> bool:
    """May these words stand in a header as they are, each within a line?"""
    return all(word.isascii() and len(word) <= _LONGEST and "=?" not in word for word in words)


def _encoded_words(value: str) -> list[str]:
    """RFC 2047 encoded words, of at most 75 characters, none of which splits a character; readers join them again.

    They are cut behind a space where there is one, since some readers (Python's own) join them with another.
    """
    words: list[str] = []
    while value:
        end, size = 0, 0
        while end < len(value) and (size := size + len(value[end].encode())) <= _WORD:
            end += 1
        if end < len(value):
            end = value.rfind(" ", 0, end) + 1 or end
        words.append(f"=?utf-8?b?{base64.b64encode(value[:end].encode()).decode()}?=")
        value = value[end:]
    return words


@lru_cache(maxsize=4096)
def bare_address(text: str) -> str:
    """An address as it stands in an envelope: the domain in ASCII. Raises RenderError where it is none.

    A local part beyond ASCII needs SMTPUTF8 (RFC 6531) on every host on the way, so it is refused here, before the day.
    """
    local, _, domain = _checked("An address", text).rpartition("@")
    found = f"{local}@{_domain(domain)}"
    if not _ADDRESS.fullmatch(found) or local[0] == "." or local[-1] == "." or ".." in local:
        raise RenderError(f"“{text}” is not a mail address.")
    return found


def address(text: str) -> str:
    """An address in angle brackets. Raises RenderError where it is none."""
    return f"<{bare_address(text)}>"


def _domain(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        raise RenderError(f"“{domain}” is not a mail domain.") from None


def _ids(field: str, ids: Iterable[str]) -> str:
    words = list(ids)
    for word in words:
        if not _MESSAGE_ID.fullmatch(word):
            raise RenderError(f"{field} names “{word}”, which is not a Message-ID.")
    return _folded(field, words)


def _language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        raise RenderError(f"“{tag}” is not a language tag.")
    return tag


def _folded(field: str, words: list[str]) -> str:
    """Words joined by spaces, folded before a word that would pass the limit (RFC 5322, 2.2.3)."""
    out: list[str] = []
    used = len(field) + 1
    for word in words:
        if out and used + 1 + len(word) > _FOLD:
            out.append("\r\n ")
            used = 1
        elif out:
            out.append(" ")
            used += 1
        else:
            used += 1
        out.append(word)
        used += len(word)
    return "".join(out)
