"""What a deadline asks of its step's owner: reminders, and what to do about one that moved."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition import facts
from engine.definition.dates import end_of_day
from engine.definition.facts import Subject
from engine.definition.people import Party
from engine.definition.workflow import AnyStep, FollowUp, Target, Task
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.letters.case import case_of, chase_of
from engine.planning.letters.chase import open_deadline
from engine.planning.letters.closer import moves_of
from engine.planning.letters.corrections import misled
from engine.planning.letters.owner import free_slot, numbered, reminders, to_owner
from engine.planning.letters.said import has_moved, moved_at
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.desk import Desk

DATE_PASSED = "date-passed"
DATE_MOVED = "date-moved"


def deadline_prompts(desk: Desk, step: FollowUp | Target, cycle: Cycle | None) -> list[Letter]:
    """The letters to the owner of a follow-up or target, in a cycle."""
    letters = [] if isinstance(step, FollowUp) or desk.closings.met(step, cycle) else _reminders(desk, step, cycle)
    return [*letters, *_date_passed(desk, step, cycle), *_date_moved(desk, step, cycle)]


def task_prompts(desk: Desk, step: Task, cycle: Cycle | None) -> list[Letter]:
    """The letters to the owner of a task, in a cycle."""
    done = desk.world.book.flag(facts.DONE, Subject(step=step.name, cycle=cycle_name(cycle)))
    return [] if done else _reminders(desk, step, cycle)


def _reminders(desk: Desk, step: Target | Task, cycle: Cycle | None) -> list[Letter]:
    by, template = desk.resolve(step.by, None, cycle), f"{step.kind}_reminder"
    if by is None:
        return []
    if not by.firm:
        reason = f"the day of {by.rests_on} is not fixed"
        return [
            desk.prompt(
                step, step.owner, slot.token, None, template, reason, cycle=cycle_name(cycle), state=State.TENTATIVE
            )
            for slot in step.remind
        ]
    return reminders(desk, step, step.remind, step.by, by.span, template, cycle=cycle)


def _date_passed(desk: Desk, step: FollowUp | Target, cycle: Cycle | None) -> Iterator[Letter]:
    """Ask the owner when a recording moved a deadline into the past."""
    zone = desk.workflow.timezone
    for number, at, before, moved in moves_of(desk, step.by, None, cycle):
        if end_of_day(moved.span.last, zone) <= at < end_of_day(before.span.last, zone):
            on, _ = desk.role_hours(step.owner).first_after(at)
            reason = f"its date moved into the past ({moved.span})"
            yield to_owner(desk, step, numbered(DATE_PASSED, number), on, "date_in_the_past", reason, cycle=cycle)


def may_ask_about_told(desk: Desk, step: AnyStep) -> bool:
    """Whether the owner of a step may have to be asked what to do about those who were told another day: its deadline
    moved, and it has no letter of its own that says so. What a version before applied has no words for that question."""
    chase = chase_of(step)
    if chase is None or chase.corrected is not None or not desk.lineage.step(step.name).date:
        return False
    return has_moved(desk, chase.step)


def told_another_day(desk: Desk, step: FollowUp | Target, cycle: Cycle | None) -> list[Party]:
    """The parties whose people were told another day than the one that holds for them, in the roster's order. One that
    moved into the past is another question to the owner."""
    chase = chase_of(step)
    if chase is None:
        return []
    reached = desk.history.reached(step.name, cycle_name(cycle))
    moved, found = moved_at(desk, step, None), []
    for party in desk.world.parties.values():
        if party.id not in reached:
            continue
        case = case_of(desk, chase, party, cycle)
        by = open_deadline(desk, case)
        if by is None or end_of_day(by.span.last, desk.workflow.timezone) <= moved:
            continue
        if any(misled(desk, case, by)):
            found.append(party)
    return found


def _date_moved(desk: Desk, step: FollowUp | Target, cycle: Cycle | None) -> Iterator[Letter]:
    """Ask the owner once for each change by which some were told another day, where no letter of the step says so."""
    if may_ask_about_told(desk, step) and told_another_day(desk, step, cycle):
        on, due = desk.role_hours(step.owner).first_after(moved_at(desk, step, None))
        slot, _ = free_slot(desk, step, DATE_MOVED, 1, due, cycle)
        reason = "its deadline moved, and some were told another day"
        yield to_owner(desk, step, slot, on, "told_another_day", reason, cycle=cycle, ordinary=False)
