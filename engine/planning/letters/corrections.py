"""Word of a deadline that moved: to exactly those whose newest letter told another day, once for each change.

An extension begins a round, whose own letters tell the new day: nothing is added to them. One that is taken back is a
change like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.definition.cadence import CORRECTED, is_correction
from engine.definition.dates import end_of_day
from engine.definition.people import Contact
from engine.definition.words import day_words
from engine.letter import Letter
from engine.planning.letters.case import Case, ends_at
from engine.planning.letters.matter import hours_of, unsent
from engine.planning.letters.pauses import Pause, paused
from engine.planning.letters.said import deadline_said, last_day, last_letter, moved_at
from engine.planning.letters.writing import Placed, word_letter, word_slot
from engine.planning.world.desk import Desk
from engine.planning.world.history import Past
from engine.planning.world.resolve import Resolved
from engine.planning.world.schedule import Hours, Slotted


def misled(desk: Desk, case: Case, by: Resolved) -> Iterator[tuple[Contact, Past]]:
    """Who can be written to and was last told another day than `by`, each with the letter that told it."""
    if not by.firm or not (letters := desk.history.of(*case.place)):
        return
    for contact, same in desk.recipients.persons(case.party.id):
        last = last_letter(letters, same)
        if last is None:
            continue
        if case.round.by is not None and last.round < case.round.number:
            continue  # the extension's own letters tell it
        told = deadline_said(desk, case.chase.step, case.party, case.cycle, last)
        if told is not None and told != last_day(by):
            yield contact, last


def corrections(desk: Desk, case: Case, by: Resolved, pauses: Sequence[Pause]) -> list[Letter]:
    """The letters that put right what a party's people were told, where the step has such a letter."""
    template = case.chase.corrected
    if template is None:
        return []
    found = (_correction(desk, case, by, told, pauses, template) for told in misled(desk, case, by))
    return [letter for letter in found if letter is not None]


def _correction(
    desk: Desk, case: Case, by: Resolved, told: tuple[Contact, Past], pauses: Sequence[Pause], template: str
) -> Letter | None:
    """The letter to one addressee; None where the new day would have passed by then."""
    contact, last = told
    hours, end = hours_of(desk, case, contact), ends_at(desk, case)
    placed = Placed([_slot(desk, case, contact, last, hours)])
    if placed.slots[0].due_at >= end_of_day(by.span.last, desk.workflow.timezone):
        return None
    if pauses:
        waits = unsent(desk, case, contact)
        placed = paused(placed, pauses, hours, apart=0, by=by.span.last, ends_at=end, left=(), unsent=waits)
    if end is not None and placed.slots[0].due_at >= end:
        return None
    return word_letter(desk, case, contact, hours, placed, template, str(last_day(by)))


def _slot(desk: Desk, case: Case, contact: Contact, last: Past, hours: Hours) -> Slotted:
    """The first sending time after the change, under the next number."""
    number = 1 + sum(
        entry.addressee == contact.id and is_correction(entry.slot) for entry in desk.history.sent(*case.place)
    )
    since = moved_at(desk, case.chase.step, case.party.id, case.cycle)
    has_letter = desk.lineage.step(case.chase.step.name).slots.get(CORRECTED, since)
    told = deadline_said(desk, case.chase.step, case.party, case.cycle, last)
    reason = f"the deadline moved after {case.party.name} was told {day_words(told.last) if told else 'another day'}"
    return word_slot(f"{CORRECTED}-{number}", max(since, has_letter, last.left_at), hours, reason)
