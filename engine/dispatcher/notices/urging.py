"""What still waits for approval shortly before its time is brought up once more, in one mail to whoever decides (G5).

Each letter once, on the last working morning before it is due: whoever was asked ten working days ago and has not
answered is told while there is time, and not only that it was missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from engine.dispatcher.notices.deciders import Deciders
from engine.dispatcher.notices.lines import Summary, by_kind, shortened
from engine.dispatcher.notices.readers import Bulletins, Reader, Seat, readers
from engine.dispatcher.notices.waiting import first_views
from engine.dispatcher.standing import Standing
from engine.letter import URGENT_PROMPT, Recorded
from engine.lifecycle import State
from engine.planning.mornings import bring_up_at
from engine.rendering.notices import DigestView, PlanDigest, WaitingLetter
from engine.store import Transaction

_ON_TIME = timedelta(hours=1)
Question = tuple[datetime, Seat, Recorded]
"""A letter that is to be brought up once more: when, to which role."""


def keep_urgent(tx: Transaction, standings: Iterable[Standing], now: datetime) -> None:
    """See to it that what waits is brought up once more, on its morning."""
    open_ = [standing for standing in standings if URGENT_PROMPT in standing.opened.templates.names]
    known, asked = Bulletins(tx, URGENT_PROMPT, open_, now), _asked(tx, open_, now)
    for reader in readers(open_):
        questions = list(_questions(reader, asked))
        if not questions and not known.of(reader):
            continue
        last = known.last_sent(reader)
        late = [each for each in questions if each[0] <= now and _open(each, last)]
        coming = [each for each in questions if each[0] > now]
        known.agree(reader, list(_wanted(late, coming, now)), "letters still wait for approval")


def _wanted(late: list[Question], coming: list[Question], now: datetime) -> Iterator[tuple[Seat, datetime]]:
    """When to write: of what is late now, if the office is open where it is read; of what is to come on its morning."""
    if late:
        at, seat, _ = min(late, key=_first)
        due = at if now - at < _ON_TIME or seat.hours.open_at(now) else seat.hours.first_after(now)[1]
        yield seat, due
        if due > now:
            return  # one mail then tells of what comes in between, too
    if coming:
        at, seat, _ = min(coming, key=_first)
        yield seat, at


def _first(question: Question) -> tuple[datetime, str]:
    return question[0], question[2].key


def urgent_view(tx: Transaction, reader: Reader, standings: Iterable[Standing], now: datetime) -> Summary | None:
    """The letters that are to be brought up to a reader by now and were not before; None where there are none."""
    last = Bulletins(tx, URGENT_PROMPT, standings, now).last_sent(reader)
    asked = _asked(tx, [standing for standing, _ in reader.plans], now)
    due = [each for each in _questions(reader, asked) if each[0] <= now and _open(each, last)]
    plans, words = [], list[WaitingLetter]()
    for standing, _ in reader.plans:
        rows = [row for _, _, row in due if row.workflow == standing.workflow.name]
        if rows:
            lines = shortened(by_kind(standing, rows, limits=True))
            plans.append(PlanDigest(standing.workflow.title, waiting=lines))
            words += first_views(tx, standing, rows)
    if not plans:
        return None
    head = f"{len(due)} {'letter still waits' if len(due) == 1 else 'letters still wait'} for you"
    return Summary(DigestView((head,), "", tuple(plans)), tuple(words))


def _asked(tx: Transaction, standings: Iterable[Standing], now: datetime) -> dict[tuple[str, str], list[Recorded]]:
    """What waits, by plan and the role that decides about it."""
    deciders = Deciders(tx, now)
    found: dict[tuple[str, str], list[Recorded]] = {}
    for standing in standings:
        workflow = standing.workflow
        for row in tx.find_letters(workflow=workflow.name, state=State.AWAITING_APPROVAL):
            found.setdefault((workflow.name, deciders.of(workflow, row)), []).append(row)
    return found


def _questions(reader: Reader, asked: Mapping[tuple[str, str], list[Recorded]]) -> Iterator[Question]:
    for seat in reader.seats:
        for row in asked.get(seat.name, ()):
            at = bring_up_at(row, seat.hours)
            if at is not None:
                yield at, seat, row


def _open(question: Question, last: datetime | None) -> bool:
    """Whether a letter was not brought up yet: none left since its morning, or since it was asked for anew."""
    at, _, row = question
    return last is None or last < max(at, row.asked_at or at)
