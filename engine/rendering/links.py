"""The links of a letter: each says one thing of one letter, is signed, and the same whenever the letter is rendered.

No time is in them: a letter that is re-timed stays the same (G5). How long they are good counts from when it was due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from engine.answer import Purpose
from engine.rendering.context import LinksView

GOOD_FOR = timedelta(days=120)
PATH = "/a/"
_SALT = "answer by a link of a letter"
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class LetterLinks:
    """Signs links to `base` (`https://plan.example.org`) with the installation's `secret`."""

    base: str
    secret: str

    def of(self, key: str) -> LinksView:
        """The links of a letter."""
        return LinksView(*(f"{self.base}{PATH}{self.token(key, purpose)}" for purpose in Purpose))

    def token(self, key: str, purpose: Purpose) -> str:
        """What a link ends with."""
        return str(self._serializer().dumps([key, purpose.value]))

    def read(self, token: str) -> tuple[str, Purpose] | None:
        """The letter and the purpose of a link's token; None for one that is not of ours."""
        if len(token) > _LONGEST:
            return None
        try:
            key, purpose = self._serializer().loads(token)
            return str(key), Purpose(purpose)
        except (BadSignature, ValueError, TypeError):
            return None

    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt=_SALT)


def good_until(due_at: datetime) -> datetime:
    """Until when the links of a letter that was due at an instant are good."""
    return due_at + GOOD_FOR
