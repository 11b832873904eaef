"""The pages on a telephone: 400 pixels wide, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from engine.answer import Answer, AnswerKind
from engine.app.answers.taking_in import take_in
from engine.web.serving import Pages
from tests.installation import Installation

_ACT = "act/ccm-nim-2018/NR/ny_follow_up/write-to"
_RECORD = "record/ccm-nim-2018/NR/report"
pytestmark = pytest.mark.slow


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The first page in January 2018, with a party whose name has no place to break."""
    with Installation(tmp_path) as house:
        house.edit("ccm/parties.csv", "NR,Nauru,", f"NR,{'Nauru' * 30},")
        house.apply()
        house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
        house.at("2017-10-16").record("attended", "yes", "NR", "FJ", step="ny_workshop")
        house.run_to("2018-01-08T12:00")
        nudge = next(row for row in house.rows(step="ny_follow_up", party="NR") if row.slot == "every-4w-1")
        text = f"{'w' * 300}\nWe will."
        take_in(house.app, [
            Answer("1", AnswerKind.REPLY, house.clock.now(), nudge.key, text=text, sender="m@nr.example", subject="Re: " * 60),
            Answer("2", AnswerKind.BOUNCE, house.clock.now(), nudge.key, address=f"{'a' * 60}@nr.example", said="5.1.1"),
            Answer("3", AnswerKind.UNMATCHED, house.clock.now(), text=text),
        ], "mail")  # fmt: skip
        with Pages(house.app, port=0, live=lambda: 1) as pages:
            context = browser.new_context(viewport={"width": 400, "height": 800}, color_scheme=request.param)
            page = context.new_page()
            page.goto(pages.local_link)
            page.wait_for_url("**/")
            page.wait_for_load_state("load")
            yield page
            context.close()


def test_today_is_in_sight(page: Page) -> None:
    line, card = page.locator(".today line").bounding_box(), page.locator(".chart .scroll").bounding_box()
    assert line is not None
    assert card is not None
    assert page.locator(".chart .scroll").evaluate("each => each.scrollLeft") > 0
    assert card["x"] < line["x"] < card["x"] + card["width"]


def test_nothing_hangs_out_at_the_side(page: Page) -> None:
    base = page.url
    page.goto(f"{base}mailbox?find=approve")
    prompt = page.locator("a.mail", has_text="to approve").first.get_attribute("href")
    page.goto(f"{base}mailbox?find=nauru")
    letter = page.locator("a.mail", has_text="NauruNauru").first.get_attribute("href")
    for path in (
        "",
        "answers",
        "answers?all=yes",
        "mailbox",
        "mailbox?find=nauru",
        "parties",
        "party/NR",
        str(prompt)[1:],
        str(letter)[1:],
        _ACT,
        _RECORD,
    ):
        page.goto(base + path)
        page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, path
