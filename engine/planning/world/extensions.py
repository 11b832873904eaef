"""Whether an extension keeps to the rule of its step, and if not, what the rule says.

The rule binds nobody: a person may give an extension against it, with a reason, and that stays on record with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition import facts
from engine.definition.dates import DateExpr, Span
from engine.definition.facts import Fact, Subject
from engine.definition.people import Party
from engine.definition.words import day_words
from engine.definition.workflow import OWN_DEADLINE, ExtensionRule, FollowUp
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.deadlines import deadline_of
from engine.planning.world.scope import World


def against_rule(world: World, step: FollowUp, party: Party, cycle: Cycle | None, to: Span) -> list[str]:
    """What of its step's rule an extension to a day would not keep to, in words; empty: it may be given."""
    rule = step.extensions
    if rule is None:
        return []
    return [
        *_asked(world, step, rule, party, cycle),
        *_too_many(world, step, rule, party, cycle),
        *_too_late(world, step, rule, party, cycle, to),
    ]


def given(world: World, step: FollowUp, party: Party, cycle: Cycle | None) -> list[Fact]:
    """The extensions of a party that stand, in the order in which they were given."""
    subject = Subject(party=party.id, step=step.name, cycle=cycle_name(cycle))
    found = [fact for fact in world.book.history(facts.EXTENDED_TO, subject) if fact.live()]
    return sorted(found, key=lambda fact: fact.recording)


def last_day(world: World, step: FollowUp, party: Party, cycle: Cycle | None) -> Span | None:
    """The last day that the rule lets an extension be given to; None where it sets none."""
    until = step.extensions.until if step.extensions else None
    if until is None:
        return None
    if until.name != OWN_DEADLINE:
        found = world.resolver.resolve(until, party, cycle)
    else:
        by = world.resolver.resolve(step.by, party, cycle)
        found = by and world.resolver.resolve(DateExpr(by.span, until.moves, until.text), party, cycle)
    return found.span if found else None


def _asked(world: World, step: FollowUp, rule: ExtensionRule, party: Party, cycle: Cycle | None) -> Iterator[str]:
    by = deadline_of(world, step, party, cycle)
    if rule.asked is None or by is None:
        return
    last = world.resolver.calendar.move(by.span.last, rule.asked, -1)
    when = f"before its deadline, {day_words(by.span.last)}, is over"
    if rule.asked.count:
        when = f"by {day_words(last)}, {rule.asked} before its deadline"
    subject = Subject(party=party.id, step=step.name, cycle=cycle_name(cycle))
    before = given(world, step, party, cycle)
    asked = [
        fact for fact in world.book.series(facts.EXTENSION_ASKED, subject)
        if not before or fact.recorded_at > before[-1].recorded_at
    ]  # fmt: skip
    if not asked:
        again = "again " if before else ""
        yield f"it has to be asked for {again}{when}, and no {facts.EXTENSION_ASKED} is on record" + (
            " since the last one" if before else ""
        )
    elif all(fact.true.last > last for fact in asked):
        yield f"it has to be asked for {when}, and was asked for on {day_words(asked[0].true.last)}"


def _too_many(world: World, step: FollowUp, rule: ExtensionRule, party: Party, cycle: Cycle | None) -> Iterator[str]:
    had = len(given(world, step, party, cycle))
    if rule.at_most is not None and had >= rule.at_most:
        times = "once" if had == 1 else f"{had} times"
        yield f"at most {rule.at_most}, and its deadline was extended {times} already"


def _too_late(
    world: World, step: FollowUp, rule: ExtensionRule, party: Party, cycle: Cycle | None, to: Span
) -> Iterator[str]:
    latest = last_day(world, step, party, cycle)
    if latest is not None and to.last > latest.last:
        yield f"to {day_words(latest.last)} at the latest ({rule.until.text if rule.until else ''})"
