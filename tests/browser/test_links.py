"""The links of a letter in a real browser: a scanner that opens all of them, and a person who presses a button."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.app.answers.revoking import links_of
from engine.settings import Settings
from engine.web.serving import Pages
from tests.installation import NOTE, Installation

pytestmark = pytest.mark.slow

KEY = f"{NOTE}/-/ny_follow_up/FJ/1/fj_mission/every-4w-1"
SETTINGS = Settings(web_url="https://plan.example", answer_links=True)


@pytest.fixture
def house(browser: Browser, tmp_path: Path) -> Iterator[Installation]:
    """The follow-up of Fiji with links, after the first nudge. Asks for the browser first, which may be none."""
    with Installation(tmp_path, settings=SETTINGS) as house:
        house.apply()
        house.workshop("FJ")
        house.run_to("2017-11-30T12:00")
        yield house


def addresses(house: Installation, pages: Pages) -> list[str]:
    """The links of the nudge as it left, at this machine's own address."""
    with house.app.store.read() as tx:
        row = tx.letter(KEY)
        assert row is not None
        found = [url.replace("https://plan.example", pages.base) for url in links_of(tx, row).values()]
    assert len(found) == 3
    return found


def traces(house: Installation) -> object:
    with house.app.store.read() as tx:
        return (
            tx.find_answers(),
            tx.last_fact_row(NOTE),
            [entry.id for entry in tx.journal_entries(limit=1)],
            house.rows(),
        )


def scan(page: Page, url: str) -> None:
    """What a mail scanner does: open it, run what it has, wait, look at and follow whatever it leads to; also without GET."""
    assert page.goto(url) is not None
    page.wait_for_load_state("networkidle")
    page.mouse.move(200, 300)
    page.keyboard.press("Tab")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert page.locator("script").count() == 0
    led_to = page.eval_on_selector_all(
        "a[href], link[href], form[action]", "all => all.map(each => each.href || each.action)"
    )
    for found in [*led_to, url]:
        for method in ("HEAD", "GET"):
            page.request.fetch(str(found), method=method, fail_on_status_code=False)
    page.reload()
    page.go_back()


def test_a_scanner_that_opens_every_link_and_runs_scripts_changes_nothing(
    browser: Browser, house: Installation
) -> None:
    with Pages(house.app, port=0) as pages:
        before = traces(house)
        for url in addresses(house, pages):
            context = browser.new_context(java_script_enabled=True)
            scan(context.new_page(), url)
            context.close()
        assert traces(house) == before


@pytest.mark.parametrize("width", [400, 1280])
def test_a_person_presses_the_button_without_javascript(browser: Browser, house: Installation, width: int) -> None:
    with Pages(house.app, port=0) as pages:
        _, by, wrong = addresses(house, pages)
        context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
        page = context.new_page()
        page.goto(by)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Article 7 report of Fiji")
        page.get_by_role("button", name="We will by that day").click()
        expect(page.get_by_role("button")).to_have_count(1)  # the browser asks for the day first
        page.get_by_label("By").fill("2018-01-15")
        page.get_by_label("Anything to add?").fill("After the elections.")
        page.get_by_role("button", name="We will by that day").click()
        expect(page.get_by_role("status")).to_contain_text("has been told: by 15 January 2018.")
        page.goto(by)
        expect(page.get_by_role("status")).to_contain_text("This is known already (by 15 January 2018)")
        page.goto(wrong)
        page.get_by_role("button", name="I am the wrong person").click()
        expect(page.get_by_role("status")).to_contain_text("Thank you.")
        context.close()
    with house.app.store.read() as tx:
        first, second = tx.find_answers()
    assert (first.said, first.text, first.party) == ("by 2018-01-15", "After the elections.", "FJ")
    assert re.fullmatch("wrong_person", second.said)
