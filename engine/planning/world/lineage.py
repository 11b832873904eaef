"""Since when each part of a plan has been in force: an edit must neither restart what runs nor send the past."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.definition.cadence import CORRECTED, USUAL, Slot
from engine.definition.dates import DateExpr
from engine.definition.facts import BEGINNING
from engine.definition.workflow import (
    AnyStep,
    Ask,
    Event,
    FollowUp,
    Ongoing,
    Plannable,
    Target,
    Task,
    Workflow,
    cadence_of,
)

_NAME = re.compile(r"(?:settings\.)?[a-z][a-z0-9_]*")
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class StepLineage:
    """Since when a step is in the plan, its audience and its date are as they are written, and each slot of its cadence
    exists (UTC). `date` is empty where a version applied it that did not keep it."""

    since: datetime
    audience: str
    audience_since: datetime
    slots: Mapping[str, datetime] = field(default_factory=dict)
    date: str = ""
    date_since: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class Lineage:
    """The lineage of an applied revision. `parties` holds those who came later than `first`, also if they left."""

    first: datetime
    steps: Mapping[str, StepLineage] = field(default_factory=dict)
    parties: Mapping[str, datetime] = field(default_factory=dict)
    known_parties: frozenset[str] = frozenset()

    def step(self, name: str) -> StepLineage:
        """The lineage of a step (of one that is only being tried out: from the first instant)."""
        return self.steps.get(name) or StepLineage(self.first, "", self.first)

    def party_since(self, party: str) -> datetime:
        """Since when the roster has a party."""
        return self.parties.get(party, self.first)


def slot_name(slot: Slot, pace: str = USUAL) -> str:
    """What a slot is kept under: its token, at another than the usual pace with that before it."""
    return slot.token if pace == USUAL else f"{pace}:{slot.token}"


def _asks(step: AnyStep) -> FollowUp | Ask | None:
    """What of a step asks parties for something."""
    match step:
        case FollowUp():
            return step
        case Target():
            return step.ask
    return None


def _slot_names(step: AnyStep) -> Iterator[str]:
    """What the slots of a step's cadences are kept under, towards parties (those of each pace for themselves) and owner,
    with the letter to those who were told another day."""
    cadence, asks = cadence_of(step), _asks(step)
    yield from (slot.token for slot in (cadence.send if cadence else ()))
    match step:
        case Event():
            yield from (slot.token for slot in step.prepare)
        case Target() | Task():
            yield from (slot.token for slot in step.remind)
    for pace, slots in (asks.cadence.paces if asks else {}).items():
        yield from (slot_name(slot, pace) for slot in slots)
    if asks and asks.corrected is not None:
        yield CORRECTED


def audience(step: AnyStep, workflow: Workflow) -> str:
    """The words that say who is in a step; equal words, equal audience. Values and sets are written out."""
    asks = _asks(step)
    condition = asks.to if asks else None
    match step:
        case Event():
            condition = step.invite
        case Ongoing():
            condition = step.about
    if condition is None:
        return ""
    parts, pending = [condition.text], _NAME.findall(condition.text)
    for name in pending:
        words = _definition(name, workflow)
        if words and f"{name}: {words}" not in parts:
            parts.append(f"{name}: {words}")
            pending += _NAME.findall(words)
    return "; ".join(parts)


def date_words(step: AnyStep, plannable: Plannable) -> str:
    """The words that say when an event is, or what the deadline of a step is; equal words, equal dates. All that they
    rest on is written out: values, settings, anchors, other events, and a column of the roster as a hash of it."""
    given = None
    match step:
        case Event():
            given = step.when or step.by
        case FollowUp() | Target():
            given = step.by
    parts: list[str] = []
    while given is not None:
        parts.append(given.text or str(given.base))
        given = _rests_on(given, plannable, parts)
    return "; ".join(parts)


def _rests_on(expr: DateExpr, plannable: Plannable, parts: list[str]) -> DateExpr | None:
    """The date that another one rests on; where that is none of the plan's own, it is written out in `parts`."""
    workflow, name = plannable.workflow, expr.name
    if name is None or len(parts) > _DEEPEST:
        return None
    value, step = workflow.values.get(name), workflow.steps.get(name)
    if isinstance(value, DateExpr):
        return value
    if isinstance(step, Event):
        return step.when or step.by
    if name in workflow.anchors:
        parts.append(str(workflow.anchors[name].on))
    elif name in workflow.attributes:
        column = sorted((party.id, party.values.get(name, "")) for party in plannable.parties.values())
        parts.append(hashlib.sha256(json.dumps(column).encode()).hexdigest())
    else:
        parts.append(_definition(name, workflow))
    return None


def _definition(name: str, workflow: Workflow) -> str:
    """What stands behind a name in a condition, in the words of the file."""
    if (found := workflow.sets.get(name)) is not None:
        return f"{found.who.text} @ {found.as_of.text}" if found.as_of else found.who.text
    if (value := workflow.values.get(name)) is not None:
        return value.text
    setting = workflow.settings.get(name.removeprefix("settings.")) if name.startswith("settings.") else None
    return setting.value if setting else ""


def begin(plannable: Plannable, at: datetime) -> Lineage:
    """The lineage of a plan applied for the first time (or only tried out) at an instant."""
    return advance(None, plannable, at)


def advance(before: Lineage | None, plannable: Plannable, at: datetime) -> Lineage:
    """The lineage of a plan applied at an instant over another: what was there keeps its time."""
    steps: dict[str, StepLineage] = {}
    for name, step in plannable.workflow.steps.items():
        old = before.steps.get(name) if before else None
        words, date = audience(step, plannable.workflow), date_words(step, plannable)
        tokens = [*_slot_names(step)]
        if old is None:
            steps[name] = StepLineage(at, words, at, dict.fromkeys(tokens, at), date, at)
        else:
            same = old.audience == words
            slots = {token: old.slots.get(token, at) for token in tokens}
            since = old.date_since if old.date in (date, "") else at
            steps[name] = StepLineage(old.since, words, old.audience_since if same else at, slots, date, since)
    ids = frozenset(plannable.parties)
    if before is None:
        return Lineage(at, steps, {}, ids)
    later = {**before.parties, **dict.fromkeys(sorted(ids - before.known_parties), at)}
    return Lineage(before.first, steps, later, ids | before.known_parties)


def dump(lineage: Lineage) -> str:
    """The lineage as JSON text, for the store."""
    return json.dumps(
        {
            "first": lineage.first.isoformat(),
            "steps": {
                name: {
                    "since": step.since.isoformat(),
                    "audience": step.audience,
                    "audience_since": step.audience_since.isoformat(),
                    "slots": {token: since.isoformat() for token, since in step.slots.items()},
                    "date": step.date,
                    "date_since": step.date_since.isoformat(),
                }
                for name, step in lineage.steps.items()
            },
            "parties": {party: since.isoformat() for party, since in lineage.parties.items()},
            "known_parties": sorted(lineage.known_parties),
        }
    )


def load(text: str) -> Lineage:
    """Read what `dump` wrote."""
    data = json.loads(text)
    read = datetime.fromisoformat
    steps = {
        name: StepLineage(
            read(step["since"]),
            step["audience"],
            read(step["audience_since"]),
            {token: read(since) for token, since in step["slots"].items()},
            step.get("date", ""),
            read(step.get("date_since", step["since"])),
        )
        for name, step in data["steps"].items()
    }
    parties = {party: read(since) for party, since in data["parties"].items()}
    return Lineage(read(data["first"]), steps, parties, frozenset(data["known_parties"]))
