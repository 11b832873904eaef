"""What a message says, for a person to read: plain, its new words only, of a length that can be read."""

from __future__ import annotations

import re

from engine.inbound.html import html_text
from engine.inbound.message import Part, content_type, file_name, has, leaves, parameter, text_of
from engine.inbound.quotes import new_words

LONGEST = 20_000
_READ = 400_000
_NAMED = 10
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


def said(message: Part, ours: str = "", *, cut: bool = True) -> str:
    """The words of a message, and below them what is attached. `cut` leaves out what it quotes of the letter `ours`."""
    text = whole_text(message)
    if cut:
        text = new_words(text, ours)
    text = _EMPTY_LINES.sub("\n\n", text).strip()
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}\n[…]"
    attached = _attached(message)
    return "\n\n".join(part for part in (text, attached) if part)


def whole_text(message: Part) -> str:
    """All that it says: its plain text, or its HTML as text where it has none."""
    parts = [part for part in leaves(message) if not _is_attachment(part)]
    plain = [_flowing(part) for part in parts if content_type(part) == "text/plain"]
    text = "\n".join(text for text in plain if text.strip())[:_READ]
    if text:
        return text
    pages = (html_text(text_of(part)[:_READ]) for part in parts if content_type(part) == "text/html")
    return next((page for page in pages if page.strip()), "")


def letter_text(message: Part) -> str:
    """All words of a letter of ours, of its plain text and of its HTML: a reply may quote the one or the other."""
    parts = [part for part in leaves(message) if not _is_attachment(part)]
    plain = [text_of(part) for part in parts if content_type(part) == "text/plain"]
    return "\n".join([*plain, *(html_text(text_of(part)) for part in parts if content_type(part) == "text/html")])


def _flowing(part: Part) -> str:
    """A plain text, its soft line breaks undone where it has them (RFC 3676)."""
    text = text_of(part)[:_READ]
    if parameter(part, "format") != "flowed":
        return text
    joined: list[str] = []
    flows = False
    for line in text.split("\n"):
        line = line[1:] if line.startswith(" ") else line
        if flows and not line.startswith(">") and line != "-- ":
            joined[-1] += line
        else:
            joined.append(line)
        flows = line.endswith(" ") and line != "-- " and not line.startswith(">")
        if flows and parameter(part, "delsp") == "yes":
            joined[-1] = joined[-1][:-1]
    return "\n".join(joined)


def _is_attachment(part: Part) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    return disposition.startswith("attachment") or (bool(file_name(part)) and not disposition.startswith("inline"))


def _attached(message: Part) -> str:
    names = [file_name(part) or "a message" for part in leaves(message) if _is_attachment(part) or _is_message(part)]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"[Attached: {', '.join(names[:_NAMED])}{more}]"


def _is_message(part: Part) -> bool:
    return content_type(part) == "message/rfc822" and has(part, "Content-Type")
