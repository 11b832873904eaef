"""The language of scenarios, as shapes."""

from __future__ import annotations

from engine.answer import Purpose
from engine.definition.syntax import times, written
from engine.definition.syntax.leaves import DISTANCE, EMAIL, FACT, LINE, NAME, PROSE, ROLE, STEP
from engine.definition.syntax.shapes import Choice, Key, ListOf, MapOf, OneOf, Record, Text

VALUE = Text("a value")
WRITTEN = Text("a written date", times.span)
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


def _event(kind: str, what: Key, **keys: Key) -> Record:
    """Something that happens, told apart by the key of its kind."""
    return Record(f"scenario_{kind}", "an event", {**_AT, kind: what, **keys, **_REST})


def _comes(kind: str, what: str, **more: Key) -> Record:
    """Something that comes by mail."""
    cycle = Key(Text("the name of a cycle", written.line), "The cycle; else that of the letter that left last.")
    step = Key(STEP, f"{what} the letter of this step that the party got last.", True)
    return _event(kind, step, party=Key(_PARTY, "The party.", True), cycle=cycle, **more)


_USED = {
    "step": Key(STEP, "The follow-up or target whose letter it is.", True),
    "party": Key(_PARTY, "The party that got it.", True),
}
_DECIDED = Choice(("go-on", "wait", "nothing"))
EVENT = OneOf(
    "an event",
    {
        "record": _event(
            "record", Key(FACT, "The fact that is recorded.", True),
            value=Key(VALUE, "Its value.", True), **_SUBJECT,
            details=Key(MapOf(NAME, VALUE, "names of details, each with its value"), "What is recorded with it."),
            true=Key(WRITTEN, "The day it was true; default: a date's own value, else the day of `at`."),
        ),
        "retract": _event("retract", Key(FACT, "The fact whose last recording is taken back.", True), **_SUBJECT),
        "contact": _event(
            "contact", Key(CONTACT, "The contact that gets another address.", True),
            address=Key(EMAIL, "Its new address.", True),
        ),
        "reply": _comes("reply", "Somebody answers", text=Key(PROSE, "What it says.", True)),
        "out_of_office": _comes("out_of_office", "A machine answers", text=Key(PROSE, "What it says.")),
        "bounce": _comes("bounce", "A mail server gives back"),
        "link": _event(
            "link", Key(Choice(tuple(Purpose)), "Which link of the last letter with links a reader uses.", True),
            **_USED, value=Key(WRITTEN, "Of `by`: the day."),
        ),
        "scan": _event("scan", Key(Choice(("links",)), "What a mail scanner opens: `links`.", True), **_USED),
        "decide": _event(
            "decide", Key(_DECIDED, "What is decided about an answer that waits.", True),
            step=Key(STEP, "The step whose letter it is an answer to.", True),
            party=Key(_PARTY, "The party that it came from.", True),
            value=Key(WRITTEN, "Of `wait`: until which day."),
        ),
        "stop": _event(
            "stop", Key(Choice(("daemon",)), "What stands still: `daemon`.", True),
            **{"for": Key(DISTANCE, "For how long: `3 weeks`.", True)},
        ),
    },
)  # fmt: skip
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
