"""Facts in words, for people who do not write plans."""

from __future__ import annotations

from engine.definition.facts import Fact
from engine.definition.workflow import Workflow

_BUILT_IN = {
    "attended": "took part",
    "coming": "says whether they come",
    "contacted": "was talked to",
    "extended_to": "has an extension",
    "reopened": "was reopened",
}


def fact_label(workflow: Workflow, fact: Fact) -> str:
    """What people call a fact."""
    declared = workflow.facts.get(fact.name)
    if declared and declared.label:
        return declared.label
    return _BUILT_IN.get(fact.name, fact.name.replace("_", " "))


def fact_words(workflow: Workflow, fact: Fact) -> str:
    """A fact in words: `Article 7 report received: 2018-03-20 (Form A substantive, kind initial)`."""
    declared = workflow.facts.get(fact.name)
    details = ", ".join(
        f"{declared.called(name) if declared else name.replace('_', ' ')} {value}" for name, value in fact.details
    )
    step = workflow.steps.get(fact.subject.step or "")
    at = f" at {step.title}" if step else ""
    cycle = f" for {fact.subject.cycle}" if fact.subject.cycle else ""
    value = fact.value.replace("_", " ")
    return f"{fact_label(workflow, fact)}{at}{cycle}: {value}{f' ({details})' if details else ''}"
