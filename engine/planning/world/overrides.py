"""Overrides: what is done otherwise for one party than the plan says, in one step or in all of them.

To whom it is written, at which of the step's paces, whether each letter is approved, in which language. What is recorded
about the step goes before what is recorded about the party at all. A pace that changes is an edit of the cadence for this
party alone (guarantee G1): slots that are gone are withdrawn, new ones count from the recording, and a series goes on
from the last letter sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from engine.definition import facts
from engine.definition.built_in import OVERRIDES
from engine.definition.cadence import USUAL, Cadence
from engine.definition.facts import BEGINNING, Fact, FactBook, Subject, instants
from engine.planning.world.lineage import StepLineage, slot_name


def override(book: FactBook, name: str, party: str, step: str | None, known: datetime | None = None) -> Fact | None:
    """The override of a party that holds in a step, as far as was recorded by `known` (None: by now)."""
    if not book.taken_in(name):
        return None
    for subject in _subjects(party, step):
        standing = [fact for fact in book.history(name, subject) if fact.live(known)]
        if standing:
            return max(standing, key=lambda fact: fact.recording)
    return None


def overrides(book: FactBook, party: str, step: str) -> Iterator[Fact]:
    """Each override of a party that holds in a step."""
    for name in OVERRIDES:
        fact = override(book, name, party, step)
        if fact is not None:
            yield fact


def cadence_for(book: FactBook, cadence: Cadence, party: str, step: str) -> Cadence:
    """The cadence of a step as it is kept for a party."""
    pace = _pace(book, cadence, party, step)
    if pace != USUAL:
        cadence = replace(cadence, send=cadence.paces[pace])
    if not cadence.approval and override(book, facts.APPROVAL, party, step) is not None:
        cadence = replace(cadence, approval=True)
    return cadence


def slots_since(book: FactBook, cadence: Cadence, line: StepLineage, party: str, step: str) -> Mapping[str, datetime]:
    """Since when each slot has been in force for a party: in the plan, and at the pace that is kept."""
    if not cadence.paces or not book.taken_in(facts.PACE):
        return line.slots
    since: dict[str, datetime] = {}
    for begins, pace in _paces(book, cadence, party, step):
        before, since = since, {}
        for slot in cadence.paces.get(pace, cadence.send):
            starts = max(begins, line.slots.get(slot_name(slot, pace), line.since))
            since[slot.token] = before[slot.token] if slot.token in before and starts == begins else starts
    return since


def _paces(book: FactBook, cadence: Cadence, party: str, step: str) -> Iterator[tuple[datetime, str]]:
    """The paces that a party was written to at, oldest first, each with the instant of a recording that set or kept it (UTC)."""
    yield BEGINNING, USUAL
    for at in sorted(
        instants(fact for subject in _subjects(party, step) for fact in book.history(facts.PACE, subject))
    ):
        yield at, _pace(book, cadence, party, step, at)


def _pace(book: FactBook, cadence: Cadence, party: str, step: str, known: datetime | None = None) -> str:
    fact = override(book, facts.PACE, party, step, known)
    return fact.value if fact is not None and fact.value in cadence.paces else USUAL


def _subjects(party: str, step: str | None) -> tuple[Subject, Subject]:
    return Subject(party=party, step=step), Subject(party=party)
