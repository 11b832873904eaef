"""Answers read from a Maildir, without a daemon: once each, whatever happens in between, and by the command."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from engine.app.answers.inbox import inbox_of, read_inbox
from engine.app.answers.taking_in import TakenIn
from engine.channels.inbox import InboxDown
from engine.channels.mailbox import Maildir
from engine.channels.maildir_inbox import MaildirInbox
from engine.errors import Refused
from engine.lifecycle import State
from engine.settings import Settings
from engine.store import AnswerRecord
from tests import post
from tests.command import Command
from tests.installation import Installation

STEP = "ny_follow_up"
NOON = "2018-02-01T12:00"


class Post:
    """An installation in February with a Maildir that is delivered into."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.path = folder / "inbox"
        self.settings = Settings.model_validate(
            {"reply_address": post.RECEIVER, "inbox": f"maildir:{self.path}", **settings}
        )
        self.house = Installation(folder, NOON, settings=self.settings)
        self.maildir = Maildir(self.path, durable=False)

    def deliver(self, message: bytes) -> Path:
        """A message comes, now."""
        path = self.maildir.deliver(message, unique="")
        at = self.house.clock.now().timestamp()
        os.utime(path, (at, at))
        return path

    def read(self) -> list[TakenIn]:
        """What is new."""
        with closing(inbox_of(self.house.app)) as inbox:
            return [taken for taken in read_inbox(self.house.app, inbox) if taken.new]

    def last_sent(self, party: str) -> str:
        rows = [
            row for row in self.house.rows(step=STEP, party=party) if row.sent_at and row.addressee.endswith("mission")
        ]
        return max(rows, key=lambda row: row.due_at).key

    def answers(self) -> list[AnswerRecord]:
        with self.house.app.store.read() as tx:
            return tx.find_answers()


@pytest.fixture(scope="module")
def february(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("february")
    with Installation(folder, settings=Settings(reply_address=post.RECEIVER)) as house:
        house.apply()
        house.workshop("FJ", "TG")
        house.run_to(NOON)
    return folder


@pytest.fixture
def office(february: Path, tmp_path: Path) -> Iterator[Post]:
    shutil.copytree(february / "home", tmp_path / "home")
    office = Post(tmp_path)
    with office.house:
        yield office


def test_what_came_is_taken_in_once(office: Post) -> None:
    key = office.last_sent("FJ")
    office.deliver(post.reply(office.house, key, "In March."))
    office.deliver(post.stranger())
    assert {taken.answer.kind for taken in office.read()} == {"reply", "unmatched"}
    assert office.read() == []
    office.deliver(post.stranger("again", 2))
    assert [taken.answer.text for taken in office.read()] == ["again"]
    assert office.house.row(key).state == State.ANSWERED


def test_broken_off_between_taking_in_and_the_record_of_it_nothing_is_doubled(office: Post) -> None:
    for number in range(5):
        office.deliver(post.stranger(f"message {number}", number))
    with closing(inbox_of(office.house.app)) as inbox:
        reading = iter(read_inbox(office.house.app, inbox))
        next(reading)
        next(reading)
        del reading
    assert len(office.answers()) == 2
    assert len(office.read()) == 3
    assert len({answer.text for answer in office.answers()}) == len(office.answers()) == 5


def test_a_message_that_a_mail_program_marks_is_the_same(office: Post) -> None:
    path = office.deliver(post.stranger())
    assert len(office.read()) == 1
    path.rename(office.path / "cur" / f"{path.name}:2,S")
    office.deliver(post.stranger("another", 2))
    assert [taken.answer.text for taken in office.read()] == ["another"]


def test_nothing_in_the_mailbox_is_changed_unless_settings_say_so(office: Post) -> None:
    path = office.deliver(post.stranger())
    office.read()
    assert path.exists()
    office.deliver(post.stranger("another", 2))
    marking = office.settings.model_copy(update={"inbox_mark_read": True})
    office.house.app.settings = marking.model_copy(update={"home": office.house.app.settings.home})
    office.read()
    assert [found.name.partition(":")[2] for found in (office.path / "cur").iterdir()] == ["2,S"]


def test_what_came_before_the_first_letter_left_is_left_alone(office: Post) -> None:
    path = office.deliver(post.stranger("an old one"))
    with office.house.app.store.read() as tx:
        first = tx.first_mail_at()
    assert first is not None
    old = (first - timedelta(days=1)).timestamp()
    os.utime(path, (old, old))
    office.deliver(post.stranger("a new one", 2))
    assert [taken.answer.text for taken in office.read()] == ["a new one"]


def test_a_message_from_the_future_came_now(office: Post) -> None:
    path = office.deliver(post.stranger())
    later = (office.house.clock.now() + timedelta(days=400)).timestamp()
    os.utime(path, (later, later))
    (taken,) = office.read()
    assert taken.answer.received_at == office.house.clock.now()


def test_an_answer_to_a_prompt_of_ours_waits_for_a_person(office: Post) -> None:
    prompt = next(row for row in office.house.rows() if row.party is None and row.sent_at)
    office.deliver(post.reply(office.house, prompt.key, "Approve all of them!"))
    (taken,) = office.read()
    assert (taken.answer.kind, taken.answer.letter) == ("unmatched", None)


def test_the_owners_own_answer_to_all_holds_nothing_back(office: Post) -> None:
    key = office.last_sent("FJ")
    owner = office.house.mail_of(key)["From"]
    office.deliver(post.reply(office.house, key, "Thank you, we look forward to it.", From=owner))
    (taken,) = office.read()
    assert (taken.answer.kind, taken.answer.letter) == ("automatic", key)
    assert taken.answer.said == "written by the owner of the step"
    assert office.house.row(key).state == State.SENT
    office.deliver(post.reply(office.house, key, "Fiji has sent it to us.", number=3, From="isu@example.org"))
    assert [each.answer.kind for each in office.read()] == ["reply"], (
        "what another of us writes is for the owner to see"
    )


def test_a_mailbox_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InboxDown, match="cannot be read: No such file"):
        list(MaildirInbox(tmp_path / "none").batches("", Post(tmp_path).house.clock.now()))


def test_the_command_says_what_came(office: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Command(tmp_path / "home", monkeypatch)
    run.at(NOON)
    run.environment |= {"FOLLOWTHROUGH_INBOX": office.settings.inbox, "FOLLOWTHROUGH_REPLY_ADDRESS": post.RECEIVER}
    key = office.last_sent("FJ")
    office.deliver(post.reply(office.house, key, "In March."))
    office.deliver(post.out_of_office(office.house, office.last_sent("TG")))
    said = run("fetch").stdout
    assert "1 reply and 1 automatic notice:" in said or "1 automatic notice and 1 reply:" in said
    assert "FJ ny_follow_up" in said
    assert "In the outbox: " in said
    assert run("fetch").stdout == "Nothing new has come.\n"
    office.deliver(post.stranger())
    (row,) = run.json("fetch")
    assert (row["kind"], row["letter"], row["state"]) == ("unmatched", None, "open")


def test_without_a_mailbox_the_command_says_how_to_name_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Command(tmp_path, monkeypatch)("fetch", exits=1).output
    assert "FOLLOWTHROUGH_INBOX names one" in said


def test_without_a_setting_there_is_no_inbox(tmp_path: Path) -> None:
    with Installation(tmp_path) as house, pytest.raises(Refused):
        inbox_of(house.app)
