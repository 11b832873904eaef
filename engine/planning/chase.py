"""A follow-up, or the asking of a target, for one party: its letters, or why it gets none."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition.dates import Span
from engine.definition.workflow import Party
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.case import Case, Chase, case_of, plan_only
from engine.planning.chase_letters import done_words, letters_of, tentative_letters, thanks_letters
from engine.planning.cycles import Cycle
from engine.planning.desk import Desk
from engine.planning.pauses import exemption
from engine.planning.recipients import missing_words
from engine.planning.resolve import Resolved
from engine.planning.scope import true_since


class Outcome:
    """What came out for one party and step: letters, or why there are none."""

    __slots__ = ("letters", "silence")

    def __init__(self, letters: list[Letter] | None = None, silence: str = "") -> None:
        self.letters = letters or []
        self.silence = silence


def plan_chase(desk: Desk, chase: Chase, party: Party, cycle: Cycle | None) -> Outcome:
    """The letters of a party in a step (and cycle), or why it gets none."""
    case = case_of(desk, chase, party, cycle)
    done_since = true_since(chase.done, case.scope)
    if done_since is not None:
        return Outcome(thanks_letters(desk, case, done_since), done_words(case))
    by = _deadline(desk, case)
    if isinstance(by, str):
        return Outcome(silence=by)
    after = desk.resolve(chase.after, party, cycle) if chase.after else None
    addressees = desk.recipients.addressees(party.id)
    if not addressees:
        return Outcome(
            [plan_only(desk, case, State.WAITING, missing_words(party, desk.workflow.address, desk.recipients))]
        )
    unknown = next((found.rests_on for found in (after, by) if found is not None and not found.firm), None)
    if unknown is not None:
        return Outcome(tentative_letters(desk, case, unknown, by, after, addressees))
    return Outcome(letters_of(desk, case, by, after, addressees))


def open_deadline(desk: Desk, chase: Chase, party: Party, cycle: Cycle | None) -> Resolved | None:
    """The date that a party still has to keep in a step; None when it is done, or was never meant."""
    case = case_of(desk, chase, party, cycle)
    if chase.done.holds(case.scope):
        return None
    by = _deadline(desk, case)
    return None if isinstance(by, str) else by


def _deadline(desk: Desk, case: Case) -> Resolved | str:
    """The date of a party that is not done, or why it is not chased."""
    chase, party = case.chase, case.party
    exempt = exemption(desk, case)
    if exempt is not None:
        return exempt
    if chase.to is not None and not chase.to.holds(case.scope.anytime()):
        return f"not among those it is for ({chase.to.text})"
    closed = desk.closings.reason(chase.step, case.cycle)
    if closed:
        return closed
    by = desk.resolve(chase.by, party, case.cycle)
    if by is None:
        return f"{chase.by.text} is not set for {party.name}"
    if case.round.by is not None:
        return Resolved(Span(case.round.by, case.round.by), known_at=by.known_at)
    return by


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
