"""How often, and when: the slots of a `send:` list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.definition.attachments import AttachNames
from engine.definition.dates import Distance, Unit, parse_distance, within_a_century

AT_ONCE = "at-once"
ON_DAY = "on-day"
THANKS = "thanks"
ESCALATION = "escalation"
CORRECTED = "corrected"
USUAL = "usual"
"""The pace that `send` says."""


def is_escalation(slot: str) -> bool:
    """Whether a letter tells a role of a party that has not answered: `escalation`, `escalation-before-2w`."""
    return slot == ESCALATION or slot.startswith(f"{ESCALATION}-")


def is_correction(slot: str) -> bool:
    """Whether a letter puts right a day that its addressee was told: `corrected-1`."""
    return slot.startswith(f"{CORRECTED}-")


def is_request(slot: str) -> bool:
    """Whether a letter of a step asks a party for something: no thanks, no word to a role, no correction of a day."""
    return slot != THANKS and not is_escalation(slot) and not is_correction(slot)


class Side(StrEnum):
    """On which side of a day."""

    BEFORE = "before"
    ON = "on the day"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class AtOnce:
    """The first sending time not before the activation."""

    kind = "at once"
    token = AT_ONCE

    def __str__(self) -> str:
        return "at once"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A distance before or after a day, or the day itself (`distance` None)."""

    side: Side
    distance: Distance | None = None

    @property
    def kind(self) -> str:
        return self.side.value

    @property
    def token(self) -> str:
        """The slot's name in a key: `before-6w`, `on-day`, `after-2w`."""
        return f"{self.side.value}-{self.distance.token}" if self.distance else ON_DAY

    def __str__(self) -> str:
        return f"{self.distance} {self.side.value}" if self.distance else "on the day"


@dataclass(frozen=True, slots=True)
class Series:
    """Every so often from the activation, until a limit or at most so many times: one of both is set."""

    every: Distance
    until: Fixed | None = None
    at_most: int | None = None

    kind = "every"

    @property
    def token(self) -> str:
        """What its slots begin with; `-1`, `-2` … follow."""
        return f"every-{self.every.token}"

    def __str__(self) -> str:
        end = f"until {self.until}" if self.until else f"at most {self.at_most}"
        return f"every {self.every} {end}"


Slot = AtOnce | Fixed | Series


@dataclass(frozen=True, slots=True)
class LetterNames:
    """Which template each kind of slot uses."""

    by_kind: Mapping[str, str]
    every_kind: str

    def for_slot(self, slot: Slot) -> str:
        """The template for a slot."""
        return self.by_kind.get(slot.kind) or self.every_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """When a step's letters to a party leave, what they say, and how strictly.

    `paces` are other times, by their names. A letter of a series that is nearer than `apart` days to a fixed one is
    absorbed by it. `days_off` are those of the `workflow` or the `addressee`. `copies` are the posts and roles that get
    one of each; None: those of the plan's rule of address. `attach` are the files that go with them; `letter_form` is
    how they are put, where the step says so.
    """

    send: tuple[Slot, ...]
    paces: Mapping[str, tuple[Slot, ...]]
    letters: LetterNames
    approval: bool
    apart: int
    stale_after: Distance
    days_off: str
    copies: tuple[str, ...] | None
    attach: AttachNames
    letter_form: str

    def every_slot(self) -> tuple[Slot, ...]:
        """The slots of every pace, each once."""
        return tuple(dict.fromkeys((*self.send, *(slot for slots in self.paces.values() for slot in slots))))


def kind_of(token: str) -> str:
    """The kind of a letter by its slot's name in a key: `before` of `before-6w`, `on the day`, `thanks`."""
    return {AT_ONCE: AtOnce.kind, ON_DAY: Side.ON.value}.get(token) or token.partition("-")[0]


_FORMS = (
    "at once, 6 weeks before, on the day, 2 weeks after, every 4 weeks until 2 weeks before, every 4 weeks at most 6"
)


def parse_fixed(text: str) -> Fixed:
    """Read `6 weeks before`, `on the day` or `2 weeks after`. Raises ValueError."""
    text = " ".join(text.split())
    if text == "on the day":
        return Fixed(Side.ON)
    match = re.fullmatch(r"(.+) (before|after)", text)
    if not match:
        raise ValueError(f"“{text}” is not a time to send at ({_FORMS})")
    distance = parse_distance(match[1])
    if distance.unit is Unit.WORKING_DAYS:
        raise ValueError(f"“{text}”: send times are counted in calendar days, weeks or months")
    if distance.count == 0:
        return Fixed(Side.ON)
    return Fixed(Side(match[2]), distance)


def parse_slot(text: str) -> Slot:
    """Read one entry of a `send:` list. Raises ValueError with a sentence for a person."""
    text = " ".join(text.split())
    if text == "at once":
        return AtOnce()
    if not text.startswith("every "):
        return parse_fixed(text)
    match = re.fullmatch(r"every (\d+ \w+|\w+)(?: until (.+)| at most (\d{1,9}))?", text)
    if not match:
        raise ValueError(f"“{text}” is not a series (every 4 weeks until 2 weeks before, every 4 weeks at most 6)")
    every = parse_distance(match[1] if match[1][0].isdigit() else f"1 {match[1]}")
    if every.count == 0 or every.unit is Unit.WORKING_DAYS:
        raise ValueError(f"“{text}”: a series goes by one or more days, weeks or months")
    if match[2]:
        return Series(every, until=parse_fixed(match[2]))
    if match[3]:
        if not 1 <= int(match[3]) <= 1000:
            raise ValueError(f"“{text}”: at most 1 to 1000 times")
        if not within_a_century(Distance(every.count * int(match[3]), every.unit)):
            raise ValueError(f"“{text}” goes on for more than a century")
        return Series(every, at_most=int(match[3]))
    raise ValueError(f"“{text}” has no end: add “until 2 weeks before”, “until on the day” or “at most 6”")
