"""What readers of letters do in a scenario, and what is decided about it: links used, links scanned, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.answer import Purpose
from engine.definition import written
from engine.definition.conditions import suggest
from engine.definition.leaves import LINE, PROSE, STEP
from engine.definition.shapes import Choice, Fields, Key, Record, Text
from engine.definition.sources import Faults
from engine.definition.workflow import FollowUp, Plannable, Target

DECISIONS = ("go-on", "wait", "nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfReader:
    """Of a party that was sent a letter of a step; of the last one that has left with links."""

    step: str
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsesLink(OfReader):
    """A reader presses the button of one link; `day` is that of “we will by …”."""

    says: Purpose
    day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScansLinks(OfReader):
    """A mail scanner opens every link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decides(OfReader):
    """The owner decides about the party's answers that wait; `day` is that of `wait`."""

    decision: str
    day: str = ""


Reading = UsesLink | ScansLinks | Decides

_AT = {"at": Key(Text("a day or an instant"), "When: a bare day is noon in the workflow's zone.", True)}
_DAY = Text("a day, such as 2018-03-20", lambda text: str(written.span(text).first))
_OF = {
    "step": Key(STEP, "The follow-up or target.", True),
    "party": Key(Text("the id of a party", written.identifier), "The party that was written to.", True),
}
_REST = {
    "source": Key(LINE, "Where it is known from; `real`, or `illustrative`."),
    "note": Key(PROSE, "What else there is to say."),
}
SHAPES: Mapping[str, Record] = {
    "link": Record(
        "scenario_link", "an event",
        {
            **_AT, "link": Key(Choice(tuple(Purpose)), "Which link of the last letter a reader uses.", True), **_OF,
            "value": Key(_DAY, "With `by`: the day."), **_REST,
        },
    ),
    "scan": Record(
        "scenario_scan", "an event",
        {**_AT, "scan": Key(Choice(("links",)), "What a mail scanner opens: `links`.", True), **_OF, **_REST},
    ),
    "decide": Record(
        "scenario_decide", "an event",
        {
            **_AT, "decide": Key(Choice(DECISIONS), "What the owner decides about the answers that wait.", True), **_OF,
            "value": Key(_DAY, "With `wait`: the day."), **_REST,
        },
    ),
}  # fmt: skip
"""The events, by the key that tells them."""


def read_reading(fields: Fields, kind: str, plannable: Plannable, faults: Faults) -> Reading:
    """One of these events, checked against the plan. What is wrong goes to `faults`."""
    step, party, day = fields.text("step"), fields.text("party"), _day(fields, kind, faults)
    steps = [name for name, found in plannable.workflow.steps.items() if isinstance(found, FollowUp | Target)]
    if step and step not in steps:
        faults.add(fields.place("step"), f"{step} is no step that chases parties", suggest(step, steps))
    if party and party not in plannable.parties:
        faults.add(fields.place("party"), f"there is no party “{party}”", suggest(party, plannable.parties))
    if kind == "link":
        return UsesLink(step=step, party=party, says=Purpose(fields.text("link") or Purpose.SUBMITTED), day=day)
    if kind == "scan":
        return ScansLinks(step=step, party=party)
    return Decides(step=step, party=party, decision=fields.text("decide"), day=day)


def _day(fields: Fields, kind: str, faults: Faults) -> str:
    found = fields.get("value", str) or ""
    takes = {"link": Purpose.BY.value, "decide": "wait"}.get(kind)
    given = "value" in fields
    if fields.text(kind) == takes and not given:
        faults.add(fields.place(), f"{takes} takes a day", "Write for example value: 2018-03-20.")
    elif given and fields.text(kind) != takes:
        faults.add(fields.place("value"), "this takes no day", "Leave it out.")
    return found
