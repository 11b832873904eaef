"""The texts that people wrote, and the faults found in them, each with its place."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.definition.attachments import Attachment
from engine.definition.hints import suggest
from engine.definition.workflow import Plannable
from engine.errors import BadInput, Place, Problem

_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_WIDEST = 400
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's text. `path` is for display, and what the file names is relative to it."""

    path: str
    text: str

    def beside(self, name: str) -> str:
        """The display path of a file that this one names."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), name))

    def place(self, index: int) -> Place:
        """Line and column of a character, given by its index in the text."""
        before = self.text[:index]
        line, start = 1, 0
        for line_break in _BREAK.finditer(before):
            line, start = line + 1, line_break.end()
        return Place(self.path, line, index - start + 1)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the loader made of a workflow file and the files it names.

    `problems` are warnings only. `files` holds the texts of the named files under the names that the workflow gives
    them, `attached` what is attached to letters, and `used_environment` the values taken from the environment: with
    `source` they load the same again anywhere.
    """

    plannable: Plannable
    source: SourceFile
    files: Mapping[str, str] = field(default_factory=dict)
    used_environment: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    attached: Mapping[str, Attachment] = field(default_factory=dict)


class Faults:
    """Collects every fault of several files, so that a person sees them all at once."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}
        self._problems: dict[Problem, None] = {}

    def watch(self, source: SourceFile, lines: list[str] | None = None) -> None:
        """Know a file's lines, to show them with its faults; by default they end where YAML's do."""
        self._lines[source.path] = _BREAK.split(source.text) if lines is None else lines

    def add(self, place: Place, message: str, hint: str = "", *, warning: bool = False) -> None:
        """Note a fault (or a warning) at a place."""
        lines = self._lines.get(place.file, [])
        text = lines[place.line - 1] if place.line <= len(lines) else ""
        # A file may hold anything: what reaches a terminal is printable, and not a megabyte long.
        shown = printable(text[:_WIDEST]) if place.column <= _WIDEST else ""
        if hint and not message.endswith((".", "?")):
            message += "."
        problem = Problem(place, printable(message)[:_LONGEST], printable(hint)[:_LONGEST], shown, warning)
        self._problems[problem] = None

    def expect(self, word: str, known: Collection[str], place: Place, wrong: str) -> None:
        """Note what is wrong where a word is none of those that are known, with the nearest; no word: nothing was read."""
        if word and word not in known:
            self.add(place, wrong, suggest(word, known))

    def catch(self, place: Place, error: ValueError) -> None:
        """Note a reader's complaint at the place of what it read."""
        self.add(place, str(error), getattr(error, "hint", ""))

    @property
    def errors(self) -> list[Problem]:
        """What keeps the files from being used."""
        return sorted(problem for problem in self._problems if not problem.warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What a person should look at, and which stops nothing."""
        return tuple(sorted(problem for problem in self._problems if problem.warning))

    def stop(self) -> None:
        """Raise BadInput with all errors, if there are any."""
        if self.errors:
            raise BadInput(self.errors)


def printable(text: str) -> str:
    """The text with each character that a terminal would act on replaced."""
    return "".join(
        char if char.isprintable() else " " if char.isspace() else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def decode(path: str, data: bytes) -> SourceFile:
    """A file's bytes as text. Raises BadInput with the place of the first byte that is not UTF-8."""
    try:
        return SourceFile(path, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        faults = Faults()
        note_undecodable(faults, path, error)
        raise BadInput(faults.errors) from None


def note_undecodable(
    faults: Faults, path: str, error: UnicodeDecodeError, hint: str = "Save the file in the encoding UTF-8."
) -> None:
    """Note where in a file the first byte is that is not UTF-8."""
    before = SourceFile(path, error.object[: error.start].decode("utf-8", errors="replace"))
    faults.watch(before)
    faults.add(
        before.place(len(before.text)),
        f"the byte 0x{error.object[error.start]:02x} is not UTF-8",
        hint,
    )
