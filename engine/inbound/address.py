"""Addresses that prove which letter is meant: a subaddress (RFC 5233) with a token that nobody can guess."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import NamedTuple

TAG_LENGTH = 16
"""Characters of five bits each: eighty bits, which a mail server would have to be asked 10^23 times for."""
LONGEST_NUMBER = 12

# Whatever stands before and after it: the address that replies come to may have been another when the letter left,
# and a forwarding host may have rewritten it (SRS). It is the tag that proves.
_TOKEN = re.compile(rf"\+(b-)?([0-9]{{1,{LONGEST_NUMBER}}})-([a-z2-7]{{{TAG_LENGTH}}})(?![a-z0-9])", re.IGNORECASE)


class Claim(NamedTuple):
    """What an address says of itself: the number of a letter, and the tag that proves it, or does not.

    `returned` is true of the address in the envelope, to which notices of failure go.
    """

    number: int
    tag: str
    returned: bool


def tag_of(secret: bytes, key: str) -> str:
    """What nobody but the holder of the secret can say of a letter's key: lower case, since some hosts fold it."""
    digest = hmac.digest(secret, b"reply\0" + key.encode(), hashlib.sha256)
    return base64.b32encode(digest).decode()[:TAG_LENGTH].lower()


def proves(claim: Claim, secret: bytes, key: str) -> bool:
    """Whether a claim is that of this letter. It takes as long for a wrong tag as for the right one."""
    return hmac.compare_digest(claim.tag, tag_of(secret, key))


def reply_address(base: str, number: int, tag: str) -> str:
    """`followup+17-…@plan.example.org`: where an answer to the letter of that number goes."""
    return _below(base, f"{number}-{tag}")


def return_address(base: str, number: int, tag: str) -> str:
    """`followup+b-17-…@plan.example.org`: the sender on the envelope, so that a bounce names its letter (VERP)."""
    return _below(base, f"b-{number}-{tag}")


def claims_in(texts: Iterable[str]) -> tuple[Claim, ...]:
    """The claims in headers that name recipients, each once, in their order."""
    found = (match for text in texts for match in _TOKEN.finditer(text))
    return tuple(dict.fromkeys(Claim(int(match[2]), match[3].lower(), bool(match[1])) for match in found))


def _below(base: str, detail: str) -> str:
    local, _, domain = base.rpartition("@")
    return f"{local}+{detail}@{domain}"
