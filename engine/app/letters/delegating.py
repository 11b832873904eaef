"""Delegating: what one role is asked to approve, given to another of the plan; with dates, a deputy for a time (G5).

It changes who is asked, and no right: whoever may approve still may. What waits already is prompted for at once, to
whoever decides from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.app.asked import known_letter, role_of, written_day
from engine.app.root import App
from engine.definition.dates import instant, local_date
from engine.definition.hints import suggest
from engine.definition.words import day_words
from engine.definition.workflow import Workflow
from engine.delegation import Delegation, decider
from engine.dispatcher.notices.asking import prompt, turn
from engine.dispatcher.notices.deciders import Deciders
from engine.errors import NotFound, Refused
from engine.letter import Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.world.recipients import role_zone
from engine.rendering.literal import clean
from engine.store import Transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be given to whom: letters (`keys`), a `step`, or (neither) everything that the role `of` is asked.

    `to` is a role, or the address of one. `workflow` may be left out where only one plan can be meant, and `of` where it
    is the plan's owner. `since` and `until` are days; `until` is the last of them.
    """

    to: str
    keys: Sequence[str] = ()
    step: str | None = None
    of: str | None = None
    workflow: str | None = None
    since: str | None = None
    until: str | None = None
    reason: str = ""


def delegate(app: App, asked: Asked, actor: str) -> list[Delegation]:
    """Give it. All of it or nothing. Raises Refused and NotFound, which say what to do instead."""
    now = app.clock.now()
    if not app.has_store:
        raise NotFound("no plan is applied, so nobody is asked anything")
    with app.standings.deciding() as tx:
        deciders = Deciders(tx, now)
        made = []
        if asked.keys:
            for key in dict.fromkeys(asked.keys):
                row = _letter(tx, key)
                workflow = app.standings.get(tx, row.workflow, now).workflow
                made.append(_give(tx, deciders, workflow, deciders.of(workflow, row), asked, row, now, actor))
        else:
            workflow = _workflow(app, tx, asked, now)
            step = workflow.steps.get(asked.step or "")
            of = asked.of or (step.owner if step else workflow.owner)
            made.append(_give(tx, deciders, workflow, _role(workflow, of), asked, None, now, actor))
        turn(tx, app.standings, now)
    return made


def take_back(app: App, number: int, actor: str) -> Delegation:
    """End a delegation: its owner is asked again, also about what waits. Raises NotFound and Refused."""
    now = app.clock.now()
    if not app.has_store:
        raise NotFound(f"there is no delegation {number}")
    with app.standings.deciding() as tx:
        found = tx.delegation(number)
        ended = tx.end_delegation(number, f"taken back: {found.owner} decides again", now, actor)
        workflow = app.standings.get(tx, found.workflow, now).workflow
        waiting = tx.find_letters(workflow=found.workflow, state=State.AWAITING_APPROVAL)
        prompt(tx, app.standings, Deciders(tx, now).concerned(workflow, found, waiting), now)
    return ended


def delegations(app: App) -> list[Delegation]:
    """Those that hold or are still to begin, but for letters about which somebody has decided."""
    if not app.has_store:
        return []
    with app.store.read() as tx:
        return [each for each in tx.delegations() if each.letter is None or _waits(tx.letter(each.letter))]


def _waits(row: Recorded | None) -> bool:
    return row is not None and row.state in UNSENT and row.approved_digest is None


def told(app: App, found: Delegation) -> str:
    """A delegation in words: `everything that nim_coordinator is asked, to isu until 20 March 2018`."""
    with app.store.read() as tx:
        return delegation_words(app.standings.get(tx, found.workflow, app.clock.now()).workflow, found)


def _letter(tx: Transaction, key: str) -> Recorded:
    row = known_letter(tx, key)
    if not row.approval:
        raise Refused(f"{key} needs no approval, so nobody is asked about it")
    if not _waits(row):
        state = "approved" if row.approved_digest is not None and row.state in UNSENT else row.state.replace("_", " ")
        raise Refused(f"{key} is {state}: only what is still to be approved can be given to somebody")
    return row


def _workflow(app: App, tx: Transaction, asked: Asked, now: datetime) -> Workflow:
    """The plan that is meant."""
    applied = [standing.workflow for standing in app.standings.all(tx, now)]
    if asked.workflow is not None:
        applied = [workflow for workflow in applied if workflow.name == asked.workflow]
        if not applied:
            raise NotFound(f"{asked.workflow} is not applied, so nobody is asked anything of it")
    if asked.step is not None:
        steps = [name for workflow in applied for name in workflow.steps]
        applied = [workflow for workflow in applied if asked.step in workflow.steps]
        if not applied:
            raise NotFound(f"no applied plan has a step “{asked.step}”. {suggest(asked.step, steps)}".rstrip())
    if not applied:
        raise NotFound("no plan is applied, so nobody is asked anything")
    if len(applied) > 1:
        names = ", ".join(workflow.name for workflow in applied)
        raise Refused(f"several plans can be meant: say which with --workflow ({names})")
    return applied[0]


def _role(workflow: Workflow, name: str) -> str:
    """A role of the plan that can be written to, by its name or its address."""
    role = role_of(workflow, name)
    if role is None and "@" in name:
        raise NotFound(f"nobody in {workflow.name} has the address {name}: add a role to the plan, and apply it")
    if role is None:
        raise NotFound(f"{workflow.name} has no role “{name}”. {suggest(name, workflow.roles)}".rstrip())
    if not role.email:
        raise Refused(f"the role {role.name} has no address, so it cannot be asked: add an email to it in the plan")
    return role.name


def _give(
    tx: Transaction, deciders: Deciders, workflow: Workflow, of: str, asked: Asked, row: Recorded | None, now: datetime,
    actor: str,
) -> Delegation:  # fmt: skip
    to = _role(workflow, asked.to)
    if to == of:
        raise Refused(f"{to} is asked about this already")
    starts, ends = _span(workflow, of, to, asked, now)
    new = Delegation(
        2**62, workflow.name, of, to, row.key if row else None, None if row else asked.step, starts, ends,
        clean(asked.reason), actor, now,
    )  # fmt: skip
    _check_round(deciders, workflow, new)
    return tx.delegate(
        workflow=new.workflow, owner=of, deputy=to, letter=new.letter, step=new.step or (row.step if row else None),
        starts_at=starts, ends_at=ends, reason=new.reason, detail=delegation_words(workflow, new), now=now, author=actor,
    )  # fmt: skip


def _check_round(deciders: Deciders, workflow: Workflow, new: Delegation) -> None:
    """Raise Refused where it would come back to the one who gives it."""
    given = [each._replace(starts_at=new.starts_at, ends_at=None) for each in deciders.given(workflow)]
    step, letter = new.step or "", new.letter or ""
    if decider(new.deputy, step, letter, given, new.starts_at) == new.owner:
        raise Refused(
            f"{new.deputy} has given what it is asked to {new.owner}: take that back first"
            " (“followthrough delegate” lists them)"
        )


def _span(workflow: Workflow, of: str, to: str, asked: Asked, now: datetime) -> tuple[datetime, datetime | None]:
    """From the sending time of the first day, where the deputy is, to that after the last day, where the owner is."""
    starts = now
    if asked.since is not None:
        starts = max(now, instant(written_day(asked.since, "--since"), workflow.send_at, role_zone(to, workflow)))
    if asked.until is None:
        return starts, None
    last = written_day(asked.until, "--until")
    ends = instant(last + timedelta(days=1), workflow.send_at, role_zone(of, workflow))
    if ends <= starts:
        raise Refused(f"--until: {day_words(last)} is over before it begins")
    return starts, ends


def delegation_words(workflow: Workflow, found: Delegation, *, titles: bool = False) -> str:
    """A delegation in words; `titles` calls roles and steps as people do."""

    def role(name: str) -> str:
        known = workflow.roles.get(name)
        return f"the {known.title}" if titles and known else name

    step = workflow.steps.get(found.step or "")
    if found.letter is not None:
        what = "one letter" if titles else f"the letter {found.letter}"
    elif found.step is not None:
        what = f"what {role(found.owner)} is asked of {f'“{step.title}”' if titles and step else found.step}"
    else:
        what = f"everything that {role(found.owner)} is asked"
    words = f"{what}, to {role(found.deputy)}"
    if found.starts_at > found.made_at:
        words += f" from {day_words(local_date(found.starts_at, role_zone(found.deputy, workflow)))}"
    if found.ends_at is not None:
        last = local_date(found.ends_at, role_zone(found.owner, workflow)) - timedelta(days=1)
        words += f" until {day_words(last)}"
    return words + (f" ({found.reason})" if found.reason else "")
