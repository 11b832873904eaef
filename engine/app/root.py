"""The composition root: settings, clock, store, standings, channel, put together once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engine.app.catalog import Catalog
from engine.channels import Channel
from engine.channels.mailbox import MailboxChannel, Maildir
from engine.clock import Clock, ManualClock, SystemClock
from engine.dispatcher.standing import Standings
from engine.rendering.links import LetterLinks
from engine.settings import Configuration, Settings

if TYPE_CHECKING:
    from engine.dispatcher.tick import Dispatcher
    from engine.store import Store

APPLIED_FROM = "source/"
"""Before a plan's name: under which name the store keeps the WORKFLOW that its files were last applied from."""
PLAYED_UNTIL = "played-until"
"""In the home of a simulation: a file with the instant that its year has come to."""
LINKS_SECRET = "links:secret"
"""Under which name the store keeps what signs the links of letters."""


class App:
    """One installation. Nothing is opened before it is needed; `close` closes what was."""

    def __init__(self, configuration: Configuration, clock: Clock | None = None, *, durable: bool = True) -> None:
        self.configuration = configuration
        self.settings: Settings = configuration.settings
        self.environment: Mapping[str, str] = configuration.environment
        self.stands_at: datetime | None = None
        """Of a simulated year that has come further than today: the instant where its clock stands."""
        self.clock: Clock = clock or self._clock()
        self.durable = durable
        self.catalog = Catalog(self.environment, applied_from=self._applied_from)
        self.links_url = self.settings.web_url if self.settings.answer_links else ""
        """Where the links of letters lead; empty: letters have none."""
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The database, made or migrated where that is needed."""
        if self._store is None:
            # Here, as the channel below: what looks at files alone starts without SQLAlchemy.
            from engine.store import Store

            if self.settings.database.startswith("sqlite:///"):
                self.settings.home.mkdir(parents=True, exist_ok=True)
            self._store = Store.open(self.settings.database, durable=self.durable)
        return self._store

    def _clock(self) -> Clock:
        """The real clock; in a simulated year that has come further than today, one that stands where it ended."""
        real, played = SystemClock(), self.settings.home / PLAYED_UNTIL
        if played.is_file():
            until = datetime.fromisoformat(played.read_text("utf-8"))
            if until > real.now():
                self.stands_at = until
                return ManualClock(until)
        return real

    def _applied_from(self, name: str) -> str | None:
        if not self.has_store:
            return None
        with self.store.read() as tx:
            return tx.meta_get(f"{APPLIED_FROM}{name}")

    @property
    def has_store(self) -> bool:
        """Whether there is a database already: looking at a plan makes none."""
        url = self.settings.database
        if not url.startswith("sqlite:///"):
            return True
        return self._store is not None or Path(url.removeprefix("sqlite:///")).is_file()

    @cached_property
    def standings(self) -> Standings:
        """The applied workflows."""
        return Standings(self.store, self.settings.mail_domain, self.letter_links)

    @cached_property
    def letter_links(self) -> LetterLinks | None:
        """What signs the links of letters, by a secret that the store keeps; None where letters have none."""
        if not self.links_url:
            return None
        with self.store.read() as tx:
            secret = tx.meta_get(LINKS_SECRET)
        if secret is None:
            with self.store.write() as tx:
                secret = tx.secret(LINKS_SECRET).hex()
        return LetterLinks(self.links_url, secret)

    def sign_links(self, url: str, secret: str) -> None:
        """Give letters links to an address whatever the settings say, signed by this secret unless the store keeps one."""
        self.links_url = url
        with self.store.write() as tx:
            tx.keep_secret(LINKS_SECRET, secret)

    def dispatcher(self, worker: str) -> Dispatcher:
        """What sends, by the channel that is set."""
        from engine.dispatcher.tick import Dispatcher

        return Dispatcher(self.store, self.standings, self.channel, self.settings, worker=worker)

    @cached_property
    def channel(self) -> Channel:
        """How letters leave: into the built-in mailbox unless the settings say otherwise (G5)."""
        if self.settings.channel == "smtp":
            # Here, since asyncio and TLS cost every command of an installation without SMTP some of its start.
            from engine.channels.smtp import SmtpChannel

            return SmtpChannel(self.settings)
        return MailboxChannel(Maildir(self.settings.mailbox, durable=self.durable))

    def close(self) -> None:
        """Close the channel and the database, if they were opened."""
        if "channel" in self.__dict__:
            self.channel.close()
        if self._store is not None:
            self._store.close()
            self._store = None

    def __enter__(self) -> App:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
