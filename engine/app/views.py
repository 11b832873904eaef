"""A plan as it is shown: letters with their recipients and local times, for the command's table and its JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engine.definition.dates import zone
from engine.definition.people import Contact
from engine.letter import NONE, Letter
from engine.planning.planner import Planner


def local(at: datetime | None, zone_name: str) -> str | None:
    """An instant in RFC 3339, with the zone's offset at that time."""
    return at.astimezone(zone(zone_name)).isoformat() if at else None


def recipient_of(letter: Letter, planner: Planner) -> str | None:
    """The address that a letter goes to, as known now."""
    role = planner.workflow.roles.get(letter.addressee)
    if role is not None:
        return role.email
    contact = _contact(letter, planner)
    return contact.address if contact is not None else None


def _contact(letter: Letter, planner: Planner) -> Contact | None:
    if letter.party is None or letter.addressee == NONE or letter.addressee in planner.workflow.roles:
        return None
    return next((each for each in planner.desk.recipients.contacts(letter.party) if each.id == letter.addressee), None)


def people_of(letter: Letter, planner: Planner) -> set[str]:
    """The addresses that a letter reaches, as known now: its recipient's, and those of whoever gets a copy."""
    to = recipient_of(letter, planner)
    if to is None:
        return set()
    found = {to.casefold()}
    contact = _contact(letter, planner)
    if contact is not None:
        contacts, roles = planner.desk.recipients.copies(contact.party, contact, planner.workflow.steps[letter.step])
        found.update(other.address.casefold() for other in contacts)
        found.update(email.casefold() for name in roles if (email := planner.workflow.roles[name].email))
    return found


def plan_rows(letters: Iterable[Letter], planner: Planner) -> list[dict[str, Any]]:
    """The plan's JSON: one object for each letter, in the order given."""
    return [
        {
            "key": letter.key,
            "workflow": letter.workflow,
            "cycle": letter.cycle,
            "step": letter.step,
            "kind": letter.kind,
            "party": letter.party,
            "round": letter.round,
            "addressee": letter.addressee,
            "recipient": recipient_of(letter, planner),
            "slot": letter.slot,
            "due_at": local(letter.due_at, letter.zone),
            "state": letter.state,
            "reason": letter.reason,
            "template": letter.template or None,
            "zone": letter.zone,
            "about": letter.about or None,
        }
        for letter in letters
    ]
