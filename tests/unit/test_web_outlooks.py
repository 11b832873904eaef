"""Forecasts on the first page: a sentence and a picture for each objective, worked out beside the page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.app.plans.forecast import forecast_of
from engine.app.plans.outlook_words import outlook_sentence
from engine.web.outlook_picture import HEIGHT, WIDTH, CountPicture, CountRange, draw_count
from engine.web.pages import create_app, site_of
from tests.installation import NOTE, Installation
from tests.visitor import SECRET, Visitor, words

TODAY = date(2018, 6, 1)
PICTURE = CountPicture(
    ((date(2017, 9, 4), 48), (date(2018, 3, 1), 49)), TODAY, 49, 51, (CountRange(date(2018, 9, 5), 49, 50, 52),)
)


@pytest.fixture
def visitor(house: Installation) -> Visitor:
    return Visitor(create_app(house.app, secret=SECRET, live=lambda: 1, forecasts=True))


def wait(visitor: Visitor) -> None:
    outlooks = site_of(visitor.pages).outlooks
    assert outlooks is not None
    outlooks.wait()


def test_the_first_page_does_not_wait_for_a_forecast_and_has_it_then(visitor: Visitor, house: Installation) -> None:
    first = visitor.get("/")
    assert first.status_code == 200
    assert "Forecast: " not in words(first)
    wait(visitor)
    page = visitor.get("/")
    told = words(page)
    found = forecast_of(house.app, NOTE)
    for outlook in found["outlooks"]:
        assert f"Forecast: {outlook_sentence(outlook, found['runs'], found['as_of'])}" in told
    assert "How the forecast is worked out" in told
    assert "It decides nothing." in told
    assert page.text.count('<svg class="count"') >= len(
        [each for each in found["outlooks"] if each["kind"] == "objective"]
    )


def test_the_page_is_told_when_a_forecast_is_ready(visitor: Visitor) -> None:
    live = site_of(visitor.pages).live
    assert live is not None
    before = live()
    visitor.get("/")
    wait(visitor)
    assert live() != before


def test_a_forecast_is_made_anew_where_a_fact_changed_and_only_then(visitor: Visitor, house: Installation) -> None:
    outlooks = site_of(visitor.pages).outlooks
    assert outlooks is not None
    visitor.get("/")
    wait(visitor)
    made = outlooks.version
    visitor.get("/")
    wait(visitor)
    assert outlooks.version == made
    outlooks._rest_until.clear()
    house.record("report", "2017-10-16", "TG", details={"kind": "initial", "form_a": "substantive"})
    visitor.get("/")
    wait(visitor)
    assert outlooks.version == made + 1


def test_what_cannot_be_forecast_leaves_the_page_as_it_is(house: Installation) -> None:
    visitor = Visitor(create_app(house.app, secret=SECRET))
    assert "Forecast: " not in words(visitor.get("/"))


def test_a_picture_says_in_words_what_it_shows() -> None:
    drawn = draw_count(PICTURE)
    assert 'aria-label="49 on 1 June 2018, 51 wanted; 49 to 52 expected by 5 September 2018"' in drawn
    assert ElementTree.fromstring(drawn).tag == "svg"
    assert drawn == draw_count(PICTURE)


def test_without_time_there_is_no_picture() -> None:
    assert draw_count(CountPicture((), TODAY, 0, 1, ())) == ""


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 200)), max_size=8),
    st.integers(0, 200),
    st.integers(0, 200),
    st.lists(st.tuples(st.integers(1, 400), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), max_size=8),
)
def test_whatever_the_counts_all_of_it_is_within_the_picture(
    past: list[tuple[int, int]], have: int, want: int, coming: list[tuple[int, int, int, int]]
) -> None:
    series = tuple((TODAY - timedelta(days=days), count) for days, count in sorted(past, reverse=True))
    ahead = tuple(
        CountRange(TODAY + timedelta(days=days), have + low, have + low + more, have + low + more + most)
        for days, low, more, most in sorted(coming)
    )
    drawn = draw_count(CountPicture(series, TODAY, have, want, ahead))
    if not drawn:
        return
    ElementTree.fromstring(drawn)
    for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", drawn):
        assert 0 <= float(x) <= WIDTH
        assert 0 <= float(y) <= HEIGHT
    for y in re.findall(r"V(-?[\d.]+)", drawn):
        assert 0 <= float(y) <= HEIGHT
