"""From a cadence to instants: the days of each slot, moved off days off, at the addressee's hour.

The order of work is the language's: the calendar day in the workflow's zone, then the working-day shift, then
`send_at` in the addressee's zone (guarantee G6). Nothing here knows what "now" is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from engine.definition.cadence import AT_ONCE, ON_DAY, AtOnce, Fixed, Series, Side, Slot
from engine.definition.dates import (
    Distance,
    Span,
    end_of_day,
    instant,
    local_date,
    shift,
)
from engine.definition.words import day_words, span_words
from engine.definition.workdays import WorkCalendar

_MOST = 2000
_OFFICE_DAY = timedelta(hours=9)


class Slotted(NamedTuple):
    """A slot with its time. `day` is the addressee's local day, `due_at` and `stale_at` are UTC.

    `order` is its place in the `send:` list, `fixed` whether it counts from the deadline, `absorbed_by` the slot that
    takes its place, `reason` says in words where the day comes from.
    """

    slot: str
    source: Slot
    order: int
    day: date
    due_at: datetime
    stale_at: datetime
    fixed: bool
    reason: str
    absorbed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """Where and when an addressee is written to: zone, hour, and the calendar of days off."""

    zone: str
    send_at: time
    calendar: WorkCalendar
    stale_after: Distance

    def at(self, on: date) -> datetime:
        """The sending instant of a local day, in UTC."""
        return instant(on, self.send_at, self.zone)

    def first_after(self, moment: datetime) -> tuple[date, datetime]:
        """The first sending time not before an instant, on a working day."""
        on = self.calendar.later(local_date(moment, self.zone))
        while self.at(on) < moment:
            on = self.calendar.later(on + timedelta(days=1))
        return on, self.at(on)

    def open_at(self, moment: datetime) -> bool:
        """Whether it is a working day where the addressee is, within nine hours from the sending time."""
        on = local_date(moment, self.zone)
        return self.calendar.day_off(on) is None and self.at(on) <= moment < self.at(on) + _OFFICE_DAY

    def stale(self, on: date) -> datetime:
        """When a letter due on a day is too late to send."""
        return self.at(self.calendar.move(on, self.stale_after, 1))


@dataclass(frozen=True, slots=True)
class Frame:
    """What slots count from. `target` is the deadline (its last day counts on each side) or the event (`before` counts
    from its first day, `after` from its last). What lies before `activation` is not sent; `at once` comes first at or
    after `begins`, and series count from the day `counts_from`; `ends_at` cuts.

    `slot_since` drops what an edit would put before itself; `continued` tells a series where it goes on:
    the day it counts from and the number of its last slot.
    """

    target: Span
    activation: datetime
    begins: datetime
    counts_from: date
    apart: int = 7
    ends_at: datetime | None = None
    from_first: bool = False
    slot_since: Mapping[str, datetime] = field(default_factory=dict)
    continued: Mapping[str, tuple[date, int]] = field(default_factory=dict)


def schedule(send: Sequence[Slot], frame: Frame, hours: Hours) -> tuple[Slotted, ...]:
    """Each slot of a cadence that is sent or absorbed, ordered by time, then by place in the list."""
    found: list[Slotted] = []
    for order, slot in enumerate(send):
        match slot:
            case AtOnce():
                on, due = hours.first_after(frame.begins)
                found.append(Slotted(AT_ONCE, slot, order, on, due, hours.stale(on), False, "at once"))
            case Fixed():
                found.append(_fixed(slot, order, frame, hours))
            case Series():
                found += _series(slot, order, frame, hours)
    kept = [slotted for slotted in found if _wanted(slotted, frame)]
    return absorb(sorted(kept, key=lambda slotted: (slotted.due_at, slotted.order)), frame.apart)


def _wanted(slotted: Slotted, frame: Frame) -> bool:
    if slotted.due_at < frame.activation and not isinstance(slotted.source, AtOnce):
        return False
    since = frame.slot_since.get(slotted.source.token)
    if since is not None and since > frame.activation and slotted.due_at < since:
        return False
    return frame.ends_at is None or slotted.due_at < frame.ends_at


def fixed_day(slot: Fixed, target: Span, *, from_first: bool = False) -> date:
    """The unshifted day of a fixed slot."""
    base = target.first if from_first and slot.side is Side.BEFORE else target.last
    if from_first and slot.side is Side.ON:
        base = target.first
    if slot.distance is None:
        return base
    return shift(base, slot.distance, -1 if slot.side is Side.BEFORE else 1)


def _fixed(slot: Fixed, order: int, frame: Frame, hours: Hours) -> Slotted:
    day = fixed_day(slot, frame.target, from_first=frame.from_first)
    rolled = hours.calendar.later(day) if slot.side is Side.AFTER else hours.calendar.earlier(day)
    whole = frame.target if frame.from_first else Span(frame.target.last, frame.target.last)
    base = whole if slot.side is not Side.ON else Span(day, day)
    reason = f"{slot} {span_words(base)}" if slot.distance else f"on the day, {span_words(base)}"
    stale = end_of_day(rolled, hours.zone) if slot.token == ON_DAY else hours.stale(rolled)
    return Slotted(
        slot.token,
        slot,
        order,
        rolled,
        hours.at(rolled),
        stale,
        True,
        reason + moved_words(day, rolled, hours.calendar),
    )


def _series(slot: Series, order: int, frame: Frame, hours: Hours) -> list[Slotted]:
    limit = fixed_day(slot.until, frame.target, from_first=frame.from_first) if slot.until else date.max
    base, number = frame.continued.get(slot.token, (frame.counts_from, 0))
    found: list[Slotted] = []
    for k in range(1, min((slot.at_most or _MOST), _MOST) - number + 1):
        day = shift(base, Distance(slot.every.count * k, slot.every.unit), 1)
        if day > limit:
            break
        rolled = hours.calendar.later(day)
        due = hours.at(rolled)
        if frame.ends_at is not None and due >= frame.ends_at:
            break
        reason = f"every {slot.every} from {day_words(base)}" + moved_words(day, rolled, hours.calendar)
        found.append(
            Slotted(f"{slot.token}-{number + k}", slot, order, rolled, due, hours.stale(rolled), False, reason)
        )
    return found


def moved_words(day: date, rolled: date, calendar: WorkCalendar) -> str:
    """`, moved from Saturday 31 March 2018 (a day off)`, or nothing."""
    if day == rolled:
        return ""
    why = calendar.day_off(day) or "a day off"
    why = "" if why.startswith("a ") else f" ({why})"
    return f", moved from {day_words(day, weekday=True)}{why}"


def absorb(slots: Sequence[Slotted], apart: int) -> tuple[Slotted, ...]:
    """Mark what a neighbour takes the place of; nothing absorbed absorbs another."""
    by: dict[str, str] = {}
    _absorb_same_day([slotted for slotted in slots if not isinstance(slotted.source, Series)], by)
    fixed = [slotted for slotted in slots if slotted.fixed and slotted.slot not in by]
    for slotted in slots:
        if isinstance(slotted.source, Series):
            near = [other for other in fixed if abs((other.day - slotted.day).days) < max(apart, 1)]
            if near:
                by[slotted.slot] = min(near, key=lambda other: (abs((other.day - slotted.day).days), -other.order)).slot
    _absorb_same_day([slotted for slotted in slots if slotted.slot not in by], by)
    for slot, winner in by.items():
        by[slot] = by.get(winner, winner)
    return tuple(slotted._replace(absorbed_by=by.get(slotted.slot)) for slotted in slots)


def _absorb_same_day(slots: Sequence[Slotted], by: dict[str, str]) -> None:
    winners = {slotted.day: slotted.slot for slotted in sorted(slots, key=lambda item: (item.order, item.due_at))}
    by |= {slotted.slot: winners[slotted.day] for slotted in slots if slotted.slot != winners[slotted.day]}
