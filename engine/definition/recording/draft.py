"""What may be recorded: a fact's name, value, subject, details and true day, checked against the workflow.

A scenario and the command check the same way. Today comes in; there is no clock here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from engine.definition import facts
from engine.definition.built_in import KINDS, RULES, Rule, unfit
from engine.definition.dates import Span, day
from engine.definition.facts import Subject, details_of
from engine.definition.hints import Unreadable, nearest, suggest
from engine.definition.syntax import written
from engine.definition.workflow import FactDecl, Plannable, Workflow


class RecordingError(Unreadable):
    """Something cannot be recorded. `argument` is what is wrong.

    It is fact, value, party, step, anchor, cycle, contact, detail, note or on; of a detail, `detail` is the name.
    """

    def __init__(self, argument: str, message: str, hint: str = "", detail: str = "") -> None:
        super().__init__(message, hint)
        self.argument = argument
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact that may be recorded: value and details as they are kept, and the day it was true.

    `needs_cycle`: it recurs with the cycle, and the subject names none yet: the caller chooses.
    """

    name: str
    subject: Subject
    value: str
    true: Span
    details: tuple[tuple[str, str], ...] = ()
    needs_cycle: bool = False


def _rule(workflow: Workflow, fact: str) -> Rule:
    declared: FactDecl | None = workflow.facts.get(fact)
    if declared is not None:
        needs = () if declared.about == "workflow" else (declared.about,)
        return Rule(declared.type, needs, (), declared.of, declared.details, declared.each_cycle)
    if fact in RULES:
        return RULES[fact]
    raise RecordingError("fact", f"there is no fact “{fact}”", suggest(fact, [*workflow.facts, *RULES]))


def takes(workflow: Workflow, fact: str) -> tuple[str, tuple[str, ...]]:
    """The type of a fact's value, and the words it may be (none: any text). Raises RecordingError for no such fact."""
    rule = _rule(workflow, fact)
    return rule.type, written.YES_NO if rule.type == "flag" else rule.of


def fact_names(workflow: Workflow) -> list[str]:
    """Everything that may be recorded."""
    return [*workflow.facts, *RULES]


def draft(
    plannable: Plannable,
    fact: str,
    value: str,
    *,
    today: date,
    party: str | None = None,
    step: str | None = None,
    anchor: str | None = None,
    cycle: str | None = None,
    contact: str | None = None,
    details: Mapping[str, str] | None = None,
    on: str | None = None,
    note: str = "",
) -> Draft:
    """Check what is to be recorded about one subject. `on` is the written day it was true, `note` the reason, which some
    facts need. Raises RecordingError."""
    subject, needs_cycle = subject_of(
        plannable, fact, party=party, step=step, anchor=anchor, cycle=cycle, contact=contact
    )
    rule = _rule(plannable.workflow, fact)
    kept = _value(fact, value, rule)
    _suits(plannable, fact, kept, subject)
    true = _true(plannable.workflow, fact, kept, rule, on, today)
    made = Draft(fact, subject, kept, true, _details(fact, rule, details or {}), needs_cycle)
    _reasoned(fact, rule, kept, made.details, note)
    return made


def faults_of(
    plannable: Plannable, fact: str, value: str, *, today: date, details: Mapping[str, str], on: str | None, note: str = "",
    **subject: str | None,
) -> Iterator[RecordingError]:  # fmt: skip
    """Everything for which `draft` would refuse: it stops at the first."""
    rule = _rule(plannable.workflow, fact)

    def fits() -> None:
        about, _ = subject_of(plannable, fact, **subject)
        _suits(plannable, fact, _value(fact, value, rule), about)

    checks: list[Callable[[], object]] = [
        lambda: subject_of(plannable, fact, **subject),
        lambda: _true(plannable.workflow, fact, _value(fact, value, rule), rule, on, today),
        lambda: _span(on) if on is not None else None,
        lambda: _reasoned(fact, rule, value.strip(), tuple(details.items()), note),
    ]
    checks += [partial(_details, fact, rule, {name: text}) for name, text in details.items()]
    refused = False
    for check in checks:
        try:
            check()
        except RecordingError as error:
            yield error
            refused = True
    if not refused:
        try:
            fits()
        except RecordingError as error:
            yield error


def subject_of(
    plannable: Plannable,
    fact: str,
    *,
    party: str | None = None,
    step: str | None = None,
    anchor: str | None = None,
    cycle: str | None = None,
    contact: str | None = None,
) -> tuple[Subject, bool]:
    """Whom or what a fact is about, checked, and whether the caller has yet to choose its cycle.

    Raises RecordingError. Also what a retraction needs.
    """
    workflow = plannable.workflow
    rule = _rule(workflow, fact)
    given = {"party": party, "step": step, "anchor": anchor, "contact": contact}
    wanted = rule.needs
    if wanted == ("step or anchor",):
        wanted = ("anchor",) if anchor is not None and step is None else ("step",)
    for part, name in given.items():
        if name is None and part in wanted:
            hint = "Name its step or anchor." if rule.needs == ("step or anchor",) else f"Name the {part}."
            raise RecordingError(part, f"the fact {fact} is about {_about(rule)}, and no {part} is named", hint)
        if name is not None and part not in wanted and part not in rule.may_name:
            raise RecordingError(
                part, f"the fact {fact} is about {_about(rule)}, not about a {part}", f"Leave the {part} out."
            )
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
    return Subject(party, step, anchor, cycle, contact), recurs and cycle is None


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
        kind, kinds = KINDS[workflow.steps[step].kind], " or ".join(KINDS[kind] for kind in rule.kinds)
        raise RecordingError(
            "step",
            f"{step} is {kind}, and the fact {fact} is recorded about {kinds}",
            rule.elsewhere if workflow.steps[step].kind == "event" else "",
        )


def _check_cycle(workflow: Workflow, fact: str, recurs: bool, cycle: str | None) -> None:
    if cycle is None:
        return
    if not recurs or workflow.cycle is None:
        raise RecordingError("cycle", f"the fact {fact} is not recorded for each cycle", "Leave the cycle out.")
    if cycle_year(workflow, cycle) is None:
        year = workflow.cycle.first_year or 2027
        raise RecordingError(
            "cycle",
            f"there is no cycle “{cycle}”",
            f"Write for example {workflow.cycle.name.replace('{year}', str(year))}.",
        )


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


def _value(fact: str, value: str, rule: Rule) -> str:
    text = value.strip()
    of = written.YES_NO if rule.type == "flag" else rule.of
    if of:
        if text not in of:
            raise RecordingError("value", f"“{text}” is not a value of {fact} ({', '.join(of)})", nearest(text, of))
        return text
    readers = {
        "date": lambda text: str(written.span(text)), "address": written.address, "text": written.prose,
        "language": written.language, "word": written.line,
    }  # fmt: skip
    if not text:
        raise RecordingError("value", f"the value of {fact} is empty")
    try:
        return readers[rule.type](text)
    except ValueError as error:
        raise RecordingError("value", str(error), getattr(error, "hint", "")) from None


def _suits(plannable: Plannable, fact: str, value: str, subject: Subject) -> None:
    """Whether the step, and the party, are such that this may be recorded of them."""
    wrong = unfit(plannable, fact, value, subject) if fact not in plannable.workflow.facts else None
    if wrong is not None:
        raise RecordingError(wrong.argument, wrong.message, wrong.hint)


def _reasoned(fact: str, rule: Rule, value: str, details: Iterable[tuple[str, str]], note: str) -> None:
    """Some facts are asked about a year later: each of them says why."""
    against = any(name in rule.reasoned_details for name, _ in details)
    if ((rule.reasoned and value != "no") or against) and not note.strip():
        what = f"{fact} against the rule" if against else fact
        raise RecordingError("note", f"{what} takes a reason, and none is given", "Say why in a note.")


def _true(workflow: Workflow, fact: str, value: str, rule: Rule, on: str | None, today: date) -> Span:
    given = _span(on) if on is not None else None
    if given is not None and given.first > today:
        raise RecordingError("on", f"{given} lies ahead, and what is recorded is true by {today}")
    if rule.type != "date":
        return given or day(today)
    span = written.span(value)
    if rule.ahead:
        return given or day(min(today, span.first) if fact == facts.DATE else today)
    if span.first > today:
        raise RecordingError(
            "value", f"{span} lies ahead, and {fact} is recorded when it has happened (today is {today})"
        )
    if given is not None and given != span:
        raise RecordingError(
            "on", f"the value of {fact} is the day it was true, and that is {span}", "Leave the day out."
        )
    return span


def _span(on: str) -> Span:
    try:
        return written.span(on.strip())
    except ValueError as error:
        raise RecordingError("on", str(error), getattr(error, "hint", "")) from None


def _details(fact: str, rule: Rule, given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    declared = rule.details or {}
    kept: dict[str, str] = {}
    for name, value in given.items():
        if name not in declared:
            raise RecordingError("detail", f"the fact {fact} has no detail “{name}”", _known(name, declared), name)
        of, text = declared[name], value.strip()
        if of and text not in of:
            raise RecordingError(
                "detail", f"“{text}” is not a value of {fact}.{name} ({', '.join(of)})", nearest(text, of), name
            )
        try:
            kept[name] = written.prose(text)
        except ValueError as error:
            raise RecordingError("detail", str(error), "", name) from None
    return details_of(kept)


def _known(name: str, declared: Iterable[str]) -> str:
    return suggest(name, declared) or "It has no details at all."
