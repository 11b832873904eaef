"""What has to fit together across a workflow: roles, posts, and the plan's two ends."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from engine.definition.conditions import suggest
from engine.definition.dates import Span, Unit, shift
from engine.definition.shapes import Fields
from engine.definition.sources import Faults
from engine.definition.workdays import WorkCalendar
from engine.definition.workflow import (
    AnyStep,
    Cadence,
    Contact,
    DateExpr,
    Event,
    FollowUp,
    Place,
    Role,
    Target,
    Workflow,
)


class TemplateUse(NamedTuple):
    """A template that a step names, for which of its letters (`at once`, `thanks`, `moved` …), and where."""

    template: str
    step: str
    use: str
    place: Place


def template_uses(workflow: Workflow) -> tuple[TemplateUse, ...]:
    """Each template that the steps name, in the order of the file."""
    return tuple(
        TemplateUse(template, step.name, use, step.letter_places.get(template, step.place))
        for step in workflow.steps.values()
        for use, template in _uses(step)
    )


def _uses(step: AnyStep) -> Iterator[tuple[str, str]]:
    cadence: Cadence | None = None
    rest: dict[str, str | None] = {}
    match step:
        case Event():
            cadence, rest = step.invitations, {"moved": step.moved, "cancelled": step.cancelled}
        case FollowUp():
            cadence = step.cadence
            rest = {"thanks": step.thanks, "escalation": step.escalate.letter if step.escalate else None}
        case Target(ask=ask) if ask is not None:
            cadence, rest = ask.cadence, {"thanks": ask.thanks}
    for kind in dict.fromkeys(slot.kind for slot in (cadence.send if cadence else ())):
        template = cadence and (cadence.letters.by_kind.get(kind) or cadence.letters.every_kind)
        if template:
            yield kind, template
    yield from ((use, template) for use, template in rest.items() if template)


def check_roles(root: Fields, roles: Mapping[str, Role], faults: Faults) -> None:
    """Each role that is named exists, and whoever owns or is told something can be written to."""
    if "owner" in root.values:
        _writable(root.text("owner"), root.place("owner"), roles, faults, "owns steps")
    for _, step, _ in root.entries("steps", Fields):
        if "owner" in step.values:
            _writable(step.text("owner"), step.place("owner"), roles, faults, "owns a step")
        escalate = step.record("escalate")
        if escalate is not None and "to" in escalate.values:
            _writable(escalate.text("to"), escalate.place("to"), roles, faults, "is told of letters without an answer")
        for role, place in step.items("with", str):
            if role not in roles:
                faults.add(place, f"there is no role “{role}”", suggest(role, roles))


def _writable(name: str, place: Place, roles: Mapping[str, Role], faults: Faults, why: str) -> None:
    if name not in roles:
        faults.add(place, f"there is no role “{name}”", suggest(name, roles))
    elif roles[name].email is None:
        faults.add(place, f"the role {name} has no address, and it {why}", f"Add an email to the role {name}.")


def check_address(root: Fields, roles: Mapping[str, Role], contacts: Collection[Contact], faults: Faults) -> None:
    """Posts are those of the contacts; a copy may also go to a role."""
    rule = root.record("address")
    posts = list(dict.fromkeys(contact.post for contact in contacts))
    if rule is None:
        if posts:
            faults.add(
                root.place("contacts"),
                "to whom letters go is not said",
                f"Add the key “address”: {{to: [{posts[0]}]}}.",
            )
        return
    for post, place in rule.items("to", str):
        if post not in posts:
            faults.add(place, f"no contact has the post “{post}”", suggest(post, posts))
    for name, place in rule.items("cc", str):
        if name in posts and name in roles:
            faults.add(place, f"“{name}” is both a post and a role", "Give one of them another name.")
        elif name in roles:
            _writable(name, place, roles, faults, "is to get a copy")
        elif name not in posts:
            faults.add(place, f"“{name}” is neither a post of a contact nor a role", suggest(name, [*posts, *roles]))


def check_ids(
    contacts: Collection[Contact], roles: Mapping[str, Role], places: Mapping[str, Place], faults: Faults
) -> None:
    """A letter's key names its addressee by a contact's id or a role: they must differ."""
    for contact in contacts:
        if contact.id in roles:
            faults.add(places[contact.id], f"“{contact.id}” is also the name of a role", "Give the contact another id.")


def check_ends(root: Fields, workflow: Workflow, faults: Faults) -> None:
    """A plan ends after it starts, as far as both are written dates."""
    starts, ends = (_written(expr, workflow) for expr in (workflow.starts, workflow.ends))
    if starts and ends and ends < starts:
        faults.add(root.place("ends"), f"the plan ends on {ends} before it starts on {starts}")


def _written(expr: DateExpr | None, workflow: Workflow) -> date | None:
    """The day of a written date or an anchor, moved; None for what is known only later."""
    if expr is None:
        return None
    base = expr.base
    if isinstance(base, str):
        if base not in workflow.anchors:
            return None
        base = workflow.anchors[base].on
    return _moved(base, expr, WorkCalendar(workflow.country, workflow.subdivision))


def _moved(base: Span, expr: DateExpr, calendar: WorkCalendar) -> date:
    on = base.first if expr.moves and expr.moves[0][0] < 0 else base.last
    for sign, distance in expr.moves:
        if distance.unit is Unit.WORKING_DAYS:
            on = calendar.add(on, sign * distance.count)
        else:
            on = shift(on, distance, sign)
    return on
