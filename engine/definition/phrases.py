"""A plan's expressions in words, for people who do not write plans: conditions, dates, slots, reasons that quote them.

What has a label is called by it; what has none is called by its name, without underscores.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from datetime import date
from functools import cached_property

from engine.definition.cadence import ESCALATION
from engine.definition.conditions import Condition
from engine.definition.dates import DateExpr, parse_span
from engine.definition.measures import Count, Each, Listing, Measure
from engine.definition.words import day_words, either, span_words
from engine.definition.workflow import Event, FollowUp, Target, Workflow

_FLAGS = {
    "invited": "is invited to “{}”", "coming": "says it comes to “{}”", "attended": "took part in “{}”",
    "contacted": "was talked to about “{}”", "held": "“{}” was held", "cancelled": "“{}” was cancelled",
    "done": "“{}” is done", "reviewed": "“{}” was looked at",
}  # fmt: skip
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "is", ast.NotEq: "is not", ast.Lt: "is before", ast.LtE: "is not after", ast.Gt: "is after",
    ast.GtE: "is not before", ast.In: "is", ast.NotIn: "is not",
}  # fmt: skip
_OFTEN: dict[type[ast.cmpop], str] = {
    ast.Eq: "", ast.NotEq: "not ", ast.Lt: "fewer than ", ast.LtE: "at most ", ast.Gt: "more than ",
    ast.GtE: "at least ",
}  # fmt: skip
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}
_QUOTES = ("({})", "stop it: {}.", "of {} are done", "done: {}")
"""Where reasons quote a condition."""
_SLOT = re.compile(r"(before|after|every)-(\d+)([dwm])(?:-(\d+))?")
_UNITS = {"d": "day", "w": "week", "m": "month"}
_NAME = re.compile(r"[a-z]\w*(?:\.\w+)?")
_DONE = re.compile(r"\bdone: ([a-z]\w*)(?: ([^,(]+?))?(?=, true on | \(the roster)")
_DAY_OF = re.compile(r"\bthe day of ([a-z]\w*)(?= )")
_DATE = re.compile(r"(?<=true on )(\d{4}-\d\d-\d\d)\b(?!\.\.)")


class Phrases:
    """The words of one plan."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self._said: dict[str, str] = {}

    def condition(self, condition: Condition) -> str:
        """A condition in words: `region is Africa`, `has reported for the first time`."""
        text = condition.text
        if text not in self._said:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._said[text] = self._truth(ast.parse(text.replace("\n", " ").strip(), mode="eval").body)
        return self._said[text]

    def parties(self, condition: Condition) -> str:
        """Those who meet a condition: a set by its name, others as `those: region is Africa`."""
        name = self._target(condition.text.strip())
        return self._label(name) if name in self.workflow.sets else f"those: {self.condition(condition)}"

    def measure(self, measure: Measure) -> str:
        """What is measured."""
        match measure:
            case Count(among=None):
                return self.condition(measure.count)
            case Count(among=Condition() as among):
                return f"among {self.parties(among)}: {self.condition(measure.count)}"
            case Each():
                return f"each of {self.parties(measure.each)}: {self.condition(measure.is_)}"
            case Listing():
                return self.condition(measure.among)
        raise AssertionError("there are three kinds of measure")

    def date(self, expr: DateExpr) -> str:
        """A date as written, its names in words: `180 days after entry into force`."""
        return _NAME.sub(lambda found: self._date_name(found[0]), expr.text)

    def setting(self, name: str) -> str | None:
        """What a setting is read as; None where that is a word of the plan only."""
        value = self.workflow.settings[name].value
        if value in self.workflow.sets or value in self.workflow.labels:
            return self._label(value)
        try:
            return span_words(parse_span(value))
        except ValueError:
            return None

    def slot(self, token: str) -> str:
        """A letter's slot: `12 weeks before`, `on the day`, `every 4 weeks, number 2`."""
        if token.startswith(f"{ESCALATION}-before-"):
            return f"escalation, {self.slot(token.removeprefix(f'{ESCALATION}-'))}"
        found = _SLOT.fullmatch(token)
        if found is None:
            return "on the day" if token == "on-day" else token.replace("-", " ")
        side, count, unit, number = found.groups()
        length = f"{count} {_UNITS[unit]}{'' if count == '1' else 's'}"
        return f"every {length}{f', number {number}' if number else ''}" if side == "every" else f"{length} {side}"

    def reason(self, text: str) -> str:
        """A reason, or a sentence with one, in which what it quotes of the plan is put in words."""
        for condition in self._quoted:
            for form in _QUOTES if condition.text in text else ():
                quoted = re.escape(form.format(condition.text)) + r"(?!\w)"
                text = form.format(self.condition(condition)).join(re.split(quoted, text))
        for expr in self._own_dates:
            text = text.replace(f"{expr.text} is not set for ", f"{self.date(expr)} is not set for ")
        text = _DONE.sub(lambda found: f"done: {self._done(found[1], found[2])}", text)
        text = self._steps.sub(lambda found: f"“{self._title(found[0])}”", text)
        text = _DAY_OF.sub(lambda found: f"the day of “{self._title(found[1])}”", text)
        return _DATE.sub(lambda found: day_words(date.fromisoformat(found[1])), text)

    def _done(self, name: str, value: str | None) -> str:
        return self._label(name) + (f": {value.replace('_', ' ')}" if value else "")

    @cached_property
    def _quoted(self) -> list[Condition]:
        """What reasons may quote, the longest first: a short one may be a part of it."""
        found = {condition.text: condition for condition in self._conditions()}
        return sorted(found.values(), key=lambda condition: -len(condition.text))

    def _conditions(self) -> Iterator[Condition]:
        for step in self.workflow.steps.values():
            match step:
                case Event(invite=Condition() as invite):
                    yield invite
                case FollowUp():
                    yield step.until
                    yield from filter(None, (step.to, step.closes_when and step.closes_when.each))
                case Target():
                    yield step.count.count
                    if step.ask is not None:
                        yield step.ask.to

    @cached_property
    def _steps(self) -> re.Pattern[str]:
        """Names of steps as reasons have them; in a letter's key they stay, and a plain word may be just that."""
        plain, others = "|".join(self.workflow.steps), "|".join(name for name in self.workflow.steps if "_" in name)
        held = f"(?:{plain})(?= is recorded as | is cancelled)"
        return re.compile(rf"(?<![\w/“])(?:{held}" + (rf"|(?:{others})(?![\w/-]))" if others else ")"))

    @cached_property
    def _own_dates(self) -> list[DateExpr]:
        return [step.by for step in self.workflow.steps.values() if isinstance(step, FollowUp | Target)]

    def _truth(self, node: ast.expr) -> str:
        match node:
            case ast.BoolOp():
                word = " and " if isinstance(node.op, ast.And) else " or "
                parts = (
                    f"({self._truth(each)})" if isinstance(each, ast.BoolOp) else self._truth(each)
                    for each in node.values
                )
                return word.join(parts)
            case ast.UnaryOp():
                inner = node.operand
                if isinstance(inner, ast.Name | ast.Attribute):
                    return self._named(ast.unparse(inner), "not ")
                return f"not ({self._truth(inner)})"
            case ast.Compare():
                sides = [node.left, *node.comparators]
                if any(isinstance(side, ast.Call) and _called(side) == "misses" for side in sides):
                    return " and ".join(
                        self._missed(left, type(sign), right)
                        for left, sign, right in zip(sides, node.ops, sides[1:], strict=False)
                    )
                left, said = self._term(node.left), []
                for sign, right in zip(node.ops, node.comparators, strict=True):
                    said.append(f"{_SIGNS[type(sign)]} {self._term(right)}")
                return f"{left} {' and '.join(said)}"
        return self._named(ast.unparse(node), "")

    def _missed(self, left: ast.expr, sign: type[ast.cmpop], right: ast.expr) -> str:
        """A counter of missed deadlines held against a number: `has missed “Annual report” at least 3 times in a row`."""
        if isinstance(right, ast.Call):
            left, right, sign = right, left, _TURNED.get(sign, sign)
        assert isinstance(left, ast.Call), "a counter is compared with a number"
        step, number = (ast.literal_eval(each) for each in (left.args[0], right))
        times = "once" if number == 1 else f"{number} times"
        return f"has missed “{self._title(step)}” {_OFTEN[sign]}{times} in a row"

    def _named(self, name: str, no: str) -> str:
        """A name that stands alone: a set asks for a member, all else whether it is so."""
        target = self._target(name)
        return f"{no}one of {self._label(target)}" if target in self.workflow.sets else f"{no}{self._label(target)}"

    def _term(self, node: ast.expr) -> str:
        """One side of a comparison."""
        match node:
            case ast.Constant(value=str() as word):
                return word.replace("_", " ")
            case ast.List() | ast.Tuple():
                return either([self._term(each) for each in node.elts])
            case ast.Call(args=[ast.Constant(value=str() as written)]):
                return span_words(parse_span(written))
        return self._label(self._target(ast.unparse(node)))

    def _target(self, name: str) -> str:
        """What a setting names; else the name itself."""
        head, _, tail = name.partition(".")
        setting = self.workflow.settings.get(tail) if head == "settings" else None
        return setting.value if setting is not None else name

    def _label(self, name: str) -> str:
        workflow, (head, _, tail) = self.workflow, name.partition(".")
        if head in workflow.steps and tail in _FLAGS:
            return _FLAGS[tail].format(self._title(head))
        if tail and head in workflow.facts:
            return f"its {workflow.facts[head].called(tail)}"
        fact = workflow.facts.get(name)
        if fact is not None and fact.label:
            return fact.label
        return workflow.labels.get(name) or self._date_name(name)

    def _date_name(self, name: str) -> str:
        """A name in a date."""
        workflow, target = self.workflow, self._target(name)
        if label := workflow.labels.get(target):
            return label
        if target in workflow.anchors:
            return workflow.anchors[target].title
        value = workflow.values.get(target)
        if isinstance(value, DateExpr):
            return self.date(value)
        if target != name:
            return span_words(parse_span(target)) if target[:1].isdigit() else target.replace("_", " ")
        return "the due day" if name == "cycle.due" else self._title(name)

    def _title(self, name: str) -> str:
        step = self.workflow.steps.get(name)
        return step.title if step is not None else name.replace("_", " ")


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""
