"""HTML as plain text, in one pass over it: nothing is fetched, run, or kept of it but its words."""

from __future__ import annotations

import re
from html import unescape

_NAME = re.compile(r"(/?)([A-Za-z][A-Za-z0-9]*)")
_LINES = frozenset(
    {"br", "div", "h1", "h2", "h3", "h4", "h5", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul"}
)
_UNSEEN = frozenset({"head", "script", "style", "title"})
_QUOTE = "blockquote"
_MOST_QUOTED = 9


def html_text(html: str) -> str:
    """The words of a page, a line for each block, quotes (blockquote) behind “> ” as in a plain text."""
    text = _read(html, _UNSEEN)
    # Where something unseen never ends, as in a page that was cut off, too much is better than nothing.
    return text if text.strip() else _read(html, frozenset())


def _read(html: str, unseen: frozenset[str]) -> str:
    page, hidden = _Page(), ""
    first, *pieces = html.split("<")
    page.write(first)
    for piece in pieces:
        if hidden == "--":
            _, ended, rest = piece.partition("-->")
            hidden = "" if ended else hidden
            page.write(rest)
            continue
        if piece.startswith("!--"):
            _, ended, rest = piece[1:].partition("-->")
            hidden = hidden or ("" if ended else "--")
            page.write("" if hidden else rest)
            continue
        tag, ended, rest = piece.partition(">")
        match = _NAME.match(tag)
        if not (ended and match) and not tag.startswith(("!", "?", "/")):
            page.write("" if hidden else f"<{piece}")  # “a < b”
            continue
        closing, name = (match[1], match[2].lower()) if match else ("", "")
        if hidden:
            hidden = "" if closing and name == hidden else hidden
        elif name in unseen and not closing:
            hidden = name
        else:
            page.tag(name, bool(closing))
        page.write("" if hidden else rest)
    return page.text()


class _Page:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quoted = 0

    def write(self, text: str) -> None:
        """Add words, with white space as a browser would show it."""
        if text:
            words = " ".join(unescape(text).split())
            before = " " if text[0].isspace() else ""
            after = " " if text[-1].isspace() and words else ""
            self._line.append(f"{before}{words}{after}")

    def tag(self, name: str, closing: bool) -> None:
        """Begin a line where this does; go into a quote, or out of it."""
        if name == _QUOTE:
            self._end_line()
            self._quoted = max(self._quoted - 1, 0) if closing else self._quoted + 1
        elif name in _LINES:
            self._end_line(always=name == "br")
            if name == "p" and closing:
                self._end_line(always=True)
        elif name in ("td", "th"):
            self._line.append(" ")

    def text(self) -> str:
        """All lines."""
        self._end_line()
        return "\n".join(self._lines)

    def _end_line(self, always: bool = False) -> None:
        words = " ".join("".join(self._line).split())
        self._line = []
        if words or (always and self._lines and self._lines[-1].strip("> ")):
            self._lines.append("> " * min(self._quoted, _MOST_QUOTED) + words)
