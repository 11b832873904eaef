"""Who may see the pages: a one-time link opens a session, and nothing but this machine's own names is answered.

The link is good once and only for the process that it was made for; the session is a signed cookie. What changes
something is a POST with a token of its session, from a page of ours.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeSerializer

from engine.clock import Clock, SystemClock
from engine.settings import Settings

SESSION = timedelta(days=30)
_SLACK = timedelta(seconds=5)
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_ANY = frozenset({"0.0.0.0", "::", ""})


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that came by a link; `csrf` is what its forms carry."""

    name: str
    csrf: str


class Access:
    """Makes and checks links, sessions and form tokens. `hosts` are the names under which the pages may be asked for."""

    def __init__(self, secret: str, settings: Settings, clock: Clock | None = None) -> None:
        if len(secret) < 16:
            raise ValueError("the secret of the pages has at least 16 characters")
        # Real time, also under a simulation's clock: links and sessions are about people at this machine.
        self._clock = clock or SystemClock()
        self._started = self._clock.now()
        self._secret = secret
        self._links = URLSafeSerializer(secret, salt="link")
        self._sessions = URLSafeSerializer(secret, salt="session")
        self._used: set[str] = set()
        self._lock = threading.Lock()
        # One browser may have the pages of two installations open, and cookies know no ports.
        self.cookie = f"followthrough-{hashlib.sha256(secret.encode()).hexdigest()[:8]}"
        self.secure = settings.web_url.startswith("https://")
        self.hosts = _hosts(settings)

    def link_token(self) -> str:
        """What a one-time link ends with."""
        return str(self._links.dumps([secrets.token_urlsafe(12), self._clock.now().timestamp()]))

    def redeem(self, token: str) -> str | None:
        """The cookie of a new session for a link that is good; None for one that was used, is old, or is none."""
        found = self._read(self._links, token)
        if found is None or found[1] < self._started - _SLACK:
            return None
        with self._lock:
            if found[0] in self._used:
                return None
            self._used.add(found[0])
        return str(self._sessions.dumps([secrets.token_urlsafe(12), self._clock.now().timestamp()]))

    def session(self, cookie: str | None) -> Session | None:
        """The session of a cookie, if it is one of ours and not too old."""
        found = self._read(self._sessions, cookie) if cookie else None
        if found is None or found[1] + SESSION < self._clock.now():
            return None
        mark = hmac.new(self._secret.encode(), f"csrf:{found[0]}".encode(), hashlib.sha256)
        return Session(found[0], mark.hexdigest())

    def _read(self, serializer: URLSafeSerializer, text: str) -> tuple[str, datetime] | None:
        try:
            name, at = serializer.loads(text)
            return str(name), datetime.fromtimestamp(float(at), self._clock.now().tzinfo)
        except (BadSignature, ValueError, TypeError, OverflowError):
            return None

    def known_host(self, host: str | None) -> bool:
        """Whether a Host header names us: another name may be a stranger's page that was pointed at this machine."""
        return host is not None and _host_name(host) in self.hosts

    def own_origin(self, headers: Mapping[str, str]) -> bool:
        """Whether a POST comes from a page of ours, as far as the browser says; the form's token is the proof."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if site not in (None, "same-origin", "none"):
            return False
        return origin is None or _host_name(urlsplit(origin).netloc) in self.hosts


def same_token(session: Session, given: str) -> bool:
    """Whether a form's token is its session's."""
    return hmac.compare_digest(session.csrf.encode(), given.encode("utf-8", "surrogatepass"))


def _hosts(settings: Settings) -> frozenset[str]:
    named = {settings.web_host.lower().strip("[]")} - _ANY
    if settings.web_url:
        named.add((urlsplit(settings.web_url).hostname or "").lower())
    return _LOCAL | (named - {""})


def _host_name(host: str) -> str | None:
    """The name in `name:port`; None where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.username is not None or parts.path or parts.query or parts.fragment or not parts.hostname:
        return None
    return parts.hostname.lower().rstrip(".")
