"""What letters to a party are about: one step, in a cycle and a round, with the hours at which its people are written to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.definition.cadence import Cadence
from engine.definition.people import Contact, Party
from engine.definition.workflow import AnyStep
from engine.lifecycle import State
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.desk import Desk
from engine.planning.world.recipients import contact_zone
from engine.planning.world.rounds import Round
from engine.planning.world.schedule import Hours


@dataclass(frozen=True, slots=True)
class Matter:
    """One party at one step. `cadence` is as it is kept for this party."""

    step: AnyStep
    party: Party
    cycle: Cycle | None
    round: Round
    cadence: Cadence

    @property
    def place(self) -> tuple[str, str | None, str]:
        """Where its history is kept: step, cycle, party."""
        return self.step.name, cycle_name(self.cycle), self.party.id


def hours_of(desk: Desk, matter: Matter, contact: Contact) -> Hours:
    """When one of a party's people is written to."""
    return desk.hours(matter.cadence, contact_zone(contact, matter.party, desk.workflow), matter.party)


def had_since(desk: Desk, matter: Matter) -> datetime:
    """Since when a party has a step (UTC): the first revision with both, and not before the plan starts. Who came into it
    by an edit has it since then, unless letters were planned before."""
    line = desk.lineage.step(matter.step.name)
    since = max(line.since, desk.lineage.party_since(matter.party.id), desk.starts_at)
    if line.audience_since <= since:
        return since
    planned = desk.history.first_planned(*matter.place)
    return since if planned and planned < line.audience_since else line.audience_since


def unsent(desk: Desk, matter: Matter, contact: Contact) -> set[str]:
    """The slots of an addressee in this round that have a row, and may still leave by it."""
    return {
        entry.slot for entry in desk.history.of(*matter.place)
        if entry.addressee == contact.id and entry.round == matter.round.number
        and not entry.sent and entry.state not in (State.MISSED, State.FAILED)
    }  # fmt: skip
