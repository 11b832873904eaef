"""Whatever comes by mail is told for something, quickly, and as plain text: nothing raises, nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.inbound import telling
from engine.inbound.html import html_text
from engine.inbound.message import KEPT, parse
from engine.inbound.quotes import new_words
from engine.inbound.telling import Ours
from tests.mail_samples import AT, KEY, MAILS, RECIPIENTS, TEXT, check_answers, sample, told

NAMES = sorted(path.stem for path in MAILS.glob("*.eml"))
SAMPLES = [sample(name) for name in NAMES]
_FIELDS = ("To", "From", "Subject", "Content-Type", "Content-Disposition", "References", "Return-Path", "Auto-Submitted",
           "Content-Transfer-Encoding", "Received", "Date", "List-Id", "X-Failed-Recipients")  # fmt: skip
_VALUES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([
        b"=?utf-8?B?!!!?=", b"=?x?q?=?=", b"multipart/mixed", b'multipart/mixed; boundary=""', b"multipart/report; boundary=a",
        b"text/plain; charset=zlib", b"text/plain; charset*0=u; charset*1=tf-8", b"text/html; charset=idna", b"message/rfc822",
        b"message/delivery-status", b"text/plain; charset=\xff", b"base64", b"uuencode", b'attachment; filename*=x\'\'%ff',
        b"<>", b"<" * 50, b"a@b," * 40, b"(" * 60, b'"', b"=?unicode_escape?q?\\ud800?=",
    ]),
)  # fmt: skip


def check(octets: bytes) -> None:
    """It is told for something, in text that a page may show, and kept."""
    read = telling._read(
        octets[:KEPT], parse(octets)
    )  # what `read` and `tell` catch in the last resort is a fault here
    for ours in (None, Ours(KEY, "address", RECIPIENTS, TEXT)):
        assert telling._tell(read, ours, AT)
    check_answers(told(octets), octets[:KEPT])


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 80), st.binary(max_size=20)), max_size=6),
)
def test_a_damaged_message_is_told_for_something(octets: bytes, damage: list[tuple[int, int, bytes]]) -> None:
    for at, length, instead in damage:
        octets = octets[:at] + instead + octets[at + length :]
    check(octets)


@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.sampled_from(_FIELDS), _VALUES), max_size=5))
def test_a_message_with_strange_fields_is_told_for_something(octets: bytes, fields: list[tuple[str, bytes]]) -> None:
    check(b"".join(name.encode() + b": " + value + b"\n" for name, value in fields) + octets)


@given(st.binary(max_size=400))
@example(b"")
@example(b"\n\n")
@example(b"\xff\xfe\x00")
@example(b"Content-Type: message/delivery-status\n\n\n\nFinal-Recipient: rfc822;x@y\nAction: failed\n")
def test_octets_that_are_no_message_are_told_for_something(octets: bytes) -> None:
    check(octets)


@given(st.lists(st.sampled_from(["Yes.", "", "> quoted", "On 3 April 2018 X <x@y.example> wrote:", "-- ", "we sent it",
                                 "From: a@b.example", "Subject: s", "To: c", "-----Original Message-----", "The report is due"]),
                max_size=14))  # fmt: skip
def test_no_new_word_of_a_reply_is_lost(lines: list[str]) -> None:
    """What neither is behind “>”, nor ours, nor a program's is in what is shown; a signature alone may go."""
    shown = new_words("\n".join(lines), "The report is due")
    before = lines[: len(lines) - lines[::-1].index("-- ") - 1] if "-- " in lines else lines
    for word in ("Yes.", "we sent it"):
        assert before.count(word) <= shown.split("\n").count(word), shown


@given(st.text(max_size=300))
def test_any_page_becomes_text(page: str) -> None:
    assert isinstance(html_text(page), str)


def _nested(depth: int) -> bytes:
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth)
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "fifty megabytes": lambda: sample("reply-gmail") + b"x" * 50_000_000,
    "multipart in multipart": lambda: b"To: x@y\n" + _nested(5000) + b"text",
    "messages in messages": lambda: b"Content-Type: message/rfc822\n\n" * 50_000,
    "a report of a million groups": lambda: b"Content-Type: message/delivery-status\n\n" + b"Final-Recipient: x;a@b\n\n" * 80_000,
    "many parts": lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000,
    "a header of two megabytes": lambda: b"References: " + b"<a@b> " * 400_000 + b"\n\ntext",
    "a hundred thousand fields": lambda: b"To: a@b\n" * 200_000 + b"\ntext",
    "encoded words": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n\ntext",
    "tags that never end": lambda: b"Content-Type: text/html\n\n" + b"<!--" * 200_000,
    "open tags": lambda: b"Content-Type: text/html\n\n" + b"<" * 1_500_000,
    "deep quotes": lambda: b"Content-Type: text/html\n\n" + b"<blockquote>" * 100_000 + b"text",
    "a line of dashes": lambda: b"To: a@b\n\nhello\n" + b"-" * 1_000_000 + b"x",
    "a line of brackets": lambda: b"To: a@b\n\n" + b">" * 1_900_000,
    "a hundred thousand quotes": lambda: b"To: a@b\n\nhello\n" + b"On 3 April x wrote:\nyes\n" * 40_000,
    "spaces": lambda: b"To: a@b\nFrom: MAILER-DAEMON\n\n" + b" " * 1_900_000 + b"x",
    "short lines from a machine": lambda: b"From: mailer-daemon@x.example\n\n" + b"a@b.example\n" * 150_000,
    "addresses": lambda: b"From: " + b"a@b," * 400_000 + b"\n\ntext",
    "brackets in addresses": lambda: b"From: " + b"(" * 1_000_000 + b"\n\ntext",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_not_hurt(name: str) -> None:
    octets = BOMBS[name]()
    began = time.monotonic()
    check(octets)
    assert time.monotonic() - began < 10, "a second where nothing else takes the machine"
