"""Mails, and outcomes looked at, for the tests of the SMTP channel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.channels import ChannelDown, Delivery, OutgoingMail, TransportError
from engine.channels.smtp import SmtpChannel
from engine.settings import Settings

BODY = "Subject: Report\r\n\r\n.\r\n..two\r\nend.\r\n.last\r\n"


def mail(number: int = 1, *recipients: str, body: str = BODY, sender: str = "nim@example.org") -> OutgoingMail:
    content = f"Message-ID: <{number}@mail.example>\r\n{body}".encode()
    return OutgoingMail(f"<{number}@mail.example>", f"k{number}", sender, recipients or ("tg@example.org",), content)


def mails(count: int) -> list[OutgoingMail]:
    return [mail(number) for number in range(count)]


@contextmanager
def sending(settings: Settings) -> Iterator[SmtpChannel]:
    channel = SmtpChannel(settings)
    try:
        yield channel
    finally:
        channel.close()


def failure(outcome: Delivery | TransportError) -> TransportError:
    assert isinstance(outcome, TransportError)
    return outcome


def down(outcomes: list[Delivery | TransportError]) -> ChannelDown:
    """The one fault that all outcomes are."""
    (fault,) = {id(outcome): outcome for outcome in outcomes}.values()
    assert isinstance(fault, ChannelDown)
    assert (fault.permanent, fault.unknown) == (False, False)
    return fault
