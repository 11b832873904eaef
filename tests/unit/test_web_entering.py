"""A fact of the plan, recorded on the party's page: a form for it, what it would change, and keeping it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.lifecycle import State
from tests.installation import NOTE, Installation
from tests.unit.test_web_acts import confirm, recorded, send, unsent
from tests.visitor import Visitor, words

REPORT = f"/record/{NOTE}/FJ/report"
LAW = f"/record/{NOTE}/FJ/law_status"


@pytest.fixture
def house(march: Path, tmp_path: Path) -> Iterator[Installation]:
    with Installation.copy(march, tmp_path, "2018-03-20T12:00") as house:
        yield house


def test_each_fact_about_a_party_has_a_form(house: Installation, visitor: Visitor) -> None:
    page = visitor.get("/party/FJ")
    for name in ("report", "oral_report", "law_status", "deposited"):
        assert f'href="/record/{NOTE}/FJ/{name}"' in page.text
    assert "/record/ccm-nim-2018/FJ/awareness" not in page.text, "that is about the workflow"
    form = visitor.get(REPORT)
    assert 'type="date" name="value"' in form.text
    assert 'value="form_a=substantive"' in form.text
    assert "<label>Form A <select" in form.text, "as the plan's label has it"
    assert 'type="radio" name="value" value="new_law"' in visitor.get(LAW).text
    assert visitor.get(f"/record/{NOTE}/FJ/no_such").status_code == 404
    assert visitor.get(f"/record/{NOTE}/XX/report").status_code == 404


def test_a_report_is_shown_then_kept_and_its_letters_stop(house: Installation, visitor: Visitor) -> None:
    assert unsent(house)
    given = {"value": "2018-03-19", "detail": ["kind=initial", "form_a=substantive"], "note": "by note verbale"}
    shown = send(visitor, REPORT, **given)
    assert "Form A substantive" in words(shown)
    assert "withdrawn" in words(shown)
    assert recorded(house, "report") == [], "to look records nothing"
    assert unsent(house)
    assert confirm(visitor, REPORT, shown, **given).status_code == 303
    (fact,) = recorded(house, "report")
    assert (fact.value, fact.detail("form_a"), fact.detail("kind")) == ("2018-03-19", "substantive", "initial")
    assert (fact.note, fact.source) == ("by note verbale", "the page")
    assert all(
        row.slot == "thanks" for row in house.rows(step="ny_follow_up", party="FJ") if row.state == State.SCHEDULED
    )


def test_a_choice_has_the_day_since_when_it_is_true(house: Installation, visitor: Visitor) -> None:
    shown = send(visitor, LAW, value="new_law", on="2018-03-01")
    assert confirm(visitor, LAW, shown).status_code == 303
    newest = recorded(house, "law_status")[-1]
    assert (newest.value, str(newest.true)) == ("new_law", "2018-03-01")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"value": ""}, "no day is given"),
        ({"value": "2019-01-01"}, "2019"),
        ({"value": "2018-03-19", "detail": ["form_a=thick"]}, "thick"),
        ({"value": "soon"}, "soon"),
    ],
)
def test_what_cannot_be_recorded_is_said_and_nothing_is_kept(
    house: Installation, visitor: Visitor, fields: dict[str, object], says: str
) -> None:
    shown = send(visitor, REPORT, **fields)
    assert shown.status_code == 409
    assert says in words(shown)
    assert recorded(house, "report") == []


def test_without_the_session_s_token_nothing_is_recorded(house: Installation, visitor: Visitor) -> None:
    assert visitor.post(REPORT, csrf="another", value="2018-03-19").status_code == 403
    assert recorded(house, "report") == []
