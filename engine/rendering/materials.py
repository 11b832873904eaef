"""What letters are made with besides the plan and its facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from engine.definition.attachments import Attachment
from engine.rendering.links import LetterLinks
from engine.rendering.versions import Versions


class Materials(NamedTuple):
    """The languages of the templates, the files that letters carry, the domain in which calendar items have UIDs,
    what signs the links of letters (None: they have none), and which template is a letter's note verbale."""

    versions: Versions
    files: Mapping[str, Attachment]
    domain: str
    links: LetterLinks | None = None
    note_of: Callable[[str], str | None] = lambda template: None
