"""Letting somebody else decide, on the pages."""

from __future__ import annotations

import re
from pathlib import Path

from engine.app.letters.approvals import asked_of
from tests.installation import NOTE, Installation
from tests.visitor import Visitor, visit, words


def roles(house: Installation) -> set[str]:
    return {role for _, role in asked_of(house.app)}


def test_everything_is_given_for_a_time_and_taken_back(visitor: Visitor, house: Installation) -> None:
    page = visitor.get("/").text
    assert "Let somebody else decide" in page
    assert '<option value="isu">CCM Implementation Support Unit</option>' in page
    fields = {"csrf": visitor.csrf(), "workflow": NOTE, "to": "isu", "until": "2017-10-20", "reason": "on <leave>"}
    assert visitor.post("/delegate", **fields).status_code == 303
    assert roles(house) == {"isu"}
    told = words(visitor.get("/"))
    assert "everything that the New Zealand Coordinator on National Implementation Measures is asked" in told
    assert "to the CCM Implementation Support Unit until 20 October 2017 (on <leave>)" in told
    number = re.search(r'name="number" value="(\d+)"', visitor.get("/").text)
    assert number is not None
    assert visitor.post("/undelegate", csrf=visitor.csrf(), number=number[1]).status_code == 303
    assert roles(house) == {"nim_coordinator"}
    with house.app.store.read() as tx:
        assert [entry.actor for entry in tx.journal_entries(action="delegated")] == ["anna (page)"]


def test_one_letter_is_given_on_its_own_page(visitor: Visitor, house: Installation) -> None:
    key = asked_of(house.app)[0][0].key
    page = visitor.get(f"/mailbox/{key}").text
    assert "Let somebody else decide about it" in page
    form = page.partition("Let somebody else decide about it")[2].partition("</form>")[0]
    assert 'value="isu"' in form
    assert 'value="nim_coordinator"' not in form, "whoever is asked already"
    visitor.post("/delegate", csrf=visitor.csrf(), workflow=NOTE, to="isu", key=key, back=f"/mailbox/{key}")
    told = words(visitor.get(f"/mailbox/{key}"))
    assert "The CCM Implementation Support Unit is asked about it, in place of the New Zealand Coordinator" in told
    assert "Take it back" in told
    assert "delegated by anna (page)" in told, "and the record says so"


def test_a_form_of_another_session_gives_nothing(visitor: Visitor, house: Installation) -> None:
    assert visitor.post("/delegate", csrf="0" * 64, workflow=NOTE, to="isu").status_code == 403
    assert visitor.post("/delegate", csrf=visitor.csrf(), workflow=NOTE, to="nobody").status_code == 404
    assert roles(house) == {"nim_coordinator"}


def test_letters_that_are_alike_are_read_once_and_approved_as_read(tmp_path: Path) -> None:
    with Installation(tmp_path, "2017-09-20T12:00") as house:
        house.apply()
        house.record("date", "2017-10-12", step="ny_workshop")
        house.tick()
        visitor = visit(house.app)
        page = visitor.get("/").text
        assert "Read once, with what differs" in page
        link = re.search(r'href="(/alike/[^"]+)"', page)
        assert link is not None
        shown = visitor.get(link[1])
        assert "They are the same but for" in words(shown)
        assert re.search(
            r"To: <mark>1</mark>\nCc: <mark>2</mark>, CCM Implementation Support Unit &lt;isu@", shown.text
        )
        assert re.search(r"<mark>1</mark> <bdi>Permanent Mission of Fiji, Geneva &lt;[^<>]+&gt;</bdi>", shown.text)
        fields = r'name="key" value="([^"]+)"><input type="hidden" name="digest" value="([0-9a-f]{64})"'
        found = dict(re.findall(fields, shown.text))
        assert len(found) > 30
        visitor.post("/approve", csrf=visitor.csrf(link[1]), key=list(found), digest=list(found.values()))
        assert not found.keys() & {row.key for row, _ in asked_of(house.app)}
        assert "Nothing of this kind waits" in words(visitor.get("/alike/no/such/key"))
