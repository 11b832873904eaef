"""What a forecast is about: objectives, targets and follow-ups, with who counts already and who may still do so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from engine.definition.conditions import Condition
from engine.definition.dates import DateExpr
from engine.definition.measures import Count, Each, Measure, Objective
from engine.definition.people import Party
from engine.definition.workflow import FollowUp, Target
from engine.planning.forecast.past import Question
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.deadlines import in_time_until, since_day
from engine.planning.world.progress import in_cycles, measure
from engine.planning.world.releases import release_of
from engine.planning.world.scope import PartyScope, World


@dataclass(frozen=True, slots=True)
class AimPart:
    """One measure of an aim: its question, what it has and wants, whom it is about, and who of them may still count."""

    words: str
    question: Question
    have: int
    want: int | None
    met: bool
    members: tuple[str, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aimed:
    """Something to be met by a day. `met` is None where there is no threshold; `open` says whether anything may change."""

    kind: str
    name: str
    title: str
    by: date
    by_expr: DateExpr | None
    parts: tuple[AimPart, ...]
    met: bool | None
    open: bool


def aims_of(world: World, today: date) -> list[Aimed]:
    """The objectives, targets and follow-ups that have a day and a count, as of a day."""
    return [*_objectives(world, today), *_steps(world, today)]


def _objectives(world: World, today: date) -> Iterator[Aimed]:
    for objective in world.workflow.objectives.values():
        by = _by_of(world, objective)
        counts = [what for what in objective.measures if isinstance(what, Count | Each)]
        if by is not None and counts:
            parts = tuple(_part(world, what, by, today) for what in counts)
            yield _aimed("objective", objective.name, objective.title, by, objective.by, parts, today)


def _by_of(world: World, objective: Objective) -> date | None:
    """The day of an objective; the plan's last where it names none."""
    found = world.resolver.resolve(objective.by) if objective.by else None
    return found.span.last if found else world.resolver.ends()


def _steps(world: World, today: date) -> Iterator[Aimed]:
    for step in world.workflow.steps.values():
        if not isinstance(step, Target | FollowUp):
            continue
        earlier: tuple[Question, ...] = ()
        for name, cycle in in_cycles(world, step, today):
            found = world.resolver.resolve(step.by, None, cycle)
            if found is None:
                continue  # each party has a day of its own
            by = in_time_until(world, step, found.span.last)
            part = _counted(world, step, by, today, cycle)
            part = replace(part, question=replace(part.question, earlier=earlier))
            earlier += (replace(part.question, until=by, earlier=()),)
            yield _aimed(step.kind, name, step.title, by, step.by, (part,), today)


def _counted(world: World, step: Target | FollowUp, by: date, today: date, cycle: Cycle | None) -> AimPart:
    if isinstance(step, Target):
        return _part(world, step.count, by, today, cycle)
    return _chased(world, step, today, cycle)


def _aimed(
    kind: str, name: str, title: str, by: date, expr: DateExpr | None, parts: tuple[AimPart, ...], today: date
) -> Aimed:
    met = None if all(part.want is None for part in parts) else all(part.met for part in parts)
    return Aimed(kind, name, title, by, expr, parts, met, met is not True and today < by and any(p.open for p in parts))


def _part(world: World, what: Measure, by: date, today: date, cycle: Cycle | None = None) -> AimPart:
    """A measure as it stands, with those it is about."""
    assert isinstance(what, Count | Each)
    tally = measure(world, what, by, today, cycle)
    counted, among = (what.count, what.among) if isinstance(what, Count) else (what.is_, what.each)
    members = [
        party.id
        for party in world.parties.values()
        if among is None or among.holds(PartyScope(world, party, cycle, as_of=min(by, today)))
    ]
    found = set(tally.found)
    words = _words(world, what.each) if isinstance(what, Each) else ""
    return AimPart(
        words, Question(counted, cycle), tally.have, tally.want, tally.met is True, tuple(members),
        tuple(party for party in members if party not in found),
    )  # fmt: skip


def _words(world: World, each: Condition) -> str:
    """`pacific parties`: the set that a setting names, else the condition as written."""
    setting = world.workflow.settings.get(each.text.removeprefix("settings."))
    return (setting.value if setting else each.text).replace("_", " ")


def _chased(world: World, step: FollowUp, today: date, cycle: Cycle | None) -> AimPart:
    """A follow-up: how many of those it is for are done."""

    def since(party: Party | None) -> date | None:
        return since_day(world, step, party, cycle) if party else None

    done = Condition(
        step.until.text + f" ({step.name})",
        lambda scope: step.until.holds(scope._replace(since=since(scope.party))),  # type: ignore[attr-defined]  # always a PartyScope
        step.until.uses,
    )
    name = cycle_name(cycle)
    members, open_ = [], []
    for party in world.parties.values():
        scope = PartyScope(world, party, cycle, as_of=today)
        if step.to is not None and not step.to.holds(scope):
            continue
        answered = done.holds(scope)
        if not answered and release_of(world.book, step, party.id, name, as_of=today) is not None:
            continue
        members.append(party)
        if not answered:
            open_.append(party.id)
    return AimPart(
        "", Question(done, cycle), len(members) - len(open_), None, False, tuple(party.id for party in members),
        tuple(open_),
    )  # fmt: skip
