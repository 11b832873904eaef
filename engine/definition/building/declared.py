"""From the sections that declare names to their frozen values."""

from __future__ import annotations

from datetime import date, time

from engine.definition.building.names import SECTIONS, Declared, Names
from engine.definition.dates import Distance, Span, day
from engine.definition.people import AddressRule, DigestRule, Letterhead, Role, Titles
from engine.definition.syntax.shapes import Fields
from engine.definition.syntax.sources import Faults
from engine.definition.workdays import Quiet, known_country, known_subdivision
from engine.definition.workflow import Anchor, Attribute, CycleRule, FactDecl, PartySet, Setting
from engine.errors import Place

_SOME_DAY = day(date(2000, 1, 1))


def declare(root: Fields, faults: Faults) -> Declared:
    """What the sections declare."""
    declared = Declared(cyclic="cycle" in root, starts="starts" in root)
    for name, fields, _ in root.entries("anchors", Fields):
        declared.anchors[name] = Anchor(name, fields.get("on", Span) or _SOME_DAY, fields.text("title", name))
    for name, fields, _ in root.entries("attributes", Fields):
        type_, of = _typed(fields, faults)
        declared.attributes[name] = Attribute(name, type_, of)
    for name, fields, _ in root.entries("facts", Fields):
        declared.facts[name] = _fact(name, fields, declared.cyclic, faults)
    for name, fields, _ in root.entries("settings", Fields):
        declared.settings[name] = Setting(name, fields.text("value"), _words(fields, faults), fields.text("label"))
    for section in (*SECTIONS, "settings"):
        declared.incomplete |= section in root and section not in root.values
        read = {name for name, _, _ in root.entries(section, Fields)}
        declared.doubtful |= root.names_in(section) - read
    for section in ("attributes", "facts"):
        declared.doubtful |= {name for name, fields, _ in root.entries(section, Fields) if "type" not in fields.values}
    declared.values = {name: fields for name, fields, _ in root.entries("values", Fields)}
    declared.sets = {name: fields for name, fields, _ in root.entries("sets", Fields)}
    declared.steps = {name: fields for name, fields, _ in root.entries("steps", Fields)}
    return declared


def _words(fields: Fields, faults: Faults) -> tuple[str, ...]:
    found: dict[str, Place] = {}
    for word, place in fields.items("of", str):
        if word in found:
            faults.add(place, f"“{word}” stands here a second time")
        found[word] = place
    return tuple(found)


def _typed(fields: Fields, faults: Faults) -> tuple[str, tuple[str, ...]]:
    type_, of = fields.text("type", "text"), _words(fields, faults)
    if type_ == "choice" and "of" not in fields:
        faults.add(fields.place("type"), "a choice needs the key “of”", "List its words: of: [first, second].")
    elif type_ != "choice" and "of" in fields and "type" in fields.values:
        faults.add(fields.place("of"), f"the type {type_} has no list of words", "Write type: choice, or remove “of”.")
    return type_, of


def _fact(name: str, fields: Fields, cyclic: bool, faults: Faults) -> FactDecl:
    type_, of = _typed(fields, faults)
    each_cycle = "each" in fields
    if each_cycle and not cyclic:
        faults.add(fields.place("each"), "this workflow has no cycle", "Add the key “cycle”, or remove “each”.")
    given = {detail: found for detail, found, _ in fields.entries("details", Fields)}
    return FactDecl(
        name, type_, of, fields.text("label"), fields.text("about", "party"), each_cycle,
        {detail: _words(found, faults) for detail, found in given.items()},
        {detail: found.text("label") for detail, found in given.items()},
    )  # fmt: skip


def check_settings(root: Fields, names: Names) -> None:
    """A setting's value is one of its readings, and these are all of one kind."""
    for name, fields, _ in root.entries("settings", Fields):
        setting = names.declared.settings[name]
        if setting.of:
            wrong = f"“{setting.value}” is not one of the readings of {name}"
            names.faults.expect(setting.value, setting.of, fields.place("value"), wrong)
        kinds = {names.setting_kind(word) for word in setting.of}
        for word, place in fields.items("of", str):
            if len(kinds) > 1 and names.setting_kind(word) == "word":
                known = [*names.declared.sets, *names.declared.values]
                wrong = f"“{word}” is neither a set nor a value nor a date, as the other readings are"
                names.faults.expect(word, known, place, wrong)


def labels(root: Fields) -> dict[str, str]:
    """What people call the plan's attributes, values and sets."""
    entries = (entry for key in ("attributes", "values", "sets") for entry in root.entries(key, Fields))
    return {name: fields.text("label") for name, fields, _ in entries if fields.text("label")}


def party_sets(names: Names) -> dict[str, PartySet]:
    """The sets, with their conditions compiled."""
    found: dict[str, PartySet] = {}
    for name, fields in names.declared.sets.items():
        who = names.sets[name] = names.condition(fields.scalar("who"))
        found[name] = PartySet(name, who, names.date(fields, "as_of"), fields.get("expect", int), fields.place())
    for name, fields in names.declared.sets.items():
        if "as_of" in fields:
            names.steady(fields.scalar("who"), names.sets[name])
    return found


def roles(root: Fields) -> dict[str, Role]:
    """Who owns work, or is kept informed."""
    return {
        name: Role(
            name, fields.text("title"), fields.get("email", str), fields.text("person"),
            fields.get("timezone", str), fields.text("language"), titles(fields), _letterhead(fields),
            fields.get("digest", DigestRule),
        )
        for name, fields, _ in root.entries("roles", Fields)
    }  # fmt: skip


def titles(fields: Fields, key: str = "titles") -> Titles:
    """What a record is called in other languages."""
    return {code: title for code, title, _ in fields.entries(key, str)}


def _letterhead(fields: Fields) -> Letterhead | None:
    given = fields.record("letterhead")
    if given is None:
        return None
    return Letterhead(
        tuple(line for line, _ in given.items("lines", str)), titles(given, "place"), given.text("reference"),
        given.text("initials"), titles(given, "sender"),
    )  # fmt: skip


def cycle(root: Fields, faults: Faults) -> CycleRule | None:
    """The rule of a yearly workflow."""
    fields = root.record("cycle")
    if fields is None:
        return None
    every, first = fields.get("every", int) or 1, fields.get("first_year", int)
    if every > 1 and first is None and "first_year" not in fields:
        faults.add(
            fields.place("every"),
            "which years have a cycle is not said",
            "Add first_year, for example first_year: 2024.",
        )
    due, opens = fields.get("due", tuple), fields.get("opens", Distance)
    if due is None or opens is None:
        return None
    return CycleRule((due[0], due[1]), opens, every, fields.text("name", "{year}"), first)


def working_days(root: Fields, faults: Faults) -> tuple[str | None, str | None]:
    """Country and part of it, both known to the calendar."""
    fields = root.record("working_days")
    if fields is None:
        return None, None
    country, part = fields.get("country", str), fields.get("subdivision", str)
    if country is not None and not known_country(country):
        faults.add(
            fields.place("country"), f"there is no calendar of a country “{country}”", "Write its ISO code, such as CH."
        )
    elif country and part and not known_subdivision(country, part):
        faults.add(fields.place("subdivision"), f"the calendar of {country} has no part “{part}”")
    return country, part


def quiet_days(root: Fields) -> tuple[Quiet, ...]:
    """Days on which nothing is sent."""
    return tuple(found for found, _ in root.items("quiet", Quiet))


def address_rule(root: Fields) -> AddressRule:
    """To whom letters to a party go."""
    fields = root.record("address")
    if fields is None:
        return AddressRule()
    return AddressRule(*(tuple(word for word, _ in fields.items(key, str)) for key in ("to", "cc", "notes")))


def send_at(root: Fields) -> time:
    """When letters leave."""
    return root.get("send_at", time) or time(9)
