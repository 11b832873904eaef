"""A test letter is the letter, in an envelope to somebody else, and counts nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from engine.app.letters.approvals import approve, waiting_for_approval
from engine.app.letters.reading import read_letter
from engine.app.letters.switch import stop_everything
from engine.app.letters.trial import NotOfThePlan, send_test
from engine.errors import NotFound, Refused
from engine.lifecycle import State
from tests.installation import Installation
from tests.smtp_server import MailServer
from tests.visitor import autumn, visit, words

ME = "nim@example.org"
_ITS_OWN = {"message-id", "in-reply-to", "references", "x-followthrough-key", "subject"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with autumn(tmp_path) as house:
        yield house


def waiting(house: Installation) -> str:
    return next(row.key for row in waiting_for_approval(house.app))


def only_test(house: Installation) -> EmailMessage:
    (found,) = [mail for mail in house.mails() if mail["X-Followthrough-Test"]]
    return found


def leaves(mail: EmailMessage) -> list[EmailMessage]:
    return [part for part in mail.walk() if not part.is_multipart()]


def test_it_is_the_letter_with_another_envelope(house: Installation) -> None:
    key = waiting(house)
    real = message_from_bytes(read_letter(house.app, key).source, policy=policy.default)
    send_test(house.app, key, "nim_coordinator", "anna")
    test = only_test(house)
    for name in {*real, *test}:
        if name.lower() not in _ITS_OWN and not name.lower().startswith(("resent-", "x-followthrough-test")):
            assert test[name] == real[name], name
    assert test["To"] == real["To"]
    assert test["Cc"] == real["Cc"]
    assert test["Subject"] == f"Test: {real['Subject']}"
    assert [(part.get_filename(), part.get_content()) for part in leaves(test)] == [
        (part.get_filename(), part.get_content()) for part in leaves(real)
    ]


def test_it_says_for_whom_it_is_and_cannot_be_taken_for_the_letter(house: Installation) -> None:
    key = waiting(house)
    send_test(house.app, key, ME, "anna")
    test = only_test(house)
    assert str(test["Resent-To"]).endswith(f"<{ME}>")
    assert test["Resent-From"].addresses[0].display_name == "followthrough"
    assert test["Resent-Date"]
    assert test["X-Followthrough-Test"] == key
    real = message_from_bytes(read_letter(house.app, key).source, policy=policy.default)
    assert test["Message-ID"] != real["Message-ID"], "else a mailbox that gets a copy would hide the real one"
    assert test["Message-ID"] == test["Resent-Message-ID"]
    for name in ("In-Reply-To", "References", "Reply-To", "X-Followthrough-Key"):
        assert test[name] is None


def test_a_letter_that_left_is_tested_as_it_left(house: Installation) -> None:
    with house.app.store.read() as tx:
        row = next(row for row in tx.find_letters(state=State.SENT) if row.party is not None)
    send_test(house.app, row.key, "isu", "anna")
    assert only_test(house)["Subject"] == f"Test: {house.mail_of(row.key)['Subject']}"


def test_it_counts_nowhere_and_is_on_record(house: Installation) -> None:
    key = waiting(house)
    before = house.row(key)
    send_test(house.app, key, ME, "anna")
    assert house.row(key) == before
    with house.app.store.read() as tx:
        assert tx.mail_of(key) is None
        assert tx.attempts(key) == []
        entry = tx.journal_entries(letter=key)[-1]
    assert (entry.action, entry.actor, entry.detail) == ("tested", "anna", f"to {ME}, as a test")
    approve(house.app, [key], "anna")
    send_test(house.app, key, ME, "anna")
    assert house.row(key).approved_digest is not None, "an approval stands"


def test_an_address_of_nobody_has_to_be_confirmed(house: Installation) -> None:
    key = waiting(house)
    with pytest.raises(NotOfThePlan, match=r"nobody in ccm-nim-2018 has the address me@else\.example"):
        send_test(house.app, key, "me@else.example", "anna")
    assert not [mail for mail in house.mails() if mail["X-Followthrough-Test"]]
    send_test(house.app, key, "me@else.example", "anna", confirmed=True)
    assert "me@else.example" in only_test(house)["Resent-To"]


@pytest.mark.parametrize("to", ["nobody", "cmc", "a b@example.org", "x@y\r\nBcc: z@example.org"])
def test_what_is_no_address_is_refused(house: Installation, to: str) -> None:
    with pytest.raises(Exception, match="address"):
        send_test(house.app, waiting(house), to, "anna", confirmed=True)
    assert not [mail for mail in house.mails() if mail["X-Followthrough-Test"]]


def test_what_is_not_there_is_not_sent(house: Installation) -> None:
    with pytest.raises(NotFound):
        send_test(house.app, "ccm-nim-2018/-/x/y/1/z/on-day", ME, "anna")


def test_it_is_sent_from_the_letters_page(house: Installation) -> None:
    key = waiting(house)
    visitor = visit(house.app)
    assert "Send it to yourself as a test" in words(visitor.get(f"/mailbox/{key}"))
    answer = visitor.post("/test", csrf=visitor.csrf(f"/mailbox/{key}"), key=key, to="nim_coordinator")
    assert answer.status_code == 303
    assert f"A test went to {ME}. It counts nowhere." in words(visitor.get(f"/mailbox/{key}"))
    assert only_test(house)["X-Followthrough-Test"] == key
    assert visitor.post("/test", csrf="0" * 64, key=key, to=ME).status_code == 403
    assert visitor.post("/test", csrf=visitor.csrf(), key=key, to="me@else.example").status_code == 409


def test_it_goes_through_the_server_that_is_set(tmp_path: Path) -> None:
    with MailServer() as server, Installation(tmp_path, settings=server.settings()) as house:
        house.apply()
        house.record("date", "2017-10-12", step="ny_workshop")
        house.tick()
        send_test(house.app, waiting(house), ME, "anna")
        (mail,) = [each for each in server.received if each.message["X-Followthrough-Test"]]
        assert mail.recipients == (ME,), "and nobody of those it names"
        assert mail.sender == house.app.settings.sender


def test_a_server_that_does_not_take_it_is_told(tmp_path: Path) -> None:
    with MailServer() as server, Installation(tmp_path, settings=server.settings()) as house:
        house.apply()
        house.record("date", "2017-10-12", step="ny_workshop")
        house.tick()
        server.on_rcpt = lambda address: "550 5.1.1 no such user"
        with pytest.raises(Refused, match=r"the test did not leave: .*no such user"):
            send_test(house.app, waiting(house), ME, "anna")
        assert house.row(waiting(house)).state == State.AWAITING_APPROVAL


def test_no_test_leaves_while_everything_is_stopped(house: Installation) -> None:
    before = len(house.mails())
    stop_everything(house.app, "the wrong list", "anna")
    with pytest.raises(Refused, match=r"everything is stopped since .* by anna: the wrong list: no test leaves either"):
        send_test(house.app, waiting(house), ME, "anna")
    assert len(house.mails()) == before
