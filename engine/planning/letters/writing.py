"""Letters to a party put together: for the slots of a cadence, for word of something, or in the plan only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.definition.cadence import AtOnce
from engine.definition.dates import local_date
from engine.definition.people import Contact
from engine.letter import NONE, Letter, LetterKey
from engine.lifecycle import State
from engine.planning.letters.matter import Matter
from engine.planning.world.desk import Desk
from engine.planning.world.history import Past
from engine.planning.world.recipients import person_of
from engine.planning.world.schedule import Hours, Slotted


@dataclass(frozen=True, slots=True)
class Placed:
    """The slots of one addressee where they fall; why some of them are missed, and why some wait (slot → words)."""

    slots: Sequence[Slotted]
    missed: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, str] = field(default_factory=dict)


def key_of(desk: Desk, matter: Matter, addressee: str, slot: str) -> LetterKey:
    """The key of a letter."""
    step, cycle, party = matter.place
    return LetterKey(desk.workflow.name, cycle, step, party, matter.round.number, addressee, slot)


def plan_only(
    desk: Desk, matter: Matter, state: State, reason: str, *, addressee: str = NONE, slot: str = ""
) -> Letter:
    """A letter of which nothing is known but that it waits for something."""
    key = key_of(desk, matter, addressee, slot or state.value)
    return Letter.of(key, matter.step.kind, desk.workflow.timezone, state, reason)


def slot_letters(
    desk: Desk, matter: Matter, contact: Contact, hours: Hours, placed: Placed, told: str, *,
    busy: Collection[date] = (), latest: datetime | None = None,
) -> list[Letter]:  # fmt: skip
    """One letter for each slot; the hot loop of a large plan.

    On the days of `busy` an addressee gets word of another day, which takes a reminder's place. From `latest` on no
    letter is worth sending.
    """
    key = key_of(desk, matter, contact.id, "")
    workflow, cycle, step, party, number, addressee, _ = key
    prefix, kind, names, approval = str(key), matter.step.kind, matter.cadence.letters, matter.cadence.approval
    person, letters = person_of(contact.address), []
    for slot in placed.slots:
        if slot.absorbed_by:
            state, reason = "absorbed", f"{slot.reason}; {slot.absorbed_by} takes its place"
        elif slot.slot in placed.missed:
            state, reason = "missed", placed.missed[slot.slot]
        elif slot.slot in placed.waiting:
            state, reason = "waiting", placed.waiting[slot.slot]
        elif busy and slot.day in busy:
            state, reason = "absorbed", f"{slot.reason}; word of the new day takes its place"
        else:
            state, reason = "scheduled", slot.reason
        letters.append(Letter(
            prefix + slot.slot, workflow, cycle, step, kind, party, number, addressee, slot.slot, slot.due_at, hours.zone,
            state, reason, names.for_slot(slot.source), approval,
            slot.stale_at if latest is None else min(slot.stale_at, latest), "", True, person, told,
        ))  # fmt: skip
    return letters


def word_slot(slot: str, since: datetime, hours: Hours, reason: str) -> Slotted:
    """A slot that no cadence has: the first sending time from an instant on."""
    on, due = hours.first_after(since)
    return Slotted(slot, AtOnce(), 0, on, due, hours.stale(on), False, reason)


def told_on(
    contact: Contact, zone: str, news: Iterable[Letter], left: Iterable[Past], slots: tuple[str, ...]
) -> set[date]:
    """The days on which an addressee gets, or got, word of another day (`slots` are its names): a reminder gives way."""
    due = [letter.due_at for letter in news if letter.addressee == contact.id and letter.state == State.SCHEDULED]
    due += [entry.due_at for entry in left if entry.slot.rpartition("-")[0] in slots]
    return {local_date(at, zone) for at in due if at is not None}


def word_letter(
    desk: Desk, matter: Matter, contact: Contact, hours: Hours, placed: Placed, template: str, told: str = ""
) -> Letter:
    """The letter of the one slot that no cadence has: thanks, or word of another day."""
    (letter,) = slot_letters(desk, matter, contact, hours, placed, told)
    return letter._replace(template=template, ordinary=False)
