"""Answers by mail, over a real IMAP server and a real daemon: what is about which letter, what it stops, what it does not."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.letter import ANSWERS_NOTICE, Recorded
from engine.lifecycle import State
from engine.settings import Settings
from engine.store import AnswerRecord
from tests import post
from tests.dovecot import PASSWORD, Dovecot, is_there
from tests.installation import NOTE, Installation
from tests.processes import DaemonProcess, eventually
from tests.support import moment

pytestmark = pytest.mark.slow

STEP = "ny_follow_up"
STATES = ("TG", "FJ", "NR", "CK", "KM", "BO")
NOON = "2018-03-28T12:00"
MORNING = "2018-03-29T09:00:01"


@pytest.fixture(scope="module", autouse=True)
def dovecot() -> None:
    """Where there is none the tests are skipped, and say so."""
    if not is_there():
        words = "NO DOVECOT HERE: answers were NOT read over IMAP (Debian: apt-get install dovecot-imapd)"
        warnings.warn(words, stacklevel=2)
        pytest.skip(words)


@pytest.fixture(scope="module")
def march(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The note's plan on the day before “by March” is due: six States were reminded, the next letters are approved."""
    folder = tmp_path_factory.mktemp("march")
    with Installation(folder, settings=Settings(reply_address=post.RECEIVER)) as house:
        house.apply()
        house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
        house.at("2017-10-16T12:00").record("held", "yes", step="ny_workshop", on="2017-10-12")
        house.record("attended", "yes", *STATES, step="ny_workshop")
        house.run_to(NOON)
        house.approve_all()
    return folder


@pytest.fixture
def house(march: Path, tmp_path: Path) -> Iterator[Installation]:
    with Installation.copy(march, tmp_path, NOON, Settings(reply_address=post.RECEIVER)) as house:
        yield house


@pytest.fixture
def server() -> Iterator[Dovecot]:
    with Dovecot() as server:
        yield server


def daemon_of(house: Installation, server: Dovecot, at: str = NOON, **settings: str) -> DaemonProcess:
    ours = {"FOLLOWTHROUGH_REPLY_ADDRESS": post.RECEIVER, **server.settings(), **settings}
    return DaemonProcess(house.app.settings.home, moment(at), settings=ours, pages=True)


def cannot_read(daemon: DaemonProcess) -> str:
    """What it says of an inbox that cannot be read, which may be before it says that it has started."""
    event = "the inbox cannot be read: letters leave all the same"
    found = next((line for line in daemon.log if line["event"] == event), None) or daemon.until(event)
    return str(found["error"])


def last_sent(house: Installation, party: str) -> str:
    rows = [row for row in house.rows(step=STEP, party=party) if row.sent_at and row.slot != "escalation"]
    return max(rows, key=lambda row: row.due_at).key


def answers(house: Installation) -> list[AnswerRecord]:
    with house.app.store.read() as tx:
        return tx.find_answers()


def on_day(house: Installation, party: str) -> Recorded:
    return next(row for row in house.rows(step=STEP, party=party) if row.slot == "on-day")


def test_each_answer_does_what_it_says_and_no_more(house: Installation, server: Dovecot) -> None:
    replied, away, failed = (last_sent(house, party) for party in ("TG", "FJ", "NR"))
    with daemon_of(house, server) as daemon:
        daemon.ready()
        server.deliver(post.reply(house, replied, "Our report left Lomé yesterday by courier."))
        assert daemon.until("answer")["key"] == replied
        server.deliver(post.out_of_office(house, away))
        assert daemon.until("answer")["kind"] == "automatic"
        server.deliver(post.bounce(house, failed))
        assert daemon.until("answer")["key"] == failed
        server.deliver(post.stranger())
        assert daemon.until("answer")["kind"] == "unmatched"
        daemon.set_clock(moment(MORNING))
        daemon.until("sent", key=on_day(house, "FJ").key)
        daemon.set_clock(moment("2018-03-29T21:30"))
        daemon.until("sent", key=on_day(house, "CK").key)
        assert daemon.health()[1]["status"] == "ok"
        assert daemon.stop() == 0
    kinds = {answer.kind: answer for answer in answers(house)}
    assert sorted(kinds) == ["automatic", "bounce", "reply", "unmatched"]
    assert kinds["reply"].text == "Our report left Lomé yesterday by courier."
    assert kinds["reply"].matched_by == "address"
    assert {kind for kind, answer in kinds.items() if answer.state == "open"} == {"reply", "bounce", "unmatched"}
    assert kinds["unmatched"].text == "Who are you?"

    assert house.row(replied).state == State.ANSWERED
    assert on_day(house, "TG").state == State.WITHDRAWN, "its follow-up waits"
    assert "waits for a decision" in on_day(house, "TG").reason
    assert on_day(house, "FJ").state == State.SENT, "an out-of-office stops nothing"
    assert house.row(failed).state == State.BOUNCED
    with house.app.store.read() as tx:
        unreachable = [fact for fact in tx.load_facts(NOTE) if fact.name == "unreachable"]
    assert [fact.subject.contact for fact in unreachable] == [house.row(failed).addressee]


def test_the_owner_sees_the_reply_and_is_asked_for_another_address(house: Installation, server: Dovecot) -> None:
    replied, failed = last_sent(house, "TG"), last_sent(house, "NR")
    with daemon_of(house, server) as daemon:
        daemon.ready()
        server.deliver(post.reply(house, replied, "Our report left Lomé yesterday by courier."))
        server.deliver(post.bounce(house, failed))
        daemon.until_sent(f"/{STEP}/")
        daemon.set_clock(moment("2018-04-05T12:00"))
        eventually(
            lambda: "mission-nr" in told(house) or "nr_mission" in told(house) or "Nauru" in told(house),
            "the owner is told",
        )
        daemon.stop()
    assert "Our report left Lomé yesterday by courier." in told(house)


def told(house: Installation) -> str:
    """All that the notices to the owner say."""
    rows = [row for row in house.rows() if row.template == ANSWERS_NOTICE and row.sent_at]
    parts = [house.mail_of(row.key).get_body(("plain",)) for row in rows]
    return "\n".join(str(part.get_content()) for part in parts if part is not None)


def test_a_reply_is_known_by_its_thread_where_the_address_says_nothing(house: Installation, server: Dovecot) -> None:
    key = last_sent(house, "TG")
    octets = post.reply(house, key, "In the thread.", To=post.RECEIVER)
    with daemon_of(house, server) as daemon:
        daemon.ready()
        server.deliver(octets)
        assert daemon.until("answer")["key"] == key
        daemon.stop()
    (answer,) = answers(house)
    assert (answer.kind, answer.matched_by) == ("reply", "references")


def test_a_server_that_goes_away_stops_no_letter_and_is_read_again(house: Installation, server: Dovecot) -> None:
    with daemon_of(house, server) as daemon:
        daemon.ready()
        server.deliver(post.stranger("before", 1))
        daemon.until("answer")
        server.stop()
        assert "localhost" in cannot_read(daemon)
        status, health = daemon.health()
        assert (status, health["status"]) == (200, "degraded")
        daemon.set_clock(moment(MORNING))
        daemon.until("sent", key=on_day(house, "TG").key)
        server.start()
        server.deliver(post.stranger("while it was away", 2))
        daemon.until("the inbox can be read again")
        assert daemon.health()[1]["status"] == "ok"
        server.deliver(post.stranger("afterwards", 3))
        eventually(lambda: len(answers(house)) == 3, "all three are read")
        daemon.stop()
    assert [answer.text for answer in answers(house)] == ["before", "while it was away", "afterwards"]


def test_killed_while_it_takes_in_nothing_is_lost_or_doubled(house: Installation, server: Dovecot) -> None:
    key = last_sent(house, "TG")
    for number in range(30):
        server.deliver(post.stranger(f"message {number}", number))
    server.deliver(post.reply(house, key, "The last of all."))
    for _ in range(3):
        with daemon_of(house, server) as daemon:
            daemon.until("answer")
            daemon.kill()
    with daemon_of(house, server) as daemon:
        daemon.ready()
        eventually(lambda: any(answer.kind == "reply" for answer in answers(house)), "all are read")
        assert daemon.stop() == 0
    texts = Counter(answer.text for answer in answers(house))
    assert len(texts) == 31
    assert set(texts.values()) == {1}


def test_numbers_made_anew_double_nothing(house: Installation, server: Dovecot) -> None:
    server.deliver(post.stranger("first", 1))
    server.deliver(post.reply(house, last_sent(house, "TG"), "We will report."))
    with daemon_of(house, server) as daemon:
        daemon.until("answer")
        daemon.until("answer")
        server.number_anew()
        server.deliver(post.stranger("second", 2))
        eventually(lambda: len(answers(house)) == 3, "what came since is read")
        daemon.stop()
    assert [answer.text for answer in answers(house)] == ["first", "We will report.", "second"]


def test_what_was_there_is_as_it_was(house: Installation, server: Dovecot) -> None:
    server.deliver(post.stranger())
    with daemon_of(house, server) as daemon:
        daemon.until("answer")
        daemon.stop()
    assert "Seen" not in "".join(server.flags())
    server.deliver(post.stranger("another", 2))
    with daemon_of(house, server, FOLLOWTHROUGH_INBOX_MARK_READ="yes") as daemon:
        daemon.until("answer")
        eventually(lambda: "Seen" in "".join(server.flags()), "it is marked as read")
        daemon.stop()


def test_a_wrong_password_is_said_and_shown_nowhere(house: Installation, server: Dovecot) -> None:
    with daemon_of(house, server, FOLLOWTHROUGH_INBOX_PASSWORD="not-the-password") as daemon:
        daemon.ready()
        assert "FOLLOWTHROUGH_INBOX_PASSWORD" in cannot_read(daemon)
        eventually(lambda: daemon.health()[1]["status"] == "degraded", "its health says so")
        daemon.set_clock(moment(MORNING))
        daemon.until("sent", key=on_day(house, "TG").key)
        daemon.stop()
    assert "not-the-password" not in str(daemon.log)
    assert PASSWORD not in str(daemon.log)


def test_it_is_read_over_starttls_too_and_without_idle(house: Installation) -> None:
    with Dovecot(idle=False) as server:
        settings = {"FOLLOWTHROUGH_REPLY_ADDRESS": post.RECEIVER, **server.settings("imap+starttls")}
        server.deliver(post.reply(house, last_sent(house, "TG"), "Over STARTTLS."))
        with DaemonProcess(house.app.settings.home, moment(NOON), settings=settings) as daemon:
            assert daemon.until("answer")["kind"] == "reply"
            assert daemon.stop() == 0


def test_a_certificate_that_nobody_trusts_is_refused(house: Installation, server: Dovecot) -> None:
    with daemon_of(house, server, FOLLOWTHROUGH_INBOX_CA_FILE="") as daemon:
        daemon.ready()
        assert "certificate" in cannot_read(daemon).lower()
        daemon.stop()
    assert PASSWORD not in server.log()
    assert answers(house) == []
