"""A plan of any size: so many parties in a dozen zones, one follow-up with eight slots, none absorbed."""

from __future__ import annotations

from datetime import datetime

from engine.definition import loader
from engine.definition.dates import day, local_date, parse_moment
from engine.definition.facts import Fact, FactBook, Subject
from engine.definition.people import Contact, Party
from engine.definition.syntax.sources import SourceFile
from engine.definition.workflow import Plannable
from engine.planning.planner import Planner
from engine.planning.world.lineage import begin

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
NAME = "large"
STARTS, ZONE = "2026-01-05", "Europe/Zurich"
SLOTS = 8
ZONES = (
    "Africa/Lagos", "Africa/Nairobi", "America/Lima", "America/New_York", "America/Santiago", "Asia/Dhaka", "Asia/Tokyo",
    "Australia/Sydney", "Europe/Lisbon", "Europe/Zurich", "Pacific/Apia", "Pacific/Rarotonga",
)  # fmt: skip


def files(parties: int) -> dict[str, str]:
    """The roster and the contacts as CSV: so many parties, each with one contact."""
    numbered = [(f"P{number:06d}", ZONES[number % len(ZONES)]) for number in range(parties)]
    roster = "".join(f"{id_},Party {id_}\n" for id_, _ in numbered)
    people = "".join(
        f"{id_}-desk,{id_},desk,The desk of {id_},desk@{id_.lower()}.example,{zone}\n" for id_, zone in numbered
    )
    return {
        "parties.csv": f"id,name\n{roster}",
        "contacts.csv": f"id,party,post,name,address,timezone\n{people}",
    }


def plannable(parties: int) -> Plannable:
    """The plan with so many parties, made in memory."""
    few = files(1)
    workflow = loader.load(SourceFile("large.yaml", WORKFLOW), few.__getitem__, {}).plannable.workflow
    ids = [f"P{number:06d}" for number in range(parties)]
    people = tuple(
        Contact(
            f"{id_}-desk",
            id_,
            "desk",
            f"The desk of {id_}",
            f"desk@{id_.lower()}.example",
            timezone=ZONES[i % len(ZONES)],
        )
        for i, id_ in enumerate(ids)
    )
    return Plannable(workflow, {id_: Party(id_, f"Party {id_}") for id_ in ids}, people)


def start() -> datetime:
    """The instant from which it is planned (UTC)."""
    return parse_moment(STARTS, ZONE)


def planner(plan: Plannable) -> Planner:
    """Its planner, with nothing recorded."""
    return Planner(plan, FactBook(), begin(plan, start()), now=start())


def answer(party: str, at: datetime, number: int) -> Fact:
    """A party's answer, recorded at an instant; `number` tells facts apart."""
    on = local_date(at, ZONE)
    return Fact(number, "answer", Subject(party=party), on.isoformat(), day(on), at)
