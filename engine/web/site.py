"""What the pages share: the installation, one lock around it, templates, who may see them."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from engine import paths
from engine.app.letters.told import holds_words
from engine.app.plans.outlook_words import ASSUMED
from engine.app.root import App
from engine.definition.dates import zone
from engine.definition.words import MONTHS, counted, day_words, listed, our_words, short_moment, size_words, span_words
from engine.errors import StoreError
from engine.planning.told import day_told
from engine.store import Transaction
from engine.web.access import Access, Session
from engine.web.health import Health
from engine.web.outlooks import Outlooks
from engine.web.overview import Overviews

Live = Callable[[], object]
"""Tells a value that is another when the pages have something new to show. Called from any thread."""
_REMEMBERED = 64
_CALM: dict[str, Any] = {"stopped": None, "open_answers": 0}


class Site:
    """One installation's pages. Its App is its own: standings are not safe to share between threads."""

    def __init__(
        self, app: App, access: Access, *, health: Health | None, live: Live | None, forecasts: bool
    ) -> None:  # fmt: skip
        self.app = app
        self.access = access
        self.health = health
        self.outlooks = Outlooks(lambda: own(app)) if forecasts else None
        self.live = self._following(live)
        self.lock = threading.RLock()
        self.closing = threading.Event()
        self.overviews = Overviews(app, self.outlooks)
        self.templates = _templates()
        self._messages: dict[str, deque[tuple[str, str]]] = {}

    def _following(self, live: Live | None) -> Live | None:
        """What tells a change, that of a forecast among them."""
        outlooks = self.outlooks
        return live if live is None or outlooks is None else lambda: (live(), outlooks.version)

    @contextmanager
    def reading(self) -> Iterator[tuple[Transaction, datetime]]:
        """One look at the store, alone with the standings."""
        with self.lock, self.app.store.read() as tx:
            yield tx, self.app.clock.now()

    def say(self, session: Session, kind: str, text: str) -> None:
        """Tell the browser something on the next page it asks for."""
        with self.lock:
            while len(self._messages) >= _REMEMBERED and session.name not in self._messages:
                self._messages.pop(next(iter(self._messages)))
            self._messages.setdefault(session.name, deque(maxlen=6)).append((kind, text))

    def answered(self, session: Session, path: str, text: str, kind: str = "done") -> RedirectResponse:
        """Lead to a page of ours, and say there what became of a form."""
        self.say(session, kind, text)
        return RedirectResponse(path, 303)

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page. What was to be said is said on it."""
        session: Session | None = request.scope.get("session_of")
        told: list[tuple[str, str]] = []
        if session is not None and status == 200:
            with self.lock:
                told = list(self._messages.pop(session.name, ()))
        values = {"session": session, "told": told, "path": request.url.path, **self._standing(session), **values}
        return self.render(template, status, **values)

    def _standing(self, session: Session | None) -> dict[str, Any]:
        """What every page says: whether everything is stopped, and how many answers wait for a decision.

        A page about a database that cannot be read does without.
        """
        if session is None:
            return {}
        try:
            with self.app.store.read() as tx:
                return {"stopped": tx.stopped(), "open_answers": tx.open_answers()}
        except StoreError:
            return {}

    def render(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A template with what every page has."""
        given = {"session": None, "told": [], "path": "", "live": self.live is not None, **_CALM, **values}
        return HTMLResponse(self.templates.get_template(template).render(given), status)


def own(app: App) -> App:
    """Another App of the same installation, for a thread of its own."""
    twin = App(app.configuration, app.clock, durable=app.durable)
    twin.catalog, twin.links_url = app.catalog, app.links_url
    return twin


def _templates() -> Environment:
    folder = paths.pages_dir()
    templates = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {
        "moment": moment, "hour": hour, "day": _day, "listed": listed, "span": span_words, "counted": counted, "ours": our_words,
        "size": size_words, "told": day_told, "holds": holds_words,
        "words": lambda text: str(text).replace("_", " "), "segment": lambda text: quote(str(text), safe=""),
    }  # fmt: skip
    templates.globals |= {"version_of": _versions(), "assumed": ASSUMED}
    return templates


def _versions() -> dict[str, str]:
    """A mark of each static file's bytes, so that browsers may keep it for good."""
    folder = paths.pages_dir() / "static"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:10] for path in sorted(folder.iterdir())}


def moment(at: datetime, zone_name: str) -> Markup:
    """`Thu 29 March 2018, 09:00 Europe/Zurich`: no time without its zone."""
    return _time(at, zone_name, short_moment(at, zone_name))


def hour(at: datetime, zone_name: str) -> Markup:
    """`29 Mar, 09:00 Europe/Zurich`, where the year is plain."""
    local = at.astimezone(zone(zone_name))
    return _time(at, zone_name, f"{local.day} {MONTHS[local.month - 1][:3]}, {local:%H:%M}")


def _time(at: datetime, zone_name: str, words: str) -> Markup:
    instant = at.astimezone(zone(zone_name)).isoformat(timespec="minutes")
    return Markup('<time datetime="{}">{} <span class="zone">{}</span></time>').format(instant, words, zone_name)


def _day(value: date | str) -> str:
    return day_words(date.fromisoformat(value) if isinstance(value, str) else value)
