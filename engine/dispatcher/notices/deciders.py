"""Who decides about the letters of a transaction: owners, and the deputies to whom they gave it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.definition.workflow import Workflow
from engine.delegation import Delegation, decider
from engine.letter import Recorded
from engine.store import Transaction


class Deciders:
    """Looks the delegations of a plan up once. A deputy that the plan has no more, or no address of, does not count."""

    def __init__(self, tx: Transaction, now: datetime) -> None:
        self._tx = tx
        self._now = now
        self._given: dict[str, list[Delegation]] = {}

    def given(self, workflow: Workflow) -> list[Delegation]:
        """The delegations of a plan that are not over and can be kept."""
        if workflow.name not in self._given:
            writable = {role.name for role in workflow.roles.values() if role.email}
            found = self._tx.delegations(workflow.name)
            self._given[workflow.name] = [each for each in found if each.deputy in writable]
        return self._given[workflow.name]

    def of(self, workflow: Workflow, row: Recorded) -> str:
        """The role that is asked about a letter."""
        return decider(owner_of(workflow, row), row.step, row.key, self.given(workflow), self._now)

    def instead(self, workflow: Workflow, row: Recorded) -> str:
        """`asked of isu in place of nim_coordinator`, of what a deputy is asked about; else nothing."""
        owner, role = owner_of(workflow, row), self.of(workflow, row)
        return f"asked of {role} in place of {owner}" if role != owner else ""

    def concerned(self, workflow: Workflow, by: Delegation, rows: Iterable[Recorded]) -> list[Recorded]:
        """Those of some letters of which another role decides with a delegation than without it."""
        others = [each for each in self.given(workflow) if each.id != by.id]
        held = by._replace(starts_at=self._now, ends_at=None, ended_at=None)

        def role(row: Recorded, given: list[Delegation]) -> str:
            return decider(owner_of(workflow, row), row.step, row.key, given, self._now)

        return [row for row in rows if role(row, others) != role(row, [*others, held])]


def owner_of(workflow: Workflow, row: Recorded) -> str:
    """The owner of a letter's step; of one that the plan has no more, the plan's."""
    step = workflow.steps.get(row.step)
    return step.owner if step is not None else workflow.owner
