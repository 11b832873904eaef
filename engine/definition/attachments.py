"""What goes with a letter: files of the plan's folder, and a deadline for the addressee's calendar."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

DEADLINE = "deadline.ics"
"""A file that is made for each letter: the date that its addressee has to keep, for their calendar."""

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = {".pdf": PDF, ".docx": DOCX}
"""The media types of what may be attached, by how its name ends (as `posixpath.splitext` has it, in small letters)."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter: its name there, its media type, its octets."""

    name: str
    type: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """How many octets it has."""
        return len(self.content)

    @property
    def digest(self) -> str:
        """A hash of what is in it, as 64 hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class AttachNames:
    """Which files go with which kind of a step's letters; thanks carry only what is named for them."""

    by_kind: Mapping[str, tuple[str, ...]]
    every_kind: tuple[str, ...]

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """The files for a kind of letter: `at once`, …, `thanks`."""
        return self.by_kind.get(kind, () if kind == "thanks" else self.every_kind)
