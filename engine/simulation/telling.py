"""What happens while a year runs, in lines for a person: the terminal and the plain log show the same words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten

from engine.app.answers.taking_in import TakenIn
from engine.app.facts.recording import RecordResult
from engine.app.letters.approvals import Approved
from engine.definition.cadence import is_escalation
from engine.definition.dates import zone
from engine.definition.scenario.events import (
    AnyEvent,
    ContactEvent,
    DecideEvent,
    LinkEvent,
    MailEvent,
    MailKind,
    RecordEvent,
    RetractEvent,
    ScanEvent,
    StopEvent,
)
from engine.definition.words import listed
from engine.definition.workflow import Plannable
from engine.dispatcher.ticked import Ticked
from engine.letter import NONE, Recorded
from engine.planning.changes import Action
from engine.simulation.runner import Outcome

_MOST = 6
_CHANGED = {
    Action.INSERT: "planned",
    Action.WITHDRAW: "stopped",
    Action.REVIVE: "revived",
    Action.RETIME: "re-timed",
    Action.READDRESS: "readdressed",
    Action.MISS: "missed",
}


_MAIL = {
    MailKind.REPLY: "a reply", MailKind.OUT_OF_OFFICE: "an automatic reply", MailKind.BOUNCE: "the letter came back",
}  # fmt: skip
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log. `kind` (fact, sent, stopped, approved, missed, daemon) chooses its colour."""

    at: datetime
    kind: str
    text: str


class Teller:
    """Puts what happens into words, with the names of the plan."""

    def __init__(self, plannable: Plannable) -> None:
        self.plannable = plannable
        self.zone = zone(plannable.workflow.timezone)

    def day(self, at: datetime) -> str:
        """`2018-03-29 09:00` in the plan's zone."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def event(self, event: AnyEvent, outcome: Outcome) -> Iterator[LogLine]:
        """A scenario's event, and what it changed."""
        mark = " (illustrative)" if event.source == "illustrative" else ""
        yield LogLine(event.at, "daemon" if isinstance(event, StopEvent) else "fact", self._event(event) + mark)
        if outcome is not None:
            changed = self._changed(outcome.changes)
            if changed:
                stops = outcome.changes.get(Action.WITHDRAW, 0) and isinstance(outcome, RecordResult | TakenIn)
                yield LogLine(event.at, "stopped" if stops else "planned", f"  → {changed}")

    def _event(self, event: AnyEvent) -> str:
        match event:
            case RecordEvent():
                about = self.parties(event.parties) or event.anchor or event.step or "the plan"
                at = f" at {event.step}" if event.parties and event.step else ""
                details = "".join(f", {name} {value}" for name, value in event.details.items())
                return f"{about}{at}: {event.fact.replace('_', ' ')} {event.value}{details}"
            case RetractEvent():
                note = f": {event.note}" if event.note else ""
                return f"{self.parties(event.parties) or event.step}: {event.fact} taken back{note}"
            case ContactEvent():
                return f"{event.contact} has a new address: {event.address}"
            case MailEvent():
                return f"{self.parties((event.party,))} at {event.step}: {_MAIL[event.what]}{_quoted(event.text)}"
            case LinkEvent():
                what = f"{event.says.replace('_', ' ')} {event.day}".strip()
                return f"{self.parties((event.party,))} at {event.step}: presses “{what}” in our letter"
            case ScanEvent():
                who = self.parties((event.party,))
                return f"{who} at {event.step}: a mail scanner opens all links of our letter, and nothing changes"
            case DecideEvent():
                value = f" until {event.value}" if event.value else ""
                return f"{self.parties((event.party,))} at {event.step}: decided: {event.decision}{value}"
        return f"the {event.what} stands still for {event.for_}"

    def parties(self, ids: tuple[str, ...]) -> str:
        """`Fiji, Nauru and 4 more`."""
        return listed([self.plannable.parties[party].name for party in ids], most=_MOST)

    def _changed(self, changes: Mapping[Action, int]) -> str:
        return listed([f"{letters(count)} {_CHANGED[action]}" for action, count in changes.items() if count])

    def approved(self, now: datetime, approved: Approved) -> Iterator[LogLine]:
        """A person's decision."""
        if approved.keys:
            yield LogLine(now, "approved", f"{letters(len(approved.keys))} approved")
        for key, why in approved.refused:
            yield LogLine(now, "missed", f"not approved: {key}: {why}")

    def ticked(self, now: datetime, ticked: Ticked) -> Iterator[LogLine]:
        """What left, what was missed, what failed."""
        groups: dict[tuple[str, str, bool], list[Recorded]] = {}
        for row in ticked.sent:
            to_role = row.party is None or is_escalation(row.slot)
            groups.setdefault((row.step, row.slot, to_role), []).append(row)
        for (step, slot, prompt), rows in groups.items():
            what = slot.rpartition("-")[0] if step == NONE else f"{step} {slot}"
            if prompt:
                yield LogLine(now, "sent", f"✉ {what} to the {rows[0].addressee}: {rows[0].subject}")
            else:
                yield LogLine(now, "sent", f"✉ {what} to {self.parties(tuple(row.party or '' for row in rows))}")
        for reason, count in Counter(reason for _, reason in ticked.missed).items():
            yield LogLine(now, "missed", f"{count} missed: {reason}")
        for key, error in ticked.failed:
            yield LogLine(now, "missed", f"{key} failed: {error}")


def _quoted(text: str) -> str:
    """The words of a message, as many as a line has room for."""
    return f": “{shorten(text, _LONGEST, placeholder=' …')}”" if text else ""


def letters(count: int) -> str:
    """`1 letter`, `40 letters`."""
    return f"{count} letter" if count == 1 else f"{count} letters"
