"""The contacts: a CSV file, read against the workflow and its roster."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.definition.building.sheet import Sheet, choice
from engine.definition.hints import suggest
from engine.definition.people import FORMS, LETTER_FORMS, Contact, Party
from engine.definition.syntax import times, written
from engine.definition.syntax.shapes import parse_name
from engine.definition.syntax.sources import Faults, SourceFile
from engine.definition.syntax.table import Row
from engine.definition.workflow import Workflow

_NEEDED = ("id", "party", "post", "name", "address")


def read_contacts(
    source: SourceFile, parties: Mapping[str, Party] | None, workflow: Workflow, roles: Collection[str], faults: Faults
) -> tuple[dict[str, Contact], bool]:
    """The contacts by id, and whether these are all. `parties` None: which parties there are is not known."""
    sheet = Sheet(source, faults)
    needed = [sheet.need(column) for column in _NEEDED]
    contacts: dict[str, Contact] = {}
    alternates: list[tuple[Row, Contact]] = []
    lines: dict[str, int] = {}
    for row in sheet.rows() if all(needed) else ():
        contact = _contact(sheet, row)
        sheet.illustrative(row)
        if contact.party and parties is not None and contact.party not in parties:
            hint = suggest(contact.party, parties)
            faults.add(sheet.at(row, "party"), f"there is no party “{contact.party}”", hint)
        of_party = parties.get(contact.party) if parties is not None else None
        known = sheet.get(row, "language") or (of_party and of_party.language) or workflow.language
        if "language" in sheet.columns and not known:
            message = f"{contact.name or contact.id} has no language here: its letters are in English"
            faults.add(sheet.at(row, "language"), message, warning=True)
        if contact.id in lines:
            faults.add(sheet.at(row, "id"), f"the id “{contact.id}” is that of line {lines[contact.id]} already")
        elif contact.id in roles:
            # A letter's key names its addressee by a contact's id or a role.
            message = f"“{contact.id}” is also the name of a role"
            faults.add(sheet.at(row, "id"), message, "Give the contact another id.")
        elif contact.id:
            contacts[contact.id], lines[contact.id] = contact, row.line
            if contact.alternate_of:
                alternates.append((row, contact))
    for row, contact in alternates if sheet.whole else ():
        _check_alternate(sheet, row, contact, contacts)
    return contacts, sheet.whole and all(contact.post for contact in contacts.values())


def _contact(sheet: Sheet, row: Row) -> Contact:
    return Contact(
        id=sheet.text(row, "id", written.identifier, required=True),
        party=sheet.text(row, "party", written.identifier, required=True),
        post=sheet.text(row, "post", parse_name, required=True),
        name=sheet.text(row, "name", required=True),
        address=sheet.text(row, "address", written.address, required=True),
        language=sheet.text(row, "language", written.language),
        timezone=sheet.cell(row, "timezone", times.zone_name),
        salutation=sheet.text(row, "salutation"),
        form=sheet.text(row, "form", choice(FORMS)),
        honorific=sheet.text(row, "honorific"),
        alternate_of=sheet.text(row, "alternate_of", written.identifier),
        letter_form=sheet.text(row, "letter_form", choice(LETTER_FORMS)),
    )


def _check_alternate(sheet: Sheet, row: Row, contact: Contact, contacts: Mapping[str, Contact]) -> None:
    """Whoever an alternate stands in for is another contact of the same party, and in the end one who is no alternate."""
    place, first = sheet.at(row, "alternate_of"), contacts.get(contact.alternate_of)
    if first is None:
        hint = suggest(contact.alternate_of, contacts)
        sheet.faults.add(place, f"there is no contact “{contact.alternate_of}”", hint)
    elif first.party != contact.party:
        sheet.faults.add(place, f"“{first.id}” is a contact of {first.party}, and an alternate is of the same party")
    else:
        seen = [contact.id]
        while first is not None and first.id not in seen:
            seen.append(first.id)
            first = contacts.get(first.alternate_of)
        if first is not None:
            circle = ", ".join(f"“{each}”" for each in seen)
            sheet.faults.add(place, f"{circle} stand in for one another: one of them has to be written to first")
