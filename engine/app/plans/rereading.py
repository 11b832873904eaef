"""Letters still to come, read twice: as the revision that runs has them, and as the files would."""

from __future__ import annotations

from dataclasses import dataclass

from engine.app.plans.ahead import Ahead
from engine.dispatcher.package import read_package
from engine.dispatcher.parts import people
from engine.dispatcher.standing import Standing
from engine.errors import FollowthroughError
from engine.letter import NOTICES, Letter, Recorded
from engine.lifecycle import State
from engine.planning.planner import Planned
from engine.rendering.compose import Composer
from engine.rendering.context import LetterContext, Rendered
from engine.store import Transaction

_TO_COME = frozenset({State.SCHEDULED, State.AWAITING_APPROVAL, State.CLAIMED})


@dataclass(frozen=True, slots=True)
class Reads:
    """A letter in words, or the `problem` for which it cannot be put into any."""

    subject: str = ""
    body: str = ""
    to: str = ""
    cc: str = ""
    attached: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reread:
    """A letter that would read otherwise: `what` of it, from what to what, and whether its approval would not hold."""

    letter: Letter
    what: tuple[str, ...]
    before: Reads
    after: Reads
    asks_again: bool


def rereadings(tx: Transaction, standing: Standing, ahead: Ahead) -> dict[str, Reread]:
    """Each letter to come, under a revision and under the next, that would read otherwise; by key."""
    rows = {row.key: row for row in ahead.decided.rows if row.state in _TO_COME and row.template not in NOTICES}
    standing.read_letters(tx, None)
    reader = _Reader(tx, standing, ahead)
    found = {}
    for place in dict.fromkeys(row.party for row in rows.values()):
        was = standing.planner.plan_of(place)
        old = {letter.key: letter for letter in was.letters}
        will = ahead.decided.plans.get(place, Planned([], []))
        for letter in will.letters:
            row = rows.get(letter.key)
            if row is not None and letter.state == State.SCHEDULED and letter.key in old:
                reread = reader.read(row, old[letter.key], was, letter, will)
                if reread is not None:
                    found[letter.key] = reread
    return found


class _Reader:
    """Reads with the eyes of both; where both would see the same words and values, it does not put them into words."""

    def __init__(self, tx: Transaction, standing: Standing, ahead: Ahead) -> None:
        self.tx = tx
        self.standing = standing
        self.composer = Composer(ahead.planner, ahead.opened.materials(standing.domain, standing.links))
        self.renderer = ahead.opened.renderer
        self.same_templates = read_package(standing.revision.content).templates == ahead.package.templates

    def read(self, row: Recorded, old: Letter, was: Planned, new: Letter, will: Planned) -> Reread | None:
        """What differs between the two; None: nothing."""
        if old.due_at is None:
            return None
        try:
            after_context = self.composer.context(new, will.letters, self.standing.number_of(self.tx, new))
            if self.same_templates and self._context(old, was) == after_context:
                return None
            after = self.renderer.render(after_context, self.tx.wording(row))
        except FollowthroughError as error:
            after, problem = None, str(error)
        else:
            problem = ""
        before = self._render(row, old, was)
        if (before.digest if before else None) == (after.digest if after else None):
            return None
        asks_again = row.approved_digest is not None and (after is None or after.digest != row.approved_digest)
        then, now = _reads(before, ""), _reads(after, problem)
        return Reread(new, _what(then, now), then, now, asks_again)

    def _context(self, letter: Letter, plan: Planned) -> LetterContext | None:
        try:
            return self.standing.context(letter, plan, self.standing.number_of(self.tx, letter))
        except FollowthroughError:
            return None

    def _render(self, row: Recorded, letter: Letter, plan: Planned) -> Rendered | None:
        try:
            return self.standing.read(self.tx, letter, plan, row)
        except FollowthroughError:
            return None


def _reads(rendered: Rendered | None, problem: str) -> Reads:
    if rendered is None:
        return Reads(problem=problem)
    files = ", ".join(f"{file.name} ({file.digest[:8]})" for file in rendered.attachments)
    return Reads(rendered.subject, rendered.text, people(rendered.to), people(rendered.cc), files)


def _what(before: Reads, after: Reads) -> tuple[str, ...]:
    names = ("subject", "body", "to", "cc", "attached")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name)) or ("layout",)
