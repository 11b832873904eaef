"""Who may see the pages: links, sessions, host names, forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.clock import ManualClock, SystemClock
from engine.errors import Refused
from engine.settings import Settings
from engine.web.access import LINK, SESSION, Access, kept_secret, new_link
from engine.web.pages import link_to
from tests.installation import Installation
from tests.visitor import SECRET, Visitor, visit

PRIVATE = ("/", "/parts", "/mailbox", "/mailbox/a/b", "/frame/a/b", "/parties", "/party/NR", "/events", "/nowhere")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as house:
        yield house


def test_a_stranger_is_told_where_the_link_is(house: Installation) -> None:
    stranger = visit(house.app, stranger=True)
    for path in PRIVATE:
        answer = stranger.get(path)
        assert answer.status_code == 403, path
        assert "terminal" in answer.text
        assert "csrf" not in answer.text
    for path in ("/approve", "/refuse"):
        assert stranger.post(path, key="x", csrf="x").status_code == 403


def test_a_link_is_good_once(house: Installation) -> None:
    first = visit(house.app, stranger=True)
    link = link_to(first.pages, "")
    answer = first.get(link)
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie, "the page is plain HTTP on this machine"
    assert first.get("/").status_code == 200
    assert first.get(link).status_code == 200, "whoever is in already may follow it again"
    second = Visitor(first.pages, stranger=True)
    assert second.get(link).status_code == 403
    assert second.get("/").status_code == 403
    assert second.get("/enter/nonsense").status_code == 403
    assert second.get(link_to(first.pages, "")).status_code == 200


def test_a_link_is_good_for_one_start_only() -> None:
    clock = ManualClock(SystemClock().now())
    link = Access(SECRET, Settings(), clock).link_token()
    clock.move_to(clock.now() + timedelta(minutes=1))
    restarted = Access(SECRET, Settings(), clock)
    assert restarted.redeem(link) is None
    assert restarted.redeem(restarted.link_token()) is not None
    assert Access("another secret, long enough", Settings(), clock).redeem(link) is None


def test_a_link_is_short_lived_and_says_for_whom_it_is() -> None:
    clock = ManualClock(SystemClock().now())
    access = Access(SECRET, Settings(), clock)
    early, late = access.link_token("anna"), access.link_token("anna")
    clock.move_to(clock.now() + LINK)
    session = access.session(access.redeem(early))
    assert session is not None
    assert (session.who, session.actor) == ("anna", "anna (page)")
    clock.move_to(clock.now() + timedelta(seconds=1))
    assert access.redeem(late) is None
    lasting = Access(SECRET, Settings(), clock, life=timedelta(days=366))
    link = lasting.link_token()
    clock.move_to(clock.now() + timedelta(days=40))
    nobody = lasting.session(lasting.redeem(link))
    assert nobody is not None
    assert nobody.actor == "the page"


def test_a_link_is_made_elsewhere_with_the_kept_secret(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, web_url="https://plan.example.org")
    running = Access(kept_secret(tmp_path), settings)
    link = new_link(settings, "bob")
    assert link.startswith("https://plan.example.org/enter/")
    session = running.session(running.redeem(link.rpartition("/")[2]))
    assert session is not None
    assert session.who == "bob"
    assert new_link(Settings(home=tmp_path), "bob").startswith("http://127.0.0.1:8017/enter/")
    with pytest.raises(Refused, match="FOLLOWTHROUGH_WEB_PORT"):
        new_link(Settings(home=tmp_path, web_port=0), "bob")


def test_a_session_outlives_a_restart_and_ends() -> None:
    clock = ManualClock(SystemClock().now())
    access = Access(SECRET, Settings(), clock)
    cookie = access.redeem(access.link_token())
    session = access.session(cookie)
    assert session is not None
    restarted = Access(SECRET, Settings(), clock)
    assert restarted.session(cookie) == session
    assert Access("another secret, long enough", Settings(), clock).session(cookie) is None
    assert access.session(f"{cookie}x") is None
    assert access.session(access.link_token()) is None, "a link is no cookie"
    clock.move_to(clock.now() + SESSION + timedelta(seconds=1))
    assert restarted.session(cookie) is None


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 characters"):
        Access("short", Settings())


def test_the_kept_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    secret = kept_secret(tmp_path / "home")
    assert kept_secret(tmp_path / "home") == secret
    assert len(secret) == 64
    assert (tmp_path / "home" / "pages.secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("host", ["localhost", "localhost:8017", "LOCALHOST.", "127.0.0.1:80", "[::1]:8017"])
def test_this_machines_names_are_answered(house: Installation, host: str) -> None:
    visitor = visit(house.app)
    assert visitor.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "evil@localhost", "localhost/x", "", "[", "::1:x"],
)
def test_another_name_is_not(house: Installation, host: str) -> None:
    visitor = visit(house.app)
    for path in ("/", "/healthz", "/metrics", "/f/x.ics", "/static/style.css"):
        assert visitor.get(path, headers={"host": host}).status_code == 421


def test_the_names_of_the_settings_are_answered_too() -> None:
    access = Access(SECRET, Settings(web_host="10.1.2.3", web_url="https://Plan.example.org"))
    assert access.known_host("plan.example.org")
    assert access.known_host("10.1.2.3:8017")
    assert not access.known_host("example.org")
    assert access.secure
    anywhere = Access(SECRET, Settings(web_host="0.0.0.0"))
    assert not anywhere.known_host("0.0.0.0")
    assert not anywhere.known_host("10.1.2.3")


def test_a_form_needs_its_sessions_token(house: Installation) -> None:
    house.apply()
    visitor = visit(house.app)
    session = visitor.pages.state.site.access.session(visitor.cookies[visitor.pages.state.site.access.cookie])
    assert session is not None
    assert visitor.post("/approve", key="x").status_code == 422
    assert visitor.post("/approve", key="x", csrf="0" * 64).status_code == 403
    other = Visitor(visitor.pages)
    assert other.post("/approve", key="x", csrf=session.csrf).status_code == 403, "another session's token"
    assert visitor.post("/approve", key="x", csrf=session.csrf).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_of_another_page_is_refused(house: Installation, headers: dict[str, str]) -> None:
    visitor = visit(house.app)
    answer = visitor.ask("POST", "/approve", data={"key": "x", "csrf": "x"}, headers=headers)
    assert answer.status_code == 403
    assert "another page" in answer.text


def test_head_answers_as_get_does_without_a_body(house: Installation) -> None:
    house.apply()
    visitor = visit(house.app)
    for path in ("/", "/mailbox", "/parties", "/healthz", "/metrics", "/nowhere"):
        get, head = visitor.get(path), visitor.ask("HEAD", path)
        assert head.status_code == get.status_code, path
        assert head.content == b""
        assert head.headers["content-type"] == get.headers["content-type"]
    assert Visitor(visitor.pages, stranger=True).ask("HEAD", "/").status_code == 403
    link = link_to(visitor.pages, "")
    other = Visitor(visitor.pages, stranger=True)
    assert other.ask("HEAD", link).status_code == 405
    assert other.get(link).status_code == 200, "looking at a link uses nothing up"


def test_a_get_changes_nothing(house: Installation) -> None:
    visitor = visit(house.app)
    for path in ("/approve", "/refuse"):
        assert visitor.get(path).status_code == 405


def test_every_answer_keeps_the_browser_short(house: Installation) -> None:
    visitor = visit(house.app)
    paths = ("/", "/nowhere", "/healthz", "/static/style.css", "/robots.txt", "/f/none-such-address.ics")
    for answer in (*map(visitor.get, paths), Visitor(visitor.pages, stranger=True).get("/")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
    assert visitor.get("/").headers["cache-control"] == "no-store"


def test_no_page_has_a_script_or_style_within(house: Installation) -> None:
    house.apply()
    visitor = visit(house.app, live=lambda: 1)
    for path in ("/", "/mailbox", "/parties", "/party/NR"):
        page = visitor.get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert page.count("<script") == page.count('<script src="/static/')
        assert " onclick" not in page
