"""Releases: a party that need not do what a step asks of it, being exempt, or that opted out of what it may.

Nothing more of the step goes to it. It is not done, so it is not thanked and counts for nothing; taken back, its letters
go on with what is still to come.
"""

from __future__ import annotations

from datetime import date, datetime

from engine.definition import facts
from engine.definition.built_in import is_optional
from engine.definition.facts import Fact, FactBook, Subject
from engine.definition.people import Party
from engine.definition.workflow import AnyStep

RELEASES = (facts.EXEMPT, facts.OPTED_OUT)


def release_of(
    book: FactBook, step: AnyStep, party: str, cycle: str | None, *,
    known: datetime | None = None, as_of: date | None = None,
) -> Fact | None:  # fmt: skip
    """The fact that releases a party from a step (in a cycle), within the bounds of `FactBook.series`; None: it is not.

    Opting out counts for as long as the plan allows it.
    """
    for name in RELEASES:
        if not book.taken_in(name) or (name == facts.OPTED_OUT and not is_optional(step)):
            continue
        fact = book.flag(name, Subject(party=party, step=step.name, cycle=cycle), known=known, as_of=as_of)
        if fact is not None:
            return fact
    return None


def release_words(fact: Fact, party: Party) -> str:
    """`Fiji is exempt: a new State`, `Fiji has opted out`."""
    what = "is exempt" if fact.name == facts.EXEMPT else "has opted out"
    return f"{party.name} {what}{f': {fact.note}' if fact.note else ''}"
