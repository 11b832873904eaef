"""A letter's Markdown read once, written twice: as HTML, and as plain text of 72 columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.token import Token

from engine.rendering.literal import MARK, MARKS, filled, filled_text, show, show_html

WIDTH = 72

_BLOCKS = ("blockquote", "code", "fence", "heading", "hr", "list")
_INLINES = ("autolink", "backticks", "emphasis", "entity", "escape", "link", "newline")

# A line that starts with a letter (or a value) behind an empty line ends every list and quote before it.
_APART = re.compile(rf"\n[ \t]*\n\s*(?<=\n)(?=[^\W\d_]|[\ue021-\ue07e{MARKS}])")

_STRUCTURED = re.compile(r"^(?:[ \t>#]|[-*+] |\d{1,9}[.)])|(?:  |\\)$", re.MULTILINE)


def _parser() -> MarkdownIt:
    """CommonMark without raw HTML, images and reference links: what a letter needs and nothing that hides."""
    parser = MarkdownIt("zero", {"html": False}).enable([*_BLOCKS, *_INLINES])
    # In a link a hidden value has to be seen as it is, or its private characters would be percent-encoded.
    parser.normalizeLink = lambda url: normalizeLink(show(url))  # type: ignore[method-assign]  # its own way to set it
    return parser


_PARSER = _parser()


class Parts(NamedTuple):
    """One source in its two forms. The values' marks are still in `html`, and no more in `plain`."""

    html: str
    plain: str


class _Block(NamedTuple):
    """Some lines of plain text: what stands before the first and before the others, and the width they are wrapped to
    (None: as they are)."""

    lead: str
    rest: str
    text: str
    width: int | None = None


class _Read(NamedTuple):
    """A part of a source, read. Its values are still to come."""

    html: str
    blocks: tuple[_Block, ...]


def parts(source: str, values: Sequence[str] = ()) -> Parts:
    """A Markdown source as an HTML fragment, and as plain text: paragraphs wrapped, lists with hanging indents, quotes
    with “>”, links with their address behind them. A word longer than a line stands on a line of its own.

    `values` are those whose marks stand in the source.
    """
    fenced = "```" in source or "~~~" in source
    html, plain = [], []
    for part in [source] if fenced else _APART.split(source):
        read = _read(part) or _read(filled(part, values))
        assert read is not None
        html.append(read.html)
        if words := _plain(read.blocks, values):
            plain.append(words)
    return Parts("".join(html), "\n\n".join(plain))


def unwrapped(source: str) -> str:
    """A source with each paragraph on one line, as a person edits it: where its lines break says nothing.

    What has lists, quotes, code or line breaks of its own stays as it is.
    """
    if "```" in source or "~~~" in source:
        return source
    return "\n\n".join(
        block if _STRUCTURED.search(block) else " ".join(block.split("\n"))
        for block in re.split(r"\n{2,}", source.strip("\n"))
    )


@lru_cache(maxsize=4096)
def _read(source: str) -> _Read | None:
    """Most paragraphs of a plan's letters are the same but for their values, and to parse them takes the most time.

    None where a value may stand in a link: that has to be seen whole.
    """
    tokens = _PARSER.parse(source)
    if MARK.search(source) and any(_has_link(token) and MARK.search(token.content) for token in tokens):
        return None
    html = show_html(str(_PARSER.renderer.render(tokens, _PARSER.options, {})))
    blocks = tuple(_Plain().read(tokens))
    if not MARK.search(source):
        return _Read(html, (_Block("", "", _plain(blocks, ())),) if blocks else ())
    return _Read(html, blocks)


def _has_link(token: Token) -> bool:
    return any(child.type == "link_open" for child in token.children or ())


def _plain(blocks: Sequence[_Block], values: Sequence[str]) -> str:
    lines: list[str] = []
    for lead, rest, text, width in blocks:
        words = filled_text(show(text), values) if width is not None or not text.isascii() else text
        before = lead
        for line in words.split("\n") if width is None else _wrap(words, width):
            lines.append((before + line).rstrip())
            before = rest
    return "\n".join(lines)


class _Plain:
    """Reads lines under a stack of prefixes: [first line's, every other line's] for each open list item or quote.

    `begun` of them have a line already; `tight` is true after a paragraph of a list without empty lines.
    """

    def __init__(self) -> None:
        self.blocks: list[_Block] = []
        self.prefixes: list[list[str]] = []
        self.numbers: list[int | None] = []
        self.tight = False
        self.begun = 0

    def read(self, tokens: Sequence[Token]) -> list[_Block]:
        for token in tokens:
            self._token(token)
        return self.blocks

    def _token(self, token: Token) -> None:
        kind = token.type
        if kind == "inline":
            for number, part in enumerate(_words(token.children or ()).split("\n")):
                self._block(part, WIDTH - sum(len(rest) for _, rest in self.prefixes), gap=not number)
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
            content = token.content.rstrip("\n")
            self._block("\n".join(f"    {line}" for line in content.split("\n")))
        elif kind == "hr":
            self._block("-" * 24)

    def _item(self) -> None:
        number = self.numbers[-1]
        mark = "- " if number is None else f"{number}. "
        self.numbers[-1] = None if number is None else number + 1
        self.prefixes.append([mark, " " * len(mark)])

    def _block(self, text: str, width: int | None = None, *, gap: bool = True) -> None:
        if gap and self.blocks and not self.tight:
            self.blocks.append(_Block("".join(rest for _, rest in self.prefixes[: self.begun]), "", ""))
        lead, rest = ("".join(prefix[place] for prefix in self.prefixes) for place in (0, 1))
        self.blocks.append(_Block(lead, rest, text, width))
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
