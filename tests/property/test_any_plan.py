"""`plan` of any workflow that can be written: it is read or its faults are listed, and what is planned keeps the guarantees.

The plan is lived through as `tests/planning_model.py` does it, while facts are recorded and taken back.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import datetime, timedelta

from hypothesis import HealthCheck, Phase, given, settings

from engine.definition.cadence import is_escalation, is_request
from engine.definition.dates import end_of_day, instant, zone
from engine.definition.facts import Subject
from engine.definition.recording.draft import draft
from engine.definition.recording.subjects import RecordingError
from engine.definition.workdays import WorkCalendar, known_country
from engine.definition.workflow import FollowUp, Plannable, cadence_of
from engine.errors import BadInput
from engine.letter import Letter
from engine.lifecycle import State
from engine.planning.replay import in_order
from tests.any_facts import PAST, Recording
from tests.any_plan import DONE, VALUES, Written, written
from tests.planning_model import Outbox
from tests.support import check_faults, load_text

APPLIED = "2018-01-15T10:30"
ANY = settings(
    max_examples=int(os.environ.get("ANY_PLANS", "100")), derandomize="ANY_PLANS" not in os.environ, deadline=None,
    database=None, phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
"""A few in the suite, the same each time; `ANY_PLANS=5000` tries so many, others each time."""


@ANY
@given(written())
def test_any_plan_keeps_the_guarantees(made: Written) -> None:
    try:
        plan = load_text(made.workflow, made.files)
    except BadInput as error:
        check_faults(error)
        return
    outbox = Outbox(plan, APPLIED)
    check(outbox)
    for recording in made.recordings:
        outbox.run(outbox.now + timedelta(hours=recording.hours))
        if record(outbox, recording):
            check(outbox)
    outbox.run(outbox.now + timedelta(days=40))
    check(outbox)
    check_departures(outbox)
    check_done(outbox, made)


def record(outbox: Outbox, recording: Recording) -> bool:
    """Record it, if the engine lets anybody; take it back at once, where it says so."""
    about = Subject(**recording.about)
    today = outbox.now.astimezone(zone(outbox.plan.workflow.timezone)).date()
    value = min(recording.value, str(today)) if recording.fact in PAST else recording.value
    details = dict(recording.details)
    try:
        made = draft(outbox.plan, recording.fact, value, about, today=today, details=details, note="why")
    except RecordingError:
        return False
    subject = about._replace(cycle=str(today.year)) if made.needs_cycle else about
    kept = outbox.record(
        made.name, made.value, party=subject.party, step=subject.step, anchor=subject.anchor, cycle=subject.cycle,
        contact=subject.contact, on=str(made.true), details=dict(made.details),
    )  # fmt: skip
    if recording.retract:
        outbox.retract(kept)
    return True


def check(outbox: Outbox) -> None:
    """The plan as it stands: the same whatever the order of the facts, each key once, each instant where it may be."""
    planned = outbox.fresh(random.Random(1)).plan()
    again = outbox.fresh(random.Random(2)).plan()
    assert repr(planned) == repr(again), "G7"
    assert in_order(outbox.letters()) == in_order(planned.letters), (
        "what was learnt little by little is what is planned"
    )
    assert [key for key, times in Counter(letter.key for letter in planned.letters).items() if times > 1] == [], "G1"
    ends = ends_of(outbox)
    for letter in planned.letters:
        if letter.due_at is not None and letter.state != State.ABSORBED:
            assert letter.due_at >= outbox.applied, f"G4: {letter}"
            assert ends is None or letter.due_at < ends, f"after the plan's end: {letter}"
            check_hour(outbox.plan, letter)


def check_departures(outbox: Outbox) -> None:
    """What left did so once, when it was due, and before the plan's end."""
    assert max(Counter(each.letter.key for each in outbox.sent).values(), default=1) == 1, "G1"
    ends = ends_of(outbox)
    for row, at in outbox.sent:
        assert row.due_at <= at
        assert at >= outbox.applied
        assert ends is None or at < ends or outbox.facts, f"after the plan's end: {row}"


def ends_of(outbox: Outbox) -> datetime | None:
    last = outbox.planner.world.resolver.ends()
    return end_of_day(last, outbox.plan.workflow.timezone) if last else None


def check_hour(plan: Plannable, letter: Letter) -> None:
    """G6: the hour of sending at the addressee's, on a day of sending of the calendar that the step asks for."""
    assert letter.due_at is not None
    local = letter.due_at.astimezone(zone(letter.zone))
    workflow = plan.workflow
    assert instant(local.date(), workflow.send_at, letter.zone) == letter.due_at, f"not at {workflow.send_at}: {letter}"
    step = workflow.steps[letter.step]
    cadence = cadence_of(step)
    calendar = WorkCalendar(workflow.country, workflow.subdivision, workflow.quiet)
    if letter.party and cadence is not None and cadence.days_off == "addressee" and known_country(letter.party):
        if is_escalation(letter.slot):
            return  # to a role: by the workflow's days
        calendar = WorkCalendar(letter.party, quiet=workflow.quiet)
    assert calendar.day_off(local.date()) is None, f"{calendar.day_off(local.date())}: {letter}"


def check_done(outbox: Outbox, made: Written) -> None:
    """G3: whoever is done by a fact recorded now is asked for nothing more of that step."""
    today = outbox.now.astimezone(zone(outbox.plan.workflow.timezone)).date().isoformat()
    for name, until in made.until.items():
        step = outbox.plan.workflow.steps[name]
        if until not in DONE or not isinstance(step, FollowUp) or step.per_cycle or step.since is not None:
            continue
        fact, details = DONE[until]
        for party in outbox.plan.parties:
            outbox.record(fact, VALUES.get(fact, today), party=party, on=today, details=details)
            asked = [letter for letter in outbox.letters() if (letter.step, letter.party) == (name, party)]
            left = [letter for letter in asked if is_request(letter.slot) and letter.state == State.SCHEDULED]
            assert left == [], f"{party} is done with {name}"
