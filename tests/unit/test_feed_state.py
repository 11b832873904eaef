"""What a subscriber is told of each change, and that nothing is said where nothing changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.rendering.calendar import CalendarItem, calendar, vevent
from engine.rendering.feed_state import KEEP_CANCELLED, StoredItem, advance, by_feed, digest
from engine.rendering.vevents import is_cancelled
from tests.calendar_items import DEADLINE, LETTER, PLAN, STAMP, WORKSHOP, items

LATER = STAMP + timedelta(days=3)
LATEST = LATER + timedelta(days=3)


def after(*steps: tuple[Iterable[CalendarItem], datetime]) -> dict[str, StoredItem]:
    """What is stored after these items were published at these times."""
    stored: dict[str, StoredItem] = {}
    for shown, now in steps:
        stored = advance(shown, stored, now).items
    return stored


def test_what_is_new_starts_at_zero_and_now() -> None:
    stored, changed = advance(PLAN, {}, STAMP)
    assert changed == set(stored) == {item.uid for item in PLAN}
    row = stored[DEADLINE.uid]
    assert (row.feeds, row.sequence, row.stamped_at, row.cancelled_at) == (DEADLINE.feeds, 0, STAMP, None)
    assert row.body == vevent(DEADLINE, 0, STAMP)
    assert row.head.start == b"20180331"


def test_what_did_not_change_keeps_its_very_row() -> None:
    stored = after((PLAN, STAMP))
    again, changed = advance(reversed(PLAN), stored, LATER)
    assert not changed
    assert list(again) == list(stored) == sorted(stored)
    assert all(again[uid] is stored[uid] or again[uid] == stored[uid] for uid in stored)


@pytest.mark.parametrize(
    "change",
    [
        {"start": date(2018, 3, 30)},
        {"end": date(2018, 4, 2)},
        {"summary": "Worded otherwise"},
        {"description": "Worded otherwise"},
        {"status": "CANCELLED"},
        {"location": "Elsewhere"},
        {"categories": ()},
        {"alarms": ()},
        {"related_to": WORKSHOP.uid},
        {"url": ""},
    ],
)
def test_any_change_of_what_is_shown_is_said(change: dict) -> None:
    moved = replace(DEADLINE, **change)
    stored, changed = advance([moved, WORKSHOP], after(([DEADLINE, WORKSHOP], STAMP)), LATER)
    assert changed == {DEADLINE.uid}
    assert (stored[DEADLINE.uid].sequence, stored[DEADLINE.uid].stamped_at) == (1, LATER)
    assert stored[DEADLINE.uid].body == vevent(moved, 1, LATER)


def test_what_vanished_is_cancelled_for_a_month_and_then_in_no_feed() -> None:
    stored = after(([DEADLINE], STAMP), ([], LATER))
    row = stored[DEADLINE.uid]
    assert row.body == vevent(replace(DEADLINE, status="CANCELLED"), 1, LATER)
    assert (row.feeds, row.sequence, row.stamped_at, row.cancelled_at) == (DEADLINE.feeds, 1, LATER, LATER)
    assert not advance([], stored, LATER + KEEP_CANCELLED - timedelta(seconds=1)).changed
    gone, changed = advance([], stored, LATER + KEEP_CANCELLED)
    assert changed == {DEADLINE.uid}
    assert not by_feed(gone.values())
    assert (gone[DEADLINE.uid].sequence, gone[DEADLINE.uid].body) == (1, b"")
    assert not advance([], gone, LATER + 2 * KEEP_CANCELLED).changed


def test_what_the_plan_itself_cancelled_keeps_its_bytes_when_it_vanishes() -> None:
    stored = after(([LETTER], STAMP))
    row = advance([], stored, LATER).items[LETTER.uid]
    assert row == stored[LETTER.uid]._replace(cancelled_at=LATER)
    assert not advance([LETTER], stored, LATER + 2 * KEEP_CANCELLED).changed  # as long as the plan shows it


@pytest.mark.parametrize("away", [timedelta(hours=1), 2 * KEEP_CANCELLED])
def test_what_returns_is_live_with_a_higher_sequence(away: timedelta) -> None:
    stored = after(([DEADLINE], STAMP), ([], LATER), ([], LATER + away), ([DEADLINE], LATER + away))
    assert stored[DEADLINE.uid].body == vevent(DEADLINE, 2, LATER + away)
    assert stored[DEADLINE.uid].cancelled_at is None


def test_what_leaves_one_feed_is_cancelled_there_and_untouched_elsewhere() -> None:
    moved = replace(DEADLINE, feeds=("plan", "role:isu"))
    stored, changed = advance([moved], after(([DEADLINE], STAMP)), LATER)
    copy = f"{DEADLINE.uid}#party:NR"
    assert changed == {DEADLINE.uid, copy}
    assert by_feed(stored.values()) == {
        "party:NR": [vevent(replace(DEADLINE, status="CANCELLED"), 1, LATER)],
        "plan": [vevent(DEADLINE, 0, STAMP)],
        "role:isu": [vevent(DEADLINE, 0, STAMP)],
    }
    back = advance([DEADLINE], stored, LATEST).items
    assert by_feed(back.values()) == {
        "party:NR": [vevent(DEADLINE, 2, LATEST)],
        "plan": [vevent(DEADLINE, 2, LATEST)],
        "role:isu": [vevent(replace(DEADLINE, status="CANCELLED"), 1, LATEST)],
    }
    assert not advance([DEADLINE], back, LATEST).changed
    left = advance([moved], back, LATEST + KEEP_CANCELLED).items
    assert set(by_feed(left.values())) == {"party:NR", "plan", "role:isu"}
    assert not is_cancelled(by_feed(left.values())["role:isu"][0])


def test_what_returns_to_fewer_feeds_stays_cancelled_in_the_others_until_its_month_is_over() -> None:
    stored = after(([DEADLINE], STAMP), ([], LATER), ([replace(DEADLINE, feeds=("plan",))], LATEST))
    assert stored[f"{DEADLINE.uid}#party:NR"].cancelled_at == LATER
    assert stored[f"{DEADLINE.uid}#party:NR"].sequence == 1
    late = after(([DEADLINE], STAMP), ([], LATER), ([replace(DEADLINE, feeds=("plan",))], LATER + KEEP_CANCELLED))
    assert set(by_feed(late.values())) == {"plan"}


def test_a_clock_set_back_moves_no_stamp_back() -> None:
    stored = after(([DEADLINE], LATER), ([replace(DEADLINE, summary="Worded otherwise")], STAMP))
    assert (stored[DEADLINE.uid].sequence, stored[DEADLINE.uid].stamped_at) == (1, LATER)
    assert after(([DEADLINE], LATER), ([], STAMP))[DEADLINE.uid].stamped_at == LATER


def test_one_uid_twice_and_a_time_without_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="two calendar items"):
        advance([DEADLINE, DEADLINE], {}, STAMP)
    with pytest.raises(ValueError, match="zone"):
        advance([DEADLINE], {}, STAMP.replace(tzinfo=None))


@settings(deadline=None)
@given(items(), items())
def test_a_digest_tells_what_is_shown_and_nothing_else(first: CalendarItem, second: CalendarItem) -> None:
    same = vevent(first, 0, STAMP) == vevent(replace(second, feeds=first.feeds), 0, STAMP)
    if first.status != "CANCELLED":
        assert (digest(first) == digest(second)) == same
    assert digest(first) == digest(replace(first, feeds=("other",)))


UIDS = ("a", "b", "c")
FEEDS = ("plan", "role:isu", "party:NR")


class Subscription(RuleBasedStateMachine):
    """A plan that changes at random, and a subscriber of each feed who remembers the highest sequence of all time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2018, 1, 1, tzinfo=UTC)
        self.plan: dict[str, CalendarItem] = {}
        self.stored: Mapping[str, StoredItem] = {}
        self.seen: dict[tuple[str, str], tuple[int, bytes]] = {}

    @rule(uid=st.sampled_from(UIDS), feeds=st.sets(st.sampled_from(FEEDS), min_size=1), day=st.integers(1, 3))
    def show(self, uid: str, feeds: set[str], day: int) -> None:
        self.plan[uid] = replace(WORKSHOP, uid=uid, feeds=tuple(feeds), start=date(2018, 3, day), end=date(2018, 3, 9))

    @rule(uid=st.sampled_from(UIDS))
    def drop(self, uid: str) -> None:
        self.plan.pop(uid, None)

    @rule(days=st.sampled_from([0, 1, 29, 31]))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def publish(self) -> None:
        stored, changed = advance(self.plan.values(), self.stored, self.now)
        assert set(self.stored) <= set(stored)
        assert changed == {key for key in stored if stored[key] != self.stored.get(key)}
        assert not advance(self.plan.values(), stored, self.now).changed
        feeds = by_feed(stored.values())
        for feed, bodies in feeds.items():
            calendar(feed, "", bodies, color="navy")  # refuses one UID twice
        for uid, item in self.plan.items():
            for feed in item.feeds:
                assert stored[uid].body in feeds[feed]
                assert stored[uid].body == vevent(item, stored[uid].sequence, stored[uid].stamped_at)
        for key, row in stored.items():
            for feed in row.feeds:
                uid = key.partition("#")[0]
                highest, body = self.seen.get((feed, uid), (-1, b""))
                assert row.sequence > highest or (row.sequence == highest and row.body == body)
                assert is_cancelled(row.body) == (uid not in self.plan or feed not in self.plan[uid].feeds)
                self.seen[feed, uid] = (row.sequence, row.body)
        self.stored = stored

    @invariant()
    def nothing_is_remembered_twice(self) -> None:
        assert all(row.uid == key for key, row in self.stored.items())


TestSubscription = Subscription.TestCase
TestSubscription.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
