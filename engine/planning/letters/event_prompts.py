"""What an event asks of its owner: to fix its day, to prepare it, whether it was held, and who came."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.definition import facts
from engine.definition.dates import DateExpr, Distance, Unit, end_of_day, local_date, shift, start_of_day
from engine.definition.facts import BEGINNING, Subject
from engine.definition.workflow import Event
from engine.letter import Letter
from engine.planning.letters.case import chase_of
from engine.planning.letters.chase import attendance_recorded
from engine.planning.letters.owner import free_slot, reminders, to_owner
from engine.planning.world.desk import Desk
from engine.planning.world.resolve import Resolved

FIX_DAY = "fix-day"
HELD = "held"
_FIX_AHEAD = Distance(8, Unit.WEEKS)
_ASK_HELD = (1, 7, 21)
"""So many days after an event its owner is asked whether it was held."""


def event_prompts(desk: Desk, step: Event) -> list[Letter]:
    """The letters to the owner of an event."""
    book, subject = desk.world.book, Subject(step=step.name)
    if book.flag(facts.CANCELLED, subject):
        return []
    day = desk.world.resolver.event(step)
    letters: list[Letter] = []
    if not book.flag(facts.HELD, subject):
        template = "prepare_event" if day.firm else "fix_the_day"
        letters = reminders(desk, step, step.prepare, DateExpr(step.name), day.span, template, from_first=True)
        if not day.firm:
            letters += _fix_day(
                desk, step, day, {local_date(each.due_at, each.zone) for each in letters if each.due_at}
            )
    return letters + _was_it_held(desk, step, day)


def _fix_day(desk: Desk, step: Event, day: Resolved, taken: set[date]) -> list[Letter]:
    """Ask to fix the day eight weeks before it can be, or at once where that is past."""
    begin = start_of_day(shift(day.span.first, _FIX_AHEAD, -1), desk.workflow.timezone)
    changed = max(desk.world.resolver.changes(DateExpr(step.name)), default=BEGINNING)
    since = max(desk.lineage.step(step.name).since, begin, changed)
    on, due = desk.role_hours(step.owner).first_after(since)
    if on in taken:
        return []
    slot, _ = free_slot(desk, step, FIX_DAY, 1, due)
    return [to_owner(desk, step, slot, on, "fix_the_day", "the day is not fixed yet")]


def _was_it_held(desk: Desk, step: Event, day: Resolved) -> list[Letter]:
    """Ask whether it was held, and who came, until both are recorded."""
    held = desk.world.book.flag(facts.HELD, Subject(step=step.name))
    if held and (not needs_attendance(desk, step) or attendance_recorded(desk, step.name)):
        return []
    reason = "who came is not recorded" if held else "whether it was held is not recorded"
    hours, moved_at = desk.role_hours(step.owner), _moved_at(desk, step)
    since = max(desk.lineage.step(step.name).since, moved_at)
    into_the_past = end_of_day(day.span.last, desk.workflow.timezone) < since and moved_at == since
    letters, number = [], 0
    for days in _ASK_HELD:
        on = hours.calendar.later(day.span.last + timedelta(days=days))
        if into_the_past and days == _ASK_HELD[0] and hours.at(on) < since:
            on, _ = hours.first_after(since)
        due = hours.at(on)
        slot, number = free_slot(desk, step, HELD, number + 1, due)
        if due >= since:
            letters.append(to_owner(desk, step, slot, on, "was_it_held", reason))
    return letters


def _moved_at(desk: Desk, step: Event) -> datetime:
    fact = desk.world.book.newest(facts.DATE, Subject(step=step.name))
    return fact.recorded_at if fact else BEGINNING


def needs_attendance(desk: Desk, step: Event) -> bool:
    """Whether another step asks who came to this event."""
    for other in desk.workflow.steps.values():
        chase = chase_of(other)
        if chase and chase.to and ("flag", f"{step.name}.attended") in desk.world.uses(chase.to):
            return True
    return False
