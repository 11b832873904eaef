"""Approval: what waits for a person, and a person's yes (guarantee G5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.app.root import App
from engine.dispatcher import Standing
from engine.dispatcher.handing import people
from engine.errors import FollowthroughError
from engine.letter import Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.planner import Planned
from engine.store import Approval


@dataclass(frozen=True, slots=True)
class Approved:
    """What was approved, and what was not with the reason."""

    keys: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


def approve(app: App, keys: Sequence[str], actor: str) -> Approved:
    """Approve letters as they render now: subject, bodies, To and Cc. Each on its own: one fault stops no other."""
    now = app.clock.now()
    done: list[Approval] = []
    refused: list[tuple[str, str]] = []
    with app.standings.deciding() as tx:
        rows = {row.key: row for row in tx.letters(keys)}
        plans: dict[tuple[str, str | None], Planned] = {}
        for key in dict.fromkeys(keys):
            row = rows.get(key)
            if row is None:
                refused.append((key, "there is no such letter in the outbox"))
                continue
            standing = app.standings.get(tx, row.workflow, now)
            place = (row.workflow, row.party)
            if place not in plans:
                standing.read_letters(tx, [row.party])
                plans[place] = standing.plan_of(row.party)
            found = _approval(standing, row, plans[place])
            if isinstance(found, str):
                refused.append((key, found))
            else:
                done.append(found)
        tx.approve(done, now, actor)
    return Approved(tuple(approval.key for approval in done), tuple(refused))


def _approval(standing: Standing, row: Recorded, planned: Planned) -> Approval | str:
    """What there is to approve of a letter, or why there is nothing."""
    if not row.approval:
        return "it needs no approval"
    if row.state not in UNSENT:
        return f"it is {row.state}"
    if row.approved_digest is not None:
        return "it is approved already"
    letter = next((letter for letter in planned.letters if letter.key == row.key), None)
    if letter is None or letter.state != State.SCHEDULED:
        return letter.reason if letter else "the plan has no such letter any more"
    try:
        rendered = standing.render(letter, planned)
    except FollowthroughError as error:
        return f"it cannot be rendered: {error}"
    return Approval(row.key, rendered.digest, rendered.subject, people(rendered.to), people(rendered.cc))


def waiting_for_approval(app: App) -> list[Recorded]:
    """The letters that somebody is asked to approve."""
    if not app.has_store:
        return []
    with app.store.read() as tx:
        return tx.find_letters(state=State.AWAITING_APPROVAL)
