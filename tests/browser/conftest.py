"""A real browser for the tests of the pages."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """The system's Chromium; where there is none the test is skipped, and says so."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        words = "NO CHROMIUM HERE: the page was NOT looked at in a browser (Debian: apt-get install chromium)"
        warnings.warn(words, stacklevel=2)
        pytest.skip(words)
    return found


@pytest.fixture
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        # As root, and in a container, Chromium has no sandbox of its own.
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        opened = playwright.chromium.launch(executable_path=path, args=options)
        yield opened
        opened.close()
