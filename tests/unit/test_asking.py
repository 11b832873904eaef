"""Whoever decides is asked: at once, once a day, by the digest where there is one; by what name, and why it is on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from engine.app.letters.delegating import Asked, delegate
from engine.dispatcher.notices.asking import prompt, put_notice
from engine.letter import APPROVAL_PROMPT, NOTICES, Recorded
from engine.lifecycle import State
from engine.planning.world.schedule import Hours
from tests.installation import Installation
from tests.small_plan import PLAN, SIGN, put

ROLES = """\
roles:
  chair: {title: The chair, email: chair@example.org, digest: weekly on Wednesday}
  silent: {title: Nobody can be written to}
  aide: {title: The aide, email: aide@example.org}
"""
AT_FIRST = "2018-01-08T08:00"


def asking(house: Installation, owner: str = "desk") -> None:
    put(house, plan=PLAN.replace("roles:\n", ROLES) + SIGN % owner)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, AT_FIRST) as house:
        yield house


def notices(house: Installation) -> dict[str, Recorded]:
    """The notices about the step, by the part of the key that is theirs."""
    rows = [row for row in house.rows(workflow="small", step="sign") if row.template in NOTICES]
    return {f"{row.addressee}/{row.slot}": row for row in rows}


def when(house: Installation) -> dict[str, str]:
    return {name: f"{row.due_at:%m-%d %H:%M} {row.state}: {row.reason}" for name, row in notices(house).items()}


def causes(house: Installation) -> list[str]:
    with house.app.store.read() as tx:
        entries = tx.journal_entries(workflow="small", action="planned")
    return [f"{entry.actor}: {entry.detail}" for entry in entries if entry.step == "sign" and entry.actor == "tick"]


def test_who_owns_a_step_is_asked_at_once_and_why_is_on_record(house: Installation) -> None:
    asking(house)
    house.tick(AT_FIRST)
    assert when(house) == {"desk/approve-2018-01-08-1": "01-08 07:00 sent: sent"}
    assert causes(house) == ["tick: 1 letter, 2018-01-08T07:00Z: approval is asked for"]
    (row,) = notices(house).values()
    assert (row.key, row.template, row.ordinary, row.approval) == (
        "small/-/sign/-/1/desk/approve-2018-01-08-1", "approval_prompt", False, False,
    )  # fmt: skip
    assert f"{row.stale_at:%m-%d %H:%M}" == "01-11 08:00"
    house.approve_all()
    done = house.tick("2018-01-19T09:00")
    assert [(row.party, row.slot, row.state) for row in done.asked] == [
        ("AA", "on-day", State.AWAITING_APPROVAL), ("BB", "on-day", State.AWAITING_APPROVAL),
    ]  # fmt: skip
    assert when(house) == {
        "desk/approve-2018-01-08-1": "01-08 07:00 sent: sent", "desk/approve-2018-01-19-1": "01-19 08:00 sent: sent",
    }  # fmt: skip
    assert house.tick().asked == []


def test_a_deputy_for_a_time_is_asked_as_it_begins_and_the_owner_as_it_ends(house: Installation) -> None:
    asking(house)
    house.tick(AT_FIRST)
    delegate(house.app, Asked("aide", step="sign", workflow="small", since="2018-01-10", until="2018-01-10"), "anna")
    house.tick("2018-01-10T09:00")
    house.tick("2018-01-11T09:00")
    assert when(house) == {
        "desk/approve-2018-01-08-1": "01-08 07:00 sent: sent",
        "aide/approve-2018-01-10-1": "01-10 08:00 sent: sent",
        "desk/approve-2018-01-11-1": "01-11 08:00 sent: sent",
    }
    with house.app.store.read() as tx:
        (ended,) = tx.journal_entries(action="undelegated")
    assert (ended.actor, ended.detail) == ("tick", "its time is over: desk decides again")
    urgent = {row.addressee: f"{row.due_at:%m-%d %H:%M} {row.state}" for row in house.rows(workflow="small", step="-")}
    assert urgent["desk"] == "01-18 08:00 scheduled"
    assert urgent["aide"].endswith("withdrawn")


def again(house: Installation, at: str) -> str | None:
    """Prompt for all that waits, at an instant by which all else was done: when that leaves, if it does."""
    house.tick(at)
    before = notices(house)
    with house.app.standings.deciding() as tx:
        waiting = tx.find_letters(workflow="small", step="sign", state=State.AWAITING_APPROVAL)
        prompt(tx, house.app.standings, waiting, house.clock.now())
    new = [f"{name}: {row.due_at:%m-%d %H:%M}" for name, row in notices(house).items() if name not in before]
    return new[0] if new else None


LIVES: list[tuple[str, dict[str, str | None]]] = [
    # The first letters are due on Friday 19 January at nine.
    ("desk", {
        "2018-01-08T11:00": "desk/approve-2018-01-08-2: 01-09 08:00", "2018-01-08T12:00": None,
        "2018-01-09T11:00": "desk/approve-2018-01-09-1: 01-10 08:00",
        "2018-01-11T11:00": "desk/approve-2018-01-11-1: 01-12 08:00",
        "2018-01-12T11:00": "desk/approve-2018-01-12-1: 01-15 08:00",
        "2018-01-12T12:00": None,
        "2018-01-18T11:00": "desk/approve-2018-01-18-1: 01-18 10:00",
        "2018-01-18T12:00": "desk/approve-2018-01-18-2: 01-19 08:00",
    }),
    ("desk", {
        "2018-01-19T08:00": "desk/approve-2018-01-19-1: 01-19 07:00",
        "2018-01-19T08:30": "desk/approve-2018-01-19-2: 01-19 07:30",
    }),
    # A digest comes on Wednesdays.
    ("chair", {
        "2018-01-08T12:00": "chair/approve-2018-01-08-2: 01-09 08:00",
        "2018-01-09T12:00": None,
        "2018-01-10T08:00": None,
        "2018-01-10T11:00": "chair/approve-2018-01-10-1: 01-11 08:00",
    }),
    ("chair", {"2018-01-09T12:00": "chair/approve-2018-01-09-1: 01-09 11:00", "2018-01-09T13:00": None}),
]  # fmt: skip


@pytest.mark.parametrize(("owner", "life"), LIVES)
def test_prompts_come_once_a_day_and_not_beside_a_digest(
    house: Installation, owner: str, life: dict[str, str | None]
) -> None:
    asking(house, owner)
    house.tick(AT_FIRST)
    assert {at: again(house, at) for at in life} == life


def test_nobody_is_asked_who_cannot_be_written_to(house: Installation) -> None:
    asking(house)
    house.tick(AT_FIRST)
    now = house.clock.now()
    with house.app.standings.deciding() as tx:
        standing, given = house.app.standings.get(tx, "small", now), list[object]()

        def when(before: list[Recorded], hours: Hours) -> datetime:
            given.append(([row.addressee for row in before], hours))
            return now

        for role in ("silent", "nobody", "aide"):
            put_notice(tx, standing, APPROVAL_PROMPT, ("sign", None, role), now, when)
        hours = standing.planner.desk.role_hours("aide")
    assert given == [([], hours)]
    assert sorted(notices(house)) == ["aide/approve-2018-01-08-1", "desk/approve-2018-01-08-1"]
