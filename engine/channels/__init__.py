"""How a mail leaves: one short file for each channel.

`Channel.deliver_all` is a plain call that returns once the far side has answered for each mail, because its only
caller, the dispatcher, is synchronous: it has to record these outcomes before it hands over more (G2). A channel that
talks over a network may run asyncio inside: the SMTP one has several mails in flight at once, and keeps an event loop
and its open connections between calls (an `asyncio.Runner` that `close` ends), so the rest of the program stays free of
async twins. `close` is for that; a channel without anything open does nothing there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


class ChannelDown(TransportError):
    """No mail can leave just now, whichever it is: the fault is the channel's, and one message about it is enough.

    `misconfigured` is true where waiting mends nothing: a person has to change a setting.
    """

    def __init__(self, message: str, *, misconfigured: bool = False) -> None:
        self.misconfigured = misconfigured
        super().__init__(message, permanent=False)


class NotTried(TransportError):
    """A mail was left alone, since nothing may leave any more: nobody has it."""

    def __init__(self) -> None:
        super().__init__("it was not tried: nothing may leave", permanent=False)


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


def always() -> bool:
    """Whatever there is may leave."""
    return True


class Channel(Protocol):
    """Takes mails away. `name` is how the record calls it."""

    @property
    def name(self) -> str: ...

    def deliver_all(
        self, mails: Sequence[OutgoingMail], may_leave: Callable[[], bool] = always
    ) -> list[Delivery | TransportError]:
        """Hand over mails; what became of each, in their order.

        `may_leave` is asked before each, which is a sign of life too; once it says no, the rest is NotTried. An error
        says that the far side has that mail for nobody, or may not have it. One mail's error stops no other;
        ChannelDown is that of each mail that was not even tried since the channel is down.
        """
        ...

    def close(self) -> None:
        """Let go of what is open; a later `deliver_all` opens it again."""
        ...
