"""A mail server that takes everything and keeps nothing: `python -m benchmarks.sink` prints its port, and how many it had.

It answers as fast as a server can, so that what is measured is who sends.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_END = b"\r\n.\r\n"
_ANSWERS = {
    b"EHLO": b"250-sink.example\r\n250-8BITMIME\r\n250 SIZE 33554432\r\n",
    b"HELO": b"250 sink.example\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Sink(asyncio.Protocol):
    """One connection (RFC 5321, as far as a client that makes no mistakes needs it)."""

    count = 0

    def __init__(self) -> None:
        self._had = b""
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._had += data
        while True:
            head, end, rest = self._had.partition(_END if self._in_data else b"\r\n")
            if not end:
                return
            self._had = rest
            if self._in_data:
                self._in_data, answer = False, b"250 taken\r\n"
                Sink.count += 1
            else:
                word = head[:4].upper()
                self._in_data, answer = word == b"DATA", _ANSWERS.get(word, b"250 fine\r\n")
            self._transport.write(answer)


async def serve() -> int:
    """Listen until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    return Sink.count


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
