"""What a letter said of a day: the event's, or the deadline's, to whom, and whether that is what holds now.

A letter's row keeps the day that it told as it left: a plan, a roster or a fact in hand at that moment may say another
one by now. Of a letter that has none kept (a version before sent it, or a person), it is the day as it was known then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from engine.definition import facts
from engine.definition.cadence import is_correction, is_request
from engine.definition.dates import Span, parse_span
from engine.definition.facts import Fact, Subject, instants
from engine.definition.people import Party
from engine.definition.workflow import Event, FollowUp, Target
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.deadlines import deadline_of
from engine.planning.world.desk import Desk
from engine.planning.world.history import Past
from engine.planning.world.resolve import Resolved

OFF = "off"
"""What a letter told that says that an event is off."""


def is_off(desk: Desk, event: Event, known: datetime | None = None) -> Fact | None:
    """What says that an event is off, as far as was recorded by an instant (None: by now)."""
    return desk.world.book.flag(facts.CANCELLED, Subject(step=event.name), known=known)


def last_letter(entries: Iterable[Past], addressees: Collection[str]) -> Past | None:
    """The newest of some letters that reached one of some contacts (of one person), and told a day."""
    reached = [entry for entry in entries if entry.addressee in addressees and entry.reached and _tells(entry)]
    return max(reached, key=lambda entry: (entry.left_at, entry.key), default=None)


def _tells(entry: Past) -> bool:
    return is_request(entry.slot) or is_correction(entry.slot)


def event_said(desk: Desk, event: Event, entry: Past) -> Span | None:
    """The days that a letter about an event told; None: that it is off."""
    if entry.told:
        return None if entry.told == OFF else parse_span(entry.told)
    if is_off(desk, event, entry.left_at):
        return None
    return desk.world.resolver.event(event, entry.left_at).span


def deadline_said(desk: Desk, step: FollowUp | Target, party: Party, cycle: Cycle | None, entry: Past) -> Span | None:
    """The day by which a letter asked for something; None where none was set."""
    if entry.told:
        return parse_span(entry.told)
    known = deadline_of(desk.world, step, party, cycle, entry.left_at)
    return last_day(known) if known else None


def last_day(by: Resolved) -> Span:
    """A deadline as letters tell it: its last day."""
    return Span(by.span.last, by.span.last)


def moved_at(desk: Desk, step: FollowUp | Target, party: str | None, cycle: Cycle | None = None) -> datetime:
    """Since when the deadline of a party is what it is (UTC): the newest recording, decision or edit that may have moved
    it. Of no party: of all whose extension was taken back, in whichever cycle."""
    line, resolver = desk.lineage.step(step.name), desk.world.resolver
    return max([line.date_since, *resolver.changes(step.by), *_decisions(desk, step, party, cycle)])


def has_moved(desk: Desk, step: FollowUp | Target) -> bool:
    """Whether the deadline of a step may be another one for anybody than at first."""
    line = desk.lineage.step(step.name)
    decided = _decisions(desk, step, None)
    return line.date_since > line.since or bool(desk.world.resolver.changes(step.by)) or bool(decided)


def _decisions(desk: Desk, step: FollowUp | Target, party: str | None, cycle: Cycle | None = None) -> list[datetime]:
    """When the extensions of a party were recorded or taken back; of no party, when any was taken back."""
    book = desk.world.book
    if not book.taken_in(facts.EXTENDED_TO):
        return []
    if party is not None:
        subject = Subject(party=party, step=step.name, cycle=cycle_name(cycle))
        return list(instants(book.history(facts.EXTENDED_TO, subject)))
    return [
        fact.retracted_at
        for subject in book.subjects(facts.EXTENDED_TO) if subject.step == step.name
        for fact in book.history(facts.EXTENDED_TO, subject) if fact.retracted_at
    ]  # fmt: skip
