"""What the outbox makes of each answer, and what it writes down: state, reason, attempt and journal, word for word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest

from engine.errors import NotFound
from engine.letter import Recorded
from engine.lifecycle import State
from engine.planning.changes import Action
from engine.store import Failed, Sent, Store
from tests.contract.samples import DUE, LEASE, apply, change, claim, hand, keys, letter, look, many, new_mail, plan

LATER = DUE + timedelta(minutes=7)
AGAIN = DUE + timedelta(hours=1)
TOLD = {"mission@nr.example": "250 ok"}


class Answer(NamedTuple):
    """An answer of the channel, by what happened to the letter in hand before it came."""

    name: str
    before: Callable[[Store, str], None]
    outcome: Callable[[str, int], Sent | Failed]
    state: State
    reason: str
    action: str
    detail: str
    actor: str = "w1"


def nothing(store: Store, key: str) -> None:
    pass


def unwanted(store: Store, key: str) -> None:
    apply(store, change(Action.WITHDRAW, key, "the report came"))


def expired(store: Store, key: str) -> None:
    with store.write(alone=False) as tx:
        tx.release_expired(DUE + LEASE)


def withdrawn(store: Store, key: str) -> None:
    expired(store, key)
    unwanted(store, key)


def taken_by_another(store: Store, key: str) -> None:
    expired(store, key)
    claim(store, DUE + LEASE, worker="w2")


def sent_before(store: Store, key: str) -> None:
    with store.write(alone=False) as tx:
        tx.finish([Sent(key, 1, DUE, TOLD)])


def sent(key: str, mail: int) -> Sent:
    return Sent(key, mail, LATER, TOLD, "smtp")


def refused(key: str, mail: int) -> Failed:
    return Failed(key, mail, LATER, "550 no such user", True, None, False, TOLD)


def put_off(key: str, mail: int) -> Failed:
    return Failed(key, mail, LATER, "421 busy", False, AGAIN)


def lost(key: str, mail: int) -> Failed:
    return Failed(key, mail, LATER, "connection lost", False, AGAIN, True)


LOST = "no answer is on record: its lease ended"
ANSWERS = [
    Answer("accepted", nothing, sent, State.SENT, "sent", "sent", "accepted"),
    Answer("refused for good", nothing, refused, State.FAILED, "550 no such user", "failed", "550 no such user"),
    Answer("refused for now", nothing, put_off, State.SCHEDULED, "421 busy", "deferred", "421 busy"),
    Answer("lost on the way", nothing, lost, State.SCHEDULED, "connection lost", "unknown", "connection lost"),
    Answer(
        "lost when nobody wants it any more", unwanted, lost, State.WITHDRAWN, "the report came",
        "unknown", "connection lost; not tried again: the report came",
    ),
    Answer(
        "refused for good when nobody wants it any more", unwanted, refused, State.WITHDRAWN, "the report came",
        "failed", "550 no such user; not tried again: the report came",
    ),
    Answer("accepted when nobody wants it any more", unwanted, sent, State.SENT, "sent", "sent", "accepted"),
    Answer(
        "accepted after the lease ended", expired, sent, State.SENT, "sent",
        "sent", "accepted; the answer came late, when it was scheduled again", "channel",
    ),
    Answer(
        "accepted after another took it", taken_by_another, sent, State.SENT, "sent",
        "sent", "accepted; the answer came late, when it was claimed again", "w2",
    ),
    Answer(
        "accepted after it was withdrawn", withdrawn, sent, State.SENT, "sent",
        "sent", "accepted; the answer came late, when it was withdrawn again", "channel",
    ),
    Answer("accepted twice", sent_before, sent, State.SENT, "sent", "sent", "accepted once more", "channel"),
    Answer(
        "refused after it was accepted", sent_before, refused, State.SENT, "sent",
        "failed", "550 no such user; the answer came late, when it was sent", "channel",
    ),
    Answer(
        "refused after the lease ended", expired, refused, State.SCHEDULED, LOST,
        "failed", "550 no such user; the answer came late, when it was scheduled", "channel",
    ),
    Answer(
        "refused after another took it", taken_by_another, put_off, State.CLAIMED, LOST,
        "deferred", "421 busy; the answer came late, when it was claimed", "w2",
    ),
]  # fmt: skip


@pytest.mark.parametrize("each", ANSWERS, ids=lambda each: each.name)
def test_an_answer_and_what_is_written_down(store: Store, each: Answer) -> None:
    made = letter()
    plan(store, [made])
    claim(store)
    mail = hand(store, made.key)
    assert mail is not None
    each.before(store, made.key)
    outcome = each.outcome(made.key, mail)
    with store.write(alone=False) as tx:
        assert tx.finish([outcome]) == [each.state]
    row = look(store, made.key)
    assert (row.state, row.reason) == (each.state, each.reason)
    with store.read() as tx:
        entry, attempt = tx.journal_entries(letter=made.key)[-1], tx.attempts(made.key)[-1]
    assert (entry.actor, entry.at, entry.action, entry.detail) == (each.actor, LATER, each.action, each.detail)
    error = outcome.error if isinstance(outcome, Failed) else ""
    assert (attempt.mail, attempt.at, attempt.outcome, attempt.error) == (mail, LATER, each.action, error)
    assert dict(attempt.recipients) == outcome.recipients
    assert attempt.worker == (None if each.actor == "channel" else each.actor)


def test_accepted_and_refused_leave_the_row_as_nobodys(store: Store) -> None:
    rows = many(3)
    plan(store, rows)
    claim(store)
    with store.write(alone=False) as tx:
        tx.begin_handings([({row.key: f"About {row.party}"}, new_mail(row.key)) for row in rows], "w1", now=DUE)
        tx.finish([sent(rows[0].key, 1), refused(rows[1].key, 2), put_off(rows[2].key, 3)])
    found = [look(store, row.key) for row in rows]
    assert [(row.sent_at, row.retry_at, row.attempts, row.channel) for row in found] == [
        (LATER, None, 1, "smtp"), (None, None, 1, None), (None, AGAIN, 1, None),
    ]  # fmt: skip
    assert {(row.worker, row.lease_until) for row in found} == {(None, None)}
    assert [row.subject for row in found] == [f"About {row.party}" for row in rows]
    assert [row.mail for row in found] == [1, 2, 3]


def test_an_answer_about_nothing_names_it(store: Store) -> None:
    with pytest.raises(NotFound, match="there is no letter nothing"), store.write() as tx:
        tx.finish([sent("nothing", 1)])


def test_of_those_due_at_the_same_instant_the_first_planned_go_first(store: Store) -> None:
    rows = [letter(party=f"P{number}") for number in (3, 1, 2)]
    for row in rows:
        plan(store, [row])
    assert keys(claim(store, limit=2)) == keys(rows[:2])
    assert keys(claim(store, limit=2)) == keys(rows[2:])


def test_what_is_due_may_be_put_off_with_a_reason(store: Store) -> None:
    made, other = letter(), letter("after-2w")
    plan(store, [made, other])
    with store.write() as tx:
        row = tx.defer(made.key, AGAIN, "enough for this week", now=LATER, actor="w1")
    assert (row.state, row.retry_at, row.reason) == (State.SCHEDULED, AGAIN, "enough for this week")
    assert keys(claim(store, AGAIN - timedelta(seconds=1))) == [other.key]
    assert keys(claim(store, AGAIN)) == [made.key]
    with store.read() as tx:
        entry = next(each for each in tx.journal_entries(letter=made.key) if each.action == "deferred")
    assert (entry.actor, entry.at, entry.detail) == ("w1", LATER, "enough for this week")
    with pytest.raises(NotFound), store.write() as tx:
        tx.defer("nothing", AGAIN, "enough", now=LATER, actor="w1")


def test_what_is_ready_for_the_same_people_is_taken_along(store: Store) -> None:
    ready, late, asked, other, left = (
        letter("on-day", person="m@nr.example", due_at=DUE + timedelta(hours=1)),
        letter("after-2w", person="m@nr.example", due_at=DUE + timedelta(hours=2)),
        letter("after-3w", person="m@nr.example", approval=True),
        letter(party="FJ", person="m@fj.example"),
        letter("after-4w", person="m@nr.example"),
    )
    plan(store, [ready, late, asked, other, left])
    seen: list[str] = []

    def choose(rows: list[Recorded]) -> list[Recorded]:
        seen.extend(sorted(row.slot for row in rows))
        return [row for row in rows if row.key != left.key]

    with store.write(alone=False) as tx:
        taken = tx.take_along(["m@nr.example"], choose, DUE + timedelta(hours=1), LATER, "w1", AGAIN)
    assert (keys(taken), seen) == ([ready.key], ["after-4w", "on-day"])
    row = look(store, ready.key)
    assert (row.state, row.worker, row.lease_until) == (State.CLAIMED, "w1", AGAIN)
    with store.read() as tx:
        entry = tx.journal_entries(letter=ready.key)[-1]
    assert (entry.actor, entry.at, entry.action, entry.detail) == ("w1", LATER, "claimed", "")
    assert [look(store, each.key).state for each in (late, other, left)] == [State.SCHEDULED] * 3


def test_what_a_worker_lets_go_waits_again_and_what_is_unwanted_is_withdrawn(store: Store) -> None:
    rows = many(4)
    plan(store, rows)
    claim(store, limit=3)
    claim(store, limit=1, worker="w2")
    hand(store, rows[1].key)
    hand(store, rows[2].key)
    apply(store, change(Action.WITHDRAW, rows[2].key, "the report came"))
    with store.write(alone=False) as tx:
        tx.let_go([row.key for row in rows], "w1", LATER, "everything is stopped")
    found = [look(store, row.key) for row in rows]
    assert [(row.state, row.worker, row.attempts) for row in found] == [
        (State.SCHEDULED, None, 0), (State.SCHEDULED, None, 0), (State.WITHDRAWN, None, 0), (State.CLAIMED, "w2", 0),
    ]  # fmt: skip
    assert [row.reason for row in found] == ["on the day", "on the day", "the report came", "on the day"]
    with store.read() as tx:
        last = [tx.journal_entries(letter=row.key)[-1] for row in rows]
    assert [(each.actor, each.action, each.detail) for each in last] == [
        ("w1", "released", "everything is stopped"), ("w1", "released", "everything is stopped"),
        ("w1", "withdrawn", "the report came"), ("w2", "claimed", ""),
    ]  # fmt: skip
    assert {each.at for each in last[:3]} == {LATER}


@pytest.mark.parametrize(("by", "why"), [("lease", "its lease ended"), ("start", "w1 started again")])
def test_what_is_put_back_says_why(store: Store, by: str, why: str) -> None:
    rows = many(2)
    plan(store, rows)
    claim(store)
    hand(store, rows[1].key)
    with store.write() as tx:
        back = tx.release_expired(DUE + LEASE) if by == "lease" else tx.rescue("w1", DUE + LEASE)
    assert [(row.state, row.worker, row.lease_until, row.attempts) for row in back] == [
        (State.SCHEDULED, None, None, 0), (State.SCHEDULED, None, None, 1),
    ]  # fmt: skip
    with store.read() as tx:
        last = [tx.journal_entries(letter=row.key)[-1] for row in rows]
    assert [(each.actor, each.action, each.at, each.detail) for each in last] == [
        ("w1", "released", DUE + LEASE, why),
        ("w1", "unknown", DUE + LEASE, f"no answer is on record: {why}"),
    ]
    assert back[1].reason == f"no answer is on record: {why}"


def test_a_mail_of_two_letters_leaves_with_both_or_with_neither(store: Store) -> None:
    rows = many(4)
    plan(store, rows)
    claim(store, limit=3)
    with store.write(alone=False) as tx:
        both = {rows[0].key: "First", rows[1].key: "Second"}
        broken = {rows[2].key: "Third", rows[3].key: "nobody holds it"}
        mails = tx.begin_handings([(both, new_mail(rows[0].key)), (broken, new_mail(rows[2].key))], "w1", now=LATER)
    assert [mail is None for mail in mails] == [False, True]
    found = [look(store, row.key) for row in rows]
    assert [(row.state, row.subject) for row in found] == [
        (State.HANDING, "First"), (State.HANDING, "Second"), (State.SCHEDULED, ""), (State.SCHEDULED, ""),
    ]  # fmt: skip
    assert found[0].mail == found[1].mail
    assert found[0].lease_until == DUE + LEASE
    with store.read() as tx:
        last = [tx.journal_entries(letter=row.key)[-1] for row in rows[:3]]
    assert [(each.actor, each.at, each.action, each.detail) for each in last] == [
        ("w1", LATER, "handing", f"<{rows[0].key}@example.org>"),
        ("w1", LATER, "handing", f"<{rows[0].key}@example.org>"),
        ("w1", LATER, "released", "a letter that was to leave with it does not"),
    ]
