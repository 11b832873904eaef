"""The language, “Cadence”, sentence by sentence: which slots there are, on which day, and what absorbs what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

import pytest

from engine.definition.cadence import parse_fixed, parse_slot
from engine.definition.dates import Distance, Unit, end_of_day, local_date, parse_span
from engine.definition.workdays import WorkCalendar
from engine.planning.world.schedule import Frame, Hours, Slotted, schedule
from tests.support import ZURICH, moment

GENEVA = WorkCalendar("CH", "GE")


def slots(
    send: Sequence[str], *, by: str = "2018-06-29", since: str = "2018-01-02", zone: str = ZURICH, apart: int = 7,
    ends: str | None = None, calendar: WorkCalendar = GENEVA, event: bool = False,
) -> list[Slotted]:  # fmt: skip
    """The slots of a list: counted from a deadline (or an event), for a party that is in the step since an instant."""
    activation = moment(since)
    frame = Frame(
        parse_span(by), activation, activation, local_date(activation, ZURICH), apart,
        end_of_day(date.fromisoformat(ends), ZURICH) if ends else None, from_first=event,
    )  # fmt: skip
    hours = Hours(zone, time(9), calendar, Distance(3, Unit.WORKING_DAYS))
    return list(schedule([parse_slot(text) for text in send], frame, hours))


def days(send: Sequence[str], **given: object) -> dict[str, str]:
    """The day of each slot that is sent."""
    return {slot.slot: str(slot.day) for slot in slots(send, **given) if not slot.absorbed_by}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "by", "expected"),
    [
        ("6 weeks before", "2018-06-29", "2018-05-18"),
        ("42 days before", "2018-06-29", "2018-05-18"),
        ("on the day", "2018-06-29", "2018-06-29"),
        ("0 days before", "2018-06-29", "2018-06-29"),
        ("2 weeks after", "2018-06-29", "2018-07-13"),
        ("1 month before", "2018-06-29", "2018-05-29"),
        ("1 month before", "2018-03-31", "2018-02-28"),  # clamped at the month's end
        ("1 month after", "2018-01-31", "2018-02-28"),
        ("6 weeks before", "2018-06", "2018-05-18"),  # a month counts by its last day: 19 May is a Saturday
        ("on the day", "2018-03", "2018-03-29"),  # Saturday 31 March, Good Friday the 30th: the Thursday
        ("2 days before", "2018-04-04", "2018-03-29"),  # Easter Monday: back over the whole of Easter
        ("2 weeks after", "2018-03-19", "2018-04-03"),  # Easter Monday: one after the deadline moves later
        ("1 day after", "2018-06-29", "2018-07-02"),
        ("1 day before", "2018-07-02", "2018-06-29"),
    ],
)
def test_a_fixed_slot_counts_calendar_days_from_the_last_day_of_by(written: str, by: str, expected: str) -> None:
    assert list(days([written], by=by).values()) == [expected]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2 weeks before", "2018-01-29"),  # from the event's first day
        ("on the day", "2018-02-12"),
        ("2 weeks after", "2018-02-28"),  # after its last
        ("1 day before", "2018-02-09"),
        ("3 days after", "2018-02-19"),
    ],
)
def test_of_an_event_before_counts_from_its_first_day_and_after_from_its_last(written: str, expected: str) -> None:
    assert list(days([written], by="2018-02-12..2018-02-14", event=True).values()) == [expected]


@pytest.mark.parametrize(
    ("until", "event", "last"),
    [
        ("1 day before", True, "2018-02-08"), ("1 day before", False, "2018-02-13"), ("on the day", True, "2018-02-08"),
        ("on the day", False, "2018-02-13"), ("3 days after", True, "2018-02-13"), ("4 days before", True, "2018-02-08"),
        ("5 days before", True, "2018-02-05"),
    ],
)  # fmt: skip
def test_a_series_about_an_event_ends_by_the_day_that_its_limit_counts_from(until: str, event: bool, last: str) -> None:
    found = days([f"every 5 days until {until}"], by="2018-02-12..2018-02-14", since="2018-01-04", event=event)
    assert list(found.values())[-1] == last


@pytest.mark.parametrize(
    ("since", "zone", "expected"),
    [
        ("2018-01-09T09:00", ZURICH, "2018-01-09T09:00"),  # at the very hour
        ("2018-01-09T09:01", ZURICH, "2018-01-10T09:00"),
        ("2018-01-12T09:01", ZURICH, "2018-01-15T09:00"),  # Friday: the Monday after
        ("2018-03-29T10:00", ZURICH, "2018-04-03T09:00"),  # before Easter
        ("2018-01-09T21:30", "Pacific/Auckland", "2018-01-11T09:00"),  # already 09:30 of the 10th there
        ("2018-01-09T20:00", "Pacific/Auckland", "2018-01-10T09:00"),  # 08:00 of the 10th there
        ("2018-01-09T19:59", "Pacific/Rarotonga", "2018-01-09T09:00"),  # 08:59 of the same day there
        ("2018-01-12T20:00", "Pacific/Auckland", "2018-01-15T09:00"),  # Saturday morning there
    ],
)
def test_at_once_is_the_first_sending_time_there_not_before_the_activation(
    since: str, zone: str, expected: str
) -> None:
    (slot,) = slots(["at once"], since=since, zone=zone)
    assert slot.due_at == moment(expected, zone)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # from 2 January, a Tuesday
        ("every 4 weeks until 2018-03", None),
        ("every 4 weeks", None),
        ("every 0 days at most 3", None),
        ("every 2 working days at most 3", None),
        ("every 5200 weeks at most 1000", None),
        ("every 4 weeks until 12 weeks before", ["2018-01-30", "2018-02-27", "2018-03-27"]),
        ("every 4 weeks at most 2", ["2018-01-30", "2018-02-27"]),
        ("every month at most 3", ["2018-02-02", "2018-03-02", "2018-04-03"]),  # 2 April is Easter Monday
        ("every 1 month at most 1", ["2018-02-02"]),
        ("every 3 days at most 3", ["2018-01-05", "2018-01-08", "2018-01-11"]),
    ],
)
def test_a_series_counts_from_the_activation_and_has_an_end(written: str, expected: list[str] | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match=r"“.+”"):
            parse_slot(written)
    else:
        assert list(days([written]).values()) == expected


@pytest.mark.parametrize(
    ("until", "by", "last"),
    [
        ("on the day", "2018-03-13", "2018-03-13"),  # the tenth week falls on the limit: included
        ("on the day", "2018-03-12", "2018-03-06"),
        ("1 week before", "2018-03-20", "2018-03-13"),
        ("1 week after", "2018-03-06", "2018-03-13"),
    ],
)
def test_the_limit_of_a_series_is_included(until: str, by: str, last: str) -> None:
    assert max(days([f"every week until {until}"], by=by).values()) == last


def test_the_limit_is_tested_before_rolling() -> None:
    # from Saturday 6 January, every week is a Saturday: the one of the limit rolls past it, to Monday
    assert days(["every week until on the day"], by="2018-01-20", since="2018-01-06") == {
        "every-1w-1": "2018-01-15",
        "every-1w-2": "2018-01-22",
    }
    # a day later than the limit is out although a day off before it would roll anything earlier
    assert days(["every week until on the day"], by="2018-01-19", since="2018-01-06") == {"every-1w-1": "2018-01-15"}


def test_months_clamp_at_the_end_and_do_not_drift() -> None:
    found = days(["every 1 month at most 5"], since="2018-01-31", calendar=WorkCalendar("AE"))
    assert list(found.values())[:2] == ["2018-02-28", "2018-04-01"]  # 31 March, a Saturday, is off there
    assert list(found.values())[2:] == ["2018-04-30", "2018-05-31", "2018-07-01"]


@pytest.mark.parametrize(
    ("since", "kept"),
    [
        ("2018-05-18T09:00", True),  # at the very instant
        ("2018-05-18T09:01", False),
        ("2018-05-19", False),
    ],
)
def test_what_lies_before_the_activation_is_not_sent(since: str, kept: bool) -> None:
    assert ("before-6w" in days(["6 weeks before"], since=since)) is kept


def test_the_rolled_instant_decides_whether_it_lies_before_the_activation() -> None:
    # Sunday 1 April, rolled to Thursday 29 March: before an activation on the Friday
    assert days(["1 day before"], by="2018-04-02", since="2018-03-30") == {}
    # Saturday 7 April, rolled to Monday 9 April: after an activation on the Sunday
    assert days(["1 week after"], by="2018-03-31", since="2018-04-08") == {"after-1w": "2018-04-09"}
    # a series whose first day comes too early at the addressee keeps its numbers
    found = days(["every day at most 3"], since="2018-01-02T23:00", zone="Pacific/Auckland")
    assert found == {"every-1d-2": "2018-01-04", "every-1d-3": "2018-01-05"}


def test_nothing_comes_after_the_plan_ends() -> None:
    send = ["at once", "every 4 weeks at most 9", "on the day", "2 weeks after"]
    assert max(days(send, ends="2018-06-29").values()) == "2018-06-29"
    # 09:00 in Rarotonga on that day is 21:00 in Geneva, and 09:00 there a day later too late
    assert "on-day" in days(["on the day"], ends="2018-06-29", zone="Pacific/Rarotonga")
    assert days(["1 day after"], by="2018-06-28", ends="2018-06-28", zone="Pacific/Rarotonga") == {}


ABSORPTION = [
    # list, deadline → which slot takes the place of which
    (["every 4 weeks until on the day", "2 weeks before"], {"every-4w-6": "before-2w"}),
    (["2 weeks before", "every 4 weeks until on the day"], {"every-4w-6": "before-2w"}),  # wherever it stands
    (["2 weeks before", "10 days before"], {}),  # fixed slots on different days never
    (["2 weeks before", "1 day before", "on the day"], {}),
    (["at once", "every 2 days at most 1"], {}),  # a series does not keep apart from at once
]


@pytest.mark.parametrize(("send", "expected"), ABSORPTION)
def test_a_series_slot_near_a_fixed_one_is_absorbed(send: list[str], expected: dict[str, str]) -> None:
    found = {slot.slot: slot.absorbed_by for slot in slots(send) if slot.absorbed_by}
    assert found == expected


@pytest.mark.parametrize(
    ("by", "apart", "absorbed"),
    [
        ("2018-02-06", 7, False),  # 30 January lies 7 days before: not nearer than apart
        ("2018-02-05", 7, True),
        ("2018-01-24", 7, True),
        ("2018-01-23", 7, False),
        ("2018-01-30", 7, True),
        ("2018-01-31", 1, False),
        ("2018-01-30", 1, True),
        ("2018-01-30", 0, True),  # the same day is one letter whatever `apart` says
        ("2018-01-31", 0, False),
        ("2018-02-12", 14, True),
        ("2018-02-13", 14, False),
    ],
)
def test_apart_is_seven_days_unless_the_step_says_otherwise(by: str, apart: int, absorbed: bool) -> None:
    found = slots(["every 4 weeks at most 1", "on the day"], by=by, apart=apart)
    assert {slot.slot: bool(slot.absorbed_by) for slot in found}["every-4w-1"] is absorbed


@pytest.mark.parametrize(
    ("send", "by", "since", "winner"),
    [
        (["at once", "2 weeks before"], "2018-01-16", "2018-01-02", "before-2w"),
        (["2 weeks before", "at once"], "2018-01-16", "2018-01-02", "at-once"),
        (["2 days before", "on the day"], "2018-04-02", "2018-01-02", "on-day"),  # both roll to 29 March
        (["on the day", "2 days before"], "2018-04-02", "2018-01-02", "before-2d"),
        (["1 day after", "2 days after"], "2018-03-30", "2018-01-02", "after-2d"),  # both roll to 3 April
        (["every 4 weeks at most 1", "at once"], "2018-06-29", "2018-01-30T10:00", "at-once"),
    ],
)
def test_of_slots_on_one_day_the_later_in_the_list_is_sent(send: list[str], by: str, since: str, winner: str) -> None:
    found = days(send, by=by, since=since)
    assert winner in found
    assert len(set(found.values())) == len(found)


def test_of_a_series_that_rolls_onto_one_day_the_last_is_sent() -> None:
    # from Thursday: Friday, then Saturday, Sunday and Monday all on Monday
    assert days(["every day at most 4"], since="2018-01-04") == {"every-1d-1": "2018-01-05", "every-1d-4": "2018-01-08"}


def test_what_takes_a_place_is_named_and_is_itself_sent() -> None:
    # three on one day: each of the others names the one that goes
    found = slots(["at once", "1 day before", "on the day"], by="2018-04-02", since="2018-03-29")
    assert {slot.slot: slot.absorbed_by for slot in found} == {
        "at-once": "on-day",
        "before-1d": "on-day",
        "on-day": None,
    }
    # one that is absorbed by its day does not absorb what lies near it
    found = slots(["2 weeks before", "at once", "every 6 days at most 1"], by="2018-01-16", since="2018-01-02")
    assert {slot.slot: slot.absorbed_by for slot in found} == {
        "before-2w": "at-once",
        "at-once": None,
        "every-6d-1": None,
    }


def test_what_is_not_sent_absorbs_nothing() -> None:
    # 2 weeks before lies before the activation, so the nudge three days later is sent
    assert days(["every 1 day at most 1", "2 weeks before"], by="2018-01-16", since="2018-01-02T10:00") == {
        "every-1d-1": "2018-01-03"
    }


def test_a_slot_says_in_words_where_its_day_comes_from() -> None:
    (slot,) = slots(["on the day"], by="2018-03-31")
    assert slot.reason == "on the day, 31 March 2018, moved from Saturday 31 March 2018"
    (slot,) = slots(["2 weeks after"], by="2018-03-19")
    assert slot.reason == "2 weeks after 19 March 2018, moved from Monday 2 April 2018 (Easter Monday)"
    (slot,) = slots(["every 4 weeks at most 1"])
    assert slot.reason == "every 4 weeks from 2 January 2018"


@pytest.mark.parametrize(
    ("written", "by", "stale"),
    [
        ("2 weeks before", "2018-06-29", "2018-06-20T09:00"),  # 15 June, a Friday, and three working days
        ("2 weeks before", "2018-04-12", "2018-04-05T09:00"),  # 29 March, then Easter
        ("on the day", "2018-06-29", "2018-06-30T00:00"),  # that day
        ("2 weeks after", "2018-06-29", "2018-07-18T09:00"),
    ],
)
def test_a_letter_is_stale_after_three_working_days_and_on_the_day_with_the_day(
    written: str, by: str, stale: str
) -> None:
    (slot,) = slots([written], by=by)
    assert slot.stale_at == moment(stale)


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("at once", "at-once"),
        ("on the day", "on-day"),
        ("0 days after", "on-day"),
        ("6 weeks before", "before-6w"),
        ("42 days before", "before-6w"),
        ("10 days before", "before-10d"),
        ("1 month before", "before-1m"),
        ("2 weeks after", "after-2w"),
        ("every 4 weeks at most 3", "every-4w"),
        ("every 28 days until on the day", "every-4w"),
        ("every week at most 3", "every-1w"),
        ("every 7 days at most 3", "every-1w"),
        ("every 2 months at most 3", "every-2m"),
    ],
)
def test_slots_have_symbolic_normalised_names(written: str, token: str) -> None:
    assert parse_slot(written).token == token


@pytest.mark.parametrize(
    "written", ["3 working days before", "soon", "before", "6 weeks", "-2 days before", "2 years before"]
)
def test_what_is_no_time_to_send_at_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="“"):
        parse_fixed(written)
