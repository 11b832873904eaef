"""Conditions: who is meant, and who is done; and the names that they may use.

There is no clock in the language, so nothing flips by itself. What is not set is false, and so is each comparison with
it, but `!=` and `not in` are true. A range or a month compares by its first day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.definition.expressions import Scope

STEP_FLAGS = {
    "event": ("invited", "coming", "attended", "contacted", "held", "cancelled"),
    "task": ("done",),
    "ongoing": ("reviewed", "contacted"),
    "follow_up": ("contacted",),
    "target": ("contacted",),
}
"""What `step.flag` may ask, by the step's kind."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. `uses` lists what it reads: (kind, name), for the index of who depends on what."""

    text: str
    holds: Callable[[Scope], bool] = field(compare=False, repr=False)
    uses: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Name:
    """A declared name as conditions see it.

    `kind`: attribute, fact, value, set, setting or date. `type`: bool, flag, choice, date or text, with the words `of` a
    choice. `details` are a fact's; `condition` compiles a value's when it is first asked for. `target` is what a setting
    names.
    """

    kind: str
    type: str
    of: tuple[str, ...] = ()
    details: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    condition: Callable[[], Condition] | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that a condition may use. `steps` gives each step's kind; dotted settings are keys of `names`.

    `recurring` are the follow-ups that are asked anew in each cycle; `starts`: the plan says when it began. `absent` says
    of names that somebody might look for why there are none, and what to do.
    """

    names: Mapping[str, Name]
    steps: Mapping[str, str]
    recurring: frozenset[str] = frozenset()
    starts: bool = True
    absent: Mapping[str, tuple[str, str]] = field(default_factory=dict)
