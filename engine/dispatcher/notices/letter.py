"""What a notice to a role says: the letters that wait for it by now, or waited in vain; or how its plans stand."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.definition.words import moment_words
from engine.dispatcher.notices.answers import answers_notice
from engine.dispatcher.notices.deciders import Deciders
from engine.dispatcher.notices.digests import digest_view
from engine.dispatcher.notices.readers import NEEDLESS, reader_of
from engine.dispatcher.notices.succession import hand_over_view
from engine.dispatcher.notices.urging import urgent_view
from engine.dispatcher.notices.waiting import waiting_views
from engine.dispatcher.standing import Standing, Standings
from engine.letter import ANSWERS_NOTICE, BULLETINS, DIGEST, HAND_OVER, MISSED_NOTICE, Letter, Recorded, parse_key
from engine.lifecycle import State
from engine.planning.arrange import UNDECIDED
from engine.rendering.context import LetterContext
from engine.rendering.notices import WaitingLetter
from engine.store import Transaction

_LOOKS_BACK = timedelta(days=7)


def notice_letter(
    tx: Transaction, standings: Standings, row: Recorded, now: datetime, pages: str = ""
) -> tuple[Letter, LetterContext] | None:
    """A notice, and what it is made from; None when there is nothing to say any more. `pages` is their address, if any."""
    standing = standings.get(tx, row.workflow, now)
    letter = Letter.of(
        parse_key(row.key), row.kind, row.zone, State(row.state), row.reason, due_at=row.due_at, template=row.template,
        stale_at=row.stale_at,
    )  # fmt: skip
    if row.template == ANSWERS_NOTICE:
        return answers_notice(tx, standing, letter, pages)
    if row.template in BULLETINS:
        context = _bulletin(tx, standings, standing, letter, row, now, pages)
        return (letter, context) if context is not None else None
    found = tx.find_letters(
        workflow=row.workflow, step=row.step,
        state=State.MISSED if row.template == MISSED_NOTICE else State.AWAITING_APPROVAL,
    )  # fmt: skip
    deciders = Deciders(tx, now)
    about = [
        each for each in found
        if each.cycle == row.cycle and deciders.of(standing.workflow, each) == row.addressee
    ]  # fmt: skip
    views = _missed(tx, standing, row, about) if row.template == MISSED_NOTICE else waiting_views(tx, standing, about)
    return (letter, standing.composer.notice(letter, tuple(views), pages)) if views else None


def needless(row: Recorded) -> str:
    """Why a notice that has nothing to say is withdrawn."""
    if row.template in (DIGEST, HAND_OVER):
        return NEEDLESS
    if row.template == ANSWERS_NOTICE:
        return "no answer waits"
    return "nobody has to be told any more" if row.template == MISSED_NOTICE else "nothing waits for approval any more"


def _bulletin(
    tx: Transaction, standings: Standings, standing: Standing, letter: Letter, row: Recorded, now: datetime, pages: str
) -> LetterContext | None:
    applied = standings.all(tx, now)
    reader = reader_of(row, applied)
    if reader is None:
        return None
    if row.template == HAND_OVER:
        view, stands, words = hand_over_view(tx, standing, row, now)
        return standing.composer.bulletin(letter, waiting=words, digest=stands, hand_over=view, pages=pages)
    if row.template == DIGEST:
        told = digest_view(tx, reader, applied, row.created_at, row.zone, now)
    else:
        told = urgent_view(tx, reader, applied, now)
    return standing.composer.bulletin(letter, waiting=told.waiting, digest=told.view, pages=pages) if told else None


def _missed(tx: Transaction, standing: Standing, notice: Recorded, rows: list[Recorded]) -> list[WaitingLetter]:
    """Those that went stale since the notice before."""
    parties = standing.planner.plannable.parties
    told = [
        each.due_at for each in tx.find_letters(workflow=notice.workflow, step=notice.step, party=None)
        if (each.template, each.cycle, each.addressee) == (MISSED_NOTICE, notice.cycle, notice.addressee)
        and each.due_at < notice.due_at
    ]  # fmt: skip
    since = max(told, default=notice.due_at - _LOOKS_BACK)
    return [
        WaitingLetter(
            row.key,
            parties[row.party].name if row.party is not None and row.party in parties else row.addressee,
            moment_words(row.due_at, row.zone),
        )
        for row in rows
        if row.reason == UNDECIDED and row.stale_at is not None and since < row.stale_at <= notice.due_at
    ]
