"""What a letter says differently in each language: days, lists, names of States, the words before a name."""

from __future__ import annotations

from functools import lru_cache

from engine.rendering.tongues.english import English
from engine.rendering.tongues.tongue import Tongue
from engine.rendering.versions import FALLBACK

__all__ = ["Tongue", "speaking"]


@lru_cache(maxsize=64)
def speaking(language: str) -> Tongue:
    """The tongue of a language (`fr`, `pt-BR`): a language that nobody has written yet has Babel's days and lists."""
    if language.split("-")[0] == FALLBACK:
        return English(language)
    # Babel's names would cost each command that renders nothing, or English only, a tenth of its time.
    from engine.rendering.tongues.french import French
    from engine.rendering.tongues.local import Local
    from engine.rendering.tongues.spanish import Spanish

    known: dict[str, type[Tongue]] = {"fr": French, "es": Spanish}
    return known.get(language.split("-")[0], Local)(language)
