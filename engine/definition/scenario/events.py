"""The events of a scenario, and the scenario itself: values, which a reader makes and a simulation plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.answer import Purpose
from engine.definition.dates import Distance
from engine.errors import Place


class MailKind(StrEnum):
    """What comes back by mail."""

    REPLY = "reply"
    OUT_OF_OFFICE = "out_of_office"
    BOUNCE = "bounce"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioEvent:
    """Something that happens at an instant (UTC) of the virtual clock."""

    at: datetime
    source: str
    note: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEvent(ScenarioEvent):
    """A fact is recorded, about each of `parties` (or none). `true` is the written day it was true, if given."""

    fact: str
    value: str
    parties: tuple[str, ...]
    step: str | None
    anchor: str | None
    cycle: str | None
    details: Mapping[str, str]
    true: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractEvent(ScenarioEvent):
    """The last recording of a fact about each of `parties` (or none) is taken back."""

    fact: str
    parties: tuple[str, ...]
    step: str | None
    anchor: str | None
    cycle: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEvent(ScenarioEvent):
    """A contact gets another address."""

    contact: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopEvent(ScenarioEvent):
    """Something (the daemon) stands still for a while."""

    what: str
    for_: Distance


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEvent(ScenarioEvent):
    """Something comes back by mail about the letter of a step that a party got last: `what` it is, and what it says."""

    what: MailKind
    step: str
    party: str
    cycle: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEvent(ScenarioEvent):
    """A reader presses the button of a link of the last letter of a step with links; `day` is that of “we will by …”."""

    says: Purpose
    step: str
    party: str
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanEvent(ScenarioEvent):
    """A mail scanner opens every link of the last letter of a step with links."""

    step: str
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideEvent(ScenarioEvent):
    """Somebody decides about the oldest answer of a party at a step that waits; `value` is the day of `wait`."""

    decision: str
    step: str
    party: str
    value: str


AnyEvent = RecordEvent | RetractEvent | ContactEvent | StopEvent | MailEvent | LinkEvent | ScanEvent | DecideEvent


@dataclass(frozen=True, slots=True)
class Person:
    """How a role answers: whether it approves everything that asks it, and how long it takes."""

    approves: str
    after: Distance


@dataclass(frozen=True, slots=True)
class Scenario:
    """A simulated run: its bounds (UTC; `until` is the first instant after it), its people, its events by time."""

    name: str
    workflow: str
    from_: datetime
    until: datetime
    seed: int
    people: Mapping[str, Person]
    events: tuple[AnyEvent, ...]
