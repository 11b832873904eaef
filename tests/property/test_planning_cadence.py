"""The slots of a `send:` list against a naive reading of the language, “Cadence”, that shares no code with the planner."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.definition.cadence import parse_slot
from engine.definition.dates import Distance, Unit, day
from engine.definition.workdays import WorkCalendar
from engine.planning.world.schedule import Frame, Hours, schedule

ZONES = ("Europe/Zurich", "Pacific/Auckland", "Asia/Kathmandu", "Pacific/Rarotonga", "America/St_Johns")
HOUR = time(9)
ENDLESS = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One entry of a list: what is written, and what it says."""

    kind: str
    count: int = 0
    unit: str = "days"
    limit: tuple[int, str, str] | None = None
    most: int | None = None

    @property
    def text(self) -> str:
        if self.kind in ("at once", "on the day"):
            return self.kind
        if self.kind in ("before", "after"):
            return f"{self.count} {self.unit} {self.kind}"
        if self.most is not None:
            return f"every {self.count} {self.unit} at most {self.most}"
        assert self.limit is not None
        count, unit, side = self.limit
        return f"every {self.count} {self.unit} until " + (f"{count} {unit} {side}" if count else "on the day")

    @property
    def name(self) -> str:
        """The slot's name in a key: normalised, so that 42 days are six weeks."""
        if self.kind in ("at once", "on the day"):
            return {"at once": "at-once", "on the day": "on-day"}[self.kind]
        count, unit = self.count, self.unit
        if unit == "days" and count % 7 == 0:
            count, unit = count // 7, "weeks"
        length = f"{count}{unit[0]}"
        return f"every-{length}" if self.kind == "every" else f"{self.kind}-{length}"


def moved(on: date, count: int, unit: str) -> date:
    """A day moved by days, weeks or months; in a month that is too short, its last day."""
    if unit != "months":
        return on + timedelta(days=count * (7 if unit == "weeks" else 1))
    month = on.month - 1 + count
    year, month = on.year + month // 12, month % 12 + 1
    return date(year, month, min(on.day, calendar.monthrange(year, month)[1]))


def local(on: date, zone: str) -> datetime:
    return datetime.combine(on, HOUR, ZoneInfo(zone)).astimezone(UTC)


def rolled(on: date, off: Callable[[date], bool], step: int) -> date:
    while off(on):
        on += timedelta(days=step)
    return on


@dataclass(frozen=True)
class Case:
    """What a cadence counts from."""

    entries: tuple[Entry, ...]
    by: date
    activation: datetime
    zone: str
    apart: int
    ends: datetime
    country: bool

    def off(self, on: date) -> bool:
        if not self.country:
            return on.weekday() >= 5
        return not GENEVA.is_working_day(on)


GENEVA = holidays.country_holidays("CH", subdiv="GE")


def naive(case: Case) -> tuple[dict[str, date], dict[str, str]]:
    """The day of each slot that is sent or absorbed, and for each absorbed one whether by its day or by a neighbour."""
    found: list[tuple[str, int, str, date]] = []
    begin = case.activation.astimezone(ZoneInfo("Europe/Zurich")).date()
    for place, entry in enumerate(case.entries):
        if entry.kind == "at once":
            on = rolled(case.activation.astimezone(ZoneInfo(case.zone)).date(), case.off, 1)
            while local(on, case.zone) < case.activation:
                on = rolled(on + timedelta(days=1), case.off, 1)
            found.append((entry.name, place, entry.kind, on))
        elif entry.kind == "every":
            for k in range(1, 1000):
                on = moved(begin, k * entry.count, entry.unit)
                if entry.most is not None and k > entry.most:
                    break
                if entry.limit is not None and on > limit_of(entry.limit, case.by):
                    break
                found.append((f"{entry.name}-{k}", place, entry.kind, rolled(on, case.off, 1)))
        else:
            sign = {"before": -1, "on the day": 0, "after": 1}[entry.kind]
            on = moved(case.by, sign * entry.count, entry.unit)
            found.append((entry.name, place, entry.kind, rolled(on, case.off, 1 if sign > 0 else -1)))
    kept = [
        slot for slot in found
        if (slot[2] == "at once" or local(slot[3], case.zone) >= case.activation) and local(slot[3], case.zone) < case.ends
    ]  # fmt: skip
    return {name: on for name, _, _, on in kept}, absorbed(kept, case.apart)


def limit_of(limit: tuple[int, str, str], by: date) -> date:
    count, unit, side = limit
    return moved(by, -count if side == "before" else count, unit)


def absorbed(slots: list[tuple[str, int, str, date]], apart: int) -> dict[str, str]:
    """Which slots are absorbed: series ones near a fixed one, and all but the last in the list on one day."""
    gone: dict[str, str] = {}
    lonely = [slot for slot in slots if slot[2] != "every"]
    for name, place, _, on in lonely:
        if any(other_on == on and other_place > place for _, other_place, _, other_on in lonely):
            gone[name] = "day"
    fixed = [slot for slot in lonely if slot[2] != "at once" and slot[0] not in gone]
    for name, _, kind, on in slots:
        if kind == "every" and any(abs((on - other[3]).days) < max(apart, 1) for other in fixed):
            gone[name] = "neighbour"
    left = [slot for slot in slots if slot[0] not in gone]
    for index, (name, place, _, on) in enumerate(left):
        if any(other[3] == on and (other[1], at) > (place, index) for at, other in enumerate(left)):
            gone[name] = "day"
    return gone


def planned(case: Case) -> dict[str, tuple[date, str | None]]:
    hours = Hours(
        case.zone, HOUR, WorkCalendar(*(("CH", "GE") if case.country else ())), Distance(3, Unit.WORKING_DAYS)
    )
    begin = case.activation.astimezone(ZoneInfo("Europe/Zurich")).date()
    frame = Frame(day(case.by), case.activation, case.activation, begin, case.apart, case.ends)
    slots = schedule([parse_slot(entry.text) for entry in case.entries], frame, hours)
    assert [slot.due_at for slot in slots] == sorted(slot.due_at for slot in slots)
    assert all(slot.due_at == local(slot.day, case.zone) for slot in slots)
    assert len({slot.slot for slot in slots}) == len(slots)
    return {slot.slot: (slot.day, slot.absorbed_by) for slot in slots}


UNITS = st.sampled_from(["days", "weeks", "months"])
FIXED = st.builds(Entry, st.sampled_from(["before", "after"]), st.integers(1, 12), UNITS)
LIMIT = st.tuples(st.integers(0, 8), UNITS, st.sampled_from(["before", "after"]))
SERIES = st.builds(Entry, st.just("every"), st.integers(1, 9), UNITS, LIMIT) | st.builds(
    Entry, st.just("every"), st.integers(1, 9), UNITS, st.none(), st.integers(1, 12)
)
ENTRIES = st.lists(
    st.just(Entry("at once")) | st.just(Entry("on the day")) | FIXED | SERIES, min_size=1, max_size=6,
    unique_by=lambda entry: entry.name,
).map(tuple)  # fmt: skip


def instants(first: int, last: int) -> st.SearchStrategy[datetime]:
    """Instants so many days after the plan began."""
    begin = datetime(2017, 9, 1, tzinfo=UTC)
    return st.integers(first * 1440, last * 1440).map(lambda minutes: begin + timedelta(minutes=minutes))


CASES = st.builds(
    Case,
    ENTRIES,
    by=st.dates(date(2017, 11, 1), date(2018, 12, 31)),
    activation=instants(0, 400),
    zone=st.sampled_from(ZONES),
    apart=st.sampled_from([7, 0, 1, 14]),
    ends=st.just(ENDLESS) | instants(200, 600),
    country=st.booleans(),
)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(CASES)
@example(  # 31 March 2018 lies between Good Friday and Easter Monday
    Case(
        (Entry("at once"), Entry("every", 4, "weeks", (6, "weeks", "before")), Entry("before", 2, "weeks"), Entry("on the day")),
        date(2018, 3, 31), datetime(2017, 10, 26, 22, tzinfo=UTC), "Europe/Zurich", 7, ENDLESS, True,
    )
)  # fmt: skip
def test_slots_are_those_of_the_naive_reading(case: Case) -> None:
    days, gone = naive(case)
    got = planned(case)
    assert {name: on for name, (on, _) in got.items()} == days
    assert {name for name, (_, by) in got.items() if by} == set(gone)
    for name, (on, by) in got.items():
        if by is not None:
            winner, winners_winner = got[by]
            assert winners_winner is None, "what takes a place is sent itself"
            assert (winner == on) if gone[name] == "day" else abs((winner - on).days) < max(case.apart, 1)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(CASES)
def test_what_is_sent_keeps_apart(case: Case) -> None:
    """Said of the outcome alone: one letter a day, series far enough from fixed ones, nothing before the activation."""
    sent = {name: on for name, (on, by) in planned(case).items() if by is None}
    assert len(set(sent.values())) == len(sent)
    series = [on for name, on in sent.items() if name.startswith("every-")]
    fixed = [on for name, on in sent.items() if name != "at-once" and not name.startswith("every-")]
    assert all(abs((one - other).days) >= case.apart for one in series for other in fixed)
    for name, on in sent.items():
        assert not case.off(on)
        assert local(on, case.zone) >= case.activation, name
        assert local(on, case.zone) < case.ends


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(1, 11), st.integers(1, 12), st.dates(date(2015, 1, 1), date(2021, 12, 31)))
@example(1, 12, date(2018, 1, 31))
def test_months_clamp_and_do_not_drift(every: int, most: int, begin: date) -> None:
    """Each slot of a series counts from its first day: 31 January, 28 February, 31 March."""
    at = datetime.combine(begin, time(0), UTC)
    frame = Frame(day(date(2040, 1, 1)), at, at, begin)
    hours = Hours("UTC", HOUR, _NoDaysOff(), Distance(3, Unit.DAYS))
    slots = schedule([parse_slot(f"every {every} months at most {most}")], frame, hours)
    assert [slot.day for slot in slots] == [moved(begin, every * k, "months") for k in range(1, most + 1)]
    assert {slot.day.day for slot in slots} <= {*range(28, 32), begin.day}
    assert all(slot.day.day == begin.day for slot in slots if begin.day <= 28)


class _NoDaysOff(WorkCalendar):
    def day_off(self, on: date) -> str | None:
        return None


@given(st.integers(1, 400), st.sampled_from(["before", "after"]))
def test_weeks_written_as_days_are_the_same_slot(count: int, side: str) -> None:
    weeks, days = parse_slot(f"{count} weeks {side}"), parse_slot(f"{7 * count} days {side}")
    assert weeks.token == days.token == f"{side}-{count}w"


@given(ENTRIES)
def test_what_is_written_is_read_and_said_the_same(entries: tuple[Entry, ...]) -> None:
    for entry in entries:
        slot = parse_slot(entry.text)
        assert slot.token == entry.name
        assert parse_slot(str(slot)) == slot
