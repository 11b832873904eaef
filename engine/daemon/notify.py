"""Tells systemd that the daemon is ready, alive, or stopping (sd_notify(3)); silent where nobody asked."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


class Notifier:
    """Sends states to the socket that systemd named. A lost message stops nothing."""

    def __init__(self, address: str | None = None, watchdog_microseconds: str | None = None) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        asked = os.environ.get("WATCHDOG_USEC", "") if watchdog_microseconds is None else watchdog_microseconds
        self.watchdog = int(asked) / 1_000_000 if asked.isdigit() else None
        """Seconds within which systemd wants a sign of life."""

    def ready(self, status: str) -> None:
        """Started, and doing its work."""
        self._send(f"READY=1\nSTATUS={status}")

    def alive(self) -> None:
        """Still doing it."""
        self._send("WATCHDOG=1")

    def reloading(self, microseconds: int) -> None:
        """Reading the plans again; `microseconds` of the monotonic clock."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={microseconds}")

    def stopping(self) -> None:
        """Finishing what is in hand."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        # A leading @ names an abstract socket.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.sendto(message.encode(), address)
