"""Dates of every precision, and instants where clocks change (guarantee G6)."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.definition.dates import (
    Distance,
    Precision,
    Unit,
    add_months,
    day,
    end_of_day,
    in_year,
    instant,
    local_date,
    parse_distance,
    parse_span,
    shift,
    start_of_day,
)
from engine.definition.workdays import WorkCalendar
from engine.planning.world.schedule import Hours

DATES = st.dates(date(1900, 1, 1), date(2299, 12, 31))
# Half-hour and 45-minute offsets, half an hour and two hours of summer time, clocks that change at midnight, a summer
# time that is negative, and a zone that skipped a whole day.
ZONES = (
    "Europe/Zurich", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham",
    "America/St_Johns", "Antarctica/Troll", "America/Havana", "Asia/Beirut", "Europe/Dublin", "Africa/Casablanca",
    "Pacific/Apia", "Pacific/Rarotonga", "Pacific/Kiritimati", "UTC",
)  # fmt: skip


@given(st.sampled_from(Precision), DATES, st.integers(1, 400))
def test_a_span_is_written_as_it_is_read(precision: Precision, first: date, length: int) -> None:
    text = {
        Precision.DAY: f"{first:%Y-%m-%d}",
        Precision.RANGE: f"{first:%Y-%m-%d}..{first + timedelta(days=length):%Y-%m-%d}",
        Precision.MONTH: f"{first:%Y-%m}",
        Precision.QUARTER: f"{first:%Y}-Q{(first.month - 1) // 3 + 1}",
        Precision.YEAR: f"{first:%Y}",
    }[precision]
    span = parse_span(text)
    assert str(span) == text
    assert parse_span(str(span)) == span
    assert span.precision is precision
    assert span.first <= first <= span.last
    assert span.firm == (precision in (Precision.DAY, Precision.RANGE))


@given(st.sampled_from([Precision.MONTH, Precision.QUARTER, Precision.YEAR]), DATES)
def test_months_quarters_and_years_are_whole(precision: Precision, on: date) -> None:
    text = {
        Precision.MONTH: f"{on:%Y-%m}",
        Precision.QUARTER: f"{on:%Y}-Q{(on.month - 1) // 3 + 1}",
        Precision.YEAR: f"{on:%Y}",
    }[precision]
    span = parse_span(text)
    before, after = span.first - timedelta(days=1), span.last + timedelta(days=1)
    assert span.first.day == after.day == 1
    months = {Precision.MONTH: 1, Precision.QUARTER: 3, Precision.YEAR: 12}[precision]
    assert (after.year - span.first.year) * 12 + after.month - span.first.month == months
    assert before < span.first <= span.last < after


@given(st.text("0123456789-.Q WT:", max_size=24))
def test_what_is_no_date_is_said_to_be_none(text: str) -> None:
    try:
        span = parse_span(text)
    except ValueError as error:
        message = str(error)
    else:
        first, dots, last = text.partition("..")
        message = text if str(span) == text or (dots and first == last == str(span)) else ""
    assert text in message


@given(DATES, st.integers(-1200, 1200))
def test_months_keep_the_day_or_end_with_the_month(on: date, months: int) -> None:
    found = add_months(on, months)
    assert (found.year - on.year) * 12 + found.month - on.month == months
    last = calendar.monthrange(found.year, found.month)[1]
    assert found.day == min(on.day, last)


@given(DATES, st.integers(-600, 600))
def test_months_there_and_back_lose_at_most_the_month_end(on: date, months: int) -> None:
    back = add_months(add_months(on, months), -months)
    assert (back.year, back.month) == (on.year, on.month)
    assert back == on or (back.day < on.day and on.day > 28)


@given(st.integers(1900, 2300))
def test_a_yearly_29_february_is_the_28th_in_other_years(year: int) -> None:
    assert in_year(2, 29, year) == date(year, 2, 29 if calendar.isleap(year) else 28)


@given(DATES, st.integers(0, 500), st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.MONTHS]), st.sampled_from([1, -1]))
def test_distances_move_both_ways_and_read_back(on: date, count: int, unit: Unit, sign: int) -> None:
    distance = Distance(count, unit)
    assert parse_distance(str(distance)) == distance
    moved = shift(on, distance, sign)
    assert (moved >= on) if sign > 0 else (moved <= on)
    if unit is not Unit.MONTHS:
        assert abs((moved - on).days) == count * (7 if unit is Unit.WEEKS else 1)


def by_search(on: date, at: time, zone: str) -> datetime:
    """The first instant at which a clock on the wall shows a local time; where none does, as far past the gap.

    A search of all instants of three days, minute by minute: it knows nothing of folds.
    """
    place, wanted = ZoneInfo(zone), datetime.combine(on, at)
    begin = datetime.combine(on, time(0), UTC) - timedelta(hours=27)
    before = begin
    for minute in range(0, 60 * 80, 15):
        now = begin + timedelta(minutes=minute)
        shows = now.astimezone(place).replace(tzinfo=None)
        if shows == wanted:
            return now
        if shows > wanted:
            showed = before.astimezone(place).replace(tzinfo=None)
            gap = (shows - showed) - (now - before)
            assert gap > timedelta(0), "only a gap is jumped over"
            return before + (wanted - showed)
        before = now
    raise AssertionError(f"{wanted} in {zone}")


def transitions() -> list[tuple[str, date]]:
    """Each day from 2009 to 2020 on which a clock of these zones changed."""
    found = []
    for zone in ZONES:
        place, on = ZoneInfo(zone), date(2009, 1, 1)
        while on < date(2021, 1, 1):
            today, tomorrow = (datetime.combine(each, time(12), place) for each in (on, on + timedelta(days=1)))
            if today.utcoffset() != tomorrow.utcoffset():
                found += [(zone, on), (zone, on + timedelta(days=1))]
            on += timedelta(days=1)
    return found


QUARTERS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
CHANGES = transitions()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(CHANGES) | st.tuples(st.sampled_from(ZONES), st.dates(date(2009, 1, 1), date(2020, 12, 31))),
    QUARTERS,
)
@example(("Pacific/Apia", date(2011, 12, 30)), time(9))
@example(("Europe/Zurich", date(2018, 3, 25)), time(2, 30))
@example(("Europe/Zurich", date(2018, 10, 28)), time(2, 30))
@example(("Australia/Lord_Howe", date(2018, 10, 7)), time(2, 15))
@example(("Australia/Lord_Howe", date(2018, 4, 1)), time(1, 45))
def test_a_local_time_is_the_first_that_shows_it(where: tuple[str, date], at: time) -> None:
    zone, on = where
    assert instant(on, at, zone) == by_search(on, at, zone)


@pytest.mark.parametrize(
    ("on", "at", "zone", "expected"),
    [
        ("2018-03-25", "02:30", "Europe/Zurich", "2018-03-25T01:30Z"),  # skipped: 03:30 CEST
        ("2018-10-28", "02:30", "Europe/Zurich", "2018-10-28T00:30Z"),  # repeated: the first, CEST
        ("2018-10-07", "02:15", "Australia/Lord_Howe", "2018-10-06T15:45Z"),  # skipped by half an hour: 02:45
        ("2018-04-01", "01:45", "Australia/Lord_Howe", "2018-03-31T14:45Z"),  # repeated
        ("2011-12-30", "09:00", "Pacific/Apia", "2011-12-30T19:00Z"),  # a skipped day: 09:00 on the 31st
        ("2018-03-29", "09:00", "Asia/Kathmandu", "2018-03-29T03:15Z"),
        ("2018-03-29", "09:00", "Pacific/Chatham", "2018-03-28T19:15Z"),
        ("2017-03-26", "00:00", "Asia/Beirut", "2017-03-25T22:00Z"),  # midnight itself is skipped: 01:00
    ],
)
def test_gaps_and_folds_to_the_minute(on: str, at: str, zone: str, expected: str) -> None:
    assert instant(date.fromisoformat(on), time.fromisoformat(at), zone) == datetime.fromisoformat(expected)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.sampled_from(CHANGES) | st.tuples(st.sampled_from(ZONES), st.dates(date(2009, 1, 1), date(2020, 12, 31))))
def test_a_day_ends_where_the_next_begins(where: tuple[str, date]) -> None:
    zone, on = where
    begin, end = start_of_day(on, zone), end_of_day(on, zone)
    assert end == start_of_day(on + timedelta(days=1), zone)
    just_before = end - timedelta(microseconds=1)
    if where != ("Pacific/Apia", date(2011, 12, 30)):
        assert local_date(begin, zone) == on == local_date(just_before, zone)
        assert timedelta(hours=22) <= end - begin <= timedelta(hours=26)
    else:
        assert begin == end, "the day that Samoa skipped is empty"


CALENDARS = [WorkCalendar(), WorkCalendar("CH", "GE"), WorkCalendar("NZ"), WorkCalendar("JP"), WorkCalendar("EG")]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(CHANGES) | st.tuples(st.sampled_from(ZONES), st.dates(date(2009, 1, 1), date(2020, 12, 31))),
    st.integers(-1440, 1440), QUARTERS, st.sampled_from(CALENDARS),
)  # fmt: skip
def test_the_next_sending_time_is_the_first_of_all(
    where: tuple[str, date], minutes: int, at: time, work: WorkCalendar
) -> None:
    """Compared with each day's sending time around it (days that a zone skipped are none)."""
    zone, on = where
    hours = Hours(zone, at, work, Distance(3, Unit.WORKING_DAYS))
    moment = start_of_day(on, zone) + timedelta(minutes=minutes)
    found_on, found = hours.first_after(moment)
    assert found >= moment
    assert work.day_off(found_on) is None
    days = [on + timedelta(days=number) for number in range(-4, 20)]
    times = [instant(each, at, zone) for each in days if work.day_off(each) is None]
    times = [each for each in times if work.day_off(local_date(each, zone)) is None]
    assert found == min(each for each in times if each >= moment)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.sampled_from(CALENDARS), st.dates(date(2009, 1, 1), date(2030, 12, 31)), st.integers(-30, 30))
def test_working_days_are_counted_one_by_one(work: WorkCalendar, on: date, count: int) -> None:
    earlier, later = work.earlier(on), work.later(on)
    assert earlier <= on <= later
    assert (earlier == on) == (later == on) == (work.day_off(on) is None)
    assert all(work.day_off(earlier + timedelta(days=n)) for n in range(1, (on - earlier).days + 1))
    assert all(work.day_off(on + timedelta(days=n)) for n in range((later - on).days))
    found = work.add(on, count)
    step = 1 if count > 0 else -1
    between = [on + timedelta(days=step * n) for n in range(1, abs((found - on).days) + 1)]
    assert sum(1 for each in between if work.day_off(each) is None) == abs(count)
    assert not count or work.day_off(found) is None


@pytest.mark.parametrize("country", ["AE", "CH", "EG", "HU", "NP", "CN", "BN", "IR", "SA"])
def test_working_days_are_those_of_the_country_whatever_was_asked_before(country: str) -> None:
    """Also where a weekend moved (the Emirates in 2022) or was worked in exchange for another day (Hungary)."""
    theirs, ours = holidays.country_holidays(country), WorkCalendar(country)
    for year in (2026, 2017, 2021, 2022, 2018):
        for number in range(365):
            on = date(year, 1, 1) + timedelta(days=number)
            assert theirs.is_working_day(on) == (ours.day_off(on) is None), on


def test_a_day_is_its_own_span() -> None:
    assert parse_span("2018-03-31..2018-03-31") == day(date(2018, 3, 31))
