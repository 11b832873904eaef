"""Values in a letter are words and nothing else: no markup, no line breaks, no control characters.

A value goes into a Markdown source with its punctuation and digits moved into a private range of Unicode, where no
Markdown rule sees them (not even inside code or a link, where a backslash would show); `show` and `show_html` move them
back once the Markdown has been read. Moving twice changes nothing.

Where that is possible a value does not go into the source at all: one private character, its *mark*, stands for it. A
hundred letters of one template then share one source, which is read once; `filled` and `filled_html` put the values in.
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from collections.abc import Sequence

_PRIVATE = 0xE000
_HIDDEN = string.punctuation + string.digits
_HIDE = {ord(c): _PRIVATE + ord(c) for c in _HIDDEN}
_SHOW = {_PRIVATE + ord(c): c for c in _HIDDEN}
_SHOW_HTML = {_PRIVATE + ord(c): html.escape(c) for c in _HIDDEN}
# Translating only what is hidden takes a quarter of the time of translating a whole letter.
_MARKUP = r"\`*_[]<>&"
_WRITE = {_PRIVATE + ord(c): f"\\{c}" if c in _MARKUP else c for c in _HIDDEN}
_OPENERS = re.compile(
    r"^((?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*"
    f"[{''.join(chr(_PRIVATE + ord(c)) for c in string.digits)}]{{0,9}})"
    f"([{''.join(chr(_PRIVATE + ord(c)) for c in '-#+=~.)')}])",
    re.MULTILINE,
)
"""What would open a list, a heading or a rule if it were not hidden: a number with its dot, a “-”, a “#”; also as the
first thing in a list or a quote."""
_RUN = re.compile(f"[{chr(_PRIVATE + 0x21)}-{chr(_PRIVATE + 0x7E)}]+")

_FIRST_MARK, _LAST_MARK = "\ue100", "\uf8ff"
MARKS = f"{_FIRST_MARK}-{_LAST_MARK}"
"""The marks, as a range in a regular expression's brackets."""
MARK = re.compile(f"[{MARKS}]")
MOST_MARKS = ord(_LAST_MARK) - ord(_FIRST_MARK) + 1

# Joiners and direction marks that scripts such as Arabic and Persian need; they reorder nothing outside the word.
_KEPT_SPACES = frozenset("\u00a0\u202f")  # what keeps “:” and “»” by the word before them in French
_KEPT_FORMATS = frozenset("\u200c\u200d\u200e\u200f\u061c")


class Ready(str):
    """Text that is finished for its place: a body put into its layout."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def _visible(character: str) -> str:
    if _FIRST_MARK <= character <= _LAST_MARK:
        return ""
    category = unicodedata.category(character)
    if category[0] == "Z" or category == "Cc":
        return " "
    if category == "Cs" or (category == "Cf" and character not in _KEPT_FORMATS):
        return ""
    return character


def clean(value: object) -> str:
    """One line of visible text: control characters and line breaks become spaces, spaces are single.

    Invisible formats that could reorder what is read (bidi overrides) are dropped, and halves of characters.
    """
    text = value if isinstance(value, str) else str(value)
    if not text.isprintable():
        text = "".join(map(_visible, text))
    return " ".join(text.split())


def literal(value: object) -> str:
    """A value as it goes into a Markdown source; what is `Ready` passes as it is."""
    if type(value) is Ready:
        return value
    return clean(value).translate(_HIDE)


def mark(number: int) -> str:
    """What stands for the value of that number, from 0 to `MOST_MARKS`."""
    return chr(ord(_FIRST_MARK) + number)


def filled(source: str, values: Sequence[str]) -> str:
    """A source with its values, hidden, where their marks are."""
    return MARK.sub(lambda found: values[ord(found[0]) - ord(_FIRST_MARK)].translate(_HIDE), source)


def filled_text(text: str, values: Sequence[str]) -> str:
    """Plain text with its values where their marks are."""
    return MARK.sub(lambda found: values[ord(found[0]) - ord(_FIRST_MARK)], text)


def filled_html(page: str, values: Sequence[str]) -> str:
    """HTML with its values, escaped for text and for attributes between double quotes, where their marks are."""
    return MARK.sub(lambda found: _escaped(values[ord(found[0]) - ord(_FIRST_MARK)]), page)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace('"', "&quot;").replace("\xa0", "&nbsp;")


def show(text: str) -> str:
    """The words again, for plain text."""
    return _RUN.sub(lambda run: run[0].translate(_SHOW), text)


def show_html(text: str) -> str:
    """The words again, escaped for HTML."""
    return _RUN.sub(lambda run: run[0].translate(_SHOW_HTML), text)


def written(markdown: str) -> str:
    """A filled-in source as a person would write it: what was hidden in clear, escaped where it would be markup."""
    # At the start of a line more would be: only there is a value's “-” a list, and its “1.” a number.
    return _OPENERS.sub(r"\1\\\2", markdown).translate(_WRITE)


def legible(text: str) -> str:
    """A person's text of several lines, as `clean` has one: nothing invisible, nothing that could pass for hidden."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").split("\n")
    shown = ["".join(c if c in _KEPT_SPACES else _visible(c) for c in line.translate(_SHOW)) for line in lines]
    return "\n".join(shown)
