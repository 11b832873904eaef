"""What `check` says of languages: letters that have no version in the one that somebody reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.app.plans.foresight import warn
from engine.definition.words import listed
from engine.definition.workflow import Workflow
from engine.errors import Place, Problem
from engine.letter import Letter
from engine.rendering.versions import FALLBACK, Versions, chain, choose


class Languages:
    """Finds letters to a party that are not there in the language that their addressee would read first."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._lacking: dict[str, dict[str, None]] = {}
        self._readers: dict[str, set[str]] = {}

    def add(self, letter: Letter, wanted: Sequence[str]) -> None:
        """Take in a letter, and the languages that its addressee would have it in, the best first."""
        first, *_ = wanted
        offered = self._versions.get(f"{letter.template}.md", ())
        english = first.split("-")[0] == FALLBACK
        if letter.party is None or english or choose(offered, chain(first)) != FALLBACK:
            return
        self._lacking.setdefault(first, {})[letter.template] = None
        self._readers.setdefault(first, set()).add(letter.addressee)

    def problems(self, workflow: Workflow) -> Iterator[Problem]:
        """One warning for each language."""
        for language, templates in self._lacking.items():
            number = len(self._readers[language])
            readers, verb = ("1 contact", "reads") if number == 1 else (f"{number} contacts", "read")
            yield warn(
                Place(workflow.contacts_file),
                f"{readers} {verb} “{language}”, in which these letters have no version: {listed(list(templates))}",
            )
