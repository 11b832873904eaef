"""When a role has changed hands: another name or, where none says otherwise, another address; and in what words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.app.letters.delegating import Asked, delegate
from engine.definition.facts import Subject
from engine.definition.workflow import Workflow
from engine.dispatcher.notices.deciders import Deciders
from engine.dispatcher.notices.digests import plan_part
from engine.dispatcher.notices.letter import notice_letter
from engine.dispatcher.notices.succession import Succession, hand_over, hand_over_view, successions
from engine.letter import HAND_OVER
from engine.lifecycle import State
from engine.rendering.notices import DigestView, HandOverView
from tests.small_plan import House, fact, put
from tests.support import FILES, load_text
from tests.unit.test_digest_parts import ASK_A, NOON
from tests.unit.test_digest_parts import PLAN as DIGEST_PLAN

PLAN = """\
workflow: small
title: A small plan
timezone: Europe/Zurich
starts: 2018-01-08
owner: desk
parties: parties.csv
contacts: contacts.csv
address: {to: [mission]}
roles:
%s
steps:
  talks: {ongoing: Talks, review: every 2 weeks}
"""
DESK, CHAIR = "  desk: {title: The desk, email: desk@example.org}", "  chair: {title: Chair, email: chair@example.org}"


def plan(*roles: str) -> Workflow:
    texts = {name: content.decode() for name, content in FILES.items()}
    return load_text(PLAN % "\n".join(roles), texts).workflow


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("email: a@example.org", "email: a@example.org", ""),
        ("email: a@example.org", "email: A@Example.org", ""),
        ("email: a@example.org", "email: b@example.org", "a@example.org to b@example.org"),
        ("email: a@example.org", "person: Kim Roe, email: a@example.org", ""),
        ("email: a@example.org", "person: Kim Roe, email: b@example.org", "a@example.org to Kim Roe (b@example.org)"),
        ("person: Al, email: a@example.org", "email: a@example.org", ""),
        ("person: Al, email: a@example.org", "person: Al, email: b@example.org", ""),
        ("person: Al, email: a@example.org", "person: Bo, email: a@example.org", "Al (a@example.org) to Bo (a@example.org)"),
        ("email: a@example.org", "person: Kim Roe", ""),
        ("person: Kim Roe", "email: a@example.org", ""),
    ],
)  # fmt: skip
def test_who_holds_a_role_now(before: str, now: str, words: str) -> None:
    old, new = (plan(DESK, f"  isu: {{title: The ISU, {holder}}}") for holder in (before, now))
    found = successions(old, new)
    assert found == ([Succession(old.roles["isu"], new.roles["isu"])] if words else [])
    assert [each.words for each in found] == ([f"the ISU passes from {words}"] if words else [])


def test_only_a_role_of_before_passes_on() -> None:
    old = plan(DESK, CHAIR)
    new = plan(
        DESK.replace("desk@", "next@"), CHAIR.replace("chair@", "last@"), "  isu: {title: ISU, email: i@example.org}"
    )
    assert [each.words for each in successions(old, new)] == [
        "the desk passes from desk@example.org to next@example.org",
        "the Chair passes from chair@example.org to last@example.org",
    ]
    assert successions(None, new) == []


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("succession"), NOON)
    with house:
        put(house, plan=DIGEST_PLAN)
        yield house


def test_what_whoever_takes_a_role_over_is_told(house: House) -> None:
    for asked in (
        Asked("chair", step="today", workflow="small", until="2018-05-12"), Asked("chair", step="later", workflow="small"),
        Asked("head", of="chair", workflow="small"),
    ):  # fmt: skip
        delegate(house.app, asked, "anna")
    with house.undone() as tx:
        now = house.clock.now()
        for name, place, value, note in (
            ("exempt", Subject(party="BB", step="ask"), "yes", "not of that kind"),
            ("snoozed_until", Subject(party="AA", step="ask"), "2018-05-20", ""),
            ("exempt", Subject(party="AA", step="sign"), "yes", "the chair's"),
            ("status", Subject(party="AA"), "no", ""),
        ):
            tx.add_fact("small", fact(0, name, place, value, note=note))
        tx.set_state(ASK_A, State.SENT, "by hand", now=now, actor="anna")
        standing = house.app.standings.get(tx, "small", now, changed=True)
        row = house.row(ASK_A)._replace(party=None, addressee="desk", template=HAND_OVER, reason="it passes")
        view, stands, words = hand_over_view(tx, standing, row, now)
        part = plan_part(tx, standing, frozenset({"desk"}), Deciders(tx, now), now - timedelta(days=30), now)
    assert view == HandOverView(
        "it passes",
        (
            "Reports, each year: 1 letter sent and 7 letters to come",
            "The meeting, 27 April – 3 May 2018: 3 letters to come",
            "The one that began, 23–29 April 2018: 3 letters to come",
            "All who report, each year: 1 letter to come",
            "Gone, by 23 April 2018: no letters",
            "Today, by 24 April 2018: no letters",
            "The paper, by 1 May 2018: 1 letter to come",
            "Later, by 2 May 2018: 1 letter to come",
        ),
        ("Bland: exempt at Reports: yes (not of that kind)", "Aland: snoozed until at Reports: 2018-05-20"),
        ("The chair decides about “Today” until 12 May 2018", "The chair decides about “Later”"),
    )
    assert stands == DigestView((), "25 March 2018", (part.plan,))
    assert words == part.words


def test_one_hand_over_is_to_come_to_each_who_takes_over(house: House) -> None:
    with house.undone() as tx:
        now = house.clock.now()
        standing = house.app.standings.get(tx, "small", now)
        desk, chair = (standing.workflow.roles[name] for name in ("desk", "chair"))
        passing = [Succession(replace(role, email="before@example.org"), role) for role in (desk, chair)]

        def handed(each: list[Succession]) -> list[str]:
            hand_over(tx, standing, each, now, actor="anna", cause="revision 2 was applied")
            rows = tx.recorded("small", party=None, step="-")
            return [f"{row.addressee} {row.slot} {row.due_at:%m-%d %H:%M} {row.state}: {row.reason}" for row in rows]

        first = handed(passing)
        second = handed(passing[:1])
        entry = tx.journal_entries(action="planned")[-1]
        row = next(row for row in tx.recorded("small", party=None, step="-") if row.addressee == "chair")
        notice = notice_letter(tx, house.app.standings, row, now, "https://plan.example")
        assert notice is not None
        context = notice[1]
        told = hand_over_view(tx, standing, row, now)
        assert (context.hand_over, context.digest, context.waiting) == told
        assert (context.pages, len(context.waiting)) == ("https://plan.example", 1)
    words = "scheduled: the {} passes from before@example.org to {}@example.org"
    assert first == [
        f"{role} hand-over-1 04-25 07:00 {words.format(role, role)}" for role in ("chair", "desk")
    ]  # fmt: skip
    assert second == [
        first[0], "desk hand-over-1 04-25 07:00 withdrawn: the role changed hands again", first[1].replace("over-1", "over-2"),
    ]  # fmt: skip
    assert (entry.actor, entry.detail) == ("anna", "1 letter, 2018-04-25T07:00Z: revision 2 was applied")
