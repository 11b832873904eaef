"""Who may see the pages: a one-time link opens a session, and nothing but this machine's own names is answered.

The link is good once, for a quarter of an hour, and until the next start of the pages; the session is a signed cookie.
Whoever may read the kept secret can make a link (`followthrough link`), which names the person. What changes something
is a POST with a token of its session, from a page of ours.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeSerializer

from engine.app.feeds.addresses import base_url
from engine.clock import Clock, SystemClock
from engine.errors import Refused
from engine.settings import Settings

SESSION = timedelta(days=30)
LINK = timedelta(minutes=15)
_SECRET = "pages.secret"
_LONGEST_NAME = 64
_SLACK = timedelta(seconds=5)
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_ANY = frozenset({"0.0.0.0", "::", ""})


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that came by a link; `csrf` is what its forms carry, `who` the person that the link was made for."""

    name: str
    csrf: str
    who: str

    @property
    def actor(self) -> str:
        """Whom the journal names for what is decided on a page: `anna (page)`."""
        return f"{self.who} (page)" if self.who else "the page"


class _Signed(NamedTuple):
    """What a link or a cookie says."""

    name: str
    at: datetime
    who: str
    life: timedelta


class Access:
    """Makes and checks links, sessions and form tokens. `hosts` are the names under which the pages may be asked for.

    `life` is that of its links: a simulated year's, whose secret ends with it, are good as long as it is shown.
    """

    def __init__(self, secret: str, settings: Settings, clock: Clock | None = None, *, life: timedelta = LINK) -> None:
        if len(secret) < 16:
            raise ValueError("the secret of the pages has at least 16 characters")
        # Real time, also under a simulation's clock: links and sessions are about people at this machine.
        self._clock = clock or SystemClock()
        self._started = self._clock.now()
        self._secret = secret
        self._life = life
        self._links = URLSafeSerializer(secret, salt="link")
        self._sessions = URLSafeSerializer(secret, salt="session")
        self._used: set[str] = set()
        self._lock = threading.Lock()
        # One browser may have the pages of two installations open, and cookies know no ports.
        self.cookie = f"followthrough-{hashlib.sha256(secret.encode()).hexdigest()[:8]}"
        self.secure = settings.web_url.startswith("https://")
        self.hosts = _hosts(settings)

    def link_token(self, who: str = "") -> str:
        """What a one-time link for a person ends with."""
        return self._signed(self._links, who, self._life)

    def redeem(self, token: str) -> str | None:
        """The cookie of a new session for a link that is good; None for one that was used, is old, or is none."""
        found = self._read(self._links, token)
        if found is None or not self._started - _SLACK <= found.at <= self._clock.now() <= found.at + found.life:
            return None
        with self._lock:
            if found.name in self._used:
                return None
            self._used.add(found.name)
        return self._signed(self._sessions, found.who, SESSION)

    def session(self, cookie: str | None) -> Session | None:
        """The session of a cookie, if it is one of ours and not too old."""
        found = self._read(self._sessions, cookie) if cookie else None
        if found is None or found.at + found.life < self._clock.now():
            return None
        mark = hmac.new(self._secret.encode(), f"csrf:{found.name}".encode(), hashlib.sha256)
        return Session(found.name, mark.hexdigest(), found.who)

    def _signed(self, serializer: URLSafeSerializer, who: str, life: timedelta) -> str:
        name, now = secrets.token_urlsafe(12), self._clock.now().timestamp()
        return str(serializer.dumps([name, now, who[:_LONGEST_NAME], life.total_seconds()]))

    def _read(self, serializer: URLSafeSerializer, text: str) -> _Signed | None:
        try:
            name, at, who, life = serializer.loads(text)
            made = datetime.fromtimestamp(float(at), self._clock.now().tzinfo)
            return _Signed(str(name), made, str(who), timedelta(seconds=float(life)))
        except (BadSignature, ValueError, TypeError, OverflowError):
            return None

    def known_host(self, host: str | None) -> bool:
        """Whether a Host header names us: another name may be a stranger's page that was pointed at this machine."""
        return host is not None and _host_name(host) in self.hosts

    @staticmethod
    def own_name(host: str | None) -> bool:
        """Whether a Host header names this machine as only it does: a web server before the pages has another name."""
        return host is not None and _host_name(host) in _LOCAL

    def own_origin(self, headers: Mapping[str, str]) -> bool:
        """Whether a POST comes from a page of ours, as far as the browser says; the form's token is the proof."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if site not in (None, "same-origin", "none"):
            return False
        return origin is None or _host_name(urlsplit(origin).netloc) in self.hosts


def kept_secret(home: Path) -> str:
    """The secret of an installation's pages, made at the first start: sessions outlive a restart."""
    path = home / _SECRET
    home.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
        except BaseException:
            path.unlink()  # half a secret (the disk is full) would stop every later start
            raise
    secret = path.read_text("ascii", errors="replace").strip()
    if len(secret) < 32:
        raise Refused(f"{path} holds no secret: remove it, and it is made anew")
    return secret


def new_link(settings: Settings, who: str) -> str:
    """A one-time link to an installation's pages, whether they run in this process or not. Raises Refused."""
    base = base_url(settings)
    return f"{base}/enter/{Access(kept_secret(settings.home), settings).link_token(who)}"


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
