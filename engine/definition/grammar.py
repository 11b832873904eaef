"""The language of workflow files, as shapes. The sentences here become the tables of the documentation."""

from __future__ import annotations

from engine.definition import written
from engine.definition.cadence import parse_slot
from engine.definition.shapes import Choice, Key, ListOf, MapOf, OneOf, Record, Text, parse_name

NAME_PATTERN = "^[a-z][a-z0-9_]*$"
SLOT_KINDS = ("at once", "every", "before", "on the day", "after")

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
EMAIL = Text("an address for mail", written.address)
WHOLE = Text("a whole number", written.whole)

SLOTS = ListOf(SLOT, "a list of times to send at")
REMINDERS = ListOf(FIXED, "a list of times before, on or after the day")
WORDS = ListOf(WORD, "a list of words")
ROLES = ListOf(ROLE, "a list of roles")
POSTS = ListOf(POST, "a list of posts and roles")
NAMES = ListOf(NAME, "a list of names")

WORKING_DAYS = Record(
    "working_days", "the calendar of working days",
    {
        "country": Key(Text("the ISO code of a country", written.line), "Whose public holidays are days off.", True),
        "subdivision": Key(Text("the code of a part of the country", written.line), "The part of the country, if it has its own."),
    },
)  # fmt: skip

CYCLE = Record(
    "cycle", "a cycle",
    {
        "every": Key(Text("year, or so many years", written.years), "`year`, or for example `2 years`.", True),
        "due": Key(Text("a day of the year", written.yearly_day, r"^\d\d-\d\d$"), "The day it is due, as month and day: `04-30`.", True),
        "opens": Key(Text("a time before the due day", written.before), "Since when it is worked on: `12 weeks before`.", True),
        "name": Key(Text("a name with {year}", written.cycle_name), "What a cycle is called; default `{year}`."),
        "first_year": Key(Text("a year", written.year), "A year that has one; needed when they are two or more years apart."),
    },
)  # fmt: skip

ANCHOR = Record(
    "anchor", "an anchor",
    {
        "on": Key(Text("a written date", written.span), "Its day, days, month, quarter or year.", True),
        "title": Key(LINE, "What people call it; default: its name."),
    },
)  # fmt: skip

ADDRESS = Record(
    "address", "the rule of address",
    {
        "to": Key(POSTS, "Letters to a party go to the first of these posts that has a contact.", True),
        "cc": Key(ListOf(POST, "a list of posts and roles", 0), "Posts and roles that get a copy."),
    },
)  # fmt: skip

TYPE = Choice(("choice", "flag", "date", "text"))
ATTRIBUTE = Record(
    "attribute", "an attribute",
    {
        "type": Key(TYPE, "`choice` of some words, `flag` (yes or no), `date` or `text`.", True),
        "of": Key(WORDS, "The words of a choice."),
        "label": Key(LINE, "What people call it."),
    },
)  # fmt: skip

DETAIL = Record(
    "detail", "a detail",
    {
        "of": Key(WORDS, "The words that it may be; without it, any text."),
        "label": Key(LINE, "What people call it."),
    },
)  # fmt: skip

FACT_DECL = Record(
    "fact", "a fact",
    {
        "type": Key(TYPE, "`choice` of some words, `flag` (yes or no), `date` or `text`.", True),
        "of": Key(WORDS, "The words of a choice."),
        "label": Key(LINE, "What people call it."),
        "about": Key(Choice(("party", "step", "workflow")), "Whom or what it is recorded about; default `party`."),
        "each": Key(Choice(("cycle",)), "`cycle`: it is recorded anew for each cycle."),
        "details": Key(MapOf(NAME, DETAIL, "names of details, each with what it may be"), "What is recorded together with it."),
    },
)  # fmt: skip

SETTING = Record(
    "setting", "a setting",
    {
        "value": Key(WORD, "Our reading: the name of a set or value, a written date, or a word.", True),
        "of": Key(WORDS, "The readings that are possible."),
        "label": Key(LINE, "The ambiguity, for people."),
    },
)  # fmt: skip

VALUE = OneOf("a value", {
    "date": Record("value_date", "a value", {"date": Key(DATE, "A date that gets this name.", True)}),
    "is": Record("value_is", "a value", {"is": Key(CONDITION, "A condition that gets this name.", True)}),
})  # fmt: skip

SET = Record(
    "set", "a set",
    {
        "who": Key(CONDITION, "Which parties belong to it.", True),
        "as_of": Key(DATE, "Frozen as of this day; without it, whoever belongs to it at the moment asked about."),
        "expect": Key(WHOLE, "How many they are by the source; `check` compares."),
    },
)  # fmt: skip

ROLE_DECL = Record(
    "role", "a role",
    {
        "title": Key(LINE, "What it is called in letters.", True),
        "email": Key(EMAIL, "Its address; without one it is sent nothing and can own nothing."),
        "person": Key(LINE, "Who holds it, for the signature."),
        "timezone": Key(ZONE, "Where its mail is read; default: the workflow's."),
        "language": Key(Text("the code of a language", written.language), "The language of its mail; default `en`."),
    },
)  # fmt: skip

LETTERS = MapOf(Choice(SLOT_KINDS), TEMPLATE, f"templates for {', '.join(SLOT_KINDS)}")
APPROVAL = Key(Choice(("required", "none")), "Whether a person approves each letter to a party; default `required`.")

COMMON = {
    "note": Key(PROSE, "The source's own words."),
    "owner": Key(ROLE, "The role that owns it; default: the workflow's owner."),
    "ours": Key(ListOf(Text("a key of this step"), "a list of keys of this step"), "Which keys are our reading and not the source's; shown everywhere."),
    "cycle": Key(Choice(("none",)), "`none`: it stands outside the cycle of a yearly workflow."),
}  # fmt: skip
MANNER = {
    "letter": Key(TEMPLATE, "One template for all its letters."),
    "letters": Key(LETTERS, "A template for each kind of time: `at once`, `every`, `before`, `on the day`, `after`."),
}
PACE = {
    "approval": APPROVAL,
    "apart": Key(DAYS, "A letter of a series this near to a fixed one is absorbed by it; default `7 days`."),
    "stale_after": Key(
        DISTANCE, "Later than this after its time a letter is missed, not sent; default `3 working days`."
    ),
    "working_days": Key(Choice(("addressee", "workflow")), "Whose days off are avoided; default `workflow`."),
}
EACH = {
    "each": Key(CONDITION, "The parties meant.", True),
    "is": Key(CONDITION, "What has to hold for each of them.", True),
}
BASELINE = Record(
    "baseline", "a baseline",
    {
        "as_of": Key(DATE, "The day as of which it is counted.", True),
        "expect": Key(WHOLE, "How many they are by the source; `check` compares."),
    },
)  # fmt: skip
COUNT = {
    "count": Key(CONDITION, "The condition that parties have to meet to be counted.", True),
    "among": Key(CONDITION, "Only these parties are counted; default: all."),
    "at_least": Key(Text("a number to reach", written.threshold), "`5`, `half` (of `among`, rounded up), `baseline` or `baseline + 3`.", True),
    "baseline": Key(BASELINE, "The count to compare with."),
}  # fmt: skip

EVENT = Record(
    "event", "an event",
    {
        "event": Key(LINE, "Its title.", True),
        "when": Key(DATE, "Its day, or the month in which it is: then it is tentative until the day is recorded."),
        "by": Key(DATE, "In place of `when`: some day up to then."),
        "place": Key(LINE, "Where it is held."),
        "timezone": Key(ZONE, "The zone of the place; default: the workflow's."),
        "invite": Key(CONDITION, "Who is invited. Nobody who was invited is un-invited."),
        "prepare": Key(REMINDERS, "Reminders to the owner, counted from its first day (after it, from its last)."),
        "invitations": Key(SLOTS, "Letters to those invited, once the day is firm."),
        **MANNER,
        "moved": Key(TEMPLATE, "The letter to those who were told another day; default `event_moved`."),
        "cancelled": Key(TEMPLATE, "The letter to those who were told of it; default `event_cancelled`."),
        **PACE,
        **COMMON,
    },
)  # fmt: skip
FOLLOW_UP = Record(
    "follow_up", "a follow-up",
    {
        "follow_up": Key(LINE, "Its title.", True),
        "to": Key(CONDITION, "Which parties; default: all."),
        "after": Key(DATE, "Nothing is sent before this day."),
        "by": Key(DATE, "The deadline: the last instant of its last day, in the workflow's zone.", True),
        "since": Key(DATE, "A date fact satisfies `until` only if it is true on or after this day; default: the cycle's or the workflow's start."),
        "until": Key(CONDITION, "When a party is done: its letters stop at once.", True),
        "send": Key(SLOTS, "When letters leave.", True),
        **MANNER,
        "thanks": Key(TEMPLATE, "The letter to a party that got a letter and is done."),
        "escalate": Key(Record("escalate", "an escalation", {
            "after": Key(Text("a number of letters", written.letters), "After so many letters without an answer: `3 letters`.", True),
            "to": Key(ROLE, "The role that is told.", True),
            "letter": Key(TEMPLATE, "Its template; default `escalation`."),
        }), "Whom to tell when letters stay without an answer."),
        "closes_when": Key(Record("each", "a condition for each", EACH), "The whole step ends when this holds."),
        **PACE,
        **COMMON,
    },
)  # fmt: skip
TARGET = Record(
    "target", "a target",
    {
        "target": Key(LINE, "Its title.", True),
        **COUNT,
        "by": Key(DATE, "The day at whose end it is judged.", True),
        "remind": Key(REMINDERS, "Reminders to the owner, with who is still missing."),
        "ask": Key(Record("ask", "a request", {
            "to": Key(CONDITION, "Which parties are asked.", True),
            "send": Key(SLOTS, "When letters leave, counted from the target's `by`.", True),
            **MANNER,
        }), "Letters to parties that may help to meet it."),
        "enough": Key(Choice(("go on", "stop")), "Whether the others are still asked once it is met; default `go on`."),
        "thanks": Key(TEMPLATE, "The letter to a party that was asked and now counts."),
        **PACE,
        **COMMON,
    },
)  # fmt: skip
TASK = Record(
    "task", "a task",
    {
        "task": Key(LINE, "Its title.", True),
        "by": Key(DATE, "The day by which it is to be recorded as done.", True),
        "remind": Key(REMINDERS, "Reminders to the owner."),
        "for": Key(CONDITION, "The parties that it concerns."),
        **COMMON,
    },
)  # fmt: skip
ONGOING = Record(
    "ongoing", "an ongoing step",
    {
        "ongoing": Key(LINE, "Its title.", True),
        "review": Key(Text("how often", written.every), "A prompt to the owner, counted from the last contact or review: `every 2 months`.", True),
        "with": Key(ROLES, "The roles that take part."),
        "about": Key(CONDITION, "The parties that it concerns."),
        "first": Key(CONDITION, "Which of them come first."),
        **COMMON,
    },
)  # fmt: skip
STEP_DECL = OneOf(
    "a step", {"event": EVENT, "task": TASK, "follow_up": FOLLOW_UP, "target": TARGET, "ongoing": ONGOING}
)

LISTING = {
    "among": Key(CONDITION, "The parties that are listed.", True),
    "show": Key(FACT, "The fact that is shown for each.", True),
}
MEASURES = {
    "count": Record("measure_count", "a measure", COUNT),
    "each": Record("measure_each", "a measure", EACH),
    "show": Record("measure_show", "a measure", LISTING),
}
MEASURE = OneOf("a measure", MEASURES)
_TITLED = {"title": Key(LINE, "The source's own words.", True)}
_BY = {"by": Key(DATE, "The day at whose end it is judged; needed where there is something to meet.")}
OBJECTIVE_DECL = OneOf("an objective", {
    "all": Record("objective_all", "an objective", {
        **_TITLED, "all": Key(ListOf(MEASURE, "a list of measures"), "Several measures, all of which have to be met.", True), **_BY,
    }),
    "count": Record("objective_count", "an objective", {**_TITLED, **COUNT, **_BY}),
    "each": Record("objective_each", "an objective", {**_TITLED, **EACH, **_BY}),
    "show": Record("objective_show", "an objective", {**_TITLED, **LISTING, **_BY}),
})  # fmt: skip
OUTPUT_DECL = OneOf("an output", {
    "shows": Record("output_shows", "an output", {
        **_TITLED, "shows": Key(ListOf(OBJECTIVE, "a list of objectives"), "The objectives that show it.", True),
    }),
    "count": Record("output_count", "an output", {**_TITLED, **COUNT}),
    "record": Record("output_record", "an output", {
        **_TITLED, "record": Key(FACT, "A fact about the workflow, in which an assessment is recorded.", True),
    }),
})  # fmt: skip
BUDGET = Record(
    "budget", "a budget line",
    {
        "for": Key(STEP, "The step that it pays for.", True),
        "amount": Key(Text("an amount with a currency", written.money), "`100000 NZD`. Currencies are never added up.", True),
        "from": Key(LINE, "Who pays.", True),
        "status": Key(LINE, "Such as `funded`.", True),
        "note": Key(PROSE, "What else there is to say."),
    },
)  # fmt: skip

WORKFLOW = Record(
    "workflow", "a workflow",
    {
        "workflow": Key(Text("the name of a plan", written.plan_name, "^[a-z][a-z0-9-]*$"), "Its name: small letters, digits and `-`.", True),
        "title": Key(LINE, "What people call it.", True),
        "source": Key(LINE, "The document that it implements."),
        "timezone": Key(ZONE, "The zone in which deadlines end.", True),
        "working_days": Key(WORKING_DAYS, "The calendar of days off; default: weekends only."),
        "send_at": Key(Text("a time of day", written.clock_time), "When letters leave, in the addressee's zone; default `09:00`."),
        "starts": Key(DATE, "The first day of the plan."),
        "ends": Key(DATE, "The last: closes what is open, and nothing is sent after it."),
        "owner": Key(ROLE, "The role that owns each step that names none.", True),
        "cycle": Key(CYCLE, "Makes it a yearly workflow."),
        "horizon": Key(DAYS, "How far what has no end is planned ahead; default `400 days`."),
        "ask_ahead": Key(DISTANCE, "How long before its time a letter asks for approval; default `10 working days`."),
        "anchors": Key(MapOf(NAME, ANCHOR, "names of anchors"), "Named dates that are not steps."),
        "parties": Key(FILE, "The roster: a CSV file, relative to this one."),
        "contacts": Key(FILE, "The contacts: a CSV file, relative to this one."),
        "address": Key(ADDRESS, "To whom letters to a party go."),
        "attributes": Key(MapOf(NAME, ATTRIBUTE, "names of attributes"), "The columns of the roster that the plan uses."),
        "settings": Key(MapOf(NAME, SETTING, "names of settings"), "The source's ambiguities, each with our reading."),
        "facts": Key(MapOf(NAME, FACT_DECL, "names of facts"), "What can be recorded, besides what is built in."),
        "values": Key(MapOf(NAME, VALUE, "names of values"), "Names for dates and conditions."),
        "sets": Key(MapOf(NAME, SET, "names of sets"), "Named groups of parties."),
        "roles": Key(MapOf(NAME, ROLE_DECL, "names of roles"), "Who owns work, or is kept informed.", True),
        "steps": Key(MapOf(NAME, STEP_DECL, "names of steps"), "The items of the plan.", True),
        "objectives": Key(MapOf(NAME, OBJECTIVE_DECL, "names of objectives"), "What the plan is for."),
        "outputs": Key(MapOf(NAME, OUTPUT_DECL, "names of outputs"), "What the source expects to come out."),
        "budget": Key(ListOf(BUDGET, "a list of budget lines", 0), "Money, by step and currency."),
    },
)  # fmt: skip
