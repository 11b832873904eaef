"""The gate before every page: host names, sessions, and headers that keep a browser from doing more than it is told."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import format_datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.clock import SystemClock
from engine.web.access import Access

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'self'; sandbox"
)
"""Of a letter's HTML in its frame: its styles and pictures of its own, no script, no form, no request."""
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with none at all a browser hides where a form of ours comes from
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
_CLOCK = SystemClock()
_OPEN = ("/static/", "/f/", "/a/", "/enter/")
_OPEN_EXACT = frozenset({"/healthz", "/metrics", "/robots.txt"})
_OWN_HEAD = ("/static/", "/f/", "/robots.txt", "/events", "/enter/")
"""What answers HEAD itself, or must not be begun, or used up, for one."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Refuse = Callable[[int, str], Response]


def _without_body(send: Send) -> Send:
    """Send the start of an answer, and an empty body in place of its own."""

    async def bare(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return bare


class Guard:
    """Answers itself what must not reach a page. `scope["session_of"]` is the session of what may."""

    def __init__(self, app: ASGIApp, access: Access, refuse: Refuse) -> None:
        self.app = app
        self.access = access
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                # The true time, also of a year that is replayed (RFC 9110, 6.6.1).
                headers.setdefault("date", format_datetime(_CLOCK.now(), usegmt=True))
            await send(message)

        if scope["method"] == "HEAD" and not scope["path"].startswith(_OWN_HEAD):
            # Pages answer GET: HEAD has the same headers, and no body.
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, with_headers)
        else:
            await self.app(scope, receive, with_headers)

    def _refused(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        if not self.access.known_host(headers.get("host")):
            return self.refuse(421, "host")
        if scope["method"] not in _SAFE and not self.access.own_origin(headers):
            return self.refuse(403, "origin")
        cookies = cookie_parser(headers.get("cookie", ""))
        session = scope["session_of"] = self.access.session(cookies.get(self.access.cookie))
        if session is None and path not in _OPEN_EXACT and not path.startswith(_OPEN):
            return self.refuse(403, "session")
        return None
