"""The first page's values: for each applied plan, how it stands and what a person has to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from engine.app.root import App
from engine.app.status import status_of
from engine.definition import facts
from engine.definition.dates import local_date
from engine.definition.facts import Fact
from engine.definition.words import listed
from engine.definition.workflow import AnyStep
from engine.dispatcher import Standing
from engine.errors import BadInput, FollowthroughError
from engine.letter import Recorded
from engine.lifecycle import SETTLED, State
from engine.store import Transaction
from engine.web.chart import timeline_of, when_words
from engine.web.names import Names
from engine.web.timeline import draw

_GROUPS, _LOOKED_AT, _FACTS = 8, 80, 12
_QUIET = frozenset({facts.ADDRESS, facts.INVITED})
"""Facts that are about a party and are no answer of it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Letters of one kind that leave or left together: what they are, to whom, when, and how they stand."""

    title: str
    subject: str
    at: datetime
    zone: str
    rows: tuple[Recorded, ...]
    to: str
    state: str
    template: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The letters' keys."""
        return tuple(row.key for row in self.rows)


@dataclass(frozen=True, slots=True)
class Answer:
    """Something that was recorded about parties at once."""

    parties: tuple[str, ...]
    what: str
    fact: Fact
    zone: str

    @property
    def illustrative(self) -> bool:
        """Whether it is sample data."""
        return self.fact.source == "illustrative"


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step in the table beside the picture."""

    name: str
    title: str
    kind: str
    when: str
    owner: str
    note: str
    ours: tuple[str, ...]
    letters: str


@dataclass(frozen=True, slots=True)
class Overview:
    """One plan at a glance."""

    name: str
    title: str
    zone: str
    now: datetime
    today: date
    revision: int
    facts: int
    illustrative: bool
    picture: str
    letters: Counter[str]
    status: dict[str, Any]
    steps: tuple[StepLine, ...]
    readings: tuple[tuple[str, str], ...]
    waiting: tuple[Group, ...]
    coming: tuple[Group, ...]
    left: tuple[Group, ...]
    trouble: tuple[Recorded, ...]
    answers: tuple[Answer, ...]
    names: Names

    @property
    def waits(self) -> int:
        """How many letters wait for approval."""
        return sum(len(group.rows) for group in self.waiting)


@dataclass
class Overviews:
    """Makes overviews: again where something was recorded, or a minute has passed.

    Measuring is the dear part, and is done again only where facts, revision or day changed.
    """

    app: App
    _made: tuple[tuple[int, datetime], list[Overview]] | None = None
    _measured: dict[str, tuple[tuple[int, int, date], dict[str, Any]]] = field(default_factory=dict)

    def all(self, tx: Transaction, now: datetime) -> list[Overview]:
        """Each applied plan, by name. `tx` has read nothing yet, so that what it sees is no older than the mark."""
        mark = self.app.store.data_version(), now.replace(second=0, microsecond=0)
        if self._made is None or self._made[0] != mark:
            self._made = mark, [self.of(tx, standing, now) for standing in self.app.standings.all(tx, now)]
        return self._made[1]

    def of(self, tx: Transaction, standing: Standing, now: datetime) -> Overview:
        """One plan."""
        workflow, planner = standing.workflow, standing.planner
        today = local_date(now, workflow.timezone)
        newest = tx.last_fact_row(workflow.name)
        ticks = tx.ticks(workflow.name)
        letters: Counter[str] = Counter()
        by_step: dict[str, Counter[str]] = {}
        for tick in ticks:
            letters[tick.state] += tick.number
            by_step.setdefault(tick.step, Counter())[tick.state] += tick.number
        waiting = tx.find_letters(workflow=workflow.name, state=State.AWAITING_APPROVAL)
        coming = tx.next_letters(workflow.name, _LOOKED_AT)
        left = tx.newest_letters(SETTLED, limit=_LOOKED_AT, workflow=workflow.name)
        trouble = tx.newest_letters((State.FAILED, State.MISSED), limit=_GROUPS, workflow=workflow.name)
        names = Names(planner.plannable)
        return Overview(
            workflow.name, workflow.title, workflow.timezone, now, today, standing.revision.id, newest,
            any(party.illustrative for party in planner.plannable.parties.values()),
            draw(timeline_of(planner, ticks, today)), letters, self._status(standing, newest, today),
            tuple(_line(standing, step, by_step.get(step.name, Counter())) for step in workflow.steps.values()),
            tuple((setting.label or setting.name, setting.value) for setting in workflow.settings.values()),
            tuple(self._waiting(tx, standing, waiting, names)), tuple(_groups(coming, names))[:_GROUPS],
            tuple(_groups(left, names))[:_GROUPS], tuple(trouble), tuple(_answers(standing, names)), names,
        )  # fmt: skip

    def _status(self, standing: Standing, newest: int, today: date) -> dict[str, Any]:
        name, mark = standing.workflow.name, (standing.revision.id, newest, today)
        known = self._measured.get(name)
        if known is None or known[0] != mark:
            known = self._measured[name] = mark, status_of(standing.planner.world, today)
        return known[1]

    def _waiting(self, tx: Transaction, standing: Standing, rows: Sequence[Recorded], names: Names) -> Iterator[Group]:
        """What waits, with the subject of the first of each kind: the others differ in the name."""
        for group in _groups(rows, names):
            first = group.rows[0]
            yield Group(
                group.title, first.subject or _subject(tx, standing, first), group.at, group.zone, group.rows,
                group.to, group.state, group.template,
            )  # fmt: skip


def _subject(tx: Transaction, standing: Standing, row: Recorded) -> str:
    standing.read_letters(tx, [row.party])
    plan = standing.plan_of(row.party)
    letter = next((letter for letter in plan.letters if letter.key == row.key), None)
    try:
        return standing.render(letter, plan, tx.wording(row)).subject if letter is not None and letter.due_at else ""
    except (FollowthroughError, BadInput):
        return ""  # the letter's own page says what is wrong with it


def _groups(rows: Iterable[Recorded], names: Names) -> Iterator[Group]:
    """Rows that follow one another and differ in the party only."""

    def kind(row: Recorded) -> tuple[Any, ...]:
        return (
            row.step, row.cycle, row.slot, row.template, local_date(row.sent_at or row.due_at, row.zone), row.zone,
            row.state, row.approval and row.approved_digest is None, row.edited,
        )  # fmt: skip

    order: dict[tuple[Any, ...], list[Recorded]] = {}
    for key, of_kind in groupby(rows, key=kind):
        order.setdefault(key, []).extend(of_kind)
    for found in order.values():
        first = found[0]
        yield Group(
            names.step(first), first.subject, first.sent_at or first.due_at, first.zone, tuple(found),
            listed([names.addressee(row) for row in found], most=5), _state(first), names.template(first),
        )  # fmt: skip


def _state(row: Recorded) -> str:
    if row.state == State.SCHEDULED and row.approval:
        return "approved" if row.approved_digest else "approval will be asked"
    return row.state.replace("_", " ")


def _line(standing: Standing, step: AnyStep, letters: Counter[str]) -> StepLine:
    counted = ", ".join(f"{letters[state]} {state.replace('_', ' ')}" for state in State if letters[state])
    owner = standing.workflow.roles.get(step.owner)
    return StepLine(
        step.name, step.title, step.kind.replace("_", " "), when_words(standing.planner, step),
        owner.title if owner else step.owner, step.note, step.ours, counted,
    )  # fmt: skip


def _answers(standing: Standing, names: Names) -> Iterator[Answer]:
    """What was recorded last about parties, newest first."""
    found = [
        fact for fact in standing.planner.book
        if fact.id and fact.live() and fact.subject.party is not None and fact.name not in _QUIET
    ]  # fmt: skip
    found.sort(key=lambda fact: (fact.recorded_at, fact.id), reverse=True)
    together: dict[tuple[Any, ...], list[Fact]] = {}
    for fact in found:
        about = names.fact(fact), fact.recorded_at, fact.source, fact.note
        if about not in together and len(together) == _FACTS:
            break
        together.setdefault(about, []).append(fact)
    for (what, *_), facts_of in together.items():
        parties = tuple(fact.subject.party or "" for fact in reversed(facts_of))
        yield Answer(parties, what, facts_of[0], standing.workflow.timezone)
