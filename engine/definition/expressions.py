"""What a condition is compiled to: pieces with a type, and how they compare."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from engine.definition.dates import Span, parse_span


class Scope(Protocol):
    """What a condition is asked about: one party (or none) at one time. Dates are spans, all else text."""

    def attribute(self, name: str) -> str | None: ...
    def fact(self, name: str) -> str | None: ...
    def details(self, fact: str, detail: str) -> Iterable[str]: ...
    def flag(self, step: str, name: str) -> bool: ...
    def date(self, name: str) -> Span | None: ...
    def member(self, name: str) -> bool: ...
    def misses(self, step: str) -> int: ...


Value = bool | int | str | Span | None
Truth = Callable[[Scope], bool]


@dataclass(frozen=True, slots=True)
class Expr:
    """A compiled piece: its type, its value in a scope, and for a detail the several values it may have. `label` is what a
    text, or what takes some words (`of`), is called."""

    type: str
    value: Callable[[Scope], Value]
    of: tuple[str, ...] = ()
    several: Callable[[Scope], Iterable[Value]] | None = None
    label: str = ""

    def truth(self) -> Truth:
        """What it says when it stands alone: whether it is set; of yes or no, whether it is yes."""
        value = self.value
        if self.type == "flag":
            return lambda scope: value(scope) == "yes"
        return lambda scope: bool(value(scope))


def both(one: Truth, other: Truth) -> Truth:
    """Whether one and the other hold."""
    return lambda scope: one(scope) and other(scope)


def either_of(one: Truth, other: Truth) -> Truth:
    """Whether one or the other holds."""
    return lambda scope: one(scope) or other(scope)


def as_span(text: str | None) -> Span | None:
    """A date fact's value as its days; None where nothing is recorded."""
    return parse_span(text) if text else None


def _first(value: Value) -> date | int | str | None:
    return value.first if isinstance(value, Span) else value


def _values(expr: Expr, scope: Scope) -> Iterable[Value]:
    """All values that a piece has: none where it is not set."""
    if expr.several is not None:
        return expr.several(scope)
    value = expr.value(scope)
    return () if value is None else (value,)


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def comparison(left: Expr, right: Expr, sign: str) -> Truth:
    """Whether two pieces of one type compare so: with what is not set only `!=` holds, a detail by any of its values."""
    compare, a, b = _ORDER[sign], left.value, right.value

    def compares(scope: Scope) -> bool:
        x, y = _first(a(scope)), _first(b(scope))
        return x is not None and y is not None and compare(x, y)

    def any_equals(scope: Scope) -> bool:  # only == and != compare details
        return not {*_values(left, scope)}.isdisjoint(_values(right, scope))

    holds = compares if left.several is None and right.several is None else any_equals
    return (lambda scope: not holds(scope)) if sign == "!=" else holds
