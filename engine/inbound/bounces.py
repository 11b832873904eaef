"""Notices that a mail was not delivered (RFC 3464), and those of programs older than that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from flufl.bounce import all_failures

from engine.answer import AnswerKind
from engine.inbound.automatic import has_empty_return_path
from engine.inbound.message import (
    Part,
    addresses,
    clean,
    content_type,
    header,
    headers,
    leaves,
    octets_of,
    parse,
    parts_of,
    split,
    text_of,
)

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_REPLY = re.compile(r"(?<![\d.])([245])\d\d(?![\d.])")
_IDS = re.compile(rb"^[> \t]*(?:Original-)?Message-ID:[ \t\n]*(<[^<>\s]{1,300}>)", re.IGNORECASE | re.MULTILINE)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_ADDRESS = re.compile(r"[^\s<>;,\"]{1,64}@[^\s<>;,\"]{1,255}")
_TEMPORARY = re.compile(
    r"will (?:continue to )?(?:keep trying|retry|be retried|try again)|not yet been delivered|delivery is delayed"
    r"|still being retried|warning message only|no action is required",
    re.IGNORECASE,
)
_NOT_THE_ADDRESS = re.compile(r"5\.(?:2\.[23]|3\.[24]|[67]\.\d+)")
_MACHINES = ("mailer-daemon", "postmaster", "mail-daemon", "maildaemon", "mmdf", "microsoftexchange")
_READ = 256 * 1024
_RECIPIENTS = 100
_SAID = 300


class Failure(NamedTuple):
    """What a notice says of one address: `kind` is BOUNCE, DELAYED, or AUTOMATIC for one that says it arrived.

    `original` is the address that was written to, where the notice tells that it was sent on to another.
    """

    address: str
    kind: AnswerKind
    said: str
    original: str = ""


def failures(message: Part, octets: bytes, *, returned: bool) -> list[Failure]:
    """What a notice says of each address; none where it is no notice. `returned`: it came to an envelope's address."""
    report = next((part for part in leaves(message) if content_type(part) == "message/delivery-status"), None)
    if report is not None:
        return list(_of_report(report))
    if returned or _is_from_a_machine(message):
        # Its detectors take text for granted, and look at every line.
        return _of_old_program(parse(_NOT_ASCII.sub(b"?", octets[:_READ])))
    return []


def returned_ids(message: Part, octets: bytes) -> tuple[str, ...]:
    """The Message-IDs in what a notice gives back of a letter: a part of its own, or the end of a plain text."""
    _, body = split(octets[:_READ])
    texts = [*(_head_of(part).encode("utf-8", "replace") for part in leaves(message) if _is_returned(part)), body]
    found = (each.decode("ascii", "replace") for text in texts for each in _IDS.findall(text))
    return tuple(dict.fromkeys(found))


def returned_recipients(message: Part) -> list[str]:
    """The addresses that the head of a returned letter names as those for answers and for notices."""
    heads = (_head_of(part) for part in leaves(message) if _is_returned(part))
    return [
        line for head in heads for line in head.split("\n") if line.lower().startswith(("reply-to:", "return-path:"))
    ]


def _is_returned(part: Part) -> bool:
    """Whether a part is a letter that is given back, or its head (RFC 3462, RFC 6533)."""
    kinds = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
    return content_type(part) in kinds


def kind_of(status: str, action: str) -> AnswerKind:
    """What a status (RFC 3463) and an action (RFC 3464, 2.3.3) come to.

    Only what says that the address itself takes no mail is a bounce. A full mailbox (5.2.2), a letter that is too large
    (5.2.3, 5.3.4), a host that takes nothing just now (5.3.2), a text (5.6) or a sender (5.7) that is not wanted: another
    address would not mend that, and one wrong setting here would mark a hundred contacts. They count when they repeat.
    """
    if action in ("delivered", "relayed", "expanded") or (not action and status.startswith("2")):
        return AnswerKind.AUTOMATIC
    if action == "delayed" or status.startswith("4") or _NOT_THE_ADDRESS.fullmatch(status):
        return AnswerKind.DELAYED
    return AnswerKind.BOUNCE


def _of_report(report: Part) -> Iterator[Failure]:
    """The groups of fields for each recipient (RFC 3464, 2.3), as many as anybody would write to."""
    told = 0
    for group in parts_of(report):
        final, original = _typed(header(group, "Final-Recipient")), _typed(header(group, "Original-Recipient"))
        if not (final or original) or told >= _RECIPIENTS:
            continue
        told += 1
        action = header(group, "Action").lower().split(" ")[0]
        diagnostic = _diagnostic(header(group, "Diagnostic-Code"))
        status = _status(header(group, "Status"), diagnostic)
        words = " ".join(word for word in (status, diagnostic or action) if word)
        yield Failure(final or original, kind_of(status, action), words[:_SAID], original)


def _status(field: str, diagnostic: str) -> str:
    """The status, as exact as it is said: a host's `5.0.0` of what the far side called 5.1.1 is 5.1.1."""
    own, theirs = _STATUS.search(field), _STATUS.search(diagnostic)
    if own and theirs and own[1] == theirs[1] and own[2] == own[3] == "0":
        return theirs[0]
    if own or theirs:
        return (own or theirs)[0]  # type: ignore[index]
    reply = _REPLY.search(diagnostic)
    return f"{reply[1]}.0.0" if reply else ""


def _typed(value: str) -> str:
    """An address behind its type: `rfc822; tg@example.org`."""
    match = _ADDRESS.search(value.rpartition(";")[2])
    return match[0].lower() if match else ""


def _diagnostic(value: str) -> str:
    kind, semicolon, words = value.partition(";")
    return words.strip() if semicolon and len(kind) < 20 else value.strip()


def _is_from_a_machine(message: Part) -> bool:
    senders = [address.lower() for _, address in addresses(message, "From", "Sender")]
    return (
        has_empty_return_path(message)
        or bool(headers(message, "X-Failed-Recipients"))
        or any(sender.startswith(_MACHINES) for sender in senders)
    )


def _of_old_program(message: Part) -> list[Failure]:
    """What flufl.bounce finds in a notice of no standard form."""
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # some fifteen old formats are looked for in whatever came: what breaks a detector is no notice
        return []
    text = "\n".join(text_of(part)[:_READ] for part in leaves(message) if content_type(part) == "text/plain")
    found = {_plain(address): AnswerKind.BOUNCE for address in permanent}
    found |= {_plain(address): AnswerKind.DELAYED for address in temporary}
    return [_old_failure(address, kind, text) for address, kind in sorted(found.items()) if address][:_RECIPIENTS]


def _old_failure(address: str, kind: AnswerKind, text: str) -> Failure:
    """The failure of one address, with the line that says why: the first with a code, after the address if there is one."""
    after = text[max(text.lower().find(address), 0) :]
    lines = [" ".join(line.split()) for line in after.split("\n")]
    words = next((line for line in lines if _STATUS.search(line) or _REPLY.search(line)), "")
    status = _status("", words)
    if status and kind is AnswerKind.BOUNCE:
        kind = kind_of(status, "failed")
    if _TEMPORARY.search(text):
        kind = AnswerKind.DELAYED
    return Failure(address, kind, (words or status)[:_SAID])


def _plain(address: bytes | str) -> str:
    text = address.decode("ascii", "replace") if isinstance(address, bytes) else address
    match = _ADDRESS.search(clean(text))
    return match[0].lower() if match else ""


def _head_of(part: Part) -> str:
    """The head of a letter that is given back."""
    if inside := parts_of(part):
        fields = list(inside[0].raw_items())[:200]
        return "\n".join(f"{name}: {' '.join(str(value)[:2000].split())}" for name, value in fields)
    return octets_of(part)[:_READ].decode("utf-8", "replace").replace("\r\n", "\n").partition("\n\n")[0]
