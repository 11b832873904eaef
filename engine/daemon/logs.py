"""Logs: a line for people on a terminal, JSON elsewhere. No secrets, no texts of letters: keys say which letter."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

from engine.clock import Clock
from engine.settings import Settings

Log = structlog.typing.FilteringBoundLogger


class _Stderr:
    """stderr, where it takes what is written. A log on a full disk, or that nobody reads any more, stops no letter."""

    def write(self, text: str) -> None:
        """Write, or not."""
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush, or not."""
        with suppress(OSError):
            sys.stderr.flush()


def logs_json(settings: Settings) -> bool:
    """Whether the log is JSON, for programs."""
    return settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())


def open_log(settings: Settings, clock: Clock) -> Log:
    """The log on stderr, in the form that settings ask for."""

    def stamp(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["at"] = clock.now().isoformat(timespec="seconds")
        return event

    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if logs_json(settings) else _line
    structlog.configure(
        processors=[structlog.processors.add_log_level, stamp, renderer],
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())),
        cache_logger_on_first_use=False,
    )
    log: Log = structlog.get_logger()
    return log


def _line(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> str:
    """`2018-03-29T07:00:00+00:00 info  sent: 12 letters (…)`."""
    at, level, what = event.pop("at"), event.pop("level"), event.pop("event")
    rest = "  ".join(f"{name}={value}" for name, value in event.items())
    return f"{at}  {level:<7}  {what}" + (f"  {rest}" if rest else "")
