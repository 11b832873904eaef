"""Settings, from the environment or `.env`: each is FOLLOWTHROUGH_ and its name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine import paths
from engine.errors import SettingsError
from engine.inbox_place import THIS_MACHINE, InboxPlace, inbox_place

_ADDRESS = re.compile(r"[^\s<>@,;:\"]+@[A-Za-z0-9.-]+")

_REPLY = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
LONGEST_REPLY_LOCAL = 30
"""Characters before the @ of `reply_address`: with a letter's token it must stay below 64 (RFC 5321, 4.5.3.1.1)."""


class Settings(BaseSettings):
    """What an installation sets. A value that is wrong is refused by name when the program starts."""

    model_config = SettingsConfigDict(env_prefix="FOLLOWTHROUGH_", extra="ignore", frozen=True)

    home: Path = Field(default_factory=paths.default_home)
    """Where state lives: database, mailbox, feeds."""
    database_url: str = ""
    """`sqlite:///…` or `postgresql://…`; empty: a SQLite file below `home`."""
    mail_domain: str = "followthrough.example"
    """The right side of Message-IDs and calendar UIDs: a domain that is yours."""
    sender: str = "followthrough@example.org"
    """Who prompts to owners come from. Letters to parties come from the step's owner."""
    daily_limit: int = Field(default=25, ge=0)
    """Where more letters would leave within a day, or reach more people, `apply` asks and HUP refuses."""
    weekly_cap: int = Field(default=3, ge=0)
    """How many mails one person at a party gets within seven days, of all plans together; 0: no limit."""
    channel: Literal["mailbox", "smtp"] = "mailbox"
    """How letters leave: into the built-in mailbox, or by `smtp` (after `followthrough go-live`)."""
    smtp_host: str = "localhost"
    """The mail server that takes the letters."""
    smtp_port: int = Field(default=0, ge=0, le=65535)
    """Its port; 0: 587 with `starttls`, 465 with `tls`, 25 with `none`."""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """`starttls`, `tls` (from the first byte), or `none` (for a server on this machine only)."""
    smtp_username: str = ""
    """The login, if the server asks for one."""
    smtp_password: SecretStr = SecretStr("")
    """Its password. It is shown nowhere."""
    smtp_ca_file: Path | None = None
    """Certificates to trust beside the system's, as a PEM file."""
    smtp_timeout: float = Field(default=30.0, gt=0, le=600)
    """Seconds to wait for the server's answer."""
    smtp_connections: int = Field(default=4, ge=1, le=32)
    """How many letters are in flight at once."""
    reply_address: str = ""
    """Where answers to letters go, each letter to a subaddress of its own (`followup+…@plan.example.org`); empty: to the
    step's owner, whom nobody else hears."""
    inbox: str = ""
    """The mailbox in which they are read: `maildir:/path`, `imaps://user@host/INBOX` or `imap+starttls://…`."""
    inbox_password: SecretStr = SecretStr("")
    """Its password. It is shown nowhere."""
    inbox_ca_file: Path | None = None
    """Certificates to trust beside the system's when it is read, as a PEM file."""
    inbox_mark_read: bool = False
    """Whether what was taken in is marked as read there. Nothing is ever deleted."""
    web_host: str = "127.0.0.1"
    """The address that pages and feeds are served on; it stays on this machine unless you say otherwise."""
    web_port: int = Field(default=8017, ge=0, le=65535)
    """Their port; 0 takes a free one."""
    web_url: str = ""
    """How others reach them (`https://plan.example.org`), for the addresses of feeds; empty: host and port."""
    answer_links: bool = False
    """Whether letters have links by which their reader answers with one press of a button; they need `web_url` with https."""
    log_format: Literal["auto", "text", "json"] = "auto"
    """`text` for people, `json` for programs, `auto`: text on a terminal, JSON elsewhere."""

    @field_validator("mail_domain")
    @classmethod
    def _domain(cls, value: str) -> str:
        value = value.lower()
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", value):
            raise ValueError("is not a domain, such as mail.example.org")
        return value

    @field_validator("smtp_host")
    @classmethod
    def _host(cls, value: str) -> str:
        bare = value.removeprefix("[").removesuffix("]")
        with suppress(ValueError):
            return str(ip_address(bare))
        host, colon, port = value.partition(":")
        if colon and port.isdecimal():
            raise ValueError(f"has a port in it: say {host} here, and {port} as FOLLOWTHROUGH_SMTP_PORT")
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", value):
            raise ValueError("is not a host, such as mail.example.org")
        return value

    @field_validator("sender")
    @classmethod
    def _sender(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError("is not an address, such as followthrough@example.org")
        return value

    @field_validator("reply_address")
    @classmethod
    def _reply(cls, value: str) -> str:
        local, _, domain = value.rpartition("@")
        if value and not (_REPLY.fullmatch(local) and re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", domain)):
            raise ValueError(
                "is not an address that letters can have a subaddress of, such as followup@plan.example.org"
            )
        if len(local) > LONGEST_REPLY_LOCAL:
            raise ValueError(
                f"has more than {LONGEST_REPLY_LOCAL} characters before the @: a letter's token needs room"
            )
        return f"{local}@{domain.lower()}" if value else ""

    @field_validator("inbox")
    @classmethod
    def _inbox(cls, value: str) -> str:
        if value:
            inbox_place(value)
        return value

    @field_validator("web_url")
    @classmethod
    def _url(cls, value: str) -> str:
        value = value.rstrip("/")
        if value and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise ValueError("is not an address, such as https://plan.example.org")
        if "/" in value.partition("://")[2]:
            raise ValueError("has a path: the pages need a host of their own, such as https://plan.example.org")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("begins with sqlite:/// or postgresql://")
        return value

    @model_validator(mode="after")
    def _login(self) -> Self:
        if self.smtp_password.get_secret_value() and not self.smtp_username:
            raise ValueError("SMTP_PASSWORD: there is no SMTP_USERNAME that it belongs to")
        if self.smtp_username and self.smtp_security == "none" and self.smtp_host not in THIS_MACHINE:
            raise ValueError(
                f"SMTP_SECURITY: with “none” the password would cross the network to {self.smtp_host} for all to read:"
                " say starttls or tls"
            )
        return self

    @model_validator(mode="after")
    def _links(self) -> Self:
        if self.answer_links and not self.web_url.startswith("https://"):
            raise ValueError(
                "ANSWER_LINKS: the links of letters have to lead somewhere: set WEB_URL to an address that others reach,"
                " such as https://plan.example.org"
            )
        return self

    @property
    def inbox_place(self) -> InboxPlace | None:
        """Where answers are read; None where they are not."""
        return inbox_place(self.inbox) if self.inbox else None

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.home / 'followthrough.db'}"

    @property
    def mail_port(self) -> int:
        """The mail server's port."""
        return self.smtp_port or {"starttls": 587, "tls": 465, "none": 25}[self.smtp_security]

    @property
    def mailbox(self) -> Path:
        """The built-in mailbox, a Maildir."""
        return self.home / "mailbox"

    @property
    def feeds(self) -> Path:
        """The folder of the `.ics` files."""
        return self.home / "feeds"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings, and the environment that `${NAME}` in a plan is read from."""

    settings: Settings
    environment: Mapping[str, str]


def load(environment: Mapping[str, str] | None = None, env_file: Path | None = None) -> Configuration:
    """Read `.env` (of the checkout, else of the working directory) and the environment, which wins.

    Raises SettingsError naming each setting that is wrong.
    """
    env_file = env_file or (paths.checkout() or Path.cwd()) / ".env"
    written = {name: value for name, value in dotenv_values(env_file).items() if value is not None}
    merged = {**written, **(os.environ if environment is None else environment)}
    prefix = "FOLLOWTHROUGH_"
    given = {name.removeprefix(prefix).lower(): value for name, value in merged.items() if name.startswith(prefix)}
    faults = [_unknown(prefix, name) for name in given if name not in Settings.model_fields and name != "debug"]
    given = {name: value for name, value in given.items() if name in Settings.model_fields and value != ""}
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        faults += [_words(prefix, fault["loc"], fault["msg"]) for fault in error.errors()]
    if faults:
        raise SettingsError("; ".join(faults))
    return Configuration(settings, merged)


def _unknown(prefix: str, name: str) -> str:
    """A setting that there is not: a slip of the finger in one would otherwise go unnoticed for months."""
    from difflib import get_close_matches  # loaded where something is wrong, and else by nobody

    near = get_close_matches(name, Settings.model_fields, 1)
    hint = f"; did you mean {prefix}{near[0].upper()}?" if near else ""
    return f"{prefix}{name.upper()}: there is no such setting{hint}"


def _words(prefix: str, place: Sequence[int | str], message: str) -> str:
    words = message.removeprefix("Value error, ")
    return f"{prefix}{str(place[0]).upper()}: {words}" if place else f"{prefix}{words}"
