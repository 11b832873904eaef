"""A visitor of the pages for tests: asks the program itself, as a browser at this machine would, without a network."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from engine.app.root import App
from engine.web.health import Health
from engine.web.pages import create_app, link_to
from engine.web.site import Live
from tests.installation import Installation

SECRET = "a secret for tests, long enough"
NASTY = "<script>alert('x')</script>\"&<b>"


class Visitor:
    """One browser with its cookies. It has come in by anna's link unless `stranger`."""

    def __init__(
        self, pages: FastAPI, *, stranger: bool = False, near: str = "127.0.0.1", host: str = "localhost"
    ) -> None:
        self.pages = pages
        self.near = near
        self.host = host
        self.cookies = httpx.Cookies()
        if not stranger:
            assert self.get(link_to(pages, "", "anna")).status_code == 200

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask for something; no redirect is followed."""

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.pages, client=(self.near, 50_000), raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=f"http://{self.host}", cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(once())

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask for a page."""
        return self.ask("GET", path, **options)

    def csrf(self, path: str = "/") -> str:
        """The token in a page's forms."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get(path).text)
        assert found is not None, f"{path} has no form"
        return found[1]

    def post(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form."""
        return self.ask("POST", path, data=fields)


def words(answer: httpx.Response) -> str:
    """A page's text, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def visit(app: App, *, health: Health | None = None, live: Live | None = None, **options: Any) -> Visitor:
    """A visitor of an installation's pages."""
    return Visitor(create_app(app, secret=SECRET, health=health, live=live), **options)


def autumn(folder: Path) -> Installation:
    """The note's plan in October 2017: invitations left and moved, what follows waits. Nauru has a nasty name."""
    house = Installation(folder)
    house.edit("ccm/parties.csv", "NR,Nauru,", 'NR,"' + NASTY.replace('"', '""') + '",')
    house.apply()
    house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
    house.run_to("2017-10-05")
    house.record("coming", "yes", "FJ", "NR", step="ny_workshop")
    house.at("2017-10-16").record("attended", "yes", "NR", "FJ", "CK", step="ny_workshop")
    house.record("held", "yes", step="ny_workshop", on="2017-10-12")
    house.run_to("2017-10-17T12:00", approving=False)
    return house
