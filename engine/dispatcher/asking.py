"""Approval in practice: what waits is asked for, and what nobody decided is told (G5).

The owner of a step gets a prompt with the words when letters wait: at once where one is urgent, else one a day, since
it shows all that wait by then. What was missed is told the next morning, whatever zones it was missed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from engine.definition.dates import local_date
from engine.dispatcher.standing import Standing, Standings
from engine.letter import ANSWERS_NOTICE, APPROVAL_PROMPT, MISSED_NOTICE, Letter, LetterKey, Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.changes import Action, Change
from engine.planning.desk import PROMPT_STALE
from engine.planning.recipients import person_of, role_zone
from engine.planning.schedule import Hours
from engine.store import Transaction

ACTOR = "tick"
_SLOTS = {APPROVAL_PROMPT: "approve", MISSED_NOTICE: "missed", ANSWERS_NOTICE: "answers"}
_REASONS = {
    APPROVAL_PROMPT: "letters wait for approval", MISSED_NOTICE: "nobody decided in time",
    ANSWERS_NOTICE: "answers wait for a decision",
}  # fmt: skip
_CAUSES = {
    APPROVAL_PROMPT: "approval is asked for", MISSED_NOTICE: "letters were missed", ANSWERS_NOTICE: "answers came in",
}  # fmt: skip
When = Callable[[list[Recorded], Hours], datetime]
"""When a notice leaves, by those that its owner got before."""


def ask(tx: Transaction, standings: Standings, now: datetime) -> list[Recorded]:
    """Ask for the approvals that are to be asked for now, and put a prompt for each owner into the outbox."""
    asked = tx.ask_approval([row.key for row in tx.to_ask(now)], now, ACTOR)
    _put(tx, standings, APPROVAL_PROMPT, asked, now)
    return asked


def tell_missed(tx: Transaction, standings: Standings, missed: Iterable[Recorded], now: datetime) -> None:
    """Tell owners of letters that are not sent since nobody decided about them."""
    _put(tx, standings, MISSED_NOTICE, missed, now)


def _put(tx: Transaction, standings: Standings, template: str, rows: Iterable[Recorded], now: datetime) -> None:
    """A notice for each step and cycle, where there is an owner to write to."""
    groups: dict[tuple[str, str, str | None], list[Recorded]] = {}
    for row in rows:
        groups.setdefault((row.workflow, row.step, row.cycle), []).append(row)
    for (workflow, step, cycle), about in groups.items():
        standing = standings.get(tx, workflow, now)

        def when(before: list[Recorded], hours: Hours, about: list[Recorded] = about) -> datetime:
            return _when(before, about, hours, now) if template == APPROVAL_PROMPT else next_morning(hours, now)

        put_notice(tx, standing, template, step, cycle, now, when)


def put_notice(
    tx: Transaction, standing: Standing, template: str, step: str, cycle: str | None, now: datetime, when: When
) -> None:
    """Put a notice to a step's owner into the outbox, unless nobody can be written to, or one is to leave anyway."""
    letter = _notice(tx, standing, template, step, cycle, now, when)
    if letter is not None:
        change = Change(Action.INSERT, letter.key, letter.reason, letter)
        tx.apply_changes([change], revision=standing.revision.id, now=now, actor=ACTOR, cause=_CAUSES[template])


def notices_before(tx: Transaction, workflow: str, template: str, step: str, cycle: str | None) -> list[Recorded]:
    """The notices of one kind about a step that are in the outbox, in whatever state."""
    rows = tx.find_letters(workflow=workflow, step=step, party=None)
    return [row for row in rows if (row.template, row.cycle) == (template, cycle)]


def _notice(
    tx: Transaction, standing: Standing, template: str, step: str, cycle: str | None, now: datetime, when: When
) -> Letter | None:
    """A notice, numbered by the day; None where nobody can be written to, or one is to leave anyway."""
    workflow = standing.workflow
    owner = workflow.steps[step].owner
    if not standing.planner.desk.can_write_to(owner):
        return None
    zone = role_zone(owner, workflow)
    hours = Hours(zone, workflow.send_at, standing.planner.world.resolver.calendar, PROMPT_STALE)
    day = local_date(now, zone)
    before = [row for row in notices_before(tx, workflow.name, template, step, cycle) if row.addressee == owner]
    due = when(before, hours)
    if any(row.state in UNSENT and row.due_at <= due for row in before):
        return None
    number, slot = 1, _SLOTS[template]
    while tx.letter(key := str(LetterKey(workflow.name, cycle, step, None, 1, owner, f"{slot}-{day}-{number}"))):
        number += 1
    return Letter(
        key, workflow.name, cycle, step, workflow.steps[step].kind, None, 1, owner, f"{slot}-{day}-{number}", due, zone,
        State.SCHEDULED.value, _REASONS[template], template, False,
        hours.stale(hours.calendar.later(local_date(due, zone))), "", False, person_of(workflow.roles[owner].email),
    )  # fmt: skip


def _when(before: list[Recorded], about: list[Recorded], hours: Hours, now: datetime) -> datetime:
    """When to prompt: now, but not twice on one day unless a letter would be due before the next working morning."""
    if not prompted(before, hours, now):
        return now
    morning = next_morning(hours, now)
    urgent = any(row.due_at < morning or (row.stale_at is not None and row.stale_at <= morning) for row in about)
    return now if urgent else morning


def prompted(before: list[Recorded], hours: Hours, now: datetime) -> bool:
    """Whether one of some notices left today."""
    today = local_date(now, hours.zone)
    return any(row.sent_at is not None and local_date(row.sent_at, hours.zone) == today for row in before)


def next_morning(hours: Hours, now: datetime) -> datetime:
    """The first sending time of a later day."""
    return hours.first_after(hours.at(local_date(now, hours.zone) + timedelta(days=1)))[1]
