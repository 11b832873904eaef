"""The roster: a CSV file, read against the workflow that uses it, and what it says as facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from engine.definition.building.sheet import Sheet, choice
from engine.definition.dates import parse_span
from engine.definition.facts import BEGINNING, LONG_AGO, Fact, Subject, details_of
from engine.definition.hints import near
from engine.definition.people import Party
from engine.definition.syntax import times, written
from engine.definition.syntax.sources import Faults, SourceFile
from engine.definition.syntax.table import Row
from engine.definition.workflow import Attribute, FactDecl, Plannable, Workflow
from engine.errors import Place

_PARTY_COLUMNS = ("id", "iso", "name", "aliases", "language", "timezone", "illustrative")
_NAMED = re.compile(r"name\.(.+)")
"""A column of names in another language: `name.fr`."""
_ALIKE = 0.8


def read_parties(source: SourceFile, workflow: Workflow, faults: Faults) -> tuple[dict[str, Party], bool]:
    """The parties of a roster by id, in its order; and whether these are all. Faults go to `faults`."""
    sheet = Sheet(source, faults)
    id_column = sheet.need("id", "iso")
    sheet.need("name")
    checks = _value_checks(sheet, workflow)
    names = _names(sheet)
    parties: dict[str, Party] = {}
    lines: dict[str, int] = {}
    seen = 0
    for row in sheet.rows() if id_column else ():
        seen += 1
        party_id = sheet.text(row, id_column or "", written.identifier, required=True)
        cells = {column: sheet.cell(row, column, parse) for column, parse in checks.items()}
        party = Party(
            id=party_id,
            name=sheet.text(row, "name", required=True) or party_id,
            values={column: value for column, value in cells.items() if value is not None},
            timezone=sheet.cell(row, "timezone", times.zone_name),
            illustrative=sheet.illustrative(row),
            aliases=sheet.cell(row, "aliases", _aliases) or (),
            language=sheet.text(row, "language", written.language),
            names={code: text for code, column in names.items() if (text := sheet.text(row, column))},
            iso=sheet.text(row, "iso"),
        )
        _check_details(sheet, row, workflow)
        if party_id in lines:
            faults.add(sheet.at(row, id_column or ""), f"the id “{party_id}” is that of line {lines[party_id]} already")
        elif party_id:
            parties[party_id], lines[party_id] = party, row.line
    return parties, sheet.whole and len(parties) == seen


def _names(sheet: Sheet) -> dict[str, str]:
    """The columns of names in other languages, by language."""
    found = {}
    for column in sheet.columns:
        if match := _NAMED.fullmatch(column):
            try:
                found[written.language(match[1])] = column
            except ValueError as error:
                sheet.faults.catch(sheet.place_of(column), error)
    return found


def _value_checks(sheet: Sheet, workflow: Workflow) -> dict[str, Callable[[str], str]]:
    """How the cells of each column that the workflow declares are read; their texts are kept as written."""
    if sheet.header is None:
        return {}
    checks: dict[str, Callable[[str], str]] = {}
    for name, attribute in workflow.attributes.items():
        if name in sheet.columns:
            checks[name] = _value_reader(attribute)
        else:
            other = near(name, sheet.columns, _ALIKE)
            message = f"the header has no column “{name}”, which the workflow uses"
            sheet.faults.add(Place(sheet.source.path), message, f"Is it “{other}”?" if other else "")
    for name, fact in workflow.facts.items():
        readers = {name: _value_reader(fact), **{f"{name}.{detail}": choice(of) for detail, of in fact.details.items()}}
        for column in [column for column in readers if column in sheet.columns]:
            if fact.about != "party" or fact.each_cycle:
                why = "is recorded for each cycle" if fact.each_cycle else f"is about the {fact.about}"
                sheet.faults.add(sheet.place_of(column), f"“{name}” {why}: it is no column of the roster")
            else:
                checks[column] = readers[column]
    _warn_of_slips(sheet, workflow)
    return checks


def _warn_of_slips(sheet: Sheet, workflow: Workflow) -> None:
    """A column that nobody declares may be another workflow's; one that nearly is a declared one is a slip."""
    details = [f"{name}.{detail}" for name, fact in workflow.facts.items() for detail in fact.details]
    known = [*_PARTY_COLUMNS, *workflow.attributes, *details, *workflow.facts]
    missing = [name for name in known if name not in sheet.columns]
    for column in sheet.columns:
        if column not in known and (meant := near(column, missing, _ALIKE)):
            message = f"the workflow uses no column “{column}”"
            sheet.faults.add(sheet.place_of(column), message, f"Did you mean {meant}?", warning=True)


def _check_details(sheet: Sheet, row: Row, workflow: Workflow) -> None:
    for name, fact in workflow.facts.items():
        for detail in fact.details:
            column = f"{name}.{detail}"
            if sheet.get(row, column) and not sheet.get(row, name):
                sheet.faults.add(sheet.at(row, column), f"“{column}” is given, and “{name}” is empty")


def _value_reader(declared: Attribute | FactDecl) -> Callable[[str], str]:
    match declared.type:
        case "choice":
            return choice(declared.of)
        case "flag":
            return choice(written.YES_NO)
        case "date":
            return lambda text: str(times.span(text))
    return written.line


def _aliases(text: str) -> tuple[str, ...]:
    """Other names, with semicolons between them, since a name may have a comma in it."""
    return tuple(found for part in text.split(";") if (found := written.line(part)))


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
