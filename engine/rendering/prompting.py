"""What a prompt asks its owner to do: what is not on record yet, and the commands that answer it."""

from __future__ import annotations

from engine.definition import facts
from engine.definition.facts import Subject
from engine.definition.workflow import AnyStep, Event, Ongoing, Task
from engine.planning.letters.chase import attendance_recorded
from engine.planning.letters.event_prompts import needs_attendance
from engine.planning.world.cycles import Cycle
from engine.planning.world.desk import Desk


def facts_missing(desk: Desk, step: AnyStep) -> tuple[str, ...]:
    """The built-in facts of an event that are to be recorded about it."""
    if not isinstance(step, Event):
        return ()
    missing = []
    if not desk.world.resolver.event(step).firm:
        missing.append(facts.DATE)
    if desk.world.book.flag(facts.HELD, Subject(step=step.name)) is None:
        missing.append(facts.HELD)
    if needs_attendance(desk, step) and not attendance_recorded(desk, step.name):
        missing.append(facts.ATTENDED)
    return tuple(missing)


def actions(desk: Desk, step: AnyStep, cycle: Cycle | None, template: str) -> tuple[str, ...]:
    """The commands that answer a prompt; DAY, XX and YY are for its reader to fill in."""
    record = f"followthrough record {desk.world.workflow.name}"
    match step:
        case Event():
            fix = f"{record} date DAY --step {step.name}"
            held = f"{record} held yes --step {step.name} --on DAY"
            came = f"{record} attended yes --step {step.name} --party XX --party YY --on DAY"
            if template != "was_it_held":
                return (fix,)
            lines = {facts.DATE: fix, facts.HELD: held, facts.ATTENDED: came}
            return tuple(lines[name] for name in facts_missing(desk, step))
        case Ongoing():
            reviewed = f"{record} reviewed yes --step {step.name}"
            return (reviewed, f"{record} contacted yes --step {step.name} --party XX")
        case Task():
            return (f"{record} done yes --step {step.name}" + (f" --cycle {cycle.name}" if cycle else ""),)
    if template == "told_another_day":
        return (f"followthrough told {desk.world.workflow.name} --step {step.name}",)
    return (f"followthrough status {desk.world.workflow.name}",)
