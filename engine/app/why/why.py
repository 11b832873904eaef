"""`why`: why a letter went or did not, and what comes next for a party, in sentences from the journal and the plan."""

from __future__ import annotations

from typing import Any

from engine.app.root import App
from engine.app.why.address import why_address
from engine.app.why.letter import why_letter
from engine.app.why.party import why_party
from engine.errors import Refused


def why(
    app: App, what: str, *, step: str | None = None, on: str | None = None, in_words: bool = False
) -> dict[str, Any]:
    """Answer for a letter's key, or for a party or an address in each workflow that has it.

    Of a party `step` names one step and `on` one day; of an address `step` names one step. The plan's own names are in
    it, as commands take them; `in_words` says what they stand for. Raises NotFound and Refused.
    """
    if "/" in what:
        if step or on:
            raise Refused("a key is one letter: --step and --on go with a party")
        return why_letter(app, what, in_words)
    if "@" in what:
        if on:
            raise Refused("--on goes with a party")
        return why_address(app, what, step)
    return why_party(app, what, step, on, in_words)
