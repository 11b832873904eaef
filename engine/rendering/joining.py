"""Several letters to one person as one: each part word for word as it was approved, under a list of what there is."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Sequence

from engine.rendering.context import Rendered

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
    subject = _subject([part.subject for part in parts])
    return Rendered(
        subject, _text(parts), _html(parts, subject), parts[0].to, parts[0].cc,
        hashlib.sha256("\0".join(part.digest for part in parts).encode()).hexdigest(),
    )  # fmt: skip


def _subject(subjects: Sequence[str]) -> str:
    """`3 letters: …; …; …`: the count first, then as many subjects as have room."""
    different = list(dict.fromkeys(subjects))
    told = f"{len(subjects)} letters: {different[0]}"
    for at, subject in enumerate(different[1:], 1):
        longer = f"{told}; {subject}"
        if len(longer) > _LONGEST_SUBJECT:
            return f"{told}; and {len(different) - at} more"
        told = longer
    return told


def _text(parts: Sequence[Rendered]) -> str:
    listed = "".join(f"  {number}. {part.subject}\n" for number, part in enumerate(parts, 1))
    told = [f"This mail brings {len(parts)} letters:\n\n{listed}"]
    for number, part in enumerate(parts, 1):
        heading = f"{number} of {len(parts)}: {part.subject}"
        told.append(f"\n{'=' * _WIDTH}\n{heading}\n{'=' * _WIDTH}\n\n{part.text}")
    return "".join(told)


def _html(parts: Sequence[Rendered], subject: str) -> str:
    first, _ = _split(parts[0].html)
    head = _TITLE.sub(lambda _: f"<title>{html.escape(subject, quote=False)}</title>", first, count=1)
    listed = "".join(f"<li>{_escaped(part.subject)}</li>" for part in parts)
    told = [f'<div style="{_LIST}"><p>This mail brings {len(parts)} letters:</p><ol>{listed}</ol></div>']
    for number, part in enumerate(parts, 1):
        heading = f"{number} of {len(parts)}: {_escaped(part.subject)}"
        told.append(f'<div role="separator" style="{_HEADING}">{heading}</div>{_split(part.html)[1]}')
    return f"{head}\n{''.join(told)}</body>\n</html>\n"


def _split(page: str) -> tuple[str, str]:
    """What comes before a page's body, and what is in it."""
    found = _BODY.match(page)
    return (found["head"], found["inner"]) if found else ("<!DOCTYPE html><html><body>", page)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
