"""The way back of a letter: addresses of its own for answers and for notices, and whose an address is."""

from __future__ import annotations

from typing import NamedTuple

from engine.definition.cadence import is_escalation
from engine.inbound.address import Claim, proves, reply_address, return_address, tag_of
from engine.letter import Recorded
from engine.settings import Settings
from engine.store import Transaction

SECRET = "replies:secret"
"""The name of what signs the addresses. Where it were lost, letters that left before are known by their threads alone."""


class WayBack(NamedTuple):
    """Where answers to a letter go (`Reply-To`), and where notices that it was not delivered go (the envelope)."""

    reply_to: str
    envelope: str


def way_back(tx: Transaction, row: Recorded, settings: Settings) -> WayBack | None:
    """The addresses of a letter, the same at every try; None for prompts to owners, and where settings name none."""
    if not settings.reply_address or row.party is None or is_escalation(row.slot):
        return None
    tag = tag_of(tx.secret(SECRET), row.key)
    base = settings.reply_address
    return WayBack(reply_address(base, row.id, tag), return_address(base, row.id, tag))


def letter_of(tx: Transaction, claims: tuple[Claim, ...]) -> str | None:
    """The key of the first letter that an address proves; None where none does."""
    secret = tx.meta_get(SECRET) if claims else None
    if secret is None:
        return None
    keys = ((claim, tx.key_of(claim.number)) for claim in claims)
    return next((key for claim, key in keys if key and proves(claim, bytes.fromhex(secret), key)), None)
