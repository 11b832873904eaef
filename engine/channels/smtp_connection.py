"""One connection to the mail server: opened, one mail after another, closed (RFC 5321)."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl

import aiosmtplib

from engine.channels import Delivery, OutgoingMail, Refusal, TransportError
from engine.channels.smtp_answers import is_permanent, said, why_down
from engine.settings import Settings

_IDLE = 60.0
"""Seconds after which an unused connection is not trusted any more: servers and routers drop them, some silently."""
_PATIENCE = 4
"""How many times longer the answer to the final dot may take (RFC 5321, 4.5.3.2.6): giving up sends twice (RFC 1047)."""
_LEAVE_TAKING = 5.0
"""Seconds for the answer to QUIT, which changes nothing."""
_BREAKS = frozenset({-1, 421})
"""No readable answer, or “closing” (RFC 5321, 3.8): the connection is lost, whatever the mail is."""
_STRANGER = 530
"""The server wants a login or STARTTLS first (RFC 4954, 6; RFC 3207, 4)."""
_TAKEN = (aiosmtplib.SMTPStatus.completed, aiosmtplib.SMTPStatus.will_forward)
_NO_SUCH_METHOD = 504
_METHODS = ("plain", "login", "cram-md5")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Lost(TransportError):
    """The connection was lost before the final dot: the server has nothing of the mail."""


class Connection:
    """A connection that is opened when it is needed, and kept between mails.

    `proven` once it has carried a mail: what is then lost may be an old connection that the server closed, and is no
    fault of the mail.
    """

    def __init__(self, settings: Settings, tls: ssl.SSLContext | None) -> None:
        self.proven = False
        self._settings = settings
        self._used_at = 0.0
        self._client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.mail_port,
            # The machine's own name would be looked up in the DNS, which may take longer than a batch, and be told.
            local_hostname=settings.mail_domain,
            timeout=settings.smtp_timeout,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            tls_context=tls,
        )

    @property
    def is_open(self) -> bool:
        """Whether it can be used as it is, as far as this side knows."""
        return self._client.is_connected and asyncio.get_running_loop().time() - self._used_at < _IDLE

    async def ready(self) -> None:
        """Open it where it is not open. Raises ChannelDown."""
        if self.is_open:
            return
        self.drop()
        try:
            await self._client.connect()
            if self._client.is_ehlo_or_helo_needed:
                await self._client.ehlo()
            if self._settings.smtp_username:
                await self._login()
        except (aiosmtplib.SMTPException, OSError) as error:
            self.drop()
            raise why_down(error, self._settings) from error
        except BaseException:
            self.drop()
            raise
        self._used_at = asyncio.get_running_loop().time()

    async def send(self, mail: OutgoingMail) -> Delivery:
        """One mail transaction (RFC 5321, 3.3), on an open connection.

        Raises Lost, ChannelDown, or TransportError for a refusal or an outcome that nobody knows.
        """
        content = with_line_ends(mail.content)
        try:
            refused = await self._envelope(mail, len(content))
            receipt = await self._content(content)
        except aiosmtplib.SMTPResponseException as error:
            raise await self._refusal(error) from error
        except TransportError as error:
            if not error.unknown:
                await self._reset()
            raise
        except ValueError as error:
            await self._reset()
            raise TransportError(f"Its envelope cannot be written: {error}.", permanent=True) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            self.drop()
            raise Lost(f"The connection to the mail server was lost: {error}.", permanent=False) from error
        except BaseException:
            # An answer to this mail may still come, and must not be taken for one to the next.
            self.drop()
            raise
        self.proven = True
        self._used_at = asyncio.get_running_loop().time()
        return Delivery(receipt, refused)

    async def quit(self) -> None:
        """Take leave of the server, which need not answer."""
        if self._client.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=_LEAVE_TAKING)
        self.drop()

    def drop(self) -> None:
        """Close it without a word."""
        self._client.close()
        self.proven = False

    async def _login(self) -> None:
        """AUTH (RFC 4954) by the first method that the server really has.

        The library's own login goes on to the next method after a wrong password: three wrong ones, where some servers
        lock the account.
        """
        offered = [method for method in _METHODS if method in self._client.server_auth_methods]
        if not offered:
            raise aiosmtplib.SMTPNotSupported("it offers no login that followthrough knows (PLAIN, LOGIN, CRAM-MD5)")
        login = {
            "plain": self._client.auth_plain, "login": self._client.auth_login, "cram-md5": self._client.auth_crammd5,
        }  # fmt: skip
        name, password = self._settings.smtp_username, self._settings.smtp_password.get_secret_value()
        for method in offered:
            try:
                await login[method](name, password)
            except aiosmtplib.SMTPAuthenticationError as error:
                if error.code != _NO_SUCH_METHOD or method == offered[-1]:
                    raise
            else:
                return

    async def _envelope(self, mail: OutgoingMail, size: int) -> tuple[Refusal, ...]:
        """MAIL and RCPT; who was refused. Raises TransportError where everybody was."""
        options = [b"SIZE=%d" % size] if self._client.supports_extension("size") else []  # RFC 1870, 3
        if not all(map(str.isascii, (mail.sender, *mail.recipients))):
            if not self._client.supports_extension("smtputf8"):
                raise TransportError("The server takes no address beyond ASCII (SMTPUTF8, RFC 6531).", permanent=True)
            options.append(b"SMTPUTF8")
        # Not by the library's `mail` and `rcpt`, which read each address anew: these are bare already.
        answer = await self._client.execute_command(b"MAIL", b"FROM:<%s>" % mail.sender.encode(), *options)
        if answer.code != aiosmtplib.SMTPStatus.completed:
            raise aiosmtplib.SMTPSenderRefused(answer.code, answer.message, mail.sender)
        refused = []
        for address in mail.recipients:
            answer = await self._client.execute_command(b"RCPT", b"TO:<%s>" % address.encode())
            if answer.code in _TAKEN:
                continue
            if answer.code in _BREAKS or answer.code == _STRANGER:
                raise aiosmtplib.SMTPRecipientRefused(answer.code, answer.message, address)
            refused.append(Refusal(address, said(answer), is_permanent(answer.code, of_recipient=True)))
        if len(refused) == len(mail.recipients):
            answers = "; ".join(f"{each.address}: {each.message}" for each in refused)
            raise TransportError(f"The server took no recipient: {answers}", all(each.permanent for each in refused))
        return tuple(refused)

    async def _content(self, content: bytes) -> str:
        """DATA, the content and the final dot; the server's receipt.

        Not the library's `data`, which does not tell whether a lost connection was lost before that dot or after.
        """
        response = await self._client.execute_command(b"DATA")
        if response.code != aiosmtplib.SMTPStatus.start_input:
            raise aiosmtplib.SMTPDataError(response.code, response.message)
        protocol = self._client.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("closed before the content")
        protocol.write(transparent(content))
        try:
            response = await protocol.read_response(timeout=self._settings.smtp_timeout * _PATIENCE)
        except (aiosmtplib.SMTPException, OSError) as error:
            self.drop()
            message = f"The mail may have been accepted: no answer came after its last line ({error})."
            raise TransportError(message, permanent=False, unknown=True) from error
        if response.code != aiosmtplib.SMTPStatus.completed:
            raise aiosmtplib.SMTPDataError(response.code, response.message)
        return said(response)

    async def _refusal(self, error: aiosmtplib.SMTPResponseException) -> TransportError:
        """What an answer to MAIL, DATA or the final dot comes to, with the connection fit for the next mail or closed."""
        if error.code in _BREAKS:
            self.drop()
            return Lost(f"The mail server broke off: {said(error)}", permanent=False)
        if error.code == _STRANGER:
            self.drop()
            return why_down(error, self._settings)
        await self._reset()
        return TransportError(f"The server refused the mail: {said(error)}", is_permanent(error.code))

    async def _reset(self) -> None:
        """Forget what the server has of an envelope (RFC 5321, 4.1.1.5)."""
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self.drop()


def with_line_ends(content: bytes) -> bytes:
    """The content in whole lines that end in CRLF.

    No bare CR or LF reaches the wire (RFC 5321, 2.3.8): some servers see the end of the mail in one, and another
    mail in what follows.
    """
    if not content.count(b"\r\n") == content.count(b"\r") == content.count(b"\n"):
        content = _LINE_END.sub(b"\r\n", content)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def transparent(content: bytes) -> bytes:
    """Lines as they follow DATA: a dot before each that begins with one, and the final dot (RFC 5321, 4.5.2)."""
    first = b"." if content.startswith(b".") else b""
    return first + content.replace(b"\r\n.", b"\r\n..") + b".\r\n"
