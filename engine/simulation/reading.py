"""Readers of letters in a simulated year: they open and use the links of real letters through the real pages, in process."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from engine.answer import Purpose
from engine.app.deciding import Decision, decide
from engine.app.links import links_of
from engine.app.root import App
from engine.definition.scenario_answers import Decides, Reading, ScansLinks, UsesLink
from engine.errors import Refused
from engine.letter import Recorded
from engine.lifecycle import SETTLED
from engine.planning.changes import Action
from engine.store import Transaction

if TYPE_CHECKING:
    from fastapi import FastAPI

_OPENED = 200


class Readers:
    """Plays what readers do. Each is done once: a link that was used answers no more, a decision is not made twice."""

    def __init__(self, app: App, workflow: str, owner: str) -> None:
        self.app = app
        self.workflow = workflow
        self.owner = owner

    def play(self, does: Reading, note: str) -> Counter[Action]:
        """Let a reader do something, or the owner decide about it; what that changed. Raises Refused where it cannot be."""
        match does:
            case ScansLinks():
                self._scan(does)
            case UsesLink():
                return self._use(does, note)
            case Decides():
                return self._decide(does, note)
        return Counter()

    def _scan(self, does: ScansLinks) -> None:
        """Open every link, as a mail scanner does: with HEAD, then with GET."""
        with self._pages() as pages:
            for path in self._paths(does).values():
                for method in ("HEAD", "GET"):
                    self._expect(pages, method, path)

    def _use(self, does: UsesLink, note: str) -> Counter[Action]:
        path = self._paths(does)[does.says]
        before = self._states(does)
        with self._pages() as pages:
            self._expect(pages, "GET", path)
            self._expect(pages, "POST", path, urlencode({"day": does.day, "remark": note}).encode())
        after = self._states(does)
        stopped = sum(after.get(key) == "withdrawn" != state for key, state in before.items())
        return Counter({Action.WITHDRAW: stopped})

    def _decide(self, does: Decides, note: str) -> Counter[Action]:
        with self.app.store.read() as tx:
            found = [
                each for each in tx.find_answers(workflow=self.workflow, party=does.party) if each.step == does.step
            ]
        waiting = [answer for answer in found if answer.open]
        if not waiting and any(answer.decided_at == self.app.clock.now() for answer in found):
            return Counter()  # this year was stopped just after it
        if not waiting:
            raise Refused(f"no answer of {does.party} at {does.step} waits for a decision")
        changes = Counter[Action]()
        for answer in waiting:
            values = [does.day] if does.day else []
            changes += decide(
                self.app, answer.id, Decision(does.decision), self.owner, *values, reason=note
            ).changes  # fmt: skip
        return changes

    def _paths(self, does: ScansLinks | UsesLink) -> dict[Purpose, str]:
        """The links of the last letter of a step to a party that has any, by what they say."""
        with self.app.store.read() as tx:
            for row in self._left(tx, does):
                found = links_of(tx, row)
                if found:
                    return dict(zip(Purpose, (urlsplit(url).path for url in found), strict=True))
        raise Refused(f"no letter with links of {does.step} has left to {does.party} yet")

    def _left(self, tx: Transaction, does: ScansLinks | UsesLink) -> list[Recorded]:
        rows = tx.find_letters(workflow=self.workflow, step=does.step, party=does.party, state=SETTLED)
        return sorted(rows, key=lambda row: (row.sent_at or row.due_at, row.key), reverse=True)

    def _states(self, does: UsesLink) -> dict[str, str]:
        with self.app.store.read() as tx:
            rows = tx.find_letters(workflow=self.workflow, step=does.step, party=does.party)
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
