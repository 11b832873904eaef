"""Letters that wait for approval, as whoever decides is shown them: to whom, due when, and the words once for each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.definition.words import moment_words
from engine.dispatcher.standing import Places, Standing
from engine.errors import FollowthroughError
from engine.letter import Letter, Recorded
from engine.planning.planner import Planned
from engine.rendering.context import Rendered
from engine.rendering.notices import WaitingLetter
from engine.store import Transaction

_Kind = tuple[str, int | None, str]
"""Template, edit and language: letters that differ in the name only."""


def readings(
    tx: Transaction, standing: Standing, rows: Sequence[Recorded]
) -> Iterator[tuple[Recorded, Rendered | str]]:
    """Letters that have not left, each as it reads now, or (a text) why it cannot be read."""
    for row, plan, letter in _planned(tx, standing, rows):
        if letter is None:
            yield row, "the plan has no such letter any more"
            continue
        try:
            yield row, standing.read(tx, letter, plan, row)
        except FollowthroughError as error:
            yield row, f"it cannot be rendered: {error}"


def waiting_views(tx: Transaction, standing: Standing, rows: Sequence[Recorded]) -> list[WaitingLetter]:
    """All that wait, with the words of the first of each kind that can be read: only these are put into words."""
    views: list[WaitingLetter] = []
    shown: dict[_Kind, int] = {}
    number = Counter[_Kind]()
    for row, plan, letter in _planned(tx, standing, rows):
        if letter is None:
            continue
        language, to = standing.composer.addressed(letter)
        kind = (row.template, row.edited, language)
        words: tuple[str, tuple[str, ...]] = "", ()
        number[kind] += 1
        if kind not in shown:
            try:
                words = _words(standing.read(tx, letter, plan, row))
                shown[kind] = len(views)
            except FollowthroughError:
                pass  # when it is due its owner is told why
        names = ", ".join(box.name or box.address for box in to)
        views.append(WaitingLetter(row.key, names, moment_words(row.due_at, row.zone), *words))
    for kind, place_of in shown.items():
        views[place_of] = replace(views[place_of], others=number[kind] - 1)
    return views


def _planned(
    tx: Transaction, standing: Standing, rows: Sequence[Recorded]
) -> Iterator[tuple[Recorded, Planned, Letter | None]]:
    """Each row with the plan of its place, and the letter as planned there; None where no day is planned for it."""
    places = Places(tx, standing, rows)
    for row in rows:
        place = places.of(row.party)
        letter = place.letter(row.key)
        yield row, place.plan, letter if letter is not None and letter.due_at is not None else None


def _words(rendered: Rendered) -> tuple[str, tuple[str, ...]]:
    attached = (f"Attached: {file.name}" for file in rendered.attachments)
    return rendered.subject, (*rendered.text.strip("\n").split("\n"), *attached)


def first_views(tx: Transaction, standing: Standing, rows: Sequence[Recorded]) -> tuple[WaitingLetter, ...]:
    """The first letter of each kind only, with its words."""
    return tuple(view for view in waiting_views(tx, standing, rows) if view.lines)
