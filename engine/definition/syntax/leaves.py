"""The smallest shapes of the language: what stands behind a colon, and lists of it."""

from __future__ import annotations

from engine.definition.cadence import parse_slot
from engine.definition.people import LETTER_FORMS
from engine.definition.syntax import written
from engine.definition.syntax.shapes import Choice, ListOf, MapOf, Text, parse_name

NAME_PATTERN = "^[a-z][a-z0-9_]*$"
SLOT_KINDS = ("at once", "every", "before", "on the day", "after")
LETTER_KINDS = (*SLOT_KINDS, "thanks")

LINE = Text("a text", written.line)
PROSE = Text("a text of one or more lines", written.prose)
WORD = Text("a word", written.line)
NAME = Text("a name", parse_name, NAME_PATTERN)
ROLE = Text("the name of a role", parse_name, NAME_PATTERN)
STEP = Text("the name of a step", parse_name, NAME_PATTERN)
FACT = Text("the name of a fact", parse_name, NAME_PATTERN)
OBJECTIVE = Text("the name of an objective", parse_name, NAME_PATTERN)
POST = Text("the name of a post or role", parse_name, NAME_PATTERN)
TEMPLATE = Text("the name of a template", parse_name, NAME_PATTERN)
DATE = Text("a date", written.date_expr)
CONDITION = Text("a condition")
ZONE = Text("a time zone", written.zone_name)
DISTANCE = Text("a length of time", written.distance)
DAYS = Text("a number of days", written.days)
SLOT = Text("a time to send at", parse_slot)
FIXED = Text("a time before, on or after the day", written.fixed)
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
NAMES = ListOf(NAME, "a list of names")
