"""What may be recorded, about whom, and since when it was true."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.definition import loader
from engine.definition.dates import Precision, day, parse_span
from engine.definition.facts import Subject
from engine.definition.recording.draft import Draft, draft
from engine.definition.recording.subjects import RecordingError, check_subject, cycle_year
from engine.definition.syntax.sources import SourceFile

TODAY = date(2018, 3, 20)
PLAN = """\
workflow: small
title: Small
timezone: Europe/Zurich
owner: lead
roles: {lead: {title: Lead, email: lead@example.org}}
cycle: {every: 2 years, due: 04-30, opens: 12 weeks before, name: "round-{year}", first_year: 2018}
anchors: {closing: {on: 2018-12}}
parties: p.csv
contacts: c.csv
address: {to: [mission]}
facts:
  report: {type: date, details: {form: {of: [full, empty]}, remark: {}}}
  stance: {type: choice, of: [open, closed]}
  ready: {type: flag}
  words: {type: text, about: step}
  mood: {type: text, about: workflow}
  yearly: {type: date, each: cycle}
steps:
  meeting: {event: Meeting, cycle: none, when: 2018-05}
  chase: {follow_up: Chase, by: cycle.due, until: yearly, send: [on the day], paces: {gentle: [on the day]}, letter: x}
  once: {follow_up: Once, cycle: none, by: 2018-09, until: report, send: [on the day], letter: x}
  print: {task: Print, cycle: none, by: 2018-09}
  look: {ongoing: Look, cycle: none, review: every month}
"""
FILES = {
    "p.csv": "id,name\nKE,Kenya\nFJ,Fiji\n",
    "c.csv": "id,party,post,name,address\nke_mission,KE,mission,Kenya,ke@x.example\n",
}
PLANNABLE = loader.load(SourceFile("small.yaml", PLAN), FILES.__getitem__, {}).plannable


def record(fact: str, value: str, **more: Any) -> Draft:
    """A draft on 20 March 2018, about what `more` names."""
    about = Subject(**{name: more.pop(name) for name in Subject._fields if name in more})
    return draft(PLANNABLE, fact, value, about, today=TODAY, **more)


def refused(fact: str, value: str, **more: Any) -> tuple[str, str]:
    """Which argument is refused, and in what words."""
    with pytest.raises(RecordingError) as caught:
        record(fact, value, **more)
    return caught.value.argument, f"{caught.value} {caught.value.hint}".strip()


def test_the_value_of_a_declared_date_is_the_day_it_was_true() -> None:
    assert record("report", " 2018-03-20 ", party="KE") == Draft(
        "report", Subject(party="KE"), "2018-03-20", day(TODAY)
    )
    assert record("report", "2018-03", party="KE").true.precision is Precision.MONTH
    assert record("report", "2018-03-19", party="KE", on="2018-03-19").true == day(date(2018, 3, 19))


def test_all_else_is_true_today_unless_said() -> None:
    assert record("stance", "open", party="KE").true == day(TODAY)
    assert record("stance", "open", party="KE", on="2018-02").true == parse_span("2018-02")
    assert record("mood", "Good.").subject == Subject()
    assert record("words", "Fine.", step="print").subject == Subject(step="print")


def test_the_date_of_an_event_may_lie_ahead() -> None:
    assert record("date", "2018-05-15", step="meeting").true == day(TODAY)
    assert record("date", "2018-03-01..2018-03-02", step="meeting").true == day(date(2018, 3, 1))
    assert record("date", "2018-12-12", anchor="closing", on="2018-03-01").true == day(date(2018, 3, 1))
    assert record("extended_to", "2018-10-01", party="KE", step="once").true == day(TODAY)


def test_built_in_facts() -> None:
    assert record("attended", "no", party="FJ", step="meeting").subject == Subject(party="FJ", step="meeting")
    assert record("held", "yes", step="meeting").value == "yes"
    assert record("done", "yes", step="print").subject == Subject(step="print")
    assert record("reviewed", "yes", step="look").subject == Subject(step="look")
    assert record("contacted", "yes", party="KE", step="look").value == "yes"
    assert record("address", "new@x.example", contact="ke_mission").subject == Subject(contact="ke_mission")


def test_opting_out_of_an_event_has_a_word_of_its_own() -> None:
    _, said = refused("opted_out", "yes", party="KE", step="meeting")
    assert said.endswith("recorded about a follow-up or a target Whether a party comes to an event is the fact coming.")


def test_what_is_decided_about_one_party() -> None:
    assert record("extension_asked", "2018-03-19", party="KE", step="once").true == day(date(2018, 3, 19))
    assert record("exempt", "no", party="KE", step="once").value == "no"
    assert record("pace", "usual", party="KE", note="as before").subject == Subject(party="KE")
    assert record("pace", "gentle", party="KE", step="chase", note="asked for").subject == Subject(
        party="KE", step="chase"
    )
    assert record("write_to", "ke_mission", party="KE", note="asked for").value == "ke_mission"
    assert record("approval", "required", party="KE", note="delicate").value == "required"
    assert record("language", "pt-BR", party="KE", note="asked for").value == "pt-BR"
    against = record(
        "extended_to", "2018-12-01", party="KE", step="once", details={"against_the_rule": "yes"}, note="a flood"
    )
    assert against.details == (("against_the_rule", "yes"),)


def test_details() -> None:
    drafted = record("report", "2018-03-20", party="KE", details={"remark": " by hand ", "form": "full"})
    assert drafted.details == (("form", "full"), ("remark", "by hand"))


def test_what_recurs_names_its_cycle_or_leaves_it_to_the_caller() -> None:
    assert record("yearly", "2018-03-20", party="KE").needs_cycle
    drafted = record("yearly", "2018-03-20", party="KE", cycle="round-2018")
    assert (drafted.subject, drafted.needs_cycle) == (Subject(party="KE", cycle="round-2018"), False)
    assert record("reopened", "yes", party="KE", step="chase").needs_cycle
    assert not record("reopened", "yes", party="KE", step="once").needs_cycle
    assert cycle_year(PLANNABLE.workflow, "round-2020") == 2020


def test_a_retraction_needs_a_subject_only() -> None:
    assert not check_subject(PLANNABLE, "report", Subject(party="KE"))


@pytest.mark.parametrize(
    ("fact", "value", "more", "argument", "words"),
    [
        ("reprot", "2018-03-20", {"party": "KE"}, "fact", "there is no fact “reprot” Did you mean report?"),
        ("report", "20 March", {"party": "KE"}, "value", "“20 March” is not a date"),
        ("report", "2018-03-21", {"party": "KE"}, "value", "2018-03-21 lies ahead"),
        ("report", "2018-03-20", {"party": "KE", "on": "2018-03-19"}, "on", "the value of report is the day it was true"),
        ("report", "2018-03-20", {}, "party", "the fact report is about a party, and no party is named"),
        ("report", "2018-03-20", {"party": "Fiji"}, "party", "there is no party “Fiji” Did you mean FJ?"),
        ("report", "2018-03-20", {"party": "fj"}, "party", "there is no party “fj” Did you mean FJ?"),
        ("report", "2018-03-20", {"party": "KE", "step": "once"}, "step", "the fact report is about a party, not about a step"),
        ("report", "2018-03-20", {"party": "KE", "cycle": "round-2018"}, "cycle", "the fact report is not recorded for each"),
        ("report", "2018-03-20", {"party": "KE", "details": {"from": "full"}}, "detail", "the fact report has no detail “from”"),
        ("report", "2018-03-20", {"party": "KE", "details": {"form": "ful"}}, "detail", "“ful” is not a value of report.form"),
        ("stance", "opne", {"party": "KE"}, "value", "“opne” is not a value of stance (open, closed) Did you mean open?"),
        ("stance", "open", {"party": "KE", "on": "2018-03-21"}, "on", "2018-03-21 lies ahead"),
        ("stance", "open", {"party": "KE", "details": {"x": "y"}}, "detail", "the fact stance has no detail “x” It has no"),
        ("ready", "true", {"party": "KE"}, "value", "“true” is not a value of ready (yes, no)"),
        ("mood", " ", {}, "value", "the value of mood is empty"),
        ("mood", "x\x1b[2J", {}, "value", "control characters cannot stand in this text"),
        ("mood", "x", {"party": "KE"}, "party", "the fact mood is about the workflow, not about a party"),
        ("date", "2018-05-15", {}, "step", "the fact date is about an event or an anchor, and no step is named"),
        ("date", "2018-05-15", {"step": "print"}, "step", "print is a task, and the fact date is recorded about an event"),
        ("date", "2018-05-15", {"anchor": "closng"}, "anchor", "there is no anchor “closng” Did you mean closing?"),
        ("held", "yes", {"step": "meting"}, "step", "there is no step “meting” Did you mean meeting?"),
        ("yearly", "2018-03-20", {"party": "KE", "cycle": "2018"}, "cycle", "there is no cycle “2018” Write for example"),
        ("yearly", "2018-03-20", {"party": "KE", "cycle": "round-2019"}, "cycle", "there is no cycle “round-2019”"),
        ("opted_out", "yes", {"party": "KE", "step": "once"}, "step", "nobody may opt out of once Write “optional: yes” at"),
        ("opted_out", "yes", {"party": "KE", "step": "meeting"}, "step", "meeting is an event, and the fact opted_out is"),
        ("exempt", "yes", {"party": "KE", "step": "once"}, "note", "exempt takes a reason, and none is given Say why in a note."),
        ("write_to", "mission", {"party": "KE"}, "note", "write_to takes a reason, and none is given"),
        ("pace", "gentle", {"party": "KE", "step": "chase"}, "note", "pace takes a reason, and none is given"),
        ("approval", "required", {"party": "KE"}, "note", "approval takes a reason, and none is given"),
        ("language", "fr", {"party": "KE"}, "note", "language takes a reason, and none is given"),
        ("pace", "gentle", {"party": "KE", "step": "once", "note": "x"}, "value", "once has no other pace Declare one at"),
        ("pace", "genle", {"party": "KE", "step": "chase", "note": "x"}, "value", "chase has no pace “genle” Did you mean"),
        ("pace", "genle", {"party": "KE", "note": "x"}, "value", "the plan has no pace “genle” Did you mean gentle?"),
        ("pace", "gentle", {"step": "chase", "note": "x"}, "party", "the fact pace is about a party, at one step or at all"),
        ("write_to", "ny", {"party": "KE", "note": "x"}, "value", "KE has no contact or post “ny” Known: ke_mission, mission."),
        ("write_to", "mission", {"party": "FJ", "note": "x"}, "value", "FJ has no contact or post “mission” Add one to the"),
        ("approval", "none", {"party": "KE", "note": "x"}, "value", "“none” is not a value of approval (required)"),
        ("language", "French", {"party": "KE", "note": "x"}, "value", "“French” is not the code of a language"),
        ("extension_asked", "2018-03-21", {"party": "KE", "step": "once"}, "value", "2018-03-21 lies ahead, and extension_asked"),
        ("address", "x@y, z@y", {"contact": "ke_mission"}, "value", "“x@y, z@y” is not an address for mail"),
        ("address", "x@y.example", {"contact": "ke"}, "contact", "there is no contact “ke”"),
    ],
)  # fmt: skip
def test_what_is_refused(fact: str, value: str, more: dict[str, Any], argument: str, words: str) -> None:
    found = refused(fact, value, **more)
    assert found[0] == argument
    assert found[1].startswith(words)
