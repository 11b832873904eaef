"""Whom or what a fact may be about: its name, its party, step, anchor, cycle and contact, checked against the workflow."""

from __future__ import annotations

import re

from engine.definition.built_in import KINDS, RULES, Rule
from engine.definition.facts import Subject
from engine.definition.hints import Unreadable, suggest
from engine.definition.syntax import written
from engine.definition.workflow import Plannable, Workflow


class RecordingError(Unreadable):
    """Something cannot be recorded. `argument` is what is wrong.

    It is fact, value, party, step, anchor, cycle, contact, detail, note or on; of a detail, `detail` is the name.
    """

    def __init__(self, argument: str, message: str, hint: str = "", detail: str = "") -> None:
        super().__init__(message, hint)
        self.argument = argument
        self.detail = detail


def rule_of(workflow: Workflow, fact: str) -> Rule:
    if (declared := workflow.facts.get(fact)) is not None:
        needs = () if declared.about == "workflow" else (declared.about,)
        return Rule(declared.type, needs, (), declared.of, declared.details, declared.each_cycle)
    if fact in RULES:
        return RULES[fact]
    raise RecordingError("fact", f"there is no fact “{fact}”", suggest(fact, [*workflow.facts, *RULES]))


def takes(workflow: Workflow, fact: str) -> tuple[str, tuple[str, ...]]:
    """The type of a fact's value, and the words it may be (none: any text). Raises RecordingError for no such fact."""
    rule = rule_of(workflow, fact)
    return rule.type, written.YES_NO if rule.type == "flag" else rule.of


def fact_names(workflow: Workflow) -> list[str]:
    """Everything that may be recorded."""
    return [*workflow.facts, *RULES]


def check_subject(plannable: Plannable, fact: str, about: Subject) -> bool:
    """Check whom or what a fact is about; whether the caller has yet to choose its cycle. Raises RecordingError."""
    workflow, (party, step, anchor, cycle, contact) = plannable.workflow, about
    rule = rule_of(workflow, fact)
    given = {"party": party, "step": step, "anchor": anchor, "contact": contact}
    wanted = rule.needs
    if wanted == ("step or anchor",):
        wanted = ("anchor",) if anchor is not None and step is None else ("step",)
    for part, name in given.items():
        if name is None and part in wanted:
            hint = "Name its step or anchor." if rule.needs == ("step or anchor",) else f"Name the {part}."
            raise RecordingError(part, f"the fact {fact} is about {_about(rule)}, and no {part} is named", hint)
        if name is not None and part not in wanted and part not in rule.may_name:
            wrong = f"the fact {fact} is about {_about(rule)}, not about a {part}"
            raise RecordingError(part, wrong, f"Leave the {part} out.")
    if party is not None and party not in plannable.parties:
        raise RecordingError("party", f"there is no party “{party}”", _suggest_party(party, plannable))
    if step is not None:
        _check_step(workflow, fact, rule, step)
    if anchor is not None and anchor not in workflow.anchors:
        raise RecordingError("anchor", f"there is no anchor “{anchor}”", suggest(anchor, workflow.anchors))
    if contact is not None and contact not in (contacts := [entry.id for entry in plannable.contacts]):
        raise RecordingError("contact", f"there is no contact “{contact}”", suggest(contact, contacts))
    recurs = rule.each_cycle and workflow.cycle is not None and (step is None or workflow.steps[step].per_cycle)
    _check_cycle(workflow, fact, recurs, cycle)
    return recurs and cycle is None


def _about(rule: Rule) -> str:
    if rule.may_name:
        return "a party, at one step or at all"
    return {
        (): "the workflow", ("party",): "a party", ("step",): "a step", ("party", "step"): "a party at a step",
        ("contact",): "a contact", ("step or anchor",): "an event or an anchor",
    }[rule.needs]  # fmt: skip


def _suggest_party(party: str, plannable: Plannable) -> str:
    by_name = {entry.name.casefold(): key for key, entry in plannable.parties.items()}
    found = by_name.get(party.casefold()) or (party.upper() if party.upper() in plannable.parties else None)
    return f"Did you mean {found}?" if found else suggest(party, plannable.parties)


def _check_step(workflow: Workflow, fact: str, rule: Rule, step: str) -> None:
    steps = [name for name, found in workflow.steps.items() if not rule.kinds or found.kind in rule.kinds]
    if step not in workflow.steps:
        raise RecordingError("step", f"there is no step “{step}”", suggest(step, steps))
    if step not in steps:
        kind, kinds = workflow.steps[step].kind, " or ".join(KINDS[kind] for kind in rule.kinds)
        hint = rule.elsewhere if kind == "event" else ""
        raise RecordingError("step", f"{step} is {KINDS[kind]}, and the fact {fact} is recorded about {kinds}", hint)


def _check_cycle(workflow: Workflow, fact: str, recurs: bool, cycle: str | None) -> None:
    if cycle is None:
        return
    if not recurs or workflow.cycle is None:
        raise RecordingError("cycle", f"the fact {fact} is not recorded for each cycle", "Leave the cycle out.")
    if cycle_year(workflow, cycle) is None:
        example = workflow.cycle.name.replace("{year}", str(workflow.cycle.first_year or 2027))
        raise RecordingError("cycle", f"there is no cycle “{cycle}”", f"Write for example {example}.")


def cycle_year(workflow: Workflow, name: str) -> int | None:
    """The year of a cycle, by its name; None when there is no such cycle."""
    rule = workflow.cycle
    if rule is None:
        return None
    before, _, after = rule.name.partition("{year}")
    match = re.fullmatch(rf"{re.escape(before)}(\d{{4}}){re.escape(after)}", name)
    if not match or (int(match[1]) - (rule.first_year or 0)) % rule.every:
        return None
    return int(match[1])
