"""From the channel's answers to what is put on record, and when it is tried again (G2)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.channels import ChannelDown, Delivery, OutgoingMail, Refusal, TransportError
from engine.dispatcher.parts import Handed
from engine.store import REFUSED, Failed, Sent

_FIRST_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(hours=4)
_LONGEST_REST = timedelta(minutes=15)
"""A letter that was refused may wait for hours; that a server is back should be noticed soon."""


class Rest:
    """The pause of a channel that is down: nothing is claimed in it, so one message stands for all that is due.

    Held in memory only: who mends a setting and starts the daemon again need not wait.
    """

    def __init__(self, worker: str) -> None:
        self.fault: ChannelDown | None = None
        self.since: datetime | None = None
        self.until: datetime | None = None
        self._worker = worker
        self._times = 0

    def begin(self, fault: ChannelDown, now: datetime) -> None:
        """Rest from now on, longer each time; at once for long where waiting mends nothing (some servers lock an account
        after a few wrong logins)."""
        wait = _LONGEST_REST if fault.misconfigured else retry_after(self._worker, self._times)
        self.fault, self.since, self.until = fault, now, now + min(wait, _LONGEST_REST)
        self._times += 1

    def end(self) -> None:
        """Mails leave again."""
        self.fault = self.since = self.until = None
        self._times = 0

    def holds(self, now: datetime) -> bool:
        """Whether it lasts. One that ends too far ahead began before the clock was set back, and is over."""
        return self.until is not None and now < self.until <= now + _LONGEST_REST

    def wake(self, found: datetime | None, after: datetime | None) -> datetime | None:
        """The next instant at which there is something to do, given that of the outbox. A rest that was over by `after`
        asks for nothing more: what it held may have been missed or withdrawn meanwhile."""
        rests = self.until is not None and (after is None or self.until > after)
        return min((at for at in (found, self.until if rests else None) if at is not None), default=None)


def outcomes(
    handed: Handed, answer: Delivery | TransportError, at: datetime, channel: str, rest: Rest
) -> list[Sent | Failed]:
    """What goes on record of each letter of a mail: they share its fate, and are tried again together.

    What met a channel that is down waits as long as the channel rests.
    """
    mail_id, later = handed.mail_id, at + retry_after(handed.key, handed.attempts)
    if isinstance(answer, Delivery):
        said = answers(handed.outgoing, answer)
        missed = _not_reached(handed, answer)
        if missed is None:
            return [Sent(row.key, mail_id, at, said, channel) for row in handed.rows]
        why = f"{missed.address}: {missed.message}"
        return [Failed(row.key, mail_id, at, why, missed.permanent, later, recipients=said) for row in handed.rows]
    retry_at = rest.until if isinstance(answer, ChannelDown) else later
    return [
        Failed(row.key, mail_id, at, str(answer), answer.permanent, retry_at, answer.unknown) for row in handed.rows
    ]


def _not_reached(handed: Handed, delivery: Delivery) -> Refusal | None:
    """The refusal of the one whom a letter is for: copies that arrived do not make it sent."""
    return next((refusal for refusal in delivery.refused if refusal.address == handed.addressee), None)


def reached(said: Mapping[str, str]) -> frozenset[str]:
    """The recipients that took a mail, by what was said of each."""
    return frozenset(address for address, answer in said.items() if not answer.startswith(REFUSED))


def answers(mail: OutgoingMail, delivery: Delivery) -> dict[str, str]:
    """What the far side said of each envelope recipient."""
    refused = {refusal.address: f"{REFUSED}{refusal.message}" for refusal in delivery.refused}
    return {address: refused.get(address, delivery.receipt) for address in mail.recipients}


def retry_after(key: str, attempts: int) -> timedelta:
    """How long to wait before trying again: doubling from a minute to four hours, and up to a quarter more by key.

    The key, not chance, gives the jitter: letters spread, and a replay stays the same.
    """
    wait: timedelta = min(_FIRST_RETRY * 2 ** min(attempts, 10), _LONGEST_RETRY)
    share = int.from_bytes(hashlib.sha256(f"{key}{attempts}".encode()).digest()[:2]) / 65536
    return wait * (1 + share / 4)
