"""What has to fit together across a workflow: roles, posts, and the plan's two ends."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from engine.definition.cadence import ESCALATION
from engine.definition.dates import DateExpr
from engine.definition.syntax.shapes import Fields
from engine.definition.syntax.sources import Faults
from engine.definition.workdays import WorkCalendar
from engine.definition.workflow import AnyStep, Ask, Event, FollowUp, Target, Workflow, cadence_of
from engine.errors import Place


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
    if (cadence := cadence_of(step)) is not None:
        yield from {slot.kind: cadence.letters.for_slot(slot) for slot in cadence.every_slot()}.items()
    more: dict[str, str | None] = {}
    match step:
        case Event():
            more = {"moved": step.moved, "cancelled": step.cancelled}
        case FollowUp():
            more = {"thanks": step.thanks, "corrected": step.corrected}
        case Target(ask=Ask() as ask):
            more = {"thanks": ask.thanks, "corrected": ask.corrected}
    yield from ((use, template) for use, template in more.items() if template)
    if isinstance(step, FollowUp):
        yield from dict.fromkeys((ESCALATION, rule.letter) for rule in step.escalate)


class RoleBook:
    """The roles that are declared, and which of them can be written to (as far as is known: a fault may hide it)."""

    def __init__(self, root: Fields, faults: Faults) -> None:
        self.faults = faults
        self.incomplete = "roles" not in root.values
        self.names = root.names_in("roles")
        read = {name: fields for name, fields, _ in root.entries("roles", Fields)}
        self.silent = {name for name, fields in read.items() if "email" not in fields}

    def known(self, name: str, place: Place) -> bool:
        """Whether there is such a role; if not, that is on record."""
        known = name in self.names or self.incomplete
        if not known:
            self.faults.expect(name, sorted(self.names), place, f"there is no role “{name}”")
        return known

    def writable(self, name: str, place: Place, why: str) -> None:
        """Note that a role is not there or has no address, though it needs one."""
        if self.known(name, place) and name in self.silent:
            self.faults.add(place, f"the role {name} has no address, and it {why}", f"Add an email to the role {name}.")


def check_roles(root: Fields, roles: RoleBook) -> None:
    """Each role that is named exists, and whoever owns or is told something can be written to."""
    if "owner" in root.values:
        roles.writable(root.text("owner"), root.place("owner"), "owns steps")
    for _, step, _ in root.entries("steps", Fields):
        if "owner" in step.values:
            roles.writable(step.text("owner"), step.place("owner"), "owns a step")
        for rule, _ in step.items("escalate", Fields):
            if "to" in rule.values:
                roles.writable(rule.text("to"), rule.place("to"), "is told of letters without an answer")
        for role, place in step.items("with", str):
            roles.known(role, place)
    for name, declared, _ in root.entries("roles", Fields):
        if "digest" in declared.values:
            roles.writable(name, declared.place("digest"), "gets a digest")


def check_address(root: Fields, roles: RoleBook, posts: Collection[str], faults: Faults) -> None:
    """Posts are those of the contacts; a copy may also go to a role."""
    for _, step, _ in root.entries("steps", Fields):
        _check_copies(step, roles, posts, faults)
    rule = root.record("address")
    if rule is None:
        if posts and "address" not in root:
            first = next(iter(posts))
            faults.add(
                root.place("contacts"), "to whom letters go is not said", f"Add the key “address”: {{to: [{first}]}}."
            )
        return
    for post, place in [*rule.items("to", str), *rule.items("notes", str)]:
        faults.expect(post, posts, place, f"no contact has the post “{post}”")
    _check_copies(rule, roles, posts, faults)


def _check_copies(fields: Fields, roles: RoleBook, posts: Collection[str], faults: Faults) -> None:
    for name, place in fields.items("cc", str):
        if name in posts and name in roles.names:
            faults.add(place, f"“{name}” is both a post and a role", "Give one of them another name.")
        elif name in roles.names:
            roles.writable(name, place, "is to get a copy")
        elif not roles.incomplete:
            known = [*posts, *sorted(roles.names)]
            faults.expect(name, known, place, f"“{name}” is neither a post of a contact nor a role")


def check_ends(root: Fields, workflow: Workflow, faults: Faults) -> None:
    """A plan ends after it starts, as far as both are written dates."""
    starts, ends = (_written(expr, workflow) for expr in (workflow.starts, workflow.ends))
    if starts and ends and ends < starts:
        faults.add(root.place("ends"), f"the plan ends on {ends} before it starts on {starts}")


def _written(expr: DateExpr | None, workflow: Workflow) -> date | None:
    """The day of a written date or an anchor, moved; None for what is known only later."""
    if expr is None:
        return None
    base, calendar = expr.base, WorkCalendar(workflow.country, workflow.subdivision)
    if isinstance(base, str):
        if base not in workflow.anchors:
            return None
        base = workflow.anchors[base].on
    return calendar.moved(base, expr.moves)
