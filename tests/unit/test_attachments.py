"""What letters carry: files by what is in them, the deadline as the feed has it, approved and frozen with the letter."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Component

from engine.app.feeds.feeds import publish_feeds
from engine.app.letters.letters import show
from engine.app.letters.reading import attachments_of, read_letter
from engine.definition import loader
from engine.definition.attachments import DEADLINE, Attachment
from engine.definition.building.attaching import LARGEST, file_attached
from engine.definition.hints import Unreadable
from engine.definition.syntax.sources import SourceFile
from engine.dispatcher.parts import Part, put_together
from engine.errors import BadInput
from engine.rendering.joining import join
from engine.rendering.letters import digest
from engine.rendering.mail import build, message_id
from tests.attached_files import docx, pdf, zipped
from tests.installation import NOTE, Installation
from tests.letter_samples import RENDERER, sample
from tests.unit.test_mail import DATE, GOLDEN, SENDER, mail
from tests.visitor import visit

FORM = Attachment("form-a.pdf", "application/pdf", pdf())


def large_pdf(size: int) -> bytes:
    """A PDF of so many octets."""
    return pdf() + b" " * (size - len(pdf()) - 5) + b"%%EOF"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.pdf", docx(), "is not a PDF"),
        ("a.pdf", b"%PDF-1.4 cut off", "is not a PDF"),
        ("a.docx", pdf(), "is not a Word document"),
        ("a.docx", zipped("xl/workbook.xml", "[Content_Types].xml"), "is not a Word document"),
        (
            "a.docx",
            docx("word/vbaProject.bin"),
            "holds macros, which mail servers refuse: Save it as DOCX without macros",
        ),
        ("a.docx", docx()[:-30], "is not a Word document"),
        ("a.pdf", large_pdf(LARGEST + 1), "larger than 5 MB"),
    ],
)
def test_a_file_is_taken_by_what_is_in_it(name: str, content: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as caught:
        file_attached(name, content)
    assert why in f"{caught.value}: {caught.value.hint}"


def test_a_file_that_is_what_it_says() -> None:
    assert file_attached("ccm/Form A.PDF", pdf()).type == "application/pdf"
    assert file_attached("all.pdf", large_pdf(LARGEST)).size == LARGEST
    found = file_attached("ccm/Form A.docx", docx())
    assert (found.name, found.size) == ("Form A.docx", len(docx()))
    assert found.type.endswith("wordprocessingml.document")


PLAN = """\
workflow: small
title: Small
timezone: Europe/Zurich
owner: desk
anchors: {{end: {{on: 2018-06-29}}}}
roles: {{desk: {{title: Desk, email: desk@example.org}}}}
steps:
  ask:
    follow_up: Reports
    by: end
    until: report
    send: [at once, on the day]
    letter: nudge
    {attach}
facts: {{report: {{type: date}}}}
"""


@pytest.mark.parametrize(
    ("attach", "fault"),
    [
        ("attach: [ccm/none.pdf]", "small.yaml:14:14: the file “ccm/none.pdf” cannot be read"),
        ("attach: [false.pdf]", "small.yaml:14:14: “false.pdf” is not a PDF, whatever its name says"),
        ("attach: [form.xlsx]", "small.yaml:14:14: “form.xlsx” cannot be attached. Attach a PDF or DOCX"),
        ("attach: [a/form.pdf, b/form.pdf]", "small.yaml:14:26: “a/form.pdf” and “b/form.pdf” would have one name"),
        ("attachments: {at ones: [form.pdf]}", "small.yaml:14:19: expected one of at once, every"),
        (
            "attach: [four.pdf, more.pdf, last.pdf]",
            "small.yaml:14:14: these files have 12 MB, and a letter carries 10 MB at most. Attach fewer, or link to them.",
        ),
    ],
)
def test_a_faulty_attachment_is_told_where_and_what(attach: str, fault: str) -> None:
    large = large_pdf(4_000_000)
    files = {
        "false.pdf": b"words", "form.pdf": pdf(), "a/form.pdf": pdf(), "b/form.pdf": pdf(),
        "four.pdf": large, "more.pdf": large, "last.pdf": large,
    }  # fmt: skip

    def read(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name]

    with pytest.raises(BadInput) as caught:
        loader.load(SourceFile("small.yaml", PLAN.format(attach=attach)), str, {}, read)
    (problem,) = caught.value.problems
    assert str(problem).startswith(fault)


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def test_golden() -> None:
    key = f"{NOTE}/-/ny_follow_up/CI/1/ci_mission/at-once"
    calendar = Attachment(DEADLINE, "text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    context = sample("nudge", key=key, attachments=(calendar, replace(FORM, name="Formule A – été.pdf")))
    content = mail(RENDERER.render(context), keys=[key], message_id=message_id(key, "followthrough.example"))
    path = GOLDEN / "attached.eml"
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(content)
    assert content == path.read_bytes()


@given(st.text(min_size=1, max_size=200).filter(lambda name: name == " ".join(name.split()) and name.isprintable()))
def test_any_name_and_any_octets_read_back(name: str) -> None:
    octets = bytes(range(256)) * 3 + name.encode()
    rendered = replace(RENDERER.render(sample("nudge")), attachments=(Attachment(name, "application/pdf", octets),))
    content = build(
        rendered, sender=SENDER, message_id="<a@b.example>", date=DATE, in_reply_to=None, references=(), keys=("k",)
    )
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    message = parsed(content)
    (file,) = attachments_of(message)
    assert (file.name, file.content) == (name, octets)
    plain = message.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().startswith("Excellency,")


def test_the_digest_covers_what_is_attached() -> None:
    bare = RENDERER.render(sample("nudge"))
    assert digest(bare.subject, bare.text, bare.html, bare.to, bare.cc) == bare.digest
    seen = {bare.digest}
    for files in ((FORM,), (FORM, FORM), (replace(FORM, name="form-b.pdf"),), (replace(FORM, content=pdf("B")),)):
        seen.add(RENDERER.render(sample("nudge", attachments=files)).digest)
    assert len(seen) == 5


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """The note's plan, with a form attached to the letters that follow the workshop; the workshop is over."""
    with Installation(tmp_path, "2017-09-20T12:00") as house:
        (house.workflows / "ccm" / "Formule A.pdf").write_bytes(pdf())
        house.edit(
            f"{NOTE}.yaml", "attachments: {at once: [deadline.ics]}", "attach: [deadline.ics, ccm/Formule A.pdf]"
        )
        house.apply()
        house.record("date", "2017-10-12", step="ny_workshop")
        house.at("2017-10-17T12:00").record("held", "yes", step="ny_workshop", on="2017-10-12")
        house.record("attended", "yes", "BJ", "NR", step="ny_workshop", on="2017-10-12")
        yield house


FIRST = f"{NOTE}/-/ny_follow_up/NR/1/nr_ny_mission/at-once"


def test_what_is_attached_is_approved_frozen_and_sent(house: Installation) -> None:
    before = show(house.app, FIRST)
    assert [file.name for file in before.attachments] == [DEADLINE, "Formule A.pdf"]
    house.run_to("2017-11-15")
    sent = attachments_of(house.mail_of(FIRST))
    assert sent == before.attachments
    assert show(house.app, FIRST).attachments == sent
    assert read_letter(house.app, FIRST).attachments == sent
    (mailed,) = [each for each in house.mails() if each["X-Followthrough-Key"] == FIRST]
    assert attachments_of(mailed) == sent


def test_word_to_a_role_near_the_date_carries_nothing(house: Installation) -> None:
    house.edit(f"{NOTE}.yaml", "escalate: {after: 3 letters, to: isu}", "escalate: {before: 2 weeks, to: isu}")
    house.apply()
    house.run_to("2018-03-20")
    near = f"{NOTE}/-/ny_follow_up/NR/1/isu/escalation-before-2w"
    assert attachments_of(house.mail_of(near)) == ()
    assert show(house.app, near).attachments == ()


def test_another_file_asks_again(house: Installation) -> None:
    key = FIRST.replace("at-once", "before-6w")
    house.run_to("2018-02-10T12:00")
    approved = house.row(key)
    assert approved.approved_digest
    house.apply()
    assert house.row(key).approved_digest == approved.approved_digest
    (house.workflows / "ccm" / "Formule A.pdf").write_bytes(pdf("a new edition"))
    house.apply()
    again = house.row(key)
    assert again.approved_digest is None
    assert again.key == approved.key


def events(content: bytes) -> list[Component]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


def test_the_deadline_is_the_feeds_own(house: Installation) -> None:
    """One function makes every UID: the attached file has that of the party's feed, and is the same but for history."""
    house.run_to("2017-11-15")
    for party, key in (("NR", FIRST), ("BJ", f"{NOTE}/-/ny_follow_up/BJ/1/bj_mission/at-once")):
        (feed,) = [file for file in publish_feeds(house.app) if file.name == f"party:{party}"]
        (shown,) = [event for event in events(feed.path.read_bytes()) if "31 March" in str(event["summary"])]
        content = attachments_of(house.mail_of(key))[0].content
        (event,) = events(content)
        for name in ("uid", "dtstart", "dtend", "related-to"):
            assert event.decoded(name) == shown.decoded(name)
        if party == "NR":
            assert event.decoded("summary") == shown.decoded("summary")
        else:
            assert (
                str(event["summary"])
                == "Pour le 31 mars 2018\u00a0: Reports by those who attended the New York workshop"
            )
        assert re.fullmatch(rb"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:[^\r]+\r\nCALSCALE:GREGORIAN\r\nBEGIN:VEVENT.*",
                            content, re.DOTALL)  # fmt: skip


def test_the_stamp_moves_only_when_the_date_may_have(house: Installation) -> None:
    """The attached file is part of what is approved: it must not change by itself, or with another letter's time."""
    first = show(house.app, FIRST).attachments[0].content
    house.at("2017-10-20T12:00")
    assert show(house.app, FIRST).attachments[0].content == first
    house.record("date", "2018-02-12..2018-02-14", step="auckland")
    assert show(house.app, FIRST).attachments[0].content == first
    assert b"DTSTAMP:20170920T100000Z" in first


def test_an_extension_is_in_the_calendar_file_too(house: Installation) -> None:
    house.at("2018-03-20T12:00").record("extended_to", "2018-05-15", "NR", step="ny_follow_up")
    (row,) = [row for row in house.rows(step="ny_follow_up", party="NR") if row.round == 2 and row.slot == "on-day"]
    content = show(house.app, row.key).attachments[0].content
    assert b"DTSTART;VALUE=DATE:20180515" in content
    assert b"DTSTAMP:20180320T110000Z" in content


def test_the_page_lists_what_is_attached_with_a_link_to_save_it(house: Installation) -> None:
    visitor = visit(house.app)
    page = visitor.get(f"/mailbox/{FIRST}").text
    assert "Formule A.pdf" in page
    links = re.findall(r'href="(/attached/\d/[^"]+)"', page)
    assert len(links) == 2
    answer = visitor.get(links[1])
    assert answer.content == pdf()
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''Formule%20A.pdf"
    assert visitor.get(links[1].replace("/attached/2/", "/attached/3/")).status_code == 404


def test_letters_in_one_mail_keep_all_their_files() -> None:
    first, second = (replace(FORM, content=pdf(words)) for words in ("A", "B"))
    parts = [RENDERER.render(sample("nudge", attachments=files)) for files in ((FORM, first), (FORM,), (second,))]
    files = join(parts).attachments
    assert [file.name for file in files] == ["form-a.pdf", "form-a-1.pdf", "form-a-3.pdf"]
    assert [file.content for file in files] == [FORM.content, first.content, second.content]


def test_no_mail_carries_more_than_a_server_takes(house: Installation) -> None:
    row = house.row(FIRST)
    large = tuple(Attachment(f"{at}.pdf", "application/pdf", bytes(4_000_000)) for at in range(2))
    parts = [
        Part(row._replace(id=at), replace(RENDERER.render(sample("nudge")), attachments=files), SENDER, (), "UTC")
        for at, files in enumerate([large, (), large[:1], large[:1]])
    ]
    assert [[part.row.id for part in mail] for mail in put_together(parts)] == [[0, 1], [2, 3]]
