"""Approval in practice: what waits is asked for, and what nobody decided is told (G5).

Whoever decides about a step's letters (its owner, or a deputy) gets a prompt with the words when letters wait: at once
where one is urgent, else one a day, since it shows all that wait by then. Where a digest leaves on that day, it is in
the digest. What was missed is told the next morning, whatever zones it was missed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from engine.definition.dates import local_date
from engine.dispatcher.notices.deciders import Deciders
from engine.dispatcher.notices.digests import coming_digest, keep_digests
from engine.dispatcher.notices.readers import ACTOR, Bulletins, readers
from engine.dispatcher.notices.urging import keep_urgent
from engine.dispatcher.standing import Standing, Standings
from engine.letter import ANSWERS_NOTICE, APPROVAL_PROMPT, DIGEST, MISSED_NOTICE, Letter, LetterKey, Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.changes import Action, Change
from engine.planning.world.schedule import Hours
from engine.store import Transaction

_MOMENT = timedelta(microseconds=1)
About = tuple[str, str | None, str]
"""What a notice is about and whom it is for: step, cycle, and the role that is told."""
When = Callable[[list[Recorded], Hours], datetime | None]
"""When a notice leaves, by those of its kind that the role got before; None: not at all."""


class _Kind(NamedTuple):
    """What notices of a template are called in keys, why they are planned, and by what."""

    slot: str
    reason: str
    cause: str


_KINDS = {
    APPROVAL_PROMPT: _Kind("approve", "letters wait for approval", "approval is asked for"),
    MISSED_NOTICE: _Kind("missed", "nobody decided in time", "letters were missed"),
    ANSWERS_NOTICE: _Kind("answers", "answers wait for a decision", "answers came in"),
}


def ask(tx: Transaction, standings: Standings, now: datetime) -> list[Recorded]:
    """Ask for the approvals that are to be asked for now, and put a prompt for whoever decides into the outbox."""
    turn(tx, standings, now)
    asked = tx.ask_approval([row.key for row in tx.to_ask(now)], now, ACTOR)
    _put(tx, standings, APPROVAL_PROMPT, asked, now)
    return asked


def tell_missed(tx: Transaction, standings: Standings, missed: Iterable[Recorded], now: datetime) -> None:
    """Tell whoever decides of letters that are not sent since nobody decided about them."""
    _put(tx, standings, MISSED_NOTICE, missed, now)


def write_to_readers(tx: Transaction, standings: Standings, now: datetime) -> None:
    """See to what people get about all their plans: the next digest, and what is brought up once more."""
    applied = standings.all(tx, now)
    keep_digests(tx, applied, now)
    keep_urgent(tx, applied, now)


def turn(tx: Transaction, standings: Standings, now: datetime) -> None:
    """Begin and end what was delegated for a time: whoever decides from now on is told what waits."""
    for each in tx.due_delegations(now):
        workflow = standings.get(tx, each.workflow, now).workflow
        if each.ends_at is not None and each.ends_at <= now:
            tx.end_delegation(each.id, f"its time is over: {each.owner} decides again", now, ACTOR)
        else:
            tx.delegation_told(each.id, now)
        waiting = tx.find_letters(workflow=each.workflow, state=State.AWAITING_APPROVAL)
        prompt(tx, standings, Deciders(tx, now).concerned(workflow, each, waiting), now)


def prompt(tx: Transaction, standings: Standings, waiting: Iterable[Recorded], now: datetime) -> None:
    """Tell whoever decides of letters that wait already."""
    _put(tx, standings, APPROVAL_PROMPT, waiting, now)


def _put(tx: Transaction, standings: Standings, template: str, rows: Iterable[Recorded], now: datetime) -> None:
    """A notice for each step and cycle, where there is somebody to write to."""
    deciders = Deciders(tx, now)
    groups: dict[tuple[str, str, str | None, str], list[Recorded]] = {}
    for row in rows:
        role = deciders.of(standings.get(tx, row.workflow, now).workflow, row)
        groups.setdefault((row.workflow, row.step, row.cycle, role), []).append(row)
    for (workflow, step, cycle, role), found in groups.items():
        when: When = partial(_next_morning, now=now)
        if template == APPROVAL_PROMPT:
            when = partial(_prompt_at, tx, standings, (workflow, role), found, now)
        put_notice(tx, standings.get(tx, workflow, now), template, (step, cycle, role), now, when)


def put_notice(tx: Transaction, standing: Standing, template: str, about: About, now: datetime, when: When) -> None:
    """Put a notice to a role into the outbox, unless nobody can be written to, or one is to leave anyway."""
    step, cycle, role = about
    if not standing.planner.desk.can_write_to(role):
        return
    before = [
        row for row in notices_before(tx, standing.workflow.name, template, step, cycle) if row.addressee == role
    ]  # fmt: skip
    due = when(before, standing.planner.desk.role_hours(role))
    if due is None or any(row.state in UNSENT and row.due_at <= due for row in before):
        return
    letter = _notice(tx, standing, template, about, due, now)
    change = Change(Action.INSERT, letter.key, letter.reason, letter)
    tx.apply_changes([change], revision=standing.revision.id, now=now, actor=ACTOR, cause=_KINDS[template].cause)


def notices_before(tx: Transaction, workflow: str, template: str, step: str, cycle: str | None) -> list[Recorded]:
    """The notices of one kind about a step that are in the outbox, in whatever state."""
    rows = tx.find_letters(workflow=workflow, step=step, party=None)
    return [row for row in rows if (row.template, row.cycle) == (template, cycle)]


def _beside_digest(
    tx: Transaction, standings: Standings, name: tuple[str, str], due: datetime, hours: Hours, now: datetime
) -> datetime | None:
    """When to prompt somebody who has a digest: not on its day, since it shows all that waits."""
    applied = standings.all(tx, now)
    told = (each for each in readers(applied) if any(seat.role.digest for seat in each.seats))
    reader = next((each for each in told if any(seat.name == name for seat in each.seats)), None)
    if reader is None:
        return due
    last = Bulletins(tx, DIGEST, applied, now).last_sent(reader)
    told_today = last is not None and local_date(last, hours.zone) == local_date(now, hours.zone)
    if told_today:
        due = max(due, next_morning(hours, now))
    coming = coming_digest(reader, now + _MOMENT if told_today else now)
    same = coming is not None and local_date(coming[1], hours.zone) == local_date(due, hours.zone)
    return None if same else due


def _notice(tx: Transaction, standing: Standing, template: str, about: About, due: datetime, now: datetime) -> Letter:
    """A notice to the one who decides about a step's letters; numbered by the day."""
    (step, cycle, role), workflow, kind = about, standing.workflow, _KINDS[template]
    hours = standing.planner.desk.role_hours(role)
    day = local_date(now, hours.zone)
    number, slot = 1, kind.slot
    while tx.letter(str(LetterKey(workflow.name, cycle, step, None, 1, role, f"{slot}-{day}-{number}"))):
        number += 1
    stale = hours.stale(hours.calendar.later(local_date(due, hours.zone)))
    return standing.planner.desk.prompt(
        workflow.steps[step], role, f"{slot}-{day}-{number}", due, template, kind.reason, cycle=cycle,
        ordinary=False, stale_at=stale,
    )  # fmt: skip


def _next_morning(_: list[Recorded], hours: Hours, *, now: datetime) -> datetime:
    return next_morning(hours, now)


def _prompt_at(
    tx: Transaction, standings: Standings, name: tuple[str, str], waiting: list[Recorded], now: datetime,
    before: list[Recorded], hours: Hours,
) -> datetime | None:  # fmt: skip
    """When to prompt: now, but not twice on one day unless a letter would be due before the next working morning."""
    morning = next_morning(hours, now)
    if _urgent(waiting, morning):
        return now
    due = morning if prompted(before, hours, now) else now
    return _beside_digest(tx, standings, name, due, hours, now)


def _urgent(about: list[Recorded], morning: datetime) -> bool:
    """Whether one of some letters cannot wait until a morning."""
    return any(row.due_at < morning or (row.stale_at is not None and row.stale_at <= morning) for row in about)


def prompted(before: list[Recorded], hours: Hours, now: datetime) -> bool:
    """Whether one of some notices left today."""
    today = local_date(now, hours.zone)
    return any(row.sent_at is not None and local_date(row.sent_at, hours.zone) == today for row in before)


def next_morning(hours: Hours, now: datetime) -> datetime:
    """The first sending time of a later day."""
    return hours.first_after(hours.at(local_date(now, hours.zone) + timedelta(days=1)))[1]
