"""`why` of a step, a day and an address; and that there is an answer for every party and step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.app.letters.approvals import refuse
from engine.app.plans.plan import plan, what_if
from engine.app.why.step import day_sentences, step_sentences
from engine.app.why.why import why
from engine.definition.dates import parse_moment
from engine.errors import NotFound, Refused
from tests.installation import NOTE, Installation
from tests.planning_model import Outbox, chase, small
from tests.support import ZURICH

MISSION = "mission-fj@geneva.example"


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """February 2018: Fiji came to the workshop and is followed up, and its mission's address was corrected."""
    with Installation(tmp_path_factory.mktemp("why")) as house:
        house.apply()
        house.workshop("FJ", "CK")
        house.run_to("2018-02-17T12:00")
        house.record("address", "elsewhere@geneva.example", contact="ck_capital")
        yield house


def said(house: Installation, what: str, step: str | None = None, on: str | None = None) -> list[str]:
    (answer,) = [each for each in why(house.app, what, step=step, on=on)["workflows"] if each["workflow"] == NOTE]
    return list(answer["sentences"])


def test_of_a_step_it_says_what_went_what_comes_and_what_would_stop_it(settled: Installation) -> None:
    sentences = said(settled, "FJ", "ny_follow_up")
    assert sentences[0].startswith("ny_follow_up at-once was sent to Permanent Mission of Fiji, Geneva")
    coming = [sentence for sentence in sentences if sentence.startswith("Next: ")]
    assert "on Friday 16 March 2018, 09:00 Europe/Zurich" in coming[0]
    assert sentences[-1].startswith("What would stop it: ")


def test_of_a_day_it_says_what_left_or_what_is_next_to_it(settled: Installation) -> None:
    (left,) = said(settled, "FJ", on="2018-02-16")
    assert left.startswith("ny_follow_up before-6w was sent to ")
    none = said(settled, "FJ", on="2018-03-30")
    assert none[0] == "No letter to FJ left or was due on Friday 30 March 2018, which is Good Friday."
    assert none[1].startswith("Before it: ny_follow_up on-day is due on Thursday 29 March 2018")


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("tools", "Promotion of existing tools, model legislation among them writes to its owner, "),
        ("africa_workshop", "not among those invited"),
        ("five_states", "not among those it is for"),
    ],
)
def test_where_nothing_comes_it_says_why(settled: Installation, step: str, told: str) -> None:
    assert told in said(settled, "FJ", step)[0]


def test_of_a_letter_it_speaks_to_people_and_says_each_thing_once(tmp_path: Path) -> None:
    with Installation(tmp_path, "2017-10-16T12:00") as house:
        house.apply()
        house.record("date", "2017-10-12", step="ny_workshop", on="2017-09-20")
        house.record("attended", "yes", "FJ", step="ny_workshop")
        house.tick()
        key = f"{NOTE}/-/ny_follow_up/FJ/1/fj_mission/at-once"
        told = " ".join(why(house.app, key)["sentences"])
        assert "planned by tester: 9 letters, Thursday 26 October 2017, 09:00 Europe/Zurich to " in told
        assert ": approval was asked for." in told
        assert not re.search(r"\d{4}-\d\d-\d\dT", told)
        house.at("2017-10-27T12:00")
        house.tick()
        late = "Not approved yet: ny_follow_up at-once was due on Thursday 26 October 2017, 09:00 Europe/Zurich; after "
        assert any(each.startswith(late) for each in said(house, "FJ", "ny_follow_up"))
        whole = [each for answer in why(house.app, "FJ")["workflows"] for each in answer["sentences"]]
        assert any(each.startswith(late) for each in whole)
        assert refuse(house.app, [key], "they called", "anna").keys == (key,)
        told = " ".join(why(house.app, key)["sentences"])
        assert told.count("refused by anna: they called") == 2, "what it is, and when that was"
        assert "by anna: refused" not in told
        assert (
            "The plan would have it on Thursday 26 October 2017, 09:00 Europe/Zurich: at once. It stays refused" in told
        )
        assert not any(each.startswith("Not approved yet") for each in said(house, "FJ", "ny_follow_up"))


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("five_states/FJ/1/fj_mission/at-once", "Nothing more of five_states goes to FJ: not among those it is for ("),
        ("five_states/XX/1/xx_mission/at-once", "The plan has no such letter."),
        ("five_states/-/1/isu/sometime", "The plan has no such letter."),
        ("ny_follow_up/FJ/1/fj_mission/someday", "The plan has no such letter."),
    ],
)
def test_of_a_letter_that_there_is_not_it_says_why(settled: Installation, place: str, told: str) -> None:
    answer = why(settled.app, f"{NOTE}/-/{place}")
    (sentence,) = answer["sentences"]
    assert answer["state"] is None
    assert sentence.startswith(told)


@pytest.mark.parametrize("whose", ["FJ", None])
def test_of_a_letter_that_is_not_in_the_outbox_it_says_what_the_plan_has(
    settled: Installation, whose: str | None
) -> None:
    with settled.app.store.read() as tx:
        known = {row.key for row in tx.recorded(NOTE)}
    planned = plan(settled.app, NOTE).planner.plan_of(whose).letters
    letter = next(letter for letter in planned if letter.key not in known)
    answer = why(settled.app, letter.key)
    assert answer["state"] == letter.state
    assert answer["sentences"][0].startswith(f"In the plan it is {letter.state}")


def test_of_an_address_it_says_whose_it_is_what_went_and_what_comes(settled: Installation) -> None:
    sentences = said(settled, MISSION.upper())
    assert sentences[0] == "It is Permanent Mission of Fiji, Geneva, Fiji (fj_mission): letters are addressed to it."
    assert any("ny_follow_up before-6w to FJ went to it on Friday 16 February 2018" in each for each in sentences)
    assert any(each.startswith("Next: ny_follow_up before-2w") for each in sentences)
    assert said(settled, "isu@example.org")[0].startswith("It is the CCM Implementation Support Unit (isu)")


def test_of_an_address_that_was_corrected_it_names_the_new_one(settled: Installation) -> None:
    old = next(contact for contact in plan(settled.app, NOTE).planner.plannable.contacts if contact.id == "ck_capital")
    assert f"It was {old.name}" in said(settled, old.address)[0]
    assert "now that is elsewhere@geneva.example" in said(settled, old.address)[0]
    assert "letters are addressed to it" in said(settled, "elsewhere@geneva.example")[0]


def test_what_there_is_not_is_told_with_the_nearest(settled: Installation) -> None:
    with pytest.raises(NotFound, match=r"has a step “ny_folow_up”\. Did you mean ny_follow_up"):
        why(settled.app, "FJ", step="ny_folow_up")
    with pytest.raises(NotFound, match=r"Did you mean mission-fj@geneva\.example"):
        why(settled.app, "mision-fj@geneva.example")
    with pytest.raises(Refused, match="--on: "):
        why(settled.app, "FJ", on="someday")
    with pytest.raises(Refused, match="a key is one letter"):
        why(settled.app, f"{NOTE}/-/ny_workshop/NR/1/nr_ny_mission/at-once", step="ny_workshop")
    with pytest.raises(Refused, match="goes with a party"):
        why(settled.app, MISSION, on="2018-02-16")


@settings(max_examples=5, deadline=None)
@given(st.dates(date(2017, 8, 1), date(2018, 10, 1)), st.dates(date(2017, 8, 1), date(2018, 10, 1)))
def test_for_every_party_and_step_there_is_an_answer(settled: Installation, at: date, on: date) -> None:
    view = plan(settled.app, NOTE)
    facts = [fact for fact in view.planner.book if fact.id]
    planner = what_if(view.planner.plannable, facts, at.isoformat()).planner
    for party in planner.plannable.parties:
        for step in planner.workflow.steps:
            answers = step_sentences(planner, [], party, step, planner.now)
            assert answers, (party, step)
            assert all(answer.endswith(".") and "None" not in answer for answer in answers), answers
        assert day_sentences(planner, settled.rows(party=party), party, None, on)


@settings(max_examples=40, deadline=None)
@given(
    send=st.sampled_from(["[at once]", "[2 weeks before, on the day]", "[every 3 weeks until on the day]", "[2 weeks after]"]),
    more=st.sampled_from(["", "to: member == \"no\"", "thanks: thank_you", "closes_when: {each: member, is: report}"]),
    days=st.integers(0, 360),
    report=st.booleans(),
    decided=st.sampled_from([
        (), ("exempt", "yes"), ("opted_out", "yes"), ("snoozed_until", "2018-05-01"), ("extended_to", "2018-09-28"),
        ("pace", "rare"), ("write_to", "aa_x"), ("approval", "required"), ("language", "fr"), ("reopened", "yes"),
    ]),
)  # fmt: skip
def test_for_any_small_plan_there_is_an_answer(
    send: str, more: str, days: int, report: bool, decided: tuple[str, ...]
) -> None:
    box = Outbox(small(chase(send, more=f"{more}\noptional: yes\npaces: {{rare: [on the day]}}\ngrace: 7 days")))
    if report:
        box.record("report", "2018-01-02", party="AA")
    if decided:
        box.run("2018-02-01").record(*decided, party="AA", step="ask")
    box.run(parse_moment("2018-02-01", ZURICH) + timedelta(days=days))
    for party in box.planner.plannable.parties:
        rows = [row for row in box.rows.values() if row.party == party]
        said = step_sentences(box.planner, rows, party, "ask", box.now)
        assert said
        assert "to no party" not in " ".join(said), said


def test_of_a_party_that_left_the_roster_it_says_what_was_sent_and_that_nothing_follows(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with Installation(tmp_path_factory.mktemp("gone"), "2026-11-20") as house:
        house.apply("article7-annual")
        house.run_to("2027-02-09T12:00")
        for path in house.workflows.rglob("*.csv"):
            lines = path.read_text("utf-8").splitlines(keepends=True)
            path.write_text("".join(line for line in lines if not line.startswith(("FJ,", "fj_"))), "utf-8")
        house.apply("article7-annual")
        (answer,) = why(house.app, "FJ")["workflows"]
        assert answer["next"] == []
        assert answer["sentences"][0].startswith("annual before-12w was sent on Friday 5 February 2027")
        assert (
            answer["sentences"][-1] == "FJ is not in the roster of article7-annual any more: nothing (more) goes to it."
        )
        with pytest.raises(NotFound, match="no workflow has a party “XX”"):
            why(house.app, "XX")
