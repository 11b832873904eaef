"""What came before a letter: the letters of its round, the day that was told, the fact that ended it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from engine.definition.cadence import CORRECTED, is_request
from engine.definition.dates import Span, local_date
from engine.definition.people import Party
from engine.definition.workflow import AnyStep, Event, FollowUp, Target
from engine.letter import Letter
from engine.lifecycle import UNSENT, State
from engine.planning.letters.case import chase_of
from engine.planning.letters.invitations import CANCELLED, MOVED
from engine.planning.letters.said import deadline_said, event_said, last_letter
from engine.planning.planner import Planner
from engine.planning.world.cycles import Cycle
from engine.planning.world.history import Past
from engine.planning.world.scope import PartyScope, recorded_facts
from engine.rendering.context import EarlierLetter
from engine.rendering.tongues import Tongue


class Before:
    """The past of one plan's letters."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.world = planner.world

    def event_told(self, letter: Letter, event: Event, party: Party | None) -> Span | None:
        """The days of an event that the addressee of word of another day was told before."""
        if party is None or not letter.slot.startswith(MOVED):
            return None
        last = self._last(letter, frozenset({letter.addressee}))
        return event_said(self.planner.desk, event, last) if last else None

    def deadline_told(self, letter: Letter, step: AnyStep, party: Party | None, cycle: Cycle | None) -> date | None:
        """The deadline that the addressee of a correction was told before."""
        if party is None or not letter.slot.startswith(f"{CORRECTED}-") or not isinstance(step, FollowUp | Target):
            return None
        persons = self.planner.desk.recipients.persons(party.id)
        same = next((ids for _, ids in persons if letter.addressee in ids), frozenset({letter.addressee}))
        last = self._last(letter, same)
        told = deadline_said(self.planner.desk, step, party, cycle, last) if last else None
        return told.last if told else None

    def _last(self, letter: Letter, addressees: frozenset[str]) -> Past | None:
        sent = self.planner.history.of(letter.step, letter.cycle, letter.party)
        return last_letter((entry for entry in sent if entry.key != letter.key), addressees)

    def letters(
        self, letter: Letter, siblings: Sequence[Letter], tongue: Tongue, *, everyone: bool = False
    ) -> tuple[EarlierLetter, ...]:
        """The letters of this round before this one: those that left, and those that will have."""
        place = (letter.step, letter.cycle, letter.party)
        past = {entry.key: entry for entry in self.planner.history.of(*place)}
        before = {
            entry.key: (entry.left_at, entry.addressee)
            for entry in past.values()
            if entry.reached and entry.round == letter.round and is_request(entry.slot)
            and not entry.slot.startswith((MOVED, CANCELLED))
        }  # fmt: skip
        for other in siblings:
            entry = past.get(other.key)
            will = other.state == State.SCHEDULED and other.ordinary and other.round == letter.round
            still = (
                entry.state in UNSENT
                if entry is not None
                else other.due_at is not None and other.due_at >= self.planner.now
            )
            if will and still and other.due_at and (other.step, other.cycle, other.party) == place:
                before[other.key] = (other.due_at, other.addressee)
        assert letter.due_at is not None
        found = sorted(
            due
            for due, addressee in before.values()
            if due < letter.due_at and (everyone or addressee == letter.addressee)
        )
        return tuple(EarlierLetter(tongue.day(local_date(due, letter.zone)), "") for due in found)

    def fact_day(self, step: AnyStep, party: Party | None, cycle: Cycle | None, tongue: Tongue) -> str | None:
        """The day of the fact that made a party done, in words."""
        chase = chase_of(step)
        if chase is None or party is None:
            return None
        found = [
            fact for fact in recorded_facts(chase.done, PartyScope(self.world, party, cycle)) if fact.live() and fact.id
        ]
        newest = max(found, key=lambda fact: (fact.true.first, fact.recorded_at, fact.id), default=None)
        return tongue.span(newest.true) if newest else None
