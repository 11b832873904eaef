"""How a mail leaves: one short file for each channel.

`Channel.deliver` is a plain call that returns once the far side has the mail, because its only caller, the dispatcher,
is synchronous: it has to record one outcome before it hands over the next mail (G2). A channel that talks over a
network may run asyncio inside: the SMTP one keeps an event loop and its open connection between calls (an
`asyncio.Runner` that `close` ends), so the rest of the program stays free of async twins. `close` is for that; a
channel without anything open does nothing there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.errors import FollowthroughError


class TransportError(FollowthroughError):
    """A mail could not be handed over.

    `permanent` answers the one question of a failure: is trying again with the same bytes of no use? `unknown` is true
    where the far side may have the mail all the same (the connection was lost after the final dot).
    """

    def __init__(self, message: str, permanent: bool, *, unknown: bool = False) -> None:
        self.permanent = permanent
        self.unknown = unknown
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail as it is handed over: its frozen bytes, and an envelope of bare addresses (To and Cc, each once)."""

    message_id: str
    key: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """One envelope recipient that the far side did not take, and why."""

    address: str
    message: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """The far side has the mail, for each recipient but those `refused`. `receipt` is what it said, for the record."""

    receipt: str
    refused: tuple[Refusal, ...] = ()


class Channel(Protocol):
    """Takes mails away."""

    def deliver(self, mail: OutgoingMail) -> Delivery:
        """Hand over one mail. Raises TransportError where the far side has it for nobody, or may not have it."""
        ...

    def close(self) -> None:
        """Let go of what is open; a later `deliver` opens it again."""
        ...
