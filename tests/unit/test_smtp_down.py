"""The SMTP channel when something is wrong: connections that break, a server that is not there, trust and login."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.channels import ChannelDown, Delivery
from engine.channels.smtp import SmtpChannel
from engine.settings import Settings
from tests.smtp_mails import down, failure, mail, mails, sending
from tests.smtp_server import DROP, LOGIN, MailServer, certificate

# aiosmtpd does not see TLS that was there from the first byte, and warns of a login without it.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def channel(server: MailServer) -> Iterator[SmtpChannel]:
    with sending(server.settings(smtp_connections=1)) as made:
        yield made


# Connections that break


@pytest.mark.parametrize("command", ["on_mail", "on_rcpt", "on_data"])
def test_lost_before_the_content_is_not_accepted(server: MailServer, channel: SmtpChannel, command: str) -> None:
    setattr(server, command, lambda _: DROP)
    (outcome,) = channel.deliver_all([mail()])
    assert (failure(outcome).permanent, failure(outcome).unknown) == (False, False)


def test_lost_after_the_final_dot_is_unknown(server: MailServer, channel: SmtpChannel) -> None:
    server.on_dot = lambda about: DROP if about.startswith("<1@") else None
    first, second = channel.deliver_all([mail(0), mail(1)])
    assert isinstance(first, Delivery)
    assert (failure(second).permanent, failure(second).unknown) == (False, True)
    assert server.refused == [mail(1).content]


def test_no_answer_to_the_final_dot_is_unknown_and_the_answer_is_not_taken_for_the_next(server: MailServer) -> None:
    async def never(_: str) -> None:
        await asyncio.Event().wait()

    server.on_dot = never
    with sending(server.settings(smtp_connections=1, smtp_timeout=0.05)) as channel:
        (outcome,) = channel.deliver_all([mail(1)])
        server.on_dot = None
        assert failure(outcome).unknown
        assert isinstance(channel.deliver_all([mail(2)])[0], Delivery)
    assert server.connections == 2


# A channel that is down


def test_a_batch_for_an_unreachable_server_costs_one_attempt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    settings = Settings(channel="smtp", smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
    with sending(settings) as channel:
        fault = down(channel.deliver_all(mails(50)))
    assert f"127.0.0.1:{port} cannot be reached" in str(fault)
    assert not fault.misconfigured


@pytest.mark.parametrize(
    "greeting", [b"421 4.3.2 not now\r\n", b"554 5.3.2 go away\r\n", b"", b"\xff\xfe nonsense\r\n"]
)
def test_a_server_that_does_not_greet_is_asked_once(server: MailServer, greeting: bytes) -> None:
    server.greeting = lambda _: greeting
    with sending(server.settings()) as channel:
        assert not down(channel.deliver_all(mails(50))).misconfigured
    assert server.connections == 1


def test_a_server_that_hangs_costs_one_wait_for_each_connection(server: MailServer) -> None:
    async def never(_: str) -> None:
        await asyncio.Event().wait()

    server.on_mail = never
    with sending(server.settings(smtp_connections=2, smtp_timeout=0.1)) as channel:
        outcomes = channel.deliver_all(mails(50))
    assert server.connections == 2
    assert [isinstance(each, ChannelDown) for each in outcomes].count(True) == 48
    assert not any(failure(each).permanent or failure(each).unknown for each in outcomes)


def test_a_host_without_an_address_is_temporary() -> None:
    with sending(Settings(channel="smtp", smtp_host="nowhere.invalid", smtp_security="none")) as channel:
        assert "cannot be reached" in str(down(channel.deliver_all(mails(2))))


# TLS and login


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_tls_and_login(tmp_path: Path, security: str) -> None:
    pem = certificate(tmp_path)
    with MailServer(security, pem, LOGIN) as server, sending(server.settings(smtp_connections=2)) as channel:
        outcomes = channel.deliver_all(mails(6))
        assert all(isinstance(each, Delivery) for each in outcomes)
        assert all(got.tls for got in server.received)
        assert server.logins == server.connections == 2
        server.close_idle()
        assert isinstance(channel.deliver_all([mail(7)])[0], Delivery)


def _stranger(folder: Path) -> dict[str, Any]:
    return {"smtp_ca_file": None}


def _another_name(folder: Path) -> dict[str, Any]:
    return {"smtp_host": "localhost"}


def _no_file(folder: Path) -> dict[str, Any]:
    return {"smtp_ca_file": folder / "missing.pem"}


def _no_certificates(folder: Path) -> dict[str, Any]:
    (folder / "empty.pem").write_text("nothing")
    return {"smtp_ca_file": folder / "empty.pem"}


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (_stranger, "is not trusted: self-signed certificate"),
        (_another_name, "is not trusted: Hostname mismatch"),
        (_no_file, "SMTP_CA_FILE"),
        (_no_certificates, "SMTP_CA_FILE"),
    ],
)
def test_a_server_that_cannot_be_trusted_gets_nothing(
    tmp_path: Path, security: str, wrong: Callable[[Path], dict[str, Any]], told: str
) -> None:
    pem = certificate(tmp_path, "127.0.0.1")
    with MailServer(security, pem, LOGIN) as server, sending(server.settings(**wrong(tmp_path))) as channel:
        fault = down(channel.deliver_all(mails(10)))
    assert fault.misconfigured
    assert told in str(fault)
    assert (server.connections <= 1, server.logins, server.received) == (True, 0, [])


def test_an_expired_certificate_is_not_trusted(tmp_path: Path) -> None:
    pem = certificate(tmp_path, expired=True)
    with MailServer("tls", pem) as server, sending(server.settings()) as channel:
        assert "expired" in str(down(channel.deliver_all([mail()])))


def test_a_wrong_password_is_tried_once_and_told_without_it(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    with (
        MailServer("starttls", pem, LOGIN) as server,
        sending(server.settings(smtp_password="wrong horse")) as channel,
    ):
        fault = down(channel.deliver_all(mails(100)))
    assert fault.misconfigured
    assert "does not accept the login of ccm: 535" in str(fault)
    assert "horse" not in str(fault)
    assert (server.connections, server.logins) == (1, 1)


def test_a_server_that_wants_a_login_names_the_setting(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    with (
        MailServer("starttls", pem, LOGIN) as server,
        sending(server.settings(smtp_username="", smtp_password="", smtp_connections=1)) as channel,
    ):
        fault = down(channel.deliver_all(mails(10)))
    assert fault.misconfigured
    assert "FOLLOWTHROUGH_SMTP_USERNAME" in str(fault)


@pytest.mark.parametrize("wanted", [{"smtp_security": "starttls"}, {"smtp_username": "ccm", "smtp_password": "x"}])
def test_what_the_server_does_not_offer_is_not_done_without(server: MailServer, wanted: dict[str, str]) -> None:
    with sending(server.settings(**wanted)) as channel:
        fault = down(channel.deliver_all(mails(2)))
    assert fault.misconfigured
    assert not server.received


def test_tls_spoken_to_a_port_without_is_told(server: MailServer) -> None:
    with sending(server.settings(smtp_security="tls")) as channel:
        assert "did not agree on TLS" in str(down(channel.deliver_all(mails(2))))
