"""Scenarios: what happens in a simulated year, checked against the workflow it is played with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from engine.answer import Purpose
from engine.definition.dates import Distance, Unit, end_of_day, local_date, parse_moment
from engine.definition.facts import BEGINNING, Subject
from engine.definition.recording.draft import draft
from engine.definition.recording.subjects import RecordingError, check_subject
from engine.definition.scenario.events import (
    AnyEvent,
    ContactEvent,
    DecideEvent,
    LinkEvent,
    MailEvent,
    MailKind,
    Person,
    RecordEvent,
    RetractEvent,
    ScanEvent,
    Scenario,
    StopEvent,
)
from engine.definition.syntax.reading import read_yaml
from engine.definition.syntax.scenario_grammar import SCENARIO
from engine.definition.syntax.shapes import Fields
from engine.definition.syntax.sources import Faults, SourceFile
from engine.definition.workflow import AnyStep, Event, FollowUp, Plannable, Target
from engine.errors import Place


def load(source: SourceFile, plannable: Plannable, environment: Mapping[str, str] | None = None) -> Scenario:
    """Read a scenario and check it against the workflow. Raises BadInput with every fault at once."""
    faults = Faults()
    document = read_yaml(source, environment or {}, faults)
    got = SCENARIO.read(document.root, faults) if document else None
    if got is None or not isinstance(got.value, Fields):
        faults.stop()
        raise AssertionError("a file that could not be read has a fault")
    scenario = _Reader(got.value, plannable, faults).scenario()
    faults.stop()
    return scenario


class _Reader:
    def __init__(self, root: Fields, plannable: Plannable, faults: Faults) -> None:
        self.root = root
        self.plannable = plannable
        self.workflow = plannable.workflow
        self.faults = faults

    def scenario(self) -> Scenario:
        root, name = self.root, self.workflow.name
        if "workflow" in root.values and root.text("workflow") != name:
            self.faults.add(
                root.place("workflow"), f"this scenario is for “{root.text('workflow')}”, and the workflow is {name}"
            )
        from_, until = self._moment(root, "from", time(0)), self._moment(root, "until", None)
        if from_ and until and until <= from_:
            self.faults.add(root.place("until"), "it ends before it begins")
        events: list[AnyEvent] = []
        for fields, _ in root.items("events", Fields):
            at = self._moment(fields, "at", time(12))
            if at is None:
                continue
            if from_ and until and from_ < until and not from_ <= at < until:
                self.faults.add(fields.place("at"), "this lies outside of “from” and “until”")
            events.append(self._event(fields, at))
        in_order = tuple(sorted(events, key=lambda event: event.at))
        return Scenario(
            name=root.text("scenario"), workflow=name, from_=from_ or BEGINNING, until=until or BEGINNING,
            seed=root.get("seed", int) or 0, people=self._people(), events=in_order,
        )  # fmt: skip

    def _moment(self, fields: Fields, key: str, bare_day: time | None) -> datetime | None:
        """An instant; of a bare day, the given time, or its end."""
        text = fields.get(key, str)
        if text is None:
            return None
        zone = self.workflow.timezone
        try:
            moment = parse_moment(text, zone, bare_day=bare_day or time(12))
        except ValueError as error:
            self.faults.catch(fields.place(key), error)
            return None
        if bare_day is None and ":" not in text:
            return end_of_day(local_date(moment, zone), zone)
        return moment

    def _people(self) -> dict[str, Person]:
        people: dict[str, Person] = {}
        for role, fields, place in self.root.entries("people", Fields):
            self.faults.expect(role, self.workflow.roles, place, f"there is no role “{role}”")
            after = fields.get("after", Distance) or Distance(0, Unit.DAYS)
            people[role] = Person(fields.text("approves"), after)
        return people

    def _event(self, fields: Fields, at: datetime) -> AnyEvent:
        common: dict[str, Any] = {
            "at": at, "source": fields.text("source"), "note": fields.text("note"), "place": fields.place(),
        }  # fmt: skip
        match fields.kind.removeprefix("scenario_"):
            case "record":
                record = RecordEvent(
                    fact=fields.text("record"), value=fields.text("value"), **self._about(fields),
                    details={name: value for name, value, _ in fields.entries("details", str)},
                    true=self._day(fields, "true") or None, **common,
                )  # fmt: skip
                self._check(fields, record)
                return record
            case "retract":
                retract = RetractEvent(fact=fields.text("retract"), **self._about(fields), **common)
                self._check(fields, retract)
                return retract
            case "contact":
                contact, known = fields.text("contact"), [entry.id for entry in self.plannable.contacts]
                self.faults.expect(contact, known, fields.place("contact"), f"there is no contact “{contact}”")
                return ContactEvent(contact=contact, address=fields.text("address"), **common)
            case "reply" | "out_of_office" | "bounce" as kind:
                return MailEvent(
                    what=MailKind(kind), step=self._written_to(fields, kind), party=self._party(fields),
                    cycle=fields.get("cycle", str), text=fields.text("text"), **common,
                )  # fmt: skip
            case "link":
                says, day = fields.text("link"), self._day_of(fields, "link", Purpose.BY)
                step, party = self._chased(fields), self._party(fields)
                return LinkEvent(says=Purpose(says or Purpose.SUBMITTED), step=step, party=party, day=day, **common)
            case "scan":
                return ScanEvent(step=self._chased(fields), party=self._party(fields), **common)
            case "decide":
                step, day = self._written_to(fields, "step"), self._day_of(fields, "decide", "wait")
                decision, party = fields.text("decide"), self._party(fields)
                return DecideEvent(decision=decision, step=step, party=party, value=day, **common)
        length = fields.get("for", Distance) or Distance(0, Unit.DAYS)
        return StopEvent(what=fields.text("stop"), for_=length, **common)

    def _about(self, fields: Fields) -> dict[str, Any]:
        """Whom and what a fact is about, as written."""
        return {"parties": self._parties(fields), **{key: fields.get(key, str) for key in ("step", "anchor", "cycle")}}

    @staticmethod
    def _day(fields: Fields, key: str) -> str:
        """A day as it is written; none where there is no such key."""
        scalar = fields.scalar(key)
        return scalar.text if scalar else ""

    def _day_of(self, fields: Fields, key: str, word: str) -> str:
        """The day that one word of a key has as its value, and no other."""
        said, day = fields.text(key), self._day(fields, "value")
        if said and (said == word) != bool(day):
            hint = "" if day else "Add a value, such as “value: 2018-04-20”."
            self.faults.add(fields.place(key), f"“{word}” has a day as its value, and nothing else has one.", hint)
        return day

    def _chased(self, fields: Fields) -> str:
        """A step that chases parties: only its letters have links."""
        return self._step(fields, "step", (FollowUp, Target), "has links")

    def _written_to(self, fields: Fields, key: str) -> str:
        """A step of which parties get letters."""
        return self._step(fields, key, (Event, FollowUp, Target), "goes to a party")

    def _step(self, fields: Fields, key: str, kinds: tuple[type[AnyStep], ...], what: str) -> str:
        name = fields.text(key)
        steps = [step.name for step in self.workflow.steps.values() if isinstance(step, kinds)]
        self.faults.expect(name, steps, fields.place(key), f"no letter of “{name}” {what}")
        return name

    def _party(self, fields: Fields) -> str:
        party = fields.text("party")
        self.faults.expect(party, self.plannable.parties, fields.place("party"), f"there is no party “{party}”")
        return party

    def _parties(self, fields: Fields) -> tuple[str, ...]:
        if "party" in fields and "parties" in fields:
            self.faults.add(fields.place("parties"), "here stand both “party” and “parties”", "Remove one of them.")
        found: dict[str, Place] = {}
        for party, place in fields.items("parties", str):
            if party in found:
                self.faults.add(place, f"“{party}” stands here a second time")
            found[party] = place
        one = fields.get("party", str)
        return tuple(found) or ((one,) if one else ())

    def _check(self, fields: Fields, event: RecordEvent | RetractEvent) -> None:
        """Check an event as the command would; what was faulty in itself is on record already."""
        if any(key not in fields.values for key in fields.keys):
            return
        places = dict(fields.items("parties", str))
        for party in event.parties or (None,):
            try:
                about = Subject(party, event.step, event.anchor, event.cycle)
                if isinstance(event, RetractEvent):
                    check_subject(self.plannable, event.fact, about)
                else:
                    today = local_date(event.at, self.workflow.timezone)
                    draft(
                        self.plannable, event.fact, event.value, about, today=today, details=event.details,
                        on=event.true, note=event.note,
                    )  # fmt: skip
            except RecordingError as error:
                self.faults.add(self._blame(fields, error, places.get(party or "")), str(error), error.hint)
                if error.argument != "party":
                    return

    @staticmethod
    def _blame(fields: Fields, error: RecordingError, party: Place | None) -> Place:
        """Where the argument that is wrong stands; the event itself when it is missing."""
        if error.argument == "party":
            return party or fields.place("party" if "party" in fields else "parties")
        if error.argument == "detail":
            return fields.place_of("details", error.detail)
        own = fields.kind.removeprefix("scenario_")
        return fields.place({"fact": own, "on": "true"}.get(error.argument, error.argument))
