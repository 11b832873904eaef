"""Files as they are attached: taken by what is in them, not by what their names say."""

from __future__ import annotations

import io
import posixpath
import zipfile

from engine.definition.attachments import DEADLINE, Attachment
from engine.definition.hints import Unreadable
from engine.definition.words import size_words

LARGEST = 5_000_000
"""Octets of one file."""
MOST = 10_000_000
"""Octets of all files of one letter: many servers refuse a mail above that, once it is encoded."""

_PDF = "application/pdf"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_KINDS = {".pdf": _PDF, ".docx": _DOCX}


def file_attached(name: str, content: bytes) -> Attachment:
    """A file of the plan's folder, as it is attached. Raises Unreadable where it is not what its name says."""
    if len(content) > LARGEST:
        raise Unreadable(f"“{name}” is larger than {size_words(LARGEST)}", "Attach a smaller file, or link to it.")
    kind = _KINDS.get(posixpath.splitext(name)[1].lower())
    if kind == _PDF and not _is_pdf(content):
        raise Unreadable(f"“{name}” is not a PDF, whatever its name says", "Export it as PDF again.")
    if kind == _DOCX:
        _check_docx(name, content)
    if kind is None:
        raise Unreadable(f"“{name}” cannot be attached", f"Attach a PDF or DOCX, or {DEADLINE}.")
    return Attachment(posixpath.basename(name), kind, content)


def _is_pdf(content: bytes) -> bool:
    """ISO 32000-1, 7.5.2 and 7.5.5: a header that readers look for in the first 1,024 octets, and a trailer's end."""
    return b"%PDF-" in content[:1024] and b"%%EOF" in content[-1024:]


def _check_docx(name: str, content: bytes) -> None:
    """ECMA-376, part 2: a ZIP with its content types; a Word document in it, and no macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = {part.lower() for part in package.namelist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        parts = set()
    if not {"[content_types].xml", "word/document.xml"} <= parts:
        raise Unreadable(f"“{name}” is not a Word document, whatever its name says", "Save it as DOCX again.")
    if any(part.endswith("vbaproject.bin") for part in parts):
        raise Unreadable(f"“{name}” holds macros, which mail servers refuse", "Save it as DOCX without macros.")
