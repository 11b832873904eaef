"""What a step asks of its owner, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition.workflow import AnyStep, Event, FollowUp, Ongoing, Target, Task
from engine.letter import NONE, Letter
from engine.lifecycle import State
from engine.planning.letters.case import chase_of
from engine.planning.letters.chase import waiting_for_attendance
from engine.planning.letters.deadline_prompts import deadline_prompts, task_prompts
from engine.planning.letters.event_prompts import event_prompts
from engine.planning.letters.reviews import review_prompts
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.desk import Desk

PROMPTS = {
    "event": ("fix_the_day", "prepare_event", "was_it_held"),
    "follow_up": ("date_in_the_past", "told_another_day"),
    "target": ("target_reminder", "date_in_the_past", "told_another_day"),
    "task": ("task_reminder",),
    "ongoing": ("review",),
}
"""The templates of each kind of step's prompts."""


def plan_prompts(desk: Desk, step: AnyStep, cycle: Cycle | None) -> list[Letter]:
    """The letters to a step's owner, and what the plan says in words where it waits for something."""
    letters = _prompts(desk, step, cycle) if desk.can_write_to(step.owner) else []
    in_time = [each for each in letters if desk.ends_at is None or each.due_at is None or each.due_at < desk.ends_at]
    return [*in_time, *_waiting(desk, step, cycle)]


def _prompts(desk: Desk, step: AnyStep, cycle: Cycle | None) -> list[Letter]:
    match step:
        case Event():
            return event_prompts(desk, step)
        case FollowUp() | Target():
            return deadline_prompts(desk, step, cycle)
        case Task():
            return task_prompts(desk, step, cycle)
        case Ongoing():
            return review_prompts(desk, step)


def _waiting(desk: Desk, step: AnyStep, cycle: Cycle | None) -> Iterator[Letter]:
    chase = chase_of(step)
    if chase is None or desk.closings.reason(chase.step, cycle):
        return
    for event in sorted(set(waiting_for_attendance(desk, chase))):
        title = desk.workflow.steps[event].title
        reason = f"nobody is recorded as having attended {event} ({title}): record attendance, and those who came are followed up"
        slot = f"waiting-{event.replace('_', '-')}"
        yield desk.prompt(step, NONE, slot, None, "", reason, cycle=cycle_name(cycle), state=State.WAITING)
