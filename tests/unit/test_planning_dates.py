"""The language, “Dates”, sentence by sentence: what a written date means for a party, and what is not known yet."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engine.definition.dates import Precision, Span, day, end_of_day, parse_moment, parse_span
from engine.definition.facts import FactBook
from engine.definition.syntax import times
from engine.definition.workflow import CycleRule
from engine.lifecycle import State
from engine.planning.world.cycles import cycle_of
from engine.planning.world.resolve import Resolver
from tests.planning_model import Outbox, chase, roster, small
from tests.support import ZURICH, fact, moment

MEETING = """\
  meeting:
    event: A meeting
    when: %s
    invite: member == "yes"
    invitations: [at once, 2 weeks before]
    approval: none
"""
EXTRA = "values: {due: {date: joined + 180 days}, later: {date: due + 2 weeks}}\nsettings: {march: {value: 2018-03}}"
PLAN = small(
    MEETING % "2018-05" + chase(),
    parties=roster(["AA,AA,2017-11-01,yes,", "BB,BB,2018-01-31,yes,", "CC,CC,,yes,", "DD,DD,2018-02,yes,"]),
    anchors="{end: {on: 2018-06-29}, congress: {on: 2018-09-03..2018-09-05}, autumn: {on: 2018-10}}",
    extra=EXTRA,
)


def means(text: str, party: str = "AA") -> Span | None:
    resolver = Resolver(PLAN, FactBook())
    found = resolver.resolve(times.date_expr(text), PLAN.parties[party])
    return found.span if found else None


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2017-10-12", "2017-10-12", "2017-10-12", Precision.DAY),
        ("2018-02-12..2018-02-14", "2018-02-12", "2018-02-14", Precision.RANGE),
        ("2018-02-12..2018-02-12", "2018-02-12", "2018-02-12", Precision.DAY),
        ("2017-10", "2017-10-01", "2017-10-31", Precision.MONTH),
        ("2020-02", "2020-02-01", "2020-02-29", Precision.MONTH),
        ("2018-Q1", "2018-01-01", "2018-03-31", Precision.QUARTER),
        ("2018-Q4", "2018-10-01", "2018-12-31", Precision.QUARTER),
        ("2018", "2018-01-01", "2018-12-31", Precision.YEAR),
    ],
)
def test_the_precision_of_a_date_is_kept(text: str, first: str, last: str, precision: Precision) -> None:
    assert parse_span(text) == Span(date.fromisoformat(first), date.fromisoformat(last), precision)


@pytest.mark.parametrize(
    "text",
    ["2018-13", "2018-02-30", "2018-Q5", "2018-1-1", "18-01-01", "2018-02-14..2018-02-12", "2018-02..2018-03", ""],
)
def test_what_is_no_date_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        parse_span(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("end", "2018-06-29"),
        ("congress", "2018-09-03..2018-09-05"),
        ("meeting", "2018-05"),
        ("settings.march", "2018-03"),
        ("joined", "2017-11-01"),
        ("due", "2018-04-30"),  # 180 days after 1 November 2017
        ("later", "2018-05-14"),
        ("due - 60 days", "2018-03-01"),
        # minus counts from the first day, plus from the last
        ("congress - 1 day", "2018-09-02"),
        ("congress + 1 day", "2018-09-06"),
        ("meeting - 2 weeks", "2018-04-17"),
        ("meeting + 2 weeks", "2018-06-14"),
        ("2018-03 - 1 day", "2018-02-28"),
        ("2018-03 + 1 day", "2018-04-01"),
        ("2018 + 6 months", "2019-06-30"),
        # the first sign says where a date with several moves begins
        ("congress + 1 week - 1 day", "2018-09-11"),
        ("congress - 1 week + 1 day", "2018-08-28"),
        # months clamp at the month's end
        ("2018-01-31 + 1 month", "2018-02-28"),
        ("2018-01-31 + 2 months", "2018-03-31"),
        ("2020-03-31 - 1 month", "2020-02-29"),
        ("2016-02-29 + 12 months", "2017-02-28"),
        ("2018-08-31 + 6 months", "2019-02-28"),
        # working days of the plan's calendar
        ("2018-03-29 + 1 working day", "2018-04-03"),
        ("2018-04-03 - 1 working day", "2018-03-29"),
        ("2018-03-31 + 10 working days", "2018-04-16"),
        ("2018-04-16 - 10 working days", "2018-03-29"),
        ("2018-03-31 + 0 working days", "2018-03-31"),
    ],
)
def test_dates_are_moved_as_written(text: str, expected: str) -> None:
    assert means(text) == parse_span(expected)


@pytest.mark.parametrize(
    ("party", "joined", "due"),
    [("BB", "2018-01-31", "2018-07-30"), ("CC", None, None), ("DD", "2018-02", "2018-08-27")],
)
def test_a_date_of_a_party_is_its_own(party: str, joined: str | None, due: str | None) -> None:
    assert means("joined", party) == (parse_span(joined) if joined else None)
    assert means("due", party) == (parse_span(due) if due else None)


def test_a_yearly_29_february_is_the_28th_in_other_years() -> None:
    rule = CycleRule((2, 29), times.distance("12 weeks"))
    assert [cycle_of(rule, year).due for year in (2019, 2020, 2100)] == [
        date(2019, 2, 28),
        date(2020, 2, 29),
        date(2100, 2, 28),
    ]


def test_by_ends_with_the_last_instant_of_its_last_day_in_the_plans_zone() -> None:
    span = means("congress")
    assert span is not None
    assert end_of_day(span.last, ZURICH) == moment("2018-09-06T00:00")
    assert end_of_day(date(2018, 4, 30), ZURICH) == datetime(2018, 4, 30, 22, tzinfo=UTC)
    # 09:59 UTC on 1 May would be 23:59 of 30 April in Rarotonga: too late, since the deadline is Geneva's
    assert end_of_day(date(2018, 4, 30), ZURICH) < datetime(2018, 5, 1, 9, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-03-29", "2018-03-28T22:00Z"),  # the start of a bare day, in the zone: summer time since the 25th
        ("2018-03-29T09:00", "2018-03-29T07:00Z"),
        ("2018-03-29T09:00:30", "2018-03-29T07:00:30Z"),
        ("2018-03-29 09:00", "2018-03-29T07:00Z"),
        ("2018-03-29T09:00+12:45", "2018-03-28T20:15Z"),
        ("2018-03-29T09:00Z", "2018-03-29T09:00Z"),
        ("2018-03-25T02:30", "2018-03-25T01:30Z"),
        ("1900-01-01T00:00Z", "1900-01-01T00:00Z"),
        ("2300-12-31T23:59Z", "2300-12-31T23:59Z"),
    ],
)
def test_a_moment_is_a_day_or_an_instant(text: str, expected: str) -> None:
    assert parse_moment(text, ZURICH) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    "text", ["2018-03", "noon", "2018-03-29T9", "2018-02-30", "2018-03-29T25:00", "1899-12-31", "2301-01-01"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"“{text}”"):
        parse_moment(text, ZURICH)


def test_a_month_dated_event_is_tentative_until_its_day_is_recorded() -> None:
    book = FactBook()
    resolver = Resolver(PLAN, book)
    before = resolver.resolve(times.date_expr("meeting + 2 weeks"))
    assert before is not None
    assert (before.firm, before.rests_on) == (False, "meeting")
    book.add(fact("date", "2018-06", step="meeting", on="2018-03-01"))
    still = resolver.resolve(times.date_expr("meeting"))
    assert still is not None
    assert (still.firm, str(still.span)) == (False, "2018-06")
    book.add(fact("date", "2018-05-22..2018-05-24", step="meeting", on="2018-03-05"))
    after = resolver.resolve(times.date_expr("meeting + 2 weeks"))
    assert after is not None
    assert (after.firm, after.rests_on, after.span) == (True, None, day(date(2018, 6, 7)))
    assert after.known_at == moment("2018-03-05")


@pytest.mark.parametrize("when", ["2018-05", "2018-Q2", "2018"])
def test_no_letter_leaves_that_depends_on_a_day_which_is_not_recorded(when: str) -> None:
    follow = chase("[at once, on the day]", by="meeting", more="after: meeting - 2 weeks")
    outbox = Outbox(small(MEETING % when + follow))
    planned = [letter for letter in outbox.letters() if letter.party]
    assert {letter.state for letter in planned} == {State.TENTATIVE}
    assert all(letter.due_at is None and letter.about for letter in planned)
    outbox.run("2018-04-01")
    assert outbox.left() == outbox.left(step="meeting") == []
    outbox.record("date", "2018-05-22", step="meeting")
    outbox.run("2018-06-30")
    assert outbox.departures(step="meeting") == [("at-once", "2018-04-03 09:00"), ("before-2w", "2018-05-08 09:00")]
    assert outbox.departures() == [("at-once", "2018-05-08 09:00"), ("on-day", "2018-05-22 09:00")]


def test_the_owner_is_asked_to_fix_the_day_and_whether_it_was_held() -> None:
    outbox = Outbox(small(MEETING % "2018-05"))
    outbox.run("2018-04-01")
    # eight weeks before the first of May
    assert outbox.departures(None, "meeting") == [("fix-day", "2018-03-06 09:00")]
    outbox.record("date", "2018-05-22", step="meeting")
    outbox.run("2018-05-30")
    assert outbox.departures(None, "meeting")[1:] == [("held", "2018-05-23 09:00"), ("held-2", "2018-05-29 09:00")]
    outbox.record("held", "yes", step="meeting")
    outbox.run("2018-12-01")
    assert len(outbox.left(None, "meeting")) == 3


def test_an_event_that_moved_is_asked_about_anew() -> None:
    outbox = Outbox(small(MEETING % "2018-05-22"))
    outbox.run("2018-05-25")
    assert outbox.left(None, "meeting") == ["held"]
    outbox.record("date", "2018-07-03", step="meeting")  # it had been put off, and nobody had said so
    outbox.run("2018-08-01")
    assert outbox.departures(None, "meeting")[1:] == [
        ("held-2", "2018-07-04 09:00"),
        ("held-3", "2018-07-10 09:00"),
        ("held-4", "2018-07-24 09:00"),
    ]


def test_an_event_put_off_to_another_month_has_its_day_asked_for_anew() -> None:
    outbox = Outbox(small(MEETING % "2018-03"))
    outbox.run("2018-02-01")
    assert outbox.departures(None, "meeting") == [("fix-day", "2018-01-04 09:00")]
    outbox.record("date", "2018-09", step="meeting")
    outbox.run("2018-08-31")
    assert outbox.departures(None, "meeting")[1:] == [("fix-day-2", "2018-07-09 09:00")]


def test_the_order_of_work_is_day_then_working_day_then_hour_there() -> None:
    # Friday 11 May 2018: a working day in Geneva, and the day of `by` there, whatever the day is in Auckland
    contacts = (
        "id,party,post,name,address,timezone\n"
        "aa_m,AA,mission,M,m@aa.example,\nbb_c,BB,capital,C,c@bb.example,Pacific/Auckland\n"
        "cc_c,CC,capital,C,c@cc.example,Pacific/Rarotonga\n"
    )
    outbox = Outbox(small(chase("[on the day, 1 day before]", by="2018-05-10"), contacts=contacts))
    outbox.run("2018-06-01")
    # 10 May is Ascension Day in Geneva: each goes on the 9th at nine where it is read, the other is absorbed
    for party, instant in (("AA", "07:00Z"), ("BB", "2018-05-08T21:00Z"), ("CC", "19:00Z")):
        (sent,) = [each for each in outbox.sent if each.letter.party == party]
        assert sent.local == "2018-05-09 09:00"
        assert sent.at == datetime.fromisoformat(instant if "T" in instant else f"2018-05-09T{instant}")
