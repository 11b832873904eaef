"""What a recording changes in the outbox: one value, whatever was recorded, for the command and the pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from engine.definition.facts import Fact
from engine.planning.changes import Action


@dataclass(frozen=True, slots=True)
class Effect:
    """How many letters of each step were changed, and how; none while the plan is not `applied`."""

    applied: bool
    by_step: Counter[tuple[str, Action]] = field(default_factory=Counter)

    @property
    def changes(self) -> Counter[Action]:
        """The same in all."""
        found = Counter[Action]()
        for (_, action), number in self.by_step.items():
            found[action] += number
        return found

    def of_steps(self, order: Iterable[str]) -> Iterator[tuple[str, Counter[Action]]]:
        """What is changed of each step whose letters are, in the order given."""
        for step in order:
            of = Counter({action: number for (name, action), number in self.by_step.items() if name == step})
            if of:
                yield step, of

    def mark(self, facts: Iterable[Fact]) -> str:
        """Another for whatever else would be recorded or changed: what was looked at is what is kept."""
        said = sorted((fact.subject.party or "", fact.value, str(fact.true)) for fact in facts)
        effect = sorted((step, action.value, number) for (step, action), number in self.by_step.items())
        return sha256(repr((said, effect)).encode()).hexdigest()[:16]
