"""One party in one step that chases it: what all its letters share, and when its chase begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from engine.definition.cadence import Cadence, Series, is_request
from engine.definition.conditions import Condition
from engine.definition.dates import DateExpr, local_date
from engine.definition.facts import BEGINNING
from engine.definition.people import Party
from engine.definition.workflow import AnyStep, Ask, Escalation, Event, FollowUp, Target
from engine.planning.letters.matter import Matter, had_since
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.deadlines import since_day
from engine.planning.world.desk import Desk
from engine.planning.world.overrides import cadence_for, slots_since
from engine.planning.world.resolve import Resolved
from engine.planning.world.rounds import round_of
from engine.planning.world.schedule import Frame
from engine.planning.world.scope import PartyScope, World, flips, true_since


@dataclass(frozen=True, slots=True)
class Chase:
    """What a follow-up and a target's asking have in common."""

    step: FollowUp | Target
    cadence: Cadence
    by: DateExpr
    done: Condition
    to: Condition | None = None
    after: DateExpr | None = None
    thanks: str | None = None
    escalate: tuple[Escalation, ...] = ()
    corrected: str | None = None


def chase_of(step: AnyStep | None) -> Chase | None:
    """How a step chases parties; None for one that does not."""
    match step:
        case FollowUp():
            return Chase(
                step, step.cadence, step.by, step.until, step.to, step.after, step.thanks, step.escalate, step.corrected
            )
        case Target(ask=Ask() as ask):
            done = step.count.count
            return Chase(step, ask.cadence, step.by, done, ask.to, thanks=ask.thanks, corrected=ask.corrected)
    return None


def events_before(world: World, step: AnyStep) -> list[Event]:
    """The events that a step comes from: the one that `after` names, then those whose flags `to` reads."""
    chase = chase_of(step)
    if chase is None:
        return []
    names = [chase.after.name] if chase.after is not None and chase.after.name else []
    if chase.to is not None:
        names += [name.partition(".")[0] for kind, name in world.uses(chase.to) if kind == "flag"]
    found = (world.workflow.steps.get(name) for name in dict.fromkeys(names))
    return [event for event in found if isinstance(event, Event)]


class Spell(NamedTuple):
    """From when on (UTC), and until when, a condition holds that changes when a deadline passes."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it does at an instant."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Case(Matter):
    """One party in one step that chases it: what all its letters share."""

    chase: Chase
    scope: PartyScope
    slots: Mapping[str, datetime]
    """Since when each slot of its cadence has been in force for this party (UTC)."""
    spell: Spell | None
    """When the party is among those the step is for, where that changes by itself."""


def case_of(desk: Desk, chase: Chase, party: Party, cycle: Cycle | None) -> Case:
    """A party's case, by what the plan says and what is recorded otherwise for it."""
    book, name = desk.world.book, chase.step.name
    slots = slots_since(book, chase.cadence, desk.lineage.step(name), party.id, name)
    cadence = cadence_for(book, chase.cadence, party.id, name)
    round_ = round_of(book, name, party.id, cycle_name(cycle))
    if isinstance(chase.step, FollowUp):
        since = since_day(desk.world, chase.step, party, cycle)
    else:
        since = cycle.opens if cycle else None
    scope = PartyScope(desk.world, party, cycle, since)
    spell = None
    if chase.to is not None and desk.world.counts_misses(chase.to):
        spell = _spell(desk, chase.to, scope.anytime())
    return Case(chase.step, party, cycle, round_, cadence, chase, scope, slots, spell)


def _spell(desk: Desk, to: Condition, scope: PartyScope) -> Spell | None:
    """When a party is among those that a step is for: since when by now, or from the passing of a deadline on."""
    horizon = desk.now + timedelta(days=desk.workflow.horizon)
    ahead = [at for at in flips(to, scope, horizon) if at > desk.now]
    since = true_since(to, scope)
    if since is None:
        since = next((at for at in ahead if to.holds(scope._replace(at=at))), None)
    if since is None:
        return None
    return Spell(since, next((at for at in ahead if at > since and not to.holds(scope._replace(at=at))), None))


def is_meant(desk: Desk, case: Case) -> bool:
    """Whether a party is among those a step is for, or will be by the passing of a deadline."""
    to = case.chase.to
    if to is None or case.spell is not None:
        return True
    return not desk.world.counts_misses(to) and to.holds(case.scope.anytime())


def ends_at(desk: Desk, case: Case) -> datetime | None:
    """The instant after which nothing is sent to a party: the plan's end, or that of its spell."""
    ends = [at for at in (desk.ends_at, case.spell.until if case.spell else None) if at is not None]
    return min(ends, default=None)


def activation(desk: Desk, case: Case, after: Resolved | None) -> datetime:
    """When a party's chase begins (UTC): see the language, “Cadence”.

    The latest of the first revision in which it had this step, `after`, the recording that made it a member, the
    recording that fixed the days it counts from, and the decision that began its round.
    """
    chase = case.chase
    moments = [had_since(desk, case), desk.firm_since(chase.after), desk.firm_since(chase.by)]
    if case.spell is not None:
        moments.append(case.spell.since)
    elif chase.to is not None:
        moments.append(true_since(chase.to, case.scope.anytime()) or BEGINNING)
    if after is not None:
        moments.append(desk.day_start(after.span.first))
    if case.round.since is not None:
        moments.append(case.round.since)
    return max(moments)


def frame_of(desk: Desk, case: Case, by: Resolved, activated: datetime) -> Frame:
    """What the slots of a party count from."""
    opens = desk.day_start(case.cycle.opens) if case.cycle else activated
    begins = max(activated, opens)
    edited = any(since > activated for since in case.slots.values())
    counts_from = local_date(begins, desk.workflow.timezone)
    return Frame(
        by.span, activated, begins, counts_from, case.cadence.apart, ends_at(desk, case),
        slot_since=case.slots if edited else {},
        continued=_continued(desk, case, activated) if edited else {},
    )  # fmt: skip


def _continued(desk: Desk, case: Case, activated: datetime) -> dict[str, tuple[date, int]]:
    """Where an edited series goes on: from the last letter sent before the edit, with the next free number."""
    found = {}
    sent = desk.history.sent(*case.place, case.round.number)
    for slot in case.cadence.send:
        since = case.slots.get(slot.token)
        if not isinstance(slot, Series) or since is None or since <= activated:
            continue
        before = [entry for entry in sent if entry.left_at < since and is_request(entry.slot)]
        if before:
            numbers = [
                int(entry.slot.rpartition("-")[2]) for entry in before if entry.slot.startswith(f"{slot.token}-")
            ]
            on = local_date(before[-1].due_at, desk.workflow.timezone)
            found[slot.token] = (on, max(numbers, default=0))
    return found
