"""What was seen so far of who answers what: the letters that each party had, and on which days it could have answered.

A question is what a measure counts, such as `first_report`: a party answers it on the day from which it is counted. The
letters that bear on it are those of the steps that wait for one of the facts it reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.definition.cadence import is_request
from engine.definition.conditions import Condition
from engine.definition.dates import local_date
from engine.definition.facts import LONG_AGO
from engine.definition.workflow import FollowUp, Target
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.forecast.rates import Cell, Seen
from engine.planning.planner import Planner
from engine.planning.world.cycles import Cycle
from engine.planning.world.progress import true_days
from engine.planning.world.scope import PartyScope

MANY = 3
"""So many letters, or more, are one and the same."""
REGION = "region"
"""The roster's column by which parties are told apart, where it has one."""
_A_DAY = timedelta(days=1)
_TO_COME = frozenset({State.SCHEDULED, State.AWAITING_APPROVAL, State.CLAIMED, State.HANDING})
Mailing = tuple[date, str]
"""The day of a letter, and its step."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted, in a cycle of a yearly plan; then `earlier` are the same in the cycles before, each `until` its day."""

    what: Condition
    cycle: Cycle | None = None
    until: date | None = None
    earlier: tuple[Question, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same question."""
        return self.what.text, self.cycle.name if self.cycle else ""


class Inquiry:
    """What was seen of one question, as of a day."""

    def __init__(self, planner: Planner, question: Question, today: date) -> None:
        self.planner, self.question = planner, question
        self.today = min(today, question.until or today)
        self.world, self.zone = planner.world, planner.workflow.timezone
        starts = question.cycle.opens if question.cycle else self.world.resolver.starts()
        self.first = starts or local_date(planner.desk.lineage.first, self.zone)
        self.steps = tuple(self._bearing())

    def _bearing(self) -> Iterator[str]:
        """The steps whose letters ask for one of the facts that the question reads."""
        reads = _of_facts(self.world.uses(self.question.what))
        for step in self.planner.workflow.steps.values():
            if isinstance(step, FollowUp):
                asks = self.world.uses(step.until)
            elif isinstance(step, Target) and step.ask is not None:
                asks = self.world.uses(step.count.count)
            else:
                continue
            if reads & _of_facts(asks):
                yield step.name

    def region(self, party: str) -> str:
        """The region of a party; empty where the roster has no such column."""
        return self.world.parties[party].values.get(REGION, "")

    def sent(self, party: str) -> list[Mailing]:
        """The letters that asked a party, oldest first: one for each slot, whoever got it."""
        found: dict[tuple[str, str | None, int, str], date] = {}
        for step in self.steps:
            for cycle in self._cycles(step):
                for entry in self.planner.history.sent(step, cycle, party):
                    if self._asks(entry.slot, entry.addressee):
                        on = local_date(entry.left_at, self.zone)
                        found.setdefault((step, cycle, entry.round, entry.slot), on)
        return sorted((on, key[0]) for key, on in found.items())

    def _asks(self, slot: str, addressee: str) -> bool:
        return is_request(slot) and addressee not in self.planner.workflow.roles

    def _cycles(self, step: str) -> Sequence[str | None]:
        if not self.planner.workflow.steps[step].per_cycle:
            return [None]
        cycle = self.question.cycle
        return [cycle.name] if cycle else [each.name for each in self.planner.cycles()]

    def to_come(self, letters: Iterable[Letter], state: frozenset[State] = _TO_COME) -> dict[str, list[Letter]]:
        """The letters that are still to ask each party, from the plan."""
        found: dict[str, list[Letter]] = {}
        taken = set[tuple[str, str, str | None, int, str]]()
        for letter in letters:
            if letter.party is None or letter.step not in self.steps or letter.state not in state:
                continue
            cycle = self.question.cycle
            of_cycle = letter.cycle is None or cycle is None or letter.cycle == cycle.name
            slot = (letter.party, letter.step, letter.cycle, letter.round, letter.slot)
            if of_cycle and self._asks(letter.slot, letter.addressee) and slot not in taken:
                taken.add(slot)
                found.setdefault(letter.party, []).append(letter)
        return found

    def seen(self, parties: Iterable[str]) -> Mapping[Cell, Seen]:
        """On how many days parties could have answered, and how many did, in each cell."""
        parties = list(parties)
        days, answers = Counter[Cell](), Counter[Cell]()
        for earlier in self.question.earlier:
            for cell, seen in Inquiry(self.planner, earlier, self.today).seen(parties).items():
                days[cell] += seen.days
                answers[cell] += seen.answers
        for party in parties:
            sent, region = self.sent(party), self.region(party)
            for first, last, answered in self._open(party):
                cell = Cell("", 0, region)
                for cell, length in cells(sent, region, first, last):
                    days[cell] += length
                answers[cell] += answered
        return {cell: Seen(count, answers[cell]) for cell, count in days.items()}

    def _open(self, party: str) -> Iterator[tuple[date, date, bool]]:
        """The days, first and last, on which a party could have answered, and whether it did so on the last."""
        world, what, cycle = self.world, self.question.what, self.question.cycle
        found = world.parties[party]
        changes = [LONG_AGO.first, *true_days(world, what, found, self.today, cycle)]
        holds = [what.holds(PartyScope(world, found, cycle, as_of=on)) for on in changes]
        since: date | None = None
        for on, now in zip(changes, holds, strict=True):
            if not now and since is None:
                since = on + _A_DAY
            elif now and since is not None:
                if on >= self.first:
                    yield max(since, self.first), on, True
                since = None
        if since is not None and max(since, self.first) <= self.today:
            yield max(since, self.first), self.today, False


def cells(letters: Sequence[Mailing], region: str, first: date, last: date) -> list[tuple[Cell, int]]:
    """The cells that a party is in from a day to another, both included, with the days in each."""
    had = Counter[str]()
    cell, since = Cell("", 0, region), first
    found: list[tuple[Cell, int]] = []
    for on, step in letters:
        if on > last:
            break
        had[step] += 1
        if on > since:
            found.append((cell, (on - since).days))
            since = on
        cell = Cell(step, min(had[step], MANY), region)
    return [*found, (cell, (last - since).days + 1)] if since <= last else found


def _of_facts(uses: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {use for use in uses if use[0] in ("fact", "flag")}
