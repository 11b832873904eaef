"""The one hierarchy of errors. A docstring here is the message where none is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class FollowthroughError(Exception):
    """followthrough could not do this."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__)


class Refused(FollowthroughError):
    """What was asked is understood, and is not done: the message says why and what to do instead."""


class NotFound(Refused):
    """There is nothing of that name."""


class StoreError(FollowthroughError):
    """The database could not be read or written."""


class RenderError(FollowthroughError):
    """A letter could not be rendered."""


class SettingsError(FollowthroughError):
    """A setting is wrong."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a file something was written; line and column count from 1. `cell` names it in a spreadsheet: `Sheet1:B7`."""

    file: str
    line: int = 1
    column: int = 1
    cell: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.cell or f'{self.line}:{self.column}'}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in a file that a person wrote: `hint` says how to mend it, `text` is the line itself."""

    place: Place
    message: str
    hint: str = ""
    text: str = ""
    warning: bool = False

    def __str__(self) -> str:
        level = "warning: " if self.warning else ""
        head = f"{self.place}: {level}{self.message} {self.hint}".rstrip()
        if not self.text.strip():
            return head
        shown = self.text.rstrip("\n").replace("\t", " ")
        return f"{head}\n    {shown}\n    {' ' * (self.place.column - 1)}^"


class BadInput(Refused):
    """A file that a person wrote has faults; `problems` lists them all."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def display_path(path: Path) -> str:
    """The path as a person would type it: relative to the working directory where below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)
