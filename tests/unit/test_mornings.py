"""When a person is written to about all their plans at once: a digest's mornings, and the last before a deadline."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definition.dates import Distance, Unit, local_date, parse_moment
from engine.definition.people import DigestRule
from engine.definition.workdays import WorkCalendar
from engine.letter import Recorded
from engine.planning.mornings import bring_up_at, last_morning, next_digest
from engine.planning.world.schedule import Hours
from tests.contract.samples import NOW, letter

GENEVA = Hours("Europe/Zurich", time(9), WorkCalendar("CH", "GE"), Distance(3, Unit.WORKING_DAYS))
AUCKLAND = Hours("Pacific/Auckland", time(9), WorkCalendar("CH", "GE"), Distance(3, Unit.WORKING_DAYS))


def at(text: str, zone: str = "Europe/Zurich") -> datetime:
    return parse_moment(text, zone)


@pytest.mark.parametrize(
    ("rule", "after", "comes"),
    [
        (DigestRule(), "2018-03-28T09:00", "2018-03-28T09:00"),
        (DigestRule(), "2018-03-29T09:01", "2018-04-03T09:00"),  # past Good Friday and Easter Monday
        (DigestRule(0), "2018-03-20", "2018-03-26T09:00"),
        (DigestRule(0), "2018-03-27", "2018-04-03T09:00"),  # Easter Monday is off: the Tuesday
        (DigestRule(0), "2018-04-03T09:01", "2018-04-09T09:00"),
        (DigestRule(4), "2018-03-29", "2018-04-03T09:00"),  # Good Friday is off
        (DigestRule(4), "2018-04-03T10:00", "2018-04-06T09:00"),
        (DigestRule(2), "2018-03-28T09:00", "2018-03-28T09:00"),
    ],
)
def test_a_digest_comes_on_its_morning(rule: DigestRule, after: str, comes: str) -> None:
    assert next_digest(rule, GENEVA, at(after)) == at(comes)


def test_the_hour_is_where_it_is_read() -> None:
    found = next_digest(DigestRule(0), AUCKLAND, at("2018-04-06"))
    assert found == at("2018-04-09T09:00", "Pacific/Auckland")


@given(
    st.integers(0, 11 * 365 * 24 * 60),
    st.one_of(st.none(), st.integers(0, 6)),
)
def test_no_digest_is_left_out_and_none_is_on_a_day_off(minutes: int, weekday: int | None) -> None:
    rule, after = DigestRule(weekday), at("2017-01-01") + timedelta(minutes=minutes)
    first = next_digest(rule, GENEVA, after)
    assert first >= after
    assert GENEVA.calendar.day_off(local_date(first, GENEVA.zone)) is None
    assert first - after <= timedelta(days=7 if weekday is None else 14)
    second = next_digest(rule, GENEVA, first + timedelta(microseconds=1))
    assert second > first
    assert next_digest(rule, GENEVA, first - timedelta(microseconds=1)) == first


def test_the_last_morning_before_a_deadline_is_a_working_day() -> None:
    assert last_morning(at("2018-04-03T09:00"), GENEVA) == at("2018-03-29T09:00")
    assert last_morning(at("2018-03-29T23:59"), GENEVA) == at("2018-03-28T09:00")


def test_what_waits_is_brought_up_once_and_not_before_it_was_asked_for() -> None:
    made = letter(due_at=at("2018-03-29T09:00"), stale_at=at("2018-04-05T09:00"))._asdict()
    del made["about"]
    row = Recorded(id=1, created_at=NOW, revision=1, asked_at=NOW, **made)
    assert bring_up_at(row, GENEVA) == at("2018-03-28T09:00")
    late = row._replace(asked_at=at("2018-03-28T10:00"))
    assert bring_up_at(late, GENEVA) == at("2018-04-04T09:00"), "asked for too late: before it goes stale"
    assert bring_up_at(row._replace(asked_at=at("2018-04-04T12:00")), GENEVA) is None
    assert bring_up_at(late._replace(stale_at=None), GENEVA) is None
