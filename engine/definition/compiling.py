"""From a condition's text to a function of a `Scope`.

Parsed with `ast`, held against an allow-list of nodes and the workflow's declared names and values, and compiled once.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable

from engine.definition.conditions import STEP_FLAGS, Condition, Name, Vocabulary
from engine.definition.dates import parse_span
from engine.definition.expressions import Expr, Scope, Truth, as_span, both, comparison, either_of
from engine.definition.hints import Unreadable, nearest, suggest

_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ASSIGNS = re.compile(r"(?<![=!<>])=(?!=)")
_LONGEST = 10_000
_EXAMPLE = 'Write for example: report and region == "Africa".'
_COUNTED = 'For example misses("annual") >= 3.'


class UnknownName(Unreadable):
    """A condition uses a name that there is not."""


def compile_condition(text: str, vocabulary: Vocabulary) -> Condition:
    """Compile a condition. Raises Unreadable with the place in `text` of the first fault."""
    source = text.replace("\n", " ").strip()
    lead = len(text) - len(text.lstrip())
    if len(source) > _LONGEST:
        raise Unreadable(f"this condition has more than {_LONGEST:,} characters", offset=lead)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of odd backslashes on the terminal
            tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        offset = lead + max(0, (getattr(error, "offset", None) or 1) - 1)
        hint = "Values are compared with ==." if _ASSIGNS.search(source) else _EXAMPLE
        raise Unreadable("this is not a condition", hint, offset) from None
    compiler = _Compiler(vocabulary, source)
    try:
        holds = compiler.truth(tree.body)
    except RecursionError:
        raise Unreadable("this condition is nested too deep", offset=lead) from None
    except Unreadable as error:
        error.offset += lead
        raise
    return Condition(text, holds, frozenset(compiler.uses))


class _Compiler:
    def __init__(self, vocabulary: Vocabulary, source: str) -> None:
        self.vocabulary = vocabulary
        self.source = source
        self.uses: set[tuple[str, str]] = set()

    def fail(self, node: ast.expr, message: str, hint: str = "", kind: type[Unreadable] = Unreadable) -> Unreadable:
        # ast counts bytes of UTF-8; people count characters.
        return kind(message, hint, len(self.source.encode()[: node.col_offset].decode(errors="ignore")))

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
                return Expr("number", lambda scope: number)
            case ast.Constant():
                raise self._no_value(node)
        raise self.fail(
            node, f"“{ast.unparse(node)}” is not part of the language of conditions",
            "It has and, or, not, in, == != < <= > >=, parentheses, texts and declared names.",
        )  # fmt: skip

    def truth(self, node: ast.expr) -> Truth:
        """What a piece says when it stands alone: what is always true is refused, since it asks nothing."""
        expr = self.compile(node)
        match expr.type:
            case "literal":
                message = f"“{expr.label}” is a text, and a text alone asks nothing"
                raise self.fail(node, message, "Compare it with == or !=.")
            case "count" | "number":
                raise self.fail(node, "a number alone asks nothing", _COUNTED)
            case "date" if isinstance(node, ast.Call):
                raise self.fail(node, "a written date alone asks nothing", "Compare it with < or >=.")
        return expr.truth()

    def _bool(self, node: ast.BoolOp) -> Expr:
        join = both if isinstance(node.op, ast.And) else either_of
        joined, *rest = (self.truth(value) for value in node.values)
        for following in rest:
            joined = join(joined, following)
        return Expr("bool", joined)

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

    def _membership(self, left: ast.expr, right: ast.expr, *, negated: bool) -> Truth:
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
        if subject.type in ("count", "number", "date"):
            what = "a date" if subject.type == "date" else "a number"
            raise self.fail(left, f"{what} is compared with < <= > >= == !=, not looked up in a list")
        value, several = subject.value, subject.several
        if several is None:
            return (lambda scope: value(scope) not in wanted) if negated else lambda scope: value(scope) in wanted
        found: Truth = lambda scope: any(value in wanted for value in several(scope))  # noqa: E731 - one of two closures
        return (lambda scope: not found(scope)) if negated else found

    def _comparison(self, node: ast.expr, left_node: ast.expr, right_node: ast.expr, sign: str) -> Truth:
        left, right = self.compile(left_node), self.compile(right_node)
        if left.type == "literal" and right.type != "literal":
            left, right, left_node, right_node = right, left, right_node, left_node
            sign = _TURNED.get(sign, sign)
        types = {left.type, right.type}
        if "count" in types:
            if types != {"count", "number"}:
                other = left_node if right.type == "count" else right_node
                raise self.fail(other, "how often is compared with a number only", _COUNTED)
        elif "number" in types:
            raise self._no_value(left_node if left.type == "number" else right_node)
        elif "date" in types:
            if right.type == "literal":
                raise self.fail(right_node, "a date is compared with a date", f'Write date("{right.label}").')
            if left.type != right.type:
                hint = 'For example with date("2017-01-01").'
                raise self.fail(right_node, "a date is compared with a date only", hint)
        elif "bool" in types:
            raise self.fail(node, "a condition or a set is not compared", "Use it as it is, or with “not”.")
        elif sign not in ("==", "!="):
            raise self.fail(node, f"only dates compare with {sign}", "Texts compare with == and !=.")
        if right.type == "literal":
            self._check_value(left, right.label, right_node)
        return comparison(left, right, sign)

    def _no_value(self, node: ast.expr) -> Unreadable:
        return self.fail(node, f"“{ast.unparse(node)}” is neither a name nor a text", "Put texts in double quotes.")

    def _check_value(self, subject: Expr, value: str, node: ast.expr) -> None:
        if subject.type == "bool":
            raise self.fail(node, "a condition or a set is not compared with a text")
        allowed = subject.of or (("yes", "no") if subject.type == "flag" else ())
        if allowed and value not in allowed:
            message = f"“{value}” is not a value of {subject.label} ({', '.join(allowed)})"
            raise self.fail(node, message, nearest(value, allowed))

    def _call(self, node: ast.Call) -> Expr:
        match node:
            case ast.Call(func=ast.Name(id="misses")):
                return self._misses(node)
            case ast.Call(func=ast.Name(id="date")):
                return self._written(node)
        message = f"there is no function “{ast.unparse(node.func)}”"
        raise self.fail(node, message, 'There are date("2017-01-01") and misses("annual").')

    def _argument(self, node: ast.Call, takes: str, example: str) -> tuple[ast.expr, str]:
        """The one text that a function takes, with where it stands."""
        match node:
            case ast.Call(args=[ast.Constant(value=str() as text) as argument], keywords=[]):
                return argument, text
        raise self.fail(node, takes, example)

    def _written(self, node: ast.Call) -> Expr:
        argument, text = self._argument(node, "date(…) takes one written date", 'For example date("2017-01-01").')
        try:
            span = parse_span(text)
        except ValueError as error:
            raise self.fail(argument, str(error)) from None
        return Expr("date", lambda scope: span)

    def _misses(self, node: ast.Call) -> Expr:
        argument, step = self._argument(node, "misses(…) takes the name of one step", _COUNTED)
        recurring = self.vocabulary.recurring
        if step not in recurring:
            what = "is not a follow-up that recurs with the cycle" if step in self.vocabulary.steps else "is no step"
            raise self.fail(argument, f"“{step}” {what}", suggest(step, sorted(recurring)))
        if not self.vocabulary.starts:
            raise self.fail(node, "how far back to count is not said", "Add the key “starts” to the workflow.")
        self.uses.add(("misses", step))
        return Expr("count", lambda scope: scope.misses(step))

    def _name(self, node: ast.Name | ast.Attribute) -> Expr:
        dotted, known = ast.unparse(node), self.vocabulary.names
        if isinstance(node, ast.Attribute) and not isinstance(node.value, ast.Name):
            raise self.fail(node, f"“{dotted}” has more than one dot")
        if (name := known.get(dotted)) is not None:
            return self._declared(dotted, name)
        if dotted in self.vocabulary.absent:
            raise self.fail(node, *self.vocabulary.absent[dotted], kind=UnknownName)
        if isinstance(node, ast.Attribute):
            return self._dotted(node, dotted)
        raise self._unknown(node, dotted, known)

    def _unknown(self, node: ast.expr, name: str, known: Iterable[str]) -> Unreadable:
        return self.fail(node, f"there is no name “{name}”", suggest(name, known), UnknownName)

    def _declared(self, dotted: str, name: Name) -> Expr:
        target = name.target or dotted
        if name.condition is not None:
            condition = name.condition()
            self.uses |= condition.uses
            return Expr("bool", condition.holds)
        if name.kind == "setting":
            return Expr("literal", lambda scope: target, label=target)
        self.uses.add((name.kind, target))
        match name.kind, name.type:
            case "set", _:
                return Expr("bool", lambda scope: scope.member(target))
            case "fact", "date":
                return Expr("date", lambda scope: as_span(scope.fact(target)))
            case _, "date":
                return Expr("date", lambda scope: scope.date(target))
            case "fact", _:
                return Expr(_kind(name.type, name.of), lambda scope: scope.fact(target), name.of, label=dotted)
        return Expr(_kind(name.type, name.of), lambda scope: scope.attribute(target), name.of, label=dotted)

    def _dotted(self, node: ast.Attribute, dotted: str) -> Expr:
        head, tail = dotted.split(".")
        name = self.vocabulary.names.get(head)
        if name is not None and name.kind == "fact":
            return self._detail(node, name, head, tail)
        kind = self.vocabulary.steps.get(head)
        if kind is not None:
            if tail not in STEP_FLAGS[kind]:
                raise self.fail(node, f"{head} has no “{tail}”", suggest(tail, STEP_FLAGS[kind]))
            self.uses.add(("flag", dotted))
            return Expr("bool", lambda scope: scope.flag(head, tail))
        if head == "settings":
            settings = [name for name in self.vocabulary.names if name.startswith("settings.")]
            raise self.fail(node, f"there is no setting “{tail}”", suggest(dotted, settings))
        raise self._unknown(node, dotted, [*self.vocabulary.names, *self.vocabulary.steps])

    def _detail(self, node: ast.Attribute, name: Name, fact: str, detail: str) -> Expr:
        if detail not in name.details:
            raise self.fail(node, f"the fact {fact} has no detail “{detail}”", suggest(detail, name.details))
        self.uses.add(("fact", fact))

        def several(scope: Scope) -> Iterable[str]:
            return scope.details(fact, detail)

        of = name.details[detail]
        newest: Callable[[Scope], str | None] = lambda scope: next(iter(several(scope)), None)  # noqa: E731 - beside it
        return Expr(_kind("choice" if of else "text", of), newest, of, several, f"{fact}.{detail}")


def _kind(type_: str, of: tuple[str, ...]) -> str:
    """The type of what takes some words: a choice of yes and no is a flag."""
    return "flag" if set(of) == {"yes", "no"} else type_
