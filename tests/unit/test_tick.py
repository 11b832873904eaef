"""One tick, step by step: what is claimed and for how long, what waits and why, what wakes next, what is planned further."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.app.letters.approvals import approve
from engine.app.letters.delegating import Asked, delegate
from engine.app.letters.switch import stop_everything
from engine.channels import Refusal
from engine.channels.mailbox import MailboxChannel, Maildir
from engine.dispatcher.outcomes import retry_after
from engine.dispatcher.ticked import Ticked
from engine.errors import StoreError
from engine.letter import DIGEST, MISSED_NOTICE, Recorded
from engine.lifecycle import State
from engine.settings import Settings
from engine.store import Stopped
from tests.installation import Installation
from tests.small_plan import FIRST, PLAN, A, B, put

MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)
NINE = datetime(2018, 1, 8, 8, tzinfo=UTC)
"""Nine o'clock in Zurich, when the first letters are due."""
MORE = """\
  more:
    follow_up: More words
    by: {by}
    until: report
    send: [{send}]
    letter: nudge
    approval: {approval}
    stale_after: {stale}
"""
AIDE = "roles:\n  aide: {title: The aide, email: aide@example.org}\n"
MORE_A = "small/-/more/AA/1/aa_m/{}"


def more(
    *, by: str = "2018-02-05", send: str = "at once", approval: str = "none", stale: str = "3 working days",
    head: str = "", then: str = "",
) -> str:  # fmt: skip
    """The small plan with a second step."""
    return (
        PLAN.replace("roles:\n", f"{head}roles:\n")
        + MORE.format(by=by, send=send, approval=approval, stale=stale)
        + then
    )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, "2018-01-08T08:00") as house:
        yield house


def journal(house: Installation, key: str) -> list[tuple[str, str, str]]:
    with house.app.store.read() as tx:
        return [(entry.actor, entry.action, entry.detail) for entry in tx.journal_entries(letter=key)]


def held(row: Recorded) -> tuple[str, datetime | None, str]:
    return row.state, row.retry_at, row.reason


def test_what_is_due_is_claimed_for_some_minutes(house: Installation) -> None:
    put(house)
    assert house.worker.batch == 50
    claimed = house.worker._look_and_claim(house.at(FIRST).clock.now(), Ticked())
    assert [row.key for row in claimed.rows] == [A, B]
    assert {(row.worker, row.lease_until, row.state) for row in claimed.rows} == {
        ("test", NINE + 5 * MINUTE, "claimed")
    }
    assert claimed.was_all
    assert house.worker._look_and_claim(NINE + 5 * MINUTE - MOMENT, Ticked()) == ([], True), "it is in hand"
    again = house.worker._look_and_claim(NINE + 5 * MINUTE, Ticked())
    assert [(row.key, row.lease_until) for row in again.rows] == [(A, NINE + 10 * MINUTE), (B, NINE + 10 * MINUTE)]


def test_a_full_batch_may_not_be_all_and_brings_along_what_its_person_gets_today(house: Installation) -> None:
    put(house, plan=more(send="on the day", by="2018-01-08"))
    house.worker.batch = 1
    first = house.worker._look_and_claim(house.at(FIRST).clock.now(), Ticked())
    assert ([row.key for row in first.rows], first.was_all) == ([A, MORE_A.format("on-day")], False)
    assert {row.lease_until for row in first.rows} == {NINE + 5 * MINUTE}
    done = house.tick()
    assert [row.key for row in done.sent] == [B, B.replace("ask", "more").replace("at-once", "on-day")]
    assert done.mails == 1


def test_one_digest_brings_no_other_along(house: Installation) -> None:
    digests = (
        PLAN.replace("at once, ", "").replace("roles:\n", AIDE).replace("example.org}", "example.org, digest: daily}")
    )
    put(house, plan=digests)
    house.tick()
    house.worker.batch = 1
    claimed = house.worker._look_and_claim(house.at(FIRST).clock.now(), Ticked())
    assert ([(row.template, row.person) for row in claimed.rows], claimed.was_all) == ([(DIGEST, "")], False)


@pytest.mark.parametrize(("going", "keys"), [(True, [A, B]), (False, [A])])
def test_batch_by_batch_until_nothing_is_due_or_it_is_to_stop(
    house: Installation, going: bool, keys: list[str]
) -> None:
    put(house)
    house.worker.batch = 1
    assert [row.key for row in house.worker.tick(NINE, going=lambda: going).sent] == keys
    assert house.row(B).state == (State.SENT if going else State.SCHEDULED)


@pytest.mark.parametrize("full", [True, False])
def test_what_has_left_is_kept_until_it_is_on_record(house: Installation, full: bool) -> None:
    put(house)
    done, worker = Ticked(), house.worker
    claimed = worker._look_and_claim(house.at(FIRST).clock.now(), done)
    worker.deliverer.deliver(worker.channel, worker._hand(claimed.rows, NINE, done), lambda: NINE, done, lambda: True)
    fault = StoreError("the disk is full") if full else RuntimeError()
    with pytest.raises(type(fault)), worker.deliverer.recording(done):
        raise fault
    assert (done.counts.total(), house.row(A).state) == (0, State.HANDING)
    later = worker.stop()
    assert [row.key for row in later.sent] == ([A, B] if full else [])
    assert later.mails == (2 if full else 0)
    assert {house.row(key).state for key in (A, B)} == {State.SENT if full else State.HANDING}
    assert worker.stop().counts.total() == 0


def test_what_is_claimed_as_everything_is_stopped_is_let_go(house: Installation) -> None:
    put(house)
    done = Ticked()
    claimed = house.worker._look_and_claim(house.at(FIRST).clock.now(), done)
    stop_everything(house.app, "the wrong list", "anna")
    assert house.worker._hand(claimed.rows, NINE, done) == []
    assert (done.held, done.stopped, done.switched_off) == ([A, B], [], Stopped(NINE, "anna", "the wrong list"))
    assert {(house.row(key).state, house.row(key).worker) for key in (A, B)} == {(State.SCHEDULED, None)}
    actor, _, detail = journal(house, A)[-1]
    assert (actor, detail) == ("test", "everything was stopped")
    assert house.worker._record_and_claim(claimed, NINE, done, True) == ([], True)


def test_what_is_stopped_while_mails_leave_is_told_as_held(house: Installation) -> None:
    put(house)
    stopped: list[str] = []

    def going() -> bool:
        if not stopped:
            stopped.append("once")
        elif len(stopped) == 1:
            stop_everything(house.app, "the wrong list", "anna")
            stopped.append("twice")
        return True

    house.at(FIRST)
    done = house.worker.tick(NINE, going=going)
    assert ([row.key for row in done.sent], done.held, done.mails) == ([A], [B], 1)
    assert done.switched_off == Stopped(NINE, "anna", "the wrong list")
    assert (house.row(A).state, house.row(B).state, house.row(B).attempts) == (State.SENT, State.SCHEDULED, 0)
    (row,) = done.sent
    mail = house.mail_of(A)
    assert (row.state, row.sent_at, row.message_id) == ("sent", NINE, mail["Message-ID"])
    assert (row.to, row.cc) == ("Mission of A <m@aa.example>", house.row(A).cc)


def test_what_was_taken_is_put_back_at_the_start_and_persons_are_kept(house: Installation) -> None:
    put(house)
    house.worker._look_and_claim(house.at(FIRST).clock.now(), Ticked())
    later = [key.replace("at-once", "on-day") for key in (A, B)]
    with closing(sqlite3.connect(house.app.settings.home / "followthrough.db")) as database, database:
        database.execute("UPDATE letter SET person = '' WHERE slot = 'on-day'")
    house.app.standings.forget()
    assert [row.key for row in house.worker.start(house.clock.now())] == [A, B]
    assert [house.row(key).person for key in later] == ["m@aa.example", "m@bb.example"]
    assert [house.row(key).state for key in (A, B)] == [State.SCHEDULED, State.SCHEDULED]
    assert [journal(house, key)[-1] for key in later] == [
        ("tick", "readdressed", f"it goes to {person} (who gets each letter is kept)")
        for person in ("m@aa.example", "m@bb.example")
    ]
    assert house.worker.start(house.clock.now()) == []


def test_what_wakes_next_is_a_letter_or_a_delegation(house: Installation) -> None:
    put(house, plan=PLAN.replace("roles:\n", AIDE))
    now = house.clock.now()
    assert house.worker.next_wake(now) == NINE
    assert house.worker.next_wake() == NINE
    last = house.row(A.replace("at-once", "on-day")).due_at
    assert house.worker.next_wake(NINE) == last, "what was due by then is done"
    house.tick(FIRST)
    assert house.worker.next_wake(NINE) == last
    delegate(house.app, Asked("aide", workflow="small", since="2018-01-10", until="2018-01-11"), "anna")
    begins, ends = NINE + timedelta(days=2), NINE + timedelta(days=4)
    assert house.worker.next_wake(NINE) == begins
    assert house.worker.next_wake(begins) == ends
    assert house.worker.next_wake(ends) == last
    assert house.worker.next_wake() == last, "what was not told yet is of no instant"
    assert house.worker.next_wake(last) is None, "nothing is to come"
    stop_everything(house.app, "the wrong list", "anna")
    assert house.worker.next_wake(NINE) is None
    done = house.tick(FIRST)
    assert (done.switched_off, done.counts.total()) == (Stopped(NINE, "anna", "the wrong list"), 0)


CYCLES = PLAN.replace("ends: 2018-12-31\n", "cycle: {every: year, due: 04-30, opens: 12 weeks before}\n").replace(
    "by: 2018-02-02", "by: cycle.due"
)


@pytest.mark.parametrize(
    ("plan", "planned"),
    [
        (PLAN, False),
        (PLAN.replace("ends: 2018-12-31\n", ""), True),
        (CYCLES, True),
        (CYCLES.replace("cycle:", "ends: 2018-12-31\ncycle:"), True),
    ],
)
def test_what_is_planned_to_a_horizon_is_planned_further_each_week(
    house: Installation, plan: str, planned: bool
) -> None:
    put(house, plan=plan)
    kept: list[str | None] = []
    for at in (NINE, NINE + timedelta(days=7) - MOMENT, NINE + timedelta(days=7), NINE + timedelta(days=8)):
        house.worker.tick(at)
        with house.app.store.read() as tx:
            kept.append(tx.meta_get("planned:small"))
    week = (NINE + timedelta(days=7)).isoformat()
    assert kept == ([NINE.isoformat(), NINE.isoformat(), week, week] if planned else [None] * 4)


def test_what_waits_for_its_person_says_so_and_until_when(tmp_path: Path) -> None:
    with Installation(tmp_path, "2018-01-08T08:00", Settings(weekly_cap=1)) as house:
        put(house, plan=more(send="4 weeks before", by="2018-02-06", stale="2 weeks"))
        house.tick(FIRST)
        key, until = MORE_A.format("before-4w"), NINE + timedelta(days=7)
        house.worker.tick(NINE + timedelta(days=1) - MOMENT)
        assert len(journal(house, key)) == 1, "it is not due yet"
        done = house.tick("2018-01-09T09:00")
        reason = "1 mail to this person within a week: it leaves on Monday 15 January 2018, 09:00 Europe/Zurich"
        assert held(house.row(key)) == (State.SCHEDULED, until, reason)
        assert (done.sent, done.missed) == ([], [])
        told = journal(house, key)
        assert told[-1] == ("tick", "deferred", reason)
        house.worker.tick(until - MOMENT)
        assert journal(house, key) == told, "what waits is not asked about again"
        house.at("2018-01-15T09:00")
        assert [row.key for row in house.tick().sent] == [key, key.replace("AA", "BB").replace("aa_m", "bb_m")]


@pytest.mark.parametrize(
    ("stale", "until"),
    [
        ("3 working days", NINE + timedelta(days=1)),
        ("1 working day", None),
        ("2 working days", NINE + timedelta(days=1)),
    ],
)
def test_who_had_a_mail_today_waits_until_tomorrow_unless_that_is_too_late(
    house: Installation, stale: str, until: datetime | None
) -> None:
    put(house, plan=more(approval="required", stale=stale))
    house.tick(FIRST)
    key = MORE_A.format("at-once")
    house.at("2018-01-08T11:00")
    approve(house.app, [key], "anna")
    done = house.tick()
    if until is None:
        assert ([row.key for row in done.sent], house.row(key).state) == ([key], State.SENT)
    else:
        reason = "a mail to this person today: it leaves on Tuesday 9 January 2018, 09:00 Europe/Zurich"
        assert held(house.row(key)) == (State.SCHEDULED, until, reason)
        assert done.sent == []


def test_what_is_approved_late_waits_for_the_office_and_then_for_nothing_else(house: Installation) -> None:
    put(house, plan=more(approval="required"))
    house.tick(FIRST)
    key = MORE_A.format("at-once")
    house.at("2018-01-08T22:00")
    approve(house.app, [key], "anna")
    assert house.tick().sent == []
    reason = "late: it leaves on Tuesday 9 January 2018, 09:00 Europe/Zurich"
    assert held(house.row(key)) == (State.SCHEDULED, NINE + timedelta(days=1), reason)
    assert journal(house, key)[-1] == ("tick", "deferred", reason)
    assert [row.key for row in house.tick("2018-01-09T09:00").sent] == [key]


def test_what_nobody_decided_is_missed_and_the_owner_is_told_once(house: Installation) -> None:
    put(house, plan=more(approval="required", stale="1 working day").replace("[at once]", "[at once, 3 weeks before]"))
    house.tick("2018-01-08T08:00")
    house.tick(FIRST)
    keys = [MORE_A.format("at-once"), MORE_A.format("at-once").replace("AA", "BB").replace("aa_m", "bb_m")]
    assert house.worker.tick(NINE + timedelta(days=1) - MOMENT).missed == []
    done = house.worker.tick(NINE + timedelta(days=1))
    assert done.missed == [(key, "nobody approved it in time") for key in keys]
    assert {held(house.row(key)) for key in keys} == {(State.MISSED, None, "nobody approved it in time")}
    assert journal(house, keys[0])[-1] == ("tick", "missed", "nobody approved it in time")
    (notice,) = [row for row in house.rows(workflow="small") if row.template == MISSED_NOTICE]
    assert (notice.addressee, notice.step, notice.due_at) == ("desk", "more", NINE + timedelta(days=2))
    assert house.worker.tick(NINE + timedelta(days=1)).missed == []


def test_what_is_too_late_for_another_reason_is_missed_and_nobody_is_told(tmp_path: Path) -> None:
    with Installation(tmp_path, "2018-01-08T08:00", Settings(weekly_cap=1)) as house:
        put(house, plan=more(send="4 weeks before", by="2018-02-06"))
        house.tick(FIRST)
        house.tick("2018-01-09T09:00")
        done = house.tick("2018-01-12T09:00")
        why = "1 mail to this person within a week: it leaves on Monday 15 January 2018, 09:00 Europe/Zurich"
        keys = [MORE_A.format("before-4w"), MORE_A.format("before-4w").replace("AA", "BB").replace("aa_m", "bb_m")]
        assert done.missed == [(key, f"too late to be sent: {why}") for key in keys]
        assert [row for row in house.rows(workflow="small") if row.template == MISSED_NOTICE] == []


def test_the_instant_of_the_hand_over_is_the_clocks(house: Installation) -> None:
    put(house)
    house.at(FIRST)
    done = house.worker.tick(NINE, lambda: NINE + MINUTE)
    assert {row.sent_at for row in done.sent} == {NINE + MINUTE}
    kept = [house.row(row.key) for row in done.sent]
    assert {(row.sent_at, row.channel) for row in kept} == {(NINE + MINUTE, "mailbox")}
    assert {mail["Date"].datetime for mail in house.mails()} == {NINE}
    assert (done.mails, done.counts.total()) == (2, 2)


def test_a_channel_that_is_down_holds_what_was_claimed_and_rests(house: Installation) -> None:
    put(house)
    house.worker.batch = 1
    blocked = house.app.settings.home / "no-folder"
    blocked.write_text("a file stands where the mailbox should be")
    house.worker.channel = MailboxChannel(Maildir(blocked))
    done = house.tick(FIRST)
    assert done.down is not None
    assert (done.held, done.sent, done.failed, done.mails) == ([A], [], [], 0)
    until = NINE + retry_after("test", 0)
    assert held(house.row(A)) == (State.SCHEDULED, until, str(done.down))
    assert house.row(B).retry_at is None, "nothing else is tried while it rests"
    assert (house.worker.rest.fault, house.worker.rest.since) == (done.down, NINE)
    assert house.worker.next_wake(NINE) == house.worker.next_wake() == until
    house.worker.channel = house.app.channel
    assert house.worker.tick(until - MOMENT).counts.total() == 0
    again = house.worker.tick(until)
    assert (sorted(row.key for row in again.sent), again.mails, again.down) == ([A, B], 2, None)
    assert house.worker.rest.fault is None


def test_a_tick_counts_what_became_of_letters() -> None:
    refusal = Refusal("a@x.example", "550 no", True)
    row = Recorded(*range(20))
    done = Ticked(
        [row], [row] * 2, [("k", "r")] * 3, [("k", "e")] * 4, ["k"] * 5, [("k", refusal)] * 7, ["k"] * 6, mails=8
    )
    assert done.counts == {"asked": 1, "sent": 2, "missed": 3, "failed": 4, "stopped": 5, "held": 6}
    assert Ticked().counts.total() == 0
