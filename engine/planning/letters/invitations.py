"""The letters of one party about one event: invitations, and word of a day that moved or an event that is off."""

from __future__ import annotations

from datetime import datetime

from engine.definition import facts
from engine.definition.cadence import Cadence
from engine.definition.dates import DateExpr, end_of_day, local_date
from engine.definition.facts import BEGINNING, Subject, instants
from engine.definition.people import Contact, Party
from engine.definition.words import month_words, span_words
from engine.definition.workflow import Event
from engine.letter import NONE, Letter
from engine.lifecycle import State
from engine.planning.letters.chase import Outcome
from engine.planning.letters.chase_letters import day_of
from engine.planning.letters.closer import after_moves
from engine.planning.letters.said import OFF, event_said, is_off, last_letter, written
from engine.planning.world.desk import Desk
from engine.planning.world.history import Past
from engine.planning.world.overrides import cadence_for
from engine.planning.world.recipients import contact_zone, person_of
from engine.planning.world.resolve import Resolved
from engine.planning.world.schedule import Frame, Slotted
from engine.planning.world.scope import PartyScope, true_since

MOVED = "moved"
CANCELLED = "cancelled"


def plan_invitations(desk: Desk, step: Event, party: Party) -> Outcome:
    """The letters of a party about an event, or why it gets none."""
    if step.invitations is None or step.invite is None:
        return Outcome()
    scope = PartyScope(desk.world, party)
    left = [entry for entry in desk.history.of(step.name, None, party.id) if entry.reached]
    if not is_invited(desk, step, party):
        return Outcome(silence=f"not among those invited ({step.invite.text})")
    addressees = desk.recipients.addressees(party.id, step.name)
    if not addressees:
        reason = desk.recipients.missing_words(party, step.name)
        return Outcome([_plan_only(desk, step, party, NONE, State.WAITING.value, State.WAITING, reason)])
    cadence = cadence_for(desk.world.book, step.invitations, party.id, step.name)
    date = desk.world.resolver.event(step)
    news = [letter for contact in addressees for letter in _news(desk, step, cadence, party, contact, date, left)]
    stopped = _stopped(desk, step, party, scope)
    if stopped:
        return Outcome(news, stopped)
    if not date.firm:
        return Outcome(news + _tentative(desk, step, cadence, party, addressees, date))
    activated = _activation(desk, step, party, scope)
    letters = [
        letter
        for contact in addressees
        for letter in _invitations(desk, step, cadence, party, contact, date, activated, news)
    ]
    return Outcome(news + letters)


def is_invited(desk: Desk, step: Event, party: Party) -> bool:
    """Whether a party is invited to an event: who has been told so, by letter or otherwise, stays invited."""
    scope = PartyScope(desk.world, party)
    if scope.flag(step.name, facts.INVITED) or any(
        entry.reached for entry in desk.history.of(step.name, None, party.id)
    ):
        return True
    return step.invite is not None and step.invite.holds(scope)


def _stopped(desk: Desk, step: Event, party: Party, scope: PartyScope) -> str:
    book = desk.world.book
    for name in (facts.CANCELLED, facts.HELD):
        if scope.flag(step.name, name):
            return f"{step.name} is recorded as {name}"
    coming = book.newest(facts.COMING, Subject(party=party.id, step=step.name))
    return f"{party.name} is recorded as not coming" if coming is not None and coming.value == "no" else ""


def _activation(desk: Desk, step: Event, party: Party, scope: PartyScope) -> datetime:
    line = desk.lineage.step(step.name)
    had_step = max(line.since, desk.lineage.party_since(party.id))
    if line.audience_since > had_step:
        planned = desk.history.first_planned(step.name, None, party.id)
        had_step = had_step if planned and planned < line.audience_since else line.audience_since
    member = true_since(step.invite, scope) if step.invite else None
    return max(had_step, member or BEGINNING, desk.world.resolver.firm_since(step.name))


def _invitations(
    desk: Desk, step: Event, cadence: Cadence, party: Party, contact: Contact, date: Resolved, activated: datetime,
    news: list[Letter],
) -> list[Letter]:  # fmt: skip
    zone = contact_zone(contact, party, desk.workflow)
    hours = desk.hours(cadence, zone, party)
    line = desk.lineage.step(step.name)
    edited = any(since > activated for since in line.slots.values())
    starts = desk.day_start(date.span.first)
    ends_at = min(starts, desk.ends_at) if desk.ends_at else starts
    frame = Frame(
        date.span, activated, activated, local_date(activated, desk.workflow.timezone), cadence.apart, ends_at,
        from_first=True, slot_since=line.slots if edited else {},
    )  # fmt: skip
    sent = {
        entry.slot: entry for entry in desk.history.sent(step.name, None, party.id) if entry.addressee == contact.id
    }
    told = {letter.due_at for letter in news if letter.addressee == contact.id}
    told |= {entry.due_at for entry in sent.values() if entry.slot.startswith((f"{MOVED}-", f"{CANCELLED}-"))}
    busy = {local_date(at, zone) for at in told if at is not None}

    def as_known(known: datetime) -> Resolved:
        return desk.world.resolver.event(step, known)

    changes = desk.world.resolver.changes(DateExpr(step.name))
    slots, missed = after_moves(desk, cadence.send, frame, hours, changes, as_known, sent)
    letters = []
    for slot in slots:
        letter = _letter(desk, step, party, contact, zone, slot, cadence, written(date.span))
        letter = letter._replace(stale_at=min(slot.stale_at, ends_at))
        if slot.slot in missed:
            letter = letter._replace(state=State.MISSED.value, reason=missed[slot.slot])
        elif slot.day in busy and not slot.absorbed_by:
            letter = letter._replace(
                state=State.ABSORBED.value, reason=f"{slot.reason}; word of the new day takes its place"
            )
        letters.append(letter)
    return letters


def _letter(
    desk: Desk, step: Event, party: Party, contact: Contact, zone: str, slot: Slotted, cadence: Cadence, told: str
) -> Letter:
    state, reason = State.SCHEDULED, slot.reason
    if slot.absorbed_by:
        state, reason = State.ABSORBED, f"{slot.reason}; {slot.absorbed_by} takes its place"
    letter = _plan_only(desk, step, party, contact.id, slot.slot, state, reason)
    return letter._replace(
        due_at=slot.due_at, zone=zone, template=cadence.letters.for_slot(slot.source),
        approval=cadence.approval, stale_at=slot.stale_at, person=person_of(contact.address), told=told,
    )  # fmt: skip


def _plan_only(desk: Desk, step: Event, party: Party, addressee: str, slot: str, state: State, reason: str) -> Letter:
    key = f"{desk.workflow.name}/{NONE}/{step.name}/{party.id}/1/{addressee}/{slot}"
    return Letter(
        key, desk.workflow.name, None, step.name, step.kind, party.id, 1, addressee, slot, None,
        desk.workflow.timezone, state.value, reason, "", False, None,
    )  # fmt: skip


def _tentative(
    desk: Desk, step: Event, cadence: Cadence, party: Party, addressees: list[Contact], date: Resolved
) -> list[Letter]:
    reason = f"the day of {day_of(desk, step.name)} is not fixed: nobody is invited before it is"
    about = f"once the day is fixed, in or before {month_words(date.span.first)}"
    letters = []
    for contact in addressees:
        for slot in cadence.send:
            letter = _plan_only(desk, step, party, contact.id, slot.token, State.TENTATIVE, reason)
            letters.append(letter._replace(
                zone=contact_zone(contact, party, desk.workflow), about=about, template=cadence.letters.for_slot(slot)
            ))  # fmt: skip
    return letters


def _news(
    desk: Desk, step: Event, cadence: Cadence, party: Party, contact: Contact, date: Resolved, left: list[Past]
) -> list[Letter]:
    """Word of the day that moved, or that it is off: to those who were told otherwise, once for each change.

    `left` are the letters about the event that reached the party.
    """
    last = last_letter(left, {contact.id})
    if last is None:
        return []
    told = event_said(desk, step, last)
    off = is_off(desk, step)
    if off is not None and told is None:
        return []
    if off is None and (not date.firm or told == date.span):
        return []
    name, template = (CANCELLED, step.cancelled) if off else (MOVED, step.moved)
    before = sum(
        1 for entry in desk.history.sent(step.name, None, party.id)
        if entry.addressee == contact.id and (entry.slot.startswith(f"{name}-") or entry.slot == name)
    )  # fmt: skip
    since = off.recorded_at if off else max(_all_changes(desk, step), default=BEGINNING)
    line = desk.lineage.step(step.name)
    zone = contact_zone(contact, party, desk.workflow)
    hours = desk.hours(cadence, zone, party)
    on, due = hours.first_after(max(since, line.since, line.date_since))
    if due >= end_of_day(max(date.span.last, told.last) if told else date.span.last, desk.workflow.timezone):
        return []
    slot = f"{name}-{before + 1}"
    reason = (
        f"{step.name} is off"
        if off
        else f"{step.name} is on {span_words(date.span)}, and {party.name} was told otherwise"
    )
    letter = _plan_only(desk, step, party, contact.id, slot, State.SCHEDULED, reason)
    return [letter._replace(
        due_at=due, zone=zone, template=template, approval=cadence.approval, stale_at=hours.stale(on), ordinary=False,
        person=person_of(contact.address), told=OFF if off else written(date.span),
    )]  # fmt: skip


def _all_changes(desk: Desk, step: Event) -> list[datetime]:
    """Every recording that changed the day of an event, or whether it is on."""
    off = desk.world.book.history(facts.CANCELLED, Subject(step=step.name))
    return [*desk.world.resolver.changes(DateExpr(step.name)), *instants(off)]
