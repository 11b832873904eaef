"""A plan of any size, made in memory: so many parties in a dozen zones, one follow-up with eight slots, none absorbed."""

from __future__ import annotations

from datetime import datetime

from engine.definition import loader
from engine.definition.dates import parse_moment
from engine.definition.facts import FactBook
from engine.definition.sources import SourceFile
from engine.definition.workflow import Contact, Party, Plannable
from engine.planning.lineage import begin
from engine.planning.planner import Planner

WORKFLOW = """
workflow: large
title: One follow-up of very many
timezone: Europe/Zurich
working_days: {country: CH, subdivision: GE}
send_at: 09:00
starts: 2026-01-05
owner: office
parties: parties.csv
contacts: contacts.csv
address: {to: [desk]}
facts:
  answer: {type: date, label: Answer received}
steps:
  ask:
    follow_up: Answer the question
    by: 2026-06-30
    until: answer
    send:
      - 12 weeks before
      - 10 weeks before
      - 8 weeks before
      - 6 weeks before
      - 4 weeks before
      - 2 weeks before
      - on the day
      - 2 weeks after
    letters: {before: reminder, on the day: due_today, after: nudge}
    approval: none
roles:
  office: {title: The office, email: office@example.org}
"""
SLOTS = 8
PARTY = "P000001"
"""The party that is planned again alone."""
_ZONES = (
    "Africa/Lagos", "Africa/Nairobi", "America/Lima", "America/New_York", "America/Santiago", "Asia/Dhaka", "Asia/Tokyo",
    "Australia/Sydney", "Europe/Lisbon", "Europe/Zurich", "Pacific/Apia", "Pacific/Rarotonga",
)  # fmt: skip
_FILES = {
    "parties.csv": "id,name\nP0,Somewhere\n",
    "contacts.csv": "id,party,post,name,address\nc0,P0,desk,A,a@a.example\n",
}


def plannable(parties: int) -> Plannable:
    """The plan with so many parties, each with one contact."""
    workflow = loader.load(SourceFile("large.yaml", WORKFLOW), _FILES.__getitem__, {}).plannable.workflow
    ids = [f"P{number:06d}" for number in range(parties)]
    people = tuple(
        Contact(
            f"{id_}-desk",
            id_,
            "desk",
            f"The desk of {id_}",
            f"desk@{id_}.example",
            timezone=_ZONES[number % len(_ZONES)],
        )
        for number, id_ in enumerate(ids)
    )
    return Plannable(workflow, {id_: Party(id_, f"Party {id_}") for id_ in ids}, people)


def start() -> datetime:
    """The instant from which it is planned (UTC)."""
    return parse_moment("2026-01-05", "Europe/Zurich")


def planner(plan: Plannable) -> Planner:
    """Its planner, with nothing recorded."""
    return Planner(plan, FactBook(), begin(plan, start()), now=start())
