"""Feeds over HTTP: what real calendars do with each answer decides what it is."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import pytest
from icalendar import Calendar

from engine.app.feeds.addresses import LONGEST, base_url, list_addresses, make_address, revoke_address
from engine.app.feeds.feeds import publish_feeds
from engine.clock import SystemClock
from engine.errors import NotFound, Refused
from engine.settings import Settings
from tests.installation import NOTE, Installation
from tests.visitor import Visitor, visit


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    with Installation(folder) as house:
        house.apply()
        publish_feeds(house.app)
    return folder


@pytest.fixture
def house(published: Path, tmp_path: Path) -> Iterator[Installation]:
    """A copy of its own for each test."""
    with Installation.copy(published, tmp_path, "2017-09-04") as house:
        yield house


@pytest.fixture
def reader(house: Installation) -> Visitor:
    """Whoever has an address needs no session."""
    return visit(house.app, stranger=True)


def address(house: Installation, feed: str = "plan", label: str = "") -> str:
    """A new address, as a path."""
    url = make_address(house.app, None, feed, label, "tester").url
    return url.removeprefix("http://127.0.0.1:8017")


def file_of(house: Installation, name: str = "plan.ics") -> Path:
    return house.app.settings.feeds / NOTE / name


def test_an_address_serves_the_published_file(house: Installation, reader: Visitor) -> None:
    answer = reader.get(address(house))
    content = file_of(house).read_bytes()
    assert answer.status_code == 200
    assert answer.content == content
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["etag"] == f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    assert "content-disposition" not in answer.headers
    assert "content-encoding" not in answer.headers
    assert "private" in answer.headers["cache-control"]
    assert answer.headers["x-followthrough-workflow"] == NOTE
    assert answer.headers["x-followthrough-revision"] == "1"
    assert "set-cookie" not in answer.headers


def test_an_address_is_short_random_and_kept_as_a_hash(house: Installation) -> None:
    made = [make_address(house.app, NOTE, "party:NR", "Nauru", "tester") for _ in range(20)]
    tokens = {found[1] for each in made if (found := re.search(r"/f/([A-Za-z0-9_-]{27})\.ics$", each.url))}
    assert len(tokens) == 20, "160 bits each"
    assert all(len(each.url) < LONGEST for each in made)
    kept = house.app.settings.database.removeprefix("sqlite:///")
    stored = b"".join(path.read_bytes() for path in Path(kept).parent.glob("followthrough.db*"))
    assert not [token for token in tokens if token.encode() in stored]


def test_an_address_too_long_for_calendars_is_refused(house: Installation) -> None:
    house.app.settings = house.app.settings.model_copy(update={"web_url": f"https://{'x' * 60}.example.org/plans"})
    with pytest.raises(Refused, match="shorter web_url"):
        make_address(house.app, NOTE, "plan", "", "tester")


def test_what_is_asked_for_must_be_there(house: Installation) -> None:
    with pytest.raises(NotFound, match="party:PARTY"):
        make_address(house.app, NOTE, "party:XX", "", "tester")
    with pytest.raises(NotFound, match="not applied"):
        make_address(house.app, "article7-annual", "plan", "", "tester")
    house.apply("article7-annual")
    with pytest.raises(Refused, match="of which plan"):
        make_address(house.app, None, "plan", "", "tester")
    with pytest.raises(Refused, match="whom it is for"):
        make_address(house.app, NOTE, "plan", "a\x1bb", "tester")


def test_head_equals_get(house: Installation, reader: Visitor) -> None:
    path = address(house)
    get, head = reader.get(path), reader.ask("HEAD", path)
    assert head.status_code == 200
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)


def test_who_has_the_bytes_is_told_so(house: Installation, reader: Visitor) -> None:
    path = address(house)
    first = reader.get(path)
    tag = first.headers["etag"]
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = reader.get(path, headers={"if-none-match": given})
        assert again.status_code == 304, given
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert again.headers["last-modified"] == first.headers["last-modified"]
    assert reader.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    both = {"if-none-match": '"other"', "if-modified-since": first.headers["last-modified"]}
    assert reader.get(path, headers=both).status_code == 200, "the tag decides"


def test_a_date_serves_where_no_tag_is_sent(house: Installation, reader: Visitor) -> None:
    path = address(house)
    os.utime(file_of(house), (1_500_000_000.7, 1_500_000_000.7))
    changed = datetime.fromtimestamp(1_500_000_000, UTC)
    assert parsedate_to_datetime(reader.get(path).headers["last-modified"]) == changed
    for seconds, status in ((0, 304), (3600, 304), (-1, 200)):
        since = format_datetime(changed + timedelta(seconds=seconds), usegmt=True)
        assert reader.get(path, headers={"if-modified-since": since}).status_code == status
    assert reader.get(path, headers={"if-modified-since": "yesterday"}).status_code == 200


def test_two_changes_within_a_second_are_two(house: Installation, reader: Visitor) -> None:
    path, file = address(house), file_of(house)
    for _ in range(50):  # until it is asked for within the second in which it changed, as on a machine at rest
        now = SystemClock().now().timestamp()
        os.utime(file, (now, now))
        first = reader.get(path).headers["last-modified"]
        if parsedate_to_datetime(first).timestamp() < int(now):
            break
    content = file.read_bytes()
    file.write_bytes(content.replace(b"X-PUBLISHED-TTL:PT1H", b"X-PUBLISHED-TTL:PT2H"))
    os.utime(file, (now, now))
    assert file.read_bytes() != content
    assert reader.get(path, headers={"if-modified-since": first}).status_code == 200


def test_a_change_shows_and_moves_the_validators(house: Installation, reader: Visitor) -> None:
    path = address(house)
    before = reader.get(path)
    house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
    publish_feeds(house.app)
    after = reader.get(path, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert b"20171012" in after.content
    assert after.headers["etag"] != before.headers["etag"]
    assert int(after.headers["x-followthrough-facts"]) > int(before.headers["x-followthrough-facts"] or 0)


def test_a_feed_that_was_not_published_is_made(house: Installation, reader: Visitor) -> None:
    path = address(house, "party:FJ")
    file_of(house, "party-FJ.ics").unlink()
    answer = reader.get(path)
    assert answer.status_code == 200
    assert answer.content == file_of(house, "party-FJ.ics").read_bytes()


@pytest.mark.parametrize("content", [b"", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"<html>busy</html>"])
def test_a_damaged_file_is_made_again(house: Installation, reader: Visitor, content: bytes) -> None:
    path, whole = address(house), file_of(house).read_bytes()
    file_of(house).write_bytes(content)
    assert reader.get(path).content == whole
    assert file_of(house).read_bytes() == whole


def test_what_would_empty_a_calendar_is_never_served(
    house: Installation, reader: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = address(house)
    file_of(house).write_bytes(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    monkeypatch.setattr("engine.web.feeds.publish_feeds", full)
    answer = reader.get(path)
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert not answer.headers["content-type"].startswith("text/calendar")


def test_a_feed_in_which_nothing_is_yet_is_an_empty_calendar(house: Installation, reader: Visitor) -> None:
    house.apply("article7-annual")
    url = make_address(house.app, "article7-annual", "role:isu", "", "tester").url
    path = url.removeprefix("http://127.0.0.1:8017")
    answer = reader.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = Calendar.from_ical(answer.content)
    assert found.walk("VEVENT") == []
    assert len(found.subcomponents) == 1, "RFC 5545, 3.6: at least one component"
    assert "Implementation Support Unit" in str(found["X-WR-CALNAME"])
    assert reader.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("token", ["x", "a" * 27, "../../followthrough", "%2e%2e%2fplan", "a" * 5000, "é" * 20])
def test_an_unknown_address_is_not_found(reader: Visitor, token: str) -> None:
    answer = reader.get(f"/f/{token}.ics")
    assert answer.status_code in (403, 404)
    assert b"VCALENDAR" not in answer.content


def test_a_revoked_address_serves_a_notice_and_then_is_gone(house: Installation, reader: Visitor) -> None:
    path, other = address(house), address(house)
    assert reader.get(path).status_code == 200
    house.at("2017-10-01T12:00")
    revoke_address(house.app, "1", "tester")
    answer = reader.get(path)
    assert answer.status_code == 200
    assert answer.content.count(b"BEGIN:VEVENT") == 1
    assert b"no longer available" in answer.content
    assert b"Workshop" not in answer.content
    assert answer.headers["last-modified"] == "Sun, 01 Oct 2017 10:00:00 GMT"
    house.at("2017-10-30")
    again = reader.get(path)
    assert again.content == answer.content, "the notice stands still"
    assert reader.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    house.at("2017-10-31T12:00")
    assert reader.get(path).status_code == 410
    assert reader.get(other).status_code == 200, "one reader's address ends no other's"


def test_an_address_is_revoked_by_number_token_or_as_a_whole(house: Installation) -> None:
    for which in ("1", address, make_address):
        path = address(house, "party:NR")
        number = len(list_addresses(house.app))
        token = path.removeprefix("/f/").removesuffix(".ics")
        given = str(number) if which == "1" else token if which is address else f"https://plan.example.org{path}"
        assert revoke_address(house.app, given, "tester").id == number
    with pytest.raises(Refused, match="revoked already"):
        revoke_address(house.app, "1", "tester")
    for unknown in ("77", "x" * 27, "not an address"):
        with pytest.raises(NotFound):
            revoke_address(house.app, unknown, "tester")


def test_robots_may_fetch_feeds_and_nothing_else(reader: Visitor) -> None:
    assert reader.get("/robots.txt").text == "User-agent: *\nAllow: /f/\nDisallow: /\n"


@pytest.mark.parametrize(
    ("settings", "base"),
    [
        ({}, "http://127.0.0.1:8017"),
        ({"web_url": "https://plan.example.org/"}, "https://plan.example.org"),
        ({"web_host": "0.0.0.0", "web_port": 80}, "http://localhost:80"),
        ({"web_host": "::1"}, "http://[::1]:8017"),
    ],
)
def test_the_base_of_addresses(settings: dict[str, str], base: str) -> None:
    assert base_url(Settings.model_validate(settings)) == base


def test_where_any_port_may_be_taken_no_address_is_made() -> None:
    with pytest.raises(Refused, match="FOLLOWTHROUGH_WEB_PORT is 0"):
        base_url(Settings(web_port=0))
    assert base_url(Settings(web_port=0), 8123) == "http://127.0.0.1:8123"
    assert base_url(Settings(web_port=0, web_url="https://plans.example.org")) == "https://plans.example.org"
