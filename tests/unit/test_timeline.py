"""The picture of a plan: what a golden file holds, and what must be true of it whatever the plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.definition.dates import Span, local_date, parse_span
from engine.store import Ticks
from engine.web.chart import timeline_of
from engine.web.timeline import LABELS, WIDTH, Bar, Tick, Timeline, TimelineRow, draw
from tests.support import auckland, moment, new_york, plannable, replay

GOLDEN = Path(__file__).parent.parent / "golden" / "pages" / "timeline.svg"
SVG = "{http://www.w3.org/2000/svg}"
PLAN = Timeline(
    "sample", "A sample plan & more", date(2017, 9, 4), date(2018, 3, 5), date(2017, 11, 20),
    (
        TimelineRow("A workshop that is held", "held 12 October 2017",
            (Bar(parse_span("2017-10-12"), "held", "held"),),
            ticks=(Tick(date(2017, 9, 21), "sent", 40), Tick(date(2017, 10, 10), "withdrawn", 2))),
        TimelineRow("A conference of which only the month is known, with a title that needs more than a line",
            "February 2018; the day is not fixed", (Bar(parse_span("2018-02"), "open", "February 2018"),),
            ticks=(Tick(date(2017, 12, 1), "awaiting_approval", 3), Tick(date(2017, 12, 1), "scheduled", 1))),
        TimelineRow("A meeting", "12–14 January 2018", (Bar(parse_span("2018-01-12..2018-01-14"), "firm", "12–14 January"),)),
        TimelineRow("A follow-up", "by 31 January 2018", (Bar(Span(date(2017, 10, 26), date(2018, 1, 31)), "work", "work"),),
            (date(2018, 1, 31),), ticks=(Tick(date(2017, 11, 1), "missed", 1),), ours=True),
        TimelineRow("Something that goes on", "ongoing, looked at every 2 months", ongoing=True),
        TimelineRow("A visit that was called off", "cancelled", (Bar(parse_span("2017-12-05"), "off", "cancelled"),)),
    ),
    (("7MSP", parse_span("2017-09-04..2017-09-06")), ("8MSP", parse_span("2018-03-03..2018-03-05"))),
)  # fmt: skip


def test_golden() -> None:
    drawn = draw(PLAN) + "\n"
    assert drawn == GOLDEN.read_text("utf-8"), "look at it; if it is right, keep it: tests/golden/pages/timeline.svg"


def test_it_is_well_formed_and_says_in_words_what_it_shows() -> None:
    picture = ElementTree.fromstring(draw(PLAN))
    assert picture.get("role") == "img"
    title, words = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert title is not None
    assert words is not None
    assert picture.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    assert title.text == "Timeline of A sample plan & more"
    for row in PLAN.rows:
        assert f"{row.title}: {row.words}" in (words.text or "")
    assert "letters: 3 awaiting approval, 1 scheduled" in (words.text or "")


def places(picture: ElementTree.Element, mark: str) -> list[ElementTree.Element]:
    return [each for each in picture.iter() if mark in (each.get("class") or "").split()]


def test_a_month_is_as_wide_as_its_days() -> None:
    picture = ElementTree.fromstring(draw(PLAN))
    (bar,) = places(picture, "open")
    per_day = (WIDTH - LABELS) / ((date(2018, 4, 1) - date(2017, 9, 1)).days)
    assert float(bar.get("width", 0)) == pytest.approx(28 * per_day, abs=0.2)
    assert "hatch" in (bar.get("fill") or "")
    assert "vague" in (bar.get("class") or "")


def test_on_the_axis_nothing_is_printed_over_another() -> None:
    picture = ElementTree.fromstring(draw(replace(PLAN, today=date(2018, 1, 8))))
    today = next(each.find(f"{SVG}text") for each in places(picture, "today"))
    anchor = next(each.find(f"{SVG}text") for each in places(picture, "anchor"))
    lines = [anchor, today, places(picture, "year")[0], places(picture, "axis")[0]]
    heights = [float(each.get("y", 0)) for each in lines if each is not None]
    assert len(heights) == 4
    assert all(below - above >= 14 for above, below in pairwise(heights))


def test_nothing_stands_outside_the_picture() -> None:
    far = [Tick(date(2015, 1, 1), "sent", 3), Tick(date(2031, 1, 1), "sent", 3)]
    bars = (Bar(parse_span("2010"), "firm", "long ago"), Bar(parse_span("2030-01-01..2031-01-01"), "open", "far off"))
    wide = replace(
        PLAN, rows=(TimelineRow("x", "y", bars, (date(2030, 1, 1),), ticks=tuple(far)),), today=date(2030, 1, 1)
    )
    picture = ElementTree.fromstring(draw(wide))
    assert places(picture, "tick") == places(picture, "bar") == []
    assert places(picture, "deadline") == []
    assert places(picture, "today") == []
    for rect in picture.iter(f"{SVG}rect"):
        assert 0 <= float(rect.get("x", 0)) <= WIDTH


def test_names_cannot_break_out() -> None:
    nasty = "</title><script>alert(1)</script>\"'&"
    row = TimelineRow(
        nasty, nasty, (Bar(parse_span("2017-10"), "open", nasty),), ticks=(Tick(date(2017, 10, 1), 'x" y="1', 1),)
    )
    drawn = draw(replace(PLAN, title=nasty, rows=(row,), anchors=((nasty, parse_span("2017-10-01")),)))
    assert "<script" not in drawn
    assert [each.tag for each in ElementTree.fromstring(drawn).iter() if each.tag.endswith("script")] == []


def test_a_plan_of_twenty_years_has_few_words_on_its_axis() -> None:
    picture = ElementTree.fromstring(draw(replace(PLAN, last=date(2037, 3, 5))))
    assert len(places(picture, "axis")) <= 42


def test_the_note_is_drawn_as_it_stands() -> None:
    planner = replay([*new_york("FJ"), *auckland()[:1]], "2018-03-16")[0].planner
    today = local_date(planner.now, "Europe/Zurich")
    at = moment("2018-03-29T23:30")
    seen = timeline_of(planner, [Ticks("ny_follow_up", "claimed", at, "Pacific/Auckland", 2)], today)
    rows = dict(zip(planner.workflow.steps, seen.rows, strict=True))
    assert (seen.first, seen.last) == (date(2017, 9, 4), date(2018, 9, 5))
    assert [title for title, _ in seen.anchors] == ["7MSP", "8MSP"]
    assert rows["ny_workshop"].words == "held 12 October 2017"
    assert rows["ny_workshop"].bars[0].look == "held"
    assert rows["auckland"].bars[0].span == parse_span("2018-02-12..2018-02-14")
    assert rows["africa_workshop"].words == "by 30 June 2018; the day is not fixed"
    assert rows["africa_workshop"].deadlines == (date(2018, 6, 30),)
    assert rows["ny_follow_up"].bars[0].span == Span(date(2017, 10, 26), date(2018, 3, 31))
    assert rows["ny_follow_up"].ticks == (Tick(date(2018, 3, 30), "scheduled", 2),), "by the addressee's own day"
    assert rows["auckland_follow_up"].ours
    assert rows["outreach"].ongoing
    assert rows["outreach"].words == "ongoing, looked at every 2 months"
    assert all(row.title and row.words for row in seen.rows)


@pytest.mark.parametrize("at", ["2026-06-01", "2027-01-10", "2029-08-01"])
def test_a_plan_without_an_end_is_shown_around_today(at: str) -> None:
    planner = replay([], at, plannable("article7-annual"), "2026-01-01")[0].planner
    today = date.fromisoformat(at)
    seen = timeline_of(planner, [], today)
    assert seen.first < seen.last
    assert seen.last > today
    assert seen.last - seen.first < timedelta(days=600)
    picture = ElementTree.fromstring(draw(seen))
    assert len(places(picture, "axis")) >= 12
    assert seen.rows[0].words == "each party’s own date: 180 days after its entry into force"
