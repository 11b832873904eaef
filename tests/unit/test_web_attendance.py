"""An event's list on a page: ticks, a paste box, what it would change, and keeping it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.installation import NOTE, Installation
from tests.visitor import Visitor, words

PAGE = f"/attendance/{NOTE}/ny_workshop"


def hidden(answer: httpx.Response, name: str) -> str:
    """The value of the first hidden field of that name."""
    found = answer.text.partition(f'name="{name}" value="')[2]
    return found.partition('"')[0]


def send(visitor: Visitor, **fields: Any) -> httpx.Response:
    return visitor.post(PAGE, csrf=visitor.csrf(PAGE), **fields)


def confirm(visitor: Visitor, shown: httpx.Response) -> httpx.Response:
    """Press “Record it” on what is shown."""
    fields = {name: hidden(shown, name) for name in ("csrf", "listed", "was", "rest", "on", "mark")}
    return visitor.post(PAGE, **fields)


def attended(house: Installation) -> dict[str, str]:
    with house.app.store.read() as tx:
        facts = [fact for fact in tx.load_facts(NOTE) if fact.name == "attended"]
    return {fact.subject.party or "": fact.value for fact in facts}


def test_the_page_lists_who_is_invited_and_ticks_who_came(visitor: Visitor) -> None:
    assert PAGE in visitor.get("/").text
    page = visitor.get(PAGE)
    assert page.status_code == 200
    assert "3 came" in words(page)
    assert 'value="FJ" checked' in page.text
    assert 'value="TG" checked' not in page.text
    assert 'value="TG"' in page.text
    assert 'name="on" value="2017-10-12"' in page.text
    assert "<script>alert" not in page.text


def test_what_it_changes_is_shown_before_it_is_kept(house: Installation, visitor: Visitor) -> None:
    before = attended(house)
    shown = send(
        visitor, came=["NR", "FJ", "CK", "TG"], was="NR FJ CK", paste="1. Comoros\n2. Bolivia", on="2017-10-12"
    )
    assert shown.status_code == 409
    assert "“Bolivia” is not" not in shown.text
    assert "Did you mean Bolivia (Plurinational State of) (BO)?" in words(shown)
    assert "1. Comoros" in shown.text
    assert 'value="TG" checked' in shown.text

    shown = send(visitor, came=["NR", "FJ", "CK", "TG"], was="NR FJ CK", paste="Comoros, BO", on="2017-10-12")
    said = words(shown)
    assert "This would be recorded Came (3): Togo, Comoros and Bolivia (Plurinational State of)" in said
    assert "Reports by those who attended the New York workshop: " in said
    assert "letters planned" in said
    assert attended(house) == before
    assert confirm(visitor, shown).status_code == 303
    assert {"TG", "KM", "BO"} <= {party for party, value in attended(house).items() if value == "yes"}
    assert "Recorded. Came: 3 parties. On record already: 3 parties." in words(visitor.get(PAGE))
    with house.app.store.read() as tx:
        (entry,) = tx.journal_entries(workflow=NOTE, action="recorded", party="TG")
    assert entry.actor == "anna (page)"


def test_a_tick_taken_away_and_the_rest(house: Installation, visitor: Visitor) -> None:
    shown = send(visitor, came=["NR", "FJ"], was="NR FJ CK", rest="yes", on="2017-10-17")
    assert "Did not come (38)" in words(shown)
    assert confirm(visitor, shown).status_code == 303
    found = attended(house)
    assert (found["NR"], found["CK"], found["TG"]) == ("yes", "no", "no")
    assert len(found) == 40


def test_who_came_by_another_way_meanwhile_is_not_made_absent(house: Installation, visitor: Visitor) -> None:
    shown = send(visitor, came=["NR", "FJ", "CK"], was="NR FJ CK", rest="yes", on="2017-10-17")
    house.record("attended", "yes", "TG", step="ny_workshop")
    again = confirm(visitor, shown)
    assert "Something else is on record by now" in words(again)
    assert "TG" not in {party for party, value in attended(house).items() if value == "no"}
    assert confirm(visitor, again).status_code == 303
    assert attended(house)["TG"] == "yes"


def test_a_list_can_be_changed_after_it_was_shown(visitor: Visitor) -> None:
    shown = send(visitor, came=["NR"], was="NR FJ CK", paste="Palau", on="2017-10-17")
    fields = {name: hidden(shown, name) for name in ("csrf", "listed", "was", "on")}
    form = visitor.post(PAGE, again="yes", **fields)
    assert 'value="PW" checked' in form.text
    assert 'value="FJ" checked' not in form.text
    assert hidden(form, "was") == "NR FJ CK"


def test_nothing_new_has_no_button(visitor: Visitor) -> None:
    shown = send(visitor, came=["NR", "FJ", "CK"], was="NR FJ CK")
    assert "Nothing new to record" in words(shown)
    assert "Record it" not in words(shown)


def test_a_form_of_another_session_does_nothing(house: Installation, visitor: Visitor) -> None:
    before = attended(house)
    assert visitor.post(PAGE, csrf="0" * 64, came=["TG"]).status_code == 403
    assert visitor.post(PAGE, came=["TG"]).status_code == 422
    assert attended(house) == before


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"came": ["XX"]}, "there is no party “XX”"),
        ({"came": ["TG"], "on": "2018-10-12"}, "lies ahead"),
        ({"came": ["TG"], "on": "soon"}, "“soon” is not a date"),
        ({"came": [], "was": "NR", "on": "2017-10-10"}, "is true of a later day"),
    ],
)
def test_what_cannot_be_kept_is_said_on_the_form(visitor: Visitor, fields: dict[str, Any], said: str) -> None:
    shown = send(visitor, **fields)
    assert shown.status_code == 409
    assert said in words(shown)


def test_an_event_that_is_ahead_has_no_form(visitor: Visitor) -> None:
    page = visitor.get(f"/attendance/{NOTE}/auckland")
    assert "Nobody has come yet" in words(page)
    assert "<form method" not in page.text.partition("<main")[2]


def test_what_is_no_event_is_not_found(visitor: Visitor) -> None:
    assert visitor.get(f"/attendance/{NOTE}/ny_follow_up").status_code == 404
    assert visitor.get(f"/attendance/{NOTE}/ny_workshp").status_code == 404
    assert visitor.get("/attendance/no-such-plan/ny_workshop").status_code == 404
    assert visitor.get("/attendance/workflow.yaml/ny_workshop").status_code == 404
