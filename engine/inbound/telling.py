"""From octets to what came back: a reply, a machine's notice, a bounce, or something that proves nothing.

Two steps, since only the store knows our letters: `read` says by what a message may be known, the caller looks that up
and gives back `Ours` (or nothing), and `tell` says what it is.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import NamedTuple

from engine.answer import Answer, AnswerKind
from engine.inbound.address import Claim, claims_in
from engine.inbound.automatic import machine_sign
from engine.inbound.body import said
from engine.inbound.bounces import Failure, failures, returned_ids, returned_recipients
from engine.inbound.message import KEPT, Part, addresses, content_type, header, headers, leaves, parse, split

_RECIPIENTS = (
    "To", "Cc", "Delivered-To", "X-Original-To", "X-Envelope-To", "Envelope-To", "X-Delivered-To", "X-Forwarded-To",
    "X-RCPT-To", "Apparently-To", "Resent-To", "Resent-Cc",
)  # fmt: skip
_FOR = re.compile(r"\bfor\s+<?([^\s<>;]+)", re.IGNORECASE)
_ID = re.compile(r"<[^<>\s]{1,300}>")
_IDS = 60
_LINE = 300


class Ours(NamedTuple):
    """The letter that a message is about, proved: by what (`address`, `references`), to whom it went, and its words.

    `owner` is the address of whoever would be asked what an answer means.
    """

    key: str
    matched_by: str
    recipients: frozenset[str]
    text: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A message, and by what it may be known: claims of addresses, then Message-IDs, each the best first."""

    octets: bytes
    message: Part
    claims: tuple[Claim, ...] = ()
    ids: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


def read(octets: bytes) -> Read:
    """Read a message as it came. Nothing that comes makes this raise."""
    octets = octets[:KEPT]
    message = parse(octets)
    try:
        return _read(octets, message)
    except Exception:  # nobody can list what mail may hold: whatever it is, it stops no mail that comes after it
        return Read(octets, Message())


def _read(octets: bytes, message: Part) -> Read:
    claims = claims_in([*(value for name in _RECIPIENTS for value in headers(message, name)), *_received_for(message)])
    failed = failures(message, octets, returned=any(claim.returned for claim in claims))
    answered = [*headers(message, "In-Reply-To"), *reversed(_ids(headers(message, "References")))]
    ids = _ids(answered)
    if failed or _is_report(message):
        claims += claims_in(returned_recipients(message))
        ids = [*returned_ids(message, octets), *ids]
    return Read(octets, message, claims, tuple(dict.fromkeys(ids))[:_IDS], tuple(failed))


def tell(read: Read, ours: Ours | None, received_at: datetime) -> list[Answer]:
    """What came back: one answer, but for a notice about several addresses of ours, which is one about each.

    `ours` is the letter that it is proved to be about. The source is made of what the sender wrote, not of how it came:
    the same message read again, or from another folder, is the same.
    """
    try:
        return _tell(read, ours, received_at)
    except Exception:  # as above: it is kept as it came, for a person to look at
        text = "This message could not be read. It is kept as it came."
        return [Answer(source_of(read), AnswerKind.UNMATCHED, received_at, text=text, raw=read.octets)]


def _tell(read: Read, ours: Ours | None, received_at: datetime) -> list[Answer]:
    message = read.message
    sign = machine_sign(message, answers_us=ours is not None)
    answer = Answer(
        source_of(read), AnswerKind.UNMATCHED, received_at,
        sender=_sender(message), subject=header(message, "Subject")[:_LINE],
        text=said(message, ours.text if ours else "", cut=not read.failures),
        message_id=header(message, "Message-ID")[:_LINE], raw=read.octets,
    )  # fmt: skip
    if ours is not None:
        matched = answer._replace(letter=ours.key, matched_by=ours.matched_by)
        if read.failures:
            return _notices(matched, read.failures, ours) or [answer._replace(said=read.failures[0].said)]
        if not sign and ours.owner and ours.owner.lower() in (each.lower() for _, each in addresses(message, "From")):
            # Their answer to all, which comes back with the State's: nobody need be asked about their own words.
            sign = "written by the owner of the step"
        return [matched._replace(kind=AnswerKind.AUTOMATIC if sign else AnswerKind.REPLY, said=sign)]
    if read.failures:
        return [answer._replace(said=read.failures[0].said)]
    return [answer._replace(kind=AnswerKind.AUTOMATIC, said=sign) if sign else answer]


def _notices(answer: Answer, failed: tuple[Failure, ...], ours: Ours) -> list[Answer]:
    """A notice about each address that the letter was really sent to; of others nothing is believed."""
    found: dict[str, Answer] = {}
    recipients = {address.lower(): address for address in ours.recipients}
    for each in failed:
        address = recipients.get(each.address.lower()) or recipients.get(each.original.lower())
        if address is not None and address not in found:
            source = answer.source if not found else f"{answer.source}/{len(found) + 1}"
            found[address] = answer._replace(source=source, kind=each.kind, address=address, said=each.said)
    return list(found.values())


def source_of(read: Read) -> str:
    """A name for the message: what its sender wrote, without the traces of its way (`Received` and the like)."""
    _, body = split(read.octets)
    digest = hashlib.sha256()
    for name in ("From", "Date", "Message-ID", "Subject"):
        digest.update(header(read.message, name).encode("utf-8", "replace") + b"\0")
    digest.update(body.rstrip())
    return f"mail:{digest.hexdigest()[:40]}"


def _sender(message: Part) -> str:
    found = addresses(message, "From") or addresses(message, "Sender")
    name, address = found[0] if found else ("", "")
    return (f"{name} <{address}>" if name and address else address or name)[:_LINE]


def _received_for(message: Part) -> list[str]:
    """Whom the hosts on its way say that it was for."""
    return [match for value in headers(message, "Received") for match in _FOR.findall(value)]


def _ids(values: list[str]) -> list[str]:
    return [each for value in values for each in _ID.findall(value)]


def _is_report(message: Part) -> bool:
    return content_type(message) == "multipart/report" or any(
        content_type(part) in ("message/delivery-status", "message/disposition-notification")
        for part in leaves(message)
    )
