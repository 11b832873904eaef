"""The files of a set of templates: which letters there are, in which languages, and what goes with which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from engine.definition.hints import suggest
from engine.errors import BadInput, Place, Problem
from engine.rendering.source import Source, read_source
from engine.rendering.versions import FALLBACK, Versions, versions

LAYOUTS = ("layout.html", "layout.txt")


class TemplateFiles:
    """Templates by file name. Each is read when it is first asked for, once.

    `folder` is what a name is shown under, and `own` where those are that are elsewhere.
    """

    def __init__(self, texts: Mapping[str, str], folder: str, own: Mapping[str, str] | None = None) -> None:
        self.texts = dict(texts)
        self.folder = folder
        self._own = own or {}
        self._sources: dict[str, Source] = {}

    @cached_property
    def versions(self) -> Versions:
        """The languages of each template."""
        return versions(self.texts)

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The letters, by the name that a workflow gives them: `reminder` for `reminder.md`."""
        return tuple(sorted(n.removesuffix(".md") for n in self.versions if n.endswith(".md") and n[0] != "_"))

    @cached_property
    def styles(self) -> dict[str, str | None]:
        """What a layout may include: what has no words, hence no language (`_style.html`)."""
        return {name: name for name in self.texts if name[0] == "_" and not name.endswith(".md")}

    def source(self, file: str) -> Source:
        """A file taken apart. Raises BadInput with every fault of its front matter, and for a layout that is missing."""
        if file not in self._sources:
            path = self.path(file)
            if file not in self.texts:
                raise BadInput([Problem(Place(path), "this layout is missing.", "It holds “{{ body }}”.")])
            self._sources[file] = read_source(file if file.endswith(".md") else "_", path, self.texts[file])
        return self._sources[file]

    def path(self, file: str) -> str:
        """A file as messages name it."""
        return self._own.get(file, f"{self.folder}/{file}")

    def file(self, name: str, language: str) -> str:
        """A template's file in a language, else the one that all fall back to."""
        return self.versions.get(name, {}).get(language, name)

    def place(self, file: str) -> tuple[str, str]:
        """The template that a file is a version of, and its language."""
        return self._places.get(file, (file, FALLBACK))

    @cached_property
    def _places(self) -> Mapping[str, tuple[str, str]]:
        return {file: (name, code) for name, files in self.versions.items() for code, file in files.items()}

    def partials(self, file: str) -> dict[str, str | None]:
        """What a letter's file may include: each partial, as the file of its language (None: it has none)."""
        _, language = self.place(file)
        return {
            name: files.get(language)
            for name, files in self.versions.items()
            if name[0] == "_" and name.endswith(".md")
        }

    def unfinished(self) -> Iterator[Problem]:
        """Notes that are named and not there, versions of nothing, and languages of letters that have no layout."""
        for name in self.letters:
            source = self._naming_a_note(name)
            if source is not None and source.note not in self.letters:
                hint = suggest(source.note or "", self.letters)
                yield source.problem(1, f"there is no “{source.note}.md” to be the note verbale of this letter.", hint)
        needed: dict[str, str] = {}
        for name, files in self.versions.items():
            for language, file in files.items():
                if FALLBACK not in files:
                    message = f"there is no “{name}”, which those get who read another language than “{language}”."
                    yield Problem(Place(self.path(file)), message, "Write it in English.")
                elif name.endswith(".md") and name[0] != "_" and language != FALLBACK:
                    needed.setdefault(language, file)
        for language, letter in needed.items():
            for layout in LAYOUTS:
                if language not in self.versions.get(layout, ()):
                    path = f"{self.folder}/{layout.replace('.', f'.{language}.')}"
                    message = f"this layout is missing, which “{letter}” and others of its language need."
                    yield Problem(Place(path), message)

    def _naming_a_note(self, name: str) -> Source | None:
        """The source of a letter that names a note; None also for a faulty one, whose own problems are told."""
        try:
            source = self.source(f"{name}.md")
        except BadInput:
            return None
        return source if source.note is not None else None
