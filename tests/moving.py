"""Letters that move through their lives in a real store, and every move that they make, told by the database itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple

from engine.answer import Answer, AnswerKind
from engine.app.answers.deciding import Decision, decide
from engine.app.answers.taking_in import take_in
from engine.app.catalog import Catalog
from engine.app.letters.approvals import approve, refuse
from engine.app.letters.edits import draft, edit
from engine.app.letters.golive import go_live, letter_sent
from engine.app.letters.switch import resume, stop_everything
from engine.channels import Delivery, NotTried, OutgoingMail, TransportError
from engine.errors import Refused
from engine.letter import Recorded, Wording
from engine.store import Failed, NewMail, Sent
from tests.installation import Installation

NAME = "moving"
PLAN = """\
workflow: moving
title: Letters on the move
timezone: Europe/Zurich
starts: 2018-01-01
ends: 2018-12-31
owner: desk
anchors: {end: {on: 2018-06-29, title: The end}}
parties: p.csv
contacts: c.csv
address: {to: [mission]}
facts: {report: {type: date}}
roles:
  desk: {title: Desk, email: desk@example.org}
steps:
  ask:
    follow_up: Reports
    by: end
    until: report
    send: [at once, every 4 weeks until 2 weeks before, 2 weeks before, on the day]
    letter: plain
    thanks: plain
  tell:
    follow_up: News
    by: end
    until: report
    send: [at once, every 6 weeks until 2 weeks before, 1 week before]
    letter: spoilt
    approval: none
"""
PLAIN = '---\nsubject: "Report, {{ party.name }}"\n---\nBy {{ deadline.words }}, please.\n'
SPOILT = '---\nsubject: "{% if not earlier %}News{% endif %}"\n---\nNews.\n'
"""Can be rendered once: a second time its subject comes out empty."""
_numbers = count(1)


class Scripted:
    """A channel that answers as it is told; `meanwhile` happens while the mails are in hand."""

    name = "smtp"

    def __init__(self) -> None:
        self.answer = "accepted"
        self.meanwhile: Callable[[], object] = lambda: None

    def deliver_all(
        self, mails: Sequence[OutgoingMail], may_leave: Callable[[], bool] = lambda: True
    ) -> list[Delivery | TransportError]:
        """The same answer for each; what may not leave is not tried."""
        if mails:
            meanwhile, self.meanwhile = self.meanwhile, lambda: None
            meanwhile()
        return [self._answer() if may_leave() else NotTried() for _ in mails]

    def _answer(self) -> Delivery | TransportError:
        if self.answer == "accepted":
            return Delivery("250 queued")
        return TransportError(f"it was {self.answer}", self.answer == "refused", unknown=self.answer == "unknown")

    def close(self) -> None:
        """Nothing is open."""


class Move(NamedTuple):
    """A row's way from one state to another."""

    before: str
    after: str


class House(Installation):
    """A plan with letters that need approval and others that do not, and a database that notes each move of a row."""

    def __init__(self, folder: Path, parties: Sequence[str] = ("AA", "BB")) -> None:
        super().__init__(folder, "2018-01-02T10:30")
        plan = folder / "plan"
        plan.mkdir()
        for path in self.app.catalog.templates.iterdir():
            (plan / path.name).write_bytes(path.read_bytes())
        self.app.catalog = Catalog({}, workflows=plan, templates=plan)
        self.plan = plan
        rows = "".join(f"{party},{party}\n" for party in parties)
        contacts = "".join(
            f"{party.lower()},{party},mission,Mission,{party.lower()}@mission.example\n" for party in parties
        )
        for name, text in {
            f"{NAME}.yaml": PLAN, "p.csv": f"id,name\n{rows}", "c.csv": f"id,party,post,name,address\n{contacts}",
            "plain.md": PLAIN, "spoilt.md": SPOILT,
        }.items():  # fmt: skip
            (plan / name).write_text(text, "utf-8")
        self.apply(NAME)
        self.script = Scripted()
        self.worker.channel = self.script
        self.database = self.app.settings.home / "followthrough.db"
        with closing(sqlite3.connect(self.database)) as database, database:
            database.execute("CREATE TABLE moves (before TEXT, after TEXT)")
            database.execute(
                "CREATE TRIGGER moved AFTER UPDATE OF state ON letter WHEN OLD.state <> NEW.state"
                " BEGIN INSERT INTO moves VALUES (OLD.state, NEW.state); END"
            )

    def __enter__(self) -> House:
        return self

    def moves(self) -> set[Move]:
        """Every move that a row made so far."""
        with closing(sqlite3.connect(self.database)) as database:
            return {Move(*row) for row in database.execute("SELECT DISTINCT before, after FROM moves")}

    def all(self, *states: str, step: str | None = None, party: str | None = None) -> list[Recorded]:
        """The letters to parties that are in one of these states, by due instant."""
        rows = [row for row in self.rows(step=step, party=party, workflow=NAME) if row.party and row.state in states]
        return sorted(rows, key=lambda row: (row.due_at, row.key))

    def write(self, old: str, new: str, name: str = f"{NAME}.yaml") -> None:
        """Change a file of the plan, and apply it."""
        path = self.plan / name
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
        self.apply(NAME)

    def wait(self, **time: int) -> None:
        """Time passes, and nothing runs."""
        self.clock.move_to(self.clock.now() + timedelta(**time))

    def run(self, days: int) -> None:
        """Time passes, and what is due is done."""
        end = self.clock.now() + timedelta(days=days)
        self.run_to(end.isoformat(), approving=False)

    def approve(self, *rows: Recorded) -> None:
        approve(self.app, [row.key for row in rows], "anna")

    def refuse(self, *rows: Recorded) -> None:
        refuse(self.app, [row.key for row in rows], "not now", "anna")

    def reword(self, row: Recorded) -> None:
        """Other words for a letter."""
        draft(self.app, row.key)
        edit(self.app, row.key, Wording("Other words", f"Number {next(_numbers)}."), "anna")

    def report(self, party: str) -> None:
        self.record("report", self.today, party, workflow=NAME)

    def take_back(self, party: str) -> None:
        self.retract("report", party, workflow=NAME)

    def move_end(self, to: str) -> None:
        self.record("date", to, anchor="end", workflow=NAME)

    @property
    def today(self) -> str:
        return self.clock.now().date().isoformat()

    def claim(self, ahead: int = 0) -> list[str]:
        """Another worker takes what is due, and is not heard of again; its clock may be some hours ahead."""
        now = self.clock.now()
        with self.app.store.write(alone=False) as tx:
            return [row.key for row in tx.claim(now + timedelta(hours=ahead), 100, "other", now + timedelta(minutes=5))]

    def hand(self, key: str) -> int | None:
        """Another worker takes in hand what it had claimed."""
        now = self.clock.now()
        message_id, octets = f"<{key}@other.example>", b"Subject: s\r\n\r\n"
        mail = NewMail(message_id, "d", "desk@example.org", ("x@example.org",), "s", "t", "c", octets)
        with self.app.store.write(alone=False) as tx:
            (frozen,) = tx.begin_handings([({key: "s"}, mail)], "other", now=now)
        return frozen.id if frozen else None

    def answer_late(self, key: str, mail: int, *, accepted: bool, permanent: bool = False) -> None:
        """What the other worker's channel said at last."""
        now = self.clock.now()
        failed = Failed(key, mail, now, "550 no", permanent, now + timedelta(minutes=1), False)
        with self.app.store.write(alone=False) as tx:
            tx.finish([Sent(key, mail, now, {}, "smtp") if accepted else failed])

    def come_in(self, kind: AnswerKind, row: Recorded) -> int:
        """Something comes back about a letter; its number."""
        failed = kind in (AnswerKind.BOUNCE, AnswerKind.DELAYED)
        address = f"{row.addressee}@mission.example" if failed else ""
        source, now = f"test:{next(_numbers)}", self.clock.now()
        answer = Answer(source, kind, now, row.key, "references", text="Yes?", address=address)
        (taken,) = take_in(self.app, [answer], "mail")
        return taken.id

    def decide(self, number: int, decision: Decision) -> None:
        decide(self.app, number, decision, "anna")

    def mailed(self, row: Recorded) -> None:
        letter_sent(self.app, row.key, self.clock.now(), "", "anna")

    def stop(self) -> None:
        stop_everything(self.app, "the wrong list", "anna")

    def resume(self) -> None:
        with suppress(Refused):  # nothing is stopped
            resume(self.app, "anna")

    def go_live(self) -> None:
        try:
            go_live(self.app, "anna")
        except Refused:
            assert self.rows(workflow=NAME), "it is live already"
