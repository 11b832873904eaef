"""A follow-up, or the asking of a target, for one party: its letters, or why it gets none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.definition.dates import local_date
from engine.definition.people import Party
from engine.definition.words import day_words
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.letters.case import Case, Chase, case_of, is_meant
from engine.planning.letters.chase_letters import done_words, letters_of, tentative_letters, thanks_letters
from engine.planning.letters.writing import plan_only
from engine.planning.world.cycles import Cycle
from engine.planning.world.deadlines import extended
from engine.planning.world.desk import Desk
from engine.planning.world.releases import release_of, release_words
from engine.planning.world.resolve import Resolved
from engine.planning.world.scope import true_since


class Outcome(NamedTuple):
    """What came out for one party and step: letters, or why there are none (any more)."""

    letters: Sequence[Letter] = ()
    silence: str = ""


def plan_chase(desk: Desk, chase: Chase, party: Party, cycle: Cycle | None) -> Outcome:
    """The letters of a party in a step (and cycle), or why it gets none."""
    case = case_of(desk, chase, party, cycle)
    released = released_words(desk, case)
    done_since = true_since(chase.done, case.scope)
    if done_since is not None:
        thanks = thanks_letters(desk, case, done_since) if released is None else ()
        return Outcome(thanks, done_words(case))
    if released is not None:
        return Outcome(silence=released)
    by = _deadline(desk, case)
    if isinstance(by, str):
        return Outcome(silence=by)
    after = desk.resolve(chase.after, party, cycle) if chase.after else None
    addressees = desk.recipients.addressees(party.id, chase.step.name)
    if not addressees:
        return Outcome([plan_only(desk, case, State.WAITING, desk.recipients.missing_words(party, chase.step.name))])
    unknown = next((found.rests_on for found in (after, by) if found is not None and not found.firm), None)
    if unknown is not None:
        return Outcome(tentative_letters(desk, case, unknown, by, after, addressees))
    letters = letters_of(desk, case, by, after, addressees)
    if not letters and case.spell is not None and case.spell.since > desk.now:
        on = day_words(local_date(case.spell.since, desk.workflow.timezone))
        return Outcome(silence=f"not among those it is for ({chase.to.text if chase.to else ''}) before {on}")
    return Outcome(letters)


def open_deadline(desk: Desk, case: Case) -> Resolved | None:
    """The date that a party still has to keep in a step; None when it is done, or was never meant."""
    if case.chase.done.holds(case.scope) or released_words(desk, case) is not None:
        return None
    if case.spell is not None and not case.spell.holds(desk.now):
        return None
    by = _deadline(desk, case)
    return None if isinstance(by, str) else by


def released_words(desk: Desk, case: Case) -> str | None:
    """Why a party need not do what a step asks for, in words; None where it has to."""
    _, cycle, party = case.place
    release = release_of(desk.world.book, case.chase.step, party, cycle)
    return None if release is None else release_words(release, case.party)


def _deadline(desk: Desk, case: Case) -> Resolved | str:
    """The date of a party that is not done, or why it is not chased."""
    chase, party = case.chase, case.party
    if chase.to is not None and not is_meant(desk, case):
        return f"not among those it is for ({chase.to.text})"
    closed = desk.closings.reason(chase.step, case.cycle)
    if closed:
        return closed
    by = desk.resolve(chase.by, party, case.cycle)
    if by is None:
        return f"{chase.by.text} is not set for {party.name}"
    return extended(by, case.round)


def waiting_for_attendance(desk: Desk, chase: Chase) -> Iterator[str]:
    """The events whose attendance a step needs and of which none is recorded."""
    if chase.to is None:
        return
    for kind, name in desk.world.uses(chase.to):
        event, _, flag = name.partition(".")
        if kind == "flag" and flag == "attended" and not attendance_recorded(desk, event):
            yield event


def attendance_recorded(desk: Desk, event: str) -> bool:
    """Whether anybody is recorded as having attended an event."""
    book = desk.world.book
    return any(subject.step == event and book.newest("attended", subject) for subject in book.subjects("attended"))
