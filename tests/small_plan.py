"""A small plan of one step and two parties, for tests of the dispatcher with a real store, and what they do with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from engine.definition.dates import day
from engine.definition.facts import Fact, Subject
from engine.store import Transaction
from tests.installation import Installation

PLAN = """\
workflow: small
title: A small plan
timezone: Europe/Zurich
send_at: 09:00
starts: 2018-01-08
ends: 2018-12-31
owner: desk
parties: parties.csv
contacts: contacts.csv
address: {to: [mission], cc: [capital]}
facts:
  report: {type: date}
roles:
  desk: {title: The desk, email: desk@example.org}
steps:
  ask:
    follow_up: Reports
    by: 2018-02-02
    until: report
    send: [at once, on the day]
    letter: nudge
    approval: none
"""
PARTIES = "id,name\nAA,Aland\nBB,Bland\n"
CONTACTS = """\
id,party,post,name,address
aa_m,AA,mission,Mission of A,m@aa.example
aa_c,AA,capital,Capital of A,c@aa.example
bb_m,BB,mission,Mission of B,m@bb.example
"""
FIRST = "2018-01-08T09:00"
A, B = (f"small/-/ask/{party}/1/{contact}/at-once" for party, contact in (("AA", "aa_m"), ("BB", "bb_m")))
SIGN = """\
  sign:
    follow_up: Signatures
    owner: %s
    by: 2018-02-02
    until: report
    send: [2 weeks before, on the day]
    letter: nudge
    approval: required
"""
"""A second step, whose letters wait for approval; of an owner."""
TUESDAY = datetime(2018, 1, 9, 11, tzinfo=UTC)


class House(Installation):
    """An installation in which what a test does in a transaction is taken back."""

    @contextmanager
    def undone(self) -> Iterator[Transaction]:
        """A transaction that leaves nothing."""
        with suppress(InterruptedError), self.app.standings.deciding() as tx:
            yield tx
            raise InterruptedError


def put(house: Installation, name: str = "small", plan: str = PLAN, contacts: str = CONTACTS) -> None:
    """Write a plan's files, and apply it."""
    for file, text in ((f"{name}.yaml", plan), ("parties.csv", PARTIES), ("contacts.csv", contacts)):
        (house.workflows / file).write_text(text, "utf-8")
    house.apply(name)


def fact(number: int, name: str, place: Subject, value: str, **other: Any) -> Fact:
    """A fact of Tuesday."""
    return replace(Fact(number, name, place, value, day(TUESDAY.date()), TUESDAY), **other)
