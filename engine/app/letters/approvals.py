"""Approval: what waits for a person, and a person's yes (guarantee G5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.app.root import App
from engine.dispatcher.handing import number_note
from engine.dispatcher.notices.deciders import Deciders
from engine.dispatcher.parts import people
from engine.dispatcher.replan import replan
from engine.dispatcher.standing import Place, Standing
from engine.errors import FollowthroughError, Refused
from engine.letter import Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.arrange import collapse
from engine.rendering.literal import clean
from engine.store import Approval, Transaction


@dataclass(frozen=True, slots=True)
class Approved:
    """What was approved, and what was not with the reason."""

    keys: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


def approve(app: App, keys: Sequence[str], actor: str, *, seen: Mapping[str, str] | None = None) -> Approved:
    """Approve letters as they render now: subject, bodies, attachments, To and Cc. Each on its own: one fault stops no
    other. A note verbale gets its number here.

    `seen` holds the digest of what a person was shown: a letter that reads otherwise by now is not approved.
    """
    read = seen or {}
    now = app.clock.now()
    done: list[Approval] = []
    refused: list[tuple[str, str]] = []
    with app.standings.deciding() as tx:
        _collapse(app, tx, tx.letters(keys), now, actor)
        rows = {row.key: row for row in tx.letters(keys)}
        places = app.standings.places(tx, rows.values(), now)
        deciders = Deciders(tx, now)
        for key in dict.fromkeys(keys):
            row = rows.get(key)
            if row is None:
                refused.append((key, "there is no such letter in the outbox"))
                continue
            place = places[row.workflow].of(row.party)
            standing = app.standings.get(tx, row.workflow, now)
            found = _approval(tx, standing, row, place)
            if isinstance(found, str):
                refused.append((key, found))
            elif read.get(key, found.digest) != found.digest:
                refused.append((key, "it reads otherwise by now: look at it again"))
            else:
                standing = app.standings.get(tx, row.workflow, now)
                letter = place.letter(key)
                if letter is not None and number_note(tx, standing, letter, now, actor):
                    # What is approved has its number: from now on it reads so, to the byte.
                    found = _approval(tx, standing, row, place)
                    assert not isinstance(found, str)
                done.append(found._replace(instead=deciders.instead(standing.workflow, row)))
        tx.approve(done, now, actor)
    return Approved(tuple(approval.key for approval in done), tuple(refused))


def _collapse(app: App, tx: Transaction, rows: Sequence[Recorded], now: datetime, actor: str) -> None:
    """What is approved late together collapses before it is read (guarantee G4): the one that is left does not speak of
    an earlier letter that never left, and need not be asked for again."""
    places = {(row.workflow, row.step, row.party) for row in rows if row.due_at <= now}
    for workflow, step, party in sorted(places, key=str):
        found = tx.find_letters(
            workflow=workflow, step=step, party=party, state=UNSENT, due_before=now + timedelta(microseconds=1)
        )
        changes = collapse(found, now)
        if changes:
            standing = app.standings.get(tx, workflow, now)
            tx.apply_changes(changes, revision=standing.revision.id, now=now, actor=actor, cause="")
            replan(tx, standing, [party] if party else [], now, actor=actor, cause="letters were missed")


def _approval(tx: Transaction, standing: Standing, row: Recorded, place: Place) -> Approval | str:
    """What there is to approve of a letter, or why there is nothing."""
    if not row.approval and row.state != State.FAILED:
        return "it needs no approval"
    if row.state not in (*UNSENT, State.FAILED) and row.refused is None:
        return f"it is {row.state}"
    if row.approved_digest is not None and row.state != State.FAILED:
        return "it is approved already"
    letter = place.letter(row.key)
    if letter is None or letter.state != State.SCHEDULED:
        return letter.reason if letter else "the plan has no such letter any more"
    try:
        rendered = standing.read(tx, letter, place.plan, row)
    except FollowthroughError as error:
        return f"it cannot be rendered: {error}"
    return Approval(row.key, rendered.digest, rendered.subject, people(rendered.to), people(rendered.cc))


def refuse(app: App, keys: Sequence[str], reason: str, actor: str) -> Approved:
    """Say no to letters, with a reason: they are withdrawn, and no plan revives them. `approve` takes the no back.

    Raises Refused without a reason.
    """
    reason = _words(reason)
    now = app.clock.now()
    done: list[str] = []
    refused: list[tuple[str, str]] = []
    with app.standings.deciding() as tx:
        rows = {row.key: row for row in tx.letters(keys)}
        deciders = Deciders(tx, now)
        for key in dict.fromkeys(keys):
            row = rows.get(key)
            if row is None:
                refused.append((key, "there is no such letter in the outbox"))
            elif row.state not in UNSENT:
                refused.append((key, f"it is {row.state}"))
            else:
                workflow = app.standings.get(tx, row.workflow, now).workflow
                tx.refuse(key, reason, now, actor, deciders.instead(workflow, row))
                done.append(key)
    return Approved(tuple(done), tuple(refused))


def _words(reason: str) -> str:
    """A reason as the record may have it: one line. Raises Refused for none."""
    words = clean(reason)
    if not words:
        raise Refused("say why: whoever reads the record later will want to know")
    return words


def waiting_for_approval(app: App) -> list[Recorded]:
    """The letters that somebody is asked to approve."""
    if not app.has_store:
        return []
    with app.store.read() as tx:
        return tx.find_letters(state=State.AWAITING_APPROVAL)


def asked_of(app: App) -> list[tuple[Recorded, str]]:
    """The letters that somebody is asked to approve, each with the role that is asked: the owner, or a deputy."""
    if not app.has_store:
        return []
    now = app.clock.now()
    with app.store.read() as tx:
        deciders = Deciders(tx, now)
        return [
            (row, deciders.of(app.standings.get(tx, row.workflow, now).workflow, row))
            for row in tx.find_letters(state=State.AWAITING_APPROVAL)
        ]
