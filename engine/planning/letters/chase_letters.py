"""The letters of one party in one step: by its cadence, tentative ones, and thanks (language, “Cadence”)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from engine.definition.cadence import AT_ONCE, CORRECTED, THANKS, is_request
from engine.definition.people import Contact
from engine.definition.words import month_words, span_words
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.letters.case import Case, activation, frame_of
from engine.planning.letters.closer import after_moves, moves_of
from engine.planning.letters.corrections import corrections
from engine.planning.letters.escalations import escalations
from engine.planning.letters.matter import hours_of, unsent
from engine.planning.letters.pauses import paused, pauses_of
from engine.planning.letters.said import last_day
from engine.planning.letters.writing import Placed, plan_only, slot_letters, told_on, word_letter, word_slot
from engine.planning.world.desk import Desk
from engine.planning.world.history import Past
from engine.planning.world.recipients import each_address
from engine.planning.world.resolve import Resolved
from engine.planning.world.schedule import Slotted
from engine.planning.world.scope import recorded_facts


def letters_of(desk: Desk, case: Case, by: Resolved, after: Resolved | None, addressees: list[Contact]) -> list[Letter]:
    """The letters of a party whose days are all known, to each addressee, and what tells a role about them."""
    frame = frame_of(desk, case, by, activation(desk, case, after))
    sent = desk.history.sent(*case.place, case.round.number)
    pauses = pauses_of(desk, case)
    letters = corrections(desk, case, by, pauses)
    news, told = list(letters), str(last_day(by))
    first: list[Slotted] = []
    elsewhere = _told_elsewhere(sent, addressees)
    moves = list(moves_of(desk, case.chase.by, case.party, case.cycle)) if case.round.by is None else []
    for contact in addressees:
        hours = hours_of(desk, case, contact)
        left = {entry.slot: entry for entry in sent if entry.addressee == contact.id}
        placed = after_moves(desk, case.cadence.send, frame, hours, moves, left)
        slots = [
            slot
            for slot in placed.slots
            if _kept(case, slot.slot) and (slot.slot in left or slot.slot not in elsewhere)
        ]
        placed = Placed(slots, placed.missed)
        if pauses:
            placed = paused(
                placed, pauses, hours, apart=case.cadence.apart, by=by.span.last, ends_at=frame.ends_at, left=left,
                unsent=unsent(desk, case, contact),
            )  # fmt: skip
        busy = told_on(contact, hours.zone, news, left.values(), (CORRECTED,))
        letters += slot_letters(desk, case, contact, hours, placed, told, busy=busy)
        first = first or [
            slot for slot in placed.slots if slot.slot not in placed.missed and slot.slot not in placed.waiting
        ]
    if case.chase.escalate:
        letters += escalations(desk, case, by, first, addressees[0], pauses)
    return letters


def _told_elsewhere(sent: Iterable[Past], addressees: Sequence[Contact]) -> set[str]:
    """The slots of a round that reached somebody who is not written to any more: nobody gets those letters again."""
    ours = {contact.id for contact in addressees}
    return {entry.slot for entry in sent if entry.reached and entry.addressee not in ours}


def _kept(case: Case, slot: str) -> bool:
    """Whether a round has a slot: only the first begins with word at once."""
    return case.round.number == 1 or slot != AT_ONCE


def tentative_letters(
    desk: Desk, case: Case, rests_on: str, by: Resolved, after: Resolved | None, addressees: list[Contact]
) -> list[Letter]:
    """The slots as they would fall if the day were the last possible one; none of them has a time."""
    start = desk.day_start(after.span.first) if after else desk.lineage.step(case.chase.step.name).since
    frame = replace(frame_of(desk, case, by, start), slot_since={}, continued={}, ends_at=None)
    reason = f"the day of {day_of(desk, rests_on)} is not fixed"
    letters = []
    for contact in addressees:
        hours = hours_of(desk, case, contact)
        for slot in desk.schedule(case.cadence.send, frame, hours):
            if not slot.absorbed_by:
                letter = plan_only(desk, case, State.TENTATIVE, reason, addressee=contact.id, slot=slot.slot)
                template = case.cadence.letters.for_slot(slot.source)
                about = f"about {month_words(slot.day)}"
                letters.append(letter._replace(zone=hours.zone, about=about, template=template))
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
    letters = []
    for contact in each_address(
        contact for contact in desk.recipients.contacts(case.party.id) if contact.id in sent_to
    ):
        hours = hours_of(desk, case, contact)
        slot = word_slot(THANKS, done_since, hours, f"thanks: {done_words(case)}")
        if desk.ends_at is None or slot.due_at < desk.ends_at:
            slot = slot._replace(due_at=thanked.get(contact.id, slot.due_at))
            letters.append(word_letter(desk, case, contact, hours, Placed([slot]), case.chase.thanks))
    return letters
