"""What has been recorded: facts, and the book that answers questions about them.

The book keeps three times apart: the day a fact was *true* (measures decide by it), the instant it was *recorded*
(sending decides by it) and the instant it was taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import NamedTuple

from engine.definition.dates import Span, day

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
"""Recorded before anything else: what the roster says."""
LONG_AGO = day(date.min)
"""The true day of a roster's value that is not a date: before the plan starts."""

DATE = "date"
HELD = "held"
CANCELLED = "cancelled"
DONE = "done"
REVIEWED = "reviewed"
INVITED = "invited"
COMING = "coming"
ATTENDED = "attended"
CONTACTED = "contacted"
ADDRESS = "address"
EXTENDED_TO = "extended_to"
REOPENED = "reopened"
EXEMPT = "exempt"
SNOOZED_UNTIL = "snoozed_until"
ANSWERED = "answered"
UNREACHABLE = "unreachable"
OPTED_OUT = "opted_out"
EXTENSION_ASKED = "extension_asked"
WRITE_TO = "write_to"
PACE = "pace"
APPROVAL = "approval"
LANGUAGE = "language"


class Subject(NamedTuple):
    """Whom or what a fact is about; all None means the workflow."""

    party: str | None = None
    step: str | None = None
    anchor: str | None = None
    cycle: str | None = None
    contact: str | None = None

    def of_each(self, parties: Iterable[str]) -> list[Subject]:
        """This of each of some parties, each once; this itself where there are none."""
        return [self._replace(party=party) for party in dict.fromkeys(parties)] or [self]

    def __str__(self) -> str:
        parts = [
            self.party and f"party {self.party}",
            self.contact and f"contact {self.contact}",
            self.step and f"step {self.step}",
            self.anchor and f"anchor {self.anchor}",
            self.cycle and f"cycle {self.cycle}",
        ]
        return ", ".join(part for part in parts if part) or "the workflow"


WORKFLOW = Subject()


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing recorded. `true` is the day it was true, `recorded_at` and `retracted_at` are UTC instants.

    `value` is text, as written; for a date it reads back as a Span. `id` is 0 for what the roster says.
    """

    id: int
    name: str
    subject: Subject
    value: str
    true: Span
    recorded_at: datetime
    details: tuple[tuple[str, str], ...] = ()
    source: str = ""
    note: str = ""
    author: str = ""
    retracted_at: datetime | None = None

    def live(self, known: datetime | None = None) -> bool:
        """Whether it stands, as far as was recorded by `known` (None: by now)."""
        if known is None:
            return self.retracted_at is None
        return self.recorded_at <= known and (self.retracted_at is None or self.retracted_at > known)

    @property
    def recording(self) -> tuple[datetime, int]:
        """By what recordings stand in the order in which they were made."""
        return self.recorded_at, self.id

    @property
    def yes(self) -> bool:
        """Whether a fact of yes and no says yes."""
        return self.value != "no"

    def detail(self, name: str) -> str | None:
        """The value of one detail."""
        return next((value for key, value in self.details if key == name), None)


_Key = tuple[str, Subject]


def _order(fact: Fact) -> tuple[date, datetime, int]:
    return fact.true.first, fact.recorded_at, fact.id


class FactBook:
    """All facts of one workflow, by name and subject. Reading changes nothing; `add` and `retract` give a new view."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._by_key: dict[_Key, tuple[Fact, ...]] = {}
        self._subjects: dict[str, dict[Subject, None]] = {}
        self._taken_in: Counter[str] = Counter()
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        """Take in one more fact (or the same one again, with its retraction)."""
        key = (fact.name, fact.subject)
        others = [other for other in self._by_key.get(key, ()) if not fact.id or other.id != fact.id]
        self._by_key[key] = tuple(sorted([*others, fact], key=_order)) if others else (fact,)
        self._subjects.setdefault(fact.name, {})[fact.subject] = None
        self._taken_in[fact.name] += 1

    def retract(self, fact: Fact, at: datetime) -> None:
        """Take a fact back, as of an instant."""
        self.add(replace(fact, retracted_at=at))

    def taken_in(self, name: str) -> int:
        """How often something of that name was taken in: what was looked up stands for as long as this does."""
        return self._taken_in[name]

    def __iter__(self) -> Iterator[Fact]:
        for facts in self._by_key.values():
            yield from facts

    def subjects(self, name: str) -> Iterator[Subject]:
        """Each subject about which something of that name was recorded."""
        return iter(self._subjects.get(name, ()))

    def history(self, name: str, subject: Subject = WORKFLOW) -> tuple[Fact, ...]:
        """All facts of a name and subject, retracted ones too, ordered by true day, then recording."""
        return self._by_key.get((name, subject), ())

    def series(
        self,
        name: str,
        subject: Subject = WORKFLOW,
        *,
        as_of: date | None = None,
        since: date | None = None,
        known: datetime | None = None,
    ) -> tuple[Fact, ...]:
        """What stands, oldest first: one fact for each true day (recorded again, the later recording counts).

        `since` and `as_of` bound the true day (both included), `known` the recording.
        """
        facts = self._by_key.get((name, subject))
        if not facts:
            return ()
        by_day: dict[date, Fact] = {}
        for fact in facts:
            first = fact.true.first
            if (as_of is not None and first > as_of) or (since is not None and first < since):
                continue
            if fact.live(known):
                by_day[first] = fact
        return tuple(by_day.values())

    def newest(
        self,
        name: str,
        subject: Subject = WORKFLOW,
        *,
        as_of: date | None = None,
        since: date | None = None,
        known: datetime | None = None,
    ) -> Fact | None:
        """The fact that stands with the newest true day, within the bounds of `series`."""
        facts = self._by_key.get((name, subject))
        if not facts:
            return None
        for fact in reversed(facts):
            first = fact.true.first
            if (as_of is not None and first > as_of) or (since is not None and first < since):
                continue
            if fact.live(known):
                return fact
        return None

    def flag(
        self, name: str, subject: Subject, *, as_of: date | None = None, known: datetime | None = None
    ) -> Fact | None:
        """The newest fact of yes and no, if it says yes."""
        fact = self.newest(name, subject, as_of=as_of, known=known)
        return fact if fact is not None and fact.yes else None

    def last_recorded(self, name: str, subject: Subject = WORKFLOW) -> Fact | None:
        """What `retract` takes back: the recording made last that still stands."""
        standing = [fact for fact in self.history(name, subject) if fact.live() and fact.id]
        return max(standing, key=lambda fact: fact.recording, default=None)


def instants(facts: Iterable[Fact]) -> set[datetime]:
    """When some facts were recorded or taken back (UTC)."""
    return {at for fact in facts for at in (fact.recorded_at, fact.retracted_at) if at is not None}


def details_of(pairs: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Details in the order of their names, so that equal ones are equal."""
    return tuple(sorted(pairs.items()))
