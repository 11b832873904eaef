"""What letters are made with besides the plan and its facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.definition.attachments import Attachment
from engine.rendering.versions import Versions


class Materials(NamedTuple):
    """The languages of the templates, the files that letters carry, and the domain in which calendar items have UIDs."""

    versions: Versions
    files: Mapping[str, Attachment]
    domain: str
