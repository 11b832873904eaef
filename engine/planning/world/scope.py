"""What a condition sees: one party (or none) at one time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date, datetime
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from engine.definition import facts
from engine.definition.conditions import Condition
from engine.definition.dates import DateExpr, Span, end_of_day, local_date
from engine.definition.facts import BEGINNING, Fact, FactBook, Subject, instants
from engine.definition.people import Party
from engine.definition.workflow import FollowUp, PartySet, Plannable
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.misses import counted_cycles, decisions, missed_in_a_row, passings
from engine.planning.world.resolve import Resolver

_Found = TypeVar("_Found")
_OF_PARTY = {facts.INVITED, facts.COMING, facts.ATTENDED, facts.CONTACTED}


class World:
    """One plan with its book of facts: what scopes and planners read. Sets are looked up party by party."""

    def __init__(self, plannable: Plannable, book: FactBook) -> None:
        self.plannable = plannable
        self.workflow = plannable.workflow
        self.parties = plannable.parties
        self.book = book
        self.resolver = Resolver(plannable, book)
        self.now: datetime | None = None
        """The instant that whoever looks plans for (UTC): as of when a deadline has passed, where a scope does not say."""
        self._uses: dict[Condition, tuple[tuple[str, str], ...]] = {}
        self._found: dict[str, dict[Hashable, Any]] = {}

    def in_set(self, found: PartySet, scope: PartyScope) -> bool:
        """Whether the scope's party belongs to a set: as of the set's own day, or as of the scope's."""
        if found.as_of is None:
            return found.who.holds(scope.anytime())
        if scope.known is not None or scope.party is None or scope.cycle is not None:
            return self._in_frozen(found, scope)
        return self.once(scope.party.id, found.name, lambda: self._in_frozen(found, scope))

    def _in_frozen(self, found: PartySet, scope: PartyScope) -> bool:
        assert found.as_of is not None
        resolved = self.resolver.resolve(found.as_of, known=scope.known)
        return found.who.holds(scope._replace(as_of=resolved.span.first if resolved else None, since=None))

    def forget(self, party: str | None) -> None:
        """A fact about a party (None: about more than one) changed: what was found about it is found anew."""
        if party is None:
            self._found.clear()
        else:
            self._found.pop(party, None)

    def once(self, party: str, what: Hashable, find: Callable[[], _Found]) -> _Found:
        """What `find` makes of the facts about a party: looked for once, until one of them changes."""
        found = self._found.setdefault(party, {})
        if what not in found:
            found[what] = find()
        known: _Found = found[what]
        return known

    def uses(self, condition: Condition) -> tuple[tuple[str, str], ...]:
        """Everything a condition reads, through sets and values too."""
        known = self._uses.get(condition)
        if known is None:
            known = self._uses[condition] = tuple(sorted(self._expand(condition.uses)))
        return known

    def _expand(self, uses: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        pending = list(uses)
        while pending:
            use = pending.pop()
            if use in found:
                continue
            found.add(use)
            if use[0] == "set":
                frozen = self.workflow.sets[use[1]].as_of
                pending += self.workflow.sets[use[1]].who.uses
                pending += [("date", frozen.name)] if frozen and frozen.name else []
            elif use[0] == "date" and isinstance(value := self.workflow.values.get(use[1]), DateExpr) and value.name:
                pending.append(("date", value.name))
            elif use[0] == "misses":
                pending += [read for read in self.missed(use[1]).until.uses if read[0] == "fact"]
        return found

    def missed(self, step: str) -> FollowUp:
        """The follow-up whose missed deadlines a condition counts."""
        found = self.workflow.steps[step]
        assert isinstance(found, FollowUp), "the language lets nothing else be counted"
        return found

    def counts_misses(self, condition: Condition) -> bool:
        """Whether a condition may change by itself, when a deadline passes."""
        return any(kind == "misses" for kind, _ in self.uses(condition))


class PartyScope(NamedTuple):
    """Answers a condition's questions about `party`.

    `since` bounds date facts to those true on or after a day, `as_of` all facts to those true by a day, `known` to
    those recorded by an instant (UTC). `at` is the instant by which deadlines have passed, where that is another.
    """

    world: World
    party: Party | None
    cycle: Cycle | None = None
    since: date | None = None
    as_of: date | None = None
    known: datetime | None = None
    at: datetime | None = None

    @property
    def moment(self) -> datetime | None:
        """The instant as of which deadlines have passed (UTC)."""
        if self.as_of is not None:
            return end_of_day(self.as_of, self.world.workflow.timezone) if self.as_of < date.max else None
        return self.at or self.known or self.world.now

    def anytime(self) -> PartyScope:
        """The same, with date facts of any day."""
        return self._replace(since=None)

    def subject(self, name: str) -> Subject:
        """The subject under which a declared fact is on record."""
        decl = self.world.workflow.facts[name]
        party = self.party.id if self.party and decl.about == "party" else None
        return Subject(party=party, cycle=cycle_name(self.cycle) if decl.each_cycle else None)

    def flag_subject(self, step: str, name: str) -> Subject:
        """The subject under which a built-in fact of a step, or of the party at it, is on record."""
        return Subject(party=self.party.id if self.party and name in _OF_PARTY else None, step=step)

    def _since(self, name: str) -> date | None:
        """From which day on a declared fact counts."""
        decl = self.world.workflow.facts[name]
        return self.since if decl.type == "date" and not decl.each_cycle else None

    def attribute(self, name: str) -> str | None:
        """The roster's value."""
        return self.party.values.get(name) if self.party else None

    def fact(self, name: str) -> str | None:
        """The value of a declared fact that stands."""
        fact = self.world.book.newest(
            name, self.subject(name), since=self._since(name), as_of=self.as_of, known=self.known
        )
        return fact.value if fact else None

    def details(self, fact: str, detail: str) -> Iterator[str]:
        """Every value that a detail has within the span."""
        series = self.world.book.series(
            fact, self.subject(fact), since=self._since(fact), as_of=self.as_of, known=self.known
        )
        return (value for entry in reversed(series) if (value := entry.detail(detail)) is not None)

    def flag(self, step: str, name: str) -> bool:
        """Whether a built-in fact of a step, or of the party at it, says yes."""
        subject = self.flag_subject(step, name)
        return self.world.book.flag(name, subject, as_of=self.as_of, known=self.known) is not None

    def date(self, name: str) -> Span | None:
        """The days of an anchor, event, attribute, value, setting or cycle."""
        resolved = self.world.resolver.named(name, self.party, self.cycle, self.known)
        return resolved.span if resolved else None

    def misses(self, step: str) -> int:
        """How many cycles in a row the party has missed a follow-up."""
        return missed_in_a_row(self, self.world.missed(step))

    def member(self, name: str) -> bool:
        """Whether the party belongs to a set."""
        return self.world.in_set(self.world.workflow.sets[name], self)


def recorded_facts(condition: Condition, scope: PartyScope) -> list[Fact]:
    """Every fact on record (retracted ones too) about the scope's party or its steps that a condition reads."""
    world, found = scope.world, list[Fact]()
    for kind, name in world.uses(condition):
        if kind == "fact":
            found += world.book.history(name, scope.subject(name))
        elif kind == "flag":
            step, _, flag = name.partition(".")
            found += world.book.history(flag, scope.flag_subject(step, flag))
        elif kind == "date":
            found += world.book.history(facts.DATE, Subject(step=name))
            found += world.book.history(facts.DATE, Subject(anchor=name))
        elif kind == "misses":
            found += _read_by_counter(world.missed(name), scope)
    return found


def _read_by_counter(step: FollowUp, scope: PartyScope) -> list[Fact]:
    """What a counter of missed deadlines reads, in each cycle up to the scope's moment."""
    if scope.moment is None:
        return []
    last = local_date(scope.moment, scope.world.workflow.timezone)
    found = [*decisions(scope, step, last)]
    for cycle in counted_cycles(scope, last):
        for condition in filter(None, (step.until, step.to)):
            found += recorded_facts(condition, scope._replace(cycle=cycle))
    return found


def flips(condition: Condition, scope: PartyScope, until: datetime) -> list[datetime]:
    """The instants up to `until` at which a condition may change by itself, since a deadline passes; oldest first.

    As recorded by the scope's `known`; what was known at other times may have made others.
    """
    found: set[datetime] = set()
    for kind, name in scope.world.uses(condition):
        if kind == "misses":
            step = scope.world.missed(name)
            found.update(passings(scope, step, until))
            if step.to is not None:
                found.update(flips(step.to, scope, until))
    return sorted(found)


def recorded_instants(condition: Condition, scope: PartyScope) -> list[datetime]:
    """The instants at which something was recorded or taken back that a condition reads, oldest first."""
    return sorted(instants(recorded_facts(condition, scope)) - {BEGINNING})


def true_since(condition: Condition, scope: PartyScope) -> datetime | None:
    """Since which recording a condition has held without a break; None if it does not hold now.

    BEGINNING when it held before anything was recorded.
    """
    if not condition.holds(scope):
        return None
    found = recorded_instants(condition, scope)
    moment = scope.moment
    if scope.world.counts_misses(condition) and moment is not None:
        passed = {at for known in (*found, None) for at in flips(condition, scope._replace(known=known), moment)}
        found = sorted({*found, *passed})
    for earlier, later in reversed([*pairwise([BEGINNING, *found])]):
        if not condition.holds(scope._replace(known=earlier, at=earlier)):
            return later
    return BEGINNING


def book_of(*sources: Iterable[Fact]) -> FactBook:
    """One book of several sources: what the roster says and what was recorded."""
    return FactBook(fact for source in sources for fact in source)
