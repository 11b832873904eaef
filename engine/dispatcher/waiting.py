"""Letters that wait for approval, as whoever decides is shown them: to whom, due when, and the words once for each kind."""

from __future__ import annotations

from collections.abc import Iterable

from engine.definition.words import moment_words
from engine.dispatcher.standing import Place, Places, Standing
from engine.errors import BadInput, FollowthroughError
from engine.letter import Recorded
from engine.rendering.context import Rendered, WaitingLetter
from engine.store import Transaction


def waiting_views(tx: Transaction, standing: Standing, rows: Iterable[Recorded]) -> list[WaitingLetter]:
    """All that wait, with the words of the first of each kind."""
    rows = list(rows)
    places = Places(tx, standing, rows)
    views, told = [], set[tuple[str, int | None]]()
    for row in rows:
        rendered = _render(tx, standing, places.of(row.party), row)
        if rendered is None:
            continue
        to = ", ".join(box.name or box.address for box in rendered.to)
        kind = (row.template, row.edited)
        words = (rendered.subject, tuple(rendered.text.strip("\n").split("\n"))) if kind not in told else ("", ())
        told.add(kind)
        views.append(WaitingLetter(row.key, to, moment_words(row.due_at, row.zone), *words))
    return views


def _render(tx: Transaction, standing: Standing, place: Place, row: Recorded) -> Rendered | None:
    letter = place.letter(row.key)
    if letter is None or letter.due_at is None:
        return None
    try:
        return standing.render(letter, place.plan, tx.wording(row))
    except (FollowthroughError, BadInput):
        return None  # it fails by itself, and says so, when it is due


def first_views(tx: Transaction, standing: Standing, rows: Iterable[Recorded]) -> tuple[WaitingLetter, ...]:
    """The first letter of each kind only, with its words."""
    firsts: dict[tuple[str, int | None], Recorded] = {}
    for row in rows:
        firsts.setdefault((row.template, row.edited), row)
    return tuple(waiting_views(tx, standing, firsts.values()))
