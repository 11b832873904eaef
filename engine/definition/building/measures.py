"""From measures as read to measures: of targets, objectives and outputs."""

from __future__ import annotations

from decimal import Decimal

from engine.definition.building.names import Names
from engine.definition.dates import DateExpr
from engine.definition.measures import Baseline, Count, Each, Listing, Measure, Objective, Output, Threshold
from engine.definition.syntax.shapes import Fields
from engine.definition.syntax.sources import Faults
from engine.definition.workflow import BudgetLine

_ALWAYS = DateExpr("")


def ours(fields: Fields, takes: str, faults: Faults) -> tuple[str, ...]:
    """Which keys of a record are our reading and not the source's."""
    found = fields.items("ours", str)
    for key, place in found:
        faults.expect(
            key, [other for other in fields.keys if other != "ours"], place, f"this {takes} has no key “{key}”"
        )
    return tuple(key for key, _ in found)


def count(fields: Fields, names: Names) -> Count:
    """A count with what it has to reach."""
    at_least = fields.get("at_least", Threshold) or Threshold("number", 0)
    if at_least.base == "half" and "among" not in fields:
        names.faults.add(fields.place("at_least"), "half of whom is not said", "Add the key “among”.")
    if at_least.base == "baseline" and "baseline" not in fields:
        names.faults.add(
            fields.place("at_least"), "there is no baseline", "Add for example baseline: {as_of: 2017-09-04}."
        )
    given, baseline = fields.record("baseline"), None
    if given is not None:
        baseline = Baseline(names.date(given, "as_of") or _ALWAYS, given.get("expect", int))
    among = names.condition(fields.scalar("among")) if "among" in fields else None
    return Count(names.condition(fields.scalar("count")), at_least, among, baseline, fields.place())


def each(fields: Fields, names: Names) -> Each:
    """A condition that has to hold for each."""
    return Each(names.condition(fields.scalar("each")), names.condition(fields.scalar("is")))


def measure(fields: Fields, names: Names) -> Measure:
    """A measure, told apart by its keys."""
    if fields.kind.endswith("_count"):
        return count(fields, names)
    if fields.kind.endswith("_each"):
        return each(fields, names)
    show = fields.text("show")
    known = [name for name, fact in names.declared.facts.items() if fact.about == "party"]
    names.faults.expect(show, known, fields.place("show"), f"there is no fact “{show}” about parties")
    return Listing(names.condition(fields.scalar("among")), show)


def objectives(root: Fields, names: Names) -> dict[str, Objective]:
    """What the plan is for."""
    found: dict[str, Objective] = {}
    for name, fields, place in root.entries("objectives", Fields):
        parts = [part for part, _ in fields.items("all", Fields)] if fields.kind == "objective_all" else [fields]
        measures = tuple(measure(part, names) for part in parts)
        by = names.date(fields, "by")
        if by is None and "by" not in fields and any(not isinstance(part, Listing) for part in measures):
            names.faults.add(place, f"the objective {name} needs the key “by”", "It is judged at the end of that day.")
        found[name] = Objective(name, fields.text("title"), measures, by, ours(fields, "objective", names.faults))
    return found


def outputs(root: Fields, names: Names) -> dict[str, Output]:
    """What the source expects to come out."""
    found: dict[str, Output] = {}
    goals = [name for name, _, _ in root.entries("objectives", Fields)]
    for name, fields, _ in root.entries("outputs", Fields):
        shows = fields.items("shows", str)
        for goal, place in shows:
            names.faults.expect(goal, goals, place, f"there is no objective “{goal}”")
        record, place = fields.text("record"), fields.place("record")
        known = [fact for fact, decl in names.declared.facts.items() if decl.about == "workflow"]
        names.faults.expect(record, known, place, f"there is no fact “{record}” about the workflow")
        counted = count(fields, names) if fields.kind == "output_count" else None
        shown = tuple(goal for goal, _ in shows)
        found[name] = Output(
            name, fields.text("title"), shown, counted, record or None, ours(fields, "output", names.faults)
        )
    return found


def budget(root: Fields, names: Names) -> tuple[BudgetLine, ...]:
    """Money, line by line."""
    lines: list[BudgetLine] = []
    for fields, _ in root.items("budget", Fields):
        step = fields.text("for")
        names.faults.expect(step, names.declared.steps, fields.place("for"), f"there is no step “{step}”")
        amount, currency = fields.get("amount", tuple) or (Decimal(0), "")
        lines.append(
            BudgetLine(
                for_=step, amount=amount, currency=currency, from_=fields.text("from"), status=fields.text("status"),
                note=fields.text("note"), ours=ours(fields, "budget line", names.faults),
            )
        )  # fmt: skip
    return tuple(lines)
