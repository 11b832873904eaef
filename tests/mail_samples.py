"""Messages as real programs write them (tests/mails), in answer to one letter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from engine.answer import Answer, AnswerKind
from engine.inbound.address import proves, tag_of
from engine.inbound.body import LONGEST
from engine.inbound.telling import Ours, read, tell
from tests.support import ROOT

MAILS = ROOT / "tests" / "mails"
SECRET = b"a secret of these tests"
NUMBER = 17
KEY = "ccm-nim-2018/-/ny_follow_up/TG/1/tg_mission/on-day"
LETTER = "<abcdefghijklmnop@mail.example>"
RECIPIENTS = frozenset({"mission@tg.example", "isu@example.org"})
TEXT = """The report of Austria is due on 31 March 2018.
Please send it to the United Nations Secretary-General.
Yes, it is due."""
AT = datetime(2018, 3, 29, 12, tzinfo=UTC)
_BAD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What no page may show."""


def sample(name: str) -> bytes:
    """A sample, with the letter's own token and Message-ID in it."""
    token = f"{NUMBER}-{tag_of(SECRET, KEY)}".encode()
    octets = (MAILS / f"{name}.eml").read_bytes()
    return octets.replace(b"TOKEN", token).replace(b"<LETTER>", LETTER.encode())


def told(octets: bytes) -> list[Answer]:
    """What a message comes to, where the letter is the only one that ever left."""
    found = read(octets)
    ours = None
    if any(claim.number == NUMBER and proves(claim, SECRET, KEY) for claim in found.claims):
        ours = Ours(KEY, "address", RECIPIENTS, TEXT)
    elif LETTER in found.ids:
        ours = Ours(KEY, "references", RECIPIENTS, TEXT)
    return tell(found, ours, AT)


def told_of(name: str) -> Answer:
    """The one answer that a sample comes to."""
    (answer,) = told(sample(name))
    return answer


def check_answers(answers: Sequence[Answer], raw: bytes) -> None:
    """Whatever came: it is kept, in text that a page may show, and each answer has a source of its own."""
    for answer in answers:
        assert answer.raw == raw
        assert len(answer.text) < LONGEST + 2000
        for text in (answer.text, answer.subject, answer.sender, answer.said, answer.message_id):
            assert not _BAD.search(text)
            text.encode()
        assert (answer.letter is None) == (answer.matched_by == "")
        assert answer.kind is not AnswerKind.UNMATCHED or answer.letter is None
    assert len({answer.source for answer in answers}) == len(answers)
