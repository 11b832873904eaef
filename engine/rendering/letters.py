"""From a letter's context to a letter in words: subject, text and HTML, and the digest that a person approves."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import lru_cache

import css_inline

from engine.definition.attachments import PDF, Attachment
from engine.letter import Wording
from engine.rendering import markdown
from engine.rendering.context import LetterContext, Mailbox, NoteView, Rendered
from engine.rendering.literal import filled_html, filled_text, show, written
from engine.rendering.templates import TemplateSet

NOTE_COVER = "note_cover"
"""The template of the short mail that brings a note verbale."""
NOTE_FILE = "note-verbale"
"""What the name of a note's file begins with."""
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")

# A plan's approvals and the sends that follow look at the same few hundred letters.
_KEPT = 512

# Styles go into each element, since mail programs drop style sheets; nothing is ever fetched.
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


@lru_cache(maxsize=128)
def _styled(page: str) -> str:
    """A page with its styles in its elements. Its values are still marks, so that many letters have one page."""
    return _INLINER.inline(page)


class Renderer:
    """Renders letters from one set of templates. Safe to share between threads."""

    def __init__(self, templates: TemplateSet) -> None:
        self.templates = templates
        self._kept = lru_cache(maxsize=_KEPT)(self._compose)

    def render(self, context: LetterContext, wording: Wording | None = None) -> Rendered:
        """The letter in words: its template's, or a person's in the same layout. Pure: the same gives the same.

        The digest of a person's wording rests on what the template says too: if that changes, so does what to approve.
        Raises NotFound, BadInput or TemplateFault, as `TemplateSet.fill` does.
        """
        return self._kept(context, wording)

    def wording(self, context: LetterContext) -> Wording:
        """What the template says of the letter, for a person to edit. Raises as `render` does."""
        filled = self.templates.fill(_as_note(context))
        return Wording(filled.subject, markdown.unwrapped(written(filled.markdown)).strip())

    def _compose(self, context: LetterContext, wording: Wording | None) -> Rendered:
        filled = self.templates.fill(_as_note(context))
        rests_on: tuple[str, ...] = ()
        if wording is not None:
            rests_on = (filled.subject, filled.markdown)
            filled = replace(filled, subject=wording.subject, source=wording.body, values=())
        body = markdown.parts(filled.source, filled.values)
        attachments = context.attachments
        if context.note is not None:
            # The words are the note's, and the mail that brings it has others.
            attachments = (_note(context, context.note, filled_html(body.html, filled.values)), *attachments)
            filled = replace(self.templates.fill(replace(context, template=NOTE_COVER)), subject=filled.subject)
            body = markdown.parts(filled.source, filled.values)
        text = show(filled_text(*self.templates.lay_out("layout.txt", filled, body.plain))).strip("\n") + "\n"
        page, values = self.templates.lay_out("layout.html", filled, body.html)
        styled = filled_html(_styled(page), values)
        to, cc = context.recipients, context.copies
        files = tuple(f"{file.name} {file.type} {file.digest}" for file in attachments)
        whole = digest(filled.subject, text, styled, to, cc, *rests_on, *files)
        return Rendered(filled.subject, text, styled, to, cc, whole, context.to.language, attachments)


def _as_note(context: LetterContext) -> LetterContext:
    """The context whose template has the words that people read and edit: the note's, where there is one."""
    return replace(context, template=context.note.template) if context.note is not None else context


def _note(context: LetterContext, note: NoteView, body: str) -> Attachment:
    """The note as a file, by its number."""
    # Loaded here, since most letters are mails, and fonts and their library cost a command a tenth of a second.
    from engine.rendering.note_pdf import NotePage, note_pdf

    dated = f"{note.place}, {note.date}" if note.place else note.date
    addressee = (context.to.name,)
    content = note_pdf(NotePage(note.title, note.number, note.letterhead, body, dated, note.initials, addressee))
    number = f"-{_UNSAFE.sub('-', note.number)}" if note.numbered else ""
    return Attachment(f"{NOTE_FILE}{number}.pdf", PDF, content)


def digest(subject: str, text: str, html: str, to: tuple[Mailbox, ...], cc: tuple[Mailbox, ...], *rests_on: str) -> str:
    """What was approved, as 64 hexadecimal digits: any other word, recipient, copy or file gives another."""
    people = [part for boxes in (to, cc) for box in boxes for part in (box.name, box.address)]
    # No value holds a NUL, and the numbers say which is whose.
    whole = "\0".join([subject, text, html, str(len(to)), str(len(cc)), *people, *rests_on])
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
