"""What may be recorded: a fact's value, details and true day, checked against the workflow.

A scenario and the command check the same way. Today comes in; there is no clock here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from engine.definition import facts
from engine.definition.built_in import Rule, unfit
from engine.definition.dates import Span, day
from engine.definition.facts import Fact, Subject, details_of
from engine.definition.hints import nearest, suggest
from engine.definition.recording.subjects import RecordingError, check_subject, rule_of
from engine.definition.syntax import times, written
from engine.definition.workflow import Plannable


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

    def fact(self, at: datetime, source: str, note: str, author: str) -> Fact:
        """The fact, recorded at an instant (UTC). The store gives it its number."""
        return Fact(0, self.name, self.subject, self.value, self.true, at, self.details, source, note, author)


def draft(
    plannable: Plannable, fact: str, value: str, about: Subject, *, today: date, details: Mapping[str, str] | None = None,
    on: str | None = None, note: str = "",
) -> Draft:  # fmt: skip
    """Check what is to be recorded about one subject. `on` is the written day it was true, `note` the reason, which some
    facts need. Raises RecordingError."""
    needs_cycle = check_subject(plannable, fact, about)
    rule = rule_of(plannable.workflow, fact)
    kept = _value(fact, value, rule)
    _suits(plannable, fact, kept, about)
    true = _true(fact, kept, rule, on, today)
    made = Draft(fact, about, kept, true, _details(fact, rule, details or {}), needs_cycle)
    _reasoned(fact, rule, kept, made.details, note)
    return made


def faults_of(
    plannable: Plannable, fact: str, value: str, about: Subject, *, today: date, details: Mapping[str, str],
    on: str | None, note: str,
) -> list[RecordingError]:  # fmt: skip
    """Everything for which `draft` would refuse: it stops at the first."""
    rule = rule_of(plannable.workflow, fact)
    apart: list[Callable[[], object]] = [
        lambda: check_subject(plannable, fact, about),
        lambda: _true(fact, _value(fact, value, rule), rule, on, today),
        lambda: _span(on) if on is not None else None,
        lambda: _reasoned(fact, rule, value.strip(), tuple(details.items()), note),
        *(partial(_details, fact, rule, {name: text}) for name, text in details.items()),
    ]
    found = [error for check in apart if (error := _refusal(check)) is not None]
    if not found and (error := _refusal(lambda: _suits(plannable, fact, _value(fact, value, rule), about))) is not None:
        found.append(error)
    return found


def _refusal(check: Callable[[], object]) -> RecordingError | None:
    try:
        check()
    except RecordingError as error:
        return error
    return None


def _value(fact: str, value: str, rule: Rule) -> str:
    text = value.strip()
    of = written.YES_NO if rule.type == "flag" else rule.of
    if of:
        if text not in of:
            raise RecordingError("value", f"“{text}” is not a value of {fact} ({', '.join(of)})", nearest(text, of))
        return text
    readers = {
        "date": lambda text: str(times.span(text)), "address": written.address, "text": written.prose,
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


def _true(fact: str, value: str, rule: Rule, on: str | None, today: date) -> Span:
    given = _span(on) if on is not None else None
    if given is not None and given.first > today:
        raise RecordingError("on", f"{given} lies ahead, and what is recorded is true by {today}")
    if rule.type != "date":
        return given or day(today)
    span = times.span(value)
    if rule.ahead:
        return given or day(min(today, span.first) if fact == facts.DATE else today)
    if span.first > today:
        wrong = f"{span} lies ahead, and {fact} is recorded when it has happened (today is {today})"
        raise RecordingError("value", wrong)
    if given is not None and given != span:
        wrong = f"the value of {fact} is the day it was true, and that is {span}"
        raise RecordingError("on", wrong, "Leave the day out.")
    return span


def _span(on: str) -> Span:
    try:
        return times.span(on.strip())
    except ValueError as error:
        raise RecordingError("on", str(error), getattr(error, "hint", "")) from None


def _details(fact: str, rule: Rule, given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    declared = rule.details or {}
    kept: dict[str, str] = {}
    for name, value in given.items():
        if name not in declared:
            hint = suggest(name, declared) or "It has no details at all."
            raise RecordingError("detail", f"the fact {fact} has no detail “{name}”", hint, name)
        of, text = declared[name], value.strip()
        if of and text not in of:
            wrong = f"“{text}” is not a value of {fact}.{name} ({', '.join(of)})"
            raise RecordingError("detail", wrong, nearest(text, of), name)
        try:
            kept[name] = written.prose(text)
        except ValueError as error:
            raise RecordingError("detail", str(error), "", name) from None
    return details_of(kept)
