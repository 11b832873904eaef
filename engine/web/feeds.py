"""Feeds over HTTP: the published files at private addresses, with validators that are true.

What real clients do decides here: an error keeps what they have, a body that is no calendar empties it. So a feed is
whole or an error, and a revoked address serves a notice for a while.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from engine.app.feeds.addresses import Serving, serving
from engine.app.feeds.feeds import empty_feed, publish_feeds
from engine.channels.feed_files import FeedError, check_feed
from engine.clock import SystemClock
from engine.errors import FollowthroughError
from engine.web.site import Site

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_KEPT = 64
_KEPT_OCTETS = 32_000_000
_SECOND = timedelta(seconds=1)
_PRIVATE = {"cache-control": "private, max-age=300, must-revalidate", "x-robots-tag": "noindex"}
ROBOTS = "User-agent: *\nAllow: /f/\nDisallow: /\n"
"""Google's calendar obeys it."""


class Feed(NamedTuple):
    """A feed's bytes with their validators; `changed` to the second. Not `settled`: that second is not over yet."""

    content: bytes
    etag: str
    changed: datetime
    settled: bool = True


def feed_routes(site: Site) -> APIRouter:
    """The feeds' addresses."""
    router = APIRouter()
    files, addresses = _Files(), _Addresses(site)

    def feed(request: Request) -> Response:
        return _answer(site, files, addresses, request)

    def robots(_: Request) -> Response:
        return Response(ROBOTS, media_type="text/plain", headers={"cache-control": "max-age=86400"})

    # Plain routes: what FastAPI does for an endpoint's arguments would be a third of the time of a 304.
    router.add_route("/f/{token}.ics", feed, ["GET", "HEAD"], include_in_schema=False)
    router.add_route("/robots.txt", robots, ["GET", "HEAD"], include_in_schema=False)
    return router


def _answer(site: Site, files: _Files, addresses: _Addresses, request: Request) -> Response:
    token = request.path_params["token"]
    try:
        found = addresses.get(token) if _TOKEN.fullmatch(token) else None
        if found is None:
            return _words(404, "There is no such calendar.")
        if found.path is None and found.notice is None:
            return _words(410, "This calendar is no longer available at this address.")
        return _served(_feed(site, files, found), found, request)
    except (FollowthroughError, OSError):
        # An error keeps what a client has; half a calendar would empty it.
        return _words(503, "The calendar cannot be read just now.", {"retry-after": "300"})


def _words(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return Response(f"{text}\n", status, {"cache-control": "no-store", **(headers or {})}, "text/plain; charset=utf-8")


def _feed(site: Site, files: _Files, found: Serving) -> Feed:
    if found.path is None:
        assert found.notice is not None
        assert found.address.revoked_at is not None
        return Feed(found.notice, _etag(found.notice), found.address.revoked_at.replace(microsecond=0))
    try:
        return files.get(found.path)
    except FeedError:
        found.path.unlink(missing_ok=True)  # a damaged file is made anew, as one that is not there
    except FileNotFoundError:
        pass
    with site.lock:
        made = publish_feeds(site.app, found.address.workflow)
        if found.path not in [file.path for file in made]:
            empty = empty_feed(site.app, found.address.workflow, found.address.feed)
            return Feed(empty, _etag(empty), found.address.made_at.replace(microsecond=0))
    return files.get(found.path)


def _served(feed: Feed, found: Serving, request: Request) -> Response:
    headers = {
        "etag": feed.etag,
        "last-modified": format_datetime(feed.changed, usegmt=True),
        "x-followthrough-workflow": found.address.workflow,
        **_PRIVATE,
    }
    if found.revision:
        headers |= {"x-followthrough-revision": found.revision, "x-followthrough-facts": found.facts}
    if _is_known(feed, request):
        return Response(status_code=304, headers=headers)
    headers["content-length"] = str(len(feed.content))
    body = b"" if request.method == "HEAD" else feed.content
    return Response(body, headers=headers, media_type="text/calendar; charset=utf-8")


def _is_known(feed: Feed, request: Request) -> bool:
    """Whether the client has these bytes. Where it sends both validators, the tag decides (RFC 9110, 13.2.2)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        given = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return "*" in given or feed.etag in given
    since = request.headers.get("if-modified-since")
    if since is None or not feed.settled:
        return False
    try:
        at = parsedate_to_datetime(since)
    except ValueError:
        return False
    return feed.changed <= (at if at.tzinfo else at.replace(tzinfo=UTC))


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


class _Addresses:
    """What addresses serve, looked up again whenever anything was recorded."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._known: tuple[int, dict[str, Serving]] = (-1, {})

    def get(self, token: str) -> Serving | None:
        """What is served at a token; None where there is no such address."""
        # Asked before it is looked up: what is kept is then never older than its mark.
        version = self._site.app.store.data_version()
        if self._known[0] != version:
            self._known = (version, {})
        known = self._known[1]
        found = known.get(token) or serving(self._site.app, token)
        if found is not None and found.path is not None and len(known) < 4 * _KEPT:
            known[token] = found
        return found


class _Files:
    """Feeds read once for each change of their file: the newest asked for are kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Path, tuple[tuple[int, int, int, int], bytes, str]] = OrderedDict()

    def get(self, path: Path) -> Feed:
        """The feed of a file. Raises OSError, and FeedError for what is no calendar."""
        found = path.stat()
        mark = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
        kept = self._kept.get(path)
        if kept is None or kept[0] != mark:
            content = path.read_bytes()
            check_feed(content)
            kept = mark, content, _etag(content)
            self._keep(path, kept)
        changed = datetime.fromtimestamp(int(found.st_mtime), UTC)
        settled = not changed <= SystemClock().now() < changed + _SECOND
        # Within the second of a change its date is the one before: whoever asks then is not told later that nothing
        # changed, when something did in the same second.
        return Feed(kept[1], kept[2], changed if settled else changed - _SECOND, settled)

    def _keep(self, path: Path, entry: tuple[tuple[int, int, int, int], bytes, str]) -> None:
        with self._lock:
            self._kept[path] = entry
            self._kept.move_to_end(path)
            size = sum(len(content) for _, content, _ in self._kept.values())
            while len(self._kept) > _KEPT or (size > _KEPT_OCTETS and len(self._kept) > 1):
                _, (_, content, _) = self._kept.popitem(last=False)
                size -= len(content)
