"""Who decides about a letter: closest and newest first, for as long as it holds, and never round for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.delegation import Delegation, decider
from tests.contract.samples import NOW

STEP, KEY = "reports", "plan/-/reports/NR/1/nr_mission/on-day"
DAY = timedelta(days=1)
ROLES = ("lead", "isu", "desk", "cmc")


def given_to(deputy: str, number: int = 1, owner: str = "lead", **values: Any) -> Delegation:
    made = Delegation(number, "plan", owner, deputy, None, None, NOW, None, "", "anna", NOW)
    return made._replace(**values)


def decides(*given: Delegation) -> str:
    return decider("lead", STEP, KEY, given, NOW)


def test_without_a_delegation_the_owner_decides() -> None:
    assert decides() == "lead"


def test_the_closest_counts_and_of_equals_the_newest() -> None:
    all_, step, letter = given_to("isu", 9), given_to("desk", 2, step=STEP), given_to("cmc", 1, step=STEP, letter=KEY)
    assert decides(all_, step) == "desk"
    assert decides(all_, step, letter) == "cmc"
    assert decides(given_to("isu", 1), given_to("desk", 2)) == "desk"
    assert decides(given_to("desk", step="another"), given_to("cmc", letter="another")) == "lead"


def test_it_holds_from_its_start_to_its_end_and_not_when_taken_back() -> None:
    assert decides(given_to("isu", starts_at=NOW + DAY)) == "lead"
    assert decides(given_to("isu", starts_at=NOW - DAY, ends_at=NOW)) == "lead"
    assert decides(given_to("isu", starts_at=NOW, ends_at=NOW + DAY)) == "isu"
    assert decides(given_to("isu", ended_at=NOW - DAY)) == "lead"


def test_a_deputy_may_have_a_deputy() -> None:
    assert decides(given_to("isu"), given_to("desk", 2, owner="isu")) == "desk"
    assert decides(given_to("isu", step=STEP), given_to("desk", 2, owner="isu", step="another")) == "isu"


@given(
    st.lists(
        st.builds(
            given_to, st.sampled_from(ROLES), st.integers(1, 99), st.sampled_from(ROLES),
            step=st.sampled_from((None, STEP, "another")), letter=st.sampled_from((None, KEY, "another")),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_somebody_always_decides(given: list[Delegation]) -> None:
    found = decides(*given)
    assert found in ROLES
    assert found == "lead" or any(each.deputy == found and each.covers(STEP, KEY) for each in given)
