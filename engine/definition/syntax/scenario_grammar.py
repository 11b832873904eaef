"""The language of scenarios, as shapes."""

from __future__ import annotations

from engine.answer import Purpose
from engine.definition.syntax import written
from engine.definition.syntax.leaves import DISTANCE, EMAIL, FACT, LINE, NAME, PROSE, ROLE, STEP
from engine.definition.syntax.shapes import Choice, Key, ListOf, MapOf, OneOf, Record, Text

VALUE = Text("a value")
WRITTEN = Text("a written date", written.span)
CONTACT = Text("the id of a contact", written.identifier)
_AT = {"at": Key(Text("a day or an instant"), "When: a bare day is noon in the workflow's zone.", True)}
_REST = {
    "source": Key(LINE, "Where it is known from; `real`, or `illustrative`."),
    "note": Key(PROSE, "What else there is to say."),
}
_PARTY = Text("the id of a party", written.identifier)
_SUBJECT = {
    "party": Key(_PARTY, "The party that it is about."),
    "parties": Key(ListOf(_PARTY, "a list of parties"), "Several parties, each on its own."),
    "step": Key(STEP, "The step that it is about."),
    "anchor": Key(NAME, "The anchor that it is about."),
    "cycle": Key(Text("the name of a cycle", written.line), "The cycle that it is about."),
}
_ONE = {
    "party": Key(_PARTY, "The party.", True),
    "cycle": Key(Text("the name of a cycle", written.line), "The cycle; else that of the letter that left last."),
}


def _comes(kind: str, what: str, **more: Key) -> Record:
    """Something that comes by mail."""
    step = Key(STEP, f"{what} the letter of this step that the party got last.", True)
    return Record(f"scenario_{kind}", "an event", {**_AT, kind: step, **_ONE, **more, **_REST})


_TEXT = Key(PROSE, "What it says.")
EVENT = OneOf(
    "an event",
    {
        "record": Record(
            "scenario_record",
            "an event",
            {
                **_AT,
                "record": Key(FACT, "The fact that is recorded.", True),
                "value": Key(VALUE, "Its value.", True),
                **_SUBJECT,
                "details": Key(
                    MapOf(NAME, VALUE, "names of details, each with its value"), "What is recorded with it."
                ),
                "true": Key(WRITTEN, "The day it was true; default: a date's own value, else the day of `at`."),
                **_REST,
            },
        ),
        "retract": Record(
            "scenario_retract",
            "an event",
            {
                **_AT,
                "retract": Key(FACT, "The fact whose last recording is taken back.", True),
                **_SUBJECT,
                **_REST,
            },
        ),
        "contact": Record(
            "scenario_contact",
            "an event",
            {
                **_AT,
                "contact": Key(CONTACT, "The contact that gets another address.", True),
                "address": Key(EMAIL, "Its new address.", True),
                **_REST,
            },
        ),
        "reply": _comes("reply", "Somebody answers", text=Key(PROSE, "What it says.", True)),
        "out_of_office": _comes("out_of_office", "A machine answers", text=_TEXT),
        "bounce": _comes("bounce", "A mail server gives back"),
        "link": Record(
            "scenario_link",
            "an event",
            {
                **_AT,
                "link": Key(Choice(tuple(Purpose)), "Which link of the last letter with links a reader uses.", True),
                "step": Key(STEP, "The follow-up or target whose letter it is.", True),
                "party": Key(_PARTY, "The party that got it.", True),
                "value": Key(WRITTEN, "Of `by`: the day."),
                **_REST,
            },
        ),
        "scan": Record(
            "scenario_scan",
            "an event",
            {
                **_AT,
                "scan": Key(Choice(("links",)), "What a mail scanner opens: `links`.", True),
                "step": Key(STEP, "The follow-up or target whose letter it is.", True),
                "party": Key(_PARTY, "The party that got it.", True),
                **_REST,
            },
        ),
        "decide": Record(
            "scenario_decide",
            "an event",
            {
                **_AT,
                "decide": Key(
                    Choice(("go-on", "wait", "nothing")), "What is decided about an answer that waits.", True
                ),
                "step": Key(STEP, "The step whose letter it is an answer to.", True),
                "party": Key(_PARTY, "The party that it came from.", True),
                "value": Key(WRITTEN, "Of `wait`: until which day."),
                **_REST,
            },
        ),
        "stop": Record(
            "scenario_stop",
            "an event",
            {
                **_AT,
                "stop": Key(Choice(("daemon",)), "What stands still: `daemon`.", True),
                "for": Key(DISTANCE, "For how long: `3 weeks`.", True),
                **_REST,
            },
        ),
    },
)
_PERSON = Record(
    "person",
    "a person",
    {
        "approves": Key(Choice(("everything", "nothing")), "What it approves.", True),
        "after": Key(DISTANCE, "How long it takes; default: at once."),
    },
)
SCENARIO = Record(
    "scenario",
    "a scenario",
    {
        "scenario": Key(Text("the name of a plan", written.plan_name), "Its name.", True),
        "workflow": Key(Text("the name of a plan", written.plan_name), "The workflow that it is played with.", True),
        "from": Key(Text("a day or an instant"), "Where it begins.", True),
        "until": Key(Text("a day or an instant"), "Where it ends: a day is played to its end.", True),
        "seed": Key(Text("a whole number", written.whole), "What chance begins with; default `0`."),
        "people": Key(MapOf(ROLE, _PERSON, "names of roles"), "Who answers for the humans."),
        "events": Key(ListOf(EVENT, "a list of events", 0), "What happens."),
    },
)
