"""Files to attach in tests: a PDF and a Word document as small as they may be, and files that only look like them."""

from __future__ import annotations

import io
import zipfile


def pdf(words: str = "Form A") -> bytes:
    """A PDF of one empty page, with some words in a comment."""
    return (
        b"%PDF-1.4\n%" + words.encode() + b"\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )


def docx(*parts: str) -> bytes:
    """A Word document of the parts that make one, and `parts` besides."""
    return zipped("[Content_Types].xml", "word/document.xml", *parts)


def zipped(*parts: str) -> bytes:
    """A ZIP with parts that hold nothing."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for part in parts:
            package.writestr(zipfile.ZipInfo(part), "<x/>")
    return file.getvalue()
