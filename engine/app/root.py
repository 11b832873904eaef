"""The composition root: settings, clock, store, standings, channel, put together once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from engine.app.catalog import Catalog
from engine.channels import Channel
from engine.channels.mailbox import MailboxChannel, Maildir
from engine.clock import Clock, SystemClock
from engine.dispatcher import Dispatcher, Standings
from engine.settings import Configuration, Settings
from engine.store import Store


class App:
    """One installation. Nothing is opened before it is needed; `close` closes what was."""

    def __init__(self, configuration: Configuration, clock: Clock | None = None, *, durable: bool = True) -> None:
        self.configuration = configuration
        self.settings: Settings = configuration.settings
        self.environment: Mapping[str, str] = configuration.environment
        self.clock: Clock = clock or SystemClock()
        self.durable = durable
        self.catalog = Catalog(self.environment)
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The database, made or migrated where that is needed."""
        if self._store is None:
            if self.settings.database.startswith("sqlite:///"):
                self.settings.home.mkdir(parents=True, exist_ok=True)
            self._store = Store.open(self.settings.database, durable=self.durable)
        return self._store

    @property
    def has_store(self) -> bool:
        """Whether there is a database already: looking at a plan makes none."""
        url = self.settings.database
        if not url.startswith("sqlite:///"):
            return True
        path = url.removeprefix("sqlite:///")
        return self._store is not None or self.catalog.is_file(path)

    @cached_property
    def standings(self) -> Standings:
        """The applied workflows."""
        return Standings(self.store, self.settings.mail_domain)

    def dispatcher(self, worker: str) -> Dispatcher:
        """What sends, by the channel that is set."""
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
