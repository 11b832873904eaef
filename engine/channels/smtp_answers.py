"""What a mail server's answers and failures mean, in words for a person (RFC 5321, 4.2)."""

from __future__ import annotations

import re
import ssl
from typing import Protocol

import aiosmtplib

from engine.channels import ChannelDown
from engine.settings import Settings

_LONGEST = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_FULL = 552


class SmtpReply(Protocol):
    """A code and its text, as the library answers or raises it."""

    @property
    def code(self) -> int: ...
    @property
    def message(self) -> str: ...


def said(answer: SmtpReply) -> str:
    """An answer in one line. It is put on record, so it holds nothing that a database or terminal stumbles over."""
    text = " ".join(_CONTROL.sub(" ", answer.message).split())
    return f"{answer.code} {text}"[:_LONGEST].strip()


def is_permanent(code: int, *, of_recipient: bool = False) -> bool:
    """5xx, and no use in trying again (RFC 5321, 4.2.1).

    Of a recipient 552 passes: it once said “too many recipients” (RFC 5321, 4.5.3.1.10), and of a mailbox that is full.
    """
    return 500 <= code <= 599 and not (of_recipient and code == _FULL)


def why_down(error: Exception, settings: Settings) -> ChannelDown:
    """Why no mail can leave, with what to look at. Names no password."""
    server = f"The mail server {settings.smtp_host}:{settings.mail_port}"
    cause = error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) and error.__cause__ else error
    match cause:
        case ssl.SSLCertVerificationError():
            return ChannelDown(
                f"{server} shows a certificate that is not trusted: {cause.verify_message}. Check "
                "FOLLOWTHROUGH_SMTP_HOST; an authority of your own goes into FOLLOWTHROUGH_SMTP_CA_FILE.",
                misconfigured=True,
            )
        case ssl.SSLError():
            return ChannelDown(
                f"{server} did not agree on TLS: {cause.reason or cause}. Check FOLLOWTHROUGH_SMTP_SECURITY and _PORT."
            )
        case aiosmtplib.SMTPAuthenticationError():
            return ChannelDown(
                f"{server} does not accept the login of {settings.smtp_username}: {said(cause)}. Check "
                "FOLLOWTHROUGH_SMTP_USERNAME and _PASSWORD.",
                misconfigured=is_permanent(cause.code),
            )
        case aiosmtplib.SMTPResponseException(code=530):
            return ChannelDown(
                f"{server} wants more first: {said(cause)}. Check FOLLOWTHROUGH_SMTP_USERNAME and _SECURITY.",
                misconfigured=True,
            )
        case aiosmtplib.SMTPResponseException():
            return ChannelDown(f"{server} takes no mail now: {said(cause)}.")
        case OSError():
            return ChannelDown(f"{server} cannot be reached: {cause.strerror or cause}.")
    # What is left is what the library asks for and the server does not offer: STARTTLS or a login.
    return ChannelDown(f"{server}: {cause} Check FOLLOWTHROUGH_SMTP_SECURITY and _USERNAME.", misconfigured=True)
