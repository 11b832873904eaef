"""Days of grace: late only after them, while letters count from the deadline. The Arms Trade Treaty's plan, in a test.

Its initial report is due within a year of entry into force for a State, its annual one on 31 May, with seven days of grace.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from engine.app.plans.status import status_of
from engine.app.why.step import step_sentences
from engine.definition.workflow import Plannable
from engine.planning.replay import in_order
from engine.planning.world.scope import World
from engine.rendering.agenda import Agenda
from engine.rendering.compose import Composer
from tests.letter_samples import MATERIALS
from tests.planning_model import Outbox
from tests.support import load_text

ATT = """\
workflow: att-reports
title: Reports under Article 13 of the Arms Trade Treaty
timezone: Europe/Zurich
working_days: {country: CH, subdivision: GE}
starts: 2018-01-01
cycle: {every: year, due: 05-31, opens: 12 weeks before}
owner: secretariat
parties: parties.csv
contacts: contacts.csv
address: {to: [mission]}
attributes: {entry_into_force: {type: date}}
facts:
  initial_report: {type: date, label: Initial report received}
  annual_report: {type: date, each: cycle, label: Annual report received}
values:
  initial_due: {date: entry_into_force + 12 months}
roles:
  secretariat: {title: ATT Secretariat, email: secretariat@example.org}
steps:
  initial:
    follow_up: Initial report
    cycle: none
    to: entry_into_force
    since: entry_into_force
    by: initial_due
    grace: 7 days
    until: initial_report
    send: [6 weeks before, on the day, 3 days after, 2 weeks after]
    letter: report_overdue
    thanks: report_received
    approval: none
  annual:
    follow_up: Annual report
    to: entry_into_force < cycle.due
    by: cycle.due
    grace: 7 days
    extensions: {asked: before, at_most: 1, until: by + 60 days}
    until: annual_report
    send: [6 weeks before, on the day, 3 days after, 2 weeks after]
    letter: report_overdue
    thanks: report_received
    approval: none
"""
PARTIES = "id,name,entry_into_force\nAA,Aland,2016-01-01\nBB,Bland,2017-06-15\nCC,Cland,2014-12-24\n"
CONTACTS = "id,party,post,name,address\n" + "".join(
    f"{party.lower()}_m,{party},mission,Mission of {party},{party.lower()}@mission.example\n"
    for party in ("AA", "BB", "CC")
)


@lru_cache
def att() -> Plannable:
    return load_text(ATT, {"parties.csv": PARTIES, "contacts.csv": CONTACTS})


def lived(until: str) -> Outbox:
    return Outbox(att()).run(until)


def annual(box: Outbox, today: str) -> dict[str, object]:
    world = World(att(), box.planner.book)
    return status_of(world, date.fromisoformat(today))["follow_ups"]["annual 2018"]  # type: ignore[no-any-return]  # JSON


def test_letters_count_from_the_deadline_and_not_from_the_grace() -> None:
    box = lived("2018-07-01")
    assert [(each.letter.cycle, *each.local.split()[:1]) for each in box.sent if each.letter.party == "CC"] == [
        ("2018", "2018-04-19"), ("2018", "2018-05-31"), ("2018", "2018-06-04"), ("2018", "2018-06-14"),
    ]  # fmt: skip


def test_who_reports_within_the_grace_is_in_time() -> None:
    box = lived("2018-06-20")
    box.record("annual_report", "2018-06-07", party="AA", cycle="2018")
    box.record("annual_report", "2018-06-08", party="BB", cycle="2018")
    found = annual(box, "2018-06-07")
    assert (found["by"], found["late_after"], found["late"]) == ("2018-05-31", "2018-06-07", [])
    found = annual(box, "2018-06-20")
    assert (found["done"], found["done_late"], found["missing"], found["late"]) == (
        ["AA", "BB"],
        ["BB"],
        ["CC"],
        ["CC"],
    )


def test_an_extension_has_its_own_days_of_grace() -> None:
    box = lived("2018-05-30")
    box.record("extended_to", "2018-06-29", party="CC", step="annual", cycle="2018")
    assert annual(box, "2018-07-06")["late"] == ["AA", "BB"]
    assert annual(box, "2018-07-07")["late"] == ["AA", "BB", "CC"]


def test_who_is_exempt_is_neither_missing_nor_late() -> None:
    box = lived("2018-06-20")
    box.record("exempt", "yes", party="CC", step="annual", cycle="2018")
    found = annual(box, "2018-06-21")
    assert (found["exempt"], found["missing"], found["of"]) == (["CC"], ["AA", "BB"], 2)


def test_a_letter_knows_whether_it_is_late_yet() -> None:
    box = lived("2018-03-15")
    letters = [letter for letter in in_order(box.letters()) if (letter.party, letter.cycle) == ("AA", "2018")]
    contexts = [Composer(box.planner, MATERIALS).context(letter) for letter in letters]
    deadlines = [context.deadline for context in contexts if context.deadline]
    assert [deadline.late for deadline in deadlines] == [False, False, False, True]
    assert {deadline.grace for deadline in deadlines} == {"7 June 2018"}
    assert {deadline.words for deadline in deadlines} == {"31 May 2018"}


def test_the_calendar_and_why_tell_of_the_grace() -> None:
    box = lived("2018-06-02")
    items = {item.summary: item.description for item in Agenda(box.planner, "x.example").items()}
    assert "it is late only after 7 June 2018" in items["By 31 May 2018: Annual report"]
    said = step_sentences(box.planner, [*box.rows.values()], "CC", "annual", box.now)
    assert "Its deadline in 2018 is 31 May 2018; it is late only after 7 June 2018." in said
