"""When a role has changed hands: another name or, where none says otherwise, another address; and in what words."""

from __future__ import annotations

import pytest

from engine.definition.workflow import Workflow
from engine.dispatcher.notices.succession import Succession, successions
from tests.support import FILES, load_text

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
