"""Several letters to one person as one: each part word for word as it was approved, under a list of what there is."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Sequence
from dataclasses import replace

from engine.definition.attachments import Attachment
from engine.rendering.context import Rendered
from engine.rendering.tongues import Tongue, speaking
from engine.rendering.versions import FALLBACK

_BODY = re.compile(r"(?P<head>.*?<body[^>]*>)(?P<inner>.*)</body>", re.DOTALL)
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_WIDTH = 72
_LONGEST_SUBJECT = 150
_LIST = "max-width: 38em; margin: 0 0 24px; font: 16px/1.5 Georgia, 'Times New Roman', serif; color: #1f2328;"
_RULE = "margin: 32px 0 24px; padding: 0 0 4px; border-bottom: 2px solid #1a4f8b;"
_HEADING = f"max-width: 38em; font: bold 13px/1.5 Arial, Helvetica, sans-serif; color: #1a4f8b; {_RULE}"


def join(parts: Sequence[Rendered]) -> Rendered:
    """One rendered letter of several to the same To and Cc, in their order; a single one stays as it is.

    Text and body of each part stand in it unaltered (G5). Its digest is that of the parts' digests: the same parts, the
    same mail.
    """
    if len(parts) == 1:
        return parts[0]
    languages = tuple(dict.fromkeys(part.language for part in parts))
    tongue = speaking(languages[0] if len(languages) == 1 else FALLBACK)
    subject = _subject([part.subject for part in parts], tongue)
    return Rendered(
        subject, _text(parts, tongue), _html(parts, subject, tongue), parts[0].to, parts[0].cc,
        hashlib.sha256("\0".join(part.digest for part in parts).encode()).hexdigest(),
        ", ".join(languages), _attachments(parts),
    )  # fmt: skip


def _attachments(parts: Sequence[Rendered]) -> tuple[Attachment, ...]:
    """What the parts carry: the same file once, another of the same name with the number of its letter."""
    found: dict[str, Attachment] = {}
    for number, part in enumerate(parts, 1):
        for file in part.attachments:
            same = found.get(file.name)
            if same is not None and same != file:
                stem, dot, ending = file.name.rpartition(".")
                file = replace(file, name=f"{stem}-{number}{dot}{ending}")
            found[file.name] = file
    return tuple(found.values())


def _subject(subjects: Sequence[str], tongue: Tongue) -> str:
    """`3 letters: …; …; …`: the count first, then as many subjects as have room."""
    different = list(dict.fromkeys(subjects))
    told = tongue.say("letters", len(subjects)) + different[0]
    for at, subject in enumerate(different[1:], 1):
        longer = f"{told}; {subject}"
        if len(longer) > _LONGEST_SUBJECT:
            return f"{told}; {tongue.say('more', len(different) - at)}"
        told = longer
    return told


def _text(parts: Sequence[Rendered], tongue: Tongue) -> str:
    listed = "".join(f"  {number}. {part.subject}\n" for number, part in enumerate(parts, 1))
    told = [f"{tongue.say('brings', len(parts))}\n\n{listed}"]
    for number, part in enumerate(parts, 1):
        heading = tongue.say("heading", number, len(parts)) + part.subject
        told.append(f"\n{'=' * _WIDTH}\n{heading}\n{'=' * _WIDTH}\n\n{part.text}")
    return "".join(told)


def _html(parts: Sequence[Rendered], subject: str, tongue: Tongue) -> str:
    first, _ = _split(parts[0].html)
    head = _TITLE.sub(lambda _: f"<title>{html.escape(subject, quote=False)}</title>", first, count=1)
    listed = "".join(f"<li>{_escaped(part.subject)}</li>" for part in parts)
    told = [f'<div style="{_LIST}"><p>{tongue.say("brings", len(parts))}</p><ol>{listed}</ol></div>']
    for number, part in enumerate(parts, 1):
        heading = tongue.say("heading", number, len(parts)) + _escaped(part.subject)
        body = _split(part.html)[1]
        if part.language != parts[0].language:
            body = f'<div lang="{part.language}" dir="{speaking(part.language).direction}">{body}</div>'
        told.append(f'<div role="separator" style="{_HEADING}">{heading}</div>{body}')
    return f"{head}\n{''.join(told)}</body>\n</html>\n"


def _split(page: str) -> tuple[str, str]:
    """What comes before a page's body, and what is in it."""
    found = _BODY.match(page)
    return (found["head"], found["inner"]) if found else ("<!DOCTYPE html><html><body>", page)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
