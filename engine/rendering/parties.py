"""Parties as letters show them: the one that a letter is to, and those that a prompt is about."""

from __future__ import annotations

from datetime import date

from engine.definition import facts
from engine.definition.dates import parse_span
from engine.definition.facts import Subject
from engine.definition.people import Party
from engine.definition.workflow import AnyStep, FollowUp, Ongoing, Target
from engine.letter import Letter
from engine.planning.letters.deadline_prompts import DATE_MOVED, told_another_day
from engine.planning.planner import Planner
from engine.planning.world.cycles import Cycle
from engine.planning.world.progress import measure
from engine.planning.world.scope import PartyScope
from engine.rendering.addressing import titled
from engine.rendering.context import Column, PartyView, TallyView
from engine.rendering.tongues import Tongue

_MOST_LISTED = 40


class Parties:
    """Makes views of the parties of one plan."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.world = planner.world
        self._columns = tuple(planner.workflow.attributes.values())

    def view(self, party: Party, on: date, tongue: Tongue, last_contact: date | None = None) -> PartyView:
        """A party by its name in the letter's language: its own, else the State's, else that of the roster."""
        name = titled("", party.names, tongue) or (party.iso and tongue.state(party.iso, on)) or party.name
        columns = tuple((each.name, _column(each.type, party.values.get(each.name, ""))) for each in self._columns)
        return PartyView(party.id, name, bool(party.illustrative), last_contact, columns)

    def tally(self, step: Target, on: date, cycle: Cycle | None, tongue: Tongue) -> TallyView:
        """How far a target is, with whom it has and who is still missing: of those that are asked, or of all."""
        tally = measure(self.world, step.count, None, on, cycle)
        asked = step.ask.to if step.ask else None
        missing = [
            party for party in self.planner.plannable.parties.values()
            if party.id not in tally.found and (
                asked.holds(PartyScope(self.world, party, cycle)) if asked else party.id in tally.missing)
        ]  # fmt: skip
        found = [self.planner.plannable.parties[party] for party in tally.found]
        views = [
            tuple(self.view(party, on, tongue) for party in parties) for parties in (found, missing[:_MOST_LISTED])
        ]
        return TallyView(tally.have, tally.want or 0, *views)

    def of(self, letter: Letter, step: AnyStep, cycle: Cycle | None, on: date, tongue: Tongue) -> tuple[PartyView, ...]:
        """The parties that a prompt is about."""
        if letter.slot.startswith(DATE_MOVED) and isinstance(step, FollowUp | Target):
            told = told_another_day(self.planner.desk, step, cycle)
            return tuple(self.view(party, on, tongue) for party in told)
        return self._all(step, on, tongue)

    def _all(self, step: AnyStep, on: date, tongue: Tongue) -> tuple[PartyView, ...]:
        condition = {"event": "invite", "ongoing": "about", "task": "for_"}.get(step.kind)
        who = getattr(step, condition) if condition else None
        if who is None:
            return ()
        parties = [
            party for party in self.planner.plannable.parties.values() if who.holds(PartyScope(self.world, party))
        ]
        if isinstance(step, Ongoing) and step.first is not None:
            first = step.first
            parties.sort(key=lambda party: not first.holds(PartyScope(self.world, party)))
        return tuple(self.view(party, on, tongue, self._last_contact(step, party)) for party in parties)

    def _last_contact(self, step: AnyStep, party: Party) -> date | None:
        fact = self.world.book.newest(facts.CONTACTED, Subject(party=party.id, step=step.name))
        return fact.true.first if fact else None


def _column(type_: str, text: str) -> Column:
    """What a roster says in a column, by the type that the plan gives it; an empty date is an empty text, which a letter writes
    as nothing."""
    match type_:
        case "flag":
            return text == "yes"
        case "date":
            return parse_span(text).first if text else ""
    return text
