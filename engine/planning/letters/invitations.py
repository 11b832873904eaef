"""The letters of one party about one event: invitations, and word of a day that moved or an event that is off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from engine.definition import facts
from engine.definition.dates import DateExpr, end_of_day, local_date
from engine.definition.facts import BEGINNING, Subject, instants
from engine.definition.people import Contact, Party
from engine.definition.words import month_words, span_words
from engine.definition.workflow import Event
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.letters.chase import Outcome
from engine.planning.letters.chase_letters import day_of
from engine.planning.letters.closer import after_moves, moves_of
from engine.planning.letters.matter import Matter, had_since, hours_of
from engine.planning.letters.said import OFF, event_said, is_off, last_letter
from engine.planning.letters.writing import Placed, plan_only, slot_letters, told_on, word_letter, word_slot
from engine.planning.world.desk import Desk
from engine.planning.world.overrides import cadence_for
from engine.planning.world.resolve import Resolved
from engine.planning.world.rounds import Round
from engine.planning.world.schedule import Frame
from engine.planning.world.scope import PartyScope, true_since

MOVED = "moved"
CANCELLED = "cancelled"


def plan_invitations(desk: Desk, step: Event, party: Party) -> Outcome:
    """The letters of a party about an event, or why it gets none."""
    if step.invitations is None or step.invite is None:
        return Outcome()
    if not is_invited(desk, step, party):
        return Outcome(silence=f"not among those invited ({step.invite.text})")
    matter = Matter(step, party, None, Round(), cadence_for(desk.world.book, step.invitations, party.id, step.name))
    addressees = desk.recipients.addressees(party.id, step.name)
    if not addressees:
        return Outcome([plan_only(desk, matter, State.WAITING, desk.recipients.missing_words(party, step.name))])
    date = desk.world.resolver.event(step)
    news = [letter for contact in addressees for letter in _news(desk, step, matter, contact, date)]
    stopped = _stopped(desk, step, party)
    if stopped:
        return Outcome(news, stopped)
    if not date.firm:
        return Outcome(news + _tentative(desk, matter, addressees, date))
    return Outcome(news + _invitations(desk, step, matter, addressees, date, news))


def is_invited(desk: Desk, step: Event, party: Party) -> bool:
    """Whether a party is invited to an event: who has been told so, by letter or otherwise, stays invited."""
    scope = PartyScope(desk.world, party)
    if scope.flag(step.name, facts.INVITED) or any(
        entry.reached for entry in desk.history.of(step.name, None, party.id)
    ):
        return True
    return step.invite is not None and step.invite.holds(scope)


def _stopped(desk: Desk, step: Event, party: Party) -> str:
    for name in (facts.CANCELLED, facts.HELD):
        if desk.world.book.flag(name, Subject(step=step.name)):
            return f"{step.name} is recorded as {name}"
    coming = desk.world.book.newest(facts.COMING, Subject(party=party.id, step=step.name))
    return f"{party.name} is recorded as not coming" if coming is not None and not coming.yes else ""


def _activation(desk: Desk, step: Event, matter: Matter) -> datetime:
    member = true_since(step.invite, PartyScope(desk.world, matter.party)) if step.invite else None
    return max(had_since(desk, matter), member or BEGINNING, desk.world.resolver.firm_since(step.name))


def _invitations(
    desk: Desk, step: Event, matter: Matter, addressees: list[Contact], date: Resolved, news: list[Letter]
) -> list[Letter]:
    """The letters of its cadence. None leaves once the event has begun."""
    activated = _activation(desk, step, matter)
    line = desk.lineage.step(step.name)
    edited = any(since > activated for since in line.slots.values())
    starts = desk.day_start(date.span.first)
    ends_at = min(starts, desk.ends_at) if desk.ends_at else starts
    frame = Frame(
        date.span, activated, activated, local_date(activated, desk.workflow.timezone), matter.cadence.apart, ends_at,
        from_first=True, slot_since=line.slots if edited else {},
    )  # fmt: skip
    moves = list(moves_of(desk, DateExpr(step.name), None, None))
    letters = []
    for contact in addressees:
        hours = hours_of(desk, matter, contact)
        sent = {entry.slot: entry for entry in desk.history.sent(*matter.place) if entry.addressee == contact.id}
        placed = after_moves(desk, matter.cadence.send, frame, hours, moves, sent)
        busy = told_on(contact, hours.zone, news, sent.values(), (MOVED, CANCELLED))
        letters += slot_letters(desk, matter, contact, hours, placed, str(date.span), busy=busy, latest=ends_at)
    return letters


def _tentative(desk: Desk, matter: Matter, addressees: list[Contact], date: Resolved) -> list[Letter]:
    reason = f"the day of {day_of(desk, matter.step.name)} is not fixed: nobody is invited before it is"
    about = f"once the day is fixed, in or before {month_words(date.span.first)}"
    return [
        plan_only(desk, matter, State.TENTATIVE, reason, addressee=contact.id, slot=slot.token)._replace(
            zone=hours_of(desk, matter, contact).zone, about=about, template=matter.cadence.letters.for_slot(slot)
        )
        for contact in addressees for slot in matter.cadence.send
    ]  # fmt: skip


def _news(desk: Desk, step: Event, matter: Matter, contact: Contact, date: Resolved) -> Iterator[Letter]:
    """Word of the day that moved, or that it is off: to those who were told otherwise, once for each change."""
    last = last_letter(desk.history.of(*matter.place), {contact.id})
    if last is None:
        return
    told, off = event_said(desk, step, last), is_off(desk, step)
    if (off and told is None) or (not off and (not date.firm or told == date.span)):
        return
    name, template = (CANCELLED, step.cancelled) if off else (MOVED, step.moved)
    before = sum(
        entry.addressee == contact.id and (entry.slot.startswith(f"{name}-") or entry.slot == name)
        for entry in desk.history.sent(*matter.place)
    )
    since = off.recorded_at if off else max(_all_changes(desk, step), default=BEGINNING)
    line, hours = desk.lineage.step(step.name), hours_of(desk, matter, contact)
    reason = (
        f"{step.name} is off"
        if off
        else f"{step.name} is on {span_words(date.span)}, and {matter.party.name} was told otherwise"
    )
    slot = word_slot(f"{name}-{before + 1}", max(since, line.since, line.date_since), hours, reason)
    last_of_it = max(date.span.last, told.last) if told else date.span.last
    if slot.due_at < end_of_day(last_of_it, desk.workflow.timezone):
        yield word_letter(desk, matter, contact, hours, Placed([slot]), template, OFF if off else str(date.span))


def _all_changes(desk: Desk, step: Event) -> list[datetime]:
    """Every recording that changed the day of an event, or whether it is on."""
    off = desk.world.book.history(facts.CANCELLED, Subject(step=step.name))
    return [*desk.world.resolver.changes(DateExpr(step.name)), *instants(off)]
