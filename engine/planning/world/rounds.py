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
    """The round a party is in, by the newest decision that stands (as recorded by `known`).

    One that was taken back keeps its number: the next begins a round of its own, in which nothing has left yet.
    """
    if not book.taken_in(facts.EXTENDED_TO) and not book.taken_in(facts.REOPENED):
        return _FIRST
    subject = Subject(party=party, step=step, cycle=cycle)
    decisions = [
        fact for name in (facts.EXTENDED_TO, facts.REOPENED) for fact in book.history(name, subject)
        if (known is None or fact.recorded_at <= known) and (name == facts.EXTENDED_TO or fact.yes)
    ]  # fmt: skip
    current = _FIRST
    for number, fact in enumerate(sorted(decisions, key=lambda fact: fact.recording), start=2):
        if not fact.live(known):
            continue
        if fact.name == facts.EXTENDED_TO:
            by = parse_span(fact.value).last
            current = Round(number, fact.recorded_at, by, current.reopened_on, f"extended to {by}")
        else:
            on = fact.true.first
            current = Round(number, fact.recorded_at, current.by, on, f"re-opened on {on}")
    return current
