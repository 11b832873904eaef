"""The roster and the contacts, and the facts that a roster states."""

from __future__ import annotations

from engine.definition import loader
from engine.definition.building.roster import roster_facts
from engine.definition.dates import Precision
from engine.definition.facts import BEGINNING, LONG_AGO
from engine.definition.people import Contact, Party
from engine.definition.syntax.sources import Loaded, SourceFile

PLAN = """\
workflow: small
title: Small
timezone: Europe/Zurich
owner: lead
roles: {lead: {title: Lead, email: lead@example.org}}
parties: p.csv
contacts: c.csv
address: {to: [mission]}
attributes: {region: {type: choice, of: [Africa, Pacific]}, island: {type: flag}, joined: {type: date}}
facts:
  report: {type: date, details: {form: {of: [full, empty]}, remark: {}}}
  stance: {type: choice, of: [open, closed]}
  mood: {type: text, about: workflow}
steps: {}
"""
CONTACTS = "id,party,post,name,address\nm,KE,mission,Mission,m@x.example\n"


def load(parties: str, contacts: str = CONTACTS) -> Loaded:
    """The plan with a roster and contacts."""
    return loader.load(SourceFile("small.yaml", PLAN), {"p.csv": parties, "c.csv": contacts}.__getitem__, {})


def test_a_party() -> None:
    loaded = load(
        "iso,name,region,island,joined,timezone,illustrative,stance\r\n"
        'KE,"Kenya, ""the Republic""",Africa,no,2012-03-01,Africa/Nairobi,stance region,open\r\n'
        "\r\n"
        "CI,Côte d’Ivoire,,,,,,\r\n"
    )
    kenya, ivory = loaded.plannable.parties.values()
    assert kenya == Party(
        "KE", 'Kenya, "the Republic"',
        {"region": "Africa", "island": "no", "joined": "2012-03-01", "stance": "open"},
        "Africa/Nairobi", ("stance", "region"), iso="KE",
    )  # fmt: skip
    assert ivory == Party("CI", "Côte d’Ivoire", iso="CI")


def test_a_contact() -> None:
    contacts = (
        "id,party,post,name,address,language,timezone,salutation\n"
        "m,KE,mission,Mission,m@x.example,fr,Europe/Zurich,Excellency\n"
    )
    (contact,) = load("id,name,region,island,joined\nKE,Kenya,,,\n", contacts).plannable.contacts
    assert contact == Contact("m", "KE", "mission", "Mission", "m@x.example", "fr", "Europe/Zurich", "Excellency")


def test_facts_of_the_roster() -> None:
    loaded = load(
        "id,name,region,island,joined,report,report.form,report.remark,stance\n"
        "KE,Kenya,,,,2017-05,full,late,open\n"
        "FJ,Fiji,,,,,,,\n"
    )
    report, stance = roster_facts(loaded.plannable)
    assert (report.name, report.subject.party, report.value) == ("report", "KE", "2017-05")
    assert report.true.precision is Precision.MONTH
    assert report.details == (("form", "full"), ("remark", "late"))
    assert (report.id, report.recorded_at) == (0, BEGINNING)
    assert (stance.value, stance.true) == ("open", LONG_AGO)


def test_columns_of_other_plans_are_left_alone() -> None:
    loaded = load("id,name,region,island,joined,budget,report.pages\nKE,Kenya,,,,100,3\n")
    assert loaded.problems == ()
    assert loaded.plannable.parties["KE"].values == {}


def test_a_column_that_looks_like_a_slip_gets_a_warning() -> None:
    (warning,) = load("id,name,region,island,joined,stanse\nKE,Kenya,,,,open\n").problems
    assert (warning.place.line, warning.place.column, warning.hint) == (1, 30, "Did you mean stance?")


def test_a_quoted_cell_may_not_shift_the_places_after_it() -> None:
    loaded = load('id,name,region,island,joined,stance\nKE,"Kenya, Republic of",Africa,yes,2012-03-01,open\n')
    assert loaded.plannable.parties["KE"].name == "Kenya, Republic of"


def test_a_roster_of_many() -> None:
    rows = "".join(f"P{number},Party {number},Africa,no,2012-03-01\n" for number in range(5_000))
    contacts = "".join(f"c{number},P{number},mission,Mission,m{number}@x.example\n" for number in range(5_000))
    loaded = load("id,name,region,island,joined\n" + rows, "id,party,post,name,address\n" + contacts)
    assert len(loaded.plannable.contacts) == 5_000


def test_a_party_may_have_other_names() -> None:
    loaded = load(
        "iso,name,aliases,region,island,joined\n"
        "KE,Kenya,Jamhuri ya Kenya;  Republic  of Kenya ;,Africa,no,2012-03-01\nFJ,Fiji,,Pacific,yes,2012-03-01\n"
    )
    assert loaded.plannable.parties["KE"].aliases == ("Jamhuri ya Kenya", "Republic of Kenya")
    assert loaded.plannable.parties["FJ"].aliases == ()
    assert loaded.problems == ()
