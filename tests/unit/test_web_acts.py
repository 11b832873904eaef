"""What is done about a party on its page: a form for each act, what it would change, keeping it, and taking it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.definition.facts import Fact
from tests.installation import NOTE, Installation
from tests.visitor import Visitor, words

STEP = "ny_follow_up"
PLAN = "ccm-nim-2018.yaml"


@pytest.fixture
def house(march: Path, tmp_path: Path) -> Iterator[Installation]:
    with Installation.copy(march, tmp_path, "2018-03-20T12:00") as house:
        yield house


def path(act: str, party: str = "FJ", step: str = STEP) -> str:
    return f"/act/{NOTE}/{party}/{step}/{act}"


def send(visitor: Visitor, page: str, **fields: Any) -> httpx.Response:
    return visitor.post(page, csrf=visitor.csrf(page), **fields)


def confirm(visitor: Visitor, page: str, shown: httpx.Response, **given: Any) -> httpx.Response:
    """Press the button on what is shown."""
    form = shown.text.partition('<form method="post">')[2].partition("</form>")[0]
    fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    assert fields["mark"], "something is shown"
    return visitor.post(page, **{**fields, **given})


def done(visitor: Visitor, act: str, **fields: Any) -> str:
    """Fill in a form, look, and keep it; the words of what was shown."""
    shown = send(visitor, path(act), **fields)
    assert shown.status_code == 200, words(shown)
    assert confirm(visitor, path(act), shown).status_code == 303
    return words(shown)


def recorded(house: Installation, name: str) -> list[Fact]:
    with house.app.store.read() as tx:
        return [fact for fact in tx.load_facts(NOTE) if fact.name == name]


def unsent(house: Installation, party: str = "FJ") -> list[str]:
    return [row.slot for row in house.rows(step=STEP, party=party) if row.state in ("scheduled", "awaiting_approval")]


def test_the_page_offers_what_may_be_done_and_nothing_else(house: Installation, visitor: Visitor) -> None:
    page = visitor.get("/party/FJ")
    for act in ("extend", "asked", "snooze", "call", "exempt", "opt-out", "pace", "language"):
        assert path(act) in page.text, act
    assert path("reopen") not in page.text
    assert path("approval") not in page.text, "each letter waits for a person as it is"
    assert "/exempt" not in visitor.get("/party/BO").text.partition(STEP)[2], "Bolivia did not come to New York"
    assert visitor.get(path("reopen")).status_code == 404
    assert visitor.get(path("exempt", party="BO")).status_code == 404
    house.record("report", "2018-03-20", "FJ", details={"form_a": "substantive", "kind": "initial"})
    page = visitor.get("/party/FJ")
    assert path("reopen") in page.text
    assert path("exempt") not in page.text


def test_an_extension_is_shown_then_kept_with_its_reason_then_taken_back(house: Installation, visitor: Visitor) -> None:
    done(visitor, "asked", value="2018-03-19", reason="a note verbale")
    before = unsent(house)
    assert "Its deadline is 31 March 2018 now." in words(visitor.get(path("extend")))
    shown = send(visitor, path("extend"), value="2018-05-25", reason="the ministry moves <house>")
    said = words(shown)
    assert (
        "This would be recorded Fiji : has an extension at Reports by those who attended the New York workshop" in said
    )
    assert "letters planned" in said
    assert "<house>" not in shown.text
    assert recorded(house, "extended_to") == []
    assert unsent(house) == before
    assert confirm(visitor, path("extend"), shown).status_code == 303
    (fact,) = recorded(house, "extended_to")
    assert (fact.value, fact.note, fact.author) == ("2018-05-25", "the ministry moves <house>", "anna (page)")
    with house.app.store.read() as tx:
        told = [entry.detail for entry in tx.journal_entries(workflow=NOTE, action="recorded", party="FJ")]
    assert "extended_to 2018-05-25: the ministry moves <house>" in told
    assert {row.round for row in house.rows(step=STEP, party="FJ") if row.state == "scheduled"} == {2}

    page = visitor.get("/party/FJ")
    assert "Recorded: has an extension" in words(page)
    undo = f"/undo/{NOTE}/{fact.id}"
    assert undo in page.text
    shown = send(visitor, undo, reason="it was another one's")
    assert "This would be taken back" in words(shown)
    assert recorded(house, "extended_to")[0].retracted_at is None
    assert confirm(visitor, undo, shown).status_code == 303
    assert recorded(house, "extended_to")[0].retracted_at is not None
    assert unsent(house) == before
    assert visitor.get(undo).status_code == 404


def test_against_the_rule_a_tick_and_a_reason(house: Installation, visitor: Visitor) -> None:
    form = visitor.get(path("extend"))
    assert "The rule of this step: asked for before the deadline and to 30 May 2018 at the latest." in words(form)
    shown = send(visitor, path("extend"), value="2018-07-31", reason="a cyclone")
    assert shown.status_code == 409
    assert "no extension_asked is on record" in words(shown)
    assert 'value="2018-07-31"' in shown.text
    shown = send(visitor, path("extend"), value="2018-07-31", reason="a cyclone", against="yes")
    assert confirm(visitor, path("extend"), shown).status_code == 303
    assert recorded(house, "extended_to")[0].details == (("against_the_rule", "yes"),)


@pytest.mark.parametrize(
    ("act", "fields", "fact", "value"),
    [
        ("snooze", {"value": "2018-04-20"}, "snoozed_until", "2018-04-20"),
        ("call", {}, "contacted", "yes"),
        ("exempt", {}, "exempt", "yes"),
        ("opt-out", {}, "opted_out", "yes"),
        ("pace", {"value": "gentle"}, "pace", "gentle"),
        ("language", {"value": "fr"}, "language", "fr"),
        ("write-to", {"value": "capital"}, "write_to", "capital"),
    ],
)
def test_each_act_does_what_it_says_to_that_party_alone(
    house: Installation, visitor: Visitor, act: str, fields: dict[str, str], fact: str, value: str
) -> None:
    others = {row.key: (row.state, row.due_at) for row in house.rows(party="NR")}
    done(visitor, act, reason="as agreed", **fields)
    (kept,) = recorded(house, fact)
    assert (kept.value, kept.note, kept.subject.party) == (value, "as agreed", "FJ")
    assert {row.key: (row.state, row.due_at) for row in house.rows(party="NR")} == others
    if act in ("exempt", "opt-out"):
        assert unsent(house) == []
        assert path("snooze") not in visitor.get("/party/FJ").text, "to go on is to take it back"


def test_a_report_that_was_none_is_opened_again(house: Installation, visitor: Visitor) -> None:
    house.record("report", "2018-03-20", "FJ", details={"form_a": "substantive", "kind": "initial"})
    assert unsent(house) == ["thanks"]
    house.at("2018-03-21T12:00")
    done(visitor, "reopen", reason="the report was another treaty's")
    assert {
        row.round for row in house.rows(step=STEP, party="FJ") if row.slot in unsent(house) and row.state != "sent"
    } >= {2}
    assert "thanks" not in unsent(house)


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("exempt", {"reason": " "}, "a reason is needed"),
        ("snooze", {"reason": "x"}, "no day is given"),
        ("snooze", {"reason": "x", "value": "soon"}, "“soon” is not a date"),
        ("asked", {"reason": "x", "value": "2018-03-21"}, "lies ahead"),
        ("pace", {"reason": "x", "value": "mad"}, "nothing is chosen"),
        ("exempt", {"reason": "a\x1b[2J"}, "control characters"),
    ],
)
def test_what_cannot_be_kept_is_said_on_the_form(
    house: Installation, visitor: Visitor, act: str, fields: dict[str, str], said: str
) -> None:
    shown = send(visitor, path(act), **fields)
    assert shown.status_code == 409
    assert said in words(shown)
    assert recorded(house, "exempt") == recorded(house, "snoozed_until") == []


def test_what_changed_meanwhile_is_shown_again(house: Installation, visitor: Visitor) -> None:
    shown = send(visitor, path("exempt"), reason="a new State")
    house.record("snoozed_until", "2018-07-01", "FJ", step=STEP)
    house.run_to("2018-03-29T12:00")
    again = confirm(visitor, path("exempt"), shown)
    assert "Something else is on record by now" in words(again)
    assert recorded(house, "exempt") == []
    assert confirm(visitor, path("exempt"), again).status_code == 303


def test_a_form_can_be_changed_after_it_was_shown(visitor: Visitor) -> None:
    form = send(visitor, path("snooze"), value="2018-04-20", reason="an election", again="yes")
    assert 'value="2018-04-20"' in form.text
    assert 'value="an election"' in form.text


def test_a_form_of_another_session_does_nothing(house: Installation, visitor: Visitor) -> None:
    assert visitor.post(path("exempt"), csrf="0" * 64, reason="x").status_code == 403
    assert visitor.post(path("exempt"), reason="x").status_code == 422
    assert recorded(house, "exempt") == []


def test_an_event_asks_whether_a_party_comes(house: Installation, visitor: Visitor) -> None:
    page = visitor.get("/party/TG")
    coming = f"/act/{NOTE}/TG/africa_workshop/coming"
    assert coming in page.text
    shown = send(visitor, coming, value="no", reason="by telephone")
    assert confirm(visitor, coming, shown).status_code == 303
    assert recorded(house, "coming")[-1].value == "no"


def test_what_is_nowhere_is_not_found(visitor: Visitor) -> None:
    nowhere = "/act/no-plan/FJ/a/exempt", f"/undo/{NOTE}/99999"
    for page in (path("fly"), path("exempt", step="nothing"), path("exempt", party="XX"), *nowhere):
        assert visitor.get(page).status_code == 404, page
