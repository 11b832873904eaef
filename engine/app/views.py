"""A plan as it is shown: letters with their recipients and local times, for the command's table and its JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engine.definition.dates import zone
from engine.letter import NONE, Letter
from engine.planning.planner import Planner
from engine.planning.world.recipients import Recipients


def local(at: datetime | None, zone_name: str) -> str | None:
    """An instant in RFC 3339, with the zone's offset at that time."""
    return at.astimezone(zone(zone_name)).isoformat() if at else None


def recipient_of(letter: Letter, planner: Planner) -> str | None:
    """The address that a letter goes to, as known now."""
    role = planner.workflow.roles.get(letter.addressee)
    if role is not None:
        return role.email
    if letter.party is None or letter.addressee == NONE:
        return None
    recipients: Recipients = planner.desk.recipients
    found = (contact.address for contact in recipients.contacts(letter.party) if contact.id == letter.addressee)
    return next(found, None)


def people_of(letter: Letter, planner: Planner) -> set[str]:
    """The addresses that a letter reaches, as known now: its recipient's, and those of whoever gets a copy."""
    to = recipient_of(letter, planner)
    if to is None:
        return set()
    found = {to.casefold()}
    if letter.party is not None and letter.addressee not in planner.workflow.roles:
        recipients: Recipients = planner.desk.recipients
        contact = next(each for each in recipients.contacts(letter.party) if each.id == letter.addressee)
        contacts, roles = recipients.copies(letter.party, contact, planner.workflow.steps[letter.step])
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
