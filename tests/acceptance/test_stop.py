"""The one switch: nothing leaves, whatever the plan, until a person lets letters leave again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from engine.app.letters.switch import resume, stop_everything
from engine.channels import Delivery, OutgoingMail, TransportError
from engine.channels.mailbox import MailboxChannel
from engine.errors import Refused
from engine.lifecycle import State
from tests.installation import Installation

STEP = "ny_workshop"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """The note's plan, with many invitations approved and due."""
    with Installation(tmp_path) as house:
        house.apply()
        house.record("date", "2017-10-12", step=STEP)
        house.approve_all()
        house.at("2017-09-05T16:00")
        yield house


class Interrupted(MailboxChannel):
    """A mailbox whose third mail is followed by a person's stop."""

    def __init__(self, house: Installation) -> None:
        assert isinstance(house.app.channel, MailboxChannel)
        super().__init__(house.app.channel.maildir)
        self.house = house
        self.handed = 0

    def deliver_all(
        self, mails: Sequence[OutgoingMail], may_leave: Callable[[], bool] = lambda: True
    ) -> list[Delivery | TransportError]:
        def asked() -> bool:
            if self.handed == 3:
                stop_everything(self.house.app, "the wrong list", "anna")
            self.handed += 1
            return may_leave()

        return super().deliver_all(mails, asked)


def test_nothing_is_claimed_asked_or_missed_while_everything_is_stopped(house: Installation) -> None:
    before = {row.key: row.state for row in house.rows()}
    stop_everything(house.app, "the wrong list", "anna")
    for at in ("2017-09-05T16:00", "2017-09-20T09:00", "2017-12-01T09:00"):
        done = house.tick(at)
        assert done.switched_off is not None
        assert done.switched_off.reason == "the wrong list"
        assert not done.counts.total()
    assert {row.key: row.state for row in house.rows()} == before
    assert house.worker.next_wake() is None, "nobody wakes for what may not leave"
    assert not house.mails()


def test_what_was_in_hand_does_not_leave_either(house: Installation) -> None:
    house.worker.channel = channel = Interrupted(house)
    done = house.tick()
    assert channel.handed == 4
    assert len(done.sent) == len(house.mails()) == 3
    assert done.held
    assert not done.failed
    assert {row.state for row in house.rows() if row.key in done.held} == {State.SCHEDULED}
    assert all(row.attempts == 0 for row in house.rows() if row.key in done.held), "what was not tried is no attempt"
    house.worker.channel = house.app.channel
    assert not house.tick().sent
    resumed = resume(house.app, "ben")
    assert resumed.was.by == "anna"
    assert {row.key for row in house.tick().sent} >= set(done.held)
    keys = [key for mail in house.mails() for key in mail.get_all("X-Followthrough-Key", [])]
    assert len(keys) == len(set(keys)), "none twice"


def test_recording_goes_on_and_what_is_late_collapses_as_after_a_time_down(house: Installation) -> None:
    house.run_to("2017-09-25")
    stop_everything(house.app, "a change of government", "anna")
    house.at("2017-10-16T12:00").record("held", "yes", step=STEP, on="2017-10-12")
    house.record("attended", "yes", "TG", step=STEP)
    house.tick("2018-03-20T12:00")
    resume(house.app, "anna")
    house.tick("2018-03-20T12:01")
    house.approve_all()
    sent = house.tick("2018-03-20T12:02").sent
    told = [row for row in house.rows(step="ny_follow_up", party="TG") if row.state == State.MISSED]
    assert told
    assert [row.slot for row in sent if (row.step, row.party) == ("ny_follow_up", "TG")] == ["before-2w"]


def test_who_stopped_and_who_let_go_is_on_record(house: Installation) -> None:
    stop_everything(house.app, "the wrong list", "anna")
    with pytest.raises(Refused, match="stopped already, by anna: the wrong list"):
        stop_everything(house.app, "again", "ben")
    resume(house.app, "ben")
    with pytest.raises(Refused, match="nothing is stopped"):
        resume(house.app, "ben")
    with pytest.raises(Refused, match="say why"):
        stop_everything(house.app, "  ", "anna")
    with house.app.store.read() as tx:
        told = [(entry.actor, entry.action) for entry in tx.journal_entries(workflow="")]
    assert told == [("anna", "stopped"), ("ben", "resumed")]


def test_letters_of_another_plan_stop_with_it(house: Installation) -> None:
    house.edit("article7-annual.yaml", "starts: 2026-11-01", "starts: 2017-11-01")
    house.apply("article7-annual")
    stop_everything(house.app, "the wrong list", "anna")
    house.at("2018-02-05T12:00")
    due = [row for row in house.rows(workflow="article7-annual") if row.due_at <= house.clock.now()]
    assert due
    assert not house.tick().counts.total()
    resume(house.app, "anna")
    assert "article7-annual" in {row.workflow for row in house.tick().asked}
