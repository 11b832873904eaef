"""Letters and parties in lines, for people who are told of many at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from engine.definition.dates import local_date, zone
from engine.definition.phrases import Phrases
from engine.definition.words import day_words, listed
from engine.definition.workflow import Workflow
from engine.dispatcher.standing import Standing
from engine.letter import Recorded
from engine.rendering.notices import DigestView, WaitingLetter
from engine.store import AnswerRecord

_MOST_LINES = 30
_MOST_NAMED = 5


class Summary(NamedTuple):
    """What a person is told of all their plans, and the words of the first letter of each kind that waits."""

    view: DigestView
    waiting: tuple[WaitingLetter, ...]


def by_kind(standing: Standing, rows: Iterable[Recorded], *, limits: bool = False) -> Iterator[str]:
    """Letters, those of a day and kind in one line; with `limits` also until when they could still leave."""
    workflow, phrases = standing.workflow, Phrases(standing.workflow)
    together: dict[tuple[date, str, str | None, str, str], list[Recorded]] = {}
    for row in rows:
        until = _there(row.stale_at, row.zone) if limits and row.stale_at else ""
        together.setdefault((local_date(row.due_at, row.zone), row.step, row.cycle, row.slot, until), []).append(row)
    for (on, _, _, slot, until), found in together.items():
        names = listed(list(dict.fromkeys(whom(standing, row) for row in found)), most=_MOST_NAMED)
        number = f"{len(found)} letters, " if len(found) > 1 else ""
        too_late = f"; not sent any more after {until}" if until else ""
        what = f"{number}{title(workflow, found[0])}, {phrases.slot(slot)}"
        yield f"{day_words(on, weekday=True)}: {what}, to {names}{too_late}"


def _there(at: datetime, zone_name: str) -> str:
    """An instant where a letter is read: one line then serves for all zones."""
    local = at.astimezone(zone(zone_name))
    return f"{day_words(local.date(), weekday=True)}, {local:%H:%M} where it is read"


def shortened(lines: Iterable[str]) -> tuple[str, ...]:
    """Lines to show; what is past the most of them is counted."""
    found = tuple(lines)
    rest = len(found) - _MOST_LINES
    return found if rest <= 0 else (*found[:_MOST_LINES], f"and {rest} more")


def whom(standing: Standing, row: Recorded) -> str:
    """To whom a letter goes: a party, or a role."""
    role = standing.workflow.roles.get(row.addressee)
    return role.title if role is not None else party(standing, row.party or row.addressee)


def party(standing: Standing, id_: str) -> str:
    """A party's name; its id where the roster has it no more."""
    found = standing.planner.plannable.parties.get(id_)
    return found.name if found else id_


def whose(standing: Standing, answer: AnswerRecord) -> str:
    """Whose answer it is: a party's; else the one who wrote, as the message says, or the address that took no mail."""
    if answer.party is not None:
        return party(standing, answer.party)
    return answer.sender or answer.address or "somebody"


def title(workflow: Workflow, row: Recorded) -> str:
    """The title of a letter's step."""
    step = workflow.steps.get(row.step)
    return step.title if step else row.step
