"""The calendars of the note's plan, as files that a subscriber reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from icalendar import Calendar, Event

from engine.app.feeds.feeds import publish_feeds
from engine.rendering.calendar import uid
from tests.installation import NOTE, Installation


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as installation:
        installation.apply()
        yield installation


def folder(house: Installation) -> Path:
    return house.app.settings.feeds / NOTE


def events(house: Installation, name: str) -> dict[str, Event]:
    """The events of a feed by their summary."""
    calendar = Calendar.from_ical((folder(house) / name).read_bytes())
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT") if isinstance(event, Event)}


WORKSHOP = "Workshop in New York on transparency reporting"


def test_there_is_a_feed_for_the_plan_each_role_and_each_party(house: Installation) -> None:
    files = {feed.name for feed in publish_feeds(house.app, NOTE)}
    assert {"plan", "role:nim_coordinator", "role:isu", "party:NR", "party:CK"} <= files
    assert "role:cmc" not in files
    assert len([name for name in files if name.startswith("party:")]) == 132


def test_a_date_known_to_its_month_is_tentative_then_firm_then_moved_then_off(house: Installation) -> None:
    publish_feeds(house.app, NOTE)
    first = events(house, "plan.ics")[WORKSHOP]
    assert (first["STATUS"], first["SEQUENCE"]) == ("TENTATIVE", 0)
    assert (first.start.isoformat(), first.end.isoformat()) == ("2017-10-01", "2017-11-01")

    house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
    publish_feeds(house.app, NOTE)
    firm = events(house, "plan.ics")[WORKSHOP]
    assert (firm["UID"], firm["STATUS"], firm["SEQUENCE"]) == (first["UID"], "CONFIRMED", 1)
    assert firm.start.isoformat() == "2017-10-12"
    assert house.clock.now() == firm.DTSTAMP

    house.at("2017-09-29T12:00").record("date", "2017-10-13", step="ny_workshop")
    publish_feeds(house.app, NOTE)
    house.at("2017-10-01T12:00").record("cancelled", "yes", step="ny_workshop")
    publish_feeds(house.app, NOTE)
    off = events(house, "plan.ics")[WORKSHOP]
    assert (off["UID"], off["STATUS"], off["SEQUENCE"]) == (first["UID"], "CANCELLED", 3)


def test_an_unchanged_feed_stays_byte_identical_and_untouched(house: Installation) -> None:
    publish_feeds(house.app, NOTE)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder(house).glob("*.ics")}
    house.at("2017-09-13T12:00")
    publish_feeds(house.app, NOTE)
    after = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder(house).glob("*.ics")}
    assert after == before


def test_a_change_for_one_party_touches_no_other_feed(house: Installation) -> None:
    house.at("2017-11-06T12:00").record("date", "2018-02-12..2018-02-14", step="auckland")
    house.at("2018-03-19T12:00")
    publish_feeds(house.app, NOTE)
    before = {path.name: path.read_bytes() for path in folder(house).glob("*.ics")}
    house.at("2018-03-20T12:00").record("report", "2018-03-20", "NR", details={"form_a": "substantive"})
    publish_feeds(house.app, NOTE)
    changed = {path.name for path in folder(house).glob("*.ics") if path.read_bytes() != before[path.name]}
    assert changed == {"party-NR.ics"}
    deadline = next(event for event in events(house, "party-NR.ics").values() if "Pacific" in str(event["SUMMARY"]))
    assert deadline["STATUS"] == "CANCELLED"


def test_a_party_sees_an_event_once_it_was_invited(house: Installation) -> None:
    publish_feeds(house.app, NOTE)
    assert WORKSHOP not in events(house, "party-TG.ics")
    house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
    house.run_to("2017-09-25")
    publish_feeds(house.app, NOTE)
    assert WORKSHOP in events(house, "party-TG.ics")
    assert WORKSHOP not in events(house, "party-AU.ics")


def test_alarms_and_our_readings_are_in_the_events(house: Installation) -> None:
    publish_feeds(house.app, NOTE)
    target = events(house, "role-nim_coordinator.ics")[
        "By 30 April 2018: Five States Parties prepared to report on dissemination"
    ]
    assert len(target.walk("VALARM")) == 2
    pacific = next(event for name, event in events(house, "plan.ics").items() if "Pacific States" in name)
    assert "Our reading" in str(pacific["DESCRIPTION"])


def test_a_review_in_the_feed_has_the_uid_of_its_letter(house: Installation) -> None:
    publish_feeds(house.app, NOTE)
    review = next(event for name, event in events(house, "plan.ics").items() if name.startswith("Review: Measures"))
    key = f"{NOTE}/-/outreach/-/1/nim_coordinator/every-2m-1"
    assert house.row(key)
    assert review["UID"] == uid(key, house.app.settings.mail_domain)
