"""What a letter writes where a template has `{{ … }}`: a text, a number, or a day in the letter's own language.

All else has no words that a reader would understand: nothing at all, yes or no, a list, a value with fields. It is
refused, where Python would write `None`, `True` or `()`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import jinja2
from markupsafe import Markup

from engine.definition.dates import local_date
from engine.rendering.literal import Ready
from engine.rendering.tongues import speaking

AS_IT_IS = frozenset((str, int, float, Ready, Markup))
"""The types whose values are written as they are."""

_NOTHING = ("this letter has nothing to write here.", "Guard it with “{% if … %}” where a letter may lack it.")
_NO_DAY = ("this is no day.", "“|day” writes a date; “deadline.words” and “event.day” are words already.")


class Unwritable(ValueError):
    """A value that has no words; `hint` says what to write in its place."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@jinja2.pass_context
def words(context: jinja2.runtime.Context, value: Any) -> Any:
    """A value as a letter writes it: text or a number as it is, a day in words. Raises Unwritable; UndefinedError."""
    kind = type(value)
    if kind in AS_IT_IS or isinstance(value, str):
        return value
    if kind is date or kind is datetime:
        return day(context, value)
    raise _unwritable(value)


@jinja2.pass_context
def day(context: jinja2.runtime.Context, value: Any) -> str:
    """A day in the letter's language; a moment's is the addressee's; where a roster has none, nothing.

    Raises Unwritable; UndefinedError.
    """
    kind = type(value)
    if kind is datetime:
        value = local_date(value, context["zone"])
    elif kind is not date:
        if isinstance(value, str) and not value:
            return ""
        raise Unwritable(*_NO_DAY) if isinstance(value, str | int) else _unwritable(value)
    return speaking(context["to"].language).day(value)


def refusal(kind: type | None, *, many: bool = False, name: str = "this") -> tuple[str, str] | None:
    """Why what is of that type, or a list of it, is not written, and what to write; None where it may be."""
    if many:
        return f"{name} is a list.", "Write each with “{% for … %}”, or a list of texts with “|listed”."
    if kind is bool:
        return f"{name} is yes or no.", "Ask it with “{% if … %}”."
    if kind is not None and dataclasses.is_dataclass(kind):
        fields = ", ".join(field.name for field in dataclasses.fields(kind) if field.name != "columns")
        return f"{name} is more than a word.", f"Write its fields: {fields}."
    return None


def _unwritable(value: object) -> Unwritable:
    if value is None:
        return Unwritable(*_NOTHING)
    if isinstance(value, jinja2.Undefined):
        str(value)  # which raises, as our undefined values do
    why = refusal(type(value), many=isinstance(value, Iterable))
    return Unwritable(*(why or ("this has no words.", "Write a text, a number or a day.")))
