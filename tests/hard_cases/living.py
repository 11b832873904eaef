"""Lives a hard case through: its plan loaded and applied into a real store, its facts recorded by the use cases, its
letters sent by the dispatcher into a real mailbox, under a clock that jumps from one instant to the next."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import TracebackType

from engine.answer import Answer, AnswerKind
from engine.app.answers.deciding import Decision, decide
from engine.app.answers.taking_in import take_in
from engine.app.catalog import Catalog
from engine.app.facts.importing import import_facts
from engine.app.facts.recording import record, retract
from engine.app.letters.approvals import approve, refuse, waiting_for_approval
from engine.app.letters.switch import resume, stop_everything
from engine.app.plans.apply import apply
from engine.app.root import App
from engine.clock import ManualClock
from engine.definition.dates import parse_moment
from engine.definition.facts import Subject
from engine.dispatcher.package import Opened, Package
from engine.dispatcher.ticked import Ticked
from engine.letter import Recorded
from engine.rendering.source import read_templates
from engine.rendering.templates import TemplateSet
from engine.settings import Configuration, Settings
from engine.simulation.opening import Bounds, open_simulation
from engine.store import ANY
from tests.hard_cases.files import NAME, Files
from tests.hard_cases.notation import Case, change

_END = "2019-01-31"
_LONGEST = timedelta(days=30)
"""No daemon sleeps for as long: it plans further what has no end."""


@cache
def _templates() -> TemplateSet:
    """The templates of the checkout, compiled once: that takes longer than a whole case."""
    return TemplateSet(_sources())


@cache
def _sources() -> Mapping[str, str]:
    return read_templates(Catalog({}).templates)


class _Plans(Catalog):
    def open(self, workflow: str) -> tuple[Package, Opened]:
        package, opened = super().open(workflow)
        if package.templates == _sources():
            opened.__dict__["templates"] = _templates()
        return package, opened


class Life:
    """One installation in a folder of its own, and the case's plan in it. `empty` is a database without anything."""

    def __init__(self, folder: Path, empty: Path, case: Case) -> None:
        self.folder, self.case = folder, case
        self.files = Files(case.base, case.steps, case.changes)
        self.zone = str(self.files.tree["timezone"])
        settings = Settings(home=folder / "home")
        settings.home.mkdir()
        shutil.copyfile(empty, settings.database.removeprefix("sqlite:///"))
        self.clock = ManualClock(self.instant(self.files.tree["applied"]))
        self.app = App(Configuration(settings, {}), self.clock, durable=False)
        self.app.catalog = _Plans({}, workflows=folder)
        self.worker = self.app.dispatcher("test")
        self.down = False
        self.claimed: list[Recorded] = []

    def __enter__(self) -> Life:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.app.close()

    def instant(self, text: str) -> datetime:
        """An instant of the plan's zone, in UTC; a bare day is its start."""
        return parse_moment(text.replace(" ", "T"), self.zone)

    def live(self) -> None:
        """Apply the plan, let everything happen, and go on to the end, or to the last `look`. Raises what is refused."""
        if any(happening.what.startswith("event ") for happening in self.case.happenings):
            self._play()
            return
        self.apply()
        for happening in self.case.happenings:
            self.run_to(self.instant(happening.at if ":" in happening.at else f"{happening.at}T12:00"))
            self.do(happening.what)
        if not self.case.happenings or self.case.happenings[-1].what != "look":
            self.run_to(self.instant(_END))

    def _play(self) -> None:
        """Let all happen in a simulation, as events of a scenario; afterwards its store is looked at."""
        self.files.write(self.folder)
        lines = [f"{{at: {each.at}, {each.what.removeprefix('event {')}" for each in self.case.happenings]
        head = f"scenario: case\nworkflow: {NAME}\nfrom: {self.files.tree['applied'].replace(' ', 'T')}\nuntil: 2018-12-31\n"
        people = "people: {desk: {approves: everything, after: 1 day}}\n"
        path = self.folder / "scenario.yaml"
        path.write_text(head + people + "events:\n" + "".join(f"  - {line}\n" for line in lines), "utf-8")
        simulation = open_simulation(self.app, NAME, path, Bounds())
        self.app.close()
        self.app, self.clock = simulation.app, simulation.clock
        simulation.run()

    def apply(self) -> None:
        """Write the files and apply them."""
        self.files.write(self.folder)
        apply(self.app, NAME, "tester", yes=True)

    def run_to(self, end: datetime) -> None:
        """Wake whenever there is something to do before an instant, and stand there."""
        while not self.down and self.clock.now() < end:
            self.worker.tick(self.clock.now())
            now = self.clock.now()
            wake = min(self.worker.next_wake(now) or end, now + _LONGEST)
            if wake >= end:
                break
            self.clock.move_to(wake)
        self.clock.move_to(max(end, self.clock.now()))

    def do(self, what: str) -> None:
        """Let one thing happen now. Raises ValueError where it cannot be read."""
        verb, _, rest = what.partition(" ")
        known: dict[str, Callable[[], object]] = {
            "look": lambda: None,
            "down": lambda: setattr(self, "down", True),
            "up": lambda: setattr(self, "down", False),
            "stop": lambda: stop_everything(self.app, "a case", "tester"),
            "start": lambda: resume(self.app, "tester"),
            "approve": lambda: approve(self.app, self._waiting(rest), "tester"),
            "refuse": lambda: refuse(self.app, self._waiting(rest), "a case", "tester"),
            "apply": lambda: self._edit(rest),
            "undo": lambda: self._undo(rest),
            "reply": lambda: self._comes(AnswerKind.REPLY, rest),
            "bounce": lambda: self._comes(AnswerKind.BOUNCE, rest),
            "decide": lambda: self._decide(*rest.split()),
            "claim": self._claim,
            "hand": self._hand,
            "gone": lambda: self._mailbox(gone=True),
            "back": lambda: self._mailbox(gone=False),
            "edit": lambda: self._change(rest),
            "import": lambda: import_facts(
                self.app, NAME, "table.csv", rest.replace(" / ", "\n").encode(), author="tester"
            ),
        }
        known.get(verb, lambda: self._record(what))()

    def rows(self, party: str | None = None) -> list[Recorded]:
        """The outbox, or a party's part of it."""
        with self.app.store.read() as tx:
            return tx.find_letters(workflow=NAME, party=party if party is not None else ANY)

    def _change(self, text: str) -> None:
        """Change the file, and do not apply it."""
        self.files.change(change(text))
        self.files.write(self.folder)

    def _edit(self, text: str) -> None:
        self._change(text)
        self.apply()

    def _claim(self) -> None:
        """What a worker does first with what is due."""
        self.claimed = self.worker._look_and_claim(self.clock.now(), Ticked()).rows

    def _hand(self) -> None:
        """What it does next: the facts are looked at again, and the mails leave."""
        now, done = self.clock.now(), Ticked()
        handed = self.worker._hand(self.claimed, now, done)
        self.worker.deliverer.deliver(self.worker.channel, handed, self.clock.now, done, lambda: True)
        self.worker.deliverer.record(done)

    def _mailbox(self, *, gone: bool) -> None:
        """The mailbox can take nothing (its folder is no folder), or can again."""
        new, kept = self.app.settings.mailbox / "new", self.app.settings.mailbox / "kept"
        if gone:
            new.mkdir(parents=True, exist_ok=True)
            new.rename(kept)
            new.write_text("")
        else:
            new.unlink()
            kept.rename(new)

    def _waiting(self, slot: str) -> list[str]:
        return [row.key for row in waiting_for_approval(self.app) if slot in ("", row.slot)]

    def _record(self, what: str) -> None:
        subject, name, *words = shlex.split(what)
        values = [word for word in words if "=" not in word]
        if len(values) != 1:
            raise ValueError(f"a fact is “SUBJECT[@STEP] FACT VALUE [KEY=VALUE …]”, and this is “{what}”")
        more = dict(word.split("=", 1) for word in words if "=" in word)
        on, cycle, note = more.pop("on", None), more.pop("cycle", None), more.pop("note", "agreed")
        about = self._about(subject, cycle)
        record(self.app, NAME, name, values[0], about, details=more, on=on, note=note, source="a case", author="tester")

    def _undo(self, what: str) -> None:
        subject, name = what.split()
        retract(self.app, NAME, name, self._about(subject), author="tester")

    def _about(self, subject: str, cycle: str | None = None) -> list[Subject]:
        """Whom or what a fact is about: `AA,BB@ask`, `meeting`, `end`, `aa`, or `plan`."""
        name, _, step = subject.partition("@")
        about = Subject(step=step or None, cycle=cycle)
        for key, section in (("step", "steps"), ("anchor", "anchors"), ("contact", "contacts")):
            if name in self.files.tree[section]:
                return [about._replace(**{key: name})]
        return [about] if name == "plan" else about.of_each(name.split(","))

    def _comes(self, kind: AnswerKind, about: str) -> None:
        """An answer to the letter of a step that a party got last."""
        party, _, step = about.partition("@")
        rows = [row for row in self.rows(party) if row.sent_at and row.step == (step or self.case.steps[0])]
        last = max(rows, key=lambda row: (row.sent_at or row.due_at, row.id))
        now = self.clock.now()
        source = f"{kind}-{now.isoformat()}-{last.key}"
        failed = last.person if kind is AnswerKind.BOUNCE else ""
        take_in(
            self.app,
            [Answer(source, kind, now, last.key, "references", last.person, "Re:", "Yes.", "", failed)],
            "tester",
        )

    def _decide(self, decision: str, party: str, *values: str) -> None:
        with self.app.store.read() as tx:
            waiting = [found for found in tx.find_answers(workflow=NAME, party=party) if found.open]
        decide(self.app, waiting[0].id, Decision(decision), "tester", *values)
