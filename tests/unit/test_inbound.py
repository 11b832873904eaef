"""What came by mail is told for what it is: replies, machines, bounces, and what proves nothing."""

from __future__ import annotations

import pytest

from engine.answer import AnswerKind
from engine.inbound.address import (
    LONGEST_NUMBER,
    claims_in,
    proves,
    reply_address,
    return_address,
    tag_of,
)
from engine.inbound.bounces import kind_of
from engine.inbound.telling import read, source_of
from engine.settings import LONGEST_REPLY_LOCAL
from tests.mail_samples import KEY, MAILS, NUMBER, SECRET, sample, told, told_of

BASE = "followup@plan.example.org"


def test_a_token_names_its_letter_and_no_other() -> None:
    tag = tag_of(SECRET, KEY)
    for address, returned in ((reply_address(BASE, 17, tag), False), (return_address(BASE, 17, tag), True)):
        (claim,) = claims_in([f"Somebody <{address.upper()}>"])
        assert (claim.number, claim.returned) == (17, returned)
        assert proves(claim, SECRET, KEY)
        assert not proves(claim, SECRET, KEY.replace("TG", "FJ"))
        assert not proves(claim, b"another secret", KEY)


def test_a_token_is_read_also_where_a_host_rewrote_the_address() -> None:
    tag = tag_of(SECRET, KEY)
    rewritten = f"<SRS0=HHH=TT=plan.example.org=followup+b-17-{tag}@forwarder.example>"
    assert [claim.number for claim in claims_in([rewritten])] == [17]
    assert claims_in([f"followup+17-{tag[:-1]}@plan.example.org", f"followup+17-{tag}a@plan.example.org"]) == ()


def test_a_token_has_room_in_the_longest_local_part_allowed() -> None:
    address = return_address(
        "a" * LONGEST_REPLY_LOCAL + "@plan.example.org", 10**LONGEST_NUMBER - 1, tag_of(SECRET, KEY)
    )
    assert len(address.partition("@")[0]) <= 64, "what a local part holds (RFC 5321, 4.5.3.1.1)"


@pytest.mark.parametrize(
    ("name", "kind", "matched_by"),
    [
        ("reply-gmail", AnswerKind.REPLY, "address"),
        ("reply-outlook-german", AnswerKind.REPLY, "address"),
        ("reply-interleaved", AnswerKind.REPLY, "address"),
        ("reply-html-only", AnswerKind.REPLY, "address"),
        ("reply-with-report", AnswerKind.REPLY, "address"),
        ("reply-without-token", AnswerKind.REPLY, "references"),
        ("forged", AnswerKind.UNMATCHED, ""),
        ("out-of-office-exchange", AnswerKind.AUTOMATIC, "address"),
        ("out-of-office-french-bare", AnswerKind.AUTOMATIC, "address"),
        ("out-of-office-russian", AnswerKind.AUTOMATIC, "address"),
        ("out-of-office-vacation", AnswerKind.AUTOMATIC, "address"),
        ("receipt", AnswerKind.AUTOMATIC, "address"),
        ("calendar-reply", AnswerKind.AUTOMATIC, "address"),
        ("mailing-list", AnswerKind.AUTOMATIC, ""),
        ("bounce-exchange", AnswerKind.BOUNCE, "address"),
        ("bounce-gmail-full", AnswerKind.DELAYED, "address"),
        ("bounce-policy", AnswerKind.DELAYED, "address"),
        ("bounce-delayed", AnswerKind.DELAYED, "address"),
        ("bounce-exim-old", AnswerKind.BOUNCE, "address"),
        ("bounce-qmail", AnswerKind.BOUNCE, "references"),
        ("bounce-unproved", AnswerKind.UNMATCHED, ""),
    ],
)
def test_each_is_told_for_what_it_is(name: str, kind: AnswerKind, matched_by: str) -> None:
    answer = told_of(name)
    assert (answer.kind, answer.matched_by) == (kind, matched_by)
    assert answer.letter == (KEY if matched_by else None)
    if kind in (AnswerKind.BOUNCE, AnswerKind.DELAYED):
        assert answer.address == "mission@tg.example"
    assert answer.raw == sample(name)


def test_every_sample_is_looked_at() -> None:
    assert len(list(MAILS.glob("*.eml"))) == 22


def test_a_notice_about_several_addresses_is_one_about_each_of_ours() -> None:
    failed, later = told(sample("bounce-postfix"))
    assert (failed.kind, failed.address) == (AnswerKind.BOUNCE, "mission@tg.example")
    assert failed.said.startswith("5.1.1 550 5.1.1 <mission@tg.example>: Recipient address rejected")
    assert (later.kind, later.address) == (AnswerKind.DELAYED, "isu@example.org")
    assert failed.source != later.source


def test_a_bounce_about_an_address_that_nobody_wrote_to_is_not_believed() -> None:
    forged = sample("bounce-exchange").replace(b"mission@tg.example", b"minister@tg.example")
    (answer,) = told(forged)
    assert (answer.kind, answer.letter, answer.address) == (AnswerKind.UNMATCHED, None, "")
    assert answer.said.startswith("5.1.10 550")


def test_a_forwarded_address_is_known_by_the_original_one() -> None:
    moved = sample("bounce-exchange").replace(
        b"Final-Recipient: rfc822;mission@tg.example",
        b"Original-Recipient: rfc822;Mission@TG.example\nFinal-Recipient: rfc822;personal@mail.example",
    )
    (answer,) = told(moved)
    assert (answer.kind, answer.address) == (AnswerKind.BOUNCE, "mission@tg.example")


@pytest.mark.parametrize(
    ("status", "action", "kind"),
    [
        ("5.1.1", "failed", AnswerKind.BOUNCE),
        ("5.0.0", "failed", AnswerKind.BOUNCE),
        ("", "failed", AnswerKind.BOUNCE),
        ("5.4.4", "failed", AnswerKind.BOUNCE),
        ("5.2.1", "failed", AnswerKind.BOUNCE),
        ("5.2.2", "failed", AnswerKind.DELAYED),
        ("5.3.4", "failed", AnswerKind.DELAYED),
        ("5.7.1", "failed", AnswerKind.DELAYED),
        ("5.7.26", "failed", AnswerKind.DELAYED),
        ("4.4.7", "failed", AnswerKind.DELAYED),
        ("5.1.1", "delayed", AnswerKind.DELAYED),
        ("2.1.5", "delivered", AnswerKind.AUTOMATIC),
    ],
)
def test_only_what_says_that_the_address_takes_no_mail_is_a_bounce(status: str, action: str, kind: AnswerKind) -> None:
    assert kind_of(status, action) is kind


def test_the_new_words_of_a_reply_are_what_is_shown() -> None:
    assert told_of("reply-gmail").text == (
        "Dear Coordinator,\n\nour report left Lomé yesterday by courier.\n\nRegards,\nA. Mensah"
    )
    assert told_of("reply-outlook-german").text == (
        "Sehr geehrte Damen und Herren,\n\nder Bericht ist für nächste Woche angekündigt.\n\nMit freundlichen Grüßen"
    )
    assert told_of("reply-html-only").text == "Kia orana,\n\nwe are ready & will report on 1 June."


def test_answers_between_the_lines_stay_with_what_they_answer() -> None:
    text = told_of("reply-interleaved").text
    assert "> When will the report be ready?\nIn June.\n> Do you need assistance?\nYes." in text


def test_new_words_below_a_quote_of_ours_are_not_lost() -> None:
    mixed = sample("reply-outlook-german").replace(
        b"Please send it to", b"But we sent it to the ISU on Monday!\nPlease send it to"
    )
    (answer,) = told(mixed)
    assert "But we sent it to the ISU on Monday!" in answer.text
    short = sample("reply-outlook-german").replace(b"Please send it to", b"Yes\nPlease send it to")
    assert "\nYes\n" in told(short)[0].text


def test_attachments_are_named_and_the_signature_is_left_out() -> None:
    answer = told_of("reply-with-report")
    assert answer.text == "Please find our report attached.\n\n[Attached: Rapport n° 1.pdf]"
    assert answer.sender == "Focal point <focal@fj.example>"


def test_who_wrote_and_when_is_as_the_message_says() -> None:
    answer = told_of("reply-outlook-german")
    assert answer.sender == "Ständige Vertretung <vertretung@at.example>"
    assert (answer.subject, answer.message_id) == (
        "AW: Article 7 report", "<AT0P250MB0123A1B2@AT0P250MB0123.eurprd01.outlook.example>",
    )  # fmt: skip


def test_a_copy_that_came_another_way_is_the_same_source() -> None:
    octets = sample("reply-gmail")
    other = b"Return-Path: <x@y.example>\r\nDelivered-To: somebody@plan.example.org\r\n" + octets.replace(
        b"\n", b"\r\n"
    )
    assert source_of(read(octets)) == source_of(read(other))
    assert source_of(read(octets)) != source_of(read(octets.replace(b"yesterday", b"tomorrow!")))


def test_auto_submitted_no_is_a_person() -> None:
    person = sample("reply-gmail").replace(b"MIME-Version", b"Auto-Submitted: no\nMIME-Version", 1)
    assert told(person)[0].kind is AnswerKind.REPLY


def test_a_person_who_answers_a_machine_is_a_person() -> None:
    person = sample("reply-without-token").replace(b"Subject: ", b"Subject: Re: Automatic reply: ")
    assert told(person)[0].kind is AnswerKind.REPLY


def test_suppressing_answers_counts_only_in_what_answers_us() -> None:
    marked = b"X-Auto-Response-Suppress: OOF, AutoReply\n"
    assert told(marked + sample("reply-without-token"))[0].kind is AnswerKind.AUTOMATIC
    assert told(marked + sample("forged"))[0].kind is AnswerKind.UNMATCHED


def test_the_number_of_the_token_alone_proves_nothing() -> None:
    guessed = sample("reply-html-only").replace(tag_of(SECRET, KEY).encode(), b"a" * 16)
    (answer,) = told(guessed)
    assert f"+{NUMBER}-".encode() in guessed
    assert (answer.kind, answer.letter) == (AnswerKind.UNMATCHED, None)
