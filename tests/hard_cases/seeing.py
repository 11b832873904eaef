"""What became of a hard case, held against what its line expects, in the same notation."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine.app.plans.checking import check
from engine.app.plans.status import status
from engine.app.why.why import why
from engine.definition.dates import zone
from engine.errors import FollowthroughError
from engine.letter import Letter, Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.world.scope import PartyScope
from tests.hard_cases.files import NAME
from tests.hard_cases.living import Life
from tests.hard_cases.notation import Case, Expected

_PLANNED = ("tentative", "waiting", "absorbed")
_ROWS = {state.value for state in State} - {*_PLANNED} | {"sent", "asked", "ahead"}
_NEVER = datetime.max.replace(tzinfo=UTC)
_DAY, _CLOCK = re.compile(r"(\d{4}-)?\d\d-\d\d"), re.compile(r"\d\d:\d\dZ?")


class Seen(NamedTuple):
    """A letter, as far as an item may speak of it."""

    slot: str
    at: datetime | None
    zone: str
    addressee: str
    round: int
    cycle: str | None
    reason: str

    def is_as(self, item: str) -> bool:
        """Whether all that an item says is so: `on-day 2018-06-29 09:00`, in the addressee's zone, or in UTC as `07:00Z`."""
        item, _, reason = item.partition("“")
        slot, *words = item.split()
        there = UTC if any(word.endswith("Z") for word in words) else zone(self.zone)
        at = self.at.astimezone(there).isoformat() if self.at else ""
        return slot == self.slot and reason.rstrip("” ") in self.reason and all(self._has(word, at) for word in words)

    def _has(self, word: str, at: str) -> bool:
        if _DAY.fullmatch(word):
            return at[:10].endswith(word)
        if _CLOCK.fullmatch(word):
            return at[11:16] == word.rstrip("Z")
        if word[0] in ">rc":
            return word[1:] == {">": self.addressee, "r": str(self.round), "c": self.cycle}[word[0]]
        raise ValueError(f"of a letter one can say its day, time, >contact, rROUND, cCYCLE and “reason”, not {word}")

    def __str__(self) -> str:
        at = f"{self.at.astimezone(zone(self.zone)):%Y-%m-%d %H:%M} ({self.at:%H:%M}Z)" if self.at else "(no day)"
        cycle = f" c{self.cycle}" if self.cycle else ""
        return f"{self.slot} {at} >{self.addressee} r{self.round}{cycle} “{self.reason}”"


def differences(folder: Path, empty: Path, case: Case) -> list[str]:
    """What is not as a case expects, each in a line or more. Raises ValueError for what cannot be read."""
    with Life(folder, empty, case) as life:
        refused = ""
        try:
            life.live()
        except FollowthroughError as error:
            refused = str(error)
        wanted = [each for each in case.expected if each.what == "error"]
        if refused or wanted:
            said = [item for each in wanted for item in each.items]
            good = refused and wanted and all(item.strip("“”") in refused for item in said)
            if not good:
                return [f"error: {', '.join(said) or '-'}\n  but: {refused or 'it was taken'}"]
        return [line for each in case.expected if each not in wanted for line in _look(life, each)]


def _look(life: Life, expected: Expected) -> list[str]:
    first, _, rest = expected.what.partition(" ")
    if first in _KINDS:
        kind = _KINDS[first]
        found = kind.found(life, rest)
        matched = [[line for line in found if kind.is_as(line, item.strip("“”"))] for item in expected.items]
        good = all(matched) and (kind.some or len(found) == len(expected.items))
    else:
        seen = _letters(life, first if rest else "AA", rest or first)
        good = len(seen) == len(expected.items) and all(map(Seen.is_as, seen, expected.items))
        found = [str(each) for each in seen]
    if good:
        return []
    return [f"{expected.what}: {', '.join(expected.items) or '-'}\n  but: " + ("\n       ".join(found) or "-")]


def _letters(life: Life, subject: str, state: str) -> list[Seen]:
    """The letters of a party (or role) at a step in a state; of the first step where none is named."""
    name, _, step = subject.partition("@")
    step = step or life.case.steps[0]
    party = name if name in life.files.tree["parties"] else None
    found: list[Letter] | list[Recorded]
    if state in _PLANNED:
        with life.app.standings.deciding() as tx:
            standing = life.app.standings.get(tx, NAME, life.clock.now())
            standing.read_letters(tx, None)
            found = [each for each in standing.planner.plan_of(party).letters if each.state == state]
    elif state in _ROWS:
        found = [row for row in life.rows() if _is(row, state)]
    else:
        raise ValueError(f"{state} is no state of a letter, nor anything else that can be expected")
    mine = [each for each in found if (each.step, each.party) == (step, party) and (party or each.addressee == name)]
    seen = [
        Seen(each.slot, _instant(each, state), each.zone, each.addressee, each.round, each.cycle, each.reason)
        for each in mine
    ]
    return sorted(seen, key=lambda each: (each.at or _NEVER, each.slot, each.addressee))


def _instant(each: Letter | Recorded, state: str) -> datetime | None:
    """When it left, when approval was asked for, or when it is due."""
    if isinstance(each, Recorded) and state in ("sent", "asked"):
        return each.sent_at if state == "sent" else each.asked_at
    return each.due_at


def _is(row: Recorded, state: str) -> bool:
    if state in ("sent", "asked"):
        return _instant(row, state) is not None
    return row.state in UNSENT if state == "ahead" else row.state == state


class _Kind(NamedTuple):
    """Another thing than letters that can be seen: its lines; whether an item is a whole line; whether some are enough."""

    found: Callable[[Life, str], list[str]]
    is_as: Callable[[str, str], bool] = lambda line, item: item in line
    some: bool = True


def _members(life: Life, name: str) -> list[str]:
    with life.app.standings.deciding() as tx:
        world = life.app.standings.get(tx, NAME, life.clock.now()).planner.desk.world
    found = world.workflow.sets[name]
    return [party.id for party in world.parties.values() if world.in_set(found, PartyScope(world, party))]


def _measured(life: Life, name: str, kind: str) -> list[str]:
    found = status(life.app, NAME)[kind][name]
    tally = found["measures"][0]
    met = f"met {found['met_on']}" if found["met"] else f"met: {found['met']}"
    return [met, *(f"{key} {tally[key]}" for key in ("have", "want", "now", "baseline") if tally[key] is not None)]


def _followed(life: Life, name: str, kind: str) -> list[str]:
    return list(status(life.app, NAME)["follow_ups"][name][kind])


def _answers(life: Life, party: str) -> list[str]:
    with life.app.store.read() as tx:
        return [f"{each.kind} {each.decision or 'waits'}" for each in tx.find_answers(workflow=NAME, party=party)]


def _why(life: Life, party: str) -> list[str]:
    """What `why` says of a party in the first step."""
    return json.dumps(why(life.app, party, step=life.case.steps[0]), ensure_ascii=False, indent=0).splitlines()


@contextmanager
def _machine_in(zone: str) -> Iterator[None]:
    """A machine whose clock is set to a zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


def _same_in(life: Life, at: str) -> list[str]:
    """Whether machines in some zones plan the same, each from what is on record."""
    found = []
    for name in at.split(","):
        with _machine_in(name), life.app.standings.deciding() as tx:
            life.app.standings.forget()
            standing = life.app.standings.get(tx, NAME, life.clock.now())
            standing.read_letters(tx, None)
            found.append(str(standing.planner.plan()))
    return ["yes" if len({*found}) == 1 else "no"]


def _status(life: Life, _: str) -> list[str]:
    """The revision that `status` speaks of, and the deadline that it says the first step has."""
    found = status(life.app, NAME)
    return [f"by {found['follow_ups'][life.case.steps[0]]['by']}", f"revision {found['revision']}"]


def _mail(life: Life, slot: str) -> list[str]:
    """The lines of the mail to AA of a slot: headers, text, and the names of what it carries."""
    row = next(row for row in life.rows("AA") if row.slot == slot and row.sent_at)
    with life.app.store.read() as tx:
        record = tx.mail_of(row.key)
    assert record is not None
    message = message_from_bytes(record.body, policy=policy.default)
    text = message.get_body(("plain",))
    carried = [f"carries {part.get_filename()}" for part in message.walk() if part.get_filename()]
    return [
        *(f"{name}: {value}" for name, value in message.items()),
        *(text.get_content().splitlines() if text else []),
        *carried,
    ]


_KINDS: Mapping[str, _Kind] = {
    "set": _Kind(_members, str.__eq__, some=False),
    **{
        kind: _Kind(partial(_followed, kind=kind), str.__eq__, some=False)
        for kind in ("done", "missing", "late", "done_late", "exempt", "opted_out")
    },
    "objective": _Kind(partial(_measured, kind="objectives"), str.__eq__),
    "target": _Kind(partial(_measured, kind="targets"), str.__eq__),
    "answers": _Kind(_answers, str.__eq__, some=False),
    "why": _Kind(_why),
    "status": _Kind(_status, str.__eq__),
    "same": _Kind(_same_in, str.__eq__, some=False),
    "mails": _Kind(
        lambda life, _: [str(len(list((life.app.settings.mailbox / "new").glob("*"))))], str.__eq__, some=False
    ),
    "mail": _Kind(_mail),
    "warns": _Kind(lambda life, _: [str(each) for each in check(life.app, NAME).problems]),
}
