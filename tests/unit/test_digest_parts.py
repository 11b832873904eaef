"""What a digest says of one plan, whole: what waits, failed, came in, is due within a week, and how the targets stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from engine.answer import Answer, AnswerKind
from engine.definition.facts import Subject
from engine.dispatcher.notices.deciders import Deciders
from engine.dispatcher.notices.digests import PlanPart, coming_digest, digest_view, plan_part
from engine.dispatcher.notices.readers import Reader, readers
from engine.letter import Recorded
from engine.lifecycle import State
from engine.rendering.notices import AimView, PlanDigest
from engine.store import Transaction
from tests.small_plan import House, fact, put

PLAN = """\
workflow: small
title: A small plan
timezone: Europe/Zurich
send_at: 09:00
starts: 2018-01-08
cycle: {every: year, due: 04-30, opens: 12 weeks before}
owner: desk
parties: parties.csv
contacts: contacts.csv
address: {to: [mission], cc: [capital]}
facts:
  report: {type: date, each: cycle}
  status: {type: choice, of: [ready, no], label: Where it stands}
roles:
  desk: {title: The desk, email: desk@example.org}
  chair: {title: The chair, email: chair@example.org, digest: weekly on Wednesday}
  head: {title: The head, email: Chair@example.org, digest: daily}
steps:
  ask: {follow_up: Reports, by: cycle.due, until: report, send: [on the day, 2 weeks after], letter: nudge, approval: none}
  sign: {follow_up: Signatures, cycle: none, owner: chair, by: 2018-05-01, until: status == "ready", send: [on the day],
    letter: nudge, approval: required}
  meeting: {event: The meeting, when: 2018-04-27..2018-05-03}
  begun: {event: The one that began, when: 2018-04-23..2018-04-29}
  found: {target: All who report, count: report, at_least: 2, by: cycle.due, remind: [1 week before]}
  gone: {task: Gone, cycle: none, by: 2018-04-23, remind: [on the day]}
  today: {task: Today, cycle: none, by: 2018-04-24, remind: [on the day]}
  paper: {task: The paper, cycle: none, by: 2018-05-01, remind: [on the day]}
  later: {task: Later, cycle: none, by: 2018-05-02, remind: [on the day]}
  talks: {ongoing: Talks, review: every 2 weeks, owner: chair, with: [head]}
objectives:
  most: {title: Most are ready, count: status == "ready", at_least: 1, by: 2018-06-30}
  over: {title: One was ready, count: status == "ready", at_least: 1, by: 2018-04-20}
"""
ASK_A, ASK_B = (f"small/2018/ask/{party}/1/{contact}/on-day" for party, contact in (("AA", "aa_m"), ("BB", "bb_m")))
NOON = "2018-04-24T12:00"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("digests"), NOON)
    with house:
        put(house, plan=PLAN)
        put(house, "twin", PLAN.replace("workflow: small", "workflow: twin").replace("A small plan", "The twin"))
        yield house


def lives(house: House, tx: Transaction, plan: str) -> None:
    """A letter fails, answers come in, facts are recorded."""
    now = house.clock.now()
    rows = {key: house.row(key.replace("small", plan)) for key in (ASK_A, ASK_B)}
    tx.claim(rows[ASK_B].due_at, 100, "other", rows[ASK_B].due_at)
    tx.set_state(rows[ASK_B].key, State.FAILED, "550 no such user", now=now, actor="other")
    tx.rescue("other", now)
    came: list[tuple[Recorded, dict[str, Any]]] = [
        (rows[ASK_A], {"subject": "Re: report", "sender": "m@aa.example"}),
        (rows[ASK_A]._replace(party=None, addressee="desk"), {"address": "desk@example.org", "said": "5.1.1 unknown"}),
        (rows[ASK_A]._replace(step="sign"), {"said": "submitted"}),
        (rows[ASK_A]._replace(step="talks"), {}),
    ]  # fmt: skip
    for number, (letter, given) in enumerate(came):
        answer = Answer(f"{plan}:{number}", AnswerKind.REPLY, now, **given)
        tx.add_answer(answer, AnswerKind.REPLY, letter, now, "anna")
    for hours, name, subject, value in (
        (-2, "report", Subject(party="AA", cycle="2018"), "2018-04-23"),
        (1, "report", Subject(party="BB", cycle="2018"), "2018-04-24"),
        (2, "status", Subject(party="AA"), "no"),
        (3, "status", Subject(party="BB"), "no"),
        (3, "snoozed_until", Subject(party="BB", step="ask"), "2018-04-26"),
        (3, "answered", Subject(party="BB", step="ask", cycle="2018"), "no"),
        (3, "attended", Subject(party="AA", step="meeting"), "yes"),
        (3, "date", Subject(step="meeting"), "2018-04-27..2018-05-03"),
    ):
        tx.add_fact(plan, fact(0, name, subject, value, recorded_at=now - timedelta(hours=4 - hours)))


def part_of(house: House, tx: Transaction, *roles: str) -> PlanPart:
    now = house.clock.now()
    standing = house.app.standings.get(tx, "small", now, changed=True)
    return plan_part(tx, standing, frozenset(roles), Deciders(tx, now), now - timedelta(hours=4), now)


TARGETS = (
    AimView("(most)", "0 of 1 (Where it stands is ready)", "by 30 June 2018"),
    AimView("(over)", "0 of 1 (Where it stands is ready)", "was not met by 20 April 2018"),
)
NEXT = AimView("All who report in 2019", "0 of 2 (report)", "by 30 April 2019")
AIMS = (AimView("All who report in 2018", "0 of 2 (report)", "by 30 April 2018"), NEXT, *TARGETS)
MET = (AimView("All who report in 2018", "2 of 2 (report)", "met on 9 January 2018"), NEXT, *TARGETS)
DAYS = (
    "Monday 30 April 2018: the last day of “Reports”",
    "27 April – 3 May 2018: The meeting",
    "Monday 30 April 2018: the last day of “All who report”",
    "Tuesday 24 April 2018: the last day of “Today”",
    "Tuesday 1 May 2018: the last day of “The paper”",
    "Monday 30 April 2018: The one that began, held, to The desk",
)
PAPER = "Tuesday 1 May 2018: The paper, on the day, to The desk"
BOTH = "Monday 30 April 2018: 2 letters, Reports, on the day, to Aland and Bland"
SIGN = "Tuesday 1 May 2018: 2 letters, Signatures, on the day, to Aland and Bland"
SIGNED = ("Tuesday 1 May 2018: the last day of “Signatures”", SIGN)
CAME = ("Bland: report for 2018: 2018-04-24", "Aland and Bland: Where it stands: no")


def test_of_a_plan_of_which_nothing_happened(house: House) -> None:
    with house.undone() as tx:
        desk, chair, head = (part_of(house, tx, role) for role in ("desk", "chair", "head"))
        both, nobody = part_of(house, tx, "chair", "desk"), part_of(house, tx, "nobody")
    assert desk == PlanPart(PlanDigest("A small plan", due=(*DAYS, BOTH, PAPER), aims=AIMS), Counter({"due": 9}), ())
    waiting = {"due": 3, "waiting": 2}
    assert chair == PlanPart(PlanDigest("A small plan", (SIGN,), due=SIGNED, aims=AIMS), Counter(waiting), chair.words)
    assert [(each.key, each.to, each.others) for each in chair.words] == [
        ("small/-/sign/AA/1/aa_m/on-day", "Mission of A", 1)
    ]
    assert head == PlanPart(PlanDigest("A small plan", aims=AIMS), Counter(), ())
    assert (both.number, both.words) == (Counter({"due": 12, "waiting": 2}), chair.words)
    assert nobody == PlanPart(PlanDigest("A small plan", due=both.plan.due, aims=AIMS), Counter({"due": 12}), ())


def test_of_a_plan_that_is_lived(house: House) -> None:
    with house.undone() as tx:
        for plan in ("small", "twin"):
            lives(house, tx, plan)
        desk, chair, head = (part_of(house, tx, role) for role in ("desk", "chair", "head"))
    failed = ("Bland, Reports: 550 no such user",)
    due = (*DAYS, "Monday 30 April 2018: Reports, on the day, to Aland", PAPER)
    open_ = [
        "Aland, 24 April 2018: Re: report (answer 1)", "desk@example.org, 24 April 2018: 5.1.1 unknown (answer 2)",
        "Aland, 24 April 2018: submitted (answer 3)", "Aland, 24 April 2018: reply (answer 4)",
    ]  # fmt: skip
    assert desk == PlanPart(
        PlanDigest("A small plan", (), failed, (*CAME, "Aland: took part at The meeting: yes"), due, MET, tuple(open_[:2])),
        Counter({"due": 8, "open": 2, "answered": 2, "failed": 1}), (),
    )  # fmt: skip
    assert chair == PlanPart(
        PlanDigest("A small plan", (SIGN,), (), CAME, SIGNED, MET, tuple(open_[2:])),
        Counter({"due": 3, "waiting": 2, "open": 2, "answered": 2}), chair.words,
    )  # fmt: skip
    assert head == PlanPart(
        PlanDigest("A small plan", (), (), CAME, (), MET, (open_[3],)), Counter({"open": 1, "answered": 2}), ()
    )


def test_what_a_digest_is_about_in_a_few_words(house: House) -> None:
    with house.undone() as tx:
        lives(house, tx, "small")
        now, begins = house.clock.now(), house.clock.now() - timedelta(hours=4)
        applied = [house.app.standings.get(tx, name, now, changed=True) for name in ("small", "twin")]
        desk, chair = readers(applied)
        told = digest_view(tx, desk, applied, begins, "Europe/Zurich", now)
        assert told is not None
        assert told.view.since == "Tuesday 24 April 2018, 08:00 Europe/Zurich"
        assert told.view.heads == (
            "2 answers to decide about", "1 could not be sent", "2 answered", "17 due within a week",
        )  # fmt: skip
        assert [plan.title for plan in told.view.plans] == ["A small plan", "The twin"]
        other = digest_view(tx, chair, applied, begins, "America/New_York", now)
        assert other is not None
        assert (other.view.since, other.view.heads) == ("Tuesday 24 April 2018, 02:00 America/New_York", (
            "4 letters wait for you", "2 answers to decide about", "2 answered", "6 due within a week",
        ))  # fmt: skip
        assert [each.key for each in other.waiting] == [f"{plan}/-/sign/AA/1/aa_m/on-day" for plan in ("small", "twin")]
        seats = [seat for seat in chair.seats if seat.role.name == "head"]
        quiet = Reader(chair.address, tuple(seat for seat in seats if seat.standing is applied[1]))
        assert digest_view(tx, quiet, applied, begins, "Europe/Zurich", now) is None, "where targets stand is no news"


def test_the_next_digest_is_that_of_the_role_that_has_it_most_often(house: House) -> None:
    with house.undone() as tx:
        now = house.clock.now()
        desk, chair = readers(house.app.standings.all(tx, now))
        seats = {(seat.standing.workflow.name, seat.role.name): seat for seat in chair.seats}
        weekly = Reader(chair.address, tuple(seat for seat in chair.seats if seat.role.name == "chair"))
        found = [coming_digest(reader, now) for reader in (desk, chair, weekly)]
        again = coming_digest(weekly, now + timedelta(hours=21))
        later = coming_digest(weekly, now + timedelta(hours=21, microseconds=1))
    wednesday = now + timedelta(hours=21)
    assert found == [None, (seats["small", "head"], wednesday), (seats["small", "chair"], wednesday)]
    assert again == found[2]
    assert later == (seats["small", "chair"], wednesday + timedelta(weeks=1))
