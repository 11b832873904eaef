"""What `plan --diff` says, held against what the outbox then is: letter by letter, from the outside."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.app.letters.reading import read_letter
from engine.app.plans.diff import diff
from engine.app.root import App
from engine.cli.views.diff import diff_object
from engine.letter import NOTICES, Recorded
from engine.lifecycle import State

_TO_COME = (State.SCHEDULED, State.AWAITING_APPROVAL, State.CLAIMED)
_GONE = (State.WITHDRAWN, State.MISSED)


class Seen(NamedTuple):
    """A letter of the outbox, and its words where it is still to come."""

    row: Recorded
    words: tuple[str, ...]

    @property
    def rules(self) -> tuple[object, ...]:
        """What of the plan's rules is in the row, but for its time."""
        return self.row.template, self.row.approval, self.row.zone


def look(app: App, workflow: str) -> dict[str, Seen]:
    """The whole outbox of a plan, but for the notices that the engine itself sends to owners."""
    with app.store.read() as tx:
        rows = [row for row in tx.recorded(workflow) if row.template not in NOTICES]
    return {row.key: Seen(row, _words(app, row)) for row in rows}


def _words(app: App, row: Recorded) -> tuple[str, ...]:
    if row.state not in _TO_COME:
        return ()
    read = read_letter(app, row.key)
    return read.subject, read.text, read.to, read.cc


def change_of(before: Seen | None, after: Seen) -> str | None:
    """What became of one letter, in the words of the diff."""
    if before is None:
        return "added"
    if before.row.state != after.row.state:
        if after.row.state in _GONE:
            return after.row.state
        if before.row.state in _GONE:
            return "revived"
    if after.row.state not in _TO_COME:
        return None
    if before.row.due_at != after.row.due_at:
        return "moved"
    rules = before.rules != after.rules or before.row.stale_at != after.row.stale_at
    return "changed" if rules or before.words != after.words else None


def said(app: App, workflow: str) -> dict[str, Any]:
    """The diff as a program gets it."""
    return diff_object(diff(app, workflow))


def assert_done_as_said(said: dict[str, Any], before: dict[str, Seen], after: dict[str, Seen]) -> None:
    """Whether what was done equals what was said, and nothing else happened."""
    found = {key: change for key in after if (change := change_of(before.get(key), after[key]))}
    letters = {letter["key"]: letter for letter in said["letters"]}
    assert {key: letter["change"] for key, letter in letters.items()} == found
    assert before.keys() <= after.keys(), "no row is ever deleted"
    for key, letter in letters.items():
        seen, was = after[key], before.get(key)
        if letter["to"] is not None:
            assert letter["to"] == seen.row.due_at.astimezone(_zone(seen.row)).isoformat(), key
        if was is not None:
            assert letter["from"] == was.row.due_at.astimezone(_zone(was.row)).isoformat(), key
        if was is not None and was.words and seen.words:
            _assert_words(letter, was, seen)
    counts = {name: list(found.values()).count(name) for name in said["counts"]}
    assert said["counts"] == counts
    assert {name: sum(step[name] for step in said["steps"].values()) for name in counts} == counts
    _assert_approvals(said, before, after)


def _zone(row: Recorded) -> Any:
    from engine.definition.dates import zone

    return zone(row.zone)


def _assert_words(letter: dict[str, Any], was: Seen, seen: Seen) -> None:
    names = ("subject", "body", "to", "cc")
    differ = {name for name, old, new in zip(names, was.words, seen.words, strict=True) if old != new}
    assert differ == set(letter["what"]) & set(names), letter["key"]
    if differ:
        assert letter["before"]["subject"] == was.words[0]
        assert letter["after"]["subject"] == seen.words[0]
        assert letter["before"]["body"].split() == was.words[1].split()
        assert letter["after"]["body"].split() == seen.words[1].split()


def _assert_approvals(said: dict[str, Any], before: dict[str, Seen], after: dict[str, Seen]) -> None:
    asked = again = 0
    for key, seen in after.items():
        was = before.get(key)
        waited = was is not None and was.row.state == State.AWAITING_APPROVAL
        asked += seen.row.state == State.AWAITING_APPROVAL and not waited
        approved = was is not None and was.row.approved_digest is not None and was.row.state in _TO_COME
        again += approved and seen.row.approved_digest is None and seen.row.state in _TO_COME
    assert said["approval"] == {"asked_now": asked, "asked_again": again}
