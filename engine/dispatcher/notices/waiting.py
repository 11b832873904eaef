"""Letters that wait for approval, as whoever decides is shown them: to whom, due when, and the words once for each kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.definition.words import moment_words
from engine.dispatcher.standing import Places, Standing
from engine.errors import BadInput, FollowthroughError
from engine.letter import Recorded
from engine.rendering.context import Rendered, WaitingLetter
from engine.store import Transaction


def readings(
    tx: Transaction, standing: Standing, rows: Sequence[Recorded]
) -> Iterator[tuple[Recorded, Rendered | str]]:
    """Letters that have not left, each as it reads now, or (a text) why it cannot be read."""
    places = Places(tx, standing, rows)
    for row in rows:
        place = places.of(row.party)
        letter = place.letter(row.key)
        if letter is None or letter.due_at is None:
            yield row, "the plan has no such letter any more"
            continue
        try:
            yield row, standing.read(tx, letter, place.plan, row)
        except (FollowthroughError, BadInput) as error:
            yield row, f"it cannot be rendered: {error}"


def waiting_views(tx: Transaction, standing: Standing, rows: Sequence[Recorded]) -> list[WaitingLetter]:
    """All that wait, with the words of the first of each kind. What cannot be read says so when it is due."""
    views, told = [], set[tuple[str, int | None, str]]()
    for row, rendered in readings(tx, standing, rows):
        if isinstance(rendered, str):
            continue
        to = ", ".join(box.name or box.address for box in rendered.to)
        kind = (row.template, row.edited, rendered.language)
        lines = [*rendered.text.strip("\n").split("\n"), *(f"Attached: {file.name}" for file in rendered.attachments)]
        words = (rendered.subject, tuple(lines)) if kind not in told else ("", ())
        told.add(kind)
        views.append(WaitingLetter(row.key, to, moment_words(row.due_at, row.zone), *words))
    return views


def first_views(tx: Transaction, standing: Standing, rows: Sequence[Recorded]) -> tuple[WaitingLetter, ...]:
    """The first letter of each kind only, with its words."""
    return tuple(view for view in waiting_views(tx, standing, rows) if view.lines)
