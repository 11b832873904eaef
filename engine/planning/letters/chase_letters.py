"""The letters of one party in one step: by its cadence, tentative ones, and thanks (language, “Cadence”)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from engine.definition.cadence import AT_ONCE, CORRECTED, THANKS, is_request
from engine.definition.dates import local_date
from engine.definition.people import Contact
from engine.definition.words import month_words, span_words
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.letters.case import Case, activation, frame_of, key_prefix, plan_only
from engine.planning.letters.closer import after_moves
from engine.planning.letters.corrections import corrections
from engine.planning.letters.escalations import escalations
from engine.planning.letters.pauses import paused, pauses_of
from engine.planning.letters.said import last_day, written
from engine.planning.world.desk import Desk
from engine.planning.world.history import Past
from engine.planning.world.recipients import contact_zone, person_of
from engine.planning.world.resolve import Resolved
from engine.planning.world.schedule import Frame, Hours, Slotted
from engine.planning.world.scope import recorded_facts


def letters_of(desk: Desk, case: Case, by: Resolved, after: Resolved | None, addressees: list[Contact]) -> list[Letter]:
    """The letters of a party whose days are all known, to each addressee, and what tells a role about them."""
    cadence = case.chase.cadence
    frame = frame_of(desk, case, by, activation(desk, case, after))
    sent = desk.history.sent(*case.place, case.round.number)
    pauses = pauses_of(desk, case)
    letters = corrections(desk, case, by, pauses)
    news, told = list(letters), written(last_day(by))
    first: list[Slotted] = []
    elsewhere = _told_elsewhere(sent, addressees)
    for contact in addressees:
        hours = desk.hours(cadence, contact_zone(contact, case.party, desk.workflow), case.party)
        left = {entry.slot: entry for entry in sent if entry.addressee == contact.id}
        slots, missed = _slots(desk, case, frame, hours, left)
        slots = [slot for slot in slots if slot.slot in left or slot.slot not in elsewhere]
        waiting: dict[str, str] = {}
        if pauses:
            slots, missed, waiting = paused(
                slots,
                pauses,
                hours,
                apart=cadence.apart,
                by=by.span.last,
                ends_at=frame.ends_at,
                left=left,
                unsent=_unsent(desk, case, contact),
                missed=missed,
            )
        busy = _told_on(contact, hours.zone, news, left.values())
        letters += _emit(desk, case, contact, hours.zone, slots, missed, waiting, busy, told)
        first = first or [slot for slot in slots if slot.slot not in missed and slot.slot not in waiting]
    if case.chase.escalate:
        letters += escalations(desk, case, by, first, addressees[0], pauses)
    return letters


def _told_elsewhere(sent: Iterable[Past], addressees: Sequence[Contact]) -> set[str]:
    """The slots of a round that reached somebody who is not written to any more: nobody gets those letters again."""
    ours = {contact.id for contact in addressees}
    return {entry.slot for entry in sent if entry.reached and entry.addressee not in ours}


def _told_on(contact: Contact, zone: str, news: Sequence[Letter], left: Iterable[Past]) -> set[date]:
    """The days on which an addressee gets, or got, word of a new day: a reminder on one of them gives way to it."""
    due = [letter.due_at for letter in news if letter.addressee == contact.id and letter.state == State.SCHEDULED]
    due += [entry.due_at for entry in left if entry.slot.startswith(f"{CORRECTED}-")]
    return {local_date(at, zone) for at in due if at is not None}


def _unsent(desk: Desk, case: Case, contact: Contact) -> set[str]:
    """The slots of an addressee that have a row, and may still leave by it."""
    return {
        entry.slot for entry in desk.history.of(*case.place)
        if entry.addressee == contact.id and entry.round == case.round.number
        and not entry.sent and entry.state not in (State.MISSED, State.FAILED)
    }  # fmt: skip


def _slots(
    desk: Desk, case: Case, frame: Frame, hours: Hours, sent: dict[str, Past]
) -> tuple[list[Slotted], dict[str, str]]:
    """The slots of a party at an addressee's hours, and why some are missed: the date moved since."""
    chase, resolver = case.chase, desk.world.resolver
    changes = resolver.changes(chase.by) if case.round.by is None else []
    if not changes and not sent:
        slots, missed = list(desk.schedule(chase.cadence.send, frame, hours)), dict[str, str]()
    else:

        def as_known(known: datetime) -> Resolved | None:
            return resolver.resolve(chase.by, case.party, case.cycle, known)

        slots, missed = after_moves(desk, chase.cadence.send, frame, hours, changes, as_known, sent)
    if case.round.number > 1:
        slots = [slot for slot in slots if slot.slot != AT_ONCE]
    return slots, missed


def _emit(
    desk: Desk,
    case: Case,
    contact: Contact,
    zone: str,
    slots: Sequence[Slotted],
    missed: dict[str, str],
    waiting: dict[str, str],
    busy: set[date],
    told: str,
) -> list[Letter]:
    """One letter for each slot; the hot loop of a large plan."""
    step, cycle, party = case.place
    workflow, kind, number = desk.workflow.name, case.chase.step.kind, case.round.number
    prefix, names, approval = (
        key_prefix(desk, case, contact.id),
        case.chase.cadence.letters,
        case.chase.cadence.approval,
    )
    addressee, person, letters = contact.id, person_of(contact.address), []
    for slot in slots:
        if slot.absorbed_by:
            state, reason = "absorbed", f"{slot.reason}; {slot.absorbed_by} takes its place"
        elif slot.slot in missed:
            state, reason = "missed", missed[slot.slot]
        elif slot.slot in waiting:
            state, reason = "waiting", waiting[slot.slot]
        elif busy and slot.day in busy:
            state, reason = "absorbed", f"{slot.reason}; word of the new day takes its place"
        else:
            state, reason = "scheduled", slot.reason
        letters.append(Letter(
            prefix + slot.slot, workflow, cycle, step, kind, party, number, addressee, slot.slot, slot.due_at, zone,
            state, reason, names.for_slot(slot.source), approval, slot.stale_at, "", True, person, told,
        ))  # fmt: skip
    return letters


def tentative_letters(
    desk: Desk, case: Case, rests_on: str, by: Resolved, after: Resolved | None, addressees: list[Contact]
) -> list[Letter]:
    """The slots as they would fall if the day were the last possible one; none of them has a time."""
    start = desk.day_start(after.span.first) if after else desk.lineage.step(case.chase.step.name).since
    frame = replace(frame_of(desk, case, by, start), slot_since={}, continued={}, ends_at=None)
    reason = f"the day of {day_of(desk, rests_on)} is not fixed"
    letters = []
    for contact in addressees:
        zone = contact_zone(contact, case.party, desk.workflow)
        for slot in desk.schedule(case.chase.cadence.send, frame, desk.hours(case.chase.cadence, zone, case.party)):
            if not slot.absorbed_by:
                letter = plan_only(desk, case, State.TENTATIVE, reason, addressee=contact.id, slot=slot.slot)
                template = case.chase.cadence.letters.for_slot(slot.source)
                letters.append(letter._replace(zone=zone, about=f"about {month_words(slot.day)}", template=template))
    return letters


def day_of(desk: Desk, name: str) -> str:
    """`ny_workshop (October 2017)`: an event or anchor with its days as far as they are known."""
    resolved = desk.world.resolver.named(name, None, None)
    return f"{name} ({span_words(resolved.span)})" if resolved else name


def done_words(case: Case) -> str:
    facts = [fact for fact in recorded_facts(case.chase.done, case.scope) if fact.live()]
    if not facts:
        return f"done: {case.chase.done.text}"
    newest = max(facts, key=lambda fact: fact.recording)
    value = newest.value if newest.value != str(newest.true) else ""
    what = f"{newest.name} {value}".strip()
    return f"done: {what}, true on {newest.true}" if newest.id else f"done: {what} (the roster says so)"


def thanks_letters(desk: Desk, case: Case, done_since: datetime) -> list[Letter]:
    """Thanks, once for each addressee to whom a letter of this round was sent (guarantee G3)."""
    if case.chase.thanks is None:
        return []
    sent = desk.history.sent(*case.place, case.round.number)
    sent_to = {entry.addressee for entry in sent if is_request(entry.slot) and entry.reached}
    thanked = {entry.addressee: entry.due_at for entry in sent if entry.slot == THANKS}
    letters, addresses = [], set[str]()
    for contact in desk.recipients.contacts(case.party.id):
        address = contact.address.casefold()
        if contact.id not in sent_to or address in addresses:
            continue
        addresses.add(address)
        zone = contact_zone(contact, case.party, desk.workflow)
        on, due = (hours := desk.hours(case.chase.cadence, zone, case.party)).first_after(done_since)
        if desk.ends_at is None or due < desk.ends_at:
            letter = plan_only(
                desk, case, State.SCHEDULED, f"thanks: {done_words(case)}", addressee=contact.id, slot=THANKS
            )
            letters.append(letter._replace(
                due_at=thanked.get(contact.id, due), zone=zone, template=case.chase.thanks,
                approval=case.chase.cadence.approval, stale_at=hours.stale(on), ordinary=False, person=person_of(contact.address),
            ))  # fmt: skip
    return letters
