"""What a condition is compiled to: pieces with a type, and how they compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

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


@dataclass(frozen=True, slots=True)
class Expr:
    """A compiled piece: its type, its value in a scope, and for a detail the several values it may have."""

    type: str
    value: Callable[[Scope], Value]
    of: tuple[str, ...] = ()
    several: Callable[[Scope], Iterable[Value]] | None = None
    label: str = ""

    def truth(self) -> Callable[[Scope], bool]:
        """What it says when it stands alone: whether it is set; of yes or no, whether it is yes."""
        value, yes_no = self.value, self.type == "flag"
        if yes_no:
            return lambda scope: value(scope) == "yes"
        return lambda scope: bool(value(scope))


def both(one: Callable[[Scope], bool], other: Callable[[Scope], bool]) -> Callable[[Scope], bool]:
    """Whether one and the other hold."""
    return lambda scope: one(scope) and other(scope)


def either_of(one: Callable[[Scope], bool], other: Callable[[Scope], bool]) -> Callable[[Scope], bool]:
    """Whether one or the other holds."""
    return lambda scope: one(scope) or other(scope)


def as_span(text: str | None) -> Span | None:
    """A date fact's value as its days; None where nothing is recorded."""
    return parse_span(text) if text else None


def _first(value: Value) -> date | int | str | None:
    return value.first if isinstance(value, Span) else value


def comparison(left: Expr, right: Expr, sign: str) -> Callable[[Scope], bool]:
    """Whether two pieces of one type compare so: with what is not set only `!=` holds, a detail by any of its values."""
    a, b = left.value, right.value
    if left.several is not None:
        several = left.several
        equal: Callable[[Scope], bool] = lambda scope: any(value == b(scope) for value in several(scope))  # noqa: E731 - see next
        return equal if sign == "==" else lambda scope: not equal(scope)
    order: dict[str, Callable[[date, date], bool]] = {
        "==": lambda x, y: x == y, "<": lambda x, y: x < y, "<=": lambda x, y: x <= y,
        ">": lambda x, y: x > y, ">=": lambda x, y: x >= y,
    }  # fmt: skip
    compare = order["==" if sign == "!=" else sign]

    def holds(scope: Scope) -> bool:
        x, y = _first(a(scope)), _first(b(scope))
        if x is None or y is None:
            return False
        return compare(x, y)  # type: ignore[arg-type]  # both sides are of one type: checked when compiled

    return (lambda scope: not holds(scope)) if sign == "!=" else holds
