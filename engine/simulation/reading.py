"""Readers of letters in a simulated year: they open and use the links of real letters through the real pages, in process."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from engine.answer import Purpose
from engine.app.answers.revoking import links_of
from engine.app.root import App
from engine.definition.scenario.events import LinkEvent, ScanEvent
from engine.errors import Refused
from engine.letter import Recorded
from engine.lifecycle import SETTLED, State
from engine.planning.changes import Action
from engine.store import Transaction

if TYPE_CHECKING:
    from fastapi import FastAPI

_OPENED = 200


@dataclass(frozen=True, slots=True)
class Used:
    """What a reader of a letter changed in the outbox."""

    changes: Counter[Action]


class Readers:
    """Plays what readers do. Played again after a kill it changes nothing: a link that was used answers no more."""

    def __init__(self, app: App, workflow: str) -> None:
        self.app = app
        self.workflow = workflow

    def scan(self, event: ScanEvent) -> Used:
        """Open every link, as a mail scanner does: with HEAD, then with GET. Raises Refused where there is none."""
        before = self._states(event)
        with self._pages() as pages:
            for path in self._paths(event).values():
                for method in ("HEAD", "GET"):
                    self._expect(pages, method, path)
        return self._changed(event, before)

    def use(self, event: LinkEvent) -> Used:
        """Open one link and press its button. Raises Refused where there is none."""
        path = self._paths(event)[event.says]
        before = self._states(event)
        with self._pages() as pages:
            self._expect(pages, "GET", path)
            self._expect(pages, "POST", path, urlencode({"day": event.day, "remark": event.note}).encode())
        return self._changed(event, before)

    def _changed(self, event: LinkEvent | ScanEvent, before: dict[str, str]) -> Used:
        after = self._states(event)
        stopped = sum(after.get(key) == State.WITHDRAWN != state for key, state in before.items())
        return Used(Counter({Action.WITHDRAW: stopped}))

    def _paths(self, event: LinkEvent | ScanEvent) -> dict[Purpose, str]:
        """The links of the last letter of a step to a party that has any, by what they say."""
        with self.app.store.read() as tx:
            for row in self._left(tx, event):
                found = links_of(tx, row)
                if found:
                    return {purpose: urlsplit(url).path for purpose, url in found.items()}
        raise Refused(f"no letter with links of {event.step} has left to {event.party} yet")

    def _left(self, tx: Transaction, event: LinkEvent | ScanEvent) -> list[Recorded]:
        rows = tx.find_letters(workflow=self.workflow, step=event.step, party=event.party, state=SETTLED)
        return sorted(rows, key=lambda row: (row.left_at, row.key), reverse=True)

    def _states(self, event: LinkEvent | ScanEvent) -> dict[str, str]:
        with self.app.store.read() as tx:
            rows = tx.find_letters(workflow=self.workflow, step=event.step, party=event.party)
            return {row.key: row.state for row in rows}

    @contextmanager
    def _pages(self) -> Iterator[FastAPI]:
        # Here, since a year in which nobody opens a link should not load a web server.
        from engine.web.pages import create_app, site_of

        pages = create_app(self.app, secret=secrets.token_hex(16))
        try:
            yield pages
        finally:
            site_of(pages).app.close()

    def _expect(self, pages: FastAPI, method: str, path: str, form: bytes = b"") -> None:
        status = asyncio.run(_ask(pages, method, path, form))
        if status != _OPENED:
            raise Refused(f"a link of the letter answered {status} to {method}")


async def _ask(pages: FastAPI, method: str, path: str, form: bytes) -> int:
    """The status that the pages answer a request with, without a network (ASGI 3.0)."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/x-www-form-urlencoded")],
    }  # fmt: skip
    status = 0

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": form, "more_body": False}

    async def send(message: dict[str, object]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = int(str(message["status"]))

    await pages(scope, receive, send)  # type: ignore[arg-type]
    return status
