"""The first page's values: for each applied plan, how it stands and what a person has to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.app.letters.delegating import delegation_words
from engine.app.letters.told import told_another_day
from engine.app.plans.status import status_of
from engine.app.root import App
from engine.definition.built_in import OURS
from engine.definition.dates import local_date
from engine.definition.facts import Fact
from engine.definition.phrases import Phrases
from engine.definition.words import our_words
from engine.definition.workflow import AnyStep, Workflow
from engine.dispatcher.standing import Standing
from engine.letter import Recorded
from engine.lifecycle import SETTLED, State
from engine.store import Transaction
from engine.web.chart import timeline_of, when_words
from engine.web.groups import LetterGroup, WaitingGroups, groups
from engine.web.names import PageNames
from engine.web.outlooks import OutlookLine, Outlooks, outlook_lines
from engine.web.timeline import draw

_GROUPS, _LOOKED_AT, _FACTS = 8, 80, 12
"""So many groups are shown, of so many letters that are looked at, and so many answers."""


@dataclass(frozen=True, slots=True)
class News:
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
    ours: str
    owner_ours: bool
    letters: str
    told: int
    """Of how many parties somebody was told another day than holds now."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is given to a deputy, in words."""

    number: int
    words: str


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
    readings: tuple[tuple[str, str, str], ...]
    """Each with its words, or where there are none its code."""
    waiting: tuple[LetterGroup, ...]
    coming: tuple[LetterGroup, ...]
    left: tuple[LetterGroup, ...]
    trouble: tuple[Recorded, ...]
    answers: tuple[News, ...]
    names: PageNames
    given: tuple[Given, ...]
    outlooks: Mapping[tuple[str, str], OutlookLine]
    forecast_of: date | None
    """The day of the forecast; None while there is none yet."""

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
    outlooks: Outlooks | None
    """Where there are forecasts."""
    _made: tuple[tuple[object, ...], list[Overview]] | None = None
    _waits: WaitingGroups = field(default_factory=WaitingGroups)
    _measured: dict[str, tuple[tuple[int, int, date], dict[str, Any]]] = field(default_factory=dict)

    def all(self, tx: Transaction, now: datetime) -> list[Overview]:
        """Each applied plan, by name. `tx` has read nothing yet, so that what it sees is no older than the mark."""
        worked_out = self.outlooks.version if self.outlooks else 0
        mark = self.app.store.data_version(), now.replace(second=0, microsecond=0), worked_out
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
        names, status = PageNames(planner.plannable), self._status(standing, newest, today)
        told = told_another_day(tx, standing)
        state = (newest, *sorted(letters.items()))
        forecast = self.outlooks.of(workflow.name, (standing.revision.id, today, state)) if self.outlooks else None
        return Overview(
            workflow.name, workflow.title, workflow.timezone, now, today, standing.revision.id, newest,
            planner.plannable.is_sample,
            draw(timeline_of(planner, ticks, today)), letters, status,
            tuple(
                _line(standing, step, by_step.get(step.name, Counter()), told[step.name])
                for step in workflow.steps.values()
            ),
            tuple(_readings(workflow)),
            tuple(self._waits.groups(tx, standing, waiting, names, state)),
            tuple(groups(coming, names))[:_GROUPS],
            tuple(groups(left, names))[:_GROUPS], tuple(trouble), tuple(_answers(standing, names)), names,
            tuple(_given(tx, workflow)), outlook_lines(forecast, status, today),
            date.fromisoformat(forecast["as_of"]) if forecast else None,
        )  # fmt: skip

    def _status(self, standing: Standing, newest: int, today: date) -> dict[str, Any]:
        name, mark = standing.workflow.name, (standing.revision.id, newest, today)
        known = self._measured.get(name)
        if known is None or known[0] != mark:
            known = self._measured[name] = mark, status_of(standing.planner.world, today)
        return known[1]


def _given(tx: Transaction, workflow: Workflow) -> Iterator[Given]:
    """Steps and everything that is given to somebody; of one letter its own page says so."""
    for each in tx.delegations(workflow.name):
        if each.letter is None:
            yield Given(each.id, delegation_words(workflow, each, titles=True))


def _line(standing: Standing, step: AnyStep, letters: Counter[str], told: int) -> StepLine:
    counted = ", ".join(f"{letters[state]} {state.replace('_', ' ')}" for state in State if letters[state])
    workflow = standing.workflow
    owner = workflow.roles.get(step.owner)
    shared = "owner" in workflow.ours and step.owner == workflow.owner
    return StepLine(
        step.name, step.title, step.kind.replace("_", " "), when_words(standing.planner, step),
        owner.title if owner else step.owner, step.note,
        our_words([key for key in step.ours if key != "owner"]), shared or "owner" in step.ours, counted, told,
    )  # fmt: skip


def _readings(workflow: Workflow) -> Iterator[tuple[str, str, str]]:
    """What the plan reads into its source for all steps at once."""
    phrases = Phrases(workflow)
    for setting in workflow.settings.values():
        yield setting.label or setting.name.replace("_", " "), phrases.setting(setting.name) or "", setting.value
    if "owner" in workflow.ours:
        role = workflow.roles.get(workflow.owner)
        yield "the owner of each step that names none", role.title if role else "", workflow.owner
    if "working_days" in workflow.ours and workflow.country:
        yield "whose public holidays are days off", "", "-".join(filter(None, (workflow.country, workflow.subdivision)))


def _answers(standing: Standing, names: PageNames) -> Iterator[News]:
    """What was recorded last about parties, newest first."""
    found = [
        fact for fact in standing.planner.book
        if fact.id and fact.live() and fact.subject.party is not None and fact.name not in OURS
    ]  # fmt: skip
    found.sort(key=lambda fact: fact.recording, reverse=True)
    together: dict[tuple[Any, ...], list[Fact]] = {}
    for fact in found:
        about = names.fact(fact), fact.recorded_at, fact.source, fact.note
        if about not in together and len(together) == _FACTS:
            break
        together.setdefault(about, []).append(fact)
    for (what, *_), facts_of in together.items():
        parties = tuple(fact.subject.party or "" for fact in reversed(facts_of))
        yield News(parties, what, facts_of[0], standing.workflow.timezone)
