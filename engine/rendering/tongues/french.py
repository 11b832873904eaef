"""French, as the United Nations writes it: “le 1er mars 2018”, “du Tchad”, “des Îles Cook”, “d’Haïti”."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from engine.rendering.tongues import states
from engine.rendering.tongues.local import Local

_NUMBERS = (
    "aucun", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze",
)  # fmt: skip
_QUARTERS = ("premier", "deuxième", "troisième", "quatrième")

_BARE = re.compile(
    r"Andorre|Antigua|Bahreïn|Cabo Verde|Chypre|Cuba|Djibouti|El Salvador|Haïti|Israël|Kiribati|Madagascar|Malte"
    r"|Maurice|Monaco|Nauru|Nioué|Oman|Singapour|Sri Lanka|Sao Tomé|Sainte-|Saint-(?!Siège)"
)
"""States that take no article."""
_MANY = re.compile(
    r"Bahamas|Comores|Émirats|États(?: fédérés|-Unis)|Fidji|Îles|Maldives|Palaos|Pays-Bas|Philippines|Seychelles"
    r"|Tonga|Tuvalu"
)
_SHE = re.compile(r"Fédération|Sierra|Trinité")
_HE = re.compile(r"Belize|Cambodge|Mexique|Mozambique|Royaume|Suriname|Zimbabwe")
"""States whose ending says otherwise than their gender."""
_VOWEL = re.compile(r"[AEIOUÀÂÄÉÈÊËÎÏÔÖÙÛÜaeiouéè]")


class French(Local):
    """French. A name that is no State's stays bare but for “de” and “à”."""

    numbers = _NUMBERS
    openings: ClassVar = {
        "excellency": "Excellence", "madam": "Madame", "sir": "Monsieur",
        "colleague": "Chère collègue, cher collègue", "": "Madame, Monsieur",
    }  # fmt: skip

    joined: ClassVar = {
        "letters": "{0} lettres\u00a0: ", "more": "et {0} de plus", "brings": "Ce message apporte {0} lettres\u00a0:",
        "heading": "{0} sur {1}\u00a0: ",
    }  # fmt: skip

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self._states = frozenset(self.locale.territories.values()) | states.official("fr")

    def day(self, on: date) -> str:
        return f"{_first(on.day)} {self.month(on)}"

    def quarter(self, on: date) -> str:
        return f"{_QUARTERS[(on.month - 1) // 3]} trimestre {on.year}"

    def days(self, first: date, last: date) -> str:
        if (first.year, first.month) == (last.year, last.month):
            return f"{_first(first.day)}-{self.day(last)}"
        if first.year == last.year:
            return f"{self.day(first).removesuffix(f' {first.year}')} – {self.day(last)}"
        return super().days(first, last)

    def zone(self, name: str) -> str:
        return f"heure {_de(self.place(name))}"

    def due(self, on: date, title: str) -> str:
        return f"Pour le {self.day(on)}\u00a0: {title}"

    def listed(self, items: Sequence[str], most: int = 12) -> str:
        if len(items) <= most:
            return super().listed(items, most)
        rest = len(items) - most
        return f"{', '.join(items[:most])} et {rest} {'autre' if rest == 1 else 'autres'}"

    def the(self, name: str) -> str:
        article = self._article(name)
        return f"{article}{'' if article.endswith('’') else ' '}{name}" if article else name

    def of(self, name: str) -> str:
        match self._article(name):
            case "le":
                return f"du {name}"
            case "les":
                return f"des {name}"
            case "":
                return _de(name)
        return f"de {self.the(name)}"

    def to(self, name: str) -> str:
        match self._article(name):
            case "le":
                return f"au {name}"
            case "les":
                return f"aux {name}"
        return f"à {self.the(name)}"

    def _article(self, name: str) -> str:
        """Le, la, l’ or les; nothing where the name takes none, or is not a State's."""
        if name not in self._states or _BARE.match(name):
            return ""
        if _MANY.match(name):
            return "les"
        if _VOWEL.match(name):
            return "l’"
        head = re.split(r"[ -]", name)[0]
        she = _SHE.match(name) or (head.endswith("e") and not _HE.match(name))
        return "la" if she else "le"


def _first(day: int) -> str:
    return "1er" if day == 1 else str(day)


def _de(name: str) -> str:
    """Before a name without an article; the h of Haïti is not heard."""
    return f"d’{name}" if _VOWEL.match(name) or name.startswith("Haïti") else f"de {name}"
