"""A real installation in a folder of its own, under a clock that the test moves: SQLite, Maildir, the use cases."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType

from engine.app.catalog import Catalog
from engine.app.facts.recording import RecordResult, RetractResult, record, retract
from engine.app.letters.approvals import Approved, approve, waiting_for_approval
from engine.app.plans.apply import Applied, apply
from engine.app.root import App
from engine.clock import ManualClock
from engine.definition.dates import parse_moment
from engine.definition.facts import Subject
from engine.dispatcher.ticked import Ticked
from engine.letter import Recorded
from engine.settings import Configuration, Settings
from engine.store import ANY
from tests.support import WORKFLOWS as CHECKOUT
from tests.support import ZURICH

NOTE = "ccm-nim-2018"


class Installation:
    """The note's plan (copied, so that a test may edit it) with everything real but the time.

    `settings`, if given, are those of a mail server; the home is the folder's in any case.
    """

    def __init__(self, folder: Path, at: str = "2017-09-04", settings: Settings | None = None) -> None:
        self.workflows = folder / "workflows"
        shutil.copytree(CHECKOUT, self.workflows)
        self.clock = ManualClock(parse_moment(at, ZURICH))
        settings = (settings or Settings()).model_copy(update={"home": folder / "home"})
        self.app = App(Configuration(settings, {}), self.clock, durable=False)
        self.app.catalog = Catalog({}, workflows=self.workflows)
        self.worker = self.app.dispatcher("test")

    @classmethod
    def copy(cls, lived: Path, folder: Path, at: str, settings: Settings | None = None) -> Installation:
        """What was lived in one folder, once more in another: a module's tests begin where its fixture has come to."""
        shutil.copytree(lived / "home", folder / "home")
        return cls(folder, at, settings)

    def __enter__(self) -> Installation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.app.close()

    def at(self, text: str) -> Installation:
        """Move the clock (a bare day: its start in Zurich)."""
        self.clock.move_to(parse_moment(text, ZURICH))
        return self

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the plan, which must have `old` in it."""
        path = self.workflows / name
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), "utf-8")

    def apply(self, workflow: str = NOTE) -> Applied:
        """Apply the plan's files."""
        return apply(self.app, workflow, "tester", yes=True)

    def record(
        self, name: str, value: str, *parties: str, step: str | None = None, anchor: str | None = None,
        contact: str | None = None, cycle: str | None = None, details: Mapping[str, str] | None = None,
        on: str | None = None, workflow: str = NOTE, source: str = "test", note: str = "",
    ) -> RecordResult:  # fmt: skip
        """Record a fact now."""
        about = Subject(None, step, anchor, cycle, contact).of_each(parties)
        return record(
            self.app, workflow, name, value, about, details=details, on=on, source=source, note=note, author="tester"
        )

    def retract(self, name: str, *parties: str, step: str | None = None, workflow: str = NOTE) -> RetractResult:
        """Take a fact back now."""
        return retract(self.app, workflow, name, Subject(step=step).of_each(parties), author="tester")

    def workshop(self, *attended: str) -> None:
        """Go on to 16 October: the workshop was held on the 12th, and these took part."""
        self.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
        self.run_to("2017-10-16T12:00")
        self.record("held", "yes", step="ny_workshop", on="2017-10-12")
        if attended:
            self.record("attended", "yes", *attended, step="ny_workshop")

    def tick(self, at: str | None = None) -> Ticked:
        """Do what is due, at an instant."""
        if at is not None:
            self.at(at)
        return self.worker.tick(self.clock.now())

    def run_to(self, until: str, *, approving: bool = True) -> list[Recorded]:
        """Wake whenever there is something to do, up to an instant; everything is approved as soon as it is asked."""
        end, sent = parse_moment(until, ZURICH), list[Recorded]()
        while True:
            sent += self.tick().sent
            if approving and waiting_for_approval(self.app):
                self.approve_all()
                sent += self.tick().sent
            wake = self.worker.next_wake(self.clock.now())
            if wake is None or wake >= end:
                break
            self.clock.move_to(wake)
        self.clock.move_to(end)
        return sent

    def approve_all(self) -> Approved:
        """Approve whatever waits for it."""
        return approve(self.app, [row.key for row in waiting_for_approval(self.app)], "tester")

    def rows(self, *, step: str | None = None, party: str | None = None, workflow: str = NOTE) -> list[Recorded]:
        """The outbox."""
        with self.app.store.read() as tx:
            return tx.find_letters(workflow=workflow, step=step, party=party if party is not None else ANY)

    def row(self, key: str) -> Recorded:
        """One letter of the outbox."""
        with self.app.store.read() as tx:
            found = tx.letter(key)
        assert found is not None, key
        return found

    def mails(self) -> list[EmailMessage]:
        """The mailbox, read back by the standard library, in order of Date, To and Subject."""
        folder = self.app.settings.mailbox / "new"
        found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*")]
        return sorted(found, key=lambda mail: (mail["Date"].datetime, mail["To"], mail["Subject"]))

    def mail_of(self, key: str) -> EmailMessage:
        """The mail that a letter left as."""
        with self.app.store.read() as tx:
            found = tx.mail_of(key)
        assert found is not None, key
        return message_from_bytes(found.body, policy=policy.default)


def plain(mail: EmailMessage) -> str:
    """The plain text of a mail, its lines ended as a file's are."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def states(rows: Sequence[Recorded]) -> dict[str, str]:
    """Each slot's state, of the letters of one addressee."""
    return {row.slot: row.state for row in rows}
