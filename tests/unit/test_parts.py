"""What makes letters one mail, and what that mail says: whom it is from and to, its threads, where answers to it go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from engine.definition.attachments import PDF, Attachment
from engine.definition.building.attaching import MOST
from engine.dispatcher.parts import Handed, Part, mail_of, people, put_together, thread_of
from engine.dispatcher.returning import WayBack
from engine.letter import Letter, LetterKey, Recorded
from engine.lifecycle import State
from engine.rendering.context import Mailbox, Rendered
from engine.rendering.joining import join
from engine.rendering.mail import joined_message_id
from engine.settings import Settings
from engine.store import MailRecord, NewMail

NOON = datetime(2018, 3, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DESK, CHAIR = Mailbox("The Desk", "desk@example.org"), Mailbox("The Chair", "chair@example.org")
TO, CC = Mailbox("Mission", "M@aa.example"), Mailbox("", "capital@aa.example")
SETTINGS = Settings(mail_domain="mail.example")


def row(number: int = 1, **other: Any) -> Recorded:
    found = Recorded(
        number, f"small/-/ask/AA/1/a/{number}", "small", None, "ask", "follow_up", "AA", 1, "a", str(number), NOON, "UTC",
        "claimed", "", "nudge", False, None, True, NOON, 1,
    )  # fmt: skip
    return found._replace(**other)


def part(
    number: int = 1, *, sender: Mailbox = DESK, thread: tuple[str, ...] = (), back: WayBack | None = None,
    to: tuple[Mailbox, ...] = (TO,), cc: tuple[Mailbox, ...] = (CC,), zone: str = "Europe/Zurich", octets: int = 0,
    **of_row: Any,
) -> Part:  # fmt: skip
    files = (Attachment(f"{number}.pdf", PDF, bytes(octets)),) if octets else ()
    rendered = Rendered(f"Word {number}", f"text {number}", "<p>", to, cc, f"digest {number}", "en", files)
    return Part(row(number, **of_row), rendered, sender, thread, zone, back)


def read(handed: Handed) -> EmailMessage:
    return message_from_bytes(handed.mail.body, policy=policy.default)


def heads(handed: Handed) -> dict[str, str | None]:
    mail = read(handed)
    return {name: mail[name] for name in ("From", "Reply-To", "In-Reply-To", "References")}


def test_a_mail_of_one_letter_is_that_letter() -> None:
    only = part(1, thread=("<a@x>", "<b@x>"), to=(TO, DESK), cc=(CC, Mailbox("Again", "M@aa.example")))
    handed = mail_of([only], NOON, SETTINGS)
    assert handed.rows == (only.row._replace(subject="Word 1"),)
    assert (handed.mail_id, handed.reached) == (0, frozenset())
    assert handed.mail == NewMail(
        joined_message_id([only.row.key], "mail.example"), "digest 1", "desk@example.org",
        ("M@aa.example", "desk@example.org", "capital@aa.example"), "Word 1",
        "Mission <M@aa.example>, The Desk <desk@example.org>", "capital@aa.example, Again <M@aa.example>",
        handed.mail.body,
    )  # fmt: skip
    assert heads(handed) == {
        "From": "The Desk <desk@example.org>", "Reply-To": None, "In-Reply-To": "<b@x>", "References": "<a@x> <b@x>",
    }  # fmt: skip
    mail = read(handed)
    assert (mail["Date"], mail["Message-ID"]) == ("Tue, 20 Mar 2018 13:00:00 +0100", handed.mail.message_id)
    assert mail.get_all("X-Followthrough-Key") == [only.row.key]


def test_a_mail_of_several_letters_stands_in_the_threads_of_all() -> None:
    parts = [part(1, zone="UTC"), part(2, thread=("<a@x>", "<b@x>")), part(3, thread=("<c@x>", "<a@x>"))]
    handed = mail_of(parts, NOON, SETTINGS)
    assert heads(handed) == {
        "From": "The Desk <desk@example.org>", "Reply-To": None, "In-Reply-To": None, "References": "<a@x> <b@x> <c@x>",
    }  # fmt: skip
    joined = join([each.rendered for each in parts])
    keys = [each.row.key for each in parts]
    assert (handed.mail.subject, handed.mail.digest) == (joined.subject, joined.digest)
    assert handed.mail.message_id == joined_message_id(keys, "mail.example")
    assert [each.subject for each in handed.rows] == ["Word 1", "Word 2", "Word 3"], "each its own"
    assert read(handed).get_all("X-Followthrough-Key") == keys
    assert read(handed)["Date"] == "Tue, 20 Mar 2018 12:00:00 +0000", "in the zone of the first"


def test_of_a_long_thread_the_newest_are_named() -> None:
    thread = tuple(f"<{number}@x>" for number in range(41))
    assert heads(mail_of([part(thread=thread)], NOON, SETTINGS))["References"] == " ".join(thread[1:])
    assert heads(mail_of([part(thread=thread[1:])], NOON, SETTINGS))["References"] == " ".join(thread[1:])


def test_answers_to_letters_of_two_owners_go_to_both() -> None:
    handed = mail_of([part(1, sender=CHAIR), part(2), part(3, sender=CHAIR)], NOON, SETTINGS)
    both = "The Chair <chair@example.org>, The Desk <desk@example.org>"
    assert (heads(handed)["From"], heads(handed)["Reply-To"]) == ("The Chair <chair@example.org>", both)
    assert handed.mail.sender == "chair@example.org"


def test_answers_go_to_the_first_address_that_a_letter_has_of_its_own() -> None:
    ways = [WayBack(f"f+{number}@plan.example", f"f+b-{number}@plan.example") for number in (2, 3)]
    handed = mail_of([part(1, sender=CHAIR), part(2, back=ways[0]), part(3, back=ways[1])], NOON, SETTINGS)
    assert heads(handed)["Reply-To"] == "The Chair <f+2@plan.example>"
    assert handed.mail.sender == "f+b-2@plan.example"


def test_what_goes_to_the_same_people_leaves_as_one_the_most_urgent_first() -> None:
    late, early, second = part(1, due_at=NOON + HOUR), part(3), part(2, to=(Mailbox("M", "m@AA.example"),))
    others = [
        part(4, to=(CC,), cc=(TO,)), part(5, cc=()), part(6, to=(TO, DESK)), part(7, attempts=1, mail=9),
        part(8, attempts=1, mail=8),
    ]  # fmt: skip
    fresh, again = part(9, attempts=0, mail=9), part(10, attempts=2, mail=9, due_at=NOON - HOUR)
    assert put_together([late, early, *others, second, fresh, again]) == [
        (second, early, fresh, late), (others[0],), (others[1],), (others[2],), (again, others[3]), (others[4],),
    ]  # fmt: skip


def test_a_mail_carries_no_more_than_a_letter_may() -> None:
    half, rest = MOST // 2, MOST - MOST // 2
    parts = [part(1, octets=half), part(2, octets=rest), part(3), part(4, octets=1), part(5, octets=MOST), part(6)]
    assert put_together(parts) == [tuple(parts[:3]), (parts[3],), (parts[4], parts[5])]
    assert put_together([part(1, octets=MOST + 1)]) == [(part(1, octets=MOST + 1),)], "never one without any letter"


SENT = row(1, state="sent", message_id="<1@x>", sent_at=NOON)


@pytest.mark.parametrize(
    ("rows", "thread"),
    [
        ((), ()),
        ((SENT,), ("<1@x>",)),
        ((SENT._replace(state="bounced"),), ("<1@x>",)),
        ((SENT._replace(state="answered"),), ("<1@x>",)),
        ((SENT._replace(state="handing"),), ()),
        ((SENT._replace(message_id=None),), ()),
        ((SENT._replace(key="small/-/ask/AA/1/a/on-day"),), ()),
        ((SENT._replace(step="other"),), ()),
        ((SENT._replace(cycle="2018"),), ()),
        ((SENT._replace(party="BB"),), ()),
        ((SENT._replace(addressee="b"),), ()),
        ((SENT, SENT._replace(key="k", id=2, message_id="<1@x>")), ("<1@x>",)),
        (
            (
                SENT._replace(id=3, message_id="<3@x>"), SENT._replace(sent_at=NOON + HOUR, message_id="<4@x>"),
                SENT._replace(id=2, message_id="<2@x>"), SENT._replace(sent_at=None, due_at=NOON - HOUR),
            ),
            ("<1@x>", "<4@x>"),
        ),
    ],
)  # fmt: skip
def test_a_letter_follows_the_first_and_the_last_to_its_addressee(
    rows: tuple[Recorded, ...], thread: tuple[str, ...]
) -> None:
    key = LetterKey("small", None, "ask", "AA", 1, "a", "on-day")
    letter = Letter.of(key, "follow_up", "UTC", State.SCHEDULED, "")
    assert thread_of(letter, rows) == thread


def test_people_are_read_with_their_names() -> None:
    assert people([DESK, CC]) == "The Desk <desk@example.org>, capital@aa.example"
    assert people([]) == ""


def test_what_was_frozen_before_leaves_as_it_was() -> None:
    handed = mail_of([part(1, attempts=1)], NOON, SETTINGS)
    was = MailRecord(7, "k", "<m@x>", "d", "s@x.example", ("t@x.example",), "S", "T", "C", b"B", NOON)
    again = handed.frozen_as(was, frozenset({"m@aa.example"}))
    mail = NewMail("<m@x>", "d", "s@x.example", ("t@x.example",), "S", "T", "C", b"B")
    assert again == Handed(handed.rows, mail, 7, frozenset({"m@aa.example"}))
