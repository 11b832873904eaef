"""The page in a real browser, served by a real process: the year runs, a letter opens, an approval is given and leaves."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import chromium
from tests.command import NOTE, REAL, ROOT
from tests.support import hear_interrupts

pytestmark = pytest.mark.slow

_PATIENCE = 60_000
SCENARIO = """
scenario: browser
workflow: ccm-nim-2018
from: 2017-09-19
until: 2017-10-03
seed: 7
people: {}
events:
  - {at: 2017-09-20, record: date, step: ny_workshop, value: 2017-10-12, source: illustrative}
"""
A_DAY = "  - {{at: {day}, record: contacted, step: outreach, parties: [KE], value: yes, source: illustrative}}\n"


class Year:
    """A simulated year in a process of its own, served."""

    def __init__(self, folder: Path) -> None:
        scenario = folder / "scenario.yaml"
        days = [f"2017-09-{day}" for day in range(21, 31)] + ["2017-10-01", "2017-10-02"]
        scenario.write_text(SCENARIO + "".join(A_DAY.format(day=day) for day in days), "utf-8")
        self.process = subprocess.Popen(
            [*REAL, "simulate", NOTE, "--scenario", str(scenario), "--speed", "12h/s", "--serve", "--port", "0", "--stay"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_interrupts,
            env=os.environ | {"FOLLOWTHROUGH_HOME": str(folder), "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self.link = self._read_link()

    def _read_link(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"http://\S+/enter/\S+", line):
                return found[0]
        raise AssertionError(f"no link was printed: {self.process.communicate()[1]}")

    def end(self) -> tuple[int, str]:
        """Press Ctrl-C; its status, and its complaints."""
        self.process.send_signal(signal.SIGINT)
        _, complaints = self.process.communicate(timeout=60)
        return self.process.returncode, complaints


@pytest.fixture
def year(tmp_path: Path) -> Iterator[Year]:
    chromium()
    year = Year(tmp_path)
    yield year
    year.process.kill()
    year.process.communicate()


def test_the_year_runs_a_letter_opens_and_an_approval_leaves(browser: Browser, year: Year, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, faults = context.new_page(), list[str]()
    page.set_default_timeout(_PATIENCE)
    expect.set_options(timeout=_PATIENCE)
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))

    page.goto(year.link)
    page.wait_for_url(re.compile(r":\d+/$"))
    expect(page.locator("svg.timeline")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dubrovnik Action Plan")
    number = page.locator("h2 .count").first
    assert number.evaluate("each => getComputedStyle(each).display") == "inline", "it stands beside its heading"

    _the_year_runs(page)
    subject = _a_letter_is_approved(page)
    _it_leaves_and_opens(page, subject)

    stranger = browser.new_context().new_page()
    stranger.goto(year.link)
    expect(stranger.locator("h1")).to_have_text("This link is not good any more")
    assert faults == []
    status, complaints = year.end()
    assert complaints == ""
    assert status in (0, 130), "130 where the year was not over yet"


def _the_year_runs(page: Page) -> None:
    """The page's own time moves on, with no reload."""
    page.evaluate("window.sameDocument = true")
    first = page.locator(".head time").first.inner_text()
    expect(page.locator(".head time").first).not_to_have_text(first)
    assert page.evaluate("window.sameDocument") is True


def _a_letter_is_approved(page: Page) -> str:
    """Nobody approves anything in this scenario but who looks at the page."""
    waiting = page.get_by_role("region", name="Waits for approval")
    expect(waiting.get_by_role("button", name=re.compile("Approve all"))).not_to_have_count(0)
    subject = waiting.locator(".subject bdi").first.inner_text()
    assert "Workshop in New York" in subject
    waiting.get_by_role("link", name=re.compile("Read")).first.click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("Workshop in New York")
    expect(page.get_by_text("It has not left.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Approve")).click()
    expect(page.get_by_role("status").first).to_have_text("1 letter approved.")
    return subject


def _it_leaves_and_opens(page: Page, subject: str) -> None:
    """What was approved leaves as the year goes on, and is in the mailbox as its recipient sees it."""
    page.get_by_role("link", name="Overview").click()
    left = page.get_by_role("region", name="Left lately")
    expect(left.get_by_role("link", name=subject)).not_to_have_count(0)
    left.get_by_role("link", name=subject).first.click()
    expect(page.locator(".letter-head")).to_contain_text("sent")
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("Workshop in New York")
    page.get_by_role("link", name="Plain text").click()
    expect(page.locator("pre.body")).to_contain_text("Workshop in New York")
    page.get_by_role("link", name="Source").click()
    expect(page.locator("pre.source")).to_contain_text("X-Followthrough-Key")
    expect(page.get_by_text("It was sent on")).to_be_visible()


def test_without_scripts_it_works_too(browser: Browser, year: Year) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(year.link)
    page.wait_for_url(re.compile(r":\d+/$"))
    expect(page.locator("svg.timeline")).to_be_visible()
    first = page.locator(".head time").first.inner_text()
    expect(page.locator(".head time").first).not_to_have_text(first, timeout=_PATIENCE)
    wide = page.locator("body").bounding_box()
    assert wide is not None
    assert wide["width"] <= 390, "nothing hangs out at the side of a telephone"
