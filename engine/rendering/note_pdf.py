"""A note verbale as PDF: letterhead, number, words, date, initials, the place of the seal, and to whom it goes.

The same note gives the same bytes on every machine: no time of now, no random id, and nothing compressed, since two
builds of zlib need not agree.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from functools import cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer

from engine.errors import RenderError

_FONTS = Path(__file__).parent / "fonts"  # Liberation Serif (SIL OFL 1.1): Latin, Greek and Cyrillic
_FONT = "Liberation Serif"
_FACES = {"": "Regular", " Bold": "Bold", " Italic": "Italic"}
_MARGIN = 25 * mm
_SEAL = 16 * mm
# The library keeps what a document uses of a font in the font: one document at a time.
_ONE_AT_A_TIME = threading.Lock()


class NotePage(NamedTuple):
    """What stands on a note. `body` is an HTML fragment of its words, as `markdown.parts` makes one."""

    title: str
    number: str
    letterhead: tuple[str, ...]
    body: str
    dated: str
    initials: str
    addressee: tuple[str, ...]


def note_pdf(note: NotePage) -> bytes:
    """The note as a PDF. Raises RenderError for a letter that its font does not have."""
    _check_letters(note)
    file = io.BytesIO()
    with _ONE_AT_A_TIME:
        _fonts()
        document = BaseDocTemplate(
            file, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
            title=f"{note.title} {note.number}", author=note.letterhead[0] if note.letterhead else "",
            invariant=1, pageCompression=0, initialFontName=_FONT,
        )  # fmt: skip
        frame = Frame(document.leftMargin, document.bottomMargin, document.width, document.height, 0, 0, 0, 0)
        first = Frame(document.leftMargin, _MARGIN + 22 * mm, document.width, document.height - 22 * mm, 0, 0, 0, 0)
        document.addPageTemplates([
            PageTemplate("first", [first], onPage=lambda canvas, _: _addressee(canvas, note), autoNextPageTemplate="next"),
            PageTemplate("next", [frame], onPage=_page_number),
        ])  # fmt: skip
        document.build(_flow(note))
    return file.getvalue()


@cache
def _fonts() -> None:
    for ending, face in _FACES.items():
        pdfmetrics.registerFont(TTFont(f"{_FONT}{ending}", str(_FONTS / f"LiberationSerif-{face}.ttf")))
    bold, italic = f"{_FONT} Bold", f"{_FONT} Italic"
    pdfmetrics.registerFontFamily(_FONT, normal=_FONT, bold=bold, italic=italic, boldItalic=bold)


@cache
def _letters() -> frozenset[int]:
    with _ONE_AT_A_TIME:
        return frozenset(TTFont(_FONT, str(_FONTS / "LiberationSerif-Regular.ttf")).face.charToGlyph)


def _check_letters(note: NotePage) -> None:
    words = " ".join((*note.letterhead, *note.addressee, note.title, note.number, note.body, note.dated, note.initials))
    for letter in words:
        if not letter.isspace() and ord(letter) not in _letters():
            raise RenderError(
                f"The note verbale has the letter “{letter}”, and its font does not: it has Latin, Greek and Cyrillic."
            )


def _style(name: str, **changes: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=_FONT, fontSize=12, leading=16, **changes)


_BODY = _style("body", alignment=TA_JUSTIFY, spaceAfter=10)
_HEAD = _style("head", alignment=TA_CENTER)
_TITLE = _style("title", alignment=TA_CENTER, spaceBefore=14, spaceAfter=14)
_PLAIN = _style("plain")
_RIGHT = _style("right", alignment=TA_RIGHT, spaceBefore=8)


def _flow(note: NotePage) -> list[Flowable]:
    head = [
        Paragraph(f"<b>{escape(line)}</b>" if at == 0 else escape(line), _HEAD)
        for at, line in enumerate(note.letterhead)
    ]
    return [
        *head,
        _Rule(),
        Paragraph(escape(note.number), _PLAIN),
        Paragraph(f"<b>{escape(note.title.upper())}</b>", _TITLE),
        *_Words.read(note.body),
        KeepTogether([Paragraph(escape(note.dated), _RIGHT), Spacer(0, 6 * mm), _Seal(note.initials)]),
    ]


def _addressee(canvas: Canvas, note: NotePage) -> None:
    """To whom it goes, at the foot of the first page, as is the custom."""
    canvas.setFont(_FONT, 11)
    for at, line in enumerate(reversed(note.addressee)):
        canvas.drawString(_MARGIN, _MARGIN - 5 * mm + at * 14, line)


def _page_number(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont(_FONT, 11)
    canvas.drawCentredString(A4[0] / 2, A4[1] - 15 * mm, f"– {document.page} –")


class _Rule(Flowable):
    """The line under a letterhead."""

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        return width, 8 * mm

    def draw(self) -> None:
        self.canv.setLineWidth(0.7)
        self.canv.line(0, 5 * mm, self.width, 5 * mm)


class _Seal(Flowable):
    """Where the seal goes (locus sigilli), and the line for initials."""

    def __init__(self, initials: str) -> None:
        super().__init__()
        self.initials = initials

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        return width, 2 * _SEAL

    def draw(self) -> None:
        canvas = self.canv
        middle = self.width - 32 * mm
        canvas.setLineWidth(0.5)
        canvas.setDash(2, 2)
        canvas.circle(middle - 34 * mm, _SEAL, _SEAL - 2)
        canvas.setDash()
        canvas.setFont(_FONT, 9)
        canvas.drawCentredString(middle - 34 * mm, _SEAL - 3, "L. S.")
        canvas.line(middle - 14 * mm, _SEAL, middle + 30 * mm, _SEAL)
        canvas.drawCentredString(middle + 8 * mm, _SEAL - 12, self.initials)


class _Words(HTMLParser):
    """The paragraphs of an HTML fragment: what Markdown gives, and nothing else."""

    _INLINE: ClassVar = {"strong": "b", "em": "i"}

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Flowable] = []
        self.text: list[str] = []
        self.lists: list[int | None] = []
        self.bullet: str | None = None
        self.indent = 0
        self.href = ""

    @classmethod
    def read(cls, fragment: str) -> Sequence[Flowable]:
        """The flowables of a fragment."""
        parser = cls()
        parser.feed(fragment)
        parser.close()
        parser.end_block()
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._INLINE:
            self.text.append(f"<{self._INLINE[tag]}>")
        elif tag == "br":
            self.text.append("<br/>")
        elif tag == "a":
            self.href = dict(attrs).get("href") or ""
        elif tag in ("ul", "ol"):
            self.end_block()
            self.lists.append(1 if tag == "ol" else None)
            self.indent += 1
        elif tag == "li":
            number = self.lists[-1]
            self.bullet = "–" if number is None else f"{number}."
            self.lists[-1] = None if number is None else number + 1
        elif tag == "blockquote":
            self.end_block()
            self.indent += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in self._INLINE:
            self.text.append(f"</{self._INLINE[tag]}>")
        elif tag == "a":
            if self.href and self.href not in "".join(self.text):
                self.text.append(escape(f" ({self.href.removeprefix('mailto:')})"))
        elif tag in ("ul", "ol"):
            self.end_block()
            self.lists.pop()
            self.indent -= 1
        elif tag == "blockquote":
            self.end_block()
            self.indent -= 1
        elif tag in ("p", "li", "pre", "h1", "h2", "h3", "h4", "h5", "h6"):
            self.end_block()

    def handle_data(self, data: str) -> None:
        self.text.append(escape(data))

    def end_block(self) -> None:
        """Close the paragraph that is open, if one is."""
        words = " ".join("".join(self.text).split())
        self.text.clear()
        if words:
            left = self.indent * 7 * mm
            style = ParagraphStyle(
                "at", parent=_BODY, leftIndent=left, bulletIndent=left - 6 * mm, bulletFontName=_FONT, bulletFontSize=12
            )
            self.found.append(Paragraph(words, style, bulletText=self.bullet))
            self.bullet = None
