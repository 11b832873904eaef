"""The pages, asked as the server asks them: the first page of the note's plan in spring, a feed of a thousand events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from benchmarks import feeds
from benchmarks.figures import Figure, Goal
from benchmarks.measuring import Scope, Spent, median, repeated, spent, times
from engine.app.facts.recording import record
from engine.app.feeds.addresses import make_address
from engine.app.feeds.feeds import publish_feeds
from engine.app.plans.apply import apply
from engine.app.root import App
from engine.channels.feed_files import publish
from engine.clock import ManualClock
from engine.definition.dates import parse_moment
from engine.definition.facts import Subject
from engine.rendering.calendar import calendar
from engine.rendering.feed_state import advance, by_feed
from engine.settings import Configuration, Settings
from engine.web.pages import create_app, link_to

NOTE = "ccm-nim-2018"
_MANY = 50
_SECRET = "only for measuring, and long enough"


def served(scope: Scope, folder: Path) -> Iterator[Figure]:
    """First page and feed, each by the program itself, without the network."""
    clock = ManualClock(parse_moment("2017-09-04", "Europe/Zurich"))
    app = App(Configuration(Settings(home=folder), {}), clock, durable=False)
    with app:
        apply(app, NOTE, "benchmark", yes=True)
        clock.move_to(parse_moment("2017-09-20T12:00", "Europe/Zurich"))
        record(app, NOTE, "date", "2017-10-12", [Subject(step="ny_workshop")], author="benchmark")
        publish_feeds(app)
        address = make_address(app, NOTE, "plan", "", "benchmark").url.removeprefix("http://127.0.0.1:8017")
        items = by_feed(advance(feeds.items(), {}, clock.now()).items.values())["plan"]
        publish(app.settings.feeds / NOTE, {"plan": calendar("Plan", "", items, color="navy")}, durable=False)
        yield from _asked(scope, app, address)


def _asked(scope: Scope, app: App, address: str) -> Iterator[Figure]:
    with asyncio.Runner() as runner:
        server = _Server(create_app(app, secret=_SECRET), runner)
        parties = iter(app.catalog.load(NOTE).plannable.parties)
        server.ask(link_to(server.pages, ""))
        server.ask("/")
        again = repeated(scope.runs, lambda: server.ask("/"))
        samples = []
        for _ in range(scope.runs):
            record(app, NOTE, "contacted", "yes", [Subject(next(parties), "outreach")], author="benchmark")
            samples.append(spent(lambda: server.ask("/")))
        fresh = median(samples)
        tag = server.ask(address)["etag"]
        floor = server.many(scope.runs, "/robots.txt")
        feed = server.many(scope.runs, address)
        known = server.many(scope.runs, address, 304, **{"if-none-match": tag})
    beside = f"an empty answer {floor.wall * 1e3:.2f} ms"
    for what, took, goal, runs in (
        ("the first page, nothing new", again, 100, scope.runs),
        ("the first page after a fact", fresh, 100, scope.runs),
        ("a warm feed of 1,000 events", feed, 5, scope.runs * _MANY),
        ("its 304", known, 2, scope.runs * _MANY),
    ):
        peer = f"{beside}: {times(took.wall, floor.wall)}"
        yield Figure("pages", what, "ms", took.wall * 1e3, took.cpu * 1e3, runs, Goal(goal), peer)


class _Server:
    """Asks the pages' program as a server does: no client's time is in the figures."""

    def __init__(self, pages: FastAPI, runner: asyncio.Runner) -> None:
        self.pages = pages
        self._runner = runner
        self._cookie = ""

    def ask(self, path: str, status: int = 200, **headers: str) -> dict[str, str]:
        """Ask once; the answer's headers."""
        return self._runner.run(self._ask(path, status, headers))

    def many(self, runs: int, path: str, status: int = 200, **headers: str) -> Spent:
        """The median of several runs of many, each."""

        async def work() -> None:
            for _ in range(_MANY):
                await self._ask(path, status, headers)

        took = repeated(runs, lambda: self._runner.run(work()))
        return Spent(took.wall / _MANY, took.cpu / _MANY)

    async def _ask(self, path: str, status: int, headers: dict[str, str]) -> dict[str, str]:
        answer: dict[str, Any] = {}
        given = {"host": "localhost", "cookie": self._cookie, **headers}
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
            "server": ("localhost", 80), "headers": [(name.encode(), text.encode()) for name, text in given.items()],
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            answer.update(message)

        await self.pages(scope, receive, send)
        assert answer["status"] == status, f"{path}: {answer['status']}"
        found = {name.decode(): text.decode() for name, text in answer["headers"]}
        self._cookie = found.get("set-cookie", self._cookie).partition(";")[0]
        return found
