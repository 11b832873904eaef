"""`told`: who was told what day, for each party and each date that letters speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.app.root import App
from engine.app.views import local
from engine.definition.hints import Unreadable, suggest
from engine.definition.recording.naming import Finder
from engine.dispatcher.standing import Standing
from engine.errors import NotFound
from engine.planning.letters.said import OFF
from engine.planning.planner import Planner
from engine.planning.told import Holds, Told, day_told, moved_steps, told, wrong_first
from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class WhoWasTold:
    """What each addressee was last told, those first who know another day than holds now; `zone` is the plan's."""

    workflow: str
    zone: str
    planner: Planner
    found: tuple[Told, ...]

    def name(self, party: str) -> str:
        """A party's name."""
        return self.planner.plannable.parties[party].name

    @property
    def wrong(self) -> list[str]:
        """The parties of whom somebody knows another day, each once."""
        return list(dict.fromkeys(each.party for each in self.found if each.wrong))


def who_was_told(app: App, workflow: str, *, party: str | None = None, step: str | None = None) -> WhoWasTold:
    """Who was told what day in an applied WORKFLOW; of one party (its id or name), of one step. Raises NotFound."""
    name = app.catalog.name_of(workflow)
    if not app.has_store:
        raise NotFound(f"{name} is not applied, so nobody was told anything: “followthrough apply {name}” does that")
    with app.store.read() as tx:
        standing = app.standings.get(tx, name, app.clock.now())
        planner = standing.planner
        steps = planner.workflow.steps
        if step is not None and step not in steps:
            raise NotFound(f"{name} has no step “{step}”. {suggest(step, steps)}".rstrip())
        parties = list(planner.plannable.parties)
        if party is not None:
            try:
                parties = [Finder(planner.plannable.parties).find(party)]
            except Unreadable as error:
                raise NotFound(f"{error}. {error.hint}".rstrip()) from None
        standing.read_letters(tx, parties if party is not None else None)
        each = (told(planner, found, {step} if step is not None else None) for found in parties)
        found = wrong_first(entry for entries in each for entry in entries)
    return WhoWasTold(name, planner.workflow.timezone, planner, tuple(found))


def holds_words(each: Told, why: str) -> str:
    """What holds now of what was told: `still so`, `30 April 2018`. `why` says what has settled it."""
    match each.holds:
        case Holds.STILL_SO:
            return "still so"
        case Holds.SETTLED:
            return f"settled: {why}"
        case Holds.EXTENDED:
            return f"{day_told(each.now)}, by an extension that the next letter tells"
        case Holds.NOT_FIXED:
            return "not fixed"
    return day_told(each.now)


def told_rows(view: WhoWasTold) -> list[dict[str, Any]]:
    """The JSON of `told`: one object for each addressee and date, in the view's order. A day is written as facts are;
    `off` is an event that is off."""
    return [
        {
            "workflow": view.workflow,
            "step": each.step,
            "cycle": each.cycle,
            "party": each.party,
            "addressee": each.addressee,
            "told": OFF if each.day is None else str(each.day),
            "now": OFF if each.now is None else str(each.now),
            "holds": each.holds.value,
            "why": each.why or None,
            "letter": each.key,
            "sent_at": local(each.at, view.zone),
        }
        for each in view.found
    ]


def told_another_day(tx: Transaction, standing: Standing) -> Counter[str]:
    """Of how many parties somebody knows another day than holds now, by step; the planner then knows of what left.

    Only steps are looked at whose date may have moved, so that it costs nothing where none did.
    """
    steps = moved_steps(standing.planner)
    if not steps:
        return Counter()
    standing.read_left(tx, steps)
    return Counter(step for step, _ in _wrong(standing.planner, steps))


def _wrong(planner: Planner, steps: Iterable[str]) -> set[tuple[str, str]]:
    wanted = frozenset(steps)
    return {
        (each.step, party)
        for party in planner.plannable.parties
        for each in told(planner, party, wanted)
        if each.wrong
    }  # fmt: skip
