"""Looking ahead: what applying a plan's files would do to the outbox. `apply` does just this, `plan --diff` shows it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.app.views import people_of
from engine.definition.building.roster import roster_facts
from engine.definition.facts import Fact
from engine.dispatcher.package import Opened, Package
from engine.dispatcher.replan import Decided, decide
from engine.letter import Letter, Recorded
from engine.planning.changes import Action, Change
from engine.planning.planner import Planner
from engine.planning.world import lineage
from engine.planning.world.history import History, past
from engine.planning.world.scope import book_of

if TYPE_CHECKING:
    from engine.store import RevisionRecord, Transaction

_DAY = timedelta(days=1)
_SENDS = frozenset({Action.INSERT, Action.REVIVE, Action.RETIME, Action.READDRESS})


@dataclass(frozen=True, slots=True)
class Ahead:
    """What applying would do now. `before` is the revision that runs (None: it was never applied).

    `leaving` are the letters that would newly leave within a day, `people` the addresses that would get them, copies
    among them. `digest` names all of it: the same digest, the same changes.
    """

    package: Package
    opened: Opened
    before: RevisionRecord | None
    line: lineage.Lineage
    planner: Planner
    decided: Decided
    now: datetime
    leaving: tuple[Letter, ...]
    people: frozenset[str]

    @property
    def name(self) -> str:
        """The plan's name."""
        return self.planner.workflow.name

    @property
    def digest(self) -> str:
        """A hash of the files and of each change, as hexadecimal digits."""
        found = hashlib.sha256(self.package.fingerprint.encode())
        for change in sorted(self.decided.changes, key=lambda change: change.key):
            due = change.letter.due_at if change.letter else None
            found.update(f"\0{change.action} {change.key} {due}".encode())
        return found.hexdigest()

    def over(self, limit: int) -> bool:
        """Whether a person is asked first: more letters within a day than the limit, or more people (guarantee G4)."""
        return max(len(self.leaving), len(self.people)) > limit


def is_applied(before: RevisionRecord | None, package: Package) -> bool:
    """Whether the files are those of the revision that runs: then applying changes nothing."""
    return before is not None and before.fingerprint == package.fingerprint


def look_ahead(tx: Transaction | None, package: Package, opened: Opened, now: datetime) -> Ahead:
    """Plan what the files say over what is applied, recorded and sent, and decide. Without a store: over nothing."""
    plannable = opened.loaded.plannable
    name = plannable.workflow.name
    rows: list[Recorded] = tx.recorded(name) if tx else []
    facts: list[Fact] = tx.load_facts(name) if tx else []
    before = tx.current_revision(name) if tx else None
    line = lineage.advance(lineage.load(before.lineage) if before else None, plannable, now)
    planner = Planner(plannable, book_of(roster_facts(plannable), facts), line, History(map(past, rows)), now=now)
    decided = decide(planner, rows, None, now)
    leaving = tuple(letter for change in decided.changes if (letter := _leaving(change, now)))
    people = frozenset(address for letter in leaving for address in people_of(letter, planner))
    return Ahead(package, opened, before, line, planner, decided, now, leaving, people)


def _leaving(change: Change, now: datetime) -> Letter | None:
    letter = change.letter if change.action in _SENDS else None
    return letter if letter and letter.due_at is not None and now <= letter.due_at < now + _DAY else None
