"""A message as it came: parsed within bounds, read without trust. No input makes anything here raise."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from itertools import islice
from typing import TYPE_CHECKING

KEPT = 2 * 1024 * 1024
"""Octets of a message that are read and kept. What is longer has its text before its attachments."""
_TAME = {b"boundary=": 64, b"message/rfc822": 32, b"\n\n": 20_000, b"\n\r\n": 20_000}
"""How often these may stand in a message whose structure is followed: the parser's time grows with their product."""
_HEAD_LINES = 2_000
_HEADER = 4_000
_HEADERS = 400
_DEPTH, _PARTS = 12, 200
_NOT_FOR_TEXT = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
"""Codecs of Python that are no charset of a mail; the first two take their time with long input."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

if TYPE_CHECKING:
    Part = Message[str, str]
else:  # a class of its own at run time only from Python 3.13 on
    Part = Message


def parse(octets: bytes) -> Part:
    """The message; where its structure is a trap or a ruin, its headers with all that follows as one plain text."""
    octets = octets[:KEPT]
    lower, (head, body) = octets.lower(), split(octets)
    if head.count(b"\n") <= _HEAD_LINES and all(lower.count(mark) <= most for mark, most in _TAME.items()):
        try:
            return message_from_bytes(octets)
        except (RecursionError, ValueError, LookupError, AttributeError, TypeError, AssertionError):
            pass  # what the parser stumbles over differs by version of Python
    flat = message_from_bytes(_without_structure(head) + b"\n\n")
    flat.set_payload(body.decode("utf-8", "replace"), "utf-8")
    return flat


def split(octets: bytes) -> tuple[bytes, bytes]:
    """The head of a message and what follows its first empty line, with bare line feeds."""
    head, _, body = octets.replace(b"\r\n", b"\n").partition(b"\n\n")
    return head, body


def _without_structure(head: bytes) -> bytes:
    """The head without what says how the body is made."""
    fields = re.split(rb"\n(?![ \t])", head[: _HEADER * 20])
    return b"\n".join(field for field in fields if not field.lower().startswith((b"content-", b"mime-version")))


def headers(part: Part, name: str) -> list[str]:
    """Every field of that name, as text, cut to a sensible length."""
    wanted = name.lower()
    found = [value for field, value in islice(part.raw_items(), _HEADERS) if str(field).lower() == wanted]
    return [_words(str(value)) for value in found]


def header(part: Part, name: str) -> str:
    """The first field of that name; empty where there is none."""
    return next(iter(headers(part, name)), "")


def has(part: Part, name: str) -> bool:
    """Whether there is a field of that name, also an empty one."""
    return bool(headers(part, name))


def _words(value: str) -> str:
    """A field's value with its encoded words (RFC 2047) read, one line, without control characters."""
    value = " ".join(value[:_HEADER].split())
    text = _eight_bit(value)
    if "=?" in value:
        try:
            text = "".join(_chunk(chunk, charset) for chunk, charset in decode_header(value))
        except (MessageError, ValueError, LookupError, TypeError):
            text = _eight_bit(value)
    return " ".join(clean(text).split())


def _chunk(chunk: bytes | str, charset: str | None) -> str:
    return chunk if isinstance(chunk, str) else decoded(chunk, charset)


def _eight_bit(value: str) -> str:
    """Text of octets that no field may have, and many do."""
    octets = value.encode("utf-8", "surrogateescape")
    return decoded(octets, None)


def decoded(octets: bytes, charset: str | None) -> str:
    """Text in the charset that it says, else as UTF-8, else as what Windows means by Latin."""
    for name in (charset, "utf-8"):
        try:
            codec = codecs.lookup((name or "").strip().lower())
            if codec.name not in _NOT_FOR_TEXT:
                return octets.decode(codec.name)
        except (LookupError, ValueError, TypeError):  # UnicodeDecodeError is a ValueError
            continue
    return octets.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Text without control characters, and without those that turn its direction."""
    return _CONTROL.sub("", text)


def addresses(part: Part, *names: str) -> list[tuple[str, str]]:
    """Names and addresses of some fields."""
    try:
        return getaddresses([value for name in names for value in headers(part, name)])
    except (ValueError, IndexError, TypeError, RecursionError):  # the last for brackets in brackets
        return []


def content_type(part: Part) -> str:
    """`text/plain` where it says nothing that can be understood (RFC 2045, 5.2)."""
    try:
        return part.get_content_type()
    except (ValueError, TypeError, AttributeError):
        return "text/plain"


def parameter(part: Part, name: str) -> str:
    """A parameter of the content type, in lower case; empty where there is none."""
    try:
        value = part.get_param(name, "")
    except (ValueError, TypeError, AttributeError, LookupError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value).strip().lower()


def file_name(part: Part) -> str:
    """How an attachment is called; empty where it has no name."""
    try:
        name = part.get_filename() or ""
    except (ValueError, TypeError, AttributeError, LookupError):
        return ""
    return _words(name)[:120]


def parts_of(part: Part) -> list[Part]:
    """What a part is made of; nothing where it is a leaf. Asked for its text, a leaf may raise."""
    payload = part.get_payload() if part.is_multipart() else None
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def leaves(part: Part) -> Iterator[Part]:
    """The parts that have no parts, in order; a message within the message is one of them."""
    return _leaves(part, _DEPTH, [_PARTS])


def _leaves(part: Part, depth: int, left: list[int]) -> Iterator[Part]:
    if part.is_multipart() and part.get_content_maintype() == "multipart" and depth:
        for each in parts_of(part):
            if left[0] <= 0:
                return
            yield from _leaves(each, depth - 1, left)
        return
    left[0] -= 1
    yield part


def octets_of(part: Part) -> bytes:
    """The content of a leaf, its transfer encoding undone."""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, TypeError, LookupError, AssertionError, AttributeError):
        return b""
    return content if isinstance(content, bytes) else b""


def text_of(part: Part) -> str:
    """The text of a leaf, with bare line feeds."""
    text = decoded(octets_of(part), parameter(part, "charset") or None)
    return clean(text.replace("\r\n", "\n").replace("\r", "\n"))
