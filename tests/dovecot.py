"""A real Dovecot for the tests: with TLS, on free ports of this machine, in a folder of its own."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path
from types import TracebackType

from tests.processes import eventually
from tests.smtp_server import certificate

USER, PASSWORD = "followup@plan.example.org", "correct-horse-battery"
_CONFIG = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = yes
ssl_cert = <{pem}
ssl_key = <{pem}
disable_plaintext_auth = {secure_only}
mail_location = maildir:{folder}/mail/Maildir
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
auth_failure_delay = 0
{more}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
"""


def is_there() -> bool:
    """Whether Dovecot is installed."""
    return _program() is not None


def _program() -> str | None:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Dovecot:
    """One mailbox, INBOX, that can be delivered to, looked at, stopped, and made to number its messages anew.

    `idle` False has the server not offer IDLE.
    """

    def __init__(self, *, idle: bool = True) -> None:
        # Not below pytest's folder, which is closed to the user as whom it reads mail where the tests run as root.
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.folder.chmod(0o755)
        self.pem = certificate(self.folder)
        self.imap, self.imaps = _free_ports(2)
        self._process: subprocess.Popen[bytes] | None = None
        (self.folder / "mail").mkdir()
        self._configure(idle)

    def _configure(self, idle: bool) -> None:
        root = os.getuid() == 0
        me = getpass.getuser()
        reader = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.getuid())
        if root:
            os.chown(self.folder / "mail", reader.pw_uid, reader.pw_gid)
        self.config = self.folder / "dovecot.conf"
        self.config.write_text(
            _CONFIG.format(
                folder=self.folder, pem=self.pem, secure_only="yes", imap=self.imap, imaps=self.imaps, password=PASSWORD,
                uid=reader.pw_uid, gid=reader.pw_gid, internal="dovecot" if root else me, login="dovenull" if root else me,
                internal_group="dovecot" if root else grp.getgrgid(os.getgid()).gr_name,
                more="" if idle else "imap_capability = IMAP4rev1 LITERAL+ UIDPLUS",
            )
        )  # fmt: skip

    def __enter__(self) -> Dovecot:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> Dovecot:
        """Listen; the mailbox is as it was."""
        program = _program()
        assert program is not None
        self._process = subprocess.Popen(
            [program, "-F", "-c", str(self.config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        eventually(self._listens, "Dovecot listens")
        return self

    def stop(self) -> None:
        """Be gone, with every connection."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
            self._process = None

    def number_anew(self) -> None:
        """Forget all numbers of messages while it is stopped: the next UIDVALIDITY is another one."""
        before = self.uidvalidity()
        self.stop()
        for path in (self.folder / "mail" / "Maildir").glob("dovecot*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
        threading.Event().wait(1.1)  # it is made of the second at which the mailbox is first looked at
        self.start()
        assert self.uidvalidity() != before

    def deliver(self, message: bytes) -> None:
        """A message comes."""
        with self.client() as client:
            status, said = client.append("INBOX", "", "", message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            assert status == "OK", said

    def flags(self) -> list[str]:
        """The flags of each message."""
        with self.client() as client:
            client.select("INBOX", readonly=True)
            return [str(part) for part in client.fetch("1:*", "(FLAGS)")[1]]

    def uidvalidity(self) -> str:
        """What the numbers of messages belong to."""
        with self.client() as client:
            client.select("INBOX", readonly=True)
            return str(client.response("UIDVALIDITY")[1][0])

    def client(self) -> imaplib.IMAP4_SSL:
        """Somebody else who is logged in."""
        client = imaplib.IMAP4_SSL("localhost", self.imaps, ssl_context=self._trust(), timeout=20)
        client.login(USER, PASSWORD)
        return client

    def settings(self, scheme: str = "imaps", password: str = PASSWORD) -> dict[str, str]:
        """Settings that reach it."""
        port = self.imaps if scheme == "imaps" else self.imap
        return {
            "FOLLOWTHROUGH_INBOX": f"{scheme}://{USER.replace('@', '%40')}@localhost:{port}/INBOX",
            "FOLLOWTHROUGH_INBOX_PASSWORD": password,
            "FOLLOWTHROUGH_INBOX_CA_FILE": str(self.pem),
        }

    def log(self) -> str:
        """What it says of itself."""
        path = self.folder / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.pem))

    def _listens(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"Dovecot ended: {self.log()}"
        try:
            with self.client():
                return True
        except (OSError, imaplib.IMAP4.error):
            return False


def _free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports
