"""The language of steps, as shapes: what a plan is made of."""

from __future__ import annotations

from engine.definition.syntax import times, written
from engine.definition.syntax.leaves import (
    ATTACHED,
    CONDITION,
    COPIES,
    DATE,
    DAYS,
    DISTANCE,
    LETTER_FORM,
    LETTER_KINDS,
    LINE,
    NAME,
    PROSE,
    REMINDERS,
    ROLE,
    ROLES,
    SLOT_KINDS,
    SLOTS,
    TEMPLATE,
    TITLES,
    WHOLE,
    ZONE,
)
from engine.definition.syntax.measure_grammar import COUNT, EACH, OURS
from engine.definition.syntax.shapes import Choice, Key, ListOf, MapOf, OneOf, Record, Text

LETTERS = MapOf(Choice(SLOT_KINDS), TEMPLATE, f"templates for {', '.join(SLOT_KINDS)}")
APPROVAL = Key(Choice(("required", "none")), "Whether a person approves each letter to a party; default `required`.")

COMMON = {
    "note": Key(PROSE, "The source's own words."),
    "owner": Key(ROLE, "The role that owns it; default: the workflow's owner."),
    "titles": Key(TITLES, "Its title in other languages, for letters in them: `{fr: …}`."),
    **OURS,
    "cycle": Key(
        Choice(("none",)),
        "`none`: it stands outside the cycle of a yearly workflow, as events and ongoing steps always do.",
    ),
}
MANNER = {
    "letter": Key(TEMPLATE, "One template for all its letters."),
    "letters": Key(LETTERS, "A template for each kind of time: `at once`, `every`, `before`, `on the day`, `after`."),
}
PACES = {
    "paces": Key(
        MapOf(NAME, SLOTS, "names of paces, each with a list of times to send at"),
        "Other times to send at, by name: a party gets them once the fact `pace` says so.",
    )
}
OPTIONAL = {"optional": Key(Choice(("yes", "no")), "Whether a party may opt out of it; default `no`.")}
PACE = {
    "approval": APPROVAL,
    "cc": Key(COPIES, "Posts and roles that get a copy of its letters to parties, in place of the plan's `address`."),
    "letter_form": Key(LETTER_FORM, "`note_verbale`: its letters that have one go as notes verbales, to whomever."),
    "attach": Key(
        ATTACHED, "Files that go with each of its letters to parties: PDF or DOCX beside the plan, `deadline.ics`."
    ),
    "attachments": Key(
        MapOf(Choice(LETTER_KINDS), ATTACHED, f"files for {', '.join(LETTER_KINDS)}"),
        "Files for a kind of letter, in place of those of `attach`: `at once`, …, `thanks`.",
    ),
    "apart": Key(DAYS, "A letter of a series this near to a fixed one is absorbed by it; default `7 days`."),
    "stale_after": Key(DISTANCE, "So long after its time a letter is missed, not sent; default `3 working days`."),
    "working_days": Key(Choice(("addressee", "workflow")), "Whose days off are avoided; default `workflow`."),
}
CORRECTED = {
    "corrected": Key(
        TEMPLATE, "The letter to those who were told another day than its `by` is now; without it, its owner is asked."
    )
}
EVENT = Record(
    "event",
    "an event",
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
)
EXTENSIONS = Record(
    "extensions",
    "a rule for extensions",
    {
        "asked": Key(
            Text("before, or so long before", times.asked),
            "Until when it has to be asked for: `before` (the deadline is over), or for example `2 weeks before`.",
        ),
        "at_most": Key(WHOLE, "How many extensions a party may get."),
        "until": Key(DATE, "The last day that may be given: `by + 60 days` counts from the step's own `by`."),
    },
)
ESCALATE = Record(
    "escalate",
    "an escalation",
    {
        "after": Key(
            Text("a number of letters", written.letters), "After so many letters without an answer: `3 letters`."
        ),
        "before": Key(DISTANCE, "So long before the deadline, if the party was written to: `2 weeks`."),
        "to": Key(ROLE, "The role that is told.", True),
        "letter": Key(TEMPLATE, "Its template; default `escalation`, of one with `before` alone `date_near`."),
    },
)
FOLLOW_UP = Record(
    "follow_up",
    "a follow-up",
    {
        "follow_up": Key(LINE, "Its title.", True),
        "to": Key(CONDITION, "Which parties; default: all."),
        "after": Key(DATE, "Nothing is sent before this day."),
        "by": Key(DATE, "The deadline: the last instant of its last day, in the workflow's zone.", True),
        "since": Key(
            DATE,
            "A date fact counts in `until` from this day on; default: the cycle's or the workflow's start.",
        ),
        "grace": Key(DISTANCE, "Only after so long past `by` is a party late; letters still count from `by`."),
        "until": Key(CONDITION, "When a party is done: its letters stop at once.", True),
        "send": Key(SLOTS, "When letters leave.", True),
        **PACES,
        **MANNER,
        "thanks": Key(TEMPLATE, "The letter to a party that got a letter and is done."),
        **CORRECTED,
        "escalate": Key(
            ListOf(ESCALATE, "an escalation, or a list of them", alone=True),
            "Whom to tell when letters stay without an answer, or the deadline is near.",
        ),
        "closes_when": Key(Record("each", "a condition for each", EACH), "The whole step ends when this holds."),
        "extensions": Key(EXTENSIONS, "When a party may get an extension; without it, whenever a person gives one."),
        **OPTIONAL,
        **PACE,
        **COMMON,
    },
)
TARGET = Record(
    "target",
    "a target",
    {
        "target": Key(LINE, "Its title.", True),
        **COUNT,
        "by": Key(DATE, "The day at whose end it is judged.", True),
        "remind": Key(REMINDERS, "Reminders to the owner, with who is still missing."),
        "ask": Key(
            Record(
                "ask",
                "a request",
                {
                    "to": Key(CONDITION, "Which parties are asked.", True),
                    "send": Key(SLOTS, "When letters leave, counted from the target's `by`.", True),
                    **PACES,
                    **MANNER,
                },
            ),
            "Letters to parties that may help to meet it.",
        ),
        "enough": Key(Choice(("go on", "stop")), "Whether the others are still asked once it is met; default `go on`."),
        "thanks": Key(TEMPLATE, "The letter to a party that was asked and now counts."),
        **OPTIONAL,
        **CORRECTED,
        **PACE,
        **COMMON,
    },
)
TASK = Record(
    "task",
    "a task",
    {
        "task": Key(LINE, "Its title.", True),
        "by": Key(DATE, "The day by which it is to be recorded as done.", True),
        "remind": Key(REMINDERS, "Reminders to the owner."),
        "for": Key(CONDITION, "The parties that it concerns."),
        **COMMON,
    },
)
ONGOING = Record(
    "ongoing",
    "an ongoing step",
    {
        "ongoing": Key(LINE, "Its title.", True),
        "review": Key(
            Text("how often", times.every),
            "A prompt to the owner, counted from the last contact or review: `every 2 months`.",
            True,
        ),
        "with": Key(ROLES, "The roles that take part."),
        "about": Key(CONDITION, "The parties that it concerns."),
        "first": Key(CONDITION, "Which of them come first."),
        **COMMON,
    },
)
STEP_DECL = OneOf(
    "a step", {"event": EVENT, "task": TASK, "follow_up": FOLLOW_UP, "target": TARGET, "ongoing": ONGOING}
)
