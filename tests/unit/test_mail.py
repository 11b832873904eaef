"""Mails: read back with the standard library, threaded, folded, the same bytes again, and nothing injected."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import RenderError
from engine.rendering.context import Mailbox, Rendered
from engine.rendering.headers import bare_address
from engine.rendering.mail import build, message_id
from tests.letter_samples import CAPITAL, COORDINATOR, MISSION, RENDERER, sample

GOLDEN = Path(__file__).parent.parent / "golden" / "letters"
SENDER = Mailbox(COORDINATOR.title, COORDINATOR.email)
DATE = datetime(2018, 3, 29, 9, 0, tzinfo=ZoneInfo("Europe/Zurich"))
LETTER = Rendered("Report", "Text.\n", "<p>Text.</p>\n", (MISSION,), (CAPITAL,), "")


def mail(rendered: Rendered = LETTER, **changes: Any) -> bytes:
    values: dict[str, Any] = {
        "sender": SENDER, "message_id": "<a@followthrough.example>", "date": DATE, "in_reply_to": None,
        "references": (), "keys": ["ccm-nim-2018/-/ny_follow_up/CI/1/ci_mission/on-day"],
    }  # fmt: skip
    return build(rendered, **(values | changes))


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    assert all(not header.defects for header in message.values())
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    return message


def people(content: bytes, field: str) -> list[tuple[str, str]]:
    """Names and addresses by RFC 2047 as it is written; the newer parser keeps the spaces between encoded words."""
    boxes = getaddresses([message_from_bytes(content, policy=policy.compat32.clone(max_line_length=None))[field]])
    return [(str(make_header(decode_header(name))), address) for name, address in boxes]


@pytest.mark.parametrize("name", ["thanks_for_coming", "firmer", "was_it_held"])
def test_golden(name: str) -> None:
    key = f"ccm-nim-2018/-/ny_follow_up/CI/1/ci_mission/{name}"
    content = mail(RENDERER.render(sample(name)), keys=[key], message_id=message_id(key, "followthrough.example"))
    path = GOLDEN / f"{name}.eml"
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(content)
    assert content == path.read_bytes()


def test_reads_back() -> None:
    rendered = RENDERER.render(sample("reminder"))
    content = mail(rendered)
    message = parsed(content)
    assert message["Subject"] == rendered.subject
    assert people(content, "From") == [(SENDER.name, SENDER.address)]
    assert people(content, "To") == [(MISSION.name, MISSION.address)]
    assert people(content, "Cc") == [(box.name, box.address) for box in rendered.cc]
    assert message["Date"].datetime == DATE
    assert message["Date"].datetime.utcoffset() == timedelta(hours=2)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Followthrough-Key"] == "ccm-nim-2018/-/ny_follow_up/CI/1/ci_mission/on-day"
    assert message["Content-Language"] == "en"
    assert message["In-Reply-To"] is None
    assert message["References"] is None
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == rendered.text
    assert html.get_content().replace("\r\n", "\n").rstrip() == rendered.html.rstrip()


def test_threads() -> None:
    ids = tuple(message_id(f"k/{number}", "followthrough.example") for number in range(9))
    message = parsed(mail(in_reply_to=ids[-1], references=ids))
    assert message["In-Reply-To"] == ids[-1]
    assert str(message["References"]).split() == list(ids)


def test_message_id_is_stable_short_and_ascii() -> None:
    assert message_id("k", "followthrough.example") == "<qjkmgknjfbipnvjz3u3w6saw@followthrough.example>"
    assert message_id("k", "bücher.example").endswith("@xn--bcher-kva.example>")
    assert message_id("k", "a.example") != message_id("l", "a.example")
    assert parsed(mail(message_id=message_id("Côte", "a.example")))["Message-ID"] == message_id("Côte", "a.example")


def test_same_input_same_bytes_and_another_key_another_boundary() -> None:
    assert mail() == mail()
    assert parsed(mail()).get_boundary() != parsed(mail(keys=["k"])).get_boundary()


NAMES = [
    "Plain Name",
    "Doe, Jo (Ms) <x@example.org>",
    'The "Quoted" \\ Name',
    "St. Kitts and Nevis",
    "Mission permanente de Côte d’Ivoire, Genève; " * 6,
    "代表部" * 40,
    "=?utf-8?b?QmNj?=",
    "x" * 900,
    "Office, of very many words, " * 12,
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_and_subjects_come_back_whole(name: str) -> None:
    rendered = replace(LETTER, subject=name or "s", to=(Mailbox(name, "a@b.example"),) * 3)
    content = mail(rendered, sender=Mailbox(name, "a@b.example"), reply_to=(Mailbox(name, "c@d.example"),))
    message = parsed(content)
    said = " ".join(name.split())
    assert people(content, "To") == [(said, "a@b.example")] * 3
    assert people(content, "From") == [(said, "a@b.example")]
    assert people(content, "Reply-To") == [(said, "c@d.example")]
    assert message["Subject"] == (said or "s")
    words = [line for line in content.split(b"\r\n\r\n")[0].split(b"\r\n") if b"=?utf-8?" in line]
    assert all(len(line) <= 76 for line in words if name.isascii() is False)


@settings(deadline=None)  # a busy machine is no fault
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf", "Cn"])))
def test_any_name_comes_back_or_is_refused(name: str) -> None:
    said = " ".join(name.split())
    content = mail(replace(LETTER, to=(Mailbox(name, "a@b.example"),), subject=name))
    message = parsed(content)
    assert people(content, "To") == [(said, "a@b.example")]
    assert message["Subject"] == said


@pytest.mark.parametrize(
    "bad", ["a\r\nBcc: x@y.example", "a\nb", "a\rb", "a\0b", "a\x1bb", "a\u2028b", "a\u202eb", "\ud800"]
)
def test_nothing_is_injected(bad: str) -> None:
    box = Mailbox(bad, "a@b.example")
    wrong: list[tuple[Rendered, dict[str, Any]]] = [
        (replace(LETTER, subject=bad), {}),
        (replace(LETTER, to=(box,)), {}),
        (replace(LETTER, cc=(box,)), {}),
        (replace(LETTER, to=(Mailbox("x", f"{bad}@b.example"),)), {}),
        (replace(LETTER, to=(Mailbox("x", f"a@b.example{bad}"),)), {}),
        (LETTER, {"sender": box}),
        (LETTER, {"reply_to": (box,)}),
        (LETTER, {"keys": [bad]}),
        (LETTER, {"message_id": f"<{bad}@b.example>"}),
        (LETTER, {"in_reply_to": f"<{bad}@b.example>"}),
        (LETTER, {"references": (f"<{bad}@b.example>",)}),
        (replace(LETTER, language=bad), {}),
    ]
    for rendered, changes in wrong:
        with pytest.raises(RenderError):
            mail(rendered, **changes)


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "@b.example", "a@", "a b@c.example", "a@b@c.example", "a@b..example", ".a@b.example", "a.@b.example",
     "a..b@c.example", "<a@b.example>", "a@b.example, c@d.example", "é@b.example", "a@b_c.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(RenderError):
        bare_address(address)


def test_domains_beyond_ascii_are_encoded() -> None:
    assert bare_address("mission@bücher.example") == "mission@xn--bcher-kva.example"


def test_nobody_and_no_zone_are_refused() -> None:
    with pytest.raises(RenderError, match="nobody to go to"):
        mail(replace(LETTER, to=()))
    with pytest.raises(RenderError, match="time zone"):
        mail(date=DATE.replace(tzinfo=None))


@pytest.mark.parametrize(
    "text", ["", "x", ".\n..\nFrom here\n", "a \nb\t\n", "é" * 600 + "\n", "x" * 5000, "a\r\nb\rc\n", "=20\n--=_x\n"]
)
def test_bodies_come_back(text: str) -> None:
    message = parsed(mail(replace(LETTER, text=text, html=text)))
    for part in message.iter_parts():
        assert isinstance(part, EmailMessage)
        expected = text.replace("\r\n", "\n").replace("\r", "\n")
        assert part.get_content().replace("\r\n", "\n").rstrip("\n") == expected.rstrip("\n")


def test_half_a_character_in_a_body_is_refused() -> None:
    with pytest.raises(RenderError, match="half a character"):
        mail(replace(LETTER, text="\ud800"))


def test_utc_is_a_zone() -> None:
    assert parsed(mail(date=datetime(2018, 1, 1, tzinfo=UTC)))["Date"] == "Mon, 01 Jan 2018 00:00:00 +0000"
