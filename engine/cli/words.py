"""Words that several commands share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from engine.definition.words import counted, listed
from engine.lifecycle import State
from engine.planning.changes import DONE, Action


def changes_words(changes: Mapping[Action, int]) -> str:
    """`3 letters withdrawn and 1 planned`; empty where nothing changed."""
    parts = [(changes[action], word) for action, word in DONE.items() if changes.get(action)]
    return listed([f"{number} {_letters(number) if at == 0 else ''}{word}" for at, (number, word) in enumerate(parts)])


def _letters(number: int) -> str:
    return "letter " if number == 1 else "letters "


def state_words(state: str) -> str:
    """`awaiting approval`."""
    return state.replace("_", " ")


def counts(states: Iterable[str]) -> str:
    """`368 letters: 36 scheduled and 332 tentative`."""
    counter = Counter(states)
    parts = [f"{counter[state]} {state_words(state)}" for state in State if counter[state]]
    return f"{counted(counter.total(), 'letter')}: {listed(parts)}"


STYLES = {
    "awaiting_approval": "yellow",
    "sent": "green",
    "failed": "red",
    "missed": "red",
    "withdrawn": "dim",
    "tentative": "dim",
    "absorbed": "dim",
}
"""How a state looks on a terminal."""
