"""The smallest shapes of the language: what stands behind a colon, and lists of it."""

from __future__ import annotations

from engine.definition.cadence import parse_slot
from engine.definition.people import LETTER_FORMS
from engine.definition.syntax import times, written
from engine.definition.syntax.shapes import Choice, ListOf, MapOf, Text, parse_name

SLOT_KINDS = ("at once", "every", "before", "on the day", "after")
LETTER_KINDS = (*SLOT_KINDS, "thanks")


def _name(takes: str) -> Text:
    return Text(takes, parse_name, "^[a-z][a-z0-9_]*$")


LINE = Text("a text", written.line)
PROSE = Text("a text of one or more lines", written.prose)
WORD = Text("a word", written.line)
NAME = _name("a name")
ROLE = _name("the name of a role")
STEP = _name("the name of a step")
FACT = _name("the name of a fact")
OBJECTIVE = _name("the name of an objective")
POST = _name("the name of a post or role")
TEMPLATE = _name("the name of a template")
DATE = Text("a date", times.date_expr)
CONDITION = Text("a condition")
ZONE = Text("a time zone", times.zone_name)
DISTANCE = Text("a length of time", times.distance)
DAYS = Text("a number of days", times.days)
SLOT = Text("a time to send at", parse_slot)
FIXED = Text("a time before, on or after the day", times.fixed)
FILE = Text("the name of a file", written.file_name)
LANGUAGE = Text("the code of a language", written.language)
TITLES = MapOf(LANGUAGE, LINE, "languages, each with a title")
EMAIL = Text("an address for mail", written.address)
WHOLE = Text("a whole number", written.whole)

SLOTS = ListOf(SLOT, "a list of times to send at")
REMINDERS = ListOf(FIXED, "a list of times before, on or after the day")
WORDS = ListOf(WORD, "a list of words")
ROLES = ListOf(ROLE, "a list of roles")
POSTS = ListOf(POST, "a list of posts and roles")
LETTER_FORM = Choice(LETTER_FORMS)
ATTACHED = ListOf(Text("the name of a file", written.attached_name), "a list of files")
COPIES = ListOf(POST, "a list of posts and roles", 0)
