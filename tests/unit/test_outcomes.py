"""What the channel's answers come to: what goes on record of each letter, when it is tried again, how long is rested."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.channels import ChannelDown, Delivery, Refusal, TransportError
from engine.dispatcher.outcomes import Rest, outcomes, reached, retry_after
from engine.dispatcher.parts import Handed
from engine.letter import Recorded
from engine.store import Failed, NewMail, Sent

NOON = datetime(2018, 3, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def row(key: str, attempts: int = 0) -> Recorded:
    return Recorded(
        1, key, "small", None, "ask", "follow_up", "AA", 1, "a", "at-once", NOON, "UTC", "handing", "", "nudge", False,
        None, True, NOON, 1, attempts=attempts,
    )  # fmt: skip


def handed(*rows: Recorded, to: tuple[str, ...] = ("a@aa.example", "b@aa.example")) -> Handed:
    mail = NewMail("<1@example.org>", "d", "desk@example.org", to, "Reports", "A", "", b"words")
    return Handed(rows or (row("k"),), mail, 7)


WAITS = [
    (0, "0:01:10.523987"), (1, "0:02:18.283539"), (2, "0:04:13.688049"), (3, "0:08:03.684082"),
    (7, "2:32:36.005859"), (8, "4:06:56.821289"), (9, "4:39:36.562500"), (10, "4:17:31.501465"),
    (11, "4:17:21.229248"), (40, "4:13:35.130615"),
]  # fmt: skip


@pytest.mark.parametrize(("attempts", "wait"), WAITS)
def test_how_long_a_letter_waits(attempts: int, wait: str) -> None:
    assert str(retry_after("small/-/ask/AA/1/a/at-once", attempts)) == wait


def test_of_a_mail_that_was_taken_all_letters_are_sent() -> None:
    found = outcomes(handed(row("k"), row("l")), Delivery("250 fine"), NOON, "smtp", Rest("w"))
    said = {"a@aa.example": "250 fine", "b@aa.example": "250 fine"}
    assert found == [Sent("k", 7, NOON, said, "smtp"), Sent("l", 7, NOON, said, "smtp")]


@pytest.mark.parametrize("permanent", [True, False])
def test_one_who_gets_a_copy_may_be_refused_and_the_addressee_not(permanent: bool) -> None:
    copy, self = (Refusal(address, "550 no", permanent) for address in ("b@aa.example", "a@aa.example"))
    (left,) = outcomes(handed(), Delivery("250 fine", (copy,)), NOON, "smtp", Rest("w"))
    assert left == Sent("k", 7, NOON, {"a@aa.example": "250 fine", "b@aa.example": "refused: 550 no"}, "smtp")
    later = NOON + retry_after("k", 0)
    said = {"a@aa.example": "refused: 550 no", "b@aa.example": "250 fine"}
    (failed,) = outcomes(handed(), Delivery("250 fine", (self,)), NOON, "smtp", Rest("w"))
    assert failed == Failed("k", 7, NOON, "a@aa.example: 550 no", permanent, later, False, said)


@pytest.mark.parametrize(("permanent", "unknown"), [(True, False), (False, True), (False, False)])
def test_what_failed_is_tried_again_by_the_letter_that_was_tried_most(permanent: bool, unknown: bool) -> None:
    fault = TransportError("451 later", permanent, unknown=unknown)
    found = outcomes(handed(row("k", 1), row("l", 3)), fault, NOON, "smtp", Rest("w"))
    later = NOON + retry_after("k", 3)
    assert found == [Failed(key, 7, NOON, "451 later", permanent, later, unknown) for key in ("k", "l")]


def test_what_met_a_channel_that_is_down_waits_as_long_as_it_rests() -> None:
    rest, fault = Rest("w"), ChannelDown("no connection")
    rest.begin(fault, NOON)
    (found,) = outcomes(handed(), fault, NOON, "smtp", rest)
    assert found == Failed("k", 7, NOON, "no connection", False, NOON + retry_after("w", 0), False)


def test_a_rest_grows_to_a_quarter_of_an_hour_and_ends_as_if_it_had_never_been() -> None:
    rest, fault = Rest("w"), ChannelDown("no connection")
    assert (rest.fault, rest.since, rest.until, rest.holds(NOON)) == (None, None, None, False)
    for times in range(6):
        rest.begin(fault, NOON)
        assert rest.until == NOON + min(retry_after("w", times), 15 * MINUTE)
    assert (rest.fault, rest.since) == (fault, NOON)
    rest.end()
    assert (rest.fault, rest.since, rest.until) == (None, None, None)
    rest.begin(fault, NOON)
    assert rest.until == NOON + retry_after("w", 0), "it is counted anew"


def test_what_waiting_does_not_mend_rests_for_long_at_once() -> None:
    rest = Rest("w")
    rest.begin(ChannelDown("wrong password", misconfigured=True), NOON)
    assert rest.until == NOON + 15 * MINUTE
    assert rest.holds(NOON), "the longest rest is one, too"
    assert rest.holds(NOON + 15 * MINUTE - timedelta(microseconds=1))
    assert not rest.holds(NOON + 15 * MINUTE)
    assert not rest.holds(NOON - timedelta(microseconds=1)), "the clock was set back"


@pytest.mark.parametrize(
    ("found", "after", "wakes"),
    [
        (None, None, 15), (20, None, 15), (10, None, 10), (None, 14, 15), (20, 15, 20), (None, 15, None), (20, 16, 20),
    ],
)  # fmt: skip
def test_what_wakes_is_the_rest_or_the_outbox(found: int | None, after: int | None, wakes: int | None) -> None:
    def at(minutes: int | None) -> datetime | None:
        return NOON + minutes * MINUTE if minutes is not None else None

    rest = Rest("w")
    assert rest.wake(at(found), at(after)) == at(found)
    rest.begin(ChannelDown("wrong password", misconfigured=True), NOON)
    assert rest.wake(at(found), at(after)) == at(wakes)


def test_who_was_refused_has_it_not() -> None:
    assert reached({"a": "250 fine", "b": "refused: 550 no", "c": ""}) == {"a", "c"}


def test_a_mail_is_known_by_its_first_letter_and_goes_to_who_has_it_not() -> None:
    mail = handed(row("k", 1), row("l", 4))
    assert (mail.key, mail.attempts, mail.addressee) == ("k", 4, "a@aa.example")
    out = mail.outgoing
    assert (out.message_id, out.key, out.sender, out.content) == ("<1@example.org>", "k", "desk@example.org", b"words")
    assert out.recipients == ("a@aa.example", "b@aa.example")
    assert Handed(mail.rows, mail.mail, 7, frozenset({"a@aa.example"})).outgoing.recipients == ("b@aa.example",)
