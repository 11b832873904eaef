"""Scenarios: when things happen, and what they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from engine.app.answers.deciding import Decision
from engine.definition import loader
from engine.definition.dates import Distance, Unit
from engine.definition.scenario import loader as scenario
from engine.definition.scenario.events import (
    ContactEvent,
    DecideEvent,
    LinkEvent,
    MailEvent,
    RecordEvent,
    RetractEvent,
    ScanEvent,
    Scenario,
    StopEvent,
)
from engine.definition.syntax.scenario_grammar import EVENT
from engine.definition.syntax.shapes import Choice
from engine.definition.syntax.sources import SourceFile, decode
from engine.definition.workflow import Plannable
from tests.support import BROKEN, ROOT


def plan(path: Path) -> Plannable:
    """The plan in a file."""
    return loader.load(
        decode(path.name, path.read_bytes()), lambda name: (path.parent / name).read_text("utf-8"), {}
    ).plannable


def load(events: str) -> Scenario:
    """A scenario for the small plan, with events written in a test."""
    text = f"scenario: s\nworkflow: small\nfrom: 2018-01-08\nuntil: 2018-12-14\nevents:\n{events}"
    return scenario.load(SourceFile("s.yaml", text), plan(BROKEN / "valid.yaml"))


def test_a_day_is_noon_and_bounds_are_whole_days() -> None:
    played = load("  - {at: 2018-07-01, record: mood, value: Good}\n")
    assert played.from_ == datetime(2018, 1, 7, 23, tzinfo=UTC)
    assert played.until == datetime(2018, 12, 14, 23, tzinfo=UTC)
    assert played.events[0].at == datetime(2018, 7, 1, 10, tzinfo=UTC)


def test_events_are_ordered_by_time_and_else_as_written() -> None:
    played = load(
        "  - {at: 2018-07-02, record: mood, value: third}\n"
        "  - {at: 2018-07-01T08:00, record: mood, value: first}\n"
        "  - {at: 2018-07-02, record: mood, value: fourth}\n"
        "  - {at: '2018-07-01T12:00+02:00', record: mood, value: second}\n"
    )
    values = [event.value for event in played.events if isinstance(event, RecordEvent)]
    assert values == ["first", "second", "third", "fourth"]


def test_each_kind_of_event() -> None:
    path = BROKEN / "valid-scenario.yaml"
    played = scenario.load(decode(path.name, path.read_bytes()), plan(BROKEN / "valid.yaml"))
    fixed, attended, report, retract, contact, stop = played.events
    assert isinstance(fixed, RecordEvent)
    assert (fixed.fact, fixed.step, fixed.value, fixed.parties) == ("date", "meeting", "2018-05-15", ())
    assert isinstance(attended, RecordEvent)
    assert attended.parties == ("KE", "FJ")
    assert isinstance(report, RecordEvent)
    assert (report.parties, report.details, report.true) == (("KE",), {"form": "full"}, None)
    assert isinstance(retract, RetractEvent)
    assert (retract.fact, retract.parties, retract.note) == ("report", ("KE",), "it was another one's")
    assert isinstance(contact, ContactEvent)
    assert contact.address == "new@ke.example"
    assert isinstance(stop, StopEvent)
    assert stop.for_ == Distance(3, Unit.WEEKS)
    assert played.people["lead"].after == Distance(1, Unit.DAYS)
    assert played.seed == 1


def test_the_scenario_of_the_note() -> None:
    folder = ROOT / "workflows"
    path = folder / "ccm" / "scenario-2018.yaml"
    played = scenario.load(decode(path.name, path.read_bytes()), plan(folder / "ccm-nim-2018.yaml"))
    assert len(played.events) >= 40
    assert {event.source for event in played.events} <= {"real", "illustrative", ""}
    kinds = {RecordEvent, RetractEvent, ContactEvent, StopEvent, MailEvent, LinkEvent, ScanEvent, DecideEvent}
    assert {type(event) for event in played.events} == kinds


def test_what_comes_by_mail_and_what_is_decided() -> None:
    reply, away, bounce, wait, go_on = load(
        "  - {at: 2018-07-01, reply: chase, party: KE, text: In May.}\n"
        "  - {at: 2018-07-02, out_of_office: chase, party: KE}\n"
        "  - {at: 2018-07-03, bounce: chase, party: FJ}\n"
        "  - {at: 2018-07-04, decide: wait, step: chase, party: KE, value: 2018-08-01}\n"
        "  - {at: 2018-07-05, decide: go-on, step: chase, party: KE, note: they were told}\n"
    ).events
    assert isinstance(reply, MailEvent)
    assert (reply.what, reply.step, reply.party, reply.text) == ("reply", "chase", "KE", "In May.")
    assert [event.what for event in (away, bounce) if isinstance(event, MailEvent)] == ["out_of_office", "bounce"]
    assert isinstance(wait, DecideEvent)
    assert (wait.decision, wait.value) == ("wait", "2018-08-01")
    assert isinstance(go_on, DecideEvent)
    assert (go_on.decision, go_on.value, go_on.note) == ("go-on", "", "they were told")


def test_what_may_be_decided_is_what_the_command_knows() -> None:
    kind = EVENT.kinds["decide"].keys["decide"].shape
    assert isinstance(kind, Choice)
    assert set(kind.words) <= {decision.value for decision in Decision}
