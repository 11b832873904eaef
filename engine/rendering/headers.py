"""The fields of a mail's head: texts, addresses and names as RFC 5322 and MIME have them, folded, and nothing else in them.

All raise RenderError for a line break, control character or bidi override, and for what is no address, id or language.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from engine.errors import RenderError
from engine.rendering.context import Mailbox

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,200}@[!-;=?A-~]{1,200}>")
_TAG = "[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*"
_LANGUAGE = re.compile(f"{_TAG}(?:, {_TAG})*")  # RFC 3282, 2: of letters joined, all of theirs

_FOLD = 76  # RFC 5322, 2.1.1: lines of 78 characters; RFC 2047, 2: of 76 where there is an encoded word
_LONGEST = 400  # RFC 5322, 2.1.1: no line over 998
_WORD = 39  # octets to an encoded word: at most 64 characters of it, so the first fits beside its field's name


def parameter(name: str, value: str) -> str:
    """A parameter of a MIME field: quoted where it is short ASCII, else in the pieces of RFC 2231, each on its line."""
    if _checked(name, value).isascii() and len(value) <= _FOLD - 20:
        escaped = re.sub(r'(["\\])', r"\\\1", value)
        return f'{name}="{escaped}"'
    encoded = [quote(character, safe="!#$&+-.^_`{}~") for character in value]
    pieces: list[str] = [""]
    for character in encoded:
        if len(pieces[-1]) + len(character) > _FOLD - 30:
            pieces.append("")
        pieces[-1] += character
    if len(pieces) == 1:
        return f"{name}*=utf-8''{pieces[0]}"
    first, *rest = pieces
    return ";\r\n ".join([f"{name}*0*=utf-8''{first}", *(f"{name}*{at}*={piece}" for at, piece in enumerate(rest, 1))])


def _checked(field: str, value: str) -> str:
    if _CONTROL.search(value):
        raise RenderError(f"{field} holds a line break or a control character: {value!a}.")
    return value


def text_field(field: str, value: str) -> str:
    """An unstructured field (RFC 5322, 3.6.5), in encoded words (RFC 2047) where it is not ASCII."""
    value = " ".join(_checked(field, value).split())
    words = value.split(" ")
    return _folded(field, words if _plain(words) else _encoded_words(value))


@lru_cache(maxsize=1024)
def mailboxes(field: str, boxes: tuple[Mailbox, ...]) -> str:
    """A list of addresses (RFC 5322, 3.4). Many letters have one sender, and copies for the same people."""
    words: list[str] = []
    for box in boxes:
        if words:
            words[-1] += ","
        words += [*_phrase(_checked(field, box.name)), f"<{bare_address(box.address)}>"]
    return _folded(field, words)


def _phrase(name: str) -> list[str]:
    """A display name as atoms, as one quoted string, or in encoded words where these will not do.

    A quoted string may be folded inside (RFC 5322, 3.2.4), but what reads it that way is rarer than what writes it.
    """
    words = name.split()
    if _plain(words) and all(map(_ATOM.fullmatch, words)):
        return words
    quoted = re.sub(r'(["\\])', r"\\\1", " ".join(words))
    if _plain(words) and len(quoted) < _FOLD - 4:
        return [f'"{quoted}"']
    return _encoded_words(" ".join(words))


def _plain(words: list[str]) -> bool:
    """May these words stand in a header as they are, each within a line?"""
    return all(word.isascii() and len(word) <= _LONGEST and "=?" not in word for word in words)


def _encoded_words(value: str) -> list[str]:
    """RFC 2047 encoded words, of at most 75 characters, none of which splits a character; readers join them again.

    They are cut behind a space where there is one, since some readers (Python's own) join them with another.
    """
    words: list[str] = []
    while value:
        end, size = 0, 0
        while end < len(value) and (size := size + len(value[end].encode())) <= _WORD:
            end += 1
        if end < len(value):
            end = value.rfind(" ", 0, end) + 1 or end
        words.append(f"=?utf-8?b?{base64.b64encode(value[:end].encode()).decode()}?=")
        value = value[end:]
    return words


@lru_cache(maxsize=4096)
def bare_address(text: str) -> str:
    """An address as it stands in an envelope: the domain in ASCII. Raises RenderError where it is none.

    A local part beyond ASCII needs SMTPUTF8 (RFC 6531) on every host on the way, so it is refused here, before the day.
    """
    local, _, domain = _checked("An address", text).rpartition("@")
    found = f"{local}@{ascii_domain(domain)}"
    if not _ADDRESS.fullmatch(found) or local[0] == "." or local[-1] == "." or ".." in local:
        raise RenderError(f"“{text}” is not a mail address.")
    return found


def ascii_domain(domain: str) -> str:
    """A mail domain in ASCII."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        raise RenderError(f"“{domain}” is not a mail domain.") from None


def ids_field(field: str, ids: Iterable[str]) -> str:
    """A list of Message-IDs (RFC 5322, 3.6.4)."""
    words = list(ids)
    for word in words:
        if not _MESSAGE_ID.fullmatch(word):
            raise RenderError(f"{field} names “{word}”, which is not a Message-ID.")
    return _folded(field, words)


def language_field(tag: str) -> str:
    """A list of language tags (RFC 3282)."""
    if not _LANGUAGE.fullmatch(tag):
        raise RenderError(f"“{tag}” is not a language tag.")
    return tag


def _folded(field: str, words: list[str]) -> str:
    """Words joined by spaces, folded before a word that would pass the limit (RFC 5322, 2.2.3)."""
    out: list[str] = []
    used = len(field) + 1
    for word in words:
        if out and used + 1 + len(word) > _FOLD:
            out.append("\r\n ")
            used = 1
        elif out:
            out.append(" ")
            used += 1
        else:
            used += 1
        out.append(word)
        used += len(word)
    return "".join(out)
