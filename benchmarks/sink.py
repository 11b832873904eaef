"""A mail server that takes everything and keeps nothing: `python -m benchmarks.sink` prints its port, and how many it had."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Counts."""

    def __init__(self) -> None:
        self.count = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        self.count += 1
        return "250 OK"


async def serve() -> int:
    """Listen until standard input ends."""
    sink, loop = Sink(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="sink.example", loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    return sink.count


@contextmanager
def sink() -> Iterator[tuple[int, list[int]]]:
    """A sink in a process of its own: its port, and, once the context ends, how many mails it had."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    had: list[int] = []
    try:
        yield int(process.stdout.readline()), had
    finally:
        out, _ = process.communicate("")
        had.append(int(out))


if __name__ == "__main__":
    print(asyncio.run(serve()))
