"""The small forms that words and numbers are written in: each function reads one and raises ValueError with a sentence."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from decimal import Decimal

from engine.definition.attachments import DEADLINE, KINDS
from engine.definition.hints import Unreadable
from engine.definition.measures import Threshold

YES_NO = ("yes", "no")


def spaced(text: str) -> str:
    """The text with its white space made single."""
    return " ".join(text.split())


def matched(pattern: str, text: str, wrong: str, hint: str = "") -> re.Match[str]:
    """The match of a whole text. Raises Unreadable with what is `wrong` where there is none."""
    match = re.fullmatch(pattern, text)
    if match is None:
        raise Unreadable(f"“{text}” {wrong}", hint)
    return match


def line(text: str) -> str:
    """A text of one line: what goes into a subject or a table."""
    if not text.isprintable() and any(
        unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and not char.isspace() for char in text
    ):
        raise Unreadable("control characters cannot stand in this text")
    return spaced(text)


def prose(text: str) -> str:
    """A text that may have several lines."""
    return "\n".join(line(part) for part in text.strip().split("\n"))


def cycle_name(text: str) -> str:
    """What a cycle is called: `{year}`, `report-{year}`."""
    hint = "Write {year}, with letters, digits, - or _ around it."
    return matched(r"[A-Za-z0-9_-]*\{year\}[A-Za-z0-9_-]*", text, "does not name a cycle", hint)[0]


def language(text: str) -> str:
    """A language's code: `fr`, `pt-BR`."""
    hint = "Write for example en, fr or es."
    return matched(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", text, "is not the code of a language", hint)[0]


def address(text: str) -> str:
    """An address for mail, such as `mission@example.org`; nothing that could add a header or a second recipient."""
    local = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
    label = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    if len(text) > 254 or not re.fullmatch(rf"{local}(\.{local})*@{label}(\.{label})+", text):
        hint = "Write a domain with other letters in its ASCII form (xn--…)." if not text.isascii() else ""
        raise Unreadable(f"“{text}” is not an address for mail", hint or "Write for example mission@example.org.")
    return text


def identifier(text: str) -> str:
    """What a party or contact is known by: `NR`, `nr_mission`."""
    hint = "An id has letters, digits, _, . and -, and begins with a letter or digit."
    return matched(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", text, "is not an id", hint)[0]


def plan_name(text: str) -> str:
    """The name of a workflow or scenario: `ccm-nim-2018`."""
    hint = "It has small letters, digits and -, and begins with a letter."
    return matched(r"[a-z][a-z0-9-]{0,63}", text, "is not a name of a plan", hint)[0]


def file_name(text: str) -> str:
    """A file in the folder of the one that names it, or below: a plan may send what it attaches."""
    elsewhere = re.match(r"[/~]|[A-Za-z]:", text) or "\\" in text or ".." in text.split("/")
    if elsewhere or line(text) != text:
        raise Unreadable(f"“{text}” is not a file beside this one", "Write for example ccm/parties.csv.")
    return text


def attached_name(text: str) -> str:
    """A file that a letter carries: `ccm/form-a.pdf`, `deadline.ics`."""
    name = file_name(text)
    if name != DEADLINE and posixpath.splitext(name)[1].lower() not in KINDS:
        raise Unreadable(f"“{text}” cannot be attached", f"Attach a PDF or DOCX, or {DEADLINE}.")
    return name


def threshold(text: str) -> Threshold:
    """`5`, `half`, `80 %`, `baseline`, `baseline + 3`."""
    wrong, hint = "is not a number to reach", "Write 5, half, 80 %, baseline or baseline + 3."
    share = re.fullmatch(r"(100|[1-9]\d?) ?%", spaced(text))
    if share:
        return Threshold("share", int(share[1]))
    match = matched(r"(\d{1,6})|(half|baseline)|baseline \+ (\d{1,6})", spaced(text), wrong, hint)
    if match[1]:
        return Threshold("number", int(match[1]))
    return Threshold(match[2] or "baseline", int(match[3] or 0))


def whole(text: str) -> int:
    """A number of parties."""
    return int(matched(r"\d{1,6}", text, "is not a whole number")[0])


def letters(text: str) -> int:
    """`3 letters`."""
    hint = "Write for example 3 letters."
    return int(matched(r"([1-9]\d?) letters?", spaced(text), "is not a number of letters", hint)[1])


def money(text: str) -> tuple[Decimal, str]:
    """`100000 NZD`: an amount and its currency."""
    hint = "Write for example 100000 NZD."
    match = matched(r"(\d{1,12}(?:\.\d{1,2})?) ([A-Z]{3})", spaced(text), "is not an amount with a currency", hint)
    return Decimal(match[1]), match[2]
