"""The people of a scenario: they approve what they are asked, after a while, through the command's own use case."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.app.letters.approvals import Approved, approve, asked_of
from engine.app.root import App
from engine.definition.dates import Distance, Unit
from engine.definition.scenario.events import Person, Scenario
from engine.definition.workflow import Workflow
from engine.letter import Recorded

_LENGTH = {Unit.DAYS: timedelta(days=1), Unit.WORKING_DAYS: timedelta(days=1), Unit.WEEKS: timedelta(weeks=1)}


def length(distance: Distance) -> timedelta:
    """A scenario's length of time; a month counts as thirty days."""
    return distance.count * _LENGTH.get(distance.unit, timedelta(days=30))


class People:
    """Answers for the humans. A letter that was refused once is not tried again until it is asked for anew."""

    def __init__(self, app: App, workflow: Workflow, scenario: Scenario) -> None:
        self.app = app
        self.workflow = workflow
        self.people = scenario.people
        self._given_up: set[tuple[str, datetime | None]] = set()
        self._next: datetime | None = None

    def next(self) -> datetime | None:
        """When somebody next decides something; only a tick makes that sooner."""
        self._next = min((at for at, _, _ in self._asked()), default=None)
        return self._next

    def answer(self, now: datetime) -> Approved | None:
        """Approve what, as of the last `next`, has waited long enough by now; None when nothing has."""
        if self._next is None or self._next > now:
            return None
        due = [(row, person) for at, row, person in self._asked() if at <= now]
        if not due:
            return None
        by_person: dict[str, list[Recorded]] = {}
        for row, person in due:
            by_person.setdefault(person, []).append(row)
        done = [approve(self.app, [row.key for row in rows], person) for person, rows in by_person.items()]
        approved = Approved(
            tuple(key for each in done for key in each.keys), tuple(why for each in done for why in each.refused)
        )
        refused = {key for key, _ in approved.refused}
        self._given_up |= {(row.key, row.asked_at) for row, _ in due if row.key in refused}
        return approved

    def _asked(self) -> list[tuple[datetime, Recorded, str]]:
        found = []
        for row, role in asked_of(self.app):
            person: Person | None = self.people.get(role)
            if (
                person
                and person.approves == "everything"
                and row.asked_at
                and (row.key, row.asked_at) not in self._given_up
            ):
                found.append((row.asked_at + length(person.after), row, role))
        return found
