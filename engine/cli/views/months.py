"""The lines of a plan's table: letters in months, those that are alike on one day in one line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from engine.definition.dates import zone
from engine.definition.words import MONTHS, WEEKDAYS, counted, month_words
from engine.letter import NONE, Letter
from engine.planning.planner import Planner

SOME_DAY = "Some day"
_NAMED = 3
"""So many parties or zones are named in their column; more are counted, and listed below."""
_WHOM = "\0"
"""Stands in a reason for the party that it is about."""
_MONTH = re.compile(rf"({'|'.join(MONTHS)}) (\d{{4}})$")


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One line of the table; `below` lists whom it is to where they are too many for the column, or is its key."""

    when: str
    letter: str
    to: str
    state: str
    reason: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """A month's lines: first what has a day, then what is only about then."""

    title: str
    lines: list[MonthLine]


class _Alike(NamedTuple):
    """What letters have in common that share a line."""

    day: date | None
    time: str
    step: str
    cycle: str | None
    round: int
    role: str | None
    state: str
    reason: str
    slots: tuple[tuple[str, str], ...]
    """Each template with its slot: several only of what is tentative."""
    key: str


def by_month(letters: Iterable[Letter], planner: Planner, *, each: bool) -> list[Month]:
    """The table's months in order; what has no month comes last."""
    groups: dict[date, dict[_Alike, list[Letter]]] = {}
    for letter in letters:
        alike = _alike(letter, planner, each=each)
        groups.setdefault(month_of(letter, alike.day), {}).setdefault(alike, []).append(letter)
    return [
        Month(month_words(month) if month < date.max else SOME_DAY, list(_lines(groups[month], planner)))
        for month in sorted(groups)
    ]


def _alike(letter: Letter, planner: Planner, *, each: bool) -> _Alike:
    local = letter.due_at.astimezone(zone(letter.zone)) if letter.due_at else None
    role = letter.addressee if letter.addressee in planner.workflow.roles else None
    return _Alike(
        local.date() if local else None,
        f"{local:%H:%M}" if local else letter.about,
        letter.step,
        letter.cycle,
        letter.round,
        role,
        letter.state,
        _reason(letter, planner) if role else letter.reason,
        ((letter.template, letter.slot),),
        letter.key if each else "",
    )


def _reason(letter: Letter, planner: Planner) -> str:
    """Why a role gets a letter about a party, without its name: the same about several parties is one line."""
    party = planner.plannable.parties.get(letter.party or "")
    return letter.reason.replace(party.name, _WHOM) if party else letter.reason


def month_of(letter: Letter, day: date | None) -> date:
    """The first of the month that a letter is shown in."""
    if day is not None:
        return day.replace(day=1)
    found = _MONTH.search(letter.about)
    return date(int(found[2]), MONTHS.index(found[1]) + 1, 1) if found else date.max


def _lines(groups: dict[_Alike, list[Letter]], planner: Planner) -> Iterator[MonthLine]:
    for alike, letters in sorted(_joined(groups), key=lambda group: group[0].day is None):
        parties = _parties(letters)
        below = alike.key or (", ".join(sorted(parties)) if len(parties) > _NAMED else "")
        known = planner.plannable.parties.get(parties[0]) if len(parties) == 1 else None
        reason = alike.reason.replace(_WHOM, known.name if known else "each of them")
        yield MonthLine(_when(alike, letters), _letter(alike), _to(alike, letters, planner), alike.state, reason, below)


def _joined(groups: dict[_Alike, list[Letter]]) -> list[tuple[_Alike, list[Letter]]]:
    """What is tentative for the same parties in one: an invitation with its reminders."""
    found: dict[tuple[_Alike, tuple[str, ...]], tuple[_Alike, list[Letter]]] = {}
    for alike, letters in groups.items():
        slots = alike.slots if alike.day is not None or alike.key else ()
        place = alike._replace(slots=slots), tuple(letter.addressee for letter in letters)
        known = found.get(place)
        found[place] = (known[0]._replace(slots=known[0].slots + alike.slots), known[1]) if known else (alike, letters)
    return list(found.values())


def _parties(letters: list[Letter]) -> list[str]:
    return list(dict.fromkeys(letter.party for letter in letters if letter.party is not None))


def _when(alike: _Alike, letters: list[Letter]) -> str:
    if alike.day is None:
        return f"~ {alike.time.removeprefix('about ').partition(',')[0]}"
    zones = list(dict.fromkeys(letter.zone for letter in letters))
    where = zones[0] if len(zones) == 1 else f"in {len(zones)} zones"
    return f"{WEEKDAYS[alike.day.weekday()][:3]} {alike.day.day:>2}, {alike.time}\n{where}"


def _letter(alike: _Alike) -> str:
    slots: dict[str, list[str]] = {}
    for template, slot in alike.slots:
        slots.setdefault(template.replace("_", " "), []).append(slot)
    again = f", round {alike.round}" if alike.round > 1 else ""
    lines = [f"{words} ({', '.join(names)}{again})".lstrip() for words, names in slots.items()]
    return "\n".join([f"{alike.step} {alike.cycle or ''}".rstrip(), *lines])


def _to(alike: _Alike, letters: list[Letter], planner: Planner) -> str:
    parties = _parties(letters)
    if len(parties) > _NAMED:
        whom = counted(len(parties), "party", "parties")
        if len(letters) > len(parties):
            whom = f"{counted(len(letters), 'letter')} to {whom}"
    else:
        whom = "\n".join(_name(party, letters, planner) for party in parties)
    if alike.role is None:
        return whom or "-"
    return f"{alike.role}\nabout {whom}" if parties else alike.role


def _name(party: str, letters: list[Letter], planner: Planner) -> str:
    """`NR Nauru (ny_mission)`: the post is that of whoever gets the letter."""
    known = planner.plannable.parties.get(party)
    posts = {contact.id: contact.post for contact in planner.plannable.contacts}
    to = [posts.get(letter.addressee, letter.addressee) for letter in letters if letter.party == party]
    via = [post for post in dict.fromkeys(to) if post != NONE and post not in planner.workflow.roles]
    name = f"{party} {known.name}" if known else party
    return f"{name} ({', '.join(via)})" if via else name
