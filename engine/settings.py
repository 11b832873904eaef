"""Settings, from the environment or `.env`: each is FOLLOWTHROUGH_ and its name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine import paths
from engine.errors import SettingsError

_ADDRESS = re.compile(r"[^\s<>@,;:\"]+@[A-Za-z0-9.-]+")


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
    """`apply` asks when more letters than this would leave within a day."""

    @field_validator("mail_domain")
    @classmethod
    def _domain(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", value):
            raise ValueError("is not a domain, such as mail.example.org")
        return value

    @field_validator("sender")
    @classmethod
    def _sender(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError("is not an address, such as followthrough@example.org")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("begins with sqlite:/// or postgresql://")
        return value

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.home / 'followthrough.db'}"

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
    given = {name: value for name, value in given.items() if name in Settings.model_fields and value != ""}
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        faults = [f"{prefix}{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
        raise SettingsError("; ".join(faults)) from None
    return Configuration(settings, merged)
