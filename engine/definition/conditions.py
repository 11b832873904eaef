"""Conditions: who is meant, and who is done.

Parsed with `ast`, held against an allow-list of nodes and the workflow's declared names and values, and compiled
once into functions of a `Scope`. There is no clock in the language, so nothing flips by itself. What is not set is
false, and so is each comparison with it, but `!=` and `not in` are true. A range or a month compares by its first day.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from engine.definition.dates import parse_span
from engine.definition.expressions import Expr, Scope, as_span, both, comparison, either_of
from engine.definition.hints import nearest, suggest

STEP_FLAGS = {
    "event": ("invited", "coming", "attended", "contacted", "held", "cancelled"),
    "task": ("done",),
    "ongoing": ("reviewed", "contacted"),
    "follow_up": ("contacted",),
    "target": ("contacted",),
}
"""What `step.flag` may ask, by the step's kind."""


@dataclass(frozen=True, slots=True)
class Name:
    """A declared name as conditions see it.

    `kind`: attribute, fact, value, set, setting or date. `type`: bool, flag, choice, date or text.
    `details` are a fact's; `steps_flags` are not here but in `Vocabulary.steps`.
    """

    kind: str
    type: str
    of: tuple[str, ...] = ()
    details: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    condition: Condition | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that a condition may use. `steps` gives each step's kind; dotted settings are keys of `names`.

    `recurring` are the follow-ups that are asked anew in each cycle; `starts`: the plan says when it began.
    """

    names: Mapping[str, Name]
    steps: Mapping[str, str]
    recurring: frozenset[str] = frozenset()
    starts: bool = True


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. `uses` lists what it reads: (kind, name), for the index of who depends on what."""

    text: str
    holds: Callable[[Scope], bool] = field(compare=False, repr=False)
    uses: frozenset[tuple[str, str]] = frozenset()


class ConditionError(ValueError):
    """A condition is wrong; `offset` is the character (from 0) where."""

    def __init__(self, message: str, offset: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.offset = offset
        self.hint = hint


_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


_ASSIGNS = re.compile(r"(?<![=!<>])=(?!=)")
_EXAMPLE = 'Write for example: report and region == "Africa".'


def compile_condition(text: str, vocabulary: Vocabulary) -> Condition:
    """Compile a condition. Raises ConditionError with the place in `text` of the first fault."""
    source = text.replace("\n", " ")
    lead = len(source) - len(source.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of odd backslashes on the terminal
            tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        offset = lead + max(0, (getattr(error, "offset", None) or 1) - 1)
        hint = "Values are compared with ==." if _ASSIGNS.search(source) else _EXAMPLE
        raise ConditionError("this is not a condition", offset, hint) from None
    compiler = _Compiler(vocabulary, lead, source)
    try:
        holds = compiler.truth(tree.body)
    except RecursionError:
        raise ConditionError("this condition is nested too deep", lead) from None
    return Condition(text, holds, frozenset(compiler.uses))


class _Compiler:
    def __init__(self, vocabulary: Vocabulary, lead: int, source: str) -> None:
        self.vocabulary = vocabulary
        self.lead = lead
        self.source = source
        self.uses: set[tuple[str, str]] = set()

    def fail(self, node: ast.AST, message: str, hint: str = "") -> ConditionError:
        column = getattr(node, "col_offset", 0)
        # ast counts bytes of UTF-8; people count characters.
        characters = len(self.source.strip().encode()[:column].decode(errors="ignore"))
        return ConditionError(message, self.lead + characters, hint)

    def compile(self, node: ast.expr) -> Expr:
        match node:
            case ast.BoolOp():
                return self._bool(node)
            case ast.UnaryOp(op=ast.Not()):
                truth = self.truth(node.operand)
                return Expr("bool", lambda scope: not truth(scope))
            case ast.Compare():
                return self._compare(node)
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.Constant(value=str() as text):
                return Expr("literal", lambda scope: text, label=text)
            case ast.List() | ast.Tuple():
                raise self.fail(node, "a list stands only after “in” or “not in”")
            case ast.Call():
                return self._call(node)
            case ast.Constant(value=int() as number) if not isinstance(number, bool):
                return Expr("number", lambda scope: number, label=str(number))
            case ast.Constant():
                raise self.fail(node, f"“{node.value!r}” is neither a name nor a text", "Put texts in double quotes.")
        raise self.fail(
            node, f"“{ast.unparse(node)}” is not part of the language of conditions",
            "It has and, or, not, in, == != < <= > >=, parentheses, texts and declared names.",
        )  # fmt: skip

    def truth(self, node: ast.expr) -> Callable[[Scope], bool]:
        """What a piece says when it stands alone: what is always true is refused, since it asks nothing."""
        expr = self.compile(node)
        if expr.type == "literal":
            raise self.fail(
                node, f"“{expr.label}” is a text, and a text alone asks nothing", "Compare it with == or !=."
            )
        if expr.type in ("count", "number"):
            raise self.fail(node, "a number alone asks nothing", 'For example misses("annual") >= 3.')
        if isinstance(node, ast.Call):
            raise self.fail(node, "a written date alone asks nothing", "Compare it with < or >=.")
        return expr.truth()

    def _bool(self, node: ast.BoolOp) -> Expr:
        first, *rest = (self.truth(value) for value in node.values)
        for following in rest:
            first = both(first, following) if isinstance(node.op, ast.And) else either_of(first, following)
        return Expr("bool", first)

    def _compare(self, node: ast.Compare) -> Expr:
        truths = []
        left_node = node.left
        for operator, right_node in zip(node.ops, node.comparators, strict=True):
            sign = _COMPARE.get(type(operator))
            if sign is None:
                raise self.fail(node, "“is” does not compare here", "Write == or !=.")
            if sign in ("in", "not in"):
                truths.append(self._membership(left_node, right_node, negated=sign == "not in"))
            else:
                truths.append(self._comparison(node, left_node, right_node, sign))
            left_node = right_node
        chain = tuple(truths)
        if len(chain) == 1:
            return Expr("bool", chain[0])
        return Expr("bool", lambda scope: all(truth(scope) for truth in chain))

    def _membership(self, left: ast.expr, right: ast.expr, *, negated: bool) -> Callable[[Scope], bool]:
        if not isinstance(right, ast.List | ast.Tuple):
            raise self.fail(right, "after “in” stands a list", 'For example: in ["new_law", "unclear"].')
        subject = self.compile(left)
        options: list[str] = []
        for item in right.elts:
            if not (isinstance(item, ast.Constant) and isinstance(item.value, str)):
                raise self.fail(item, "a list holds texts", "Put each in double quotes.")
            self._check_value(subject, item.value, item)
            options.append(item.value)
        wanted = frozenset(options)
        if subject.type in ("count", "number"):
            raise self.fail(left, "a number is compared with < <= > >= == !=, not looked up in a list")
        if subject.type == "date":
            raise self.fail(left, "a date is compared with < <= > >= == !=, not looked up in a list")
        several = subject.several
        if several is not None:
            found: Callable[[Scope], bool] = lambda scope: any(value in wanted for value in several(scope))  # noqa: E731 - one of two closures
        else:
            value = subject.value
            found = lambda scope: value(scope) in wanted  # noqa: E731 - one of two closures
        return (lambda scope: not found(scope)) if negated else found

    def _comparison(
        self, node: ast.AST, left_node: ast.expr, right_node: ast.expr, sign: str
    ) -> Callable[[Scope], bool]:
        left, right = self.compile(left_node), self.compile(right_node)
        if left.type == "literal" and right.type != "literal":
            left, right, left_node, right_node = right, left, right_node, left_node
            sign = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(sign, sign)
        if "count" in (left.type, right.type):
            if {left.type, right.type} != {"count", "number"}:
                other = left_node if right.type == "count" else right_node
                raise self.fail(other, "how often is compared with a number only", 'For example misses("annual") >= 3.')
        elif "number" in (left.type, right.type):
            number = left_node if left.type == "number" else right_node
            raise self.fail(
                number, f"“{ast.unparse(number)}” is neither a name nor a text", "Put texts in double quotes."
            )
        elif "date" in (left.type, right.type):
            if right.type == "literal":
                raise self.fail(right_node, "a date is compared with a date", f'Write date("{right.label}").')
            if left.type != right.type:
                raise self.fail(
                    right_node, "a date is compared with a date only", 'For example with date("2017-01-01").'
                )
        elif "bool" in (left.type, right.type):
            raise self.fail(node, "a condition or a set is not compared", "Use it as it is, or with “not”.")
        elif sign not in ("==", "!="):
            raise self.fail(node, f"only dates compare with {sign}", "Texts compare with == and !=.")
        if right.type == "literal":
            self._check_value(left, right.label, right_node)
        return comparison(left, right, sign)

    def _check_value(self, subject: Expr, value: str, node: ast.AST) -> None:
        if subject.type == "bool":
            raise self.fail(node, "a condition or a set is not compared with a text")
        allowed = subject.of or (("yes", "no") if subject.type == "flag" else ())
        if allowed and value not in allowed:
            message = f"“{value}” is not a value of {subject.label or 'it'} ({', '.join(allowed)})"
            raise self.fail(node, message, nearest(value, allowed))

    def _call(self, node: ast.Call) -> Expr:
        if isinstance(node.func, ast.Name) and node.func.id == "misses":
            return self._misses(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == "date"):
            raise self.fail(
                node, f"there is no function “{ast.unparse(node.func)}”",
                'There are date("2017-01-01") and misses("annual").',
            )  # fmt: skip
        argument = node.args[0] if len(node.args) == 1 and not node.keywords else None
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            raise self.fail(node, "date(…) takes one written date", 'For example date("2017-01-01").')
        try:
            span = parse_span(argument.value)
        except ValueError as error:
            raise self.fail(argument, str(error)) from None
        return Expr("date", lambda scope: span)

    def _misses(self, node: ast.Call) -> Expr:
        argument = node.args[0] if len(node.args) == 1 and not node.keywords else None
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            raise self.fail(node, "misses(…) takes the name of one step", 'For example misses("annual") >= 3.')
        step, recurring = argument.value, self.vocabulary.recurring
        if step not in recurring:
            what = "is not a follow-up that recurs with the cycle" if step in self.vocabulary.steps else "is no step"
            raise self.fail(argument, f"“{step}” {what}", suggest(step, sorted(recurring)))
        if not self.vocabulary.starts:
            raise self.fail(node, "how far back to count is not said", "Add the key “starts” to the workflow.")
        self.uses.add(("misses", step))
        return Expr("count", lambda scope: scope.misses(step), label=step)

    def _name(self, node: ast.Name | ast.Attribute) -> Expr:
        dotted = ast.unparse(node)
        if isinstance(node, ast.Attribute) and not isinstance(node.value, ast.Name):
            raise self.fail(node, f"“{dotted}” has more than one dot")
        known = self.vocabulary.names
        if (name := known.get(dotted)) is not None:
            return self._declared(dotted, name)
        if isinstance(node, ast.Attribute):
            return self._dotted(node, dotted)
        raise self.fail(node, f"there is no name “{dotted}”", suggest(dotted, known))

    def _declared(self, dotted: str, name: Name) -> Expr:
        target = name.target or dotted
        match name.kind:
            case "attribute":
                self.uses.add(("attribute", target))
                if name.type == "date":
                    return Expr("date", lambda scope: scope.date(target), label=dotted)
                return Expr(name.type, lambda scope: scope.attribute(target), name.of, label=dotted)
            case "fact":
                self.uses.add(("fact", target))
                if name.type == "date":
                    return Expr("date", lambda scope: as_span(scope.fact(target)), label=dotted)
                kind = "flag" if set(name.of) == {"yes", "no"} else name.type
                return Expr(kind, lambda scope: scope.fact(target), name.of, label=dotted)
            case "value":
                assert name.condition is not None
                self.uses |= name.condition.uses
                return Expr("bool", name.condition.holds, label=dotted)
            case "set":
                self.uses.add(("set", target))
                return Expr("bool", lambda scope: scope.member(target), label=dotted)
            case "date":
                self.uses.add(("date", target))
                return Expr("date", lambda scope: scope.date(target), label=dotted)
        word = target
        return Expr("literal", lambda scope: word, label=word)

    def _dotted(self, node: ast.Attribute, dotted: str) -> Expr:
        assert isinstance(node.value, ast.Name)
        head, tail = node.value.id, node.attr
        name = self.vocabulary.names.get(head)
        if name is not None and name.kind == "fact":
            if tail not in name.details:
                raise self.fail(node, f"the fact {head} has no detail “{tail}”", suggest(tail, name.details))
            self.uses.add(("fact", head))

            def several(scope: Scope) -> Iterable[str]:
                return scope.details(head, tail)

            of = name.details[tail]
            newest = lambda scope: next(iter(several(scope)), None)  # noqa: E731 - one closure of two
            return Expr("choice" if of else "text", newest, of, several, dotted)
        kind = self.vocabulary.steps.get(head)
        if kind is not None:
            flags = STEP_FLAGS.get(kind, ())
            if tail not in flags:
                raise self.fail(node, f"{head} has no “{tail}”", suggest(tail, flags))
            self.uses.add(("flag", f"{head}.{tail}"))
            return Expr("bool", lambda scope: scope.flag(head, tail), label=dotted)
        if head == "settings":
            settings = [name for name in self.vocabulary.names if name.startswith("settings.")]
            raise self.fail(node, f"there is no setting “{tail}”", suggest(dotted, settings))
        known = [*self.vocabulary.names, *self.vocabulary.steps]
        raise self.fail(node, f"there is no name “{dotted}”", suggest(dotted, known))
