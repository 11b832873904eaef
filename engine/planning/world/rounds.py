"""Rounds: an extension or a re-opening starts the follow-up of one party anew (guarantee G1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from engine.definition import facts
from engine.definition.dates import parse_span
from engine.definition.facts import FactBook, Subject


class Round(NamedTuple):
    """One round of a party at a step. `since` is the instant of the decision that began it (None for the first),
    `by` a date of its own, `reopened_on` the day from which a fact has to be true to count again."""

    number: int = 1
    since: datetime | None = None
    by: date | None = None
    reopened_on: date | None = None
    why: str = ""


_FIRST = Round()


def round_of(book: FactBook, step: str, party: str, cycle: str | None, known: datetime | None = None) -> Round:
    """The round a party is in: the first, and one more for each decision that stands (as recorded by `known`)."""
    if not book.taken_in(facts.EXTENDED_TO) and not book.taken_in(facts.REOPENED):
        return _FIRST
    subject = Subject(party=party, step=step, cycle=cycle)
    decisions = [
        fact for name in (facts.EXTENDED_TO, facts.REOPENED) for fact in book.history(name, subject) if fact.live(known)
    ]
    current = _FIRST
    for fact in sorted(decisions, key=lambda fact: fact.recording):
        if fact.name == facts.EXTENDED_TO:
            by = parse_span(fact.value).last
            current = Round(current.number + 1, fact.recorded_at, by, current.reopened_on, f"extended to {by}")
        elif fact.yes:
            on = fact.true.first
            current = Round(current.number + 1, fact.recorded_at, current.by, on, f"re-opened on {on}")
    return current
