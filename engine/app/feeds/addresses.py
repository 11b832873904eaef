"""Feeds at private addresses: made for one reader each, listed, revoked, and what is served at one."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from engine.app.asked import readable
from engine.app.root import App
from engine.channels.feed_files import file_name
from engine.definition.dates import local_date
from engine.definition.hints import suggest
from engine.definition.words import day_words
from engine.errors import NotFound, Refused
from engine.rendering.agenda import Agenda
from engine.rendering.calendar import CalendarItem, calendar, uid, vevent
from engine.settings import Settings
from engine.store import FeedAddress

NOTICE = timedelta(days=30)
"""How long a revoked address still says so in a calendar; then it is gone."""
LONGEST = 116
"""Some calendars cut an address that is longer."""
_TOKEN_BYTES = 20
_TOKEN = re.compile(r"(?:.*/f/)?([A-Za-z0-9_-]{16,64})(?:\.ics)?")


@dataclass(frozen=True, slots=True)
class Made:
    """A new address. Its `url` is told once: only a hash of it is kept."""

    address: FeedAddress
    url: str


@dataclass(frozen=True, slots=True)
class Serving:
    """What an address serves: the file of its feed, or a notice that it is revoked (None, None: gone for good).

    `revision` and `facts` say what the file was last brought up to (guarantee G8).
    """

    address: FeedAddress
    path: Path | None
    notice: bytes | None = None
    revision: str = ""
    facts: str = ""


def base_url(settings: Settings, port: int | None = None) -> str:
    """How others reach the pages: as set, else by host and port. Raises Refused where the port is any that is free."""
    if settings.web_url:
        return settings.web_url
    if not (port or settings.web_port):
        raise Refused("where the pages are is not known: FOLLOWTHROUGH_WEB_PORT is 0, which takes any free port")
    host = {"0.0.0.0": "localhost", "::": "localhost"}.get(settings.web_host, settings.web_host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port or settings.web_port}"


def make_address(app: App, workflow: str | None, feed: str, label: str, actor: str) -> Made:
    """A new private address of a feed (`plan`, `role:isu`, `party:NR`). Raises NotFound and Refused."""
    now, label = app.clock.now(), readable(label, "whom it is for").replace("\n", " ")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    url = f"{base_url(app.settings)}/f/{token}.ics"
    if len(url) >= LONGEST:
        raise Refused(
            f"the address would have {len(url)} characters, and calendars cut long ones: set a shorter web_url"
        )
    with app.standings.deciding() as tx:
        name = workflow or _only(tx.workflows())
        standing = app.standings.get(tx, name, now)
        known = Agenda(standing.planner, app.settings.mail_domain).feeds()
        if feed not in known:
            raise NotFound(
                f"{name} has no feed “{feed}”: plan, role:ROLE or party:PARTY. {suggest(feed, known)}".rstrip()
            )
        address = tx.add_feed_address(token, workflow=name, feed=feed, label=label, now=now, author=actor)
    return Made(address, url)


def _only(workflows: list[str]) -> str:
    if not workflows:
        raise NotFound("no plan is applied: “followthrough apply WORKFLOW” does that")
    if len(workflows) > 1:
        raise Refused(f"of which plan? {', '.join(workflows)} are applied: name it first")
    return workflows[0]


def list_addresses(app: App, workflow: str | None = None) -> list[FeedAddress]:
    """The addresses that were made, also revoked ones."""
    if not app.has_store:
        return []
    with app.store.read() as tx:
        return tx.feed_addresses(workflow)


def revoke_address(app: App, which: str, actor: str) -> FeedAddress:
    """Revoke an address by its number, its token or as a whole. Raises NotFound and Refused."""
    with app.store.write() as tx:
        if which.isdecimal():
            number = int(which)
        else:
            token = _TOKEN.fullmatch(which.strip())
            found = tx.feed_address(token[1]) if token else None
            if found is None:
                raise NotFound("there is no such feed address: “followthrough feed --addresses” lists their numbers")
            number = found.id
        return tx.revoke_feed_address(number, app.clock.now(), actor)


def published_mark(workflow: str) -> str:
    """Under which name the store keeps what a workflow's feeds were last brought up to."""
    return f"feeds:{workflow}"


def serving(app: App, token: str) -> Serving | None:
    """What is served at a token; None where there is no such address."""
    with app.store.read() as tx:
        address = tx.feed_address(token)
        if address is None:
            return None
        mark = tx.meta_get(published_mark(address.workflow)) or ""
    if address.revoked_at is None:
        revision, _, facts = mark.partition(" ")
        path = app.settings.feeds / address.workflow / file_name(address.feed)
        return Serving(address, path, None, revision, facts)
    if app.clock.now() >= address.revoked_at + NOTICE:
        return Serving(address, None)
    return Serving(address, None, notice(address, address.revoked_at, app.settings.mail_domain))


def notice(address: FeedAddress, revoked_at: datetime, domain: str) -> bytes:
    """A calendar with one event, on the day of revocation: clients would keep stale events of an error for ever."""
    on = local_date(revoked_at, "UTC")
    item = CalendarItem(
        uid(f"{address.workflow}/feed-address/{address.id}", domain), (address.feed,),
        "This calendar is no longer available at this address",
        f"The address was revoked on {day_words(on)}. Whoever gave it to you can give you another.",
        on, on + timedelta(days=1),
    )  # fmt: skip
    body = vevent(item, 0, revoked_at)
    return calendar("No longer available", "This address was revoked.", [body], color="slategray")
