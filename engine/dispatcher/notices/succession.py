"""A role that changes hands: whoever has it now is told, once, how things stand and what was promised to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.definition import facts
from engine.definition.built_in import OVERRIDES
from engine.definition.dates import local_date
from engine.definition.fact_words import fact_words
from engine.definition.people import Role
from engine.definition.words import counted, day_words, span_words
from engine.definition.workflow import AnyStep, Event, FollowUp, Target, Task, Workflow
from engine.dispatcher.notices.deciders import Deciders
from engine.dispatcher.notices.digests import plan_part
from engine.dispatcher.notices.lines import party, shortened
from engine.dispatcher.notices.readers import Seat, bulletin
from engine.dispatcher.standing import Standing
from engine.letter import HAND_OVER, NONE, NOTICES, Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.changes import Action, Change
from engine.planning.world.recipients import role_zone
from engine.rendering.notices import DigestView, HandOverView, WaitingLetter
from engine.store import Transaction

LOOKS_BACK = timedelta(days=30)
"""So far back go the answers that a hand-over tells of."""
_PROMISED = frozenset(
    {facts.EXTENDED_TO, facts.EXTENSION_ASKED, facts.EXEMPT, facts.SNOOZED_UNTIL, facts.OPTED_OUT, *OVERRIDES}
)
_AGAIN = "the role changed hands again"


@dataclass(frozen=True, slots=True)
class Succession:
    """A role of a plan, as it was held and as it is held now."""

    before: Role
    now: Role

    @property
    def words(self) -> str:
        """`the Coordinator passes from Alex Doe (a@example.org) to b@example.org`."""
        return f"the {self.now.title.removeprefix('The ')} passes from {_holder(self.before)} to {_holder(self.now)}"


def _holder(role: Role) -> str:
    return f"{role.person} ({role.email})" if role.person else role.email or ""


def successions(before: Workflow | None, now: Workflow) -> list[Succession]:
    """The roles that another person has by now: another name or, where none says otherwise, another address."""
    pairs = ((before.roles[role.name], role) for role in now.roles.values() if before and role.name in before.roles)
    return [Succession(old, new) for old, new in pairs if _passes(old, new)]


def _passes(old: Role, new: Role) -> bool:
    if not old.email or not new.email:
        return False
    if old.person and new.person:
        return old.person != new.person
    return old.email.casefold() != new.email.casefold()


def hand_over(
    tx: Transaction, standing: Standing, passing: Iterable[Succession], now: datetime, *, actor: str, cause: str
) -> None:
    """Put a letter in the outbox to each role that changed hands; one of before that still waits gives way to it."""
    if HAND_OVER not in standing.opened.templates.names or standing.planner.desk.over():
        return
    name = standing.workflow.name
    rows = [row for row in tx.recorded(name, party=None, step=NONE) if row.template == HAND_OVER]
    changes: list[Change] = []
    for each in passing:
        mine = [row for row in rows if row.addressee == each.now.name]
        changes += [Change(Action.WITHDRAW, row.key, _AGAIN) for row in mine if row.state == State.SCHEDULED]
        seat = Seat(standing, each.now)
        _, due = seat.hours.first_after(now)
        letter = bulletin(seat, HAND_OVER, f"hand-over-{len(mine) + 1}", due, each.words)
        changes.append(Change(Action.INSERT, letter.key, each.words, letter))
    tx.apply_changes(changes, revision=standing.revision.id, now=now, actor=actor, cause=cause)


def hand_over_view(
    tx: Transaction, standing: Standing, row: Recorded, now: datetime
) -> tuple[HandOverView, DigestView, tuple[WaitingLetter, ...]]:
    """What a hand-over says now: who passes the role to whom, its steps, what holds for single parties, what is open."""
    workflow, since = standing.workflow, now - LOOKS_BACK
    part = plan_part(tx, standing, frozenset({row.addressee}), Deciders(tx, now), since, now)
    owned = [step for step in workflow.steps.values() if step.owner == row.addressee]
    letters = Counter(
        (each.step, each.state in UNSENT)
        for each in tx.recorded(workflow.name)
        if each.template not in NOTICES and (each.sent_at is not None or each.state in UNSENT)
    )
    view = HandOverView(
        row.reason,
        tuple(_step(standing, step, letters) for step in owned),
        shortened(_promised(standing, {step.name for step in owned})),
        tuple(_deputies(tx, workflow, row.addressee)),
    )
    day = day_words(local_date(since, workflow.timezone))
    return view, DigestView((), day, (part.plan,)), part.words


def _step(standing: Standing, step: AnyStep, letters: Counter[tuple[str, bool]]) -> str:
    """`Reports by those who attended, by 31 March 2018: 22 letters sent, 14 to come`."""
    numbers = [
        f"{counted(letters[step.name, unsent], 'letter')} {what}"
        for unsent, what in ((False, "sent"), (True, "to come"))
        if letters[step.name, unsent]
    ]
    return f"{step.title}{_when(standing, step)}: {' and '.join(numbers) or 'no letters'}"


def _when(standing: Standing, step: AnyStep) -> str:
    if isinstance(step, Event):
        return f", {span_words(standing.planner.world.resolver.event(step).span)}"
    if isinstance(step, FollowUp | Target | Task) and not step.per_cycle:
        by = standing.planner.desk.resolve(step.by, None, None)
        return f", by {day_words(by.span.last)}" if by else ""
    return ", each year" if step.per_cycle else ""


def _promised(standing: Standing, steps: set[str]) -> Iterator[str]:
    """`Fiji: extended to at “Reports”: 2018-04-30 (at their request)`: what stands for single parties, and why."""
    found = [
        fact for fact in standing.planner.book
        if fact.id and fact.live() and fact.name in _PROMISED and fact.subject.party is not None
        and (fact.subject.step is None or fact.subject.step in steps)
    ]  # fmt: skip
    for fact in sorted(found, key=lambda fact: fact.recording):
        why = f" ({fact.note})" if fact.note else ""
        yield f"{party(standing, fact.subject.party or '')}: {fact_words(standing.workflow, fact)}{why}"


def _deputies(tx: Transaction, workflow: Workflow, role: str) -> Iterator[str]:
    """`ISU decides about “Reports” until 12 May 2018`, of what was given to others by whoever had the role."""
    for each in tx.delegations(workflow.name):
        deputy, step = workflow.roles.get(each.deputy), workflow.steps.get(each.step or "")
        if each.owner != role or each.letter is not None or deputy is None:
            continue
        last = local_date(each.ends_at, role_zone(role, workflow)) - timedelta(days=1) if each.ends_at else None
        what = f"“{step.title}”" if step else "everything"
        yield f"The {deputy.title.removeprefix('The ')} decides about {what}{f' until {day_words(last)}' if last else ''}"
