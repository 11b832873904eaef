"""Spanish, as the United Nations writes it: “31 de marzo de 2018”, “del Ecuador”, “de las Islas Cook”, “de Cuba”."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from engine.rendering.tongues import states
from engine.rendering.tongues.local import Local

_NUMBERS = (
    "ningún", "un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce",
)  # fmt: skip
_QUARTERS = ("primer", "segundo", "tercer", "cuarto")

_HE = re.compile(
    r"(?:Afganistán|Brasil|Camerún|Canadá|Chad|Congo|Ecuador|Estado (?:de|Plurinacional)|Iraq|Japón|Líbano|Níger"
    r"|Pakistán|Paraguay|Perú|Reino Unido|Senegal|Sudán|Togo|Uruguay|Yemen)\b"
)
_SHE = re.compile(r"(?:Argentina|India|República|ex República|Federación|Santa Sede)\b")
_THEY_HE = re.compile(r"(?:Emiratos|Estados|Países Bajos)\b")
_THEY_SHE = re.compile(r"(?:Bahamas|Comoras|Islas)\b")
"""States that take an article; the others take none."""


class Spanish(Local):
    """Spanish. A name that is no State's stays bare but for “de” and “a”."""

    numbers = _NUMBERS
    openings: ClassVar = {
        "excellency": "Excelencia", "madam": "Señora", "sir": "Señor",
        "colleague": "Estimada colega, estimado colega", "": "Señora, señor",
    }  # fmt: skip

    note: ClassVar = "Nota verbal"
    joined: ClassVar = {
        "letters": "{0} cartas: ", "more": "y {0} más", "brings": "Este mensaje trae {0} cartas:",
        "heading": "{0} de {1}: ",
    }  # fmt: skip

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self._states = frozenset(self.locale.territories.values()) | states.official("es")

    def month(self, on: date) -> str:
        return f"{super().month(on).removesuffix(f' {on.year}')} de {on.year}"

    def quarter(self, on: date) -> str:
        return f"{_QUARTERS[(on.month - 1) // 3]} trimestre de {on.year}"

    def days(self, first: date, last: date) -> str:
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day} a {self.day(last)}"
        if first.year == last.year:
            return f"{self.day(first).removesuffix(f' de {first.year}')} a {self.day(last)}"
        return f"{self.day(first)} a {self.day(last)}"

    def zone(self, name: str) -> str:
        return f"hora de {self.place(name)}"

    def due(self, on: date, title: str) -> str:
        return f"Para el {self.day(on)}: {title}"

    def listed(self, items: Sequence[str], most: int = 12) -> str:
        shown = list(items[:most])
        if len(items) > most:
            return f"{', '.join(shown)} y {len(items) - most} más"
        if len(shown) < 2:
            return "".join(shown)
        # “y” becomes “e” before the sound i, but not before a diphthong: Francia e Italia, agua y hielo.
        word = "e" if re.match(r"(?i)h?[ií](?![aeo])", shown[-1]) else "y"
        return f"{', '.join(shown[:-1])} {word} {shown[-1]}"

    def the(self, name: str) -> str:
        article = self._article(name)
        return f"{article} {name}" if article else name

    def of(self, name: str) -> str:
        return f"del {name}" if self._article(name) == "el" else f"de {self.the(name)}"

    def to(self, name: str) -> str:
        return f"al {name}" if self._article(name) == "el" else f"a {self.the(name)}"

    def _article(self, name: str) -> str:
        if name not in self._states:
            return ""
        known = ((_HE, "el"), (_SHE, "la"), (_THEY_HE, "los"), (_THEY_SHE, "las"))
        return next((article for pattern, article in known if pattern.match(name)), "")
