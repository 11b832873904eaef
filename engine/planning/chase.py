"""The letters of one party in one step that chases it: a follow-up, or the asking of a target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from engine.definition.cadence import AT_ONCE, ESCALATION, THANKS, Series
from engine.definition.conditions import Condition
from engine.definition.dates import Span, local_date
from engine.definition.facts import BEGINNING
from engine.definition.words import day_words, month_words, span_words
from engine.definition.workflow import Cadence, Contact, DateExpr, Escalation, FollowUp, Party, Target
from engine.letter import NONE, Letter
from engine.lifecycle import State
from engine.planning.close import since_day
from engine.planning.closer import after_moves
from engine.planning.cycles import Cycle
from engine.planning.desk import Desk
from engine.planning.recipients import contact_zone, missing_words
from engine.planning.resolve import Resolved
from engine.planning.rounds import Round, round_of
from engine.planning.schedule import Frame, Slotted
from engine.planning.scope import PartyScope, recorded_facts, true_since


@dataclass(frozen=True, slots=True)
class Chase:
    """What a follow-up and a target's asking have in common."""

    step: FollowUp | Target
    cadence: Cadence
    by: DateExpr
    done: Condition
    to: Condition | None = None
    after: DateExpr | None = None
    since: DateExpr | None = None
    thanks: str | None = None
    escalate: Escalation | None = None


def chase_of(step: FollowUp | Target) -> Chase | None:
    """How a step chases parties; None for a target that asks nobody."""
    if isinstance(step, FollowUp):
        return Chase(
            step, step.cadence, step.by, step.until, step.to, step.after, step.since, step.thanks, step.escalate
        )  # fmt: skip
    if step.ask is None:
        return None
    return Chase(step, step.ask.cadence, step.by, step.count.count, step.ask.to, thanks=step.ask.thanks)


@dataclass(frozen=True, slots=True)
class Case:
    """One party in one step, cycle and round: what all its letters share."""

    chase: Chase
    party: Party
    cycle: Cycle | None
    round: Round
    scope: PartyScope

    @property
    def place(self) -> tuple[str, str | None, str]:
        """Where its history is kept: step, cycle, party."""
        return self.chase.step.name, self.cycle.name if self.cycle else None, self.party.id


class Outcome:
    """What came out for one party and step: letters, or why there are none."""

    __slots__ = ("letters", "silence")

    def __init__(self, letters: list[Letter] | None = None, silence: str = "") -> None:
        self.letters = letters or []
        self.silence = silence


def plan_chase(desk: Desk, chase: Chase, party: Party, cycle: Cycle | None) -> Outcome:
    """The letters of a party in a step (and cycle), or why it gets none."""
    case = _case(desk, chase, party, cycle)
    done_since = true_since(chase.done, case.scope)
    if done_since is not None:
        return Outcome(_thanks(desk, case, done_since), _done_words(case))
    if chase.to is not None and not chase.to.holds(replace(case.scope, since=None)):
        return Outcome(silence=f"not among those it is for ({chase.to.text})")
    closed = desk.closings.reason(chase.step)
    if closed:
        return Outcome(silence=closed)
    by = desk.resolve(chase.by, party, cycle)
    if by is None:
        return Outcome(silence=f"{chase.by.text} is not set for {party.name}")
    if case.round.by is not None:
        by = Resolved(Span(case.round.by, case.round.by), known_at=by.known_at)
    after = desk.resolve(chase.after, party, cycle) if chase.after else None
    addressees = desk.recipients.addressees(party.id)
    if not addressees:
        return Outcome([_plan_only(desk, case, State.WAITING, missing_words(party, desk.workflow.address))])
    unknown = next((found.rests_on for found in (after, by) if found is not None and not found.firm), None)
    if unknown is not None:
        return Outcome(_tentative(desk, case, unknown, by, after, addressees))
    return Outcome(_letters(desk, case, by, after, addressees))


def _case(desk: Desk, chase: Chase, party: Party, cycle: Cycle | None) -> Case:
    round_ = round_of(desk.world.book, chase.step.name, party.id, cycle.name if cycle else None)
    if chase.since is not None:
        resolved = desk.resolve(chase.since, party, cycle)
        since = resolved.span.first if resolved else None
    elif cycle is not None:
        since = cycle.opens
    else:
        since = since_day(desk.world, chase.step) if isinstance(chase.step, FollowUp) else None
    if round_.reopened_on is not None:
        since = max(since, round_.reopened_on) if since else round_.reopened_on
    return Case(chase, party, cycle, round_, PartyScope(desk.world, party, cycle, since))


def activation(desk: Desk, case: Case, after: Resolved | None) -> datetime:
    """When a party's chase begins (UTC): see the language, “Cadence”.

    The latest of the first revision in which it had this step, `after`, the recording that made it a member, the
    recording that fixed the days it counts from, and the decision that began its round.
    """
    chase, line = case.chase, desk.lineage.step(case.chase.step.name)
    had_step = max(line.since, desk.lineage.party_since(case.party.id))
    if line.audience_since > had_step:
        planned = desk.history.first_planned(*case.place)
        had_step = had_step if planned and planned < line.audience_since else line.audience_since
    moments = [had_step, desk.firm_since(chase.after), desk.firm_since(chase.by)]
    if chase.to is not None:
        moments.append(true_since(chase.to, replace(case.scope, since=None)) or BEGINNING)
    if after is not None:
        moments.append(desk.day_start(after.span.first))
    if case.round.since is not None:
        moments.append(case.round.since)
    return max(moments)


def _frame(desk: Desk, case: Case, by: Resolved, activated: datetime) -> Frame:
    opens = desk.day_start(case.cycle.opens) if case.cycle else activated
    begins = max(activated, opens)
    line = desk.lineage.step(case.chase.step.name)
    edited = any(since > activated for since in line.slots.values())
    counts_from = local_date(begins, desk.workflow.timezone)
    return Frame(
        Span(by.span.last, by.span.last), activated, begins, counts_from, case.chase.cadence.apart, desk.ends_at,
        slot_since=line.slots if edited else {},
        continued=_continued(desk, case, activated) if edited else {},
    )  # fmt: skip


def _continued(desk: Desk, case: Case, activated: datetime) -> dict[str, tuple[date, int]]:
    """Where an edited series goes on: from the last letter sent before the edit, with the next free number."""
    found = {}
    sent = desk.history.sent(*case.place, case.round.number)
    for slot in case.chase.cadence.send:
        since = desk.lineage.step(case.chase.step.name).slots.get(slot.token)
        if not isinstance(slot, Series) or since is None or since <= activated:
            continue
        before = [entry for entry in sent if (entry.sent_at or entry.due_at) < since]
        if before:
            numbers = [
                int(entry.slot.rpartition("-")[2]) for entry in before if entry.slot.startswith(f"{slot.token}-")
            ]
            on = local_date(before[-1].due_at, desk.workflow.timezone)
            found[slot.token] = (on, max(numbers, default=0))
    return found


def _letters(desk: Desk, case: Case, by: Resolved, after: Resolved | None, addressees: list[Contact]) -> list[Letter]:
    cadence = case.chase.cadence
    frame = _frame(desk, case, by, activation(desk, case, after))
    letters: list[Letter] = []
    longest: list[Slotted] = []
    for contact in addressees:
        hours = desk.hours(cadence, contact_zone(contact, case.party, desk.workflow), case.party)
        missed: dict[str, str] = {}
        slots: list[Slotted] | tuple[Slotted, ...]
        if by.known_at > BEGINNING:
            resolver = desk.world.resolver
            changes = resolver.changes(case.chase.by)
            sent = {entry.slot for entry in desk.history.sent(*case.place, case.round.number)}
            slots, missed = after_moves(
                desk, cadence.send, frame, hours, changes,
                lambda known: resolver.resolve(case.chase.by, case.party, case.cycle, known), sent,
            )  # fmt: skip
        else:
            slots = desk.schedule(cadence.send, frame, hours)
        if case.round.number > 1:
            slots = [slot for slot in slots if slot.slot != AT_ONCE]
        letters += _emit(desk, case, contact, hours.zone, slots, missed)
        longest = longest or list(slots)
    if case.chase.escalate is not None:
        letters += _escalation(desk, case, case.chase.escalate, longest, addressees[0])
    return letters


def _prefix(desk: Desk, case: Case, addressee: str) -> str:
    step, cycle, party = case.place
    return f"{desk.workflow.name}/{cycle or NONE}/{step}/{party}/{case.round.number}/{addressee}/"


def _emit(
    desk: Desk,
    case: Case,
    contact: Contact,
    zone: str,
    slots: list[Slotted] | tuple[Slotted, ...],
    missed: dict[str, str],
) -> list[Letter]:
    """One letter for each slot; the hot loop of a large plan."""
    step, cycle, party = case.place
    workflow, kind, number = desk.workflow.name, case.chase.step.kind, case.round.number
    prefix, names, approval = _prefix(desk, case, contact.id), case.chase.cadence.letters, case.chase.cadence.approval
    addressee, letters = contact.id, []
    for slot in slots:
        if slot.absorbed_by:
            state, reason = "absorbed", f"{slot.reason}; {slot.absorbed_by} takes its place"
        elif slot.slot in missed:
            state, reason = "missed", missed[slot.slot]
        else:
            state, reason = "scheduled", slot.reason
        letters.append(Letter(
            prefix + slot.slot, workflow, cycle, step, kind, party, number, addressee, slot.slot, slot.due_at, zone,
            state, reason, names.for_slot(slot.source) or "", approval, slot.stale_at, "", True,
        ))  # fmt: skip
    return letters


def _plan_only(desk: Desk, case: Case, state: State, reason: str, *, addressee: str = NONE, slot: str = "") -> Letter:
    step, cycle, party = case.place
    slot = slot or state.value
    return Letter(
        _prefix(desk, case, addressee) + slot, desk.workflow.name, cycle, step, case.chase.step.kind, party,
        case.round.number, addressee, slot, None, desk.workflow.timezone, state.value, reason, "", False, None,
    )  # fmt: skip


def _tentative(
    desk: Desk, case: Case, rests_on: str, by: Resolved, after: Resolved | None, addressees: list[Contact]
) -> list[Letter]:
    """The slots as they would fall if the day were the last possible one; none of them has a time."""
    start = desk.day_start(after.span.first) if after else desk.lineage.step(case.chase.step.name).since
    frame = replace(_frame(desk, case, by, start), slot_since={}, continued={}, ends_at=None)
    reason = f"the day of {day_of(desk, rests_on)} is not fixed"
    letters = []
    for contact in addressees:
        zone = contact_zone(contact, case.party, desk.workflow)
        for slot in desk.schedule(case.chase.cadence.send, frame, desk.hours(case.chase.cadence, zone, case.party)):
            if not slot.absorbed_by:
                letter = _plan_only(desk, case, State.TENTATIVE, reason, addressee=contact.id, slot=slot.slot)
                template = case.chase.cadence.letters.for_slot(slot.source) or ""
                letters.append(letter._replace(zone=zone, about=f"about {month_words(slot.day)}", template=template))
    return letters


def day_of(desk: Desk, name: str) -> str:
    """`ny_workshop (October 2017)`: an event or anchor with its days as far as they are known."""
    resolved = desk.world.resolver.named(name, None, None)
    return f"{name} ({span_words(resolved.span)})" if resolved else name


def _done_words(case: Case) -> str:
    facts = [fact for fact in recorded_facts(case.chase.done, case.scope) if fact.live()]
    if not facts:
        return f"done: {case.chase.done.text}"
    newest = max(facts, key=lambda fact: (fact.recorded_at, fact.id))
    value = newest.value if newest.value != str(newest.true) else ""
    what = f"{newest.name} {value}".strip()
    return f"done: {what}, true on {newest.true}" if newest.id else f"done: {what} (the roster says so)"


def _thanks(desk: Desk, case: Case, done_since: datetime) -> list[Letter]:
    """Thanks, once for each addressee to whom a letter of this round was sent (guarantee G3)."""
    if case.chase.thanks is None:
        return []
    sent_to = {
        entry.addressee
        for entry in desk.history.sent(*case.place, case.round.number)
        if entry.slot not in (THANKS, ESCALATION)
    }
    letters = []
    for contact in desk.recipients.contacts(case.party.id):
        if contact.id not in sent_to:
            continue
        zone = contact_zone(contact, case.party, desk.workflow)
        on, due = (hours := desk.hours(case.chase.cadence, zone, case.party)).first_after(done_since)
        if desk.ends_at is None or due < desk.ends_at:
            letter = _plan_only(
                desk, case, State.SCHEDULED, f"thanks: {_done_words(case)}", addressee=contact.id, slot=THANKS
            )
            letters.append(letter._replace(
                due_at=due, zone=zone, template=case.chase.thanks, approval=case.chase.cadence.approval,
                stale_at=hours.stale(on), ordinary=False,
            ))  # fmt: skip
    return letters


def _escalation(desk: Desk, case: Case, rule: Escalation, slots: list[Slotted], first: Contact) -> list[Letter]:
    """Tell a role after the n-th letter of a round: those sent, and those still to come."""
    if not desk.can_write_to(rule.to):
        return []
    prefix, (step, cycle, party) = _prefix(desk, case, first.id), case.place
    counted = [slot for slot in slots if not slot.absorbed_by and _will_count(desk, case, prefix + slot.slot, slot)]
    if len(counted) < rule.after:
        return []
    nth = counted[rule.after - 1]
    hours = desk.role_hours(rule.to)
    on, due = hours.first_after(nth.due_at + timedelta(days=1))
    if desk.ends_at is not None and due >= desk.ends_at:
        return []
    reason = f"{rule.after} letters to {case.party.name} without an answer by {day_words(on)}"
    letter = desk.prompt(
        case.chase.step, rule.to, ESCALATION, due, rule.letter, reason,
        cycle=case.cycle, party=party, ordinary=False, stale_at=hours.stale(on),
    )  # fmt: skip
    key = f"{desk.workflow.name}/{cycle or NONE}/{step}/{party}/{case.round.number}/{rule.to}/{ESCALATION}"
    return [letter._replace(key=key, round=case.round.number)]


def _will_count(desk: Desk, case: Case, key: str, slot: Slotted) -> bool:
    if desk.history.spent(key, *case.place):
        return False
    return slot.due_at >= desk.now or any(entry.key == key for entry in desk.history.of(*case.place))


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
