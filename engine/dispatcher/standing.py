"""How a plan stands: its applied revision with the facts and letters of now. Plan, outbox and views come from one (G8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from engine.definition.building.roster import roster_facts
from engine.definition.cadence import THANKS
from engine.definition.workflow import Event, Workflow
from engine.dispatcher.package import Opened, open_package, read_package
from engine.errors import NotFound
from engine.letter import NOTICES, Letter, NoteNumber, Recorded, Wording
from engine.planning.planner import Planned, Planner
from engine.planning.told import asking_about_told
from engine.planning.world import lineage
from engine.planning.world.history import History, past
from engine.planning.world.scope import book_of
from engine.rendering.compose import Composer
from engine.rendering.context import LetterContext, Rendered
from engine.rendering.links import LetterLinks

if TYPE_CHECKING:
    from engine.rendering.agenda import Agenda
    from engine.store import RevisionRecord, Store, Transaction


class Standing:
    """One workflow as applied. Facts are kept up to date by `refresh`, letters are read for the parties at hand."""

    def __init__(
        self, tx: Transaction, revision: RevisionRecord, now: datetime, opened: Opened | None = None,
        planner: Planner | None = None, *, domain: str, links: LetterLinks | None = None,
    ) -> None:  # fmt: skip
        self.revision = revision
        self.opened: Opened = opened or open_package(read_package(revision.content))
        plannable = self.opened.loaded.plannable
        self._row = tx.last_fact_row(revision.workflow)
        if planner is None:
            book = book_of(roster_facts(plannable), tx.load_facts(revision.workflow))
            planner = Planner(plannable, book, lineage.load(revision.lineage), History(), now=now)
        self.planner = planner
        self.domain, self.links = domain, links
        self.composer = Composer(self.planner, self.opened.materials(domain, links))
        self.agenda: Agenda | None = None
        """What the feeds are made of, kept by whoever publishes them: most of it stays as it is."""
        self.published: dict[str, list[bytes]] = {}
        """The events of each feed as its file was last seen to have them."""

    @property
    def workflow(self) -> Workflow:
        """The plan."""
        return self.planner.workflow

    def refresh(self, tx: Transaction, now: datetime) -> None:
        """Take in what was recorded since, by whomever, and move to an instant."""
        self.planner.at(now)
        row = tx.last_fact_row(self.revision.workflow)
        if row != self._row:
            self.planner.learn_all(tx.load_facts(self.revision.workflow, after=self._row))
            self._row = row

    def read_letters(self, tx: Transaction, parties: Iterable[str | None] | None) -> list[Recorded]:
        """The rows of some parties (None among them: those of no party), or of all; the planner then knows them."""
        name, history = self.revision.workflow, self.planner.history
        if parties is None:
            rows = tx.recorded(name)
            history.clear()
        else:
            wanted = dict.fromkeys(parties)
            rows = tx.letters_of(name, wanted)
            for party in wanted:
                history.forget(party)
            self._read_told(tx, wanted)
        for row in rows:
            history.put(past(row))
        return rows

    def _read_told(self, tx: Transaction, wanted: Iterable[str | None]) -> None:
        """Let the planner know of all letters that left of the steps whose owner may be asked who was told what day."""
        steps = asking_about_told(self.planner) if None in wanted else []
        if steps:
            for entry in tx.left(self.revision.workflow, steps):
                self.planner.history.put(entry)

    def read_invitations(self, tx: Transaction) -> None:
        """Let the planner know of the invitations that have left, and of letters to roles: enough for the feeds."""
        self.read_left(tx, [step.name for step in self.workflow.steps.values() if isinstance(step, Event)])

    def read_left(self, tx: Transaction, steps: Sequence[str]) -> None:
        """Let the planner know of the letters of some steps that have left, of letters to roles, and of nothing else."""
        self.planner.history.clear()
        for entry in tx.left(self.revision.workflow, steps):
            self.planner.history.put(entry)

    def context(self, letter: Letter, siblings: Planned, number: NoteNumber | None = None) -> LetterContext:
        """What a letter is made from."""
        return self.composer.context(letter, siblings.letters, number)

    def render(
        self, letter: Letter, siblings: Planned, wording: Wording | None = None, number: NoteNumber | None = None
    ) -> Rendered:
        """A letter in words, a person's where they edited it. Raises RenderError or BadInput."""
        return self.opened.renderer.render(self.context(letter, siblings, number), wording)

    def read(self, tx: Transaction, letter: Letter, siblings: Planned, row: Recorded) -> Rendered:
        """A letter of the outbox in words: as it was edited, with the number of its note. Raises as `render` does."""
        return self.render(letter, siblings, tx.wording(row), self.number_of(tx, letter))

    def number_of(self, tx: Transaction, letter: Letter) -> NoteNumber | None:
        """The number that a letter has as a note verbale."""
        return tx.note_number(letter.key) if self.composer.noting.template(letter) is not None else None


class Place(NamedTuple):
    """A party (or, for None, the steps' owners) in one transaction: its plan, and the letters that the plan rests on."""

    plan: Planned
    rows: list[Recorded]

    def letter(self, key: str) -> Letter | None:
        """The letter of that key, if it is in the plan."""
        return next((letter for letter in self.plan.letters if letter.key == key), None)


class Places:
    """The places of letters at hand in one transaction: read at once, and planned once, as far as these letters need."""

    def __init__(self, tx: Transaction, standing: Standing, letters: Iterable[Recorded]) -> None:
        self._tx = tx
        self._standing = standing
        self._steps: dict[str | None, set[str]] = {}
        self._thanked: set[str | None] = set()
        for letter in letters:
            if letter.template in NOTICES:
                continue  # it rests on no plan, and the rows of no party are the most
            self._steps.setdefault(letter.party, set()).add(letter.step)
            if letter.slot == THANKS:
                self._thanked.add(letter.party)
        self._rows: dict[str | None, list[Recorded]] = {party: [] for party in self._steps}
        self._places: dict[str | None, Place] = {}
        for row in standing.read_letters(tx, self._rows):
            self._rows[row.party].append(row)

    def of(self, party: str | None) -> Place:
        """The place of a party."""
        if party not in self._places:
            # One step may thank in place of another: to tell takes all of them.
            steps = None if party in self._thanked else self._steps[party]
            self._places[party] = Place(self._standing.planner.plan_of(party, steps), self._rows[party])
        return self._places[party]

    def changed(self, party: str | None) -> None:
        """A letter of this party is no longer as it was read: read and plan it again when it is asked for."""
        self._rows[party] = self._standing.read_letters(self._tx, [party])
        self._places.pop(party, None)


def place_of(tx: Transaction, standing: Standing, row: Recorded) -> Place:
    """The place of one letter that rests on the plan (a notice rests on none)."""
    return Places(tx, standing, [row]).of(row.party)


class Standings:
    """The standings of all applied workflows, opened once for each revision.

    `domain` is that of what they send, and `links` sign those of their letters, if any.
    """

    def __init__(self, store: Store, domain: str, links: LetterLinks | None = None) -> None:
        self.store = store
        self.domain = domain
        self.links = links
        self._open: dict[str, Standing] = {}
        self._seen: tuple[Transaction | None, datetime | None, set[str]] = (None, None, set())

    def get(self, tx: Transaction, workflow: str, now: datetime, *, changed: bool = False) -> Standing:
        """The standing of a workflow. Raises NotFound for one that was never applied.

        Within one transaction it is looked up once; say `changed` when this transaction itself recorded something.
        """
        known = self._open.get(workflow)
        if self._seen[:2] != (tx, now):
            self._seen = (tx, now, set())
        if known is not None and workflow in self._seen[2] and not changed:
            return known
        revision = tx.current_revision_id(workflow)
        if revision is None:
            raise NotFound(f"{workflow} is not applied: “followthrough apply {workflow}” does that")
        if known is None or known.revision.id != revision:
            self._open[workflow] = known = Standing(
                tx, tx.revision(revision), now, domain=self.domain, links=self.links
            )
        known.refresh(tx, now)
        self._seen[2].add(workflow)
        return known

    def applied(self, tx: Transaction, revision: int, opened: Opened, planner: Planner, now: datetime) -> Standing:
        """The standing of what was applied in this transaction, which is open and planned already."""
        record = tx.revision(revision)
        standing = self._open[record.workflow] = Standing(
            tx, record, now, opened, planner, domain=self.domain, links=self.links
        )
        return standing

    def all(self, tx: Transaction, now: datetime) -> list[Standing]:
        """Those of all applied workflows, by name."""
        return [self.get(tx, name, now) for name in tx.workflows()]

    def places(self, tx: Transaction, rows: Iterable[Recorded], now: datetime) -> dict[str, Places]:
        """The places of letters, by workflow. Raises NotFound for a workflow that was never applied."""
        of_workflow: dict[str, list[Recorded]] = {}
        for row in rows:
            of_workflow.setdefault(row.workflow, []).append(row)
        return {name: Places(tx, self.get(tx, name, now), found) for name, found in of_workflow.items()}

    def forget(self) -> None:
        """Read everything again: what was known may not be what the store has."""
        self._open.clear()
        self._seen = (None, None, set())

    @contextmanager
    def deciding(self, *, alone: bool = True) -> Iterator[Transaction]:
        """A writing transaction. What was learnt in one that fails is forgotten with it."""
        try:
            with self.store.write(alone=alone) as tx:
                yield tx
        except BaseException:
            self.forget()
            raise
