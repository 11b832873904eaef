"""What a step asks of its owner: fix the day, prepare, was it held and who came, review, who is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from engine.definition import facts
from engine.definition.cadence import Fixed
from engine.definition.dates import DateExpr, Distance, Span, Unit, end_of_day, local_date, shift, start_of_day
from engine.definition.facts import BEGINNING, Subject
from engine.definition.people import Party
from engine.definition.workflow import AnyStep, Event, FollowUp, Ongoing, Target, Task
from engine.letter import NONE, Letter
from engine.lifecycle import State
from engine.planning.letters.case import case_of, chase_of
from engine.planning.letters.chase import attendance_recorded, open_deadline, waiting_for_attendance
from engine.planning.letters.closer import after_moves
from engine.planning.letters.corrections import misled
from engine.planning.letters.said import has_moved, moved_at
from engine.planning.world.cycles import Cycle
from engine.planning.world.desk import Desk
from engine.planning.world.resolve import Resolved
from engine.planning.world.schedule import Frame

FIX_DAY = "fix-day"
HELD = "held"
DATE_PASSED = "date-passed"
DATE_MOVED = "date-moved"
PROMPTS = {
    "event": ("fix_the_day", "prepare_event", "was_it_held"),
    "follow_up": ("date_in_the_past", "told_another_day"),
    "target": ("target_reminder", "date_in_the_past", "told_another_day"),
    "task": ("task_reminder",),
    "ongoing": ("review",),
}
"""The templates of each kind of step's prompts."""
_FIX_AHEAD = Distance(8, Unit.WEEKS)
_ASK_HELD = (1, 7, 21)
"""So many days after an event its owner is asked whether it was held."""
_MOST_REVIEWS = 60


def plan_prompts(desk: Desk, step: AnyStep, cycle: Cycle | None = None) -> list[Letter]:
    """The letters to a step's owner, and what the plan says in words where it waits for something."""
    letters: list[Letter] = []
    if desk.can_write_to(step.owner):
        match step:
            case Event():
                letters = _of_event(desk, step)
            case Target():
                letters = _of_target(desk, step, cycle)
            case Task():
                letters = _of_task(desk, step, cycle)
            case Ongoing():
                letters = _of_ongoing(desk, step)
            case FollowUp():
                letters = _date_passed(desk, step, cycle)
    if isinstance(step, FollowUp | Target) and desk.can_write_to(step.owner):
        letters = letters + _date_moved(desk, step, cycle)
    return [letter for letter in letters if _before_end(desk, letter)] + _waiting(desk, step, cycle)


def _before_end(desk: Desk, letter: Letter) -> bool:
    return desk.ends_at is None or letter.due_at is None or letter.due_at < desk.ends_at


def _waiting(desk: Desk, step: AnyStep, cycle: Cycle | None) -> list[Letter]:
    chase = chase_of(step) if isinstance(step, FollowUp | Target) else None
    if chase is None or desk.over() or desk.closings.reason(chase.step, cycle):
        return []
    found = []
    for event in sorted(set(waiting_for_attendance(desk, chase))):
        title = desk.workflow.steps[event].title
        reason = f"nobody is recorded as having attended {event} ({title}): record attendance, and those who came are followed up"
        slot = f"waiting-{event.replace('_', '-')}"
        found.append(desk.prompt(step, NONE, slot, None, "", reason, cycle=cycle, state=State.WAITING))
    return found


def _flag(desk: Desk, step: str, name: str) -> bool:
    return desk.world.book.flag(name, Subject(step=step)) is not None


def _reminding(
    desk: Desk, step: AnyStep, send: Sequence[Fixed], expr: DateExpr, target: Span, template: str, *,
    cycle: Cycle | None = None, from_first: bool = False,
) -> list[Letter]:  # fmt: skip
    """A list of reminders to the owner, which count from a date; why one is missed where the date moved."""
    line = desk.lineage.step(step.name)
    edited = any(since > line.since for since in line.slots.values())
    counts_from = local_date(line.since, desk.workflow.timezone)
    frame = Frame(
        target, line.since, line.since, counts_from, ends_at=desk.ends_at, from_first=from_first,
        slot_since=line.slots if edited else {},
    )  # fmt: skip
    name = cycle.name if cycle else None
    sent = {entry.slot: entry for entry in desk.history.sent(step.name, name, None) if entry.addressee == step.owner}
    resolver, hours = desk.world.resolver, desk.role_hours(step.owner)

    def as_known(known: datetime) -> Resolved | None:
        return resolver.resolve(expr, None, cycle, known)

    slots, missed = after_moves(desk, send, frame, hours, resolver.changes(expr), as_known, sent)
    return [
        desk.prompt(
            step, step.owner, slot.slot, slot.due_at, template, missed.get(slot.slot, slot.reason), cycle=cycle,
            state=State.MISSED if slot.slot in missed else State.SCHEDULED, stale_at=slot.stale_at,
        )
        for slot in slots if not slot.absorbed_by
    ]  # fmt: skip


def _of_event(desk: Desk, step: Event) -> list[Letter]:
    if _flag(desk, step.name, facts.CANCELLED):
        return []
    day = desk.world.resolver.event(step)
    letters: list[Letter] = []
    if not _flag(desk, step.name, facts.HELD):
        template = "prepare_event" if day.firm else "fix_the_day"
        letters = _reminding(desk, step, step.prepare, DateExpr(step.name), day.span, template, from_first=True)
        if not day.firm:
            letters += _fix_day(
                desk, step, day, {local_date(each.due_at, each.zone) for each in letters if each.due_at}
            )
    return letters + _was_it_held(desk, step, day)


def _fix_day(desk: Desk, step: Event, day: Resolved, taken: set[date]) -> list[Letter]:
    """Ask to fix the day eight weeks before it can be, or at once where that is past."""
    hours = desk.role_hours(step.owner)
    begin = start_of_day(shift(day.span.first, _FIX_AHEAD, -1), desk.workflow.timezone)
    changed = max(desk.world.resolver.changes(DateExpr(step.name)), default=BEGINNING)
    since = max(desk.lineage.step(step.name).since, begin, changed)
    on, due = hours.first_after(since)
    if on in taken:
        return []
    reason = "the day is not fixed yet"
    slot, _ = _next(desk, step, FIX_DAY, 1, due)
    return [desk.prompt(step, step.owner, slot, due, "fix_the_day", reason, stale_at=hours.stale(on))]


def _next(
    desk: Desk, step: AnyStep, name: str, number: int, due: datetime, cycle: str | None = None
) -> tuple[str, int]:
    """The slot under which an owner is asked, and its number: what was asked about another day has had its own."""
    sent = {entry.slot: entry.due_at for entry in desk.history.sent(step.name, cycle, None)}
    while True:
        slot = name if number == 1 else f"{name}-{number}"
        if sent.get(slot, due) == due:
            return slot, number
        number += 1


def _was_it_held(desk: Desk, step: Event, day: Resolved) -> list[Letter]:
    """Ask whether it was held, and who came, until both are recorded."""
    held = _flag(desk, step.name, facts.HELD)
    if held and (not needs_attendance(desk, step) or attendance_recorded(desk, step.name)):
        return []
    hours = desk.role_hours(step.owner)
    letters = []
    moved_at = _moved_at(desk, step)
    since = max(desk.lineage.step(step.name).since, moved_at)
    number = 0
    for days in _ASK_HELD:
        on = hours.calendar.later(day.span.last + timedelta(days=days))
        due = hours.at(on)
        if (
            due < since
            and days == _ASK_HELD[0]
            and end_of_day(day.span.last, desk.workflow.timezone) < since
            and moved_at == since
        ):
            on, due = hours.first_after(since)
        slot, number = _next(desk, step, HELD, number + 1, due)
        if due >= since:
            reason = "who came is not recorded" if held else "whether it was held is not recorded"
            letters.append(desk.prompt(step, step.owner, slot, due, "was_it_held", reason, stale_at=hours.stale(on)))
    return letters


def _moved_at(desk: Desk, step: Event) -> datetime:
    fact = desk.world.book.newest(facts.DATE, Subject(step=step.name))
    return fact.recorded_at if fact else BEGINNING


def needs_attendance(desk: Desk, step: Event) -> bool:
    """Whether another step asks who came to this event."""
    for other in desk.workflow.steps.values():
        chase = chase_of(other) if isinstance(other, FollowUp | Target) else None
        if chase and chase.to and ("flag", f"{step.name}.attended") in desk.world.uses(chase.to):
            return True
    return False


def _of_target(desk: Desk, step: Target, cycle: Cycle | None) -> list[Letter]:
    by = desk.resolve(step.by, None, cycle)
    if by is None or desk.closings.met(step, cycle):
        return _date_passed(desk, step, cycle)
    return _reminders(desk, step, step.remind, by, "target_reminder", cycle) + _date_passed(desk, step, cycle)


def _of_task(desk: Desk, step: Task, cycle: Cycle | None) -> list[Letter]:
    by = desk.resolve(step.by, None, cycle)
    subject = Subject(step=step.name, cycle=cycle.name if cycle else None)
    if by is None or desk.world.book.flag(facts.DONE, subject):
        return []
    return _reminders(desk, step, step.remind, by, "task_reminder", cycle)


def _reminders(
    desk: Desk, step: Target | Task, remind: Sequence[Fixed], by: Resolved, template: str, cycle: Cycle | None
) -> list[Letter]:
    target = Span(by.span.last, by.span.last)
    if not by.firm:
        reason = f"the day of {by.rests_on} is not fixed"
        return [
            desk.prompt(step, step.owner, slot.token, None, template, reason, cycle=cycle, state=State.TENTATIVE)
            for slot in remind
        ]
    return _reminding(desk, step, remind, step.by, target, template, cycle=cycle)


def _date_passed(desk: Desk, step: FollowUp | Target, cycle: Cycle | None) -> list[Letter]:
    """Ask the owner when a recording moved a deadline into the past."""
    resolver = desk.world.resolver
    found = []
    for number, at in enumerate(resolver.changes(step.by), start=1):
        before = resolver.resolve(step.by, None, cycle, at - timedelta(microseconds=1))
        moved = resolver.resolve(step.by, None, cycle, at)
        if before is None or moved is None or not moved.firm or before.span == moved.span:
            continue
        if (
            end_of_day(moved.span.last, desk.workflow.timezone)
            <= at
            < end_of_day(before.span.last, desk.workflow.timezone)
        ):
            hours = desk.role_hours(step.owner)
            on, due = hours.first_after(at)
            slot = DATE_PASSED if number == 1 else f"{DATE_PASSED}-{number}"
            reason = f"its date moved into the past ({moved.span})"
            found.append(
                desk.prompt(
                    step, step.owner, slot, due, "date_in_the_past", reason, cycle=cycle, stale_at=hours.stale(on)
                )
            )
    return found


def may_ask_about_told(desk: Desk, step: AnyStep, cycle: Cycle | None = None) -> bool:
    """Whether the owner of a step may have to be asked what to do about those who were told another day: its deadline
    moved, and it has no letter of its own that says so. What a version before applied has no words for that question."""
    chase = chase_of(step) if isinstance(step, FollowUp | Target) else None
    if chase is None or chase.corrected is not None or not desk.lineage.step(step.name).date:
        return False
    return has_moved(desk, chase.step, cycle)


def told_another_day(desk: Desk, step: FollowUp | Target, cycle: Cycle | None) -> list[Party]:
    """The parties whose people were told another day than the one that holds for them, in the roster's order. One that
    moved into the past is another question to the owner."""
    chase = chase_of(step)
    if chase is None:
        return []
    reached = desk.history.reached(step.name, cycle.name if cycle else None)
    moved, found = moved_at(desk, step, None, cycle), []
    for party in desk.world.parties.values():
        by = open_deadline(desk, chase, party, cycle) if party.id in reached else None
        if by is None or end_of_day(by.span.last, desk.workflow.timezone) <= moved:
            continue
        if any(misled(desk, case_of(desk, chase, party, cycle), by)):
            found.append(party)
    return found


def _date_moved(desk: Desk, step: FollowUp | Target, cycle: Cycle | None) -> list[Letter]:
    """Ask the owner once for each change by which some were told another day, where no letter of the step says so."""
    if not may_ask_about_told(desk, step, cycle) or not told_another_day(desk, step, cycle):
        return []
    hours = desk.role_hours(step.owner)
    on, due = hours.first_after(moved_at(desk, step, None, cycle))
    slot, _ = _next(desk, step, DATE_MOVED, 1, due, cycle.name if cycle else None)
    reason = "its deadline moved, and some were told another day"
    return [
        desk.prompt(
            step,
            step.owner,
            slot,
            due,
            "told_another_day",
            reason,
            cycle=cycle,
            ordinary=False,
            stale_at=hours.stale(on),
        )
    ]


def _of_ongoing(desk: Desk, step: Ongoing) -> list[Letter]:
    """A review every so often from the last recorded contact or review; those sent keep their numbers."""
    line = desk.lineage.step(step.name)
    counted = max([local_date(line.since, desk.workflow.timezone), *_looked_at(desk, step)])
    sent = [entry for entry in desk.history.of(step.name, None, None) if entry.sent or entry.state == State.MISSED]
    token = f"every-{step.review.token}"
    number = max((int(entry.slot.rpartition("-")[2]) for entry in sent if entry.slot.startswith(token)), default=0)
    last = max((local_date(entry.due_at, desk.workflow.timezone) for entry in sent), default=date.min)
    hours = desk.role_hours(step.owner)
    until = desk.ends_at or desk.now + timedelta(days=desk.workflow.horizon)
    letters = []
    for k in range(1, _MOST_REVIEWS):
        day = shift(counted, Distance(step.review.count * k, step.review.unit), 1)
        on = hours.calendar.later(day)
        if on <= last:
            continue
        if hours.at(on) >= until:
            break
        number += 1
        reason = f"every {step.review} from the last contact or review ({counted})"
        letters.append(
            desk.prompt(step, step.owner, f"{token}-{number}", hours.at(on), "review", reason, stale_at=hours.stale(on))
        )
    return letters


def _looked_at(desk: Desk, step: Ongoing) -> list[date]:
    book = desk.world.book
    found = [book.flag(facts.REVIEWED, Subject(step=step.name))]
    found += [
        book.flag(facts.CONTACTED, subject) for subject in book.subjects(facts.CONTACTED) if subject.step == step.name
    ]
    return [fact.true.first for fact in found if fact is not None]
