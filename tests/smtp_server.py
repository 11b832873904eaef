"""A real mail server for the tests: aiosmtpd in a thread, with TLS, a login, and answers that a test writes."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.settings import Settings

T = TypeVar("T")
LOGIN = ("ccm", "correct horse")
DROP = "drop"
"""As an answer: the connection is cut instead."""
Rule = Callable[[str], str | None] | Callable[[str], Awaitable[str | None]]
"""An answer to an address or a Message-ID; None: as usual."""
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Received:
    """A mail as it was accepted, and the connection that it came by."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    options: tuple[str, ...]
    connection: int
    tls: bool

    @property
    def message(self) -> EmailMessage:
        """The mail, read by the standard library."""
        return message_from_bytes(self.content, policy=policy.default)


def certificate(folder: Path, *names: str, expired: bool = False) -> Path:
    """A PEM file with a key and a certificate, signed by itself (default: for localhost)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's mail server")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(start).not_valid_after(start + (_YEAR if expired else 100 * _YEAR))
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names or ("localhost", "127.0.0.1")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{'-'.join(names) or 'localhost'}{'-expired' if expired else ''}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def _name(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)


class MailServer:
    """A server on a port of its own. `on_…` are rules for one command each; `stop` and `start` keep the port."""

    def __init__(
        self, security: str = "none", pem: Path | None = None, login: tuple[str, str] | None = None, **options: Any
    ) -> None:
        self.security, self.pem, self.login, self.port = security, pem, login, 0
        self.received: list[Received] = []
        self.refused: list[bytes] = []
        self.connections = self.logins = self.quits = 0
        self.on_mail: Rule | None = None
        self.on_rcpt: Rule | None = None
        self.on_data: Rule | None = None
        """Before the content is asked for; gets the sender."""
        self.on_dot: Rule | None = None
        """After the final dot; gets the Message-ID."""
        self.greeting: Callable[[int], bytes | None] = lambda _number: None
        self.open: set[_Connection] = set()
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self.tls: ssl.SSLContext | None = None
        if pem is not None:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(pem)

    def __enter__(self) -> MailServer:
        self._thread.start()
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def start(self) -> MailServer:
        """Listen."""
        at_once = self.tls if self.security == "tls" else None
        self._server = self._do(
            self._loop.create_server(lambda: _Connection(self), "127.0.0.1", self.port, ssl=at_once)
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        """Be gone, with all connections."""

        async def stop() -> None:
            assert self._server is not None
            self._server.close()
            for each in list(self.open):
                each.cut()
            while self.open:
                await asyncio.sleep(0)
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        self._do(stop())

    def close_idle(self) -> None:
        """Tell all clients that they waited too long, and hang up (RFC 5321, 3.8)."""

        async def close() -> None:
            for each in list(self.open):
                await each.push("421 4.4.2 Error: timeout exceeded")
                each.cut(gently=True)
            for _ in range(3):  # not until it is closed: with TLS that takes the client's answer, and it is asleep
                await asyncio.sleep(0)

        self._do(close())

    def settings(self, **more: Any) -> Settings:
        """Settings that reach it."""
        known = {"smtp_username": self.login[0], "smtp_password": self.login[1]} if self.login else {}
        trusted = {"smtp_ca_file": self.pem} if self.pem else {}
        return Settings.model_validate({
            "channel": "smtp", "smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_security": self.security,
            "smtp_timeout": 5, "mail_domain": "mail.example", **known, **trusted, **more,
        })  # fmt: skip

    @property
    def messages(self) -> list[EmailMessage]:
        """What was accepted, in order."""
        return [each.message for each in self.received]

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def answer(self, rule: Rule | None, about: str, usual: str) -> str:
        """What a rule says, else what is usual."""
        said = rule(about) if rule is not None else None
        if said is not None and not isinstance(said, str):
            said = await said
        return said or usual

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's names)
        self, server: _Connection, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self.answer(self.on_mail, address, "250 OK")
        if answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return server.obey(answer)

    async def handle_RCPT(  # noqa: N802
        self, server: _Connection, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = await self.answer(self.on_rcpt, address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return server.obey(answer)

    async def handle_DATA(self, server: _Connection, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        about = str(message_from_bytes(content)["Message-ID"])
        answer = await self.answer(self.on_dot, about, f"250 2.0.0 queued as {len(self.received) + 1}")
        if answer.startswith("250"):
            recipients, options = tuple(envelope.rcpt_tos), tuple(envelope.mail_options)
            tls = session.ssl is not None or self.security == "tls"
            self.received.append(Received(str(envelope.mail_from), recipients, content, options, server.number, tls))
        else:
            self.refused.append(content)
        return server.obey(answer)

    async def handle_QUIT(self, _server: _Connection, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        self.quits += 1
        return "221 Bye"


class _Connection(SMTP):
    """One client."""

    def __init__(self, owner: MailServer) -> None:
        self.owner = owner
        self.number = owner.connections = owner.connections + 1
        starttls = owner.tls if owner.security == "starttls" else None
        super().__init__(
            owner, loop=asyncio.get_running_loop(), hostname="mail.example", enable_SMTPUTF8=True,
            tls_context=starttls, require_starttls=starttls is not None, authenticator=self._check,
            auth_required=owner.login is not None, auth_require_tls=starttls is not None, **owner._options,
        )  # fmt: skip

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self not in self.owner.open:
            self.owner.open.add(self)
            greeting = self.owner.greeting(self.number)
            if greeting is not None:
                assert isinstance(transport, asyncio.WriteTransport)
                transport.write(greeting)
                transport.close()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.owner.open.discard(self)
        super().connection_lost(error)

    def cut(self, *, gently: bool = False) -> None:
        """Close the connection."""
        if isinstance(self.transport, asyncio.WriteTransport):
            with contextlib.suppress(AttributeError):  # a TLS transport that was closed already has nothing to abort
                self.transport.close() if gently else self.transport.abort()

    def obey(self, answer: str) -> str:
        """An answer, unless it is that there is none."""
        if answer == DROP:
            self.cut()
        return answer

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        assert self.envelope is not None
        answer = await self.owner.answer(self.owner.on_data, str(self.envelope.mail_from), "")
        if not answer:
            await super().smtp_DATA(arg)
        elif self.obey(answer) != DROP:
            await self.push(answer)

    def _check(self, _server: SMTP, _session: Session, _envelope: Envelope, _method: str, given: Any) -> AuthResult:
        self.owner.logins += 1
        assert isinstance(given, LoginPassword)
        return AuthResult(success=(given.login.decode(), given.password.decode()) == self.owner.login, handled=False)
