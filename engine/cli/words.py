"""Words that several commands share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from engine.definition.words import counted, listed
from engine.lifecycle import State


def origin_words(found: Mapping[str, Any]) -> str:
    """What a status or a forecast was made from."""
    return f"revision {found['revision']} as applied" if found["applied"] else "its file, which is not applied"


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
