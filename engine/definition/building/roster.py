"""The roster and the contacts: CSV files, read against the workflow that uses them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

from engine.definition.dates import parse_span
from engine.definition.facts import BEGINNING, LONG_AGO, Fact, Subject, details_of
from engine.definition.hints import Unreadable, suggest
from engine.definition.people import FORMS, LETTER_FORMS, Contact, Party
from engine.definition.syntax import times, written
from engine.definition.syntax.shapes import parse_name
from engine.definition.syntax.sources import Faults, SourceFile
from engine.definition.syntax.table import Row, Table
from engine.definition.workflow import Attribute, FactDecl, Plannable, Workflow
from engine.errors import Place

T = TypeVar("T")

_PARTY_COLUMNS = ("id", "iso", "name", "aliases", "language", "timezone", "illustrative")
_CONTACT_COLUMNS = (
    "id", "party", "post", "name", "address", "language", "timezone", "salutation", "form", "honorific", "alternate_of",
    "letter_form", "illustrative",
)  # fmt: skip
_NAMED = re.compile(r"name\.(.+)")
"""A column of names in another language: `name.fr`."""
_NEAR = 0.8


class _Sheet:
    """A table with what all columns have in common: reading a cell, and the column of what is illustrative."""

    def __init__(self, source: SourceFile, faults: Faults) -> None:
        self.table = Table(source, faults)
        self.faults = faults

    def cell(self, row: Row, column: str, parse: Callable[[str], T], *, required: bool = False) -> T | None:
        """A cell as read by `parse`; None when it is empty or, with a fault on record, wrong."""
        text = self.table.get(row, column)
        if not text:
            if required:
                self.faults.add(self.table.at(row, column), f"the column “{column}” is empty here")
            return None
        try:
            if "\n" in text or "\r" in text:
                raise Unreadable("a line break cannot stand in a cell")
            return parse(text)
        except ValueError as error:
            self.faults.catch(self.table.at(row, column), error)
            return None

    def illustrative(self, row: Row) -> tuple[str, ...]:
        """The columns of a row that hold no real record."""
        names = self.table.get(row, "illustrative").replace(",", " ").split()
        for name in names:
            if name not in self.table.columns:
                place = self.table.at(row, "illustrative")
                self.faults.add(place, f"there is no column “{name}”", suggest(name, self.table.columns))
        return tuple(names)


def read_parties(source: SourceFile, workflow: Workflow, faults: Faults) -> tuple[dict[str, Party], bool]:
    """The parties of a roster by id, in its order; and whether these are all. Faults go to `faults`."""
    sheet = _Sheet(source, faults)
    table = sheet.table
    id_column = table.need("id", "iso")
    table.need("name")
    checks = _value_checks(table, workflow, faults)
    names = _names(table, faults)
    parties: dict[str, Party] = {}
    lines: dict[str, int] = {}
    seen = 0
    for row in table.rows() if id_column else ():
        seen += 1
        party_id = sheet.cell(row, id_column or "", written.identifier, required=True)
        name = sheet.cell(row, "name", written.line, required=True)
        values = {}
        for column, parse in checks.items():
            value = sheet.cell(row, column, parse)
            if value is not None:
                values[column] = value
        _check_details(sheet, row, workflow)
        zone, illustrative = sheet.cell(row, "timezone", times.zone_name), sheet.illustrative(row)
        if party_id in lines:
            faults.add(table.at(row, id_column or ""), f"the id “{party_id}” is that of line {lines[party_id]} already")
        elif party_id is not None:
            lines[party_id] = row.line
            parties[party_id] = Party(
                party_id, name or party_id, values, zone, illustrative, sheet.cell(row, "aliases", _aliases) or (),
                sheet.cell(row, "language", written.language) or "",
                {code: text for code, column in names.items() if (text := sheet.cell(row, column, written.line))},
                sheet.cell(row, "iso", written.line) or "",
            )  # fmt: skip
    return parties, table.whole and len(parties) == seen


def _names(table: Table, faults: Faults) -> dict[str, str]:
    """The columns of names in other languages, by language."""
    found = {}
    for column, index in table.columns.items():
        match = _NAMED.fullmatch(column)
        if match and table.header is not None:
            try:
                found[written.language(match[1])] = column
            except ValueError as error:
                faults.catch(table.place(table.header, index), error)
    return found


def _value_checks(table: Table, workflow: Workflow, faults: Faults) -> dict[str, Callable[[str], str]]:
    """How the cells of each column that the workflow declares are read; their texts are kept as written."""
    if table.header is None:
        return {}
    checks: dict[str, Callable[[str], str]] = {}
    for name, attribute in workflow.attributes.items():
        if name in table.columns:
            checks[name] = _value_reader(attribute)
        else:
            near = difflib.get_close_matches(name, table.columns, 1, _NEAR)
            faults.add(
                Place(table.source.path),
                f"the header has no column “{name}”, which the workflow uses",
                f"Is it “{near[0]}”?" if near else "",
            )
    for name, fact in workflow.facts.items():
        columns = [name, *(f"{name}.{detail}" for detail in fact.details)]
        for column in [column for column in columns if column in table.columns]:
            if fact.about != "party" or fact.each_cycle:
                why = "is recorded for each cycle" if fact.each_cycle else f"is about the {fact.about}"
                faults.add(
                    table.place(table.header, table.columns[column]), f"“{name}” {why}: it is no column of the roster"
                )
            elif column == name:
                checks[column] = _value_reader(fact)
            else:
                checks[column] = _choice(fact.details[column.partition(".")[2]])
    _warn_of_slips(table, workflow, faults)
    return checks


def _warn_of_slips(table: Table, workflow: Workflow, faults: Faults) -> None:
    """A column that nobody declares may be another workflow's; one that nearly is a declared one is a slip."""
    assert table.header is not None
    declared = [*workflow.attributes, *(f"{name}.{d}" for name, fact in workflow.facts.items() for d in fact.details)]
    known = [*_PARTY_COLUMNS, *declared, *workflow.facts]
    missing = [name for name in known if name not in table.columns]
    for column, index in table.columns.items():
        if column not in known and (near := difflib.get_close_matches(column, missing, 1, _NEAR)):
            place = table.place(table.header, index)
            faults.add(place, f"the workflow uses no column “{column}”", f"Did you mean {near[0]}?", warning=True)


def _check_details(sheet: _Sheet, row: Row, workflow: Workflow) -> None:
    for name, fact in workflow.facts.items():
        for detail in fact.details:
            column = f"{name}.{detail}"
            if sheet.table.get(row, column) and not sheet.table.get(row, name):
                sheet.faults.add(sheet.table.at(row, column), f"“{column}” is given, and “{name}” is empty")


def _value_reader(declared: Attribute | FactDecl) -> Callable[[str], str]:
    match declared.type:
        case "choice":
            return _choice(declared.of)
        case "flag":
            return _choice(written.YES_NO)
        case "date":
            return lambda text: str(times.span(text))
    return written.line


def _aliases(text: str) -> tuple[str, ...]:
    """Other names, with semicolons between them, since a name may have a comma in it."""
    return tuple(found for part in text.split(";") if (found := written.line(part)))


def _choice(words: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if words and text not in words:
            raise Unreadable(f"“{text}” is not one of {', '.join(words)}", suggest(text, words))
        return written.line(text)

    return read


def read_contacts(
    source: SourceFile, parties: Mapping[str, Party] | None, workflow: Workflow, roles: Collection[str], faults: Faults
) -> tuple[dict[str, Contact], bool]:
    """The contacts by id, and whether these are all. `parties` None: which parties there are is not known."""
    sheet = _Sheet(source, faults)
    table = sheet.table
    needed = [table.need(column) for column in _CONTACT_COLUMNS[:5]]
    contacts: dict[str, Contact] = {}
    alternates: list[tuple[Row, Contact]] = []
    lines: dict[str, int] = {}
    for row in table.rows() if all(needed) else ():
        contact_id = sheet.cell(row, "id", written.identifier, required=True)
        party = sheet.cell(row, "party", written.identifier, required=True)
        if party is not None and parties is not None and party not in parties:
            faults.add(table.at(row, "party"), f"there is no party “{party}”", suggest(party, parties))
        contact = Contact(
            contact_id or "", party or "",
            sheet.cell(row, "post", parse_name, required=True) or "",
            sheet.cell(row, "name", written.line, required=True) or "",
            sheet.cell(row, "address", written.address, required=True) or "",
            sheet.cell(row, "language", written.language) or "",
            sheet.cell(row, "timezone", times.zone_name),
            sheet.cell(row, "salutation", written.line) or "",
            sheet.cell(row, "form", _choice(FORMS)) or "",
            sheet.cell(row, "honorific", written.line) or "",
            sheet.cell(row, "alternate_of", written.identifier) or "",
            sheet.cell(row, "letter_form", _choice(LETTER_FORMS)) or "",
        )  # fmt: skip
        sheet.illustrative(row)
        of_party = parties.get(party or "") if parties is not None else None
        known = table.get(row, "language") or (of_party and of_party.language) or workflow.language
        if "language" in table.columns and not known:
            message = f"{contact.name or contact.id} has no language here: its letters are in English"
            faults.add(table.at(row, "language"), message, warning=True)
        if contact_id in lines:
            faults.add(table.at(row, "id"), f"the id “{contact_id}” is that of line {lines[contact_id]} already")
        elif contact_id in roles:
            # A letter's key names its addressee by a contact's id or a role.
            faults.add(
                table.at(row, "id"), f"“{contact_id}” is also the name of a role", "Give the contact another id."
            )
        elif contact_id is not None:
            contacts[contact_id], lines[contact_id] = contact, row.line
            if contact.alternate_of:
                alternates.append((row, contact))
    for row, contact in alternates if table.whole else ():
        _check_alternate(sheet, row, contact, contacts)
    return contacts, table.whole and all(contact.post for contact in contacts.values())


def _check_alternate(sheet: _Sheet, row: Row, contact: Contact, contacts: Mapping[str, Contact]) -> None:
    """Whoever an alternate stands in for is another contact of the same party, and in the end one who is no alternate."""
    place, first = sheet.table.at(row, "alternate_of"), contacts.get(contact.alternate_of)
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


def roster_facts(plannable: Plannable) -> list[Fact]:
    """What the roster says, as facts recorded before all others."""
    declared = [fact for fact in plannable.workflow.facts.values() if fact.about == "party" and not fact.each_cycle]
    return [fact for party in plannable.parties.values() for fact in _facts_of(party, declared)]


def _facts_of(party: Party, declared: list[FactDecl]) -> Iterator[Fact]:
    for fact in declared:
        value = party.values.get(fact.name)
        if value is None:
            continue
        true = parse_span(value) if fact.type == "date" else LONG_AGO
        given = {detail: party.values.get(f"{fact.name}.{detail}") for detail in fact.details}
        details = details_of({name: text for name, text in given.items() if text is not None})
        yield Fact(0, fact.name, Subject(party=party.id), value, true, BEGINNING, details, source="roster")
