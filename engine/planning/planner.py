"""The planner: given a revision, the facts, what has been sent and now, what should be sent and shown.

Three stages, so that little is planned again: `plan_party`, then `plan_steps` for what concerns a step as a whole
(closings are looked up by the parties' plans through an index), then `arrange` (in its own module) for what is late.
The same input gives the same plan, byte for byte (guarantee G7).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import datetime, timedelta
from typing import NamedTuple

from engine.definition import facts
from engine.definition.cadence import THANKS
from engine.definition.facts import Fact, FactBook
from engine.definition.people import Party
from engine.definition.words import day_words
from engine.definition.workflow import AnyStep, Event, FollowUp, Plannable, Target
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.dependence import Dependence
from engine.planning.letters.case import Chase, case_of, chase_of
from engine.planning.letters.chase import open_deadline, plan_chase
from engine.planning.letters.invitations import plan_invitations
from engine.planning.letters.prompts import plan_prompts
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.desk import Desk
from engine.planning.world.history import History
from engine.planning.world.lineage import Lineage
from engine.planning.world.resolve import Resolved
from engine.planning.world.scope import World


class Silence(NamedTuple):
    """Why a party gets nothing (more) of a step in a cycle."""

    step: str
    cycle: str | None
    party: str | None
    reason: str


class Planned(NamedTuple):
    """What was planned: letters (rows and plan-only ones), and the reasons for silence."""

    letters: list[Letter]
    silences: list[Silence]


class Due(NamedTuple):
    """A date that a party still has to keep: of a step, in a cycle."""

    step: FollowUp | Target
    cycle: Cycle | None
    by: Resolved


ALL = None
"""Every party: what a fact about a step, an anchor or the workflow touches."""
_OF_A_STEP = frozenset({facts.DATE, facts.HELD, facts.CANCELLED, facts.DONE, facts.REVIEWED})
"""What may be recorded about a step as a whole."""


class Planner:
    """Plans one workflow. Feed it facts with `learn`, move it in time with `at`."""

    def __init__(
        self, plannable: Plannable, book: FactBook, lineage: Lineage, history: History | None = None, *, now: datetime
    ) -> None:
        self.plannable = plannable
        self.workflow = plannable.workflow
        self.book = book
        self.history = history or History()
        self.world = World(plannable, book)
        self.desk = Desk(self.world, lineage, self.history, now)
        self.world.now = now
        self._chases: list[tuple[AnyStep, Chase | None]] = [
            (step, chase_of(step))
            for step in self.workflow.steps.values()
            if isinstance(step, FollowUp | Target | Event)
        ]
        self._flips = any(chase.to and self.world.counts_misses(chase.to) for _, chase in self._chases if chase)
        """Whether anything changes by itself, when a deadline passes."""
        self._writing = frozenset(step.name for step, chase in self._chases if chase or isinstance(step, Event))
        """The steps that write to parties."""
        self._due: dict[str, tuple[list[Cycle], list[Due]]] = {}
        self._dependence = Dependence(self.world)

    @property
    def now(self) -> datetime:
        """The instant it plans for (UTC)."""
        return self.desk.now

    def at(self, now: datetime) -> None:
        """Plan for another instant."""
        self.desk.now = self.world.now = now

    def cycles(self) -> list[Cycle]:
        """The cycles that open within the horizon, oldest first; where none does, the next."""
        return self.desk.cycles()

    def cycles_of(self, step: AnyStep) -> Sequence[Cycle | None]:
        """The cycles of a step, oldest first; of one that stands outside of cycles, None alone."""
        return self.cycles() if step.per_cycle else [None]

    def plan_party(self, party_id: str, steps: Set[str] | None = None) -> Planned:
        """Everything for one party, or what comes of some steps (which is all the same but for thanks)."""
        party = self.plannable.parties[party_id]
        letters: list[Letter] = []
        silences: list[Silence] = []
        if self.desk.over():
            return Planned([], [Silence(step.name, None, party_id, self.ended()) for step, _ in self._chases])
        for step, chase in self._chases:
            if steps is not None and step.name not in steps:
                continue
            if isinstance(step, Event):
                outcome = plan_invitations(self.desk, step, party)
                letters += outcome.letters
                if outcome.silence:
                    silences.append(Silence(step.name, None, party_id, outcome.silence))
            elif chase is not None:
                for cycle in self.cycles_of(step):
                    outcome = plan_chase(self.desk, chase, party, cycle)
                    letters += outcome.letters
                    if outcome.silence:
                        silences.append(Silence(step.name, cycle_name(cycle), party_id, outcome.silence))
        return Planned(self._within(thanked_once(letters)), silences)

    def deadlines(self, party_id: str) -> list[Due]:
        """The dates that a party still has to keep, looked up once until a fact that touches it is taken in."""
        cycles = self.cycles()
        known = self._due.get(party_id)
        if known is None or known[0] != cycles or self._flips:
            due = list(self._deadlines(self.plannable.parties[party_id]))
            if known is None or known != (cycles, due):  # what is the same stays the very same: calendars rest on it
                known = self._due[party_id] = (cycles, due)
        return known[1]

    def _deadlines(self, party: Party) -> Iterator[Due]:
        for _, chase in self._chases:
            if chase is not None:
                for cycle in self.cycles_of(chase.step):
                    by = open_deadline(self.desk, case_of(self.desk, chase, party, cycle))
                    if by is not None:
                        yield Due(chase.step, cycle, by)

    def plan_steps(self, steps: Set[str] | None = None) -> Planned:
        """What goes to owners, and what a step as a whole waits for; of some steps or (None) of all."""
        letters: list[Letter] = []
        if self.desk.over():
            return Planned([], [Silence(step, None, None, self.ended()) for step in self.workflow.steps])
        for step in self.workflow.steps.values():
            if steps is not None and step.name not in steps:
                continue
            for cycle in self.cycles_of(step):
                letters += plan_prompts(self.desk, step, cycle)
        return Planned(self._within(letters), [])

    def plan(self) -> Planned:
        """The whole plan: for each party in the roster's order, then for the steps."""
        letters: list[Letter] = []
        silences: list[Silence] = []
        for party in self.plannable.parties:
            planned = self.plan_party(party)
            letters += planned.letters
            silences += planned.silences
        steps = self.plan_steps()
        return Planned(letters + steps.letters, silences)

    def plan_of(self, party_id: str | None, steps: Set[str] | None = None) -> Planned:
        """The plan of one party (nothing for one that the roster has no more), or (None) of the steps' owners."""
        if party_id is None:
            return self.plan_steps(steps)
        return self.plan_party(party_id, steps) if party_id in self.plannable.parties else Planned([], [])

    def silences(self, party_id: str) -> list[Silence]:
        """Why a party gets nothing (more) of each step; once the plan has ended, as it stood at its end."""
        now, ends = self.now, self.desk.ends_at
        if ends is not None and self.desk.over():
            self.at(ends - timedelta(microseconds=1))
        try:
            return self.plan_party(party_id).silences
        finally:
            self.at(now)

    def ended(self) -> str:
        """When the plan ended, in words."""
        last = self.world.resolver.ends()
        return f"the plan ended on {day_words(last)}" if last else "the plan has ended"

    def _within(self, letters: list[Letter]) -> list[Letter]:
        """What lies within the horizon (a plan with an end is planned to its end)."""
        if self.workflow.cycle is None:
            return letters
        limit = self.now + timedelta(days=self.workflow.horizon)
        return [letter for letter in letters if letter.due_at is None or letter.due_at <= limit]

    def learn(self, fact: Fact) -> list[str] | None:
        """Take in a fact (or its retraction); the parties to plan again are returned, ALL (None) for every one."""
        return self.learn_all([fact])

    def learn_all(self, facts: Sequence[Fact]) -> list[str] | None:
        """Take in facts (or retractions) together; the parties to plan again are returned."""
        for fact in facts:
            self.book.add(fact)
        for fact in facts:
            self._forget(fact)
        found = self.touched(*facts)
        if found is None:
            self._due.clear()
        else:
            for party in found:
                self._due.pop(party, None)
        return found

    def _forget(self, fact: Fact) -> None:
        """Look up again what rests on a fact. A contact's is read where it is needed: no condition reads it."""
        subject = fact.subject
        if subject.contact is not None:
            return
        self.world.forget(subject.party)
        if subject.party is not None:
            self.desk.closings.forget(*_use(fact))
            return
        if fact.name == facts.DATE:
            self.desk.forget_dates()
        self.desk.closings.clear()

    def concerned(self, fact: Fact) -> frozenset[str] | None:
        """The steps whose letters to the parties it touches a fact may change; ALL (None): any."""
        subject = fact.subject
        if subject.step is None or subject.party is not None or fact.name not in _OF_A_STEP:
            return ALL
        return self._dependence.on(subject.step)

    def touched(self, *facts: Fact) -> list[str] | None:
        """The parties whose plan some facts may change, after they were all taken in; ALL (None): every one.

        The answer is the same however often it is asked, until somebody plans.
        """
        changed: dict[tuple[str, str], bool] = {}
        found: dict[str, None] = {}
        everyone = False
        for fact in facts:
            parties = self._touched(fact, changed)
            everyone = everyone or parties is ALL
            found.update(dict.fromkeys(parties or ()))
        return ALL if everyone else list(found)

    def _touched(self, fact: Fact, changed: dict[tuple[str, str], bool]) -> list[str] | None:
        """`changed` keeps what was found for a name: a closing looks at all parties, and does so once for many facts."""
        subject = fact.subject
        if subject.contact is not None:
            contact = next((found for found in self.plannable.contacts if found.id == subject.contact), None)
            return [contact.party] if contact else []
        if subject.party is None:
            concerned = self.concerned(fact)
            return ALL if concerned is None or concerned & self._writing else []
        use = _use(fact)
        if use not in changed:
            changed[use] = self.desk.closings.changed(*use)
        return ALL if changed[use] else [subject.party]


def _use(fact: Fact) -> tuple[str, str]:
    """What a condition reads a fact about a party by: kind and name."""
    step = fact.subject.step
    return ("flag", f"{step}.{fact.name}") if step else ("fact", fact.name)


def thanked_once(letters: list[Letter]) -> list[Letter]:
    """Two steps that a fact settles at once thank in the same words: one of them does."""
    thanked: dict[tuple[str, str, datetime | None], str] = {}
    found = []
    for letter in letters:
        if letter.slot == THANKS:
            first = thanked.setdefault((letter.addressee, letter.template, letter.due_at), letter.step)
            if first != letter.step:
                letter = letter._replace(state=State.ABSORBED.value, reason=f"{first} thanks for it")
        found.append(letter)
    return found
