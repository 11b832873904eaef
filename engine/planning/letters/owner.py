"""Letters to the owner of a step: one on a day, or reminders that count from a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from engine.definition.cadence import Fixed
from engine.definition.dates import DateExpr, Span, local_date
from engine.definition.workflow import AnyStep
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.letters.closer import after_moves, moves_of
from engine.planning.world.cycles import Cycle, cycle_name
from engine.planning.world.desk import Desk
from engine.planning.world.schedule import Frame


def to_owner(
    desk: Desk, step: AnyStep, slot: str, on: date, template: str, reason: str, *, cycle: Cycle | None = None,
    ordinary: bool = True,
) -> Letter:  # fmt: skip
    """A letter at the owner's hour on a day."""
    hours = desk.role_hours(step.owner)
    return desk.prompt(
        step, step.owner, slot, hours.at(on), template, reason, cycle=cycle_name(cycle), ordinary=ordinary,
        stale_at=hours.stale(on),
    )  # fmt: skip


def free_slot(
    desk: Desk, step: AnyStep, name: str, number: int, due: datetime, cycle: Cycle | None = None
) -> tuple[str, int]:
    """The slot under which an owner is asked, and its number: what was asked about another day has had its own."""
    sent = {entry.slot: entry.due_at for entry in desk.history.sent(step.name, cycle_name(cycle), None)}
    while True:
        slot = numbered(name, number)
        if sent.get(slot, due) == due:
            return slot, number
        number += 1


def numbered(name: str, number: int) -> str:
    """`held`, `held-2`, …: the slot of what is asked for the how-manieth time."""
    return name if number == 1 else f"{name}-{number}"


def reminders(
    desk: Desk, step: AnyStep, send: Sequence[Fixed], expr: DateExpr, target: Span, template: str, *,
    cycle: Cycle | None = None, from_first: bool = False,
) -> list[Letter]:  # fmt: skip
    """Reminders that count from a date; why one is missed where the date moved."""
    line = desk.lineage.step(step.name)
    edited = any(since > line.since for since in line.slots.values())
    counts_from = local_date(line.since, desk.workflow.timezone)
    frame = Frame(
        target, line.since, line.since, counts_from, ends_at=desk.ends_at, from_first=from_first,
        slot_since=line.slots if edited else {},
    )  # fmt: skip
    history = desk.history.sent(step.name, cycle_name(cycle), None)
    sent = {entry.slot: entry for entry in history if entry.addressee == step.owner}
    moves = list(moves_of(desk, expr, None, cycle))
    placed = after_moves(desk, send, frame, desk.role_hours(step.owner), moves, sent)
    return [
        desk.prompt(
            step, step.owner, slot.slot, slot.due_at, template, placed.missed.get(slot.slot, slot.reason),
            cycle=cycle_name(cycle), state=State.MISSED if slot.slot in placed.missed else State.SCHEDULED,
            stale_at=slot.stale_at,
        )
        for slot in placed.slots if not slot.absorbed_by
    ]  # fmt: skip
