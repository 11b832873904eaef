"""The language of workflow files, as shapes. The sentences here become the tables of the documentation."""

from __future__ import annotations

from engine.definition.syntax import times, written
from engine.definition.syntax.leaves import (
    CONDITION,
    COPIES,
    DATE,
    DAYS,
    DISTANCE,
    EMAIL,
    FILE,
    LANGUAGE,
    LINE,
    NAME,
    POSTS,
    ROLE,
    TITLES,
    WHOLE,
    WORD,
    WORDS,
    ZONE,
)
from engine.definition.syntax.measure_grammar import BUDGET, OBJECTIVE_DECL, OURS, OUTPUT_DECL
from engine.definition.syntax.shapes import Choice, Key, ListOf, MapOf, OneOf, Record, Text
from engine.definition.syntax.step_grammar import STEP_DECL

WORKING_DAYS = Record(
    "working_days",
    "the calendar of working days",
    {
        "country": Key(Text("the ISO code of a country", written.line), "Whose public holidays are days off.", True),
        "subdivision": Key(
            Text("the code of a part of the country", written.line), "The part of the country, if it has its own."
        ),
    },
)

CYCLE = Record(
    "cycle",
    "a cycle",
    {
        "every": Key(Text("year, or so many years", times.years), "`year`, or for example `2 years`.", True),
        "due": Key(
            Text("a day of the year", times.yearly_day, r"^\d\d-\d\d$"),
            "The day it is due, as month and day: `04-30`.",
            True,
        ),
        "opens": Key(
            Text("a time before the due day", times.opens), "Since when it is worked on: `12 weeks before`.", True
        ),
        "name": Key(Text("a name with {year}", written.cycle_name), "What a cycle is called; default `{year}`."),
        "first_year": Key(
            Text("a year", times.year), "A year that has one; needed when they are two or more years apart."
        ),
    },
)

ANCHOR = Record(
    "anchor",
    "an anchor",
    {
        "on": Key(Text("a written date", times.span), "Its day, days, month, quarter or year.", True),
        "title": Key(LINE, "What people call it; default: its name."),
    },
)

ADDRESS = Record(
    "address",
    "the rule of address",
    {
        "to": Key(POSTS, "Letters to a party go to the first of these posts that has a contact.", True),
        "cc": Key(COPIES, "Posts and roles that get a copy."),
        "notes": Key(POSTS, "Posts that are written to by note verbale, where a letter has one."),
    },
)

LABEL = {"label": Key(LINE, "What people call it.")}
TYPED = {
    "type": Key(
        Choice(("choice", "flag", "date", "text")),
        "`choice` of some words, `flag` (yes or no), `date` or `text`.",
        True,
    ),
    "of": Key(WORDS, "The words of a choice."),
    **LABEL,
}
ATTRIBUTE = Record("attribute", "an attribute", TYPED)
DETAIL = Record("detail", "a detail", {"of": Key(WORDS, "The words that it may be; without it, any text."), **LABEL})
FACT_DECL = Record(
    "fact",
    "a fact",
    {
        **TYPED,
        "about": Key(Choice(("party", "step", "workflow")), "Whom or what it is recorded about; default `party`."),
        "each": Key(Choice(("cycle",)), "`cycle`: it is recorded anew for each cycle."),
        "details": Key(
            MapOf(NAME, DETAIL, "names of details, each with what it may be"), "What is recorded together with it."
        ),
    },
)

SETTING = Record(
    "setting",
    "a setting",
    {
        "value": Key(WORD, "Our reading: the name of a set or value, a written date, or a word.", True),
        "of": Key(WORDS, "The readings that are possible."),
        "label": Key(LINE, "The ambiguity, for people."),
    },
)

CALLED = {"label": Key(LINE, "What people call it, as on the page: it stands in a sentence.")}
VALUE = OneOf(
    "a value",
    {
        "date": Record("value_date", "a value", {"date": Key(DATE, "A date that gets this name.", True), **CALLED}),
        "is": Record("value_is", "a value", {"is": Key(CONDITION, "A condition that gets this name.", True), **CALLED}),
    },
)

SET = Record(
    "set",
    "a set",
    {
        "who": Key(CONDITION, "Which parties belong to it.", True),
        "as_of": Key(DATE, "Frozen as of this day; without it, whoever belongs to it at the moment asked about."),
        "expect": Key(WHOLE, "How many they are by the source; `check` compares."),
        **CALLED,
    },
)

LETTERHEAD = Record(
    "letterhead",
    "a letterhead",
    {
        "lines": Key(ListOf(LINE, "a list of lines"), "What stands at the top of its notes verbales.", True),
        "place": Key(TITLES, "Where they are dated from, by language: `{en: Geneva, fr: Genève}`."),
        "reference": Key(LINE, "What their numbers begin with: `NIM` gives NIM/2018/7."),
        "initials": Key(LINE, "Who initials them."),
        "sender": Key(
            TITLES, "The role in the third person, by language: `{en: the Coordinator, fr: la Coordination}`."
        ),
    },
)

ROLE_DECL = Record(
    "role",
    "a role",
    {
        "title": Key(LINE, "What it is called in letters.", True),
        "email": Key(EMAIL, "Its address; without one it is sent nothing and can own nothing."),
        "person": Key(LINE, "Who holds it, for the signature."),
        "timezone": Key(ZONE, "Where its mail is read; default: the workflow's."),
        "language": Key(LANGUAGE, "The language of its mail; default: the workflow's."),
        "digest": Key(
            Text("daily, or weekly on a day", times.digest),
            "How often it gets a digest of the plan: `daily`, or `weekly on Monday`; without it, none.",
        ),
        "titles": Key(TITLES, "What it is called in letters in other languages: `{fr: …}`."),
        "letterhead": Key(LETTERHEAD, "For notes verbales in its name."),
    },
)

WORKFLOW = Record(
    "workflow",
    "a workflow",
    {
        "workflow": Key(
            Text("the name of a plan", written.plan_name, "^[a-z][a-z0-9-]*$"),
            "Its name: small letters, digits and `-`.",
            True,
        ),
        "title": Key(LINE, "What people call it.", True),
        "titles": Key(TITLES, "Its title in other languages, for letters in them: `{fr: …}`."),
        "language": Key(LANGUAGE, "The language of letters to whom no other is known; default `en`."),
        "source": Key(LINE, "The document that it implements."),
        "timezone": Key(ZONE, "The zone in which deadlines end.", True),
        "working_days": Key(WORKING_DAYS, "The calendar of days off; default: weekends only."),
        "quiet": Key(
            ListOf(
                Text("days, such as 2017-12-23..2018-01-02 or of each year 12-24..01-02", times.quiet),
                "a list of days",
                0,
            ),
            "Days on which nothing is sent: it leaves before or after, as on days off. `2017-12-23..2018-01-02`, or of each"
            " year `12-24..01-02`.",
        ),
        "send_at": Key(
            Text("a time of day", times.clock_time), "When letters leave, in the addressee's zone; default `09:00`."
        ),
        "starts": Key(DATE, "The first day of the plan."),
        "ends": Key(DATE, "The last: closes what is open, and nothing is sent after it."),
        "owner": Key(ROLE, "The role that owns each step that names none.", True),
        **OURS,
        "cycle": Key(CYCLE, "Makes it a yearly workflow."),
        "horizon": Key(DAYS, "How far what has no end is planned ahead; default `400 days`."),
        "ask_ahead": Key(DISTANCE, "How long before its time a letter asks for approval; default `10 working days`."),
        "anchors": Key(MapOf(NAME, ANCHOR, "names of anchors"), "Named dates that are not steps."),
        "parties": Key(FILE, "The roster: a CSV file, relative to this one."),
        "contacts": Key(FILE, "The contacts: a CSV file, relative to this one."),
        "address": Key(ADDRESS, "To whom letters to a party go."),
        "attributes": Key(
            MapOf(NAME, ATTRIBUTE, "names of attributes"), "The columns of the roster that the plan uses."
        ),
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
)
