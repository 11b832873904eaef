"""Files as they are attached: taken by what is in them, not by what their names say."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Callable

from engine.definition.attachments import DEADLINE, DOCX, KINDS, PDF, Attachment
from engine.definition.hints import Unreadable
from engine.definition.syntax.shapes import Fields
from engine.definition.syntax.sources import Faults
from engine.definition.words import size_words

LARGEST = 5_000_000
"""Octets of one file."""
MOST = 10_000_000
"""Octets of all files of one letter: many servers refuse a mail above that, once it is encoded."""


ReadBytes = Callable[[str], bytes]


def files_attached(root: Fields, read: ReadBytes, faults: Faults) -> dict[str, Attachment]:
    """The files that letters carry, under the names that the steps give them; each list no larger than a mail may be."""
    found: dict[str, Attachment] = {}
    for _, step, _ in root.entries("steps", Fields):
        for files in (step.items("attach", str), *(files for _, files, _ in step.lists("attachments", str))):
            for name, place in files:
                if name == DEADLINE or name in found:
                    continue
                try:
                    found[name] = file_attached(name, read(name))
                except OSError:
                    faults.add(place, f"the file “{name}” cannot be read", "The name is relative to this file.")
                except Unreadable as error:
                    faults.catch(place, error)
            size = sum(found[name].size for name, _ in files if name in found)
            if size > MOST:
                message = f"these files have {size_words(size)}, and a letter carries {size_words(MOST)} at most"
                faults.add(files[0][1], message, "Attach fewer, or link to them.")
    return found


def file_attached(name: str, content: bytes) -> Attachment:
    """A file of the plan's folder. Raises Unreadable where it is not what its name says."""
    if len(content) > LARGEST:
        raise Unreadable(f"“{name}” is larger than {size_words(LARGEST)}", "Attach a smaller file, or link to it.")
    kind = KINDS[posixpath.splitext(name)[1].lower()]
    if kind == PDF and not _is_pdf(content):
        raise Unreadable(f"“{name}” is not a PDF, whatever its name says", "Export it as PDF again.")
    if kind == DOCX:
        _check_docx(name, content)
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
