"""A revision's content: the texts a plan is made of, kept whole, with a fingerprint."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

from engine.definition import loader
from engine.definition.syntax.sources import Loaded, SourceFile
from engine.rendering.materials import Materials
from engine.rendering.versions import Versions, versions

if TYPE_CHECKING:
    from engine.rendering.letters import Renderer
    from engine.rendering.links import LetterLinks
    from engine.rendering.templates import TemplateSet

_DATA = ("holidays", "tzdata", "babel")
"""Packages whose data decide what a plan comes to."""


@dataclass(frozen=True, slots=True)
class Package:
    """All texts and files of a plan, what it took from the environment, and the versions of the data it was made with."""

    path: str
    workflow: str
    files: Mapping[str, str]
    templates: Mapping[str, str]
    environment: Mapping[str, str]
    versions: Mapping[str, str] = field(default_factory=lambda: {name: version(name) for name in _DATA})
    attached: Mapping[str, str] = field(default_factory=dict)
    """What letters carry, in base64."""

    @property
    def fingerprint(self) -> str:
        """A hash of all of it but the path, as 64 hexadecimal digits (guarantee G7)."""
        content = asdict(self) | {"path": ""}
        if not self.attached:
            del content["attached"]  # a plan without any is the same plan as before there were any
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def dump(self) -> str:
        """The package as JSON text."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)


def read_package(text: str) -> Package:
    """Read what `dump` wrote."""
    return Package(**json.loads(text))


class Opened:
    """A package ready to plan and, when that is asked for, to render."""

    def __init__(
        self, loaded: Loaded, sources: Mapping[str, str], beside: str = "", own: frozenset[str] = frozenset()
    ) -> None:
        """Of a plan read from files, `beside` is the folder for templates of its own, as messages name it, and `own` are
        the files that stand there."""
        self.loaded = loaded
        self.beside = beside
        self._sources = sources
        self._own = {name: f"{beside}/{name}" for name in own}

    @cached_property
    def versions(self) -> Versions:
        """In which languages the letters' templates are."""
        return versions(self._sources)

    def materials(self, domain: str, links: LetterLinks | None = None) -> Materials:
        """What letters are made with besides the plan. `domain` tells this installation's calendar items apart, `links`
        sign those of letters."""
        return Materials(self.versions, self.loaded.attached, domain, links, lambda name: self.templates.note_of(name))

    # Loaded here, since Jinja and Markdown would cost a command that renders nothing a fifth of its time.

    @cached_property
    def templates(self) -> TemplateSet:
        """The letters' templates."""
        from engine.rendering.templates import TemplateSet

        attributes = self.loaded.plannable.workflow.attributes.values()
        return TemplateSet(self._sources, own=self._own, columns={each.name: each.type for each in attributes})

    @cached_property
    def renderer(self) -> Renderer:
        """What puts a letter into words."""
        from engine.rendering.letters import Renderer

        return Renderer(self.templates)


def open_package(package: Package) -> Opened:
    """Load a package's plan and templates. Raises BadInput when it does not load (any more)."""

    def read(name: str) -> str:
        if name not in package.files:
            raise FileNotFoundError(name)
        return package.files[name]

    def read_bytes(name: str) -> bytes:
        if name not in package.attached:
            raise FileNotFoundError(name)
        return b64decode(package.attached[name])

    loaded = loader.load(SourceFile(package.path, package.workflow), read, package.environment, read_bytes)
    return Opened(loaded, package.templates)


def package_of(loaded: Loaded, templates: Mapping[str, str]) -> Package:
    """The package of a plan as it was loaded from files."""
    return Package(
        loaded.source.path, loaded.source.text, dict(loaded.files), dict(templates), dict(loaded.used_environment),
        attached={name: b64encode(file.content).decode() for name, file in loaded.attached.items()},
    )  # fmt: skip
