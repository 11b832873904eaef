"""`plan --diff`: what applying the files would change, letter by letter, also in the words of those still to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from engine.app.plans.ahead import Ahead, is_applied, look_ahead
from engine.app.plans.apply import must_be_whole
from engine.app.plans.rereading import Reads, Reread, rereadings
from engine.app.root import App
from engine.dispatcher.notices.succession import Succession, successions
from engine.dispatcher.replan import asking_time
from engine.letter import Letter, Recorded
from engine.lifecycle import State
from engine.planning.changes import Action, Change


class ChangeKind(StrEnum):
    """What becomes of a letter."""

    ADDED = "added"
    REVIVED = "revived"
    MOVED = "moved"
    CHANGED = "changed"
    """It leaves when it did, but reads otherwise, or other rules hold for it."""
    WITHDRAWN = "withdrawn"
    MISSED = "missed"


_KINDS = {
    Action.INSERT: ChangeKind.ADDED,
    Action.REVIVE: ChangeKind.REVIVED,
    Action.WITHDRAW: ChangeKind.WITHDRAWN,
    Action.MISS: ChangeKind.MISSED,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What becomes of one letter. `what` names the rest that changes: its words, people, template or rules.

    `row` is the letter as the outbox has it (None: it is new), `letter` as it would be (None: it would be gone);
    `before` and `after` are its words, where those differ; `asks_again`: its approval would not hold any more.
    """

    kind: ChangeKind
    key: str
    reason: str
    row: Recorded | None
    letter: Letter | None
    what: tuple[str, ...] = ()
    before: Reads | None = None
    after: Reads | None = None
    asks_again: bool = False

    @property
    def place(self) -> Letter | Recorded:
        """Whichever there is: both say which step, party and addressee it is."""
        found = self.letter or self.row
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Diff:
    """All that applying would change; `asked_now` of the letters would be put up for approval at once.

    `unchanged`: the files are those of the revision that runs.
    """

    ahead: Ahead
    limit: int
    unchanged: bool
    differences: list[Difference] = field(default_factory=list)
    asked_now: int = 0
    passing: tuple[Succession, ...] = ()
    """The roles that another person would have, who would be told how things stand."""

    @property
    def counts(self) -> Counter[ChangeKind]:
        """How many letters of each kind."""
        return Counter(difference.kind for difference in self.differences)

    @property
    def steps(self) -> dict[str, Counter[ChangeKind]]:
        """The same by step, in the order of the plan; steps that are gone come last."""
        found: dict[str, Counter[ChangeKind]] = {name: Counter() for name in self.ahead.planner.workflow.steps}
        for difference in self.differences:
            found.setdefault(difference.place.step, Counter())[difference.kind] += 1
        return {name: counts for name, counts in found.items() if counts}

    @property
    def asks(self) -> bool:
        """Whether `apply` would ask first."""
        return not self.unchanged and self.ahead.over(self.limit)


def diff(app: App, workflow: str) -> Diff:
    """What applying a WORKFLOW's files would change now. Raises what `apply` would, but for TooMany."""
    package, opened = app.catalog.open(workflow)
    must_be_whole(opened, app.clock.now())
    now, limit = app.clock.now(), app.settings.daily_limit
    if not app.has_store:
        return _diff(look_ahead(None, package, opened, now), limit, {})
    with app.store.read() as tx:
        ahead = look_ahead(tx, package, opened, now)
        if is_applied(ahead.before, package):
            return Diff(ahead, limit, unchanged=True)
        if not ahead.before:
            return _diff(ahead, limit, {})
        standing = app.standings.get(tx, ahead.name, now)
        passing = tuple(successions(standing.workflow, ahead.planner.workflow))
        return replace(_diff(ahead, limit, rereadings(tx, standing, ahead)), passing=passing)


def _diff(ahead: Ahead, limit: int, reread: Mapping[str, Reread]) -> Diff:
    found = sorted(_differences(ahead, reread), key=lambda each: (each.place.due_at or ahead.now, each.key))
    return Diff(ahead, limit, False, found, sum(_asked_now(ahead, found)))


def _differences(ahead: Ahead, reread: Mapping[str, Reread]) -> Iterator[Difference]:
    rows = {row.key: row for row in ahead.decided.rows}
    changed = {change.key for change in ahead.decided.changes}
    for change in ahead.decided.changes:
        yield _of_change(change, rows.get(change.key), reread.get(change.key))
    for key, words in reread.items():
        if key not in changed:
            yield Difference(
                ChangeKind.CHANGED, key, rows[key].reason, rows[key], words.letter, words.what, words.before, words.after,
                words.asks_again,
            )  # fmt: skip


def _of_change(change: Change, row: Recorded | None, words: Reread | None) -> Difference:
    letter = change.letter
    if change.action not in (Action.RETIME, Action.READDRESS) or letter is None or row is None:
        return Difference(_KINDS[change.action], change.key, change.reason, row, letter)
    kind = ChangeKind.MOVED if letter.due_at != row.due_at else ChangeKind.CHANGED
    rules = (
        ("template", letter.template != row.template),
        ("approval", letter.approval != row.approval),
        ("zone", letter.zone != row.zone),
        ("stale_after", kind is ChangeKind.CHANGED and letter.stale_at != row.stale_at),
    )
    what = tuple(name for name, differs in rules if differs)
    if words is None:
        return Difference(kind, change.key, change.reason, row, letter, what)
    what = (*words.what, *what)
    return Difference(
        kind, change.key, change.reason, row, letter, what, words.before, words.after, words.asks_again
    )  # fmt: skip


def _asked_now(ahead: Ahead, found: list[Difference]) -> Iterator[bool]:
    """Whether approval of each would be asked for at once."""
    ask_at = asking_time(ahead.planner.workflow, ahead.planner.world.resolver)
    for difference in found:
        row, letter = difference.row, difference.letter
        open_ = row is None or (row.state != State.AWAITING_APPROVAL and row.approved_digest is None)
        asked = ask_at(letter) if letter and (open_ or difference.asks_again) else None
        yield asked is not None and asked <= ahead.now
