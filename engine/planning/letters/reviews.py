"""What an ongoing step asks of its owner: to look at it every so often."""

from __future__ import annotations

from datetime import date, timedelta

from engine.definition import facts
from engine.definition.dates import Distance, local_date, shift
from engine.definition.facts import Subject
from engine.definition.workflow import Ongoing
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.letters.owner import to_owner
from engine.planning.world.desk import Desk

_MOST_REVIEWS = 60


def review_prompts(desk: Desk, step: Ongoing) -> list[Letter]:
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
        letters.append(to_owner(desk, step, f"{token}-{number}", on, "review", reason))
    return letters


def _looked_at(desk: Desk, step: Ongoing) -> list[date]:
    book = desk.world.book
    found = [book.flag(facts.REVIEWED, Subject(step=step.name))]
    found += [
        book.flag(facts.CONTACTED, subject) for subject in book.subjects(facts.CONTACTED) if subject.step == step.name
    ]
    return [fact.true.first for fact in found if fact is not None]
