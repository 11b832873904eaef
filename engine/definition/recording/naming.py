"""Parties as people write them: by id, by name or by another name of the roster's. What is not certain is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import fuzz, process

from engine.definition.hints import Unreadable
from engine.definition.people import Party
from engine.definition.words import either, listed

_NEAR, _MOST = 65, 3
_LOOKED = 200
_BETWEEN = re.compile(r"[^\w]+")


def folded(text: str) -> str:
    """A name without what people write in more than one way: case, accents, punctuation, spaces."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(_BETWEEN.sub(" ", re.sub(r"['’‘`´]", "", plain)).casefold().replace("_", " ").split())


class Finder:
    """Finds the party that a text means. An id as it stands wins; else one party alone must answer to the text."""

    def __init__(self, parties: Mapping[str, Party]) -> None:
        self.parties = parties
        self._called: dict[str, dict[str, None]] = {}
        for party in parties.values():
            for name in (party.id, party.name, *party.aliases):
                self._called.setdefault(folded(name), {})[party.id] = None
        self._names = list(self._called)
        self._looked = 0

    def find(self, text: str) -> str:
        """The id of a party. Raises Unreadable with the nearest names."""
        if text in self.parties:
            return text
        found = list(self._called.get(folded(text), ()))
        if len(found) == 1:
            return found[0]
        shown = " ".join(text.split())
        if found:
            raise Unreadable(f"“{shown}” may be {self._either(found)}", "Write the id.")
        # To look for the nearest takes milliseconds: of ten thousand names of quite another list, a minute.
        self._looked += 1
        near = self._near(folded(text)) if self._looked <= _LOOKED else []
        raise Unreadable(f"there is no party “{shown}”", f"Did you mean {self._either(near)}?" if near else "")

    def knows(self, text: str) -> bool:
        """Whether a text means a party, or could mean several."""
        return text in self.parties or folded(text) in self._called

    def _either(self, ids: Sequence[str]) -> str:
        """`Fiji (FJ), Nauru (NR) or Palau (PW)`."""
        return either([f"{self.parties[each].name} ({each})" for each in ids])

    def _near(self, wanted: str) -> list[str]:
        names = [
            name
            for name, *_ in process.extract(wanted, self._names, scorer=fuzz.ratio, limit=_MOST, score_cutoff=_NEAR)
        ]
        if wanted and len(wanted) > _MOST:  # “Korea” in “Republic of Korea”
            names += [name for name in self._names if f" {wanted} " in f" {name} "]
        return list(dict.fromkeys(party for name in names for party in self._called[name]))[:_MOST]


def names_of(parties: Mapping[str, Party], ids: Iterable[str], *, most: int = 12) -> str:
    """`Fiji, Nauru and 3 more`."""
    return listed([parties[each].name if each in parties else each for each in ids], most=most)
