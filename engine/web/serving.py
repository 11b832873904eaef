"""The pages served from a thread of their own, beside the daemon's loop or a simulated year."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType

import uvicorn

from engine.app.feeds.addresses import base_url
from engine.app.root import App
from engine.clock import Clock
from engine.errors import FollowthroughError, Refused
from engine.settings import Configuration
from engine.web.access import LINK, kept_secret
from engine.web.health import Health
from engine.web.pages import create_app, link_to, site_of, warm
from engine.web.site import Live

_START, _STOP = 15.0, 5.0
_AGAIN = 5.0
"""Seconds after which an address that was taken is tried again."""


class _Server(uvicorn.Server):
    """uvicorn's server, which does not look around ten times a second: of an idle night that is most of the cost."""

    _loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Wait until it is to leave. The Date header, which would need a look each second, comes with each answer."""
        self._asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if not await self.on_tick(0):
            await self._asked.wait()

    def leave(self) -> None:
        """Answer what is being asked, and end; from any thread."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._asked.set)


class CannotListen(Refused):
    """The pages cannot be served at their address."""


class Pages:
    """Serves an installation's pages while it is entered. `base` is their address, `link` a one-time link to them.

    `actor` is the person whom its links name. `port` None: the one in the settings; `any_port`: a free one where that is
    taken. Raises CannotListen.
    """

    def __init__(
        self,
        app: App,
        *,
        secret: str = "",
        live: Live | None = None,
        health: Health | None = None,
        actor: str = "",
        port: int | None = None,
        any_port: bool = False,
    ) -> None:
        self._settings = app.settings
        self._actor = actor
        self._socket = _listen(app.settings.web_host, app.settings.web_port if port is None else port, any_port)
        self.port = int(self._socket.getsockname()[1])
        try:
            # Without a secret that is kept, the links are good as long as they can be: no command makes new ones.
            life = LINK if secret else timedelta(days=366)
            secret = secret or secrets.token_hex(32)
            self.pages = create_app(app, secret=secret, live=live, health=health, forecasts=True, life=life)
        except BaseException:
            self._socket.close()
            raise
        config = uvicorn.Config(
            self.pages, log_config=None, access_log=False, proxy_headers=False, server_header=False, date_header=False,
            timeout_graceful_shutdown=1, lifespan="on",
        )  # fmt: skip
        self._server = _Server(config)
        # A daemon thread: whatever happens, it keeps no process alive.
        self._thread = threading.Thread(target=self._run, name="pages", daemon=True)
        self._warming = threading.Thread(target=warm, args=(site_of(self.pages),), name="warm", daemon=True)

    @property
    def base(self) -> str:
        """The address on this machine."""
        return base_url(self._settings.model_copy(update={"web_url": ""}), self.port)

    @property
    def address(self) -> str:
        """The address by which others reach them."""
        return self._settings.web_url or self.base

    @property
    def link(self) -> str:
        """A new one-time link."""
        return link_to(self.pages, self.address, self._actor)

    @property
    def local_link(self) -> str:
        """The same, to this machine by its own address."""
        return link_to(self.pages, self.base, self._actor)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()
        until = time.monotonic() + _START
        while not self._server.started and self._thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        if not self._server.started:
            raise Refused(f"the pages do not start at {self.base}")
        # Who opens the first page does not wait for what can be made ready before.
        self._warming.start()

    def stop(self) -> None:
        """Answer no more; what is being answered is finished."""
        site_of(self.pages).closing.set()
        self._server.leave()
        for thread in (self._thread, self._warming):
            if thread.is_alive():
                thread.join(_STOP)
        self._socket.close()

    def _run(self) -> None:
        with contextlib.suppress(SystemExit):  # uvicorn's way to say that it did not start
            self._server.run(sockets=[self._socket])

    def __enter__(self) -> Pages:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@contextmanager
def serve(
    configuration: Configuration, *, health: Health, clock: Clock | None = None, actor: str = ""
) -> Iterator[Pages]:
    """An installation's pages beside its daemon, at the address in the settings; they follow what is recorded."""
    with App(configuration, clock) as app:
        _ = app.store  # opened here: what `live` asks is asked from several threads
        secret = kept_secret(app.settings.home)
        with Pages(app, secret=secret, live=lambda: app.store.data_version(), health=health, actor=actor) as pages:
            yield pages


class PatientPages(contextlib.AbstractContextManager["PatientPages"]):
    """The pages beside the daemon, from when their address is free: letters do not wait for it. `told` hears what is so."""

    def __init__(
        self, configuration: Configuration, health: Health, clock: Clock, told: Callable[[Pages | CannotListen], None],
        actor: str,
    ) -> None:  # fmt: skip
        self._configuration, self._health, self._clock, self._actor = configuration, health, clock, actor
        self._told = told
        self._stack = contextlib.ExitStack()
        self._closing = threading.Event()
        self._again = threading.Thread(target=self._try_again, name="pages again", daemon=True)

    def _try(self) -> None:
        served = serve(self._configuration, health=self._health, clock=self._clock, actor=self._actor)
        self._told(self._stack.enter_context(served))

    def _try_again(self) -> None:
        while not self._closing.wait(_AGAIN):
            with contextlib.suppress(FollowthroughError, OSError):
                self._try()
                break

    def __enter__(self) -> PatientPages:
        try:
            self._try()
        except CannotListen as error:
            self._told(error)
            self._again.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        if self._again.is_alive():
            self._again.join()
        self._stack.close()


def _listen(host: str, port: int, any_port: bool) -> socket.socket:
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        if any_port and port:
            return _listen(host, 0, False)
        raise CannotListen(
            f"the pages cannot be served at {host}, port {port}: {error.strerror or error}."
            " FOLLOWTHROUGH_WEB_HOST and FOLLOWTHROUGH_WEB_PORT name another place"
        ) from None
