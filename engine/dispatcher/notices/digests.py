"""A role's digest: when the next one leaves, and what it says when it does (G8: of one state of everything).

A person is an address: whatever roles it has in however many plans, one mail tells of all. Of each plan it tells of the
steps that the roles own or take part in; a role that has none is kept informed of all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from engine.definition.built_in import OURS
from engine.definition.dates import Span, local_date
from engine.definition.fact_words import fact_words
from engine.definition.facts import ANSWERED, Fact
from engine.definition.phrases import Phrases
from engine.definition.words import counted, day_words, in_cycle, listed, moment_words, span_words
from engine.definition.workflow import Event, FollowUp, Ongoing, Target, Task, Workflow
from engine.dispatcher.notices.deciders import Deciders
from engine.dispatcher.notices.lines import Summary, by_kind, party, shortened, title, whom, whose
from engine.dispatcher.notices.readers import Bulletins, Reader, Seat, readers
from engine.dispatcher.notices.waiting import first_views
from engine.dispatcher.standing import Standing
from engine.letter import DIGEST, NOTICES
from engine.lifecycle import UNSENT, State
from engine.planning.mornings import next_digest
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.progress import Progress, in_cycles, objective_progress, target_progress
from engine.rendering.notices import AimView, DigestView, PlanDigest, WaitingLetter
from engine.store import AnswerRecord, Transaction

_AHEAD = timedelta(days=7)
_QUIET = OURS | {ANSWERED}
"""Facts that are about a party and are no answer of it; an answer that waits for a decision is told as such."""
_HEADS = ("waiting", "open", "failed", "answered", "due")


def keep_digests(tx: Transaction, standings: Iterable[Standing], now: datetime) -> None:
    """See to it that each reader who has one gets the next digest."""
    open_ = [standing for standing in standings if DIGEST in standing.opened.templates.names]
    known = Bulletins(tx, DIGEST, open_, now)
    for reader in readers(open_):
        coming = coming_digest(reader, now + timedelta(microseconds=1))
        if coming is not None or known.of(reader):
            known.agree(reader, [coming] if coming else [], f"{coming[0].role.digest} digest" if coming else "")


def coming_digest(reader: Reader, after: datetime) -> tuple[Seat, datetime] | None:
    """The reader's next digest, not before an instant, and the role that has it; None for who has none.

    Of several roles that have one the most frequent decides, then the first plan's.
    """
    seats = [seat for seat in reader.seats if seat.role.digest is not None]
    daily = [seat for seat in seats if seat.role.digest and seat.role.digest.weekday is None]
    for seat in daily or seats:
        assert seat.role.digest is not None
        at = next_digest(seat.role.digest, seat.hours, after)
        if seat.open_at(at):
            return seat, at
    return None


def digest_view(
    tx: Transaction, reader: Reader, standings: Iterable[Standing], begins: datetime, zone: str, now: datetime
) -> Summary | None:
    """What a digest says to a reader now; None where there is nothing new and nothing to do.

    It tells what happened since the digest before (of a first one: since `begins`), at times in `zone`. Where a target
    stands is no news: it is told along with what is.
    """
    since = Bulletins(tx, DIGEST, standings, now).last_sent(reader) or begins
    deciders = Deciders(tx, now)
    parts = [plan_part(tx, standing, roles, deciders, since, now) for standing, roles in reader.plans]
    parts = [part for part in parts if part.number]
    waiting, open_, failed, answered, due = (sum(part.number[name] for part in parts) for name in _HEADS)
    heads = (
        f"{waiting} {'letter waits' if waiting == 1 else 'letters wait'} for you" if waiting else "",
        f"{counted(open_, 'answer')} to decide about" if open_ else "",
        f"{failed} could not be sent" if failed else "",
        f"{answered} answered" if answered else "",
        f"{due} due within a week" if due else "",
    )
    if not parts:
        return None
    plans = tuple(part.plan for part in parts)
    view = DigestView(tuple(head for head in heads if head), moment_words(since, zone), plans)
    return Summary(view, tuple(each for part in parts for each in part.words))


class PlanPart(NamedTuple):
    """One plan's part of a digest: how much of each it tells, and the words of what waits."""

    plan: PlanDigest
    number: Counter[str]
    words: tuple[WaitingLetter, ...]


def plan_part(
    tx: Transaction, standing: Standing, roles: frozenset[str], deciders: Deciders, since: datetime, now: datetime
) -> PlanPart:
    """How a plan stands for some of its roles, with what happened since an instant."""
    workflow = standing.workflow
    steps, today = _steps(workflow, roles), local_date(now, workflow.timezone)
    waiting = [
        row for row in tx.find_letters(workflow=workflow.name, state=State.AWAITING_APPROVAL)
        if deciders.of(workflow, row) in roles
    ]  # fmt: skip
    failed = [row for row in tx.find_letters(workflow=workflow.name, state=State.FAILED) if row.step in steps]
    open_ = [each for each in tx.find_answers(workflow=workflow.name, open_only=True) if each.step in steps]
    answers = _answers(standing, steps, since)
    due = [
        row for row in tx.find_letters(workflow=workflow.name, state=UNSENT, due_before=now + _AHEAD)
        if row.due_at > now and row.step in steps and row.template not in NOTICES
    ]  # fmt: skip
    days = list(_days(standing, steps, today))
    number = Counter({
        "waiting": len(waiting), "open": len(open_), "failed": len(failed), "due": len(days) + len(due),
        "answered": len({fact.subject.party for fact in answers}),
    })  # fmt: skip
    plan = PlanDigest(
        workflow.title,
        shortened(by_kind(standing, waiting)),
        shortened(f"{whom(standing, row)}, {title(workflow, row)}: {row.reason}" for row in failed),
        shortened(_grouped(standing, answers)),
        shortened([*days, *by_kind(standing, due)]),
        tuple(_aims(standing, today)),
        shortened(_to_decide(standing, each) for each in open_),
    )
    return PlanPart(plan, +number, first_views(tx, standing, waiting))


def _steps(workflow: Workflow, roles: frozenset[str]) -> frozenset[str]:
    mine = {
        step.name for step in workflow.steps.values()
        if step.owner in roles or (isinstance(step, Ongoing) and not roles.isdisjoint(step.with_))
    }  # fmt: skip
    return frozenset(mine or workflow.steps)


def _to_decide(standing: Standing, answer: AnswerRecord) -> str:
    """`Fiji, 3 April 2018: Re: Article 7 report (answer 12)`: what came back and waits for a person."""
    on = day_words(local_date(answer.received_at, standing.workflow.timezone))
    what = answer.subject or answer.said or answer.kind
    return f"{whose(standing, answer)}, {on}: {what} (answer {answer.id})"


def _answers(standing: Standing, steps: frozenset[str], since: datetime) -> list[Fact]:
    """What was recorded about parties since an instant, and still stands, oldest first."""
    found = [
        fact for fact in standing.planner.book
        if fact.id and fact.live() and fact.recorded_at > since and fact.subject.party is not None
        and fact.name not in _QUIET and (fact.subject.step is None or fact.subject.step in steps)
    ]  # fmt: skip
    return sorted(found, key=lambda fact: fact.recording)


def _grouped(standing: Standing, found: Iterable[Fact]) -> Iterator[str]:
    """`Fiji and Nauru: took part at “…”: yes`, what was recorded of several at once in one line."""
    together: dict[str, dict[str, None]] = {}
    for fact in found:
        name = party(standing, fact.subject.party or "")
        together.setdefault(fact_words(standing.workflow, fact), {})[name] = None
    for words, names in together.items():
        yield f"{listed(list(names))}: {words}"


def _days(standing: Standing, steps: frozenset[str], today: date) -> Iterator[str]:
    """The deadlines and events within a week."""
    planner = standing.planner
    for step in standing.workflow.steps.values():
        if step.name not in steps:
            continue
        if isinstance(step, Event):
            span = planner.world.resolver.event(step).span
            if _near(span.first, today):
                yield f"{span_words(span)}: {step.title}"
        elif isinstance(step, FollowUp | Target | Task):
            for cycle in planner.cycles_of(step):
                by = _last(standing, step, cycle)
                if by is not None and _near(by.last, today):
                    yield f"{day_words(by.last, weekday=True)}: the last day of “{step.title}”"


def _last(standing: Standing, step: FollowUp | Target | Task, cycle: Cycle | None) -> Span | None:
    found = standing.planner.desk.resolve(step.by, None, cycle)
    return found.span if found else None


def _near(on: date, today: date) -> bool:
    return timedelta(0) <= on - today <= _AHEAD


def _aims(standing: Standing, today: date) -> Iterator[AimView]:
    world, phrases = standing.planner.world, Phrases(standing.workflow)
    for step in standing.workflow.steps.values():
        if isinstance(step, Target):
            for _, cycle in in_cycles(world, step, today):
                title = in_cycle(step.title, cycle_name(cycle))
                yield _aim(title, target_progress(world, step, today, cycle), (phrases.measure(step.count),))
    for objective in standing.workflow.objectives.values():
        progress = objective_progress(world, objective, today)
        if progress.met is not None:
            words = tuple(phrases.measure(each) for each in objective.measures)
            yield _aim(f"({objective.name})", progress, words)


def _aim(title: str, progress: Progress, words: tuple[str, ...]) -> AimView:
    tallies = [
        f"{tally.have} of {tally.want} ({what})"
        for tally, what in zip(progress.measures, words, strict=True) if tally.want is not None
    ]  # fmt: skip
    if progress.met:
        verdict = f"met on {day_words(progress.met_on)}" if progress.met_on else "met"
    elif progress.by is None:
        verdict = "open"
    else:
        verdict = f"{'was not met by' if progress.over else 'by'} {day_words(progress.by)}"
    return AimView(title, listed(tallies), verdict)
