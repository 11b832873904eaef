"""Letters in groups, as the first page shows them: those of one kind that leave, wait or left together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from engine.definition.dates import local_date
from engine.definition.words import listed
from engine.dispatcher.notices.waiting import readings
from engine.dispatcher.standing import Standing
from engine.letter import NONE, Recorded
from engine.lifecycle import State
from engine.rendering.context import Rendered
from engine.store import Transaction
from engine.web.names import PageNames


@dataclass(frozen=True, slots=True)
class LetterGroup:
    """Letters of one kind that leave or left together: what they are, to whom, when, and how they stand."""

    title: str
    subject: str
    at: datetime
    zone: str
    rows: tuple[Recorded, ...]
    to: str
    state: str
    template: str
    digests: tuple[str, ...] = ()
    """Of what each reads as now, where it waits for approval: what is approved is what was seen (guarantee G5)."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The letters' keys."""
        return tuple(row.key for row in self.rows)


class WaitingGroups:
    """What waits, as it reads now. Each letter is rendered again only where something changed that it may rest on."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[object, Mapping[str, Rendered]]] = {}

    def groups(
        self, tx: Transaction, standing: Standing, rows: Sequence[Recorded], names: PageNames, state: object
    ) -> Iterator[LetterGroup]:
        """The groups of the rows, with subject and digests. `state` is another one when facts or letters changed."""
        mark = (standing.revision.id, state, tuple(rows))
        known = self._known.get(standing.workflow.name)
        if known is None or known[0] != mark:
            known = self._known[standing.workflow.name] = mark, dict(_rendered(tx, standing, rows))
        for group in groups(rows, names):
            read = [known[1].get(key) for key in group.keys]
            # The subject of the first: the others differ in the name.
            subject = group.subject or (read[0].subject if read[0] else "")
            yield replace(group, subject=subject, digests=tuple(each.digest if each else "" for each in read))


def _rendered(tx: Transaction, standing: Standing, rows: Sequence[Recorded]) -> Iterator[tuple[str, Rendered]]:
    for row, found in readings(tx, standing, rows):
        if not isinstance(found, str):  # the letter's own page says what is wrong with it
            yield row.key, found


def groups(rows: Iterable[Recorded], names: PageNames) -> Iterator[LetterGroup]:
    """Rows that follow one another and differ in the party only."""

    def kind(row: Recorded) -> tuple[Any, ...]:
        return (
            row.step, row.cycle, row.slot, row.template, local_date(row.left_at, row.zone), row.zone,
            row.state, row.approval and row.approved_digest is None, row.edited,
        )  # fmt: skip

    order: dict[tuple[Any, ...], list[Recorded]] = {}
    for key, of_kind in groupby(rows, key=kind):
        order.setdefault(key, []).extend(of_kind)
    for found in order.values():
        first = found[0]
        yield LetterGroup(
            names.step(first), first.subject, first.left_at, first.zone, tuple(found),
            listed([names.addressee(row) for row in found], most=5), _state(first),
            "" if first.step == NONE else names.template(first),
        )  # fmt: skip


def _state(row: Recorded) -> str:
    if row.state == State.SCHEDULED and row.approval:
        return "approved" if row.approved_digest else "approval will be asked"
    return row.state.replace("_", " ")
