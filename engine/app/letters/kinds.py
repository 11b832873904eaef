"""What waits for approval by kind: letters that are the same but for the name, shown once with what differs (G5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.app.root import App
from engine.app.views import local
from engine.definition.phrases import Phrases
from engine.definition.words import listed
from engine.dispatcher.notices.waiting import readings
from engine.dispatcher.parts import people
from engine.dispatcher.standing import Standing
from engine.letter import Recorded
from engine.lifecycle import State
from engine.rendering.context import Rendered
from engine.rendering.likeness import Likeness, kinds, marked, usual
from engine.rendering.markdown import WIDTH
from engine.store import ANY, Transaction


@dataclass(frozen=True, slots=True)
class WaitingKind:
    """Letters that read the same but for some places. `pieces` are their words, To, Cc and subject among them; a number
    in it is a place, and `values` has what each letter has there; `usual` what most of them have at some. `digests` are of
    what would be approved.
    """

    title: str
    rows: tuple[Recorded, ...]
    names: tuple[str, ...]
    digests: tuple[str, ...]
    pieces: tuple[str | int, ...]
    values: tuple[tuple[str, ...], ...]
    usual: Mapping[int, str]

    @property
    def text(self) -> str:
        """The words, each place as `‹1›`."""
        return marked(self.pieces)

    @property
    def differs(self) -> list[tuple[Recorded, str, list[tuple[int, str]]]]:
        """Each letter with whom it goes to, and what stands at the places where it has not what is usual."""
        return [
            (
                row,
                name,
                [(place, value) for place, value in enumerate(values, start=1) if self.usual.get(place) != value],
            )
            for row, name, values in zip(self.rows, self.names, self.values, strict=True)
        ]

    @property
    def seen(self) -> dict[str, str]:
        """Each letter's key with the digest of what is shown."""
        return {row.key: digest for row, digest in zip(self.rows, self.digests, strict=True)}


@dataclass(frozen=True, slots=True)
class Waiting:
    """All that waits, by kind; and what cannot be shown, which is approved by nobody: key and reason."""

    kinds: tuple[WaitingKind, ...]
    faulty: tuple[tuple[str, str], ...]


def waiting_kinds(
    app: App, *, workflow: str | None = None, step: str | None = None, party: str | None = None, like: str | None = None
) -> Waiting:
    """What waits for approval; `like` a letter of that key: those of its step, cycle and slot."""
    if not app.has_store:
        return Waiting((), ())
    now = app.clock.now()
    with app.store.read() as tx:
        rows = tx.find_letters(
            workflow=workflow, step=step, party=ANY if party is None else party, state=State.AWAITING_APPROVAL
        )
        model = tx.letter(like) if like is not None else None
        if like is not None:
            rows = [row for row in rows if model is not None and _group(row) == _group(model)]
        groups: dict[tuple[Any, ...], list[Recorded]] = {}
        for row in rows:
            groups.setdefault(_group(row), []).append(row)
        found: list[WaitingKind] = []
        faulty: list[tuple[str, str]] = []
        for group in groups.values():
            found += _of_group(tx, app.standings.get(tx, group[0].workflow, now), group, faulty)
    return Waiting(tuple(found), tuple(faulty))


def kind_object(kind: WaitingKind) -> dict[str, Any]:
    """A kind as JSON."""
    return {
        "title": kind.title,
        "text": kind.text,
        "letters": [
            {
                "key": row.key, "party": row.party, "due_at": local(row.due_at, row.zone),
                "differs": {str(place): value for place, value in enumerate(values, start=1)},
            }
            for row, values in zip(kind.rows, kind.values, strict=True)
        ],
    }  # fmt: skip


def _group(row: Recorded) -> tuple[Any, ...]:
    return row.workflow, row.step, row.cycle, row.slot, row.template, row.edited


def _of_group(
    tx: Transaction, standing: Standing, rows: Sequence[Recorded], faulty: list[tuple[str, str]]
) -> Iterator[WaitingKind]:
    read: dict[str, Rendered] = {}
    for row, found in readings(tx, standing, rows):
        if isinstance(found, str):
            faulty.append((row.key, found))
        else:
            read[row.key] = found
    rows = [row for row in rows if row.key in read]
    texts = [_text(row, read[row.key]) for row in rows]
    for kind in kinds(texts):
        alike = [rows[number] for number in kind.members]
        yield _waiting(standing, alike, read, _headed(kind, [read[row.key] for row in alike]))


def _text(row: Recorded, rendered: Rendered) -> str:
    """The words that are approved of a letter, as one text: where lines were wrapped, or what its reference is, is no
    difference."""
    return f"Subject: {rendered.subject}\n\n{_unwrapped(rendered.text.replace(row.key, '…'))}"


def _headed(kind: Likeness, letters: Sequence[Rendered]) -> Likeness:
    """A kind with To and Cc before its words: whoever gets all of its letters stands there, the others have a place."""
    pieces: list[str | int] = []
    heads: list[list[str]] = []
    for name, boxes in (("To", [letter.to for letter in letters]), ("Cc", [letter.cc for letter in letters])):
        if not any(boxes):
            continue
        all_get = [box for box in boxes[0] if all(box in each for each in boxes)]
        own = [people(box for box in each if box not in all_get) for each in boxes]
        pieces.append(f"{name}: ")
        if any(own):
            heads.append(own)
            pieces += [len(heads), ", " if all_get else ""]
        pieces.append(f"{people(all_get)}\n")
    pieces += [piece if isinstance(piece, str) else piece + len(heads) for piece in kind.pieces]
    before = list(zip(*heads, strict=True)) or [()] * len(letters)
    values = tuple((*head, *rest) for head, rest in zip(before, kind.values, strict=True))
    return Likeness(kind.members, tuple(piece for piece in pieces if piece != ""), values)


def _unwrapped(text: str) -> str:
    """A text whose wrapped lines are joined again: a name is longer in one letter than in the other."""
    joined, before = "", ""
    for line in text.rstrip("\n").split("\n"):
        word = line.split(" ")[0]
        wrapped = bool(before) and bool(word) and len(before) + 1 + len(word) > WIDTH
        joined += f" {line}" if wrapped else f"\n{line}"
        before = line
    return f"{joined[1:]}\n"


def _waiting(standing: Standing, rows: Sequence[Recorded], read: Mapping[str, Rendered], kind: Likeness) -> WaitingKind:
    workflow, first = standing.workflow, rows[0]
    step = workflow.steps.get(first.step)
    cycle = f" ({first.cycle})" if first.cycle else ""
    title = f"{step.title if step else first.step}{cycle}, {Phrases(workflow).slot(first.slot)}"
    parties = standing.planner.plannable.parties
    names = tuple(parties[row.party].name if row.party and row.party in parties else row.addressee for row in rows)
    digests = tuple(read[row.key].digest for row in rows)
    return WaitingKind(title, tuple(rows), names, digests, kind.pieces, kind.values, usual(kind))


def names_words(kind: WaitingKind) -> str:
    """To whom, in a line."""
    return listed(list(dict.fromkeys(kind.names)), most=8)
