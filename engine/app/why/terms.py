"""How an answer names what it is about: as the plan writes it, or in words."""

from __future__ import annotations

from engine.definition.phrases import Phrases
from engine.definition.workflow import Workflow


class Terms:
    """Steps, slots and reasons as the plan writes them."""

    def step(self, step: str, cycle: str | None = None) -> str:
        """A step, in a cycle."""
        return f"{step} {cycle}" if cycle else step

    def letter(self, step: str, slot: str) -> str:
        """A letter of a step."""
        return f"{step} {slot}"

    def reason(self, text: str) -> str:
        """A reason, or a sentence with one."""
        return text


class _Words(Terms):
    """The same in words."""

    def __init__(self, workflow: Workflow) -> None:
        self._titles = {step.name: step.title for step in workflow.steps.values()}
        self._phrases = Phrases(workflow)

    def step(self, step: str, cycle: str | None = None) -> str:
        """A step by its title."""
        return f"“{self._titles.get(step, step)}”{f' ({cycle})' if cycle else ''}"

    def letter(self, step: str, slot: str) -> str:
        """A letter by its step's title and its slot in words."""
        return f"{self.step(step)}, {self._phrases.slot(slot)},"

    def reason(self, text: str) -> str:
        """What is quoted of the plan in words."""
        return self._phrases.reason(text)


def terms_of(workflow: Workflow, in_words: bool) -> Terms:
    """The terms of a plan's own names, or in words."""
    return _Words(workflow) if in_words else Terms()
