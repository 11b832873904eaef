"""The files that go with a letter: those of the plan's folder, and the addressee's deadline for their calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cached_property, lru_cache

from engine.definition.attachments import DEADLINE, Attachment
from engine.definition.cadence import is_escalation, kind_of
from engine.definition.people import Party
from engine.definition.workflow import FollowUp, Target, cadence_of
from engine.letter import Letter
from engine.planning.planner import Due, Planner
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.deadlines import deadline_of
from engine.planning.world.rounds import round_of
from engine.rendering.addressing import titled
from engine.rendering.agenda import Agenda
from engine.rendering.calendar import CalendarItem, single, vevent
from engine.rendering.materials import Materials
from engine.rendering.tongues import Tongue
from engine.rendering.versions import FALLBACK


class Attaching:
    """What the letters of one plan carry."""

    def __init__(self, planner: Planner, materials: Materials) -> None:
        self.planner = planner
        self.materials = materials

    def files(self, letter: Letter, cycle: Cycle | None, tongue: Tongue) -> tuple[Attachment, ...]:
        """A letter's files, in the order of the plan: only what goes to a party itself has any."""
        cadence = cadence_of(self.planner.workflow.steps[letter.step])
        party = self.planner.plannable.parties.get(letter.party or "")
        if cadence is None or party is None or is_escalation(letter.slot):
            return ()
        found = []
        for name in cadence.attach.of_kind(kind_of(letter.slot)):
            file = self._deadline(letter, party, cycle, tongue) if name == DEADLINE else self.materials.files[name]
            if file is not None:
                found.append(file)
        return tuple(found)

    @cached_property
    def _agenda(self) -> Agenda:
        return Agenda(self.planner, self.materials.domain)

    def _deadline(self, letter: Letter, party: Party, cycle: Cycle | None, tongue: Tongue) -> Attachment | None:
        """The date as the party's feed has it, under the same UID; in another language with its title alone."""
        step = self.planner.workflow.steps[letter.step]
        if not isinstance(step, FollowUp | Target):
            return None
        by = deadline_of(self.planner.world, step, party, cycle)
        if by is None:
            return None
        item = self._agenda.open_deadline(party.id, Due(step, cycle, by))
        if tongue.code != FALLBACK:
            title = titled(step.title, step.titles, tongue)
            item = replace(item, summary=tongue.due(by.span.last, title), description="")
        since = round_of(self.planner.book, step.name, party.id, cycle_name(cycle)).since
        fixed = [self.planner.desk.lineage.step(step.name).since, *self.planner.world.resolver.changes(step.by)]
        return _file(item, max([*fixed, since] if since is not None else fixed))


@lru_cache(maxsize=1024)
def _file(item: CalendarItem, stamped_at: datetime) -> Attachment:
    """The file of one item. The stamp is when its date was last fixed, not now: the letter reads the same until then."""
    return Attachment(DEADLINE, "text/calendar", single(vevent(item, 0, stamped_at)))
