"""The switch on every page: one form stops everything, one lets letters leave again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app.letters.switch import stop_everything, stopped
from tests.installation import Installation
from tests.visitor import NASTY, Visitor, visit

PAGES = ("/", "/mailbox", "/parties", "/party/FJ", "/no-such-page")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as house:
        house.apply()
        yield house


def test_each_page_has_the_switch_and_says_when_it_is_thrown(house: Installation, visitor: Visitor) -> None:
    for path in PAGES:
        assert 'action="/stop"' in visitor.get(path).text, path
    answer = visitor.ask("POST", "/stop", data={"csrf": visitor.csrf(), "reason": "the wrong list", "back": "/mailbox"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/mailbox")
    found = stopped(house.app)
    assert found is not None
    assert (found.by, found.reason) == ("anna (page)", "the wrong list")
    for path in PAGES:
        page = visitor.get(path).text
        assert "Everything is stopped: no letter leaves" in page, path
        assert "the wrong list" in page
        assert 'action="/stop"' not in page
    visitor.ask("POST", "/resume", data={"csrf": visitor.csrf(), "back": "/"})
    assert stopped(house.app) is None
    assert "Letters leave again." in visitor.get("/").text


def test_a_stranger_throws_no_switch(house: Installation) -> None:
    stranger = visit(house.app, stranger=True)
    assert stranger.ask("POST", "/stop", data={"csrf": "0" * 64, "reason": "for fun"}).status_code == 403
    assert stopped(house.app) is None
    assert visit(house.app).ask("POST", "/stop", data={"csrf": "0" * 64, "reason": "x"}).status_code == 403
    assert stopped(house.app) is None


def test_a_reason_is_asked_for_and_shown_as_text(house: Installation, visitor: Visitor) -> None:
    visitor.ask("POST", "/stop", data={"csrf": visitor.csrf(), "reason": " "})
    assert "Not done: say why everything stops" in visitor.get("/").text
    stop_everything(house.app, NASTY, "anna")
    assert NASTY not in visitor.get("/").text
    visitor.ask("POST", "/stop", data={"csrf": visitor.csrf(), "reason": "again"})
    assert "Not done: everything is stopped already" in visitor.get("/").text
