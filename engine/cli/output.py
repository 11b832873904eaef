"""What is printed: plain UTF-8 text in a pipe, Rich's colours on a terminal, JSON for programs."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

PAPER = 100
"""The width where there is no terminal."""
_NARROW, _WIDE = 60, 160
_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}

Span = str | tuple[str, str]
"""A piece of a line: text, or text with a style of Rich's."""


def width() -> int:
    """How wide a line may be."""
    if not sys.stdout.isatty():
        return PAPER
    return max(_NARROW, min(_WIDE, shutil.get_terminal_size((PAPER, 24)).columns))


@cache
def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def say(*spans: Span) -> None:
    """Print one line, never wrapped; styled on a terminal (NO_COLOR is respected)."""
    pieces = [(span, "") if isinstance(span, str) else span for span in spans]
    cleaned = [(text.translate(_CONTROLS), style) for text, style in pieces]
    if sys.stdout.isatty() and any(style for _, style in cleaned):
        from rich.text import Text

        _console().print(Text.assemble(*cleaned), soft_wrap=True)
    else:
        print("".join(text for text, _ in cleaned).rstrip())


def complain(text: str) -> None:
    """Print on stderr, unwrapped."""
    print(text.translate(_CONTROLS), file=sys.stderr)


def say_wrapped(text: str, *, first: str = "", rest: str | None = None) -> None:
    """Print a sentence within the width, its first line after `first` and the others after `rest`; `62 %` stays whole."""
    indent = " " * len(first) if rest is None else rest
    kept = text.replace(" %", "\u00a0%")
    for line in wrap(kept, width(), initial_indent=first, subsequent_indent=indent, **_WRAP) or [first]:
        say(line.replace("\u00a0%", " %"))


def say_heading(text: str, *, line: str = "-") -> None:
    """Print a heading, underlined as in plain text."""
    say((text, "bold"))
    say((line * len(text), "dim"))


def say_rows(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print a JSON array, an object on each line."""
    lines = ",\n ".join(json.dumps(row, ensure_ascii=False) for row in rows)
    print(f"[{lines}]")


def say_object(value: Mapping[str, Any]) -> None:
    """Print a JSON object."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


_WRAP: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


def columns(cells: Sequence[str], widths: Sequence[int], styles: Sequence[str]) -> list[list[Span]]:
    """The lines of one row of a table: each cell wrapped within its width (a line break in it stays)."""
    wrapped = [
        [line for part in cell.split("\n") for line in wrap(part, size, **(_WRAP | {"break_long_words": True})) or [""]]
        for cell, size in zip(cells, widths, strict=True)
    ]
    last = len(widths) - 1
    lines: list[list[Span]] = []
    for at in range(max(map(len, wrapped))):
        line = [cell[at] if at < len(cell) else "" for cell in wrapped]
        lines.append(
            [
                (text if place == last else f"{text:<{widths[place]}}  ", styles[place])
                for place, text in enumerate(line)
            ]
        )
    return lines
