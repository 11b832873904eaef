"""`status`: targets, objectives, outputs, budget, implementers: whether the plan will be met, as recorded now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from engine.app.asked import day_asked
from engine.app.plans.plan import plannable_of
from engine.app.root import App
from engine.definition.building.roster import roster_facts
from engine.definition.dates import end_of_day, local_date
from engine.definition.facts import WORKFLOW
from engine.definition.measures import Measure, Output
from engine.definition.phrases import Phrases
from engine.definition.words import span_words
from engine.definition.workflow import FollowUp, Target, Task
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.deadlines import deadline_of, in_time_until, since_day
from engine.planning.world.progress import Progress, Tally, in_cycles, measure, objective_progress, target_progress
from engine.planning.world.releases import RELEASES, release_of
from engine.planning.world.scope import PartyScope, World, book_of


def status(app: App, workflow: str, at: str | None = None) -> dict[str, Any]:
    """The status of a WORKFLOW as JSON, as of today in its zone or of a past day (by the facts true by then)."""
    plannable, facts, revision = plannable_of(app, workflow)
    today = day_asked(at, local_date(app.clock.now(), plannable.workflow.timezone))
    if at is not None:
        facts = [fact for fact in facts if fact.true.first <= today]
    world = World(plannable, book_of(roster_facts(plannable), facts))
    waiting = _waiting_answers(app, plannable.workflow.name)
    return status_of(world, today) | {"applied": revision is not None, "revision": revision, "answers": waiting}


def _waiting_answers(app: App, workflow: str) -> int:
    """How many answers about a plan wait for a decision now."""
    if not app.has_store:
        return 0
    with app.store.read() as tx:
        return len(tx.find_answers(workflow=workflow, open_only=True))


def status_of(world: World, today: date) -> dict[str, Any]:
    """The status of a plan as of a day."""
    workflow = world.workflow
    ends = world.resolver.ends()
    return {
        "workflow": workflow.name,
        "title": workflow.title,
        "ours": list(workflow.ours),
        "as_of": today.isoformat(),
        "ends": ends.isoformat() if ends else None,
        "targets": {
            name: _target(world, step, today, cycle)
            for step in workflow.steps.values() if isinstance(step, Target)
            for name, cycle in in_cycles(world, step, today)
        },
        "follow_ups": {
            name: _follow_up(world, step, today, cycle)
            for step in workflow.steps.values() if isinstance(step, FollowUp)
            for name, cycle in in_cycles(world, step, today)
        },
        "objectives": {
            name: _progress(world, objective_progress(world, each, today), each.ours, _said(world, each.measures))
            for name, each in workflow.objectives.items()
        },
        "outputs": {name: _output(world, output, today) for name, output in workflow.outputs.items()},
        "budget": [
            {"for": line.for_, "amount": str(line.amount), "currency": line.currency, "from": line.from_,
             "status": line.status, "ours": list(line.ours)}
            for line in workflow.budget
        ],
        "implementers": [{"role": role.name, "title": role.title, "email": role.email} for role in workflow.roles.values()],
        "steps": {step.name: _step(world, step.name) for step in workflow.steps.values()},
    }  # fmt: skip


def _step(world: World, name: str) -> dict[str, Any]:
    step = world.workflow.steps[name]
    by = None
    if isinstance(step, FollowUp | Target | Task):
        resolved = world.resolver.resolve(step.by)
        by = span_words(resolved.span) if resolved else step.by.text
    return {"title": step.title, "kind": step.kind, "owner": step.owner, "by": by, "ours": list(step.ours)}


def _follow_up(world: World, step: FollowUp, today: date, cycle: Cycle | None) -> dict[str, Any]:
    """Who is followed up, who is done, who is still missing and who need not do it, as recorded now.

    Late is who was not done on the last day on which it would have been in time: with its extension, and with grace.
    """
    found: dict[str, list[str]] = {name: [] for name in ("done", "done_late", "missing", "late", *RELEASES)}
    for party in world.parties.values():
        scope = PartyScope(world, party, cycle, at=end_of_day(today, world.workflow.timezone))
        if step.to is not None and not step.to.holds(scope):
            continue
        by = deadline_of(world, step, party, cycle)
        if by is None:
            continue
        last, since = in_time_until(world, step, by.span.last), since_day(world, step, party, cycle)
        release = release_of(world.book, step, party.id, cycle_name(cycle), as_of=today)
        if step.until.holds(scope._replace(since=since, as_of=today)):
            found["done"].append(party.id)
            if last < today and not step.until.holds(scope._replace(since=since, as_of=last)):
                found["done_late"].append(party.id)
        elif release is not None:
            found[release.name].append(party.id)
        else:
            found["missing"].append(party.id)
            if last < today:
                found["late"].append(party.id)
    general = world.resolver.resolve(step.by, None, cycle)
    return {
        "title": step.title,
        "ours": list(step.ours),
        "by": general.span.last.isoformat() if general else None,
        "late_after": in_time_until(world, step, general.span.last).isoformat() if general else None,
        "of": len(found["done"]) + len(found["missing"]),
        **found,
    }


def _target(world: World, step: Target, today: date, cycle: Cycle | None) -> dict[str, Any]:
    return _progress(world, target_progress(world, step, today, cycle), step.ours, _said(world, [step.count]))


def _said(world: World, measures: Sequence[Measure]) -> list[str]:
    """What measures measure, in words."""
    phrases = Phrases(world.workflow)
    return [phrases.measure(each) for each in measures]


def _progress(world: World, progress: Progress, ours: Sequence[str], said: Sequence[str]) -> dict[str, Any]:
    return {
        "title": progress.title,
        "by": progress.by.isoformat() if progress.by else None,
        "met": progress.met,
        "met_on": progress.met_on.isoformat() if progress.met_on else None,
        "measures": [_tally(world, *each) for each in zip(progress.measures, said, strict=True)],
        "ours": list(ours),
    }


def _tally(world: World, tally: Tally, said: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "what": tally.words,
        "words": said,
        "have": tally.have,
        "want": tally.want,
        "now": tally.now,
        "baseline": tally.baseline,
        "met": tally.met,
        "met_on": tally.met_on.isoformat() if tally.met_on else None,
        "found": list(tally.found),
        "missing": list(tally.missing),
        "over_time": _over_time(tally, world.resolver.starts()),
    }
    return row | {"shown": dict(tally.shown)} if tally.shown else row


def _over_time(tally: Tally, starts: date | None) -> list[dict[str, Any]]:
    """The count since each day on which it changed; what was so before the plan started, on its first day."""
    if tally.want is None:
        return []
    counts: dict[date, int] = {starts: 0} if starts else {}
    for on, count in tally.series:
        counts[max(on, starts) if starts else on] = count
    return [{"on": on.isoformat(), "count": count} for on, count in counts.items()]


def _output(world: World, output: Output, today: date) -> dict[str, Any]:
    row: dict[str, Any] = {"title": output.title, "ours": list(output.ours)}
    if output.shows:
        row["shows"] = list(output.shows)
        row["measures"] = [
            _tally(world, measure(world, what, None, today), *_said(world, [what]))
            for name in output.shows
            for what in world.workflow.objectives[name].measures
        ]
    if output.count is not None:
        row |= _tally(world, measure(world, output.count, None, today), *_said(world, [output.count]))
    if output.record is not None:
        series = world.book.series(output.record, WORKFLOW)
        row["recorded"] = [{"on": str(fact.true), "value": fact.value} for fact in series]
    return row
