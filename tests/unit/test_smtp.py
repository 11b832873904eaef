"""The SMTP channel against a real server: what leaves, over which connections, and what each answer comes to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from engine.channels import Delivery, smtp_connection
from engine.channels.smtp import SmtpChannel
from tests.smtp_mails import failure, mail, mails, sending
from tests.smtp_server import DROP, MailServer


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def channel(server: MailServer) -> Iterator[SmtpChannel]:
    with sending(server.settings(smtp_connections=1)) as made:
        yield made


# What leaves


def test_the_bytes_arrive_as_they_are_with_their_envelope(server: MailServer, channel: SmtpChannel) -> None:
    sent = mail(1, "tg@example.org", "nr@example.org")
    (outcome,) = channel.deliver_all([sent])
    assert outcome == Delivery("250 2.0.0 queued as 1")
    (got,) = server.received
    assert (got.content, got.sender, got.recipients) == (sent.content, sent.sender, sent.recipients)
    assert got.options == (f"SIZE={len(sent.content)}",)


def test_no_bare_line_end_reaches_the_wire(server: MailServer, channel: SmtpChannel) -> None:
    channel.deliver_all([mail(body="Subject: x\n\na\n.\nMAIL FROM:<a@b.example>\rb")])
    (got,) = server.received
    assert (
        got.content == b"Message-ID: <1@mail.example>\r\nSubject: x\r\n\r\na\r\n.\r\nMAIL FROM:<a@b.example>\r\nb\r\n"
    )


def test_outcomes_come_in_the_order_of_the_mails(server: MailServer) -> None:
    server.on_dot = lambda about: "554 no" if about.startswith("<7@") else f"250 {about}"
    with sending(server.settings(smtp_connections=3)) as channel:
        outcomes = channel.deliver_all(mails(20))
    assert [str(getattr(each, "receipt", "failed")) for each in outcomes] == [
        "failed" if number == 7 else f"250 <{number}@mail.example>" for number in range(20)
    ]


def test_an_address_beyond_ascii_asks_for_smtputf8(server: MailServer, channel: SmtpChannel) -> None:
    channel.deliver_all([mail(1, "président@example.org")])
    (got,) = server.received
    assert got.recipients == ("président@example.org",)
    assert "SMTPUTF8" in got.options


def test_an_address_that_is_none_stops_its_own_mail_only(server: MailServer, channel: SmtpChannel) -> None:
    bad, good = channel.deliver_all([mail(1, "a b@example.org> x"), mail(2)])
    assert failure(bad).permanent
    assert isinstance(good, Delivery)


# Connections


def test_a_connection_serves_many_mails_and_batches(server: MailServer) -> None:
    with sending(server.settings(smtp_connections=1)) as channel:
        for _ in range(3):
            assert all(isinstance(each, Delivery) for each in channel.deliver_all(mails(5)))
        assert (server.connections, server.quits) == (1, 0)
    assert server.quits == 1
    assert len(server.received) == 15


def test_several_are_in_flight_at_once(server: MailServer) -> None:
    waiting, full = [], asyncio.Event()

    async def until_four(about: str) -> None:
        waiting.append(about)
        if len(waiting) == 4:
            full.set()
        await full.wait()

    server.on_dot = until_four
    with sending(server.settings(smtp_connections=4)) as channel:
        outcomes = channel.deliver_all(mails(4))
    assert all(isinstance(each, Delivery) for each in outcomes)
    assert server.connections == 4


def test_a_closed_channel_opens_again(server: MailServer, channel: SmtpChannel) -> None:
    for number in (1, 2):
        channel.deliver_all([mail(number)])
        channel.close()
        channel.close()
    assert (server.connections, server.quits, len(server.received)) == (2, 2, 2)


def test_an_idle_connection_that_the_server_closed_is_no_failure(server: MailServer, channel: SmtpChannel) -> None:
    channel.deliver_all([mail(1)])
    server.close_idle()
    assert isinstance(channel.deliver_all([mail(2)])[0], Delivery)
    assert (server.connections, len(server.received)) == (2, 2)


@pytest.mark.parametrize("command", ["on_mail", "on_rcpt", "on_data"])
@pytest.mark.parametrize("answer", [DROP, "421 4.3.2 closing"])
def test_an_old_connection_may_break_at_any_command(
    server: MailServer, channel: SmtpChannel, command: str, answer: str
) -> None:
    channel.deliver_all([mail(1)])
    setattr(server, command, lambda _: answer if server.connections == 1 else None)
    assert isinstance(channel.deliver_all([mail(2)])[0], Delivery)
    assert [got.connection for got in server.received] == [1, 2]


def test_a_connection_unused_for_long_is_not_trusted(
    server: MailServer, channel: SmtpChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.deliver_all([mail(1)])
    monkeypatch.setattr(smtp_connection, "_IDLE", 0.0)
    channel.deliver_all([mail(2)])
    first, second = server.received
    assert first.connection != second.connection


def test_a_server_that_takes_one_connection_gets_all_by_it(server: MailServer) -> None:
    server.greeting = lambda number: b"421 4.7.0 too many connections\r\n" if number > 1 else None
    with sending(server.settings(smtp_connections=4)) as channel:
        outcomes = channel.deliver_all(mails(30))
    assert all(isinstance(each, Delivery) for each in outcomes)
    assert {got.connection for got in server.received} == {1}


# What an answer comes to


@pytest.mark.parametrize("command", ["on_mail", "on_rcpt", "on_data", "on_dot"])
@pytest.mark.parametrize(("answer", "permanent"), [("451 4.7.1 later", False), ("554 5.7.1 never", True)])
def test_permanent_and_temporary_are_told_apart(
    server: MailServer, channel: SmtpChannel, command: str, answer: str, permanent: bool
) -> None:
    answers = iter([answer])
    setattr(server, command, lambda _: next(answers, None))
    bad, good = channel.deliver_all(mails(2))
    assert (failure(bad).permanent, failure(bad).unknown) == (permanent, False)
    assert answer in str(bad)
    assert isinstance(good, Delivery)
    assert server.connections == 1


def test_each_recipient_has_an_answer_of_its_own(server: MailServer, channel: SmtpChannel) -> None:
    server.on_rcpt = {"a@example.org": "550 5.1.1 nobody", "b@example.org": "450 4.2.1 busy"}.get
    (outcome,) = channel.deliver_all([mail(1, "a@example.org", "tg@example.org", "b@example.org")])
    assert isinstance(outcome, Delivery)
    assert [(each.address, each.message, each.permanent) for each in outcome.refused] == [
        ("a@example.org", "550 5.1.1 nobody", True),
        ("b@example.org", "450 4.2.1 busy", False),
    ]
    assert server.received[0].recipients == ("tg@example.org",)


@pytest.mark.parametrize(
    ("answers", "permanent"),
    [(("550 no", "553 no"), True), (("550 no", "451 later"), False), (("552 5.2.2 full", "550 no"), False)],
)
def test_a_mail_that_nobody_takes_fails_for_good_only_where_each_answer_does(
    server: MailServer, channel: SmtpChannel, answers: tuple[str, str], permanent: bool
) -> None:
    server.on_rcpt = dict(zip(("a@example.org", "b@example.org"), answers, strict=True)).get
    (outcome,) = channel.deliver_all([mail(1, "a@example.org", "b@example.org")])
    assert failure(outcome).permanent is permanent
    assert all(answer in str(outcome) for answer in answers)
    assert not server.received


def test_a_mail_that_is_too_large_is_refused_for_good() -> None:
    with MailServer(data_size_limit=1000) as server, sending(server.settings(smtp_connections=1)) as channel:
        bad, good = channel.deliver_all([mail(1, body="x" * 2000), mail(2)])
    assert failure(bad).permanent
    assert "552" in str(bad)
    assert isinstance(good, Delivery)


def test_an_answer_on_record_is_one_clean_line(server: MailServer, channel: SmtpChannel) -> None:
    server.on_dot = lambda _: "554-5.7.1 two\r\n554 li\x1b[1mnes " + "x" * 2000
    (outcome,) = channel.deliver_all([mail()])
    assert "554 5.7.1 two li [1mnes" in str(outcome)
    assert len(str(outcome)) < 600
