"""A letter's Markdown read once, written twice: as HTML, and as plain text of 72 columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.token import Token

from engine.rendering.literal import show, show_html

WIDTH = 72

_BLOCKS = ("blockquote", "code", "fence", "heading", "hr", "list")
_INLINES = ("autolink", "backticks", "emphasis", "entity", "escape", "link", "newline")

# A line that starts with a letter (or a hidden value) behind an empty line ends every list and quote before it.
_APART = re.compile(r"\n[ \t]*\n\s*(?<=\n)(?=[^\W\d_]|[\ue021-\ue07e])")


def _parser() -> MarkdownIt:
    """CommonMark without raw HTML, images and reference links: what a letter needs and nothing that hides."""
    parser = MarkdownIt("zero", {"html": False}).enable([*_BLOCKS, *_INLINES])
    # In a link a hidden value has to be seen as it is, or its private characters would be percent-encoded.
    parser.normalizeLink = lambda url: normalizeLink(show(url))  # type: ignore[method-assign]  # its own way to set it
    return parser


_PARSER = _parser()


class Parts(NamedTuple):
    """One source in its two forms."""

    html: str
    plain: str


def parts(source: str) -> Parts:
    """A Markdown source as an HTML fragment, and as plain text: paragraphs wrapped, lists with hanging indents, quotes
    with “>”, links with their address behind them. A word longer than a line stands on a line of its own."""
    fenced = "```" in source or "~~~" in source
    found = [_read(part) for part in ([source] if fenced else _APART.split(source))]
    return Parts("".join(part.html for part in found), "\n\n".join(part.plain for part in found if part.plain))


@lru_cache(maxsize=4096)
def _read(source: str) -> Parts:
    """Most paragraphs of a plan's letters are the same words again, and to parse them is most of a letter's time."""
    tokens = _PARSER.parse(source)
    html = show_html(str(_PARSER.renderer.render(tokens, _PARSER.options, {})))
    return Parts(html, show("\n".join(_Plain().write(tokens))))


class _Plain:
    """Writes lines under a stack of prefixes: [first line's, every other line's] for each open list item or quote.

    `begun` of them have a line already; `tight` is true after a paragraph of a list without empty lines.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.prefixes: list[list[str]] = []
        self.numbers: list[int | None] = []
        self.tight = False
        self.begun = 0

    def write(self, tokens: Sequence[Token]) -> list[str]:
        for token in tokens:
            self._token(token)
        return self.lines

    def _token(self, token: Token) -> None:
        kind = token.type
        if kind == "inline":
            for number, part in enumerate(_words(token.children or ()).split("\n")):
                self._block(_wrap(part, WIDTH - sum(len(rest) for _, rest in self.prefixes)), gap=not number)
        elif kind == "paragraph_open":
            # A hidden paragraph is that of a tight list: no empty line between its items.
            self.tight = token.hidden and self.tight
        elif kind == "paragraph_close":
            self.tight = token.hidden
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self.numbers.append(int(token.attrs.get("start", 1)) if kind[0] == "o" else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self.numbers.pop()
            self.tight = self.tight and bool(self.numbers)
        elif kind == "list_item_open":
            self._item()
        elif kind == "blockquote_open":
            self.prefixes.append(["> ", "> "])
        elif kind in ("list_item_close", "blockquote_close"):
            self.prefixes.pop()
            self.begun = min(self.begun, len(self.prefixes))
        elif kind in ("fence", "code_block"):
            self._block(f"    {line}" for line in token.content.rstrip("\n").split("\n"))
        elif kind == "hr":
            self._block(["-" * 24])

    def _item(self) -> None:
        number = self.numbers[-1]
        mark = "- " if number is None else f"{number}. "
        self.numbers[-1] = None if number is None else number + 1
        self.prefixes.append([mark, " " * len(mark)])

    def _block(self, lines: Iterator[str] | Sequence[str], *, gap: bool = True) -> None:
        if gap and self.lines and not self.tight:
            self.lines.append("".join(rest for _, rest in self.prefixes[: self.begun]).rstrip())
        for line in lines:
            self.lines.append(("".join(first for first, _ in self.prefixes) + line).rstrip())
            for prefix in self.prefixes:
                prefix[0] = prefix[1]
        self.begun = len(self.prefixes)


def _words(children: Sequence[Token]) -> str:
    """The words of a paragraph; a line break that its author asked for is a newline."""
    out: list[str] = []
    link: tuple[int, str] | None = None
    for child in children:
        if child.type in ("text", "code_inline"):
            out.append(child.content)
        elif child.type == "softbreak":
            out.append(" ")
        elif child.type == "hardbreak":
            out.append("\n")
        elif child.type == "link_open":
            link = (len(out), str(child.attrs["href"]))
        elif child.type == "link_close" and link:
            label = show("".join(out[link[0] :]))
            if link[1].removeprefix("mailto:") != label:
                out.append(f" <{link[1]}>")
            link = None
    return "".join(out)


def _wrap(text: str, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
