"""The channel to a mail server: several mails in flight over connections that are kept (RFC 5321, by aiosmtplib)."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Sequence

from engine.channels import ChannelDown, Delivery, NotTried, OutgoingMail, TransportError, always
from engine.channels.smtp_connection import Connection, Lost
from engine.settings import Settings

_UNTRIED = ChannelDown("It was not tried.")


class SmtpChannel:
    """Hands mails to the server that the settings name.

    Not to be called where an event loop runs already: the daemon calls it in a thread of its own.
    """

    name = "smtp"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runner: asyncio.Runner | None = None
        self._connections: list[Connection] = []

    def deliver_all(
        self, mails: Sequence[OutgoingMail], may_leave: Callable[[], bool] = always
    ) -> list[Delivery | TransportError]:
        """Hand over mails, as many at once as there are connections; what became of each, in their order."""
        if not mails:
            return []
        try:
            runner = self._open()
        except ChannelDown as fault:
            return [fault for _ in mails]
        return runner.run(_Batch(mails, may_leave).deliver(self._connections))

    def close(self) -> None:
        """Take leave of the server and end the event loop; a later `deliver_all` opens both again."""
        if self._runner is None:
            return
        try:
            self._runner.run(_quit(self._connections))
        finally:
            self._runner.close()
            self._runner, self._connections = None, []

    def _open(self) -> asyncio.Runner:
        if self._runner is None:
            # Reading the system's certificates takes longer than a letter.
            tls = trusting(self._settings) if self._settings.smtp_security != "none" else None
            # With a factory of its own the runner leaves alone what the thread knows as its event loop.
            self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
            self._connections = [Connection(self._settings, tls) for _ in range(self._settings.smtp_connections)]
        return self._runner


def trusting(settings: Settings) -> ssl.SSLContext:
    """Trust in the system's certificates and those of `smtp_ca_file`. Raises ChannelDown for a file that is none."""
    context = ssl.create_default_context()
    if settings.smtp_ca_file is not None:
        try:
            context.load_verify_locations(cafile=settings.smtp_ca_file)
        except OSError as error:
            raise ChannelDown(
                f"FOLLOWTHROUGH_SMTP_CA_FILE: {settings.smtp_ca_file} holds no certificates that can be read "
                f"({error.strerror or error}).",
                misconfigured=True,
            ) from error
    return context


class _Batch:
    """Mails on their way, and what became of each."""

    def __init__(self, mails: Sequence[OutgoingMail], may_leave: Callable[[], bool]) -> None:
        self._may_leave = may_leave
        self._todo = deque(enumerate(mails))
        self._outcomes: list[Delivery | TransportError] = [_UNTRIED] * len(mails)

    async def deliver(self, connections: list[Connection]) -> list[Delivery | TransportError]:
        """Let the connections work until all is done or none of them is left."""
        await asyncio.sleep(0)  # so that connections which the server closed meanwhile say so
        lead, *others = sorted(connections, key=lambda connection: not connection.is_open)
        try:
            # One attempt tells whether the server is there: not one for each connection, let alone for each mail.
            await lead.ready()
        except ChannelDown as fault:
            return self._abandoned(fault)
        hands: list[Connection] = [lead, *others][: len(self._todo)]
        last: ChannelDown | NotTried = _UNTRIED
        while self._todo and hands:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._work(hand)) for hand in hands]
            faults = [task.result() for task in tasks]
            last = next((fault for fault in faults if fault is not None), last)
            # Some may have finished before another gave a mail back.
            hands = [hand for hand, fault in zip(hands, faults, strict=True) if fault is None]
        return self._abandoned(last)

    async def _work(self, connection: Connection) -> ChannelDown | NotTried | None:
        """Take mail after mail; None when there is none left, else why this connection is of no more use."""
        while self._todo:
            if not self._may_leave():
                return NotTried()
            try:
                await connection.ready()
            except ChannelDown as fault:
                return fault
            if not self._todo:
                break
            number, mail = self._todo.popleft()
            proven = connection.proven
            try:
                self._outcomes[number] = await connection.send(mail)
            except ChannelDown as fault:
                self._outcomes[number] = fault
                return fault
            except TransportError as error:
                if isinstance(error, Lost) and proven:
                    # An old connection that the server closed is no failure of the mail.
                    self._todo.appendleft((number, mail))
                    continue
                self._outcomes[number] = error
                if (isinstance(error, Lost) or error.unknown) and not proven:
                    # Lost as soon as it was opened: the next one would be too, after another wait.
                    return ChannelDown(str(error))
        return None

    def _abandoned(self, fault: ChannelDown | NotTried) -> list[Delivery | TransportError]:
        """The outcomes, with the fault for what was not tried."""
        for number, _ in self._todo:
            self._outcomes[number] = fault
        self._todo.clear()
        return self._outcomes


async def _quit(connections: list[Connection]) -> None:
    await asyncio.sleep(0)
    await asyncio.gather(*(connection.quit() for connection in connections))
