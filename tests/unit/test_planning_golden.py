"""Whole plans, letter by letter: one plan with one of everything, as it stands on some days of its year.

What was recorded is in two tables; each file of `tests/golden/plans/` has the letters of a day, with all that a letter is.
After a change, write them again with `EXPECT=write` in the environment, and read the difference.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from engine.app.plans.status import status_of
from engine.definition.dates import zone
from engine.definition.facts import Fact
from engine.definition.workflow import Plannable
from engine.letter import Letter
from engine.planning.replay import in_order
from engine.planning.told import Told, day_told, told
from tests.support import fact, kept, load_text, replay

GOLDEN = Path(__file__).parent.parent / "golden" / "plans"
START = "2018-01-08"
DAYS = ["2018-01-08", "2018-02-20", "2018-03-20", "2018-04-03", "2018-05-04", "2018-06-20", "2018-07-10", "2018-10-20"]
OTHER_DAYS = [
    "2018-02-08",
    "2018-03-14",
    "2018-04-13",
    "2018-05-04",
    "2018-05-21",
    "2018-07-06",
    "2018-09-21",
    "2018-11-02",
]


def one_year() -> list[Fact]:
    """A year, in the order in which it became known."""
    return [
        fact("pace", "gently", party="BB", step="ask", on="2018-01-22"),
        fact("contacted", "yes", party="CC", step="ask", on="2018-02-06"),
        fact("status", "ready", party="AA", on="2018-02-14"),
        fact("date", "2018-04-17..2018-04-18", step="meeting", on="2018-02-15"),
        fact("write_to", "aa_c", party="AA", on="2018-02-19"),
        fact("reviewed", "yes", step="talks", on="2018-03-01"),
        fact("unreachable", "m@dd.example", contact="dd_m", on="2018-03-05"),
        fact("snoozed_until", "2018-04-10", party="CC", step="ask", on="2018-03-12"),
        fact("date", "2018-04-24", step="meeting", on="2018-03-15"),
        fact("coming", "no", party="BB", step="meeting", on="2018-03-16"),
        fact("date", "2018-07-13", anchor="end", on="2018-04-02"),
        fact("answered", "yes", party="DD", step="found", on="2018-04-20"),
        fact("held", "yes", step="meeting", on="2018-04-24"),
        fact("attended", "yes", party="AA", step="meeting", on="2018-04-25"),
        fact("attended", "yes", party="BB", step="meeting", on="2018-04-25"),
        fact("address", "new@dd.example", contact="dd_m", on="2018-05-02"),
        fact("status", "ready", party="CC", on="2018-05-03"),
        fact("exempt", "yes", party="DD", step="ask", on="2018-05-22"),
        fact("report", "2018-06-01", party="BB", details={"kind": "part"}),
        fact("date", "2018-08-28", step="workshop", on="2018-06-04"),
        fact("date", "2018-06-29", anchor="end", on="2018-06-05"),
        fact("done", "yes", step="paper", on="2018-06-14"),
        fact("extension_asked", "2018-06-18", party="AA", step="ask"),
        fact("extended_to", "2018-08-10", party="AA", step="ask", on="2018-06-19"),
        fact("cancelled", "yes", step="workshop", on="2018-07-02"),
        fact("opted_out", "yes", party="CC", step="ask", on="2018-07-05"),
        fact("report", "2018-08-01", party="AA", details={"kind": "whole"}),
        fact("reopened", "yes", party="BB", step="ask", on="2018-09-03"),
        fact("yearly", "2018-09-14", party="AA", cycle="2018"),
    ]


def another_year() -> list[Fact]:
    """The year as it might have been: rounds and pauses, days that move near and into the past, an event called off."""
    return [
        fact("extended_to", "2018-09-28", party="AA", step="ask", on="2018-02-05"),
        fact("approval", "required", party="BB", on="2018-02-06"),
        fact("language", "fr", party="BB", on="2018-02-07"),
        fact("answered", "yes", party="CC", step="ask", on="2018-02-09"),
        fact("date", "2018-03-15", step="meeting", on="2018-03-05"),
        fact("answered", "no", party="CC", step="ask", on="2018-03-19"),
        fact("cancelled", "yes", step="meeting", on="2018-03-13"),
        fact("snoozed_until", "2018-07-09", party="DD", step="ask", on="2018-03-20"),
        fact("report", "2018-03-21", party="BB", details={"kind": "whole"}),
        fact("date", "2018-05-10", anchor="end", on="2018-04-12"),
        fact("date", "2018-04-20", anchor="end", on="2018-05-02"),
        fact("reopened", "yes", party="BB", step="ask", on="2018-05-03"),
        fact("date", "2018-10-31", anchor="end", on="2018-05-14"),
        fact("cancelled", "no", step="meeting", on="2018-05-15"),
        fact("date", "2018-11-20", step="meeting", on="2018-05-16"),
        fact("contacted", "yes", step="talks", party="CC", on="2018-05-17"),
        fact("unreachable", "c@aa.example", contact="aa_c", on="2018-05-18"),
        fact("unreachable", "m@aa.example", contact="aa_m", on="2018-05-18"),
        fact("address", "again@aa.example", contact="aa_m", on="2018-06-11"),
        fact("exempt", "yes", party="BB", step="annual", cycle="2018", on="2018-07-10"),
        fact("extended_to", "2018-10-31", party="CC", step="annual", cycle="2018", on="2018-09-20"),
        fact("date", "2018-09-12", step="workshop", on="2018-08-01"),
        fact("held", "yes", step="workshop", on="2018-09-12"),
    ]


STORIES = {"": (one_year, DAYS), "otherwise-": (another_year, OTHER_DAYS)}


@lru_cache
def everything() -> Plannable:
    names = ("parties.csv", "contacts.csv")
    files = {name: (GOLDEN / name).read_text("utf-8") for name in names}
    return load_text((GOLDEN / "everything.yaml").read_text("utf-8"), files)


def local(at: datetime | None, name: str) -> str:
    return at.astimezone(zone(name)).strftime("%a %Y-%m-%d %H:%M") if at else "-"


def written(letter: Letter) -> str:
    """All that a letter is: one line for what and when, one for how."""
    kinds = {"asks": letter.approval, "special": not letter.ordinary}
    how = [letter.kind, letter.template or "-", letter.person or "-", *(word for word, holds in kinds.items() if holds)]
    if letter.stale_at:
        how.append(f"until {local(letter.stale_at, letter.zone)}")
    how += [f"{name} {value}" for name, value in (("about", letter.about), ("tells", letter.told)) if value]
    when = f"{local(letter.due_at, letter.zone)} {letter.zone}"
    return f"{letter.key}\n    {letter.state} {when}: {letter.reason}\n    {', '.join(how)}"


def known_of(each: Told) -> str:
    """What an addressee was told of a date, by which letter, and whether it still holds."""
    why = f" ({each.why})" if each.why else ""
    return f"{each.key} at {local(each.at, 'UTC')}: {day_told(each.day)}; now {day_told(each.now)}, {each.holds}{why}"


def of_day(day: str, facts: list[Fact]) -> str:
    """The plan as it stands on a day: its letters, why others get none, who was told which day, and its measures."""
    run, planned = replay(facts, f"{day} 08:00", everything(), START)
    silences = sorted(
        f"{each.step} {each.cycle or '-'} {each.party or '-'}: {each.reason}" for each in planned.silences
    )
    stands = status_of(run.planner.world, date.fromisoformat(day))
    status = yaml.safe_dump(stands, allow_unicode=True, sort_keys=False, width=110)
    known = [known_of(each) for party in everything().parties for each in told(run.planner, party)]
    letters = [written(each) for each in in_order(planned.letters)]
    return "\n".join([*letters, "", "Silent:", *silences, "", "Told of days:", *known, "", status])


@pytest.mark.parametrize(("story", "day"), [(story, day) for story, (_, days) in STORIES.items() for day in days])
def test_the_plan_of_a_day(story: str, day: str) -> None:
    found = of_day(day, STORIES[story][0]())
    assert found == kept(GOLDEN / f"{story}{day}.txt", found)
